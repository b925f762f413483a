//! Waiting, cancelling, coming again.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mapi_provider::abi::{
    E_UNEXPECTED, MAPI_E_BUSY, MAPI_E_CALL_FAILED, MAPI_E_NETWORK_ERROR, MAPI_E_USER_CANCEL,
    MAPI_E_WAIT, PR_STATUS_CODE, S_OK, SpoolerNotifyFlags, StatusFlags, TransportNotifyFlags,
};
use mapi_provider::transport::SendError;
use mapi_provider_host::{TransportOptions, Value};

use crate::rig::{Rig, envelope, hasty, responsible, value};

/// Longer than any test: nothing waits for it.
const LONG: Duration = Duration::from_secs(600);

#[test]
fn xp_13_references_are_told_before_the_message_is_touched_and_never_twice() {
    let rig = Rig::new(|_, _| Ok(()));
    let mut known = vec![0, 1];
    for _ in 0..5 {
        let message = rig.message(&["a@x"]);
        let sent = rig.spooler.submit(&message);
        assert!(!known.contains(&sent.reference), "{}", sent.reference);
        known.push(sent.reference);
        drop(message);
    }
    rig.finish();
}

#[test]
fn xp_19_a_temporary_failure_leaves_the_message_and_says_when_to_come_again() {
    type Failure = fn() -> SendError;
    let failures: [(Failure, _, usize); 4] = [
        (|| SendError::later("busy"), MAPI_E_WAIT, 7),
        (
            || SendError::later("busy").after(Duration::from_secs(90)),
            MAPI_E_WAIT,
            90,
        ),
        (
            || SendError::later("busy").after(Duration::ZERO),
            MAPI_E_WAIT,
            1,
        ),
        (
            || std::io::Error::from(std::io::ErrorKind::ConnectionReset).into(),
            MAPI_E_NETWORK_ERROR,
            7,
        ),
    ];
    for (failure, status, seconds) in failures {
        let rig = Rig::new(move |_, _| Err(failure()));
        let message = rig.message(&["a@x"]);
        let sent = rig.spooler.submit(&message);
        assert_eq!((sent.status, sent.seconds), (status, seconds));
        assert_eq!(responsible(&message), [false]);
        assert!(rig.spooler.record().reports.is_empty());
        drop(message);
        rig.finish();
    }
}

#[test]
fn xp_19_who_was_accepted_is_not_sent_to_when_the_message_comes_again() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&seen);
    let rig = Rig::new(move |mail, delivery| {
        let first = {
            let mut seen = noted.lock().expect("no panic");
            seen.push(envelope(mail));
            seen.len() == 1
        };
        if first {
            delivery.accepted(&mail.envelope()[0]);
            return Err(SendError::later("busy"));
        }
        Ok(())
    });
    let message = rig.message(&["a@x", "b@x"]);
    assert_eq!(rig.spooler.submit(&message).status, MAPI_E_WAIT);
    assert_eq!(rig.spooler.submit(&message).status, S_OK);
    let seen = seen.lock().expect("no panic").clone();
    assert_eq!(seen, [vec!["a@x", "b@x"], vec!["b@x"]]);
    assert_eq!(responsible(&message), [true, true]);
    drop(message);
    rig.finish();
}

#[test]
fn xp_20_send_timeout_ends_the_wait_and_what_is_accepted_later_is_remembered() {
    let (begun, has_begun) = channel();
    let (go, may_go) = channel::<()>();
    let may_go = Mutex::new(may_go);
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    // It does not notice that it is cancelled.
    let send = move |_: &_, _: &mapi_provider::transport::Delivery<'_>| {
        counted.fetch_add(1, Ordering::SeqCst);
        begun.send(()).expect("somebody listens");
        let _ = may_go.lock().expect("no panic").recv();
        Ok(())
    };
    let rig = Rig::of(&hasty::PROVIDER, TransportOptions::default(), send);
    let message = rig.message(&["a@x"]);
    let sent = rig.spooler.submit(&message);
    assert_eq!((sent.status, sent.seconds), (MAPI_E_WAIT, 3));
    has_begun.recv().expect("it began");
    assert_eq!(responsible(&message), [false]);
    // While it is still being sent, it is not sent a second time.
    assert_eq!(rig.spooler.submit(&message).status, MAPI_E_WAIT);
    drop(go);
    // The spooler comes again, as it was told.
    while rig.spooler.submit(&message).status == MAPI_E_WAIT {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    assert_eq!(responsible(&message), [true]);
    drop(message);
    rig.finish();
}

#[test]
fn xp_20_the_spooler_is_yielded_to_and_can_cancel() {
    let rig = Rig::new(|_, delivery| {
        assert!(delivery.cancel_token().wait(LONG), "it is cancelled");
        delivery.check()
    });
    rig.spooler.on_yield(|| true);
    let message = rig.message(&["a@x"]);
    let sent = rig.spooler.submit(&message);
    assert_eq!((sent.status, sent.seconds), (MAPI_E_USER_CANCEL, 0));
    assert!(rig.spooler.record().yields > 0);
    assert_eq!(responsible(&message), [false]);
    drop(message);
    rig.finish();
}

