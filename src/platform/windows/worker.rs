//! The worker thread, with COM and MAPI around it (SYNC-20).
//!
//! The thread is made with `CreateThread`, not with std, so that its end is ours: everything dropped,
//! events signalled, then `FreeLibraryAndExitThread` (SYNC-18).

use std::ffi::c_void;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use windows_core::HRESULT;

use super::api;
use super::library::Library;
use super::module::ModuleReference;
use crate::event;
use crate::manifest::Unload;
use crate::platform::LastWords;
use mapi_provider_abi::internal::panicked;
use mapi_provider_abi::mapi::{
    MAPI_MULTITHREAD_NOTIFICATIONS, MAPI_NO_COINIT, MAPI_NT_SERVICE, MAPIINIT_0,
};

/// Reserved, not committed: what std gives to a thread.
const STACK: usize = 2 << 20;

/// What a new thread is given.
struct Start {
    module: ModuleReference,
    body: Box<dyn FnOnce() -> LastWords + Send>,
}

/// Runs `body` on a new thread, then signals the events it leaves.
///
/// # Errors
///
/// The process has no thread left; `body` is dropped then.
pub(crate) fn spawn_worker(
    unload: Unload,
    body: impl FnOnce() -> LastWords + Send + 'static,
) -> io::Result<()> {
    let start = Start {
        module: ModuleReference::take(unload)?,
        body: Box::new(body),
    };
    let start = Box::into_raw(Box::new(start));
    let flags = api::STACK_SIZE_PARAM_IS_A_RESERVATION;
    // SAFETY: the function takes the box over.
    let thread = unsafe {
        api::CreateThread(
            ptr::null(),
            STACK,
            run,
            start.cast(),
            flags,
            ptr::null_mut(),
        )
    };
    if thread.is_null() {
        let error = io::Error::last_os_error();
        // SAFETY: no thread came of it, so the box is still ours.
        drop(unsafe { Box::from_raw(start) });
        return Err(error);
    }
    // SAFETY: the handle is ours; the thread goes on without it.
    unsafe { api::CloseHandle(thread) };
    Ok(())
}

unsafe extern "system" fn run(start: *mut c_void) -> u32 {
    // SAFETY: `spawn_worker` gave the box away.
    let Start { module, body } = *unsafe { Box::from_raw(start.cast::<Start>()) };
    match catch_unwind(AssertUnwindSafe(body)) {
        // Dropping closes our handles; whoever waits has its own.
        Ok(events) => drop(events),
        Err(payload) => panicked(payload),
    }
    module.exit_thread();
    0
}

type MapiInitialize = unsafe extern "system" fn(*mut MAPIINIT_0) -> HRESULT;
type MapiUninitialize = unsafe extern "system" fn();

/// COM and MAPI for the calling thread, in balance: dropping it uninitialises what was initialised.
pub(crate) struct WorkerScope {
    com: bool,
    mapi: Option<Mapi>,
}

/// The MAPI of this process, initialised for this thread and kept loaded meanwhile.
struct Mapi {
    uninitialize: MapiUninitialize,
    _library: Library,
}

impl WorkerScope {
    /// Initialises COM and MAPI; what fails is logged, and the run goes on without it (SYNC-20).
    ///
    /// In a process where MAPI was initialised as a service's, the worker says so too (SYNC-20).
    pub(crate) fn enter(is_service: bool) -> Self {
        // SAFETY: the reserved parameter is NULL.
        let com = unsafe { api::CoInitializeEx(ptr::null(), api::COINIT_MULTITHREADED) };
        if com.is_err() {
            event::warn!(status = com.0, "the worker runs without COM");
        }
        let mapi = Mapi::initialize(is_service);
        if mapi.is_none() {
            event::warn!("the worker runs without MAPI");
        }
        Self {
            com: com.is_ok(),
            mapi,
        }
    }

    /// Uninitialises what was initialised.
    pub(crate) fn leave(self) {}
}

impl Drop for WorkerScope {
    fn drop(&mut self) {
        drop(self.mapi.take());
        if self.com {
            // SAFETY: initialised on this thread by `enter`.
            unsafe { api::CoUninitialize() };
        }
    }
}

impl Mapi {
    /// The MAPI that is loaded already; it is never loaded for this. Outlook's own first: mapi32.dll may be
    /// the stub in front of it.
    fn initialize(is_service: bool) -> Option<Self> {
        ["olmapi32", "msmapi32", "mapi32"]
            .into_iter()
            .find_map(Library::loaded)
            .and_then(|library| Self::initialize_in(library, is_service))
    }

    fn initialize_in(library: Library, is_service: bool) -> Option<Self> {
        let initialize = library.symbol(c"MAPIInitialize")?;
        let uninitialize = library.symbol(c"MAPIUninitialize")?;
        // SAFETY: mapix.h declares both of these types.
        let (initialize, uninitialize) = unsafe {
            (
                std::mem::transmute::<*const c_void, MapiInitialize>(initialize),
                std::mem::transmute::<*const c_void, MapiUninitialize>(uninitialize),
            )
        };
        let service = if is_service { MAPI_NT_SERVICE } else { 0 };
        let mut parameter = MAPIINIT_0 {
            ulVersion: 0,
            ulFlags: MAPI_MULTITHREAD_NOTIFICATIONS | MAPI_NO_COINIT | service,
        };
        // SAFETY: MAPI's own function and its structure.
        let result = unsafe { initialize(&raw mut parameter) };
        if result.is_err() {
            event::warn!(status = result.0, "MAPIInitialize failed");
            return None;
        }
        Some(Self {
            uninitialize,
            _library: library,
        })
    }
}

impl Drop for Mapi {
    fn drop(&mut self) {
        // SAFETY: initialised on this thread; the library goes after this.
        unsafe { (self.uninitialize)() };
    }
}
