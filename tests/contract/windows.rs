//! What only Windows has: threads with windows, and the loader's lock.

use std::cell::RefCell;
use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use mapi_provider::abi::{IMsgStore, LogoffFlags, MAPI_E_USER_CANCEL, S_OK};
use mapi_provider_host::{Status, SyncRequest};

use crate::support::script::{Script, Variant};
use crate::support::{Gate, Orders, SOON, contract_tests, progress_only, wait_for_call};

#[link(name = "user32")]
unsafe extern "system" {
    fn CreateWindowExW(
        extended: u32,
        class: *const u16,
        name: *const u16,
        style: u32,
        x: i32,
        y: i32,
        width: i32,
        height: i32,
        parent: *mut c_void,
        menu: *mut c_void,
        instance: *mut c_void,
        parameter: *mut c_void,
    ) -> *mut c_void;
    fn DestroyWindow(window: *mut c_void) -> i32;
    fn SendMessageW(window: *mut c_void, message: u32, wide: usize, long: isize) -> isize;
    fn PostMessageW(window: *mut c_void, message: u32, wide: usize, long: isize) -> i32;
    fn PeekMessageW(
        message: *mut [usize; 8],
        window: *mut c_void,
        first: u32,
        last: u32,
        remove: u32,
    ) -> i32;
}

#[link(name = "ole32")]
unsafe extern "system" {
    fn CoInitializeEx(reserved: *const c_void, flags: u32) -> i32;
    fn CoUninitialize();
}

const COINIT_APARTMENTTHREADED: u32 = 2;
const WM_NULL: u32 = 0;
const WM_APP: u32 = 0x8000;
const PM_REMOVE: u32 = 1;

/// An invisible window of the calling thread, which is an STA as long as it exists.
struct Window(*mut c_void);

impl Window {
    fn open() -> Self {
        let class: Vec<u16> = "STATIC\0".encode_utf16().collect();
        // SAFETY: a class that every system has; a window for messages alone.
        let window = unsafe {
            CoInitializeEx(ptr::null(), COINIT_APARTMENTTHREADED);
            let (none, messages_only) = (
                ptr::null_mut(),
                ptr::without_provenance_mut(-3_isize as usize),
            );
            CreateWindowExW(
                0,
                class.as_ptr(),
                ptr::null(),
                0,
                0,
                0,
                0,
                0,
                messages_only,
                none,
                none,
                none,
            )
        };
        assert!(!window.is_null(), "a window");
        Self(window)
    }

    /// Its number, for other threads.
    fn number(&self) -> usize {
        self.0 as usize
    }
}

/// Sends to a window: returns when its thread has answered.
fn send(window: usize) {
    // SAFETY: a message that does nothing, to a window or none.
    unsafe { SendMessageW(window as *mut c_void, WM_NULL, 0, 0) };
}

impl Drop for Window {
    fn drop(&mut self) {
        // SAFETY: this thread's own.
        unsafe {
            DestroyWindow(self.0);
            CoUninitialize();
        }
    }
}

contract_tests! {
    fn sync_16_a_logoff_on_an_sta_answers_what_is_sent_to_it(backend) {
        let window = Window::open();
        let number = window.number();
        let rig = backend.rig(Orders::until_cancelled());
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        // As a callback does that shows progress on Outlook's own thread.
        let callback = rig.host.callback(progress_only(move || {
            if counted.fetch_add(1, Ordering::SeqCst) > 0 {
                send(number);
            }
            S_OK
        }));
        let run = rig.ask(&callback);
        wait_for_call(&callback);
        // SAFETY: this thread's window.
        assert_ne!(unsafe { PostMessageW(window.0, WM_APP, 0, 0) }, 0);
        rig.store.cancel().expect("StoreLogoff");
        assert_eq!(run.result(), Some(Status(MAPI_E_USER_CANCEL)), "it was waited for");
        let mut message = [0; 8];
        // SAFETY: room for a MSG, which is smaller.
        let posted = unsafe { PeekMessageW(&raw mut message, window.0, WM_APP, WM_APP, PM_REMOVE) };
        assert_ne!(posted, 0, "what was posted stays");
        assert!(run.wait(SOON));
        drop((run, callback));
        rig.finish();
    }
}

/// A store that a thread keeps, and logs off when it ends: under the loader's lock.
struct Kept(IMsgStore, Gate);

impl Drop for Kept {
    fn drop(&mut self) {
        self.1.pass();
        // The other thread asks meanwhile, and gets as far as the loader lets it.
        thread::sleep(Duration::from_millis(300));
        let mut flags = LogoffFlags::LOGOFF_ORDERLY;
        // SAFETY: a live variable.
        assert_eq!(unsafe { self.0.StoreLogoff(&raw mut flags) }, S_OK);
    }
}

thread_local! {
    static KEPT: RefCell<Option<Kept>> = const { RefCell::new(None) };
}

#[test]
fn sync_19_a_logoff_in_a_thread_locals_destructor_does_not_deadlock() {
    let rig = Script::new(|job| job.check()).rig_in(Variant::Hasty);
    let gate = Gate::default();
    gate.open();
    let kept = Kept(rig.store.interface().clone(), gate.clone());
    let ending = thread::spawn(move || KEPT.with(|place| *place.borrow_mut() = Some(kept)));
    gate.wait_for_arrival();
    let run = rig.store.synchronize(&SyncRequest::default());
    assert!(run.started().expect("accepted").wait(SOON));
    ending.join().expect("no panic");
    drop(run);
    rig.finish();
}
