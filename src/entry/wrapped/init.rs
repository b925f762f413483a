//! MSProviderInit of a store around another one.

use std::ffi::c_void;
use std::sync::Arc;

use windows_core::{HRESULT, Interface};

use super::super::dialog;
use super::super::init::{Functions, begin, is_service, next_number};
use super::super::registry::Registry;
use super::super::synchronize::MapiSync;
use super::inner::{Export, Missing};
use super::inside::{Inside, Pst};
#[cfg(feature = "mailbox")]
use super::mailbox::{self, Engine};
use super::provider::WrappedProvider;
use super::shared::WrappedShared;
use super::turns::Turns;
use crate::manifest::Manifest;
use mapi_provider_abi::mapi::{ALLOCATEBUFFER, ALLOCATEMORE, FREEBUFFER, IMSProvider, S_OK};
use mapi_provider_abi::object::{ObjectRef, barrier};
use mapi_provider_abi::view::Allocators;

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
    // SAFETY: the export is MSProviderInit; the rest is the caller's word.
    unsafe {
        make_provider::<L>(
            manifest,
            (functions, ulFlags, ulMAPIVer),
            (lpulProviderVer, lppMSProvider),
            &Pst,
            |_| {
                Export::provider_init()
                    .and_then(|init| init.make_provider(lpMalloc, functions, ulFlags, ulMAPIVer))
            },
        )
    }
}

/// The same for a store that keeps its mail itself: the mailbox engine takes the place of the PST provider.
///
/// # Safety
///
/// Pointers are NULL or as MAPI's page says.
#[cfg(feature = "mailbox")]
#[allow(
    non_snake_case,
    clippy::too_many_arguments,
    reason = "names and signature are MAPI's"
)]
pub unsafe fn mailbox_provider_init<L: MapiSync>(
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
    lppMSProvider: *mut *mut c_void,
) -> HRESULT {
    let functions = (lpAllocateBuffer, lpAllocateMore, lpFreeBuffer);
    // SAFETY: the caller's word.
    unsafe {
        make_provider::<L>(
            manifest,
            (functions, ulFlags, ulMAPIVer),
            (lpulProviderVer, lppMSProvider),
            &Engine,
            |allocators| Ok(mailbox::provider(manifest, allocators)),
        )
    }
}

/// Makes a provider object around an inner one.
///
/// # Safety
///
/// Pointers are NULL or as MAPI's page says.
unsafe fn make_provider<L: MapiSync>(
    manifest: &'static Manifest,
    (functions, flags, version): (Functions, u32, u32),
    (own_version, provider): (*mut u32, *mut *mut c_void),
    inside: &'static dyn Inside,
    inner: impl FnOnce(Allocators) -> Result<IMSProvider, Missing>,
) -> HRESULT {
    // SAFETY: the caller's word.
    let allocators = match unsafe { begin(functions, version, own_version, provider) } {
        Ok(allocators) => allocators,
        Err(result) => return result,
    };
    barrier(|| {
        let is_service = is_service(flags);
        crate::log::install(manifest, is_service);
        if is_service {
            dialog::in_service(manifest);
        }
        let made = WrappedProvider {
            inner: inner(allocators),
            shared: Arc::new(WrappedShared::<L> {
                manifest,
                inside,
                allocators,
                registry: Registry::new(),
                turns: Turns::default(),
                number: next_number(),
                is_service,
            }),
        };
        let made: IMSProvider = ObjectRef::new(made).into_interface();
        // SAFETY: `begin` has checked that it is not NULL; the reference goes to the caller.
        unsafe { *provider = made.into_raw() };
        S_OK
    })
}
