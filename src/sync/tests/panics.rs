//! Whatever panics, and wherever: who waits is told (SYNC-22).

use super::*;
use crate::platform::current_thread;

/// A panic that a test expects: without a word on the terminal.
fn panic() -> ! {
    std::panic::resume_unwind(Box::new("on purpose"))
}

#[test]
fn sync_22_a_panic_in_one_done_changes_nothing_for_the_others() {
    let door = Door::default();
    let held = door.clone();
    let engine = engine(move |_| {
        held.pass();
        Ok(())
    });
    let dones = Dones::default();
    let (one, first) = request(1, &dones);
    engine.submit(one).expect("accepted");
    door.wait_for_arrivals(1);
    let mut events = vec![first];
    for number in 2..6 {
        let (request, event) = hooked(number, &dones, move || {
            if number == 3 {
                panic();
            }
        });
        engine.submit(request).expect("accepted");
        events.push(event);
    }
    door.open();
    assert!(events.iter().all(|event| event.wait(Some(SOON))));
    assert_eq!(results(&dones), [1, 2, 3, 4, 5].map(|n| (n, S_OK)));
    let (next, event) = request(6, &dones);
    engine.submit(next).expect("accepted");
    assert!(event.wait(Some(SOON)));
}

/// An error whose destructor panics.
#[derive(Debug)]
struct Ticking;

impl std::fmt::Display for Ticking {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no answer")
    }
}

impl std::error::Error for Ticking {}

impl Drop for Ticking {
    fn drop(&mut self) {
        panic();
    }
}

#[test]
fn sync_22_an_error_that_panics_when_it_is_dropped_is_a_panic_of_the_logic() {
    let engine = engine(|_| Err(Ticking.into()));
    let dones = Dones::default();
    for number in 1..3 {
        let (one, event) = request(number, &dones);
        engine.submit(one).expect("accepted");
        assert!(event.wait(Some(SOON)));
    }
    assert_eq!(results(&dones), [1, 2].map(|n| (n, E_UNEXPECTED)));
}

/// A callback whose destructor panics.
struct Breaks;

impl Callback for Breaks {
    fn progress(&self, _: &str, _: u32, _: u32) -> HRESULT {
        S_OK
    }

    fn error(&self, _: HRESULT, _: &str) {}

    fn done(&self, _: CallerHandle, _: HRESULT) {}
}

impl Drop for Breaks {
    fn drop(&mut self) {
        panic();
    }
}

#[test]
fn sync_22_a_panic_in_a_callbacks_destructor_still_signals_its_event() {
    let engine = engine(|_| Ok(()));
    let event = Event::create().expect("an event");
    let ours = event.duplicate().expect("an event");
    let handle = CallerHandle::new(7 as *mut _);
    let broken = Request::new(
        SyncFlags::empty(),
        None,
        Some(Box::new(Breaks)),
        handle,
        ours,
    );
    engine.submit(broken).expect("accepted");
    assert!(event.wait(Some(SOON)));
    let dones = Dones::default();
    let (next, event) = request(1, &dones);
    engine.submit(next).expect("accepted");
    assert!(event.wait(Some(SOON)));
    assert_eq!(results(&dones), [(1, S_OK)]);
}

#[test]
fn sync_22_a_worker_that_goes_in_the_middle_ends_what_it_had_and_the_next_request_gets_another() {
    let dones = Dones::default();
    let line = Arc::new(Line::new(None));
    let engine = engine_on(&line, OPTIONS, |_| Ok(()));
    // A worker of our own making, which goes without having served anybody.
    let (number, logon) = line.open(Overlap::Merge, false);
    let (one, event) = request(1, &dones);
    let admitted = line.admit(number, logon, one).map_err(|(why, _)| why);
    assert!(admitted.expect("accepted").needs_worker);
    drop(line.enter(number).expect("there is something to do"));
    assert!(is_signalled(&event));
    assert_eq!(results(&dones), [(1, E_UNEXPECTED)]);
    let (two, event) = request(2, &dones);
    engine.submit(two).expect("accepted");
    assert!(event.wait(Some(SOON)));
    assert_eq!(results(&dones), [(1, E_UNEXPECTED), (2, S_OK)]);
}

#[test]
fn sync_16_a_thread_that_was_a_worker_once_is_a_caller_like_any_other() {
    let dones = Dones::default();
    let line = Arc::new(Line::new(None));
    let (number, logon) = line.open(Overlap::Merge, false);
    let (one, _event) = request(1, &dones);
    assert!(line.admit(number, logon, one).is_ok());
    let hand = line.enter(number).expect("there is something to do");
    assert!(line.is_hand(current_thread()));
    drop(hand);
    assert!(
        !line.is_hand(current_thread()),
        "its number may be anybody's by now"
    );
}
