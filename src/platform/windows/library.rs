//! Other libraries of the process.

use std::ffi::{CStr, c_void};
use std::io;
use std::mem::ManuallyDrop;
use std::os::windows::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::ptr;

use super::api;
use super::location::file_of;

/// A library that is loaded, and stays so for as long as this is there.
#[derive(Debug)]
pub(crate) struct Library(api::Handle);

// SAFETY: a module handle may be used from any thread.
unsafe impl Send for Library {}
// SAFETY: as for Send.
unsafe impl Sync for Library {}

impl Library {
    /// What the file of a library is called: `mspst32.dll` for `mspst32`.
    pub(crate) fn file_name(name: &str) -> String {
        format!("{name}.dll")
    }

    /// The library of this name that the process has loaded already; `None` if it hasn't.
    pub(crate) fn loaded(name: &str) -> Option<Self> {
        let name = wide(Path::new(&Self::file_name(name)));
        let mut module = ptr::null_mut();
        // SAFETY: a terminated name and a live variable; the reference that is counted is ours.
        let found = unsafe { api::GetModuleHandleExW(0, name.as_ptr(), &raw mut module) };
        (found != 0).then(|| Self(module))
    }

    /// Loads a library. The path is absolute, and what it needs is looked for beside it, beside the program and
    /// among the system's own, and nowhere else (WRAP-07).
    ///
    /// # Errors
    ///
    /// The system's loader has something against it.
    pub(crate) fn load(path: &Path) -> io::Result<Self> {
        let name = wide(path);
        let load = |flags| {
            // SAFETY: a terminated path. Its code is what whoever installed it wanted to run here.
            unsafe { api::LoadLibraryExW(name.as_ptr(), ptr::null_mut(), flags) }
        };
        let mut module = load(
            api::LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR
                | api::LOAD_LIBRARY_SEARCH_APPLICATION_DIR
                | api::LOAD_LIBRARY_SEARCH_SYSTEM32,
        );
        let error = io::Error::last_os_error().raw_os_error();
        if module.is_null() && error == Some(api::ERROR_INVALID_PARAMETER) {
            // A Windows that does not know these flags yet.
            module = load(api::LOAD_WITH_ALTERED_SEARCH_PATH);
        }
        if module.is_null() {
            return Err(io::Error::last_os_error());
        }
        Ok(Self(module))
    }

    /// Keeps the library for the process's life. Answers its handle, as entry points take it: `hInstance`.
    pub(crate) fn stay(self) -> *mut c_void {
        ManuallyDrop::new(self).0
    }

    /// An export, if there is one.
    pub(crate) fn symbol(&self, name: &CStr) -> Option<*const c_void> {
        // SAFETY: a loaded module and a terminated name.
        let symbol = unsafe { api::GetProcAddress(self.0, name.as_ptr()) };
        (!symbol.is_null()).then_some(symbol)
    }

    /// Where its file is.
    pub(crate) fn path(&self) -> Option<PathBuf> {
        file_of(self.0).ok()
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        // SAFETY: the reference is ours.
        unsafe { api::FreeLibrary(self.0) };
    }
}

fn wide(path: &Path) -> Vec<u16> {
    path.as_os_str().encode_wide().chain([0]).collect()
}
