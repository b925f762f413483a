use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use super::*;

/// A logic that says when it is dropped.
struct Logic(Option<Sender<()>>);

impl Drop for Logic {
    fn drop(&mut self) {
        if let Some(dropped) = &self.0 {
            let _ = dropped.send(());
        }
    }
}

fn asker() -> Asker<Logic> {
    Asker::new(Logic(None), Unload::AfterRun, false)
}

/// Longer than any test takes.
fn far() -> Instant {
    Instant::now() + Duration::from_secs(600)
}

/// A point in time that comes while a question is under way that does not end by itself.
fn soon() -> Instant {
    Instant::now() + Duration::from_millis(30)
}

/// Waits until a test's question may end.
fn hold(release: &Mutex<Receiver<()>>) {
    let _ = lock(release).recv();
}

#[test]
fn ab_32_an_answer_in_time_is_the_caller_s() {
    let asker = asker();
    assert_eq!(asker.ask(far(), |_, _| 7), Ok(7));
    assert_eq!(asker.ask(far(), |_, _| "seven"), Ok("seven"));
}

#[test]
fn ab_32_who_is_too_slow_is_left_behind_cancelled_and_his_answer_dropped() {
    struct Answer(Sender<()>);
    impl Drop for Answer {
        fn drop(&mut self) {
            let _ = self.0.send(());
        }
    }
    let asker = asker();
    let (dropped, is_dropped) = channel();
    let (cancelled, was_cancelled) = channel();
    let begun = Arc::new(AtomicUsize::new(0));
    // On a busy machine the time may be over before it begins.
    while begun.load(Ordering::Relaxed) == 0 {
        let (dropped, cancelled) = (dropped.clone(), cancelled.clone());
        let begun = Arc::clone(&begun);
        let asked = asker.ask(soon(), move |_, cancel| {
            begun.fetch_add(1, Ordering::Relaxed);
            let _ = cancelled.send(cancel.wait(Duration::from_secs(600)));
            Answer(dropped)
        });
        assert_eq!(asked.err(), Some(Trouble::Network));
    }
    assert_eq!(was_cancelled.recv(), Ok(true));
    is_dropped.recv().expect("the late answer is dropped");
}

#[test]
fn ab_32_a_panic_is_no_end() {
    let asker = asker();
    let asked = asker.ask(far(), |_, _| -> i32 {
        std::panic::resume_unwind(Box::new(""))
    });
    assert_eq!(asked, Err(Trouble::Panicked));
    assert_eq!(asker.ask(far(), |_, _| 1), Ok(1));
}

#[test]
fn ab_32_sixteen_are_left_behind_and_no_more() {
    let asker = asker();
    let (release, held) = channel::<()>();
    let held = Arc::new(Mutex::new(held));
    let begun = Arc::new(AtomicUsize::new(0));
    // On a busy machine the time may be over before one begins, and that one is not left behind.
    while begun.load(Ordering::Relaxed) < 16 {
        let (held, begun) = (Arc::clone(&held), Arc::clone(&begun));
        let asked = asker.ask(soon(), move |_, _| {
            begun.fetch_add(1, Ordering::Relaxed);
            hold(&held);
        });
        assert_eq!(asked, Err(Trouble::Network));
    }
    let counted = Arc::clone(&begun);
    let asked = asker.ask(far(), move |_, _| counted.fetch_add(100, Ordering::Relaxed));
    assert_eq!(asked, Err(Trouble::Network), "at once");
    assert!(begun.load(Ordering::Relaxed) <= 16);
    drop(release);
    // They end now, and others are asked again.
    while asker.ask(far(), |_, _| ()).is_err() {
        std::thread::yield_now();
    }
}

#[test]
fn ab_32_a_call_whose_time_is_over_asks_nothing() {
    let asker = asker();
    let asked = asker.ask(Instant::now(), |_, _| unreachable!("nobody is asked"));
    assert_eq!(asked, Err::<(), _>(Trouble::Network));
}

#[test]
fn ab_33_lookups_run_side_by_side() {
    const CALLERS: usize = 8;
    let asker = asker();
    let together = Arc::new(Barrier::new(CALLERS));
    std::thread::scope(|scope| {
        for _ in 0..CALLERS {
            let (asker, together) = (&asker, Arc::clone(&together));
            // None of them ends before all have begun.
            scope.spawn(move || asker.ask(far(), move |_, _| together.wait().is_leader()));
        }
    });
    assert_eq!(asker.ask(far(), |_, _| 1), Ok(1));
}

#[test]
fn ab_34_a_logoff_ends_lookups_at_once_and_the_logic_goes() {
    let (dropped, is_dropped) = channel();
    let asker = Asker::new(Logic(Some(dropped)), Unload::AfterRun, false);
    let (begun, has_begun) = channel();
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| {
            asker.ask(far(), move |_, cancel| {
                let _ = begun.send(());
                cancel.wait(Duration::from_secs(600))
            })
        });
        has_begun.recv().expect("it is asked");
        asker.close();
        assert_eq!(asking.join().expect("no panic"), Err(Trouble::LoggedOff));
    });
    assert_eq!(asker.ask(far(), |_, _| ()), Err(Trouble::LoggedOff));
    drop(asker);
    is_dropped.recv().expect("nothing keeps the logic");
}
