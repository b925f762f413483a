//! What holds in every interleaving. Each check has few threads, and each thread does little: what is wrong shows in
//! a few steps, if they come in the right order.

use std::sync::Arc;

use shuttle::sync::Mutex;
use shuttle::thread;

use super::logons::Logons;
use super::stage::{Asked, Stage, at_once, check, join, quick, spawn, until_cancelled};
use super::state::Refusal;
use super::world::{Event, ProcessLock, Weather, lock};
use crate::manifest::Overlap;
use mapi_provider_abi::mapi::{MAPI_E_USER_CANCEL, S_OK};

const FAIR: Weather = Weather {
    threads_are_scarce: false,
};

/// Three threads ask, and everybody is told once.
#[test]
fn sync_15_requests_at_once_are_each_told_once() {
    check(1500, FAIR, || {
        let stage = Stage::new();
        let client = stage.open(Overlap::Merge, quick());
        at_once(3, {
            let (stage, client) = (stage.clone(), client.clone());
            move |number| {
                let asked = client.ask(number).expect("there is room");
                assert_eq!(stage.end(&asked), S_OK);
            }
        });
        stage.assert_idle(&[&client]);
    });
}

/// Concurrent asking, cancelling and asking again: nobody waits for ever, and nothing runs twice at once.
#[test]
fn sync_16_store_logoff_beside_requests() {
    check(1500, FAIR, || {
        let stage = Stage::new();
        let client = stage.open(Overlap::Merge, quick());
        at_once(3, {
            let (stage, client) = (stage.clone(), client.clone());
            move |number| {
                if number == 1 {
                    client.end(false);
                }
                let asked = client.ask(number).expect("there is room");
                if number == 2 {
                    client.end(false);
                    assert!(
                        stage.result(&asked).is_ok() || stage.result(&asked) == MAPI_E_USER_CANCEL
                    );
                }
                stage.await_end(&asked);
            }
        });
        stage.assert_idle(&[&client]);
    });
}

/// A logoff waits for what was asked for before it, though the logic goes on until it hears of it, and never for
/// what `Done` asks for: that goes on until it is cancelled too.
#[test]
fn sync_16_logoff_waits_for_earlier_and_never_for_later() {
    // A wrapped store's runs use the store of whoever asked, which must not make a difference.
    let of_both_kinds = |lends: bool| {
        let stage = Stage::new();
        let client = stage.open(Overlap::Merge, until_cancelled());
        if lends {
            client.lend();
        }
        let later: Arc<Mutex<Option<Asked>>> = Arc::default();
        let (again, kept) = (client.clone(), Arc::clone(&later));
        let asked = client.ask_and(0, move || {
            *lock(&kept) = again.ask(1).ok();
        });
        let asked = asked.expect("there is room");
        client.end(false);
        assert_eq!(
            stage.result(&asked),
            MAPI_E_USER_CANCEL,
            "it was waited for"
        );
        let later = lock(&later).take().expect("the store is open");
        assert!(!later.event.is_signalled(), "nobody has cancelled it");
        client.end(true);
        assert_eq!(stage.end(&later), MAPI_E_USER_CANCEL);
        assert_eq!(client.ask(2).err(), Some(Refusal::LoggedOff));
        stage.assert_idle(&[&client]);
    };
    check(700, FAIR, move || of_both_kinds(false));
    check(700, FAIR, move || of_both_kinds(true));
}

/// The store is released with a run under way, and opened again by two: the new runs wait for the old one, whatever
/// is cancelled meanwhile.
#[test]
fn sync_15_opened_again_it_waits_for_what_it_left_behind() {
    check(1000, FAIR, || {
        let stage = Stage::new();
        let old = stage.open(Overlap::Merge, quick());
        let left = old.ask(0).expect("there is room");
        let first = {
            let old = old.clone();
            spawn(move || old.release())
        };
        let new = stage.open(Overlap::Merge, quick());
        at_once(2, {
            let (stage, new) = (stage.clone(), new.clone());
            move |number| {
                let asked = new.ask(1 + number).expect("there is room");
                if number == 0 {
                    new.end(false);
                }
                stage.await_end(&asked);
            }
        });
        join([first]);
        stage.await_end(&left);
        stage.assert_idle(&[&old, &new]);
    });
}

/// Client and spooler share a run. One leaves: the other's request is served to its end.
#[test]
fn sync_16_who_leaves_takes_nobody_with_him() {
    check(1000, FAIR, || {
        let stage = Stage::new();
        let client = stage.open(Overlap::Merge, quick());
        let spooler = client.beside().expect("it is open");
        let one = client.ask(0).expect("there is room");
        let two = spooler.ask(1).expect("there is room");
        let leaving = {
            let client = client.clone();
            spawn(move || client.end(true))
        };
        let waiting = {
            let (stage, two) = (stage.clone(), two);
            spawn(move || assert_eq!(stage.end(&two), S_OK, "nobody has cancelled it"))
        };
        join([leaving, waiting]);
        stage.await_end(&one);
        stage.assert_idle(&[&client, &spooler]);
    });
}

