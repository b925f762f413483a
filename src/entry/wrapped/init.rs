//! MSProviderInit of a wrapped store.

use std::ffi::c_void;
use std::sync::Arc;

use windows_core::{HRESULT, Interface};

use super::super::init::{begin, is_service, next_number};
use super::super::registry::Registry;
use super::super::synchronize::MapiSync;
use super::inner::Export;
use super::provider::WrappedProvider;
use super::shared::WrappedShared;
use super::turns::Turns;
use crate::manifest::Manifest;
use mapi_provider_abi::mapi::{ALLOCATEBUFFER, ALLOCATEMORE, FREEBUFFER, IMSProvider, S_OK};
use mapi_provider_abi::object::{ObjectRef, barrier};

/// What the generated `MSProviderInit` of a wrapped store calls: makes a provider object around the PST provider's.
///
/// Without a PST provider, the object is still made: its Logon then fails with one of the codes that MAPI
/// tolerates, and with a text that says where we looked for it (ENTRY-06).
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
    // The inner provider gets the handle of its own module (WRAP-05).
    _hInstance: *mut c_void,
    lpMalloc: *mut c_void,
    lpAllocateBuffer: Option<ALLOCATEBUFFER>,
    lpAllocateMore: Option<ALLOCATEMORE>,
    lpFreeBuffer: Option<FREEBUFFER>,
    ulFlags: u32,
    ulMAPIVer: u32,
    lpulProviderVer: *mut u32,
    lppMSProvider: *mut *mut c_void,
) -> HRESULT {
    let functions = (lpAllocateBuffer, lpAllocateMore, lpFreeBuffer);
    // SAFETY: the caller's word.
    let allocators = match unsafe { begin(functions, ulMAPIVer, lpulProviderVer, lppMSProvider) } {
        Ok(allocators) => allocators,
        Err(result) => return result,
    };
    barrier(|| {
        let is_service = is_service(ulFlags);
        crate::log::install(manifest, is_service);
        // SAFETY: the export is MSProviderInit; the rest is the caller's word.
        let inner = Export::provider_init().and_then(|init| unsafe {
            init.make_provider(lpMalloc, functions, ulFlags, ulMAPIVer)
        });
        let provider = WrappedProvider {
            inner,
            shared: Arc::new(WrappedShared::<L> {
                manifest,
                allocators,
                registry: Registry::new(),
                turns: Turns::default(),
                number: next_number(),
                is_service,
            }),
        };
        let provider: IMSProvider = ObjectRef::new(provider).into_interface();
        // SAFETY: `begin` has checked that it is not NULL; the reference goes to the caller.
        unsafe { *lppMSProvider = provider.into_raw() };
        S_OK
    })
}
