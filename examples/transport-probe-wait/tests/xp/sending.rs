//! Whom a message is sent to, and what the logic sees of it.

use std::sync::{Arc, Mutex};

use mapi_provider::abi::{
    MAPI_BCC, MAPI_E_BUSY, MAPI_E_CALL_FAILED, MAPI_E_NETWORK_ERROR, MAPI_E_NOT_ME, MAPI_E_WAIT,
    MAPI_P1, MAPI_SUBMITTED, MAPI_TO, PR_RECIPIENT_TYPE, PR_RESPONSIBILITY, S_OK,
};

use crate::rig::{Rig, boolean, envelope, in_cc, long, properties, recipient, responsible, with};

/// What `send` was called with.
type Seen = Arc<Mutex<Vec<Vec<String>>>>;

fn noting() -> (Seen, Rig) {
    let seen = Seen::default();
    let noted = Arc::clone(&seen);
    let rig = Rig::new(move |mail, _| {
        noted.lock().expect("no panic").push(envelope(mail));
        Ok(())
    });
    (seen, rig)
}

#[test]
fn a_message_in_the_outbox_is_sent() {
    let (seen, rig) = noting();
    let message = rig.message(&["bob@example.org", "eve@example.org"]);
    let sent = rig.spooler.submit(&message);
    assert_eq!((sent.status, sent.seconds), (S_OK, 0));
    let all = [vec![
        "bob@example.org".to_owned(),
        "eve@example.org".to_owned(),
    ]];
    assert_eq!(*seen.lock().expect("no panic"), all);
    assert_eq!(responsible(&message), [true, true]);
    assert!(
        rig.spooler
            .end(sent.reference)
            .expect("EndMessage")
            .is_empty()
    );
    drop(message);
    rig.finish();
}

#[test]
fn xp_15_only_those_are_sent_to_who_are_left_and_have_a_type_of_ours() {
    let (seen, rig) = noting();
    let other = |address| recipient("SMTP", address);
    let message = rig.message_to(&[
        recipient("smtp", "a@x"),
        with(other("b@x"), boolean(PR_RESPONSIBILITY, true)),
        recipient("EX", "c@x"),
        with(
            other("d@x"),
            long(PR_RECIPIENT_TYPE, MAPI_TO | MAPI_SUBMITTED),
        ),
        recipient("FAX", "123"),
    ]);
    let sent = rig.spooler.submit(&message);
    assert_eq!(sent.status, S_OK);
    assert_eq!(*seen.lock().expect("no panic"), [["a@x", "123"]]);
    assert_eq!(responsible(&message), [true, true, false, false, true]);
    drop(message);
    rig.finish();
}

#[test]
fn xp_15_one_address_is_sent_to_once_and_all_its_rows_are_settled() {
    let (seen, rig) = noting();
    let message = rig.message(&["a@x", "A@X", "b@x"]);
    assert_eq!(rig.spooler.submit(&message).status, S_OK);
    assert_eq!(*seen.lock().expect("no panic"), [["a@x", "b@x"]]);
    assert_eq!(responsible(&message), [true, true, true]);
    drop(message);
    rig.finish();
}

#[test]
fn xp_15_copies_for_resending_are_sent_to_and_never_shown_and_bcc_neither() {
    let shown = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&shown);
    let rig = Rig::new(move |mail, _| {
        let to = mail.shown().iter().map(|to| to.who.address.clone());
        let octets = mail.to_mime()?;
        let text = String::from_utf8_lossy(&octets).into_owned();
        let seen = (envelope(mail), to.collect::<Vec<String>>(), text);
        noted.lock().expect("no panic").push(seen);
        Ok(())
    });
    let row = |address, kind| with(recipient("SMTP", address), long(PR_RECIPIENT_TYPE, kind));
    let message = rig.message_to(&[
        row("has@x", MAPI_TO | MAPI_SUBMITTED),
        row("copy@x", MAPI_TO | MAPI_P1),
        row("bcc@x", MAPI_BCC),
        in_cc(recipient("SMTP", "cc@x")),
    ]);
    assert_eq!(rig.spooler.submit(&message).status, S_OK);
    let seen = shown.lock().expect("no panic");
    let (envelope, shown, text) = &seen[0];
    assert_eq!(*envelope, ["copy@x", "bcc@x", "cc@x"]);
    assert_eq!(*shown, ["has@x", "cc@x"]);
    assert!(
        !text.contains("bcc@x") && !text.contains("copy@x"),
        "{text}"
    );
    assert!(
        text.contains("has@x") && text.contains("Subject: Hello"),
        "{text}"
    );
    drop(seen);
    drop(message);
    rig.finish();
}

