//! The folder tree of a server, its letters, and what ends a run.

use std::fs;

use mapi_provider::abi::{MAPI_E_NOT_FOUND, PS_PUBLIC_STRINGS, PT_MV_UNICODE, S_OK, SyncFlags};
use mapi_provider::view::{NameId, PropName, PropValue};
use mapi_provider_host::Status;
use wrapped_maildir32::maildir::Maildir;

use crate::both_ways::{mail, there, there_in};
use crate::rig::{FULL, Place};

/// A server with a message in each of three folders, one of them in another.
fn tree() -> Place {
    let place = Place::new();
    place.deliver("1", mail("a"));
    for (path, name) in [("Work", "b"), ("Work/Größe", "c")] {
        let folder = place.server().join(path);
        Maildir::new(&folder).create().expect("writable");
        fs::write(folder.join("new").join(name), mail(name)).expect("writable");
    }
    let session = place.open();
    session.ok(FULL);
    assert_eq!(session.ok(FULL).steps, [""; 0]);
    assert_eq!(session.subjects_in("Work/Größe"), ["c"]);
    session.close();
    place
}

#[test]
fn folders_are_made_renamed_and_deleted_on_both_sides() {
    let place = tree();
    let session = place.open();
    session.folder("Play/Deep");
    let work = session.folder("Work");
    let moved = session.inbox().move_messages(&[session.id_of("a")], &work);
    moved.expect("moved");
    drop(work);
    session.ok(FULL);
    assert!(place.server().join("Play/Deep/cur").is_dir());
    assert_eq!(
        (there(&place), there_in(&place, "Work")),
        (String::new(), "a: b:".into())
    );

    session.folder("Work").rename("Job").expect("renamed");
    session.ok(FULL);
    assert_eq!(there_in(&place, "Job/Größe"), "c:");
    assert!(!place.server().join("Work").exists());

    fs::rename(place.server().join("Job"), place.server().join("Done")).expect("renamed");
    fs::remove_dir_all(place.server().join("Play/Deep")).expect("removed");
    session.ok(FULL);
    session.ok(FULL);
    assert_eq!(session.subjects_in("Done"), ["a", "b"]);
    assert_eq!(session.subjects_in("Done/Größe"), ["c"]);
    let play = session.folder("Play");
    assert_eq!(play.folders().count(), Ok(0));
    drop(play);
    assert_eq!(session.ok(FULL).steps, [""; 0]);
    session.close();
}

#[test]
fn categories_are_letters_with_names() {
    let place = tree();
    fs::write(place.server().join("dovecot-keywords"), "3 later\n").expect("writable");
    fs::rename(
        place.server().join("new/1"),
        place.server().join("cur/1;2,Sd"),
    )
    .expect("there");
    let session = place.open();
    session.ok(FULL);
    let name = PropName {
        set: PS_PUBLIC_STRINGS,
        id: NameId::from("Keywords"),
    };
    let message = session.message("a");
    let tag = message.named_property(&name, PT_MV_UNICODE).expect("known");
    let text = |text: &str| text.encode_utf16().collect::<Vec<u16>>().into();
    let categories = message.get(tag).expect("readable");
    assert_eq!(categories, Some(PropValue::MvUnicode(vec![text("later")])));
    let two = PropValue::MvUnicode(vec![text("later"), text("two words")]);
    message.set(tag, two).expect("set");
    message.save().expect("saved");
    drop(message);
    session.ok(FULL);
    let keywords = fs::read_to_string(place.server().join("dovecot-keywords"));
    assert_eq!(keywords.expect("readable"), "3 later\n0 two words\n");
    assert!(place.server().join("cur/1;2,Sda").exists());
    // In another folder the letters are others.
    let work = session.folder("Work");
    let moved = session.inbox().move_messages(&[session.id_of("a")], &work);
    moved.expect("moved");
    drop(work);
    session.ok(FULL);
    assert!(there_in(&place, "Work").contains("a:S"));
    assert_eq!(session.ok(FULL).steps, [""; 0]);
    session.close();
}

#[test]
fn a_missing_server_ends_the_run_and_deletes_nothing() {
    let place = tree();
    for name in ["2", "3"] {
        place.deliver(name, mail(name));
    }
    let session = place.open();
    session.ok(FULL);
    session.close();
    let away = place.root().join("away");
    fs::rename(place.server(), &away).expect("renamed");
    let session = place.open();
    let told = session.synchronise(FULL);
    assert_eq!(told.status, Status(MAPI_E_NOT_FOUND), "{told:?}");
    assert_eq!(session.subjects(), ["2", "3", "a"]);
    // An empty one is not believed either.
    Maildir::new(place.server()).create().expect("writable");
    session.synchronise(FULL);
    assert_eq!(session.subjects_in("Work"), ["b"]);
    session.close();
}

#[test]
fn each_direction_leaves_the_other_side_alone() {
    let place = tree();
    place.deliver("2", mail("there"));
    let session = place.open();
    let message = session.inbox().create_message().expect("made");
    message.set_subject("here").expect("set");
    message.save().expect("saved");
    drop(message);
    session.ok(SyncFlags::UPLOAD_CONTENTS);
    assert_eq!(
        (there(&place), session.subjects()),
        (
            "a: here: there:".into(),
            vec!["a".to_owned(), "here".into()]
        )
    );
    session.message("a").set_read(true).expect("marked");
    session.ok(SyncFlags::DOWNLOAD_CONTENTS);
    assert_eq!(there(&place), "a: here: there:");
    assert_eq!(session.subjects(), ["a", "here", "there"]);
    session.ok(FULL);
    assert_eq!(there(&place), "a:S here: there:");
    session.close();
}

#[test]
fn a_state_that_is_lost_deletes_and_doubles_nothing() {
    let place = tree();
    fs::remove_file(place.root().join("mail.nst.sync")).expect("it was beside the store");
    let session = place.open();
    let told = session.synchronise(FULL);
    assert_eq!(told.status, Status(S_OK), "{told:?}");
    session.ok(FULL);
    assert_eq!(
        (session.subjects(), there(&place)),
        (vec!["a".to_owned()], "a:".into())
    );
    assert_eq!(session.subjects_in("Work"), ["b"]);
    assert_eq!(session.ok(FULL).steps, [""; 0]);
    session.close();
}
