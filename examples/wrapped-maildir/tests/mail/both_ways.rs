//! Changes on both sides, as Outlook and other mail programs make them.

use std::fs;

use mapi_provider::abi::{PR_FLAG_STATUS, PR_MESSAGE_FLAGS, PT_LONG, PropTag};
use wrapped_maildir32::maildir::Maildir;

use crate::rig::{FULL, Place};

/// PidTagLastVerbExecuted.
const LAST_VERB: PropTag = PropTag::new(0x1081, PT_LONG);

pub(crate) fn mail(subject: &str) -> String {
    format!("From: a@example.org\r\nSubject: {subject}\r\n\r\nThe text of {subject}.\r\n")
}

/// What the server has, by subject, with flags: `a:FS b`.
pub(crate) fn there(place: &Place) -> String {
    there_in(place, "")
}

pub(crate) fn there_in(place: &Place, path: &str) -> String {
    let messages = Maildir::new(place.server().join(path))
        .messages(|_| {})
        .expect("readable");
    let mut all: Vec<String> = messages
        .values()
        .map(|message| {
            let text = fs::read_to_string(message.path()).expect("readable");
            let subject = text.lines().find_map(|line| line.strip_prefix("Subject: "));
            format!("{}:{}", subject.unwrap_or_default(), message.flags)
        })
        .collect();
    all.sort();
    all.join(" ")
}

fn settled() -> Place {
    let place = Place::new();
    for subject in ["a", "b", "c"] {
        place.deliver(subject, mail(subject));
    }
    let session = place.open();
    session.ok(FULL);
    session.close();
    place
}

/// Gives a message on the server other flags.
fn mark_there(place: &Place, name: &str, flags: &str) {
    let messages = Maildir::new(place.server())
        .messages(|_| {})
        .expect("readable");
    let target = place.server().join(format!("cur/{name};2,{flags}"));
    fs::rename(messages[name].path(), target).expect("writable");
}

#[test]
fn twoway_06_a_store_that_is_put_back_without_its_state_deletes_nothing() {
    let place = Place::new();
    for number in 0..9 {
        let name = format!("m{number}");
        place.deliver(&name, mail(&name));
    }
    let session = place.open();
    session.ok(FULL);
    session.close();
    let file = place.root().join("mail.nst");
    let old = place.root().join("old.nst");
    fs::copy(&file, &old).expect("copied");
    place.deliver("new", mail("new"));
    let session = place.open();
    session.ok(FULL);
    session.close();
    fs::copy(&old, &file).expect("put back");
    let session = place.open();
    let told = session.synchronise(FULL);
    assert!(
        told.warnings
            .iter()
            .any(|warning| warning.contains("older or newer")),
        "{told:?}"
    );
    assert_eq!(session.subjects().len(), 10);
    assert_eq!(there(&place).split(' ').count(), 10);
    assert_eq!(session.ok(FULL).steps, [""; 0]);
    session.close();
}

#[test]
fn another_session_has_nothing_to_do() {
    let place = settled();
    let session = place.open();
    assert_eq!(session.subjects(), ["a", "b", "c"]);
    assert_eq!(session.ok(FULL).steps, [""; 0]);
    session.close();
}

#[test]
fn what_its_user_does_here_is_done_there() {
    let place = settled();
    let session = place.open();
    session.message("a").set_read(true).expect("set");
    let message = session.message("b");
    message.set(PR_FLAG_STATUS, 2).expect("set");
    message.set(LAST_VERB, 102).expect("set");
    message.save().expect("saved");
    drop(message);
    let trash = session.seen().wastebasket().expect("there");
    let moved = session.inbox().move_messages(&[session.id_of("c")], &trash);
    moved.expect("moved");
    session.ok(FULL);
    assert_eq!(there(&place), "a:S b:FR");
    assert_eq!(there_in(&place, "Deleted Items"), "c:");
    // And back.
    let rows = trash
        .messages()
        .columns(&[mapi_provider::abi::PR_ENTRYID])
        .rows();
    let id = rows
        .expect("a table")
        .next()
        .expect("one")
        .expect("a row")
        .entry_id();
    trash
        .move_messages(&[id.expect("an ID")], &session.inbox())
        .expect("moved");
    session.ok(FULL);
    assert_eq!(there(&place), "a:S b:FR c:");
    assert_eq!(there_in(&place, "Deleted Items"), "");
    assert_eq!(session.ok(FULL).steps, [""; 0]);
    drop(trash);
    session.close();
}

#[test]
fn what_is_done_there_is_seen_here() {
    let place = settled();
    mark_there(&place, "a", "FRS");
    mark_there(&place, "b", "P");
    fs::remove_file(place.server().join("new/c")).expect("there");
    let session = place.open();
    session.ok(FULL);
    assert_eq!(session.subjects(), ["a", "b"]);
    let long = |subject, tag| session.message(subject).long(tag).expect("readable");
    assert_eq!(long("a", PR_MESSAGE_FLAGS).map(|flags| flags & 1), Some(1));
    assert_eq!(
        (long("a", PR_FLAG_STATUS), long("a", LAST_VERB)),
        (Some(2), Some(102))
    );
    assert_eq!(
        (long("b", PR_FLAG_STATUS), long("b", LAST_VERB)),
        (None, Some(104))
    );
    mark_there(&place, "a", "");
    session.ok(FULL);
    assert_eq!(long("a", PR_MESSAGE_FLAGS).map(|flags| flags & 1), Some(0));
    assert_eq!(
        (long("a", PR_FLAG_STATUS), long("a", LAST_VERB)),
        (None, None)
    );
    session.close();
}

#[test]
fn a_copy_in_the_folder_is_another_message() {
    let place = settled();
    let session = place.open();
    let inbox = session.inbox();
    inbox
        .copy_messages(&[session.id_of("a")], &inbox)
        .expect("copied");
    session.ok(FULL);
    assert_eq!(there(&place), "a: a: b: c:");
    assert_eq!(session.ok(FULL).steps, [""; 0]);
    drop(inbox);
    session.close();
}

#[test]
fn a_draft_is_one_on_the_server() {
    let place = settled();
    let session = place.open();
    let draft = session.inbox().create_draft().expect("made");
    draft.set_subject("draft").expect("set");
    draft.save().expect("saved");
    drop(draft);
    session.ok(FULL);
    assert_eq!(there(&place), "a: b: c: draft:DS");
    session.close();
}