#[test]
fn xp_15_what_is_not_ours_is_left_alone() {
    let (seen, rig) = noting();
    let of_others = [
        rig.message_to(&[recipient("EX", "a@x")]),
        rig.message_to(&[]),
        rig.spooler
            .message(&properties("IPM.Schedule"), &[recipient("SMTP", "a@x")]),
    ];
    for message in &of_others {
        let sent = rig.spooler.submit(message);
        assert_eq!((sent.status, sent.seconds), (MAPI_E_NOT_ME, 0));
        let touched = ["SetProps", "ModifyRecipients", "SaveChanges"];
        let calls = message.calls();
        assert!(
            calls.iter().all(|call| !touched.contains(&call.method)),
            "{calls:?}"
        );
    }
    assert!(seen.lock().expect("no panic").is_empty());
    assert!(rig.spooler.record().spooler_notifications.is_empty());
    drop(of_others);
    rig.finish();
}

#[test]
fn an_address_that_would_be_a_command_is_refused_and_not_sent_to() {
    let (seen, rig) = noting();
    let message = rig.message(&["a@x>\r\nRCPT TO:<b@x", "", "c@x"]);
    assert_eq!(rig.spooler.submit(&message).status, S_OK);
    assert_eq!(*seen.lock().expect("no panic"), [["c@x"]]);
    assert_eq!(responsible(&message), [true, true, true]);
    assert_eq!(rig.spooler.record().reports[0].len(), 2);
    drop(message);
    rig.finish();
}

#[test]
fn xp_24_the_message_has_no_reference_and_no_table_more_than_before() {
    let (_, rig) = noting();
    let message = rig.message(&["a@x"]);
    assert_eq!(message.references(), 0);
    rig.spooler.submit(&message);
    assert_eq!(message.references(), 0);
    drop(message);
    rig.finish();
}

#[test]
fn xp_20_no_object_of_mapi_s_is_touched_on_another_thread() {
    let (_, rig) = noting();
    let message = rig.message(&["a@x"]);
    rig.spooler.submit(&message);
    let here = std::thread::current().id();
    let calls = message.calls();
    assert!(!calls.is_empty() && calls.iter().all(|call| call.thread == here));
    drop(message);
    rig.finish();
}

#[test]
fn xp_20_the_logic_runs_on_another_thread() {
    let here = std::thread::current().id();
    let rig = Rig::new(move |_, _| {
        assert_ne!(std::thread::current().id(), here);
        Ok(())
    });
    let message = rig.message(&["a@x"]);
    assert_eq!(rig.spooler.submit(&message).status, S_OK);
    drop(message);
    rig.finish();
}

#[test]
fn xp_13_an_error_of_the_message_s_own_does_not_say_what_it_does_not_mean() {
    for (own, answered, waits) in [
        (MAPI_E_WAIT, MAPI_E_WAIT, true),
        (MAPI_E_NETWORK_ERROR, MAPI_E_NETWORK_ERROR, true),
        (MAPI_E_BUSY, MAPI_E_CALL_FAILED, false),
        (MAPI_E_NOT_ME, MAPI_E_CALL_FAILED, false),
    ] {
        let rig = Rig::new(|_, _| Ok(()));
        let message = rig.message(&["a@x"]);
        message.on_call(move |method, _| (method == "SaveChanges").then_some(own));
        let answer = rig.spooler.submit(&message);
        assert_eq!(answer.status, answered);
        assert_eq!(answer.seconds > 0, waits, "{own}");
        drop(message);
        rig.finish();
    }
}
