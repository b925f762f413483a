//! What is written into a message, and what is reported.

use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use mapi_provider::abi::{
    MAPI_E_NO_SUPPORT, ModifyRecipientsFlags, PR_ADDRTYPE_W, PR_CLIENT_SUBMIT_TIME,
    PR_DELIVER_TIME, PR_DISPLAY_NAME_W, PR_DISPLAY_TYPE, PR_EMAIL_ADDRESS_W, PR_ENTRYID,
    PR_INTERNET_MESSAGE_ID_W, PR_MESSAGE_DELIVERY_TIME, PR_NDR_DIAG_CODE, PR_NDR_REASON_CODE,
    PR_OBJECT_TYPE, PR_ORIGINATOR_DELIVERY_REPORT_REQUESTED, PR_PROVIDER_SUBMIT_TIME,
    PR_RECIPIENT_TYPE, PR_REPORT_TEXT_W, PR_REPORT_TIME, PR_SEARCH_KEY, PR_SENDER_ADDRTYPE_W,
    PR_SENDER_EMAIL_ADDRESS_W, PR_SENDER_ENTRYID, PR_SENDER_NAME_W, PR_SENDER_SEARCH_KEY,
    PR_SENT_REPRESENTING_ADDRTYPE_W, PR_SENT_REPRESENTING_EMAIL_ADDRESS_W,
    PR_SENT_REPRESENTING_ENTRYID, PR_SENT_REPRESENTING_NAME_W, PR_SENT_REPRESENTING_SEARCH_KEY,
    S_OK, SaveChangesFlags,
};
use mapi_provider::transport::SendError;
use mapi_provider_host::{Property, Value};

use crate::rig::{Rig, boolean, properties, recipient, responsible, text, value, with};

const BYTES: [u8; 3] = [1, 2, 3];

#[test]
fn xp_16_rows_are_changed_whole_and_saved_once() {
    let rig = Rig::new(|mail, delivery| {
        delivery.refused(&mail.envelope()[1], "no such user");
        Ok(())
    });
    let own = Property {
        id: 0x6601,
        value: Value::Binary(BYTES.to_vec()),
    };
    let message = rig.message_to(&[
        with(recipient("SMTP", "a@x"), own.clone()),
        recipient("SMTP", "b@x"),
        recipient("EX", "c@x"),
    ]);
    assert_eq!(rig.spooler.submit(&message).status, S_OK);
    let modified = message.modified();
    let [(flags, rows)] = modified.as_slice() else {
        panic!("one call: {modified:?}");
    };
    assert_eq!(*flags, ModifyRecipientsFlags::MODRECIP_MODIFY);
    assert_eq!(rows.len(), 2);
    assert!(rows[0].contains(&own), "{rows:?}");
    assert!(
        rows.iter()
            .flatten()
            .all(|one| !matches!(one.value, Value::Error(_)))
    );
    assert_eq!(responsible(&message), [true, true, false]);
    assert_eq!(message.saves(), [SaveChangesFlags::KEEP_OPEN_READWRITE]);
    drop(message);
    rig.finish();
}

#[test]
fn xp_16_who_was_accepted_is_settled_on_errors_too() {
    let rig = Rig::new(|mail, delivery| {
        delivery.accepted(&mail.envelope()[0]);
        Err(SendError::later("the line is broken"))
    });
    let message = rig.message(&["a@x", "b@x"]);
    assert!(rig.spooler.submit(&message).status.is_err());
    assert_eq!(responsible(&message), [true, false]);
    assert_eq!(message.saves().len(), 1);
    drop(message);
    rig.finish();
}

