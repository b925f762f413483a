//! Where the DLLs of the process lie.

use std::ffi::{OsString, c_void};
use std::io;
use std::os::windows::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::ptr;

use super::api;
use crate::platform::identity_of;

/// The longest path that there can be, in UTF-16 units.
const LONGEST: usize = 0x8000;

/// The file of the module that this code is in.
pub(crate) fn own_library() -> io::Result<PathBuf> {
    let here = own_library as *const c_void;
    let mut module = ptr::null_mut();
    // SAFETY: with FROM_ADDRESS the name is any address in the module.
    let found = unsafe {
        api::GetModuleHandleExW(
            api::GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT
                | api::GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
            here.cast(),
            &raw mut module,
        )
    };
    if found == 0 {
        return Err(io::Error::last_os_error());
    }
    file_of(module)
}

/// The folder of the program.
pub(crate) fn application_folder() -> Option<PathBuf> {
    file_of(ptr::null_mut()).ok()?.parent().map(Path::to_owned)
}

/// The folder of the system's own libraries.
pub(crate) fn system_folder() -> Option<PathBuf> {
    let path = read_path(|path, count| {
        // SAFETY: room for as many units as it is told.
        unsafe { api::GetSystemDirectoryW(path, count) }
    });
    path.ok()
}

/// The file of a module; NULL is the program.
pub(super) fn file_of(module: api::Handle) -> io::Result<PathBuf> {
    read_path(|path, count| {
        // SAFETY: room for as many units as it is told. A module that has gone meanwhile is an error.
        unsafe { api::GetModuleFileNameW(module, path, count) }
    })
}

/// A path that a function writes into a buffer; it answers the count without the NUL, 0 where it fails, and the
/// count of the buffer or more where that is too small.
fn read_path(write: impl Fn(*mut u16, u32) -> u32) -> io::Result<PathBuf> {
    let mut path = vec![0; LONGEST];
    let length = write(path.as_mut_ptr(), LONGEST as u32) as usize;
    if length == 0 {
        return Err(io::Error::last_os_error());
    }
    let whole = path.get(..length).filter(|_| length < LONGEST);
    let whole = whole.ok_or(io::ErrorKind::InvalidFilename)?;
    Ok(OsString::from_wide(whole).into())
}

/// What tells a file from others, also before it is there: its path, with what links in its folder lead to, and
/// without regard to case.
pub(crate) fn file_identity(path: &Path) -> String {
    identity_of(path).to_string_lossy().to_lowercase()
}
