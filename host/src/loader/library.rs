//! A loaded library.

use std::ffi::c_void;
use std::path::{Path, absolute};

#[cfg(unix)]
use libloading::os::unix as system;
#[cfg(windows)]
use libloading::os::windows as system;

/// A loaded library, unloaded on drop.
pub(super) struct Library {
    library: system::Library,
    handle: usize,
}

impl Library {
    /// Loads a library, or tells what the system's loader has against it.
    ///
    /// # Safety
    ///
    /// The library's code runs in this process.
    pub(super) unsafe fn open(path: &Path) -> Result<Self, String> {
        // With a bare file name the system would search in places of its own.
        let path = absolute(path).map_err(|error| error.to_string())?;
        // SAFETY: the caller's word.
        let library = unsafe { system::Library::new(path) }.map_err(|error| error.to_string())?;
        let raw = library.into_raw();
        // SAFETY: the handle has just been given up.
        let library = unsafe { system::Library::from_raw(raw) };
        Ok(Self { library, handle: raw as usize })
    }

    /// An export; none where there is no such name.
    ///
    /// # Safety
    ///
    /// `T` is the export's type, a function pointer.
    pub(super) unsafe fn symbol<T: Copy>(&self, name: &str) -> Option<T> {
        // SAFETY: the caller's word.
        unsafe { self.library.get::<T>(name.as_bytes()) }.ok().map(|symbol| *symbol)
    }

    pub(super) fn handle(&self) -> *mut c_void {
        self.handle as *mut c_void
    }
}
