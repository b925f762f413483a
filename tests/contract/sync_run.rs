//! A run and what is reported about it (SYNC-10 to SYNC-14).

use std::panic::panic_any;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use mapi_provider::abi::{
    E_UNEXPECTED, HRESULT, IMAPISession, IMAPISession_Impl, IMAPISyncProgressCallback,
    IMAPISyncProgressCallback_Impl, MAPI_E_CALL_FAILED, MAPI_E_NETWORK_ERROR, MAPI_E_TOO_BIG,
    MAPI_W_ERRORS_RETURNED, S_OK,
};
use mapi_provider::object::{Object, ObjectRef};
use mapi_provider::platform::Event;
use mapi_provider::{MapiObject, SyncError};
use mapi_provider_host::{CallKind, ProgressCallback, Status, SyncRequest, callback_count};

use crate::support::script::Script;
use crate::support::{Gate, Orders, SOON, contract_tests, done_order};

/// The positions told.
fn positions(callback: &ProgressCallback) -> Vec<(u32, u32)> {
    let position = |kind| match kind {
        CallKind::Progress { index, max, .. } => Some((index, max)),
        _ => None,
    };
    callback.kinds().into_iter().filter_map(position).collect()
}

contract_tests! {
    fn sync_10_progress_comes_first_and_done_last_on_one_thread(backend) {
        let rig = backend.rig(Orders::steps(3));
        let callback = rig.callback();
        let run = rig.ask(&callback);
        assert!(run.started().expect("accepted").wait(SOON));
        done_order(&callback, 1);
        assert_eq!(positions(&callback), [(0, 3), (1, 3), (2, 3), (3, 3)]);
        let handle = run.event().expect("an event").as_raw() as usize;
        let done = CallKind::Done { event: handle, status: Status(S_OK) };
        assert_eq!(callback.kinds().last(), Some(&done), "with the handle that was given out");
        drop((run, callback));
        rig.finish();
    }

    fn sync_10_errors_come_before_done_too(backend) {
        let rig = backend.rig(Orders { fail: Some(0x8004_0115), ..Orders::steps(2) });
        let callback = rig.callback();
        assert_eq!(rig.run_with(&callback), Status(MAPI_E_NETWORK_ERROR));
        done_order(&callback, 1);
        let kinds = callback.kinds();
        assert!(matches!(kinds[kinds.len() - 2], CallKind::Error { .. }), "{kinds:?}");
        drop(callback);
        rig.finish();
    }

    fn sync_11_counts_are_back_when_the_event_is_signalled(backend) {
        let rig = backend.rig(Orders::steps(1));
        let sessions = rig.host.session_count();
        for _ in 0..20 {
            let callback = rig.callback();
            let run = rig.store.synchronize(&SyncRequest::default().session(&rig.host).callback(&callback));
            assert!(run.wait(SOON));
            assert_eq!((rig.host.session_count(), callback_count(&callback)), (sessions, 1));
        }
        rig.finish();
    }

    fn sync_11_session_and_callback_go_after_done_and_before_the_event(backend) {
        let rig = backend.rig(Orders::steps(1));
        let (gate, log, event) = (Gate::default(), Log::default(), Arc::<Mutex<Option<Event>>>::default());
        let witness = |name, gate| {
            ObjectRef::new(Witness { name, gate, log: Arc::clone(&log), event: Arc::clone(&event) })
        };
        let request = SyncRequest {
            session: Some(witness("session", None).into_interface()),
            other_callback: Some(witness("callback", Some(gate.clone())).into_unknown()),
            ..SyncRequest::default()
        };
        let run = rig.store.synchronize(&request);
        *event.lock().expect("not poisoned") = Some(run.event().expect("accepted").duplicate().expect("an event"));
        // What is left is the provider's.
        drop(request);
        gate.open();
        assert!(run.wait(SOON));
        let mut log = log.lock().expect("not poisoned").clone();
        assert_eq!(log.remove(0), ("Done", false), "before everything else, and the event is not signalled");
        log.sort_unstable();
        assert_eq!(log, [("callback released", false), ("session released", false)]);
        drop(run);
        rig.finish();
    }

    fn sync_11_everything_can_go_when_the_event_is_signalled(backend) {
        for _ in 0..10 {
            let rig = backend.rig(Orders::steps(1));
            let run = rig.store.synchronize(&SyncRequest::default().session(&rig.host));
            assert!(run.wait(SOON));
            drop(run);
            rig.finish();
        }
    }

    fn sync_12_a_failure_is_told_once_with_its_code_and_a_text(backend) {
        let rig = backend.rig(Orders { fail: Some(0x8004_0115), ..Orders::steps(1) });
        let callback = rig.callback();
        assert_eq!(rig.run_with(&callback), Status(MAPI_E_NETWORK_ERROR));
        let errors = callback.errors();
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].0, Status(MAPI_E_NETWORK_ERROR));
        assert!(errors[0].1.contains("80040115"), "{errors:?}");
        drop(callback);
        rig.finish();
    }

    fn sync_12_a_cancelled_run_and_one_that_went_well_tell_no_error(backend) {
        let rig = backend.rig(Orders::until_cancelled());
        let callback = rig.callback();
        let run = rig.ask(&callback);
        crate::support::wait_for_call(&callback);
        rig.store.cancel().expect("StoreLogoff");
        assert!(run.wait(SOON));
        rig.change(Orders::steps(1));
        assert_eq!(rig.run_with(&callback), Status(S_OK));
        assert_eq!(callback.errors(), []);
        drop((run, callback));
        rig.finish();
    }

    fn sync_13_a_panic_is_an_error_and_the_next_run_goes_well(backend) {
        let rig = backend.rig(Orders { panic: true, ..Orders::steps(1) });
        let callback = rig.callback();
        for _ in 0..3 {
            assert_eq!(rig.run_with(&callback), Status(E_UNEXPECTED));
        }
        let errors = callback.errors();
        assert_eq!(errors.len(), 3);
        assert!(errors.iter().all(|(status, text)| {
            *status == Status(E_UNEXPECTED) && text.contains("SYNC_TEST_PANIC is set")
        }), "{errors:?}");
        rig.change(Orders::steps(1));
        assert_eq!(rig.run_with(&callback), Status(S_OK));
        drop(callback);
        rig.finish();
    }

    fn sync_14_a_callback_that_fails_changes_nothing(backend) {
        let rig = backend.rig(Orders::steps(3));
        let callback = rig.host.callback(ProgressCallback::builder().hook(|_| MAPI_E_CALL_FAILED));
        assert_eq!(rig.run_with(&callback), Status(S_OK));
        assert_eq!(positions(&callback).len(), 4, "it is told all the same");
        rig.change(Orders { fail: Some(0x8004_0115), ..Orders::steps(1) });
        assert_eq!(rig.run_with(&callback), Status(MAPI_E_NETWORK_ERROR));
        drop(callback);
        rig.finish();
    }

    fn sync_14_a_callback_that_panics_changes_nothing(backend) {
        let rig = backend.rig(Orders::steps(2));
        let callback = rig.host.callback(ProgressCallback::builder().hook(|_| panic!("a callback's own")));
        assert_eq!(rig.run_with(&callback), Status(S_OK));
        done_order(&callback, 1);
        drop(callback);
        rig.finish();
    }

    fn sync_14_a_slow_callback_changes_nothing(backend) {
        let rig = backend.rig(Orders::steps(3));
        let callback = rig.host.callback(ProgressCallback::builder().hook(|_| {
            thread::sleep(Duration::from_millis(30));
            S_OK
        }));
        assert_eq!(rig.run_with(&callback), Status(S_OK));
        assert_eq!(positions(&callback), [(0, 3), (1, 3), (2, 3), (3, 3)]);
        drop(callback);
        rig.finish();
    }

    fn sync_14_a_tight_loop_is_limited_and_its_last_position_arrives(backend) {
        const STEPS: u32 = 100_000;
        let rig = backend.rig(Orders::steps(STEPS));
        let callback = rig.callback();
        let begin = Instant::now();
        assert_eq!(rig.run_with(&callback), Status(S_OK));
        let told = positions(&callback);
        // Forty a second go on beyond a burst of some thirty.
        let most = 50 + begin.elapsed().as_millis() / 20;
        assert!((told.len() as u128) < most, "{} calls, of which {most} are too many", told.len());
        assert_eq!(told.last(), Some(&(STEPS, STEPS)));
        assert!(told.is_sorted());
        drop(callback);
        rig.finish();
    }
}