#[test]
fn xp_17_the_sender_is_the_identity_whatever_was_there() {
    let rig = Rig::new(|_, _| Ok(()));
    let mut given = properties("IPM.Note");
    given.push(text(PR_SENDER_NAME_W, "Mallory"));
    given.push(text(PR_SENDER_EMAIL_ADDRESS_W, "mallory@example.org"));
    let message = rig.spooler.message(&given, &[recipient("SMTP", "a@x")]);
    assert_eq!(rig.spooler.submit(&message).status, S_OK);
    for (name, kind, address, key) in [
        (
            PR_SENDER_NAME_W,
            PR_SENDER_ADDRTYPE_W,
            PR_SENDER_EMAIL_ADDRESS_W,
            PR_SENDER_SEARCH_KEY,
        ),
        (
            PR_SENT_REPRESENTING_NAME_W,
            PR_SENT_REPRESENTING_ADDRTYPE_W,
            PR_SENT_REPRESENTING_EMAIL_ADDRESS_W,
            PR_SENT_REPRESENTING_SEARCH_KEY,
        ),
    ] {
        let unicode = |text: &str| Some(Value::Unicode(text.to_owned()));
        assert_eq!(message.property(name), unicode("Ann"));
        assert_eq!(message.property(kind), unicode("SMTP"));
        assert_eq!(message.property(address), unicode("ann@example.org"));
        let upper = b"SMTP:ANN@EXAMPLE.ORG\0".to_vec();
        assert_eq!(message.property(key), Some(Value::Binary(upper)));
    }
    for id in [PR_SENDER_ENTRYID, PR_SENT_REPRESENTING_ENTRYID] {
        assert!(matches!(message.property(id), Some(Value::Binary(_))));
    }
    for time in [PR_PROVIDER_SUBMIT_TIME, PR_CLIENT_SUBMIT_TIME] {
        assert!(matches!(message.property(time), Some(Value::Time(_))));
    }
    assert_eq!(message.property(PR_MESSAGE_DELIVERY_TIME), None);
    drop(message);
    rig.finish();
}

#[test]
fn xp_17_the_copy_in_sent_has_the_message_id_that_was_sent() {
    let sent = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&sent);
    let rig = Rig::new(move |mail, _| {
        log.lock().expect("not poisoned").push(mail.id().to_owned());
        Ok(())
    });
    let theirs = text(PR_INTERNET_MESSAGE_ID_W, "theirs@example.org");
    let known = with(properties("IPM.Note"), theirs);
    let rows = [recipient("SMTP", "bob@example.org")];
    for properties in [properties("IPM.Note"), known] {
        let message = rig.spooler.message(&properties, &rows);
        assert_eq!(rig.spooler.submit(&message).status, S_OK);
        let id = sent.lock().expect("not poisoned").pop().expect("sent");
        assert!(id.ends_with("@example.org"), "{id}");
        let kept = message.property(PR_INTERNET_MESSAGE_ID_W);
        assert_eq!(kept, Some(Value::Unicode(id)));
    }
    rig.finish();
}

#[test]
fn xp_17_whom_the_sender_represents_is_kept_if_all_of_it_is_there() {
    let rig = Rig::new(|mail, _| {
        let from = mail
            .content()
            .from
            .as_ref()
            .map(|from| from.address.clone());
        assert_eq!(from.as_deref(), Some("boss@example.org"));
        let sender = mail.content().sender.as_ref();
        assert_eq!(
            sender.map(|sender| &*sender.address),
            Some("ann@example.org")
        );
        Ok(())
    });
    let binary = |tag: mapi_provider::abi::PropTag| Property {
        id: tag.id(),
        value: Value::Binary(BYTES.to_vec()),
    };
    let mut given = properties("IPM.Note");
    given.extend([
        text(PR_SENT_REPRESENTING_NAME_W, "Boss"),
        text(PR_SENT_REPRESENTING_ADDRTYPE_W, "SMTP"),
        text(PR_SENT_REPRESENTING_EMAIL_ADDRESS_W, "boss@example.org"),
        binary(PR_SENT_REPRESENTING_ENTRYID),
        binary(PR_SENT_REPRESENTING_SEARCH_KEY),
        Property {
            id: PR_CLIENT_SUBMIT_TIME.id(),
            value: Value::Time(5),
        },
    ]);
    let message = rig.spooler.message(&given, &[recipient("SMTP", "a@x")]);
    assert_eq!(rig.spooler.submit(&message).status, S_OK);
    let name = message.property(PR_SENT_REPRESENTING_NAME_W);
    assert_eq!(name, Some(Value::Unicode("Boss".to_owned())));
    assert_eq!(
        message.property(PR_CLIENT_SUBMIT_TIME),
        Some(Value::Time(5))
    );
    drop(message);
    rig.finish();
}

