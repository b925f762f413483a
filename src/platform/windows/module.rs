//! The module that this code is in, kept loaded while a worker runs (SYNC-18).

use std::ffi::c_void;
use std::io;
use std::ptr;

use super::api;
use crate::manifest::Unload;

/// A reference to our own module.
pub(super) struct ModuleReference(Option<api::Handle>);

// SAFETY: a module handle may be used from any thread.
unsafe impl Send for ModuleReference {}

impl ModuleReference {
    /// Keeps the module: until the worker has left, or for the process's life.
    pub(super) fn take(unload: Unload) -> io::Result<Self> {
        let how = match unload {
            Unload::AfterRun => 0,
            Unload::Never => api::GET_MODULE_HANDLE_EX_FLAG_PIN,
        };
        let mut module = ptr::null_mut();
        let here = Self::take as *const c_void;
        // SAFETY: with FROM_ADDRESS the name is any address in the module.
        let found = unsafe {
            api::GetModuleHandleExW(
                how | api::GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                here.cast(),
                &raw mut module,
            )
        };
        match (found, unload) {
            (0, _) => Err(io::Error::last_os_error()),
            (_, Unload::AfterRun) => Ok(Self(Some(module))),
            (_, Unload::Never) => Ok(Self(None)),
        }
    }

    /// Ends the calling thread and lets go of the module, in one step: there may be no code left to
    /// return to.
    pub(super) fn exit_thread(mut self) {
        if let Some(module) = self.0.take() {
            // SAFETY: nothing of this thread is left to be dropped, and the reference is ours.
            unsafe { api::FreeLibraryAndExitThread(module, 0) };
        }
    }
}

impl Drop for ModuleReference {
    fn drop(&mut self) {
        // Only if no thread was made: the caller keeps the module loaded meanwhile.
        if let Some(module) = self.0 {
            // SAFETY: the reference is ours.
            unsafe { api::FreeLibrary(module) };
        }
    }
}
