//! Each test holds on every system; what differs is what they run on.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::system::own_library;
use super::{
    Bell, Event, LastWords, WorkerScope, deadline, mapi_folders, open_unlinked, spawn_worker,
};
use crate::manifest::Unload;

const SOON: Duration = Duration::from_secs(20);

#[test]
fn sync_08_an_event_is_signalled_through_any_of_its_handles_for_good() {
    let event = Event::create().expect("an event");
    assert_ne!(event.as_raw(), std::ptr::null_mut());
    let other = event.duplicate().expect("a duplicate");
    assert_ne!(event.as_raw(), other.as_raw());
    // SAFETY: an open event.
    let third = unsafe { Event::duplicate_raw(event.as_raw()) }.expect("a duplicate");
    assert!(!event.wait(Some(Duration::ZERO)) && !other.wait(Some(Duration::from_millis(1))));
    drop(event);
    other.signal();
    other.signal();
    drop(other);
    assert!((0..3).all(|_| third.wait(Some(SOON))));
    assert!(third.wait(None));
}

#[test]
fn sync_08_a_handle_that_was_given_away_stays_open() {
    let event = Event::create().expect("an event");
    let ours = event.duplicate().expect("a duplicate");
    let raw = event.into_raw();
    ours.signal();
    drop(ours);
    // SAFETY: given away above, and taken back once.
    assert!(unsafe { Event::from_raw(raw) }.wait(Some(SOON)));
}

#[test]
fn an_event_wakes_who_waits() {
    let event = Event::create().expect("an event");
    // The last two are beyond what the clock can count.
    let times = [
        None,
        Some(Duration::MAX),
        Some(Duration::from_secs(u64::MAX)),
    ];
    let waiters = times.map(|time| {
        let other = event.duplicate().expect("a duplicate");
        thread::spawn(move || other.wait(time))
    });
    event.signal();
    for waiter in waiters {
        assert!(waiter.join().expect("no panic"));
    }
}

