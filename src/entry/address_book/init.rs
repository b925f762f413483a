//! ABProviderInit.

use std::ffi::c_void;

use windows_core::HRESULT;

use crate::address_book::AddressBook;
use crate::entry::init::begin;
use crate::manifest::Manifest;
use mapi_provider_abi::mapi::{ALLOCATEBUFFER, ALLOCATEMORE, FREEBUFFER, MAPI_E_CALL_FAILED};

/// What the generated `ABProviderInit` calls: makes a provider object (AB-01).
///
/// # Safety
///
/// Pointers are NULL or as MAPI's page says.
#[allow(
    non_snake_case,
    clippy::too_many_arguments,
    reason = "names and signature are MAPI's"
)]
pub unsafe fn ab_provider_init<L: AddressBook>(
    _manifest: &'static Manifest,
    _hInstance: *mut c_void,
    // ENTRY-03: not kept, so not counted either.
    _lpMalloc: *mut c_void,
    lpAllocateBuffer: Option<ALLOCATEBUFFER>,
    lpAllocateMore: Option<ALLOCATEMORE>,
    lpFreeBuffer: Option<FREEBUFFER>,
    _ulFlags: u32,
    ulMAPIVer: u32,
    lpulProviderVer: *mut u32,
    lppABProvider: *mut *mut c_void,
) -> HRESULT {
    let functions = (lpAllocateBuffer, lpAllocateMore, lpFreeBuffer);
    // SAFETY: the caller's word.
    match unsafe { begin(functions, ulMAPIVer, lpulProviderVer, lppABProvider) } {
        Ok(_allocators) => MAPI_E_CALL_FAILED,
        Err(result) => result,
    }
}
