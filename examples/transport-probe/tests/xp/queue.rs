//! What can't be sent now waits in the queue.

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

use mapi_provider::abi::{
    MAPI_E_BUSY, MAPI_E_CALL_FAILED, MAPI_E_FAILONEPROVIDER, MAPI_E_NO_SUPPORT, PR_EMAIL_ADDRESS_W,
    PR_MESSAGE_CLASS_W, PR_NDR_DIAG_CODE, PR_NDR_REASON_CODE, PR_REPORT_TEXT_W, PR_REPORT_TIME,
    PR_SUBJECT_W, S_OK, TransportLogonFlags,
};
use mapi_provider::transport::{Delivery, Mail, SendError};
use mapi_provider_host::{Host, OutgoingMessage, Profile, ProviderLibrary, Spooler, Value};

use crate::rig::{Rig, envelope, folder, hasty, next, patient, responsible, spoilt, value};

/// Whom each call of `send` was for.
type Calls = Arc<Mutex<Vec<Vec<String>>>>;

fn calls(of: &Calls) -> Vec<Vec<String>> {
    of.lock().expect("no panic").clone()
}

/// A `send` that notes whom it was for, and then does this; it is told how many calls there were.
fn noting(
    of: &Calls,
    then: impl Fn(usize, &Mail, &Delivery<'_>) -> Result<(), SendError> + Send + Sync + 'static,
) -> impl Fn(&Mail, &Delivery<'_>) -> Result<(), SendError> + Send + Sync + 'static {
    let calls = Arc::clone(of);
    move |mail, delivery| {
        let number = {
            let mut calls = calls.lock().expect("no panic");
            calls.push(envelope(mail));
            calls.len()
        };
        then(number, mail, delivery)
    }
}

/// The first call accepts the first recipient and leaves the others for later.
fn first_fails(number: usize, mail: &Mail, delivery: &Delivery<'_>) -> Result<(), SendError> {
    if number > 1 {
        return Ok(());
    }
    delivery.accepted(&mail.envelope()[0]);
    Err(SendError::later("busy"))
}

fn new() -> (Profile, Calls) {
    folder();
    (Profile::default(), Calls::default())
}

/// The message that comes in next.
fn receive(spooler: &Spooler) -> OutgoingMessage {
    while spooler.poll().expect("Poll") == 0 {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    let mut received = spooler.receive().expect("Poll");
    assert_eq!(received.len(), 1);
    received.remove(0)
}

#[test]
fn xp_03_with_a_queue_polling_is_asked_for_because_reports_come_in() {
    let (profile, _) = new();
    let rig = Rig::new(&patient::PROVIDER, &profile, |_, _| Ok(()));
    assert_eq!(rig.spooler.flags(), TransportLogonFlags::LOGON_SP_POLL);
    rig.finish();
}

#[test]
fn xp_19_a_temporary_failure_is_taken_over_and_sent_later() {
    let (profile, sent) = new();
    let rig = Rig::new(&patient::PROVIDER, &profile, noting(&sent, first_fails));
    let message = rig.message(&["a@x", "b@x", "c@x"]);
    let answer = rig.spooler.submit(&message);
    assert_eq!((answer.status, answer.seconds), (S_OK, 0));
    assert_eq!(responsible(&message), [true, true, true]);
    assert!(rig.spooler.record().reports.is_empty());
    drop(message);
    // XP-30: it does not wait for its time.
    rig.flush();
    rig.flush();
    let expected = [vec!["a@x", "b@x", "c@x"], vec!["b@x", "c@x"]];
    assert_eq!(calls(&sent), expected);
    rig.finish();
}

#[test]
fn xp_19_the_queue_lives_over_restarts() {
    let (profile, sent) = new();
    let rig = Rig::new(&patient::PROVIDER, &profile, noting(&sent, first_fails));
    let message = rig.message(&["a@x", "b@x"]);
    assert_eq!(rig.spooler.submit(&message).status, S_OK);
    drop(message);
    rig.finish();
    // Another profile has another queue.
    let (other, nothing) = new();
    let rig = Rig::new(&patient::PROVIDER, &other, noting(&nothing, first_fails));
    rig.flush();
    assert!(calls(&nothing).is_empty());
    rig.finish();
    let rig = Rig::new(&patient::PROVIDER, &profile, noting(&sent, first_fails));
    rig.flush();
    assert_eq!(calls(&sent)[1..], [vec!["b@x"]]);
    rig.finish();
}

#[test]
fn xp_19_what_is_sent_again_is_the_same_message() {
    let (profile, sent) = new();
    let octets = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&octets);
    let send = noting(&sent, move |number, mail, delivery| {
        let octets = (mail.id().to_owned(), mail.to_mime()?);
        noted.lock().expect("no panic").push(octets);
        first_fails(number, mail, delivery)
    });
    let rig = Rig::new(&patient::PROVIDER, &profile, send);
    let message = rig.message(&["a@x", "b@x"]);
    assert_eq!(rig.spooler.submit(&message).status, S_OK);
    drop(message);
    rig.flush();
    let octets = octets.lock().expect("no panic").clone();
    assert_eq!(octets.len(), 2);
    assert_eq!(octets[0].1, octets[1].1);
    let id = |id: &str| id.trim_matches(['<', '>']).to_owned();
    assert_eq!(id(&octets[0].0), id(&octets[1].0));
    rig.finish();
}

#[test]
fn xp_19_who_is_refused_later_is_reported_by_a_message_that_comes_in() {
    let (profile, sent) = new();
    let send = noting(&sent, |number, mail, delivery| match number {
        1 => Err(SendError::later("busy")),
        _ => {
            delivery.refused(&mail.envelope()[0], "no such user");
            Ok(())
        }
    });
    let rig = Rig::new(&patient::PROVIDER, &profile, send);
    let message = rig.message(&["a@x", "b@x"]);
    assert_eq!(rig.spooler.submit(&message).status, S_OK);
    drop(message);
    assert_eq!(rig.spooler.poll().expect("Poll"), 0);
    rig.flush();
    // It stays on the disk until it is saved: not by a spooler that only looks, or that fails.
    assert_eq!(rig.spooler.poll().expect("Poll"), 1);
    let failing = rig.spooler.empty_message();
    failing.on_call(|method, _| (method == "SaveChanges").then_some(MAPI_E_CALL_FAILED));
    assert!(rig.spooler.start(&failing).status.is_err());
    drop(failing);
    rig.finish();
    let rig = Rig::new(&patient::PROVIDER, &profile, |_, _| Ok(()));
    let report = receive(&rig.spooler);
    let text = |text: &str| Some(Value::Unicode(text.to_owned()));
    let class = report.property(PR_MESSAGE_CLASS_W);
    assert_eq!(class, text("REPORT.IPM.Note.NDR"));
    assert_eq!(report.property(PR_SUBJECT_W), text("Undeliverable: Hello"));
    assert!(report.property(PR_REPORT_TIME).is_some());
    let rows = report.recipients();
    let [row] = rows.as_slice() else {
        panic!("one recipient: {rows:?}");
    };
    assert_eq!(value(row, PR_EMAIL_ADDRESS_W).cloned(), text("a@x"));
    assert_eq!(value(row, PR_REPORT_TEXT_W).cloned(), text("no such user"));
    for tag in [PR_NDR_REASON_CODE, PR_NDR_DIAG_CODE, PR_REPORT_TIME] {
        assert!(value(row, tag).is_some(), "{tag}");
    }
    drop(report);
    rig.finish();
    // Then it does not come again.
    let rig = Rig::new(&patient::PROVIDER, &profile, |_, _| Ok(()));
    rig.flush();
    assert_eq!(rig.spooler.poll().expect("Poll"), 0);
    rig.finish();
}

#[test]
fn xp_19_what_can_t_be_sent_in_time_is_given_up_and_reported() {
    let (profile, sent) = new();
    let send = noting(&sent, |_, _, _| Err(SendError::later("busy")));
    let rig = Rig::new(&hasty::PROVIDER, &profile, send);
    let message = rig.message(&["a@x"]);
    assert_eq!(rig.spooler.submit(&message).status, S_OK);
    drop(message);
    let report = receive(&rig.spooler);
    let rows = report.recipients();
    let Some(Value::Unicode(text)) = value(&rows[0], PR_REPORT_TEXT_W) else {
        panic!("no text: {rows:?}");
    };
    assert!(text.contains("busy"), "{text}");
    drop(report);
    rig.finish();
}

#[test]
fn xp_20_what_takes_too_long_is_the_queue_s_and_not_sent_twice() {
    let (profile, sent) = new();
    let (go, may_go) = channel::<()>();
    let may_go = Mutex::new(may_go);
    let send = noting(&sent, move |_, _, delivery| {
        let _ = may_go.lock().expect("no panic").recv();
        // Nobody has cancelled it.
        delivery.check()
    });
    let rig = Rig::new(&hasty::PROVIDER, &profile, send);
    let message = rig.message(&["a@x", "b@x"]);
    assert_eq!(rig.spooler.submit(&message).status, S_OK);
    assert_eq!(responsible(&message), [true, true]);
    drop(message);
    drop(go);
    rig.flush();
    assert_eq!(calls(&sent), [vec!["a@x", "b@x"]]);
    assert_eq!(rig.spooler.poll().expect("Poll"), 0);
    rig.finish();
}

#[test]
fn xp_16_what_could_not_be_saved_is_known_in_the_next_session() {
    let (profile, sent) = new();
    let rig = Rig::new(&patient::PROVIDER, &profile, noting(&sent, first_fails));
    let message = rig.message(&["a@x", "b@x"]);
    message.on_call(|method, _| (method == "SaveChanges").then_some(MAPI_E_CALL_FAILED));
    assert_eq!(rig.spooler.submit(&message).status, MAPI_E_CALL_FAILED);
    drop(message);
    rig.finish();
    let rig = Rig::new(&patient::PROVIDER, &profile, noting(&sent, first_fails));
    let message = rig.message(&["a@x", "b@x"]);
    assert_eq!(rig.spooler.submit(&message).status, S_OK);
    assert_eq!(responsible(&message), [true, true]);
    drop(message);
    rig.flush();
    assert_eq!(calls(&sent), [vec!["a@x", "b@x"], vec!["b@x"]]);
    rig.finish();
}

#[test]
fn xp_19_a_queue_that_another_logon_has_is_not_touched() {
    let (profile, sent) = new();
    let rig = Rig::new(&patient::PROVIDER, &profile, noting(&sent, first_fails));
    let message = rig.message(&["a@x", "b@x"]);
    assert_eq!(rig.spooler.submit(&message).status, S_OK);
    next(|_, _| panic!("it has no queue"));
    let other = rig.transport.logon().expect("TransportLogon");
    let second = rig.message(&["c@x"]);
    assert_eq!(other.submit(&second).status, MAPI_E_BUSY);
    assert_eq!(responsible(&second), [false]);
    assert!(second.saves().is_empty());
    drop((second, message, other));
    rig.flush();
    assert_eq!(calls(&sent).len(), 2);
    rig.finish();
}

#[test]
fn xp_36_a_panic_leaves_the_recipients_to_the_spooler() {
    let (profile, sent) = new();
    let send = noting(&sent, |number, _, _| {
        assert!(number > 1, "the first call panics");
        Ok(())
    });
    let rig = Rig::new(&patient::PROVIDER, &profile, send);
    let message = rig.message(&["a@x"]);
    assert!(rig.spooler.submit(&message).status.is_err());
    assert_eq!(responsible(&message), [false]);
    assert_eq!(rig.spooler.submit(&message).status, S_OK);
    assert_eq!(responsible(&message), [true]);
    drop(message);
    rig.finish();
}

#[test]
fn xp_18_what_the_spooler_does_not_take_comes_in_as_a_report() {
    let (profile, sent) = new();
    let send = noting(&sent, |_, mail, delivery| {
        delivery.refused(&mail.envelope()[0], "no such user");
        Ok(())
    });
    let rig = Rig::new(&patient::PROVIDER, &profile, send);
    rig.spooler.fail_reports(Some(MAPI_E_NO_SUPPORT));
    let message = rig.message(&["a@x", "b@x"]);
    assert_eq!(rig.spooler.submit(&message).status, S_OK);
    assert_eq!(responsible(&message), [true, true]);
    drop(message);
    let report = receive(&rig.spooler);
    let text = |text: &str| Some(Value::Unicode(text.to_owned()));
    assert_eq!(report.property(PR_SUBJECT_W), text("Undeliverable: Hello"));
    let rows = report.recipients();
    let [row] = rows.as_slice() else {
        panic!("one recipient: {rows:?}");
    };
    assert_eq!(value(row, PR_EMAIL_ADDRESS_W).cloned(), text("a@x"));
    assert_eq!(value(row, PR_REPORT_TEXT_W).cloned(), text("no such user"));
    drop(report);
    rig.finish();
    // Then it does not come again.
    let rig = Rig::new(&patient::PROVIDER, &profile, |_, _| Ok(()));
    rig.flush();
    assert_eq!(rig.spooler.poll().expect("Poll"), 0);
    rig.finish();
}

#[test]
fn xp_19_a_queue_that_can_t_be_used_fails_the_logon() {
    let (profile, _) = new();
    let rig = Rig::new(&spoilt::PROVIDER, &profile, |_, _| Ok(()));
    rig.finish();
    let mut files = std::fs::read_dir(folder().join("spoilt")).expect("a folder");
    let file = files.next().expect("a queue").expect("an entry").path();
    std::fs::write(file, [b'x'; 4096]).expect("written");
    let library = ProviderLibrary::linked(&spoilt::PROVIDER);
    let host = Host::new(library, profile).expect("a host");
    let transport = host.init_transport().expect("XPProviderInit");
    next(|_, _| panic!("it has no queue"));
    let failed = transport.logon().err().expect("it has no queue");
    assert_eq!(failed.status.0, MAPI_E_FAILONEPROVIDER);
    drop(transport);
    host.finish().assert_clean();
}

#[test]
fn xp_33_a_call_that_outlives_the_session_leaves_the_queue_to_the_next() {
    let (profile, sent) = new();
    let rig = Rig::new(
        &patient::PROVIDER,
        &profile,
        noting(&sent, |_, _, _| Ok(())),
    );
    let message = rig.message(&["a@x"]);
    let logon = Sending(rig.spooler.interface().clone());
    // The message is being saved when the logoff comes, and what is saved is struck out of the queue afterwards.
    message.on_call(move |method, _| {
        if method == "SaveChanges" {
            // SAFETY: a call without pointers.
            assert_eq!(unsafe { logon.log_off() }, S_OK);
        }
        None
    });
    assert_eq!(rig.spooler.submit(&message).status, S_OK);
    message.let_be();
    drop(message);
    // The session is over, though its logon is not released yet.
    next(|_, _| Ok(()));
    let other = rig.transport.logon().expect("TransportLogon");
    let second = rig.message(&["b@x"]);
    assert_eq!(other.submit(&second).status, S_OK);
    drop((second, other));
    rig.finish();
}

/// A logon that a test's closure takes along.
struct Sending(mapi_provider::abi::IXPLogon);

impl Sending {
    unsafe fn log_off(&self) -> windows_core::HRESULT {
        // SAFETY: a call without pointers.
        unsafe { self.0.TransportLogoff(0) }
    }
}

// SAFETY: a transport's logon is free-threaded.
unsafe impl Send for Sending {}
// SAFETY: as above.
unsafe impl Sync for Sending {}
