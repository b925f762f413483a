//! Whether a library is in the process, as the system's loader tells it.

use std::path::Path;

/// Whether the library of this path is loaded.
#[cfg(unix)]
pub(crate) fn is_loaded(path: &Path) -> bool {
    use std::ffi::{CString, c_char, c_int, c_void};
    use std::os::unix::ffi::OsStrExt;
    unsafe extern "C" {
        fn dlopen(file: *const c_char, flags: c_int) -> *mut c_void;
        fn dlclose(library: *mut c_void) -> c_int;
    }
    const RTLD_LAZY_NOLOAD: c_int = 1 | 4;
    let name = CString::new(path.as_os_str().as_bytes()).expect("a path without NUL");
    // SAFETY: a NUL-terminated name, and a handle that was just given.
    unsafe {
        let library = dlopen(name.as_ptr(), RTLD_LAZY_NOLOAD);
        !library.is_null() && dlclose(library) == 0
    }
}

/// Whether the library of this path is loaded.
#[cfg(windows)]
pub(crate) fn is_loaded(path: &Path) -> bool {
    use std::ffi::c_void;
    use std::os::windows::ffi::OsStrExt;
    #[link(name = "kernel32")]
    unsafe extern "system" {
        fn GetModuleHandleW(name: *const u16) -> *mut c_void;
    }
    let name: Vec<u16> = path.as_os_str().encode_wide().chain([0]).collect();
    // SAFETY: a NUL-terminated name.
    !unsafe { GetModuleHandleW(name.as_ptr()) }.is_null()
}
