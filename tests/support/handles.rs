//! How many handles the process has open.

/// The number of open file descriptors, those of events among them.
#[cfg(unix)]
pub(crate) fn open_handles() -> usize {
    // The folder is open itself while it is read.
    std::fs::read_dir("/proc/self/fd").expect("a list of descriptors").count() - 1
}

/// The number of open handles. Threads that are leaving have theirs for a moment longer, so the number is
/// taken when it has come to rest.
#[cfg(windows)]
pub(crate) fn open_handles() -> usize {
    use std::ffi::c_void;
    use std::thread;
    use std::time::Duration;
    #[link(name = "kernel32")]
    unsafe extern "system" {
        fn GetCurrentProcess() -> *mut c_void;
        fn GetProcessHandleCount(process: *mut c_void, count: *mut u32) -> i32;
    }
    let now = || {
        let mut count = 0;
        // SAFETY: this process's pseudo handle and a live variable.
        assert_ne!(unsafe { GetProcessHandleCount(GetCurrentProcess(), &raw mut count) }, 0);
        count as usize
    };
    let (mut last, mut same) = (now(), 0);
    while same < 10 {
        thread::sleep(Duration::from_millis(10));
        let count = now();
        same = if count == last { same + 1 } else { 0 };
        last = count;
    }
    last
}
