//! Other libraries of the process.

use std::ffi::{CStr, CString, OsStr, c_char, c_int, c_void};
use std::io;
use std::mem::{self, ManuallyDrop};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// A library that is loaded, and stays so for as long as this is there.
#[derive(Debug)]
pub(crate) struct Library {
    handle: *mut c_void,
    path: PathBuf,
}

// SAFETY: a handle may be used from any thread.
unsafe impl Send for Library {}
// SAFETY: as for Send.
unsafe impl Sync for Library {}

const RTLD_NOW: c_int = 2;
const RTLD_NOLOAD: c_int = 4;

/// What `dl_iterate_phdr` tells of a library: the first members of it.
#[repr(C)]
struct DlPhdrInfo {
    address: usize,
    name: *const c_char,
}

type Visitor = unsafe extern "C" fn(*const DlPhdrInfo, usize, *mut c_void) -> c_int;

unsafe extern "C" {
    fn dlopen(file: *const c_char, flags: c_int) -> *mut c_void;
    fn dlclose(handle: *mut c_void) -> c_int;
    fn dlsym(handle: *mut c_void, name: *const c_char) -> *const c_void;
    fn dlerror() -> *const c_char;
    fn dl_iterate_phdr(visitor: Visitor, data: *mut c_void) -> c_int;
}

impl Library {
    /// What the file of a library is called: `libmspst32.so` for `mspst32`.
    pub(crate) fn file_name(name: &str) -> String {
        format!("lib{name}.so")
    }

    /// The library of this name that the process has loaded already; `None` if it hasn't.
    pub(crate) fn loaded(name: &str) -> Option<Self> {
        let mut search = Search {
            file_name: Self::file_name(name),
            found: None,
        };
        // SAFETY: the visitor gets the search back, as what it is.
        unsafe { dl_iterate_phdr(visit, (&raw mut search).cast()) };
        Self::open(&search.found?, RTLD_NOW | RTLD_NOLOAD).ok()
    }

    /// Loads a library. The path is absolute, so nothing is searched for (WRAP-07).
    ///
    /// # Errors
    ///
    /// The system's loader has something against it.
    pub(crate) fn load(path: &Path) -> io::Result<Self> {
        Self::open(path, RTLD_NOW)
    }

    fn open(path: &Path, flags: c_int) -> io::Result<Self> {
        let name = CString::new(path.as_os_str().as_bytes())?;
        // SAFETY: a terminated path. Its code is what whoever installed it wanted to run here.
        let handle = unsafe { dlopen(name.as_ptr(), flags) };
        if handle.is_null() {
            // SAFETY: NULL or a text that stays until the next call of this thread's.
            let text = unsafe { dlerror().as_ref().map(|text| CStr::from_ptr(text)) };
            let text = text.map_or("it is not loaded".into(), CStr::to_string_lossy);
            return Err(io::Error::other(text.into_owned()));
        }
        Ok(Self {
            handle,
            path: path.to_owned(),
        })
    }

    /// Keeps the library for the process's life. Answers its handle, as entry points take it: `hInstance`.
    pub(crate) fn stay(self) -> *mut c_void {
        let mut kept = ManuallyDrop::new(self);
        drop(mem::take(&mut kept.path));
        kept.handle
    }

    /// An export, if there is one.
    pub(crate) fn symbol(&self, name: &CStr) -> Option<*const c_void> {
        // SAFETY: a loaded library and a terminated name.
        let symbol = unsafe { dlsym(self.handle, name.as_ptr()) };
        (!symbol.is_null()).then_some(symbol)
    }

    /// Where its file is.
    pub(crate) fn path(&self) -> Option<PathBuf> {
        Some(self.path.clone())
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        // SAFETY: the handle is ours.
        unsafe { dlclose(self.handle) };
    }
}

/// A search for a loaded library.
struct Search {
    file_name: String,
    found: Option<PathBuf>,
}

unsafe extern "C" fn visit(info: *const DlPhdrInfo, _: usize, search: *mut c_void) -> c_int {
    // SAFETY: what `loaded` gave, and a library whose name is NULL or terminated.
    let (search, name) = unsafe {
        let name = (*info).name.as_ref().map(|name| CStr::from_ptr(name));
        (&mut *search.cast::<Search>(), name)
    };
    let path = name.map(|name| Path::new(OsStr::from_bytes(name.to_bytes())));
    let path = path.filter(|path| path.file_name() == Some(OsStr::new(&search.file_name)));
    search.found = path.map(Path::to_owned);
    c_int::from(search.found.is_some())
}
