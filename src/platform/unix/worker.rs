//! The worker thread, and the library that it runs in, which is never unloaded (SYNC-18).

use std::ffi::{c_char, c_int, c_void};
use std::io;
use std::sync::Once;
use std::thread;

use super::location::library_of;
use crate::manifest::Unload;
use crate::platform::LastWords;

/// Runs `body` on a new thread, then signals the events it leaves.
///
/// # Errors
///
/// The process has no thread left; `body` is dropped then.
pub(crate) fn spawn_worker(
    _unload: Unload,
    body: impl FnOnce() -> LastWords + Send + 'static,
) -> io::Result<()> {
    pin();
    let builder = thread::Builder::new().name("mapi-sync".to_owned());
    builder.spawn(move || drop(body())).map(drop)
}

/// What a worker needs around user code: nothing here; COM and MAPI on Windows (SYNC-20).
pub(crate) struct WorkerScope;

impl WorkerScope {
    pub(crate) fn enter(_is_service: bool) -> Self {
        Self
    }

    pub(crate) fn leave(self) {}
}

const RTLD_LAZY: c_int = 1;
const RTLD_NOLOAD: c_int = 4;
const RTLD_NODELETE: c_int = 0x1000;

unsafe extern "C" {
    fn dlopen(file: *const c_char, flags: c_int) -> *mut c_void;
}

/// Keeps the library that this code is in for the process's life. In a program of its own there is
/// nothing to be kept, and dlopen's refusal says so.
fn pin() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if let Some(file) = library_of(pin as *const c_void) {
            // SAFETY: the name is the loader's own. The handle is not closed: that is the point.
            unsafe { dlopen(file.as_ptr(), RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE) };
        }
    });
}
