//! What is saved is kept: folders, messages, tables, and the file behind them.

use crate::support::{Session, place};
use mapi_provider::abi::*;
use mapi_provider::store::Recipient;
use mapi_provider::view::SortDirection;

#[test]
fn store_02_a_new_store_has_its_folders() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let store = session.client();
    let subtree = store.ipm_subtree().expect("a subtree");
    assert_eq!(subtree.name().expect("a name"), "Top of Outlook data file");
    assert_eq!(
        store.wastebasket().expect("there").name().expect("a name"),
        "Deleted Items"
    );
    let inbox = store
        .receive_folder("IPM.Note")
        .expect("there from the beginning");
    assert_eq!(inbox.name().expect("a name"), "Inbox");
    let root = store.root().expect("a root");
    let mut names: Vec<String> = root
        .all_folders()
        .columns(&[PR_DISPLAY_NAME_W])
        .rows()
        .expect("a table")
        .map(|row| row.expect("a row").text(PR_DISPLAY_NAME_W).expect("a name"))
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "Common Views",
            "Deleted Items",
            "Inbox",
            "Outbox",
            "Search Root",
            "Sent Items",
            "Top of Outlook data file",
            "Views"
        ]
    );
    drop((store, subtree, inbox, root));
    session.close();
}

#[test]
fn messages_are_there_after_the_process_was_there() {
    let (_folder, path) = place();
    let id = {
        let session = Session::open(&path);
        let store = session.client();
        let inbox = store
            .ipm_subtree()
            .expect("there")
            .create_folder("Mail")
            .expect("made");
        let message = inbox.create_message().expect("a message");
        message.set_subject("RE: Lunch").expect("set");
        message.set_body("At noon.").expect("set");
        let recipients = [
            Recipient::to("Ann", "ann@example.org"),
            Recipient::cc("Bob", "b@example.org"),
        ];
        message.add_recipients(&recipients).expect("added");
        assert_eq!(
            inbox.messages().count().expect("counted"),
            0,
            "not saved yet"
        );
        let id = message.save().expect("saved");
        assert_eq!(inbox.messages().count().expect("counted"), 1);
        drop((message, inbox, store));
        session.close();
        id
    };
    let session = Session::open(&path);
    let store = session.client();
    let message = store.open_message(&id).expect("still there");
    let text = |tag| message.text(tag).expect("readable").expect("there");
    assert_eq!(text(PR_SUBJECT_W), "RE: Lunch");
    assert_eq!(text(PR_NORMALIZED_SUBJECT_W), "Lunch");
    assert_eq!(text(PR_BODY_W), "At noon.");
    assert_eq!(
        (text(PR_DISPLAY_TO_W), text(PR_DISPLAY_CC_W)),
        ("Ann".into(), "Bob".into())
    );
    assert_eq!(message.recipients().expect("a list").len(), 2);
    drop((message, store));
    session.close();
}

#[test]
fn tables_are_sorted_and_restricted() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let store = session.client();
    let folder = store
        .ipm_subtree()
        .expect("there")
        .create_folder("Mail")
        .expect("made");
    for (subject, importance) in [("banana", 1), ("Apple", 2), ("cherry", 1)] {
        let message = folder.create_message().expect("a message");
        message.set_subject(subject).expect("set");
        message.set(PR_IMPORTANCE, importance).expect("set");
        message.save().expect("saved");
    }
    let subjects = |query: mapi_provider::store::Query| -> Vec<String> {
        let rows = query.columns(&[PR_SUBJECT_W]).rows().expect("a table");
        rows.map(|row| row.expect("a row").text(PR_SUBJECT_W).expect("a subject"))
            .collect()
    };
    let sorted = folder.messages().sort(PR_SUBJECT_W, SortDirection::Ascend);
    assert_eq!(subjects(sorted), ["Apple", "banana", "cherry"]);
    let two_keys = folder
        .messages()
        .sort(PR_IMPORTANCE, SortDirection::Descend)
        .sort(PR_SUBJECT_W, SortDirection::Descend);
    assert_eq!(subjects(two_keys), ["Apple", "cherry", "banana"]);
    drop((folder, store));
    session.close();
}
