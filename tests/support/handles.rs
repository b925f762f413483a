//! How many handles the process has open.

use std::thread;
use std::time::Duration;

/// The number of open handles, once it is stable: a worker that has reported its end keeps some for a moment
/// longer.
pub(crate) fn open_handles() -> usize {
    let (mut last, mut same) = (count(), 0);
    while same < 10 {
        thread::sleep(Duration::from_millis(10));
        let now = count();
        same = if now == last { same + 1 } else { 0 };
        last = now;
    }
    last
}

/// Descriptors, including those of events.
#[cfg(unix)]
fn count() -> usize {
    // The folder is open itself while it is read.
    std::fs::read_dir("/proc/self/fd")
        .expect("a list of descriptors")
        .count()
        - 1
}

#[cfg(windows)]
fn count() -> usize {
    use std::ffi::c_void;
    #[link(name = "kernel32")]
    unsafe extern "system" {
        fn GetCurrentProcess() -> *mut c_void;
        fn GetProcessHandleCount(process: *mut c_void, count: *mut u32) -> i32;
    }
    let mut count = 0;
    // SAFETY: this process's pseudo handle and a live variable.
    assert_ne!(
        unsafe { GetProcessHandleCount(GetCurrentProcess(), &raw mut count) },
        0
    );
    count as usize
}
