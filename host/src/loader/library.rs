//! A loaded library.

use std::error::Error;
use std::path::{Path, absolute};

/// A loaded library, unloaded on drop.
pub(super) struct Library(libloading::Library);

impl Library {
    /// Loads a library, or says why the system's loader refuses it.
    ///
    /// # Safety
    ///
    /// The library's code runs in this process.
    pub(super) unsafe fn open(path: &Path) -> Result<Self, String> {
        // With a bare file name, the system would search in its own places.
        let path = absolute(path).map_err(|error| error.to_string())?;
        // SAFETY: the caller's word.
        let library = unsafe { libloading::Library::new(path) };
        library.map(Self).map_err(|error| reason(&error))
    }

    /// An export; `None` if there is no such name.
    ///
    /// # Safety
    ///
    /// `T` is the export's type, a function pointer.
    pub(super) unsafe fn symbol<T: Copy>(&self, name: &str) -> Option<T> {
        // SAFETY: the caller's word.
        unsafe { self.0.get::<T>(name) }.ok().map(|symbol| *symbol)
    }
}

/// What the system's loader says: an error's source knows more than the error itself.
fn reason(error: &dyn Error) -> String {
    error
        .source()
        .map_or_else(|| error.to_string(), ToString::to_string)
}
