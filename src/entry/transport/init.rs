//! XPProviderInit.

use std::ffi::c_void;

use windows_core::{HRESULT, Interface};

use super::provider::{ProviderShared, TransportProvider};
use crate::entry::dialog;
use crate::entry::init::{begin, is_service};
use crate::manifest::{Manifest, TransportSpec};
use crate::transport::MailTransport;
use mapi_provider_abi::mapi::{
    ALLOCATEBUFFER, ALLOCATEMORE, FREEBUFFER, IXPProvider, MAPI_E_CALL_FAILED, S_OK,
};
use mapi_provider_abi::object::{ObjectRef, barrier};

/// What the generated `XPProviderInit` calls: makes a provider object (XP-01).
///
/// # Safety
///
/// Pointers are NULL or as MAPI's page says.
#[allow(
    non_snake_case,
    clippy::too_many_arguments,
    reason = "names and signature are MAPI's"
)]
pub unsafe fn xp_provider_init<L: MailTransport>(
    manifest: &'static Manifest,
    _hInstance: *mut c_void,
    // ENTRY-03: not kept, so not counted either.
    _lpMalloc: *mut c_void,
    lpAllocateBuffer: Option<ALLOCATEBUFFER>,
    lpAllocateMore: Option<ALLOCATEMORE>,
    lpFreeBuffer: Option<FREEBUFFER>,
    ulFlags: u32,
    ulMAPIVer: u32,
    lpulProviderVer: *mut u32,
    lppXPProvider: *mut *mut c_void,
) -> HRESULT {
    let functions = (lpAllocateBuffer, lpAllocateMore, lpFreeBuffer);
    // SAFETY: the caller's word.
    let allocators = match unsafe { begin(functions, ulMAPIVer, lpulProviderVer, lppXPProvider) } {
        Ok(allocators) => allocators,
        Err(result) => return result,
    };
    barrier(|| {
        // What `provider!` writes of a transport has it.
        let Some(spec): Option<&'static TransportSpec> = manifest.transport.as_ref() else {
            return MAPI_E_CALL_FAILED;
        };
        let is_service = is_service(ulFlags);
        crate::log::install(manifest, is_service);
        if is_service {
            dialog::in_service(manifest);
        }
        let shared = ProviderShared::<L>::new(manifest, spec, allocators, is_service);
        let made: IXPProvider = ObjectRef::new(TransportProvider { shared }).into_interface();
        // SAFETY: `begin` has found it not NULL; the reference goes to the caller.
        unsafe { *lppXPProvider = made.into_raw() };
        S_OK
    })
}
