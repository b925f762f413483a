//! A thread of the library's own, which keeps the library loaded until it has left.
//!
//! It is made with `CreateThread`, not with std, so that its end is ours: everything dropped, then
//! `FreeLibraryAndExitThread`.

use std::ffi::c_void;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

type Handle = *mut c_void;

const GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS: u32 = 4;
const STACK_SIZE_PARAM_IS_A_RESERVATION: u32 = 0x0001_0000;
const INFINITE: u32 = 0xFFFF_FFFF;

/// Reserved, not committed: what std gives to a thread.
const STACK: usize = 2 << 20;

#[link(name = "kernel32")]
unsafe extern "system" {
    fn GetModuleHandleExW(flags: u32, name: *const u16, module: *mut Handle) -> i32;
    fn FreeLibrary(module: Handle) -> i32;
    fn FreeLibraryAndExitThread(module: Handle, code: u32) -> !;
    fn CreateThread(
        attributes: *const c_void,
        stack: usize,
        start: unsafe extern "system" fn(*mut c_void) -> u32,
        parameter: *mut c_void,
        flags: u32,
        id: *mut u32,
    ) -> Handle;
    fn GetCurrentThreadId() -> u32;
    fn WaitForSingleObject(handle: Handle, milliseconds: u32) -> u32;
    fn CloseHandle(handle: Handle) -> i32;
}

/// A thread that keeps the library loaded. Dropping this leaves it to itself.
pub struct OwnThread {
    handle: Handle,
    id: u32,
}

// SAFETY: a thread's handle may be used from any thread.
unsafe impl Send for OwnThread {}

/// What a new thread is given.
struct Start {
    module: Handle,
    body: Box<dyn FnOnce() + Send>,
}

impl OwnThread {
    /// Runs `body` on a new thread.
    ///
    /// # Errors
    ///
    /// The process has no thread left; `body` is dropped then.
    pub fn spawn(_name: &str, body: impl FnOnce() + Send + 'static) -> io::Result<Self> {
        let mut module = ptr::null_mut();
        let here = run as *const c_void;
        let flags = GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS;
        // SAFETY: with FROM_ADDRESS the name is any address in the module.
        if unsafe { GetModuleHandleExW(flags, here.cast(), &raw mut module) } == 0 {
            return Err(io::Error::last_os_error());
        }
        let body = Box::new(body);
        let start = Box::into_raw(Box::new(Start { module, body }));
        let (flags, mut id) = (STACK_SIZE_PARAM_IS_A_RESERVATION, 0);
        // SAFETY: the function takes the box over.
        let handle =
            unsafe { CreateThread(ptr::null(), STACK, run, start.cast(), flags, &raw mut id) };
        if handle.is_null() {
            let error = io::Error::last_os_error();
            // SAFETY: no thread came of it: the box and the reference are still ours, and the caller's code is in the module.
            unsafe {
                drop(Box::from_raw(start));
                FreeLibrary(module);
            }
            return Err(error);
        }
        Ok(Self { handle, id })
    }

    /// Whether it is the thread that asks.
    pub fn is_current(&self) -> bool {
        // SAFETY: a call without pointers.
        self.id == unsafe { GetCurrentThreadId() }
    }

    /// Waits until it has left.
    pub fn join(self) {
        // SAFETY: the handle is ours.
        unsafe { WaitForSingleObject(self.handle, INFINITE) };
    }
}

impl Drop for OwnThread {
    fn drop(&mut self) {
        // SAFETY: the handle is ours; the thread goes on without it.
        unsafe { CloseHandle(self.handle) };
    }
}

unsafe extern "system" fn run(start: *mut c_void) -> u32 {
    // SAFETY: `spawn` gave the box away.
    let Start { module, body } = *unsafe { Box::from_raw(start.cast::<Start>()) };
    if let Err(payload) = catch_unwind(AssertUnwindSafe(body)) {
        // It was told where it happened. What it says is left alone: its drop could panic too.
        std::mem::forget(payload);
    }
    // SAFETY: nothing of this thread is left to be dropped, and the reference is ours.
    unsafe { FreeLibraryAndExitThread(module, 0) }
}
