//! The entry points of a wrapped store.

use std::ffi::c_void;

use windows_core::HRESULT;

use crate::abi::{ALLOCATEBUFFER, ALLOCATEMORE, FREEBUFFER, MAPIERROR, SPropValue};
use crate::manifest::Manifest;
use crate::sync::MapiSync;

/// What the generated `MSProviderInit` of a wrapped store calls.
///
/// # Safety
///
/// Pointers are NULL or as MAPI's page says.
#[allow(
    non_snake_case,
    clippy::too_many_arguments,
    reason = "names and signature are MAPI's"
)]
pub unsafe fn wrapped_provider_init<L: MapiSync>(
    manifest: &'static Manifest,
    hInstance: *mut c_void,
    lpMalloc: *mut c_void,
    lpAllocateBuffer: Option<ALLOCATEBUFFER>,
    lpAllocateMore: Option<ALLOCATEMORE>,
    lpFreeBuffer: Option<FREEBUFFER>,
    ulFlags: u32,
    ulMAPIVer: u32,
    lpulProviderVer: *mut u32,
    lppMSProvider: *mut *mut c_void,
) -> HRESULT {
    // SAFETY: the caller's word is passed on as it is.
    unsafe {
        super::ms_provider_init::<L>(
            manifest,
            hInstance,
            lpMalloc,
            lpAllocateBuffer,
            lpAllocateMore,
            lpFreeBuffer,
            ulFlags,
            ulMAPIVer,
            lpulProviderVer,
            lppMSProvider,
        )
    }
}

/// What the generated `ServiceEntry` of a wrapped store calls.
///
/// # Safety
///
/// Pointers are NULL or as MAPI's page says.
#[allow(
    non_snake_case,
    clippy::too_many_arguments,
    reason = "names and signature are MAPI's"
)]
pub unsafe fn wrapped_service_entry(
    manifest: &'static Manifest,
    hInstance: *mut c_void,
    lpMalloc: *mut c_void,
    lpMAPISup: *mut c_void,
    ulUIParam: usize,
    ulFlags: u32,
    ulContext: u32,
    cValues: u32,
    lpProps: *mut SPropValue,
    lpProviderAdmin: *mut c_void,
    lppMapiError: *mut *mut MAPIERROR,
) -> HRESULT {
    // SAFETY: the caller's word is passed on as it is.
    unsafe {
        super::service_entry(
            manifest,
            hInstance,
            lpMalloc,
            lpMAPISup,
            ulUIParam,
            ulFlags,
            ulContext,
            cValues,
            lpProps,
            lpProviderAdmin,
            lppMapiError,
        )
    }
}