/// A logon that leaves a run that goes on for another is told while it goes on.
#[test]
fn sync_16_who_leaves_is_told_while_the_run_goes_on() {
    check(750, FAIR, || {
        let stage = Stage::new();
        let client = stage.open(Overlap::Merge, until_cancelled());
        let spooler = client.beside().expect("it is open");
        let one = client.ask(0).expect("there is room");
        let two = spooler.ask(1).expect("there is room");
        // It waits for its own: the run goes on until the spooler leaves too.
        client.end(true);
        assert_eq!(stage.result(&one), MAPI_E_USER_CANCEL);
        spooler.end(true);
        assert_eq!(stage.end(&two), MAPI_E_USER_CANCEL);
        stage.assert_idle(&[&client, &spooler]);
    });
}

/// A callback logs off, asks again or releases within its own Done: nobody waits for itself.
#[test]
fn sync_16_on_the_worker_nobody_waits() {
    check(1000, FAIR, || {
        let stage = Stage::new();
        let client = stage.open(Overlap::Merge, quick());
        let within = client.clone();
        let one = client.ask_and(0, move || {
            within.end(false);
            within.end(true);
        });
        let one = one.expect("there is room");
        let two = client.ask(1);
        stage.await_end(&one);
        if let Ok(two) = two {
            stage.await_end(&two);
        }
        stage.assert_idle(&[&client]);
    });
}

/// A run that does not end before those that wait have been told: only another thread can tell them.
#[test]
fn sync_16_what_waits_is_told_though_the_worker_is_stuck() {
    check(1000, FAIR, || {
        let stage = Stage::new();
        let (begun, told) = (Event::default(), Event::default());
        let (here, until) = (begun.clone(), told.clone());
        let client = stage.open(
            Overlap::Merge,
            Arc::new(move |_| {
                here.signal();
                until.wait();
            }),
        );
        let one = client.ask(0).expect("there is room");
        begun.wait();
        let two = client.ask_and(1, || ()).expect("there is room");
        let leaving = {
            let client = client.clone();
            spawn(move || client.end(true))
        };
        assert_eq!(stage.end(&two), MAPI_E_USER_CANCEL);
        told.signal();
        join([leaving]);
        stage.await_end(&one);
        stage.assert_idle(&[&client]);
    });
}

/// A `Done` that does not come back before others have been told, two of them in a row: only more threads can do that.
#[test]
fn sync_16_what_waits_is_told_though_a_done_is_stuck() {
    check(1000, FAIR, || {
        let stage = Stage::new();
        let (begun, last_told) = (Event::default(), Event::default());
        let (here, on) = (begun.clone(), Event::default());
        let until = on.clone();
        let client = stage.open(
            Overlap::Merge,
            Arc::new(move |_| {
                here.signal();
                until.wait();
            }),
        );
        let one = client.ask(0).expect("there is room");
        begun.wait();
        let stuck = |number| {
            let until = last_told.clone();
            client.ask_and(number, move || until.wait())
        };
        let (two, three) = (stuck(1), stuck(2));
        let told = last_told.clone();
        let four = client.ask_and(3, move || told.signal());
        client.release();
        // The run ends now, or later: worker and tellers get stuck in what they tell, in any order.
        let ending = spawn(move || on.signal());
        assert_eq!(stage.end(&four.expect("there is room")), MAPI_E_USER_CANCEL);
        join([ending]);
        for asked in [
            one,
            two.expect("there is room"),
            three.expect("there is room"),
        ] {
            stage.await_end(&asked);
        }
        stage.assert_idle(&[&client]);
    });
}

/// Threads are scarce: what is refused is refused, what is accepted is served.
#[test]
fn sync_17_where_no_thread_is_to_be_had() {
    let scarce = Weather {
        threads_are_scarce: true,
    };
    check(1500, scarce, || {
        let stage = Stage::new();
        let client = stage.open(Overlap::Merge, quick());
        let refused: Arc<Mutex<Vec<usize>>> = Arc::default();
        at_once(3, {
            let (stage, client, refused) = (stage.clone(), client.clone(), refused.clone());
            move |number| match client.ask(number) {
                Ok(asked) => stage.await_end(&asked),
                Err(refusal) => {
                    assert_eq!(refusal, Refusal::NoResources);
                    lock(&refused).push(number);
                }
            }
        });
        stage.assert_idle(&[&client]);
        let told = lock(&stage.watch.told);
        for number in &*lock(&refused) {
            assert!(told.iter().all(|(n, _)| n != number), "it was refused");
        }
    });
}

/// With `busy`, a request is served or refused, and after the event there is room.
#[test]
fn sync_15_busy_refuses_during_a_run_and_accepts_after_it() {
    check(1000, FAIR, || {
        let stage = Stage::new();
        let client = stage.open(Overlap::Busy, quick());
        at_once(2, {
            let (stage, client) = (stage.clone(), client.clone());
            move |number| match client.ask(number) {
                Ok(asked) => assert_eq!(stage.end(&asked), S_OK),
                Err(refusal) => assert_eq!(refusal, Refusal::Busy),
            }
        });
        let asked = client.ask(2).expect("the others have had their events");
        assert_eq!(stage.end(&asked), S_OK);
        stage.assert_idle(&[&client]);
    });
}

