//! Where the program and the libraries of the process are.

use std::env;
use std::ffi::{CStr, OsStr, OsString, c_char, c_int, c_void};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::ptr;

use crate::platform::identity_of;

#[repr(C)]
struct DlInfo {
    file: *const c_char,
    base: *const c_void,
    symbol: *const c_char,
    address: *const c_void,
}

unsafe extern "C" {
    fn dladdr(address: *const c_void, info: *mut DlInfo) -> c_int;
}

/// The file of the library or program that this code is in.
pub(crate) fn own_library() -> io::Result<PathBuf> {
    let file = library_of(own_library as *const c_void).ok_or(io::ErrorKind::NotFound)?;
    Path::new(OsStr::from_bytes(file.to_bytes())).canonicalize()
}

/// Where this code is, as Windows writes it: what MAPI would be told. The simulated Windows has the whole disk as
/// its drive Z, as Wine has, and `libcontoso32.so` there is `contoso32.dll`.
pub(crate) fn own_dll() -> io::Result<String> {
    let path = own_library()?.to_string_lossy().into_owned();
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
    let dll = name
        .strip_prefix("lib")
        .and_then(|name| name.strip_suffix(".so"));
    Ok(match dll {
        Some(name) => format!("Z:{folder}/{name}.dll"),
        None => format!("Z:{path}"),
    })
}

/// The file that the loader has loaded an address of our own code from.
pub(super) fn library_of(address: *const c_void) -> Option<&'static CStr> {
    let mut info = DlInfo {
        file: ptr::null(),
        base: ptr::null(),
        symbol: ptr::null(),
        address: ptr::null(),
    };
    // SAFETY: any address, and room for what is known about it.
    let found = unsafe { dladdr(address, &raw mut info) } != 0 && !info.file.is_null();
    // SAFETY: the loader's own text, which stays as long as the library, and so as long as this code.
    found.then(|| unsafe { CStr::from_ptr(info.file) })
}

/// The folder of the program.
pub(crate) fn application_folder() -> Option<PathBuf> {
    env::current_exe().ok()?.parent().map(Path::to_owned)
}

/// Linux has no MAPI libraries of its own.
pub(crate) fn system_folder() -> Option<PathBuf> {
    None
}

/// What tells a file from others, even before it exists: its path, with links in its folder resolved.
pub(crate) fn file_identity(path: &Path) -> String {
    identity_of(path).to_string_lossy().into_owned()
}

/// Linux has no folders that Windows' variables name.
pub(crate) fn known_folder(_variable: &str) -> Option<OsString> {
    None
}