#[test]
fn xp_18_refusals_and_deliveries_are_reported_once_and_together() {
    let rig = Rig::new(|mail, delivery| {
        let to = mail.envelope();
        delivery.refused(&to[0], "no such user");
        delivery.delivered(&to[1], SystemTime::now());
        delivery.delivered(&to[2], SystemTime::now());
        Ok(())
    });
    let asks = boolean(PR_ORIGINATOR_DELIVERY_REPORT_REQUESTED, true);
    let message = rig.message_to(&[
        recipient("SMTP", "refused@x"),
        with(recipient("SMTP", "asks@x"), asks),
        recipient("SMTP", "does-not@x"),
    ]);
    assert_eq!(rig.spooler.submit(&message).status, S_OK);
    let reports = rig.spooler.record().reports;
    let [list] = reports.as_slice() else {
        panic!("one call: {reports:?}");
    };
    let [refused, delivered] = list.as_slice() else {
        panic!("two recipients: {list:?}");
    };
    for report in list {
        for tag in [
            PR_DISPLAY_NAME_W,
            PR_ADDRTYPE_W,
            PR_EMAIL_ADDRESS_W,
            PR_RECIPIENT_TYPE,
            PR_REPORT_TIME,
        ] {
            assert!(value(report, tag).is_some(), "{tag}: {report:?}");
        }
    }
    let text = Value::Unicode("no such user".to_owned());
    assert_eq!(value(refused, PR_REPORT_TEXT_W), Some(&text));
    assert!(value(refused, PR_NDR_REASON_CODE).is_some());
    assert!(value(refused, PR_NDR_DIAG_CODE).is_some());
    assert!(value(delivered, PR_DELIVER_TIME).is_some());
    assert_eq!(value(delivered, PR_NDR_REASON_CODE), None);
    drop(message);
    // What was reported is in memory of MAPI's, which MAPI has freed.
    rig.finish();
}

#[test]
fn xp_18_the_list_is_freed_by_us_where_the_call_fails() {
    let rig = Rig::new(|_, _| Err(SendError::refused("no")));
    rig.spooler.fail_reports(Some(MAPI_E_NO_SUPPORT));
    let message = rig.message(&["a@x"]);
    assert_eq!(rig.spooler.submit(&message).status, MAPI_E_NO_SUPPORT);
    drop(message);
    rig.finish();
}

#[test]
fn xp_18_a_report_names_a_recipient_whole_though_his_row_does_not() {
    let rig = Rig::new(|mail, delivery| {
        delivery.refused(&mail.envelope()[0], "no such user");
        Ok(())
    });
    let mut bare = recipient("SMTP", "a@x");
    let kept = [PR_ADDRTYPE_W, PR_EMAIL_ADDRESS_W].map(|tag| tag.id());
    bare.retain(|one| kept.contains(&one.id));
    let message = rig.message_to(&[bare]);
    assert_eq!(rig.spooler.submit(&message).status, S_OK);
    let reports = rig.spooler.record().reports;
    let [list] = reports.as_slice() else {
        panic!("one call: {reports:?}");
    };
    for tag in [
        PR_ENTRYID,
        PR_SEARCH_KEY,
        PR_DISPLAY_NAME_W,
        PR_OBJECT_TYPE,
        PR_DISPLAY_TYPE,
        PR_RECIPIENT_TYPE,
    ] {
        let told = value(&list[0], tag);
        let is_there = told.is_some_and(|value| !matches!(value, Value::Error(_)));
        assert!(is_there, "{tag}: {list:?}");
    }
    drop(message);
    rig.finish();
}

#[test]
fn xp_18_each_recipient_without_an_address_is_told_of() {
    let rig = Rig::new(|_, _| panic!("there is nobody to send to"));
    let named = |name| with(recipient("SMTP", ""), text(PR_DISPLAY_NAME_W, name));
    let message = rig.message_to(&[named("Bob"), named("Eve"), named("Bob")]);
    assert_eq!(rig.spooler.submit(&message).status, S_OK);
    assert_eq!(responsible(&message), [true, true, true]);
    let reports = rig.spooler.record().reports;
    let names: Vec<_> = reports
        .iter()
        .flatten()
        .map(|one| value(one, PR_DISPLAY_NAME_W).cloned())
        .collect();
    let name = |name: &str| Some(Value::Unicode(name.to_owned()));
    assert_eq!(names, [name("Bob"), name("Eve")]);
    drop(message);
    rig.finish();
}
