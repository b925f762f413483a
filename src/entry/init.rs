//! MSProviderInit.

use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;

use windows_core::{HRESULT, Interface};

use super::provider::{ProviderObject, ProviderShared};
use super::registry::Registry;
use crate::abi::{
    ALLOCATEBUFFER, ALLOCATEMORE, CURRENT_SPI_VERSION, FREEBUFFER, IMSProvider,
    MAPI_E_INVALID_PARAMETER, MAPI_E_VERSION, S_OK,
};
use crate::manifest::Manifest;
use crate::object::{ObjectRef, barrier};
use crate::sync::MapiSync;
use crate::view::Allocators;

/// What the generated `MSProviderInit` calls: makes a provider object.
///
/// # Safety
///
/// Pointers are NULL or as MAPI's page says.
#[allow(
    non_snake_case,
    clippy::too_many_arguments,
    reason = "names and signature are MAPI's"
)]
pub unsafe fn ms_provider_init<L: MapiSync>(
    manifest: &'static Manifest,
    _hInstance: *mut c_void,
    _lpMalloc: *mut c_void,
    lpAllocateBuffer: Option<ALLOCATEBUFFER>,
    lpAllocateMore: Option<ALLOCATEMORE>,
    lpFreeBuffer: Option<FREEBUFFER>,
    _ulFlags: u32,
    ulMAPIVer: u32,
    lpulProviderVer: *mut u32,
    lppMSProvider: *mut *mut c_void,
) -> HRESULT {
    // ENTRY-02: the version is told in every case.
    if !lpulProviderVer.is_null() {
        // SAFETY: not NULL, so the caller's to be written to.
        unsafe { *lpulProviderVer = CURRENT_SPI_VERSION };
    }
    if lppMSProvider.is_null() {
        return MAPI_E_INVALID_PARAMETER;
    }
    // SAFETY: as above.
    unsafe { *lppMSProvider = ptr::null_mut() };
    if lpulProviderVer.is_null() {
        return MAPI_E_INVALID_PARAMETER;
    }
    if ulMAPIVer < CURRENT_SPI_VERSION {
        return MAPI_E_VERSION;
    }
    // ENTRY-03: the allocators are kept; lpMalloc is not, so it is not counted either.
    // SAFETY: MAPI's own functions, which stay for as long as the provider.
    let allocators = unsafe { Allocators::new(lpAllocateBuffer, lpAllocateMore, lpFreeBuffer) };
    let Some(allocators) = allocators else {
        return MAPI_E_INVALID_PARAMETER;
    };
    barrier(|| {
        crate::log::install();
        let shared = Arc::new(ProviderShared::<L> {
            manifest,
            allocators,
            registry: Registry::new(),
        });
        let provider: IMSProvider = ObjectRef::new(ProviderObject { shared }).into_interface();
        // SAFETY: as above; the reference goes to the caller.
        unsafe { *lppMSProvider = provider.into_raw() };
        S_OK
    })
}
