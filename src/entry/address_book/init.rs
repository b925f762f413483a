//! ABProviderInit.

use std::ffi::c_void;

use windows_core::{HRESULT, Interface};

use super::provider::{AddressBookProvider, ProviderShared};
use crate::address_book::AddressBook;
use crate::entry::dialog;
use crate::entry::init::{begin, is_service};
use crate::manifest::{AddressBookSpec, Manifest};
use mapi_provider_abi::mapi::{
    ALLOCATEBUFFER, ALLOCATEMORE, FREEBUFFER, IABProvider, MAPI_E_CALL_FAILED, S_OK,
};
use mapi_provider_abi::object::{ObjectRef, barrier};

/// The version of the interface that an address book has which knows Unicode (AB-01).
const VERSION: u32 = 0x0002_0003;

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
    manifest: &'static Manifest,
    _hInstance: *mut c_void,
    // AB-01, ENTRY-03: not kept, so not counted and not released either.
    _lpMalloc: *mut c_void,
    lpAllocateBuffer: Option<ALLOCATEBUFFER>,
    lpAllocateMore: Option<ALLOCATEMORE>,
    lpFreeBuffer: Option<FREEBUFFER>,
    ulFlags: u32,
    ulMAPIVer: u32,
    lpulProviderVer: *mut u32,
    lppABProvider: *mut *mut c_void,
) -> HRESULT {
    let functions = (lpAllocateBuffer, lpAllocateMore, lpFreeBuffer);
    // SAFETY: the caller's word.
    let allocators = match unsafe { begin(functions, ulMAPIVer, lpulProviderVer, lppABProvider) } {
        Ok(allocators) => allocators,
        Err(result) => return result,
    };
    barrier(|| {
        // What `provider!` writes of an address book has it.
        let Some(spec): Option<&'static AddressBookSpec> = manifest.address_book.as_ref() else {
            return MAPI_E_CALL_FAILED;
        };
        let is_service = is_service(ulFlags);
        crate::log::install(manifest, is_service);
        if is_service {
            dialog::in_service(manifest);
        }
        let shared = ProviderShared::<L>::new(manifest, spec, allocators, is_service);
        let made: IABProvider = ObjectRef::new(AddressBookProvider { shared }).into_interface();
        // SAFETY: `begin` has found that neither is NULL; the reference goes to the caller.
        unsafe {
            *lpulProviderVer = VERSION;
            *lppABProvider = made.into_raw();
        }
        S_OK
    })
}