#[test]
fn xp_12_a_cancelled_message_is_not_sent_and_who_was_accepted_stays_so() {
    let (begun, has_begun) = channel();
    let rig = Rig::new(move |mail, delivery| {
        delivery.accepted(&mail.envelope()[0]);
        begun.send(()).expect("somebody listens");
        delivery.cancel_token().wait(LONG);
        delivery.check()
    });
    let message = rig.message(&["a@x", "b@x"]);
    let spooler = &rig.spooler;
    let sent = std::thread::scope(|scope| {
        // From a second thread, by NOTIFY_CANCEL_MESSAGE, before the reference is known to the spooler.
        scope.spawn(move || {
            has_begun.recv().expect("it began");
            let cancel = TransportNotifyFlags::NOTIFY_CANCEL_MESSAGE;
            // Another's reference cancels nothing.
            assert_eq!(
                spooler.notify(cancel, 0xFFFF_0000),
                (S_OK, cancel, 0xFFFF_0000)
            );
            assert_eq!(spooler.notify(cancel, 0), (S_OK, cancel, 0)); // XP-11
        });
        spooler.submit(&message)
    });
    assert_eq!(sent.status, MAPI_E_USER_CANCEL);
    assert_eq!(responsible(&message), [true, false]);
    drop(message);
    rig.finish();
}

#[test]
fn xp_12_a_cancel_from_inside_getprops_is_not_lost() {
    cancelled_inside("GetProps");
}

#[test]
fn xp_12_a_cancel_just_before_the_logic_begins_is_not_lost() {
    cancelled_inside("GetAttachmentTable");
}

/// The spooler cancels the first time that this method of the message is called.
fn cancelled_inside(within: &'static str) {
    let called = Arc::new(AtomicBool::new(false));
    let noted = Arc::clone(&called);
    let rig = Rig::new(move |_, _| {
        noted.store(true, Ordering::SeqCst);
        Ok(())
    });
    let message = rig.message(&["a@x"]);
    let logon = rig.spooler.interface().clone();
    let logon = Mutex::new(Some(Sending(logon)));
    message.on_call(move |method, _| {
        if method == within
            && let Some(Sending(logon)) = logon.lock().expect("no panic").take()
        {
            let mut flags = TransportNotifyFlags::NOTIFY_CANCEL_MESSAGE;
            let mut data = std::ptr::null_mut();
            // SAFETY: both places are locals.
            let status = unsafe { logon.TransportNotify(&mut flags, &mut data) };
            assert_eq!(status, S_OK);
        }
        None
    });
    assert_eq!(rig.spooler.submit(&message).status, MAPI_E_USER_CANCEL);
    assert!(!called.load(Ordering::SeqCst));
    assert_eq!(responsible(&message), [false]);
    message.let_be();
    drop(message);
    rig.finish();
}

/// A logon that a test's closure takes along; it stays on its thread.
struct Sending(mapi_provider::abi::IXPLogon);

// SAFETY: the objects of a transport are free-threaded but for its status object.
unsafe impl Send for Sending {}

#[test]
fn xp_14_a_submission_within_another_is_refused_at_once() {
    let rig = Rig::new(|_, _| Ok(()));
    let (message, inner) = (rig.message(&["a@x"]), rig.message(&["b@x"]));
    let logon = Sending(rig.spooler.interface().clone());
    let within = Taken(inner.interface());
    let state = Mutex::new(Some((logon, within)));
    let answer = Arc::new(Mutex::new(None));
    let noted = Arc::clone(&answer);
    message.on_call(move |_, _| {
        if let Some((Sending(logon), Taken(inner))) = state.lock().expect("no panic").take() {
            let (mut reference, mut seconds) = (9, 9);
            let flags = mapi_provider::abi::TransportSubmitFlags::empty();
            // SAFETY: the message is alive, and the places are locals.
            let status = unsafe {
                use windows_core::Interface;
                logon.SubmitMessage(flags, inner.as_raw(), &mut reference, &mut seconds)
            };
            *noted.lock().expect("no panic") = Some((status, seconds));
        }
        None
    });
    assert_eq!(rig.spooler.submit(&message).status, S_OK);
    assert_eq!(*answer.lock().expect("no panic"), Some((MAPI_E_BUSY, 0)));
    assert!(inner.calls().is_empty());
    message.let_be();
    drop((message, inner));
    rig.finish();
}

/// A message that a test's closure takes along.
struct Taken(mapi_provider::abi::IMessage);

// SAFETY: the host's message is free-threaded.
unsafe impl Send for Taken {}

#[test]
fn xp_21_only_a_dead_transport_is_a_critical_error_and_only_once() {
    let rig = Rig::new(|_, _| Err(SendError::broken("the account is closed")));
    for _ in 0..2 {
        let message = rig.message(&["a@x"]);
        assert_eq!(rig.spooler.submit(&message).status, MAPI_E_CALL_FAILED);
        assert_eq!(responsible(&message), [false]);
        drop(message);
    }
    let record = rig.spooler.record();
    let critical = [SpoolerNotifyFlags::NOTIFY_CRITICAL_ERROR];
    assert_eq!(record.spooler_notifications, critical);
    let last = record.status_rows.last().expect("a row");
    let Some(Value::Long(code)) = value(last, PR_STATUS_CODE) else {
        panic!("{last:?}");
    };
    let code = StatusFlags::from_bits_retain(*code as u32);
    assert!(code.contains(StatusFlags::FAILURE) && !code.contains(StatusFlags::AVAILABLE));
    rig.finish();
}

#[test]
fn xp_36_a_panic_leaves_the_recipients_and_the_next_message_goes() {
    let first = AtomicBool::new(true);
    let rig = Rig::new(move |_, _| {
        assert!(
            !first.swap(false, Ordering::SeqCst),
            "the first message panics"
        );
        Ok(())
    });
    let message = rig.message(&["a@x"]);
    assert_eq!(rig.spooler.submit(&message).status, E_UNEXPECTED);
    assert_eq!(responsible(&message), [false]);
    assert_eq!(rig.spooler.submit(&message).status, S_OK);
    assert_eq!(responsible(&message), [true]);
    assert!(rig.spooler.record().spooler_notifications.is_empty());
    drop(message);
    rig.finish();
}