type Log = Arc<Mutex<Vec<(&'static str, bool)>>>;

/// Session or callback that notes whether the event was signalled when it was released.
#[derive(MapiObject)]
#[mapi(implements(IMAPISession, IMAPISyncProgressCallback))]
struct Witness {
    name: &'static str,
    gate: Option<Gate>,
    log: Log,
    event: Arc<Mutex<Option<Event>>>,
}

impl Witness {
    fn note(&self, what: &'static str) {
        let signalled = self
            .event
            .lock()
            .expect("not poisoned")
            .as_ref()
            .is_none_or(|e| e.wait(Some(Duration::ZERO)));
        self.log
            .lock()
            .expect("not poisoned")
            .push((what, signalled));
    }
}

impl IMAPISession_Impl for Witness {}

impl IMAPISyncProgressCallback_Impl for Witness {
    unsafe fn Progress(this: &Object<Self>, _text: *const u16, _index: u32, _max: u32) -> HRESULT {
        this.gate.iter().for_each(Gate::pass);
        S_OK
    }

    unsafe fn Done(
        this: &Object<Self>,
        _event: *mut std::ffi::c_void,
        _result: HRESULT,
    ) -> HRESULT {
        this.note("Done");
        S_OK
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        self.note(if self.name == "session" {
            "session released"
        } else {
            "callback released"
        });
    }
}

#[test]
fn sync_12_a_warning_leaves_the_run_a_success() {
    let rig = Script::new(|job| {
        job.warn("one message was left out");
        job.warn("another");
        Ok(())
    })
    .rig();
    let callback = rig.callback();
    assert_eq!(rig.run_with(&callback), Status(S_OK));
    let warning = |text: &str| (Status(MAPI_W_ERRORS_RETURNED), text.to_owned());
    assert_eq!(
        callback.errors(),
        [warning("one message was left out"), warning("another")]
    );
    done_order(&callback, 1);
    drop(callback);
    rig.finish();
}

#[test]
fn sync_12_any_error_becomes_a_code_and_a_readable_text() {
    let rig = Script::new(|_| Ok(std::fs::read("no such file").map(drop)?)).rig();
    let callback = rig.callback();
    let status = rig.run_with(&callback);
    let errors = callback.errors();
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].0, status);
    assert!(!errors[0].1.is_empty());
    drop(callback);
    rig.finish();
}