#[test]
fn sync_11_the_last_words_come_after_everything_of_the_body() {
    struct Tell(mpsc::Sender<&'static str>);
    impl Drop for Tell {
        fn drop(&mut self) {
            // Whoever listens is there until the event is signalled.
            let _ = self.0.send("dropped");
        }
    }
    for unload in [Unload::AfterRun, Unload::Never] {
        let event = Event::create().expect("an event");
        let ours = event.duplicate().expect("a duplicate");
        let (sender, heard) = mpsc::channel();
        let (caller, captured) = (thread::current().id(), Tell(sender));
        let body = move || {
            let _captured = captured;
            assert_ne!(thread::current().id(), caller);
            let mut words = LastWords::default();
            words.push(Some(ours));
            words
        };
        spawn_worker(unload, body).expect("a thread");
        assert!(event.wait(Some(SOON)));
        assert_eq!(heard.try_recv(), Ok("dropped"));
    }
}

#[test]
fn sync_16_a_bell_is_waited_for_until_a_point_in_time() {
    let bell = std::sync::Arc::new(Bell::new());
    let begin = Instant::now();
    assert!(!bell.wait_until(Some(begin + Duration::from_millis(30))));
    assert!(begin.elapsed() >= Duration::from_millis(30));
    let other = std::sync::Arc::clone(&bell);
    let ringer = thread::spawn(move || other.ring());
    assert!(bell.wait_until(deadline(SOON)));
    ringer.join().expect("no panic");
    assert!(!bell.wait_until(Some(begin)), "a ring is heard once");
    bell.ring();
    assert!(bell.wait_until(Some(begin)), "and is not lost");
}

/// Windows of a thread.
#[cfg(windows)]
mod messages {
    use std::ffi::c_void;
    use std::ptr;

    use super::*;

    #[link(name = "user32")]
    unsafe extern "system" {
        fn GetMessageW(message: *mut [usize; 8], window: *mut c_void, first: u32, last: u32)
        -> i32;
        fn PostThreadMessageW(thread: u32, message: u32, wide: usize, long: isize) -> i32;
        fn SendMessageTimeoutW(
            window: *mut c_void,
            message: u32,
            wide: usize,
            long: isize,
            flags: u32,
            milliseconds: u32,
            result: *mut usize,
        ) -> isize;
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
    }

    const WM_APP: u32 = 0x8000;

    #[test]
    fn sync_16_a_bell_answers_what_is_sent_and_leaves_what_was_posted() {
        let class: Vec<u16> = "STATIC\0".encode_utf16().collect();
        let none = ptr::null_mut();
        // SAFETY: a class that every system has; a window for messages alone.
        let window = unsafe {
            let parent = ptr::without_provenance_mut(-3_isize as usize);
            CreateWindowExW(
                0,
                class.as_ptr(),
                ptr::null(),
                0,
                0,
                0,
                0,
                0,
                parent,
                none,
                none,
                none,
            )
        };
        assert!(!window.is_null());
        // SAFETY: this very thread, which has a queue, for it has a window.
        assert_ne!(
            unsafe { PostThreadMessageW(super::super::current_thread(), WM_APP, 7, 0) },
            0
        );
        let bell = std::sync::Arc::new(Bell::new());
        let (other, number) = (std::sync::Arc::clone(&bell), window as usize);
        let sender = thread::spawn(move || {
            let mut result = 0;
            // SAFETY: a message that does nothing, to a window; a live variable.
            let answered = unsafe {
                let wait = SOON.as_millis() as u32;
                SendMessageTimeoutW(number as *mut c_void, 0, 0, 0, 0, wait, &raw mut result)
            };
            other.ring();
            answered != 0
        });
        assert!(bell.wait_until(None), "rung once the message was answered");
        assert!(sender.join().expect("no panic"));
        let mut message = [0_usize; 8];
        // SAFETY: room for a MSG, which is smaller; the message is there.
        unsafe {
            assert_eq!(GetMessageW(&raw mut message, none, WM_APP, WM_APP), 1);
            DestroyWindow(window);
        }
    }
}

#[test]
fn waits_without_an_end_have_none() {
    assert_eq!(deadline(Duration::MAX), None);
    let event = Event::create().expect("an event");
    event.signal();
    assert!(event.wait(Some(Duration::MAX)));
    let bell = Bell::new();
    bell.ring();
    assert!(bell.wait_until(deadline(Duration::MAX)));
}

#[test]
fn sync_22_last_words_are_said_however_a_body_ends() {
    let event = Event::create().expect("an event");
    let ours = event.duplicate().expect("an event");
    let ended = std::panic::catch_unwind(|| {
        let mut words = LastWords::default();
        words.push(Some(ours));
        std::panic::resume_unwind(Box::new("on purpose"));
    });
    assert!(ended.is_err() && event.wait(Some(Duration::ZERO)));
}

#[test]
fn sync_20_a_scope_can_be_entered_again_and_again() {
    thread::spawn(|| {
        for is_service in [false, true, false] {
            WorkerScope::enter(is_service).leave();
        }
        // Two at once, as where the caller has one of its own.
        let outer = WorkerScope::enter(false);
        WorkerScope::enter(false).leave();
        outer.leave();
    })
    .join()
    .expect("no panic");
}

/// COM as a thread has it.
#[cfg(windows)]
mod com {
    use super::*;

    const MTA: i32 = 1;
    const IMPLICIT_MTA: i32 = 1;

    #[link(name = "ole32")]
    unsafe extern "system" {
        fn CoGetApartmentType(apartment: *mut i32, qualifier: *mut i32) -> windows_core::HRESULT;
    }

    /// Whether this thread itself is initialised for the multithreaded apartment; none where it is for
    /// another one.
    fn is_initialised() -> bool {
        let (mut apartment, mut qualifier) = (-1, -1);
        // SAFETY: live variables.
        let known = unsafe { CoGetApartmentType(&raw mut apartment, &raw mut qualifier) }.is_ok();
        // Where another thread is in the multithreaded apartment, all that are in none count as in it.
        known && apartment == MTA && qualifier != IMPLICIT_MTA
    }

    #[test]
    fn sync_20_com_is_multithreaded_within_and_left_in_balance() {
        thread::spawn(|| {
            assert!(!is_initialised());
            for _ in 0..3 {
                let outer = WorkerScope::enter(false);
                assert!(is_initialised());
                WorkerScope::enter(false).leave();
                assert!(is_initialised(), "the outer one is still there");
                outer.leave();
                assert!(!is_initialised());
            }
        })
        .join()
        .expect("no panic");
    }
}

#[test]
fn the_own_library_is_a_file_and_here_the_program() {
    let program = std::env::current_exe().expect("a test knows where it is");
    let library = own_library().expect("it was loaded from somewhere");
    assert!(library.is_absolute() && library.is_file(), "{library:?}");
    assert_eq!(
        library.canonicalize().expect("a file"),
        program.canonicalize().expect("a file")
    );
}

#[test]
fn folders_of_mapi_are_folders() {
    let folders = mapi_folders();
    assert!(!folders.is_empty());
    for folder in folders {
        assert!(folder.is_absolute() && folder.is_dir(), "{folder:?}");
    }
}

#[test]
fn sync_23_a_file_of_two_names_is_not_opened_for_it_may_be_anothers() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    let options = || {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        options
    };
    let mut made = open_unlinked(&file, &options()).expect("it is made");
    made.write_all(b"a").expect("writable");
    drop(made);
    let mut again = open_unlinked(&file, &options()).expect("it is there");
    again.write_all(b"b").expect("writable");
    drop(again);
    fs::hard_link(&file, folder.path().join("other")).expect("a second name");
    let error = open_unlinked(&file, &options()).expect_err("it has two names");
    assert_eq!(error.kind(), ErrorKind::TooManyLinks, "{error}");
    assert_eq!(fs::read(&file).expect("readable"), b"ab");
    assert!(open_unlinked(folder.path(), OpenOptions::new().read(true)).is_err());
}