/// Another process has the store for a while: the run waits for it, and a cancellation does not.
#[test]
fn sync_15_another_process_is_waited_for() {
    check(750, FAIR, || {
        let stage = Stage::new();
        let held = ProcessLock::try_take("store")
            .expect("a place")
            .expect("nobody has it");
        let client = stage.open(Overlap::Merge, quick());
        let one = client.ask(0).expect("there is room");
        client.end(false);
        assert_eq!(stage.end(&one), MAPI_E_USER_CANCEL, "nothing can run");
        let two = client.ask(1).expect("there is room");
        let other = spawn(move || {
            thread::yield_now();
            drop(held);
        });
        assert_eq!(stage.end(&two), S_OK);
        join([other]);
        stage.assert_idle(&[&client]);
    });
}

/// A panic in the logic of one run, and in a Done: everybody is told, and the next request is served.
#[test]
fn sync_22_panics_leave_nobody_waiting() {
    check(750, FAIR, || {
        let stage = Stage::new();
        let first = Arc::new(std::sync::atomic::AtomicBool::new(true));
        let client = stage.open(
            Overlap::Merge,
            Arc::new(move |_| {
                thread::yield_now();
                if first.swap(false, std::sync::atomic::Ordering::SeqCst) {
                    std::panic::resume_unwind(Box::new("on purpose"));
                }
            }),
        );
        at_once(2, {
            let (stage, client) = (stage.clone(), client.clone());
            move |number| {
                let asked = client.ask_and(number, || {
                    std::panic::resume_unwind(Box::new("on purpose"));
                });
                stage.await_end(&asked.expect("there is room"));
            }
        });
        let next = client.ask(2).expect("there is room");
        stage.await_end(&next);
        stage.assert_idle(&[&client]);
    });
}

/// A logon whose store a run uses leaves: the run ends, whoever it is for, and is waited for. One that only cancels
/// what it asked for leaves the run to the others, and waits for its own request alone.
#[test]
fn sync_16_a_run_that_uses_a_store_ends_with_it() {
    check(1000, FAIR, || {
        let stage = Stage::new();
        let client = stage.open(Overlap::Merge, until_cancelled());
        client.lend();
        let spooler = client.beside().expect("it is open");
        let one = client.ask(0).expect("there is room");
        let two = spooler.ask(1).expect("there is room");
        client.end(false);
        assert_eq!(stage.result(&one), MAPI_E_USER_CANCEL);
        client.end(true);
        // One run was for both, or there were two: only the first of them was the client's.
        spooler.end(true);
        assert_eq!(stage.end(&two), MAPI_E_USER_CANCEL);
        stage.assert_idle(&[&client, &spooler]);
    });
}

/// One logon leaves a section as another comes to it: whichever engine that gets, it is served, and the two runs of the
/// store don't go at once.
#[test]
fn sync_15_logging_on_beside_the_last_logoff() {
    check(1000, FAIR, || {
        let stage = Stage::new();
        let first = stage.log_on("section", quick());
        at_once(3, {
            let (stage, first) = (stage.clone(), first.clone());
            move |number| {
                if number == 0 {
                    let asked = first.ask(0).expect("it is logged on");
                    first.end(true);
                    return stage.await_end(&asked);
                }
                let another = stage.log_on("section", quick());
                let asked = another.ask(number).expect("it is logged on");
                assert_eq!(stage.end(&asked), S_OK, "nobody has cancelled it");
                another.end(true);
            }
        });
        stage.assert_idle(&[&first]);
    });
}

/// Shutdown beside a request, a logoff, and what a bare last Release has left: when it returns, nothing runs and
/// nobody gets a run any more.
#[test]
fn sync_16_after_shutdown_nothing_runs() {
    check(1000, FAIR, || {
        let stage = Stage::new();
        let logons = Arc::new(Logons::default());
        let client = stage.log_on("section", until_cancelled());
        let released = stage.log_on("section", until_cancelled());
        logons.add(client.handle());
        logons.add(released.handle());
        let left = released.ask(0).expect("it is logged on");
        released.release();
        let asking = {
            let (stage, client) = (stage.clone(), client.clone());
            spawn(move || match client.ask(1) {
                Ok(asked) => assert_eq!(stage.end(&asked), MAPI_E_USER_CANCEL),
                Err(refusal) => assert_eq!(refusal, Refusal::LoggedOff),
            })
        };
        let leaving = {
            let client = client.clone();
            spawn(move || client.end(true))
        };
        logons.end_all(None);
        stage.assert_still();
        assert_eq!(client.ask(2).err(), Some(Refusal::LoggedOff));
        join([asking, leaving]);
        stage.await_end(&left);
        stage.assert_idle(&[&client, &released]);
    });
}