#[test]
fn sync_12_what_fails_because_of_a_cancellation_is_a_cancellation() {
    let under_way = Gate::default();
    under_way.open();
    let arrived = under_way.clone();
    let rig = Script::new(move |job| {
        arrived.pass();
        // As a connection does that is closed under a read.
        let _ = job.wait(SOON);
        Err(SyncError::new(
            MAPI_E_NETWORK_ERROR,
            "the connection was closed",
        ))
    })
    .rig();
    let callback = rig.callback();
    let run = rig.ask(&callback);
    under_way.wait_for_arrival();
    rig.store.cancel().expect("StoreLogoff");
    assert!(run.wait(SOON));
    assert_eq!(
        run.result(),
        Some(Status(mapi_provider::abi::MAPI_E_USER_CANCEL))
    );
    assert_eq!(callback.errors(), []);
    drop((run, callback));
    rig.finish();
}

/// A panic's payload that panics when it is dropped.
struct Bomb(Arc<AtomicUsize>);

impl Drop for Bomb {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
        panic!("dropping the payload");
    }
}

#[test]
fn sync_13_a_panic_with_any_payload_ends_the_run_and_no_more() {
    let (runs, dropped) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
    let payload_drops = Arc::clone(&dropped);
    let rig = Script::new(move |_| match runs.fetch_add(1, Ordering::Relaxed) {
        0 => panic_any(7_u8),
        1 => panic_any(Bomb(Arc::clone(&payload_drops))),
        2 => panic!("{}", "a text of its own"),
        _ => Ok(()),
    })
    .rig();
    let callback = rig.callback();
    let results: Vec<Status> = (0..4).map(|_| rig.run_with(&callback)).collect();
    let panicked = Status(E_UNEXPECTED);
    assert_eq!(results, [panicked, panicked, panicked, Status(S_OK)]);
    assert_eq!(dropped.load(Ordering::Relaxed), 1);
    let errors = callback.errors();
    assert_eq!(errors.len(), 3);
    assert!(
        errors
            .iter()
            .all(|(status, text)| *status == panicked && !text.is_empty()),
        "{errors:?}"
    );
    assert!(errors[2].1.contains("a text of its own"));
    drop(callback);
    rig.finish();
}

#[test]
fn sync_13_progress_before_a_panic_arrives() {
    let rig = Script::new(|job| {
        for step in 0..100 {
            job.progress("Downloading", step, 100)?;
        }
        panic!("on purpose")
    })
    .rig();
    let callback = rig.callback();
    assert_eq!(rig.run_with(&callback), Status(E_UNEXPECTED));
    assert_eq!(
        positions(&callback).last(),
        Some(&(99, 100)),
        "the last position always arrives (SYNC-14)"
    );
    drop(callback);
    rig.finish();
}

#[test]
fn sync_14_the_last_position_arrives_with_its_text() {
    let rig = Script::new(|job| {
        for step in 1..=1000 {
            job.progress(format!("Letter {step} 🦀"), step, 1000)?;
        }
        Err(SyncError::new(MAPI_E_TOO_BIG, "enough"))
    })
    .rig();
    let callback = rig.callback();
    assert_eq!(rig.run_with(&callback), Status(MAPI_E_TOO_BIG));
    let kinds = callback.kinds();
    let last = CallKind::Progress {
        text: "Letter 1000 🦀".to_owned(),
        index: 1000,
        max: 1000,
    };
    assert_eq!(
        kinds.iter().rev().nth(2),
        Some(&last),
        "before Error and Done"
    );
    drop(callback);
    rig.finish();
}

#[test]
fn sync_14_many_warnings_are_counted_and_not_all_told() {
    const WARNINGS: usize = 5_000;
    let rig = Script::new(|job| {
        (0..WARNINGS).for_each(|number| job.warn(format!("message {number} was left out")));
        Ok(())
    })
    .rig();
    let callback = rig.callback();
    assert_eq!(rig.run_with(&callback), Status(S_OK));
    let told = callback.errors();
    assert!((2..1000).contains(&told.len()), "{}", told.len());
    let (_, last) = told.last().expect("some were told");
    let kept_back = WARNINGS - (told.len() - 1);
    assert_eq!(*last, format!("{kept_back} more warnings are not shown"));
    drop(callback);
    rig.finish();
}
