//! MSProviderInit.

use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use windows_core::{HRESULT, Interface};

use super::dialog;
use super::open::Served;
use super::own::{OwnStore, OwnStoreObject};
use super::provider::ProviderObject;
use super::registry::Registry;
use super::shared::ProviderShared;
use super::store::StoreObject;
use super::synchronize::MapiSync;
use crate::manifest::Manifest;
use mapi_provider_abi::mapi::{
    ALLOCATEBUFFER, ALLOCATEMORE, CURRENT_SPI_VERSION, FREEBUFFER, IMSProvider,
    MAPI_E_INVALID_PARAMETER, MAPI_E_VERSION, MAPI_NT_SERVICE, S_OK,
};
use mapi_provider_abi::object::{ObjectRef, barrier};
use mapi_provider_abi::view::Allocators;

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
    // SAFETY: the caller's word.
    unsafe {
        let functions = (lpAllocateBuffer, lpAllocateMore, lpFreeBuffer);
        make_provider::<StoreObject<L>>(
            manifest,
            functions,
            ulFlags,
            ulMAPIVer,
            lpulProviderVer,
            lppMSProvider,
        )
    }
}

/// The same for a provider whose store object the team writes: `[store] object`.
///
/// # Safety
///
/// Pointers are NULL or as MAPI's page says.
#[allow(
    non_snake_case,
    clippy::too_many_arguments,
    reason = "names and signature are MAPI's"
)]
pub unsafe fn own_provider_init<L: MapiSync, T: OwnStore<Logic = L>>(
    manifest: &'static Manifest,
    _hInstance: *mut c_void,
    // ENTRY-03: as above.
    _lpMalloc: *mut c_void,
    lpAllocateBuffer: Option<ALLOCATEBUFFER>,
    lpAllocateMore: Option<ALLOCATEMORE>,
    lpFreeBuffer: Option<FREEBUFFER>,
    ulFlags: u32,
    ulMAPIVer: u32,
    lpulProviderVer: *mut u32,
    lppMSProvider: *mut *mut c_void,
) -> HRESULT {
    // SAFETY: the caller's word.
    unsafe {
        let functions = (lpAllocateBuffer, lpAllocateMore, lpFreeBuffer);
        make_provider::<OwnStoreObject<T>>(
            manifest,
            functions,
            ulFlags,
            ulMAPIVer,
            lpulProviderVer,
            lppMSProvider,
        )
    }
}

/// Makes a provider object whose stores are of the class `S`.
///
/// # Safety
///
/// Pointers are NULL or as MAPI's page says.
unsafe fn make_provider<S: Served>(
    manifest: &'static Manifest,
    functions: Functions,
    flags: u32,
    version: u32,
    own_version: *mut u32,
    provider: *mut *mut c_void,
) -> HRESULT {
    // SAFETY: the caller's word.
    let allocators = unsafe {
        match begin(functions, version, own_version, provider) {
            Ok(allocators) => allocators,
            Err(result) => return result,
        }
    };
    barrier(|| {
        let is_service = is_service(flags);
        crate::log::install(manifest, is_service);
        if is_service {
            dialog::in_service(manifest);
        }
        let shared = Arc::new(ProviderShared::<S> {
            manifest,
            allocators,
            registry: Registry::new(),
            number: next_number(),
            is_service,
        });
        let made: IMSProvider = ObjectRef::new(ProviderObject { shared }).into_interface();
        // SAFETY: as above; the reference goes to the caller.
        unsafe { *provider = made.into_raw() };
        S_OK
    })
}

/// A number for a provider object, unique in the process.
pub(super) fn next_number() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed)
}

/// Whether MSProviderInit says that the process is a Windows service (SYNC-20, SYNC-23).
pub(super) fn is_service(flags: u32) -> bool {
    flags & MAPI_NT_SERVICE != 0
}

/// What MAPI gives to allocate with.
pub(super) type Functions = (
    Option<ALLOCATEBUFFER>,
    Option<ALLOCATEMORE>,
    Option<FREEBUFFER>,
);

/// Checks what every init function is called with, and clears its out parameters.
///
/// # Errors
///
/// What the init function answers.
///
/// # Safety
///
/// Pointers are NULL or as MAPI's page says.
pub(super) unsafe fn begin(
    (allocate, more, free): Functions,
    version: u32,
    own_version: *mut u32,
    provider: *mut *mut c_void,
) -> Result<Allocators, HRESULT> {
    // ENTRY-02: the version is told in every case.
    if !own_version.is_null() {
        // SAFETY: not NULL, so the caller's to be written to.
        unsafe { *own_version = CURRENT_SPI_VERSION };
    }
    if provider.is_null() {
        return Err(MAPI_E_INVALID_PARAMETER);
    }
    // SAFETY: as above.
    unsafe { *provider = ptr::null_mut() };
    if own_version.is_null() {
        return Err(MAPI_E_INVALID_PARAMETER);
    }
    if version < CURRENT_SPI_VERSION {
        return Err(MAPI_E_VERSION);
    }
    // ENTRY-03: the allocators are kept.
    // SAFETY: MAPI's own functions, which stay for as long as the provider.
    let allocators = unsafe { Allocators::new(allocate, more, free) };
    allocators.ok_or(MAPI_E_INVALID_PARAMETER)
}
