//! Copies of messages, within a store and beyond.

use std::ptr;

use crate::support::*;
use mapi_provider::abi::*;
use mapi_provider::store::{FileAttachment, Message, Recipient, Store};
use mapi_provider::view::{NameId, PropName, PropTags};

const READWRITE: SaveChangesFlags = SaveChangesFlags::KEEP_OPEN_READWRITE;

#[test]
fn a_copy_of_a_message_is_whole() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let folder = folder_with(&session, "Mail", &[]);
    let message = folder.create_message().expect("a message");
    message.set_subject("original").expect("set");
    message.set_body(&"long ".repeat(4000)).expect("set");
    message
        .add_recipients(&[Recipient::to("Ann", "a@b.c")])
        .expect("added");
    message
        .attach(&FileAttachment::new("a.txt", "text/plain", b"bytes"))
        .expect("attached");
    let inner = |inner: &Message| inner.set_subject("inner");
    message.attach_message("inner", inner).expect("attached");
    let id = message.save().expect("saved");
    let copy = folder.create_message().expect("a message");
    copy.set_subject("copy").expect("set");
    let copy_id = copy.save().expect("saved");
    let (from, to) = (raw_message(&session, &id), raw_message(&session, &copy_id));
    let iid = IMessage::IID;
    let mut problems = ptr::null_mut();
    let exclude = session
        .allocators()
        .build(&PropTags::from(&[PR_SUBJECT_W][..]))
        .expect("memory");
    unsafe {
        let status = from.CopyTo(
            0,
            ptr::null(),
            exclude.as_ptr(),
            0,
            ptr::null_mut(),
            &iid,
            to.as_raw(),
            CopyFlags::empty(),
            &mut problems,
        );
        assert_eq!(status, S_OK);
        drop(session.allocators().adopt(problems, 1));
        assert_eq!(to.SaveChanges(READWRITE), S_OK);
    }
    let copy = session.client().open_message(&copy_id).expect("there");
    assert_eq!(
        copy.text(PR_SUBJECT_W).expect("readable").as_deref(),
        Some("copy")
    );
    assert_eq!(
        copy.text(PR_BODY_W).expect("readable"),
        Some("long ".repeat(4000))
    );
    assert_eq!(copy.recipients().expect("a list").len(), 1);
    let attachments = copy.attachments().expect("a list");
    assert_eq!(attachments[0].read_to_vec().expect("bytes"), b"bytes");
    assert!(attachments[1].message().expect("readable").is_some());
    drop((attachments, copy, message, from, to, exclude, folder));
    session.close();
}

#[test]
fn messages_are_copied_to_other_stores() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let other_path = path.with_extension("other");
    set_path(&session.host, &other_path);
    let other = session.provider.logon().expect("a logon to another store");
    let client = Store::from_interface(other.interface().clone(), session.allocators());
    let here = folder_with(&session, "Mail", &["a", "b"]);
    let there = client
        .ipm_subtree()
        .expect("there")
        .create_folder("Mail")
        .expect("made");
    let set = GUID::from_u128(9);
    let name = PropName {
        set,
        id: NameId::from("Flag"),
    };
    let other_name = PropName {
        set,
        id: NameId::from("Other"),
    };
    client
        .named_property(&other_name, PT_LONG)
        .expect("another ID there");
    let tag = session
        .client()
        .named_property(&name, PT_LONG)
        .expect("made");
    let id = add(&here, "c");
    let message = session.client().open_message(&id).expect("opens");
    message.set(tag, 42).expect("set");
    message.save().expect("saved");
    drop(message);
    here.copy_messages(std::slice::from_ref(&id), &there)
        .expect("copied");
    here.move_messages(std::slice::from_ref(&id), &there)
        .expect("moved");
    assert_eq!(here.messages().count().expect("counted"), 2);
    assert_eq!(there.messages().count().expect("counted"), 2);
    let tag = client.named_property(&name, PT_LONG).expect("known there");
    let row = there
        .messages()
        .columns(&[tag])
        .first()
        .expect("a table")
        .expect("a row");
    assert_eq!(row.long(tag), Some(42), "under its name");
    drop((here, there));
    drop(client);
    assert_eq!(other.logoff().support.logoff_transports.len(), 1);
    session.close();
}
