//! Bodies and data of attachments as streams, and messages that are copied whole.

use crate::object_support;
use crate::parts_support;
use std::ptr;

use mapi_provider::abi::*;
use mapi_provider::store::{FileAttachment, Recipient, StoreError};
use mapi_provider::view::{PropTags, PropValue, Property};
use object_support::*;
use parts_support::*;

const READ: OpenPropertyFlags = OpenPropertyFlags::empty();
const MODIFY: OpenPropertyFlags = OpenPropertyFlags::MAPI_MODIFY;

fn stream(object: &IMAPIProp, tag: PropTag, flags: OpenPropertyFlags) -> Result<IStream, HRESULT> {
    let mut out = ptr::null_mut();
    unsafe {
        let status = object.OpenProperty(tag, &IStream::IID, STGM_READWRITE, flags, &mut out);
        if status.is_ok() {
            Ok(IStream::from_raw(out))
        } else {
            assert!(out.is_null());
            Err(status)
        }
    }
}

fn write(object: &IMAPIProp, tag: PropTag, bytes: &[u8]) -> IStream {
    let stream = stream(object, tag, create()).expect("a stream");
    let mut written = 0;
    let status = unsafe { stream.Write(bytes.as_ptr().cast(), bytes.len() as u32, &mut written) };
    assert_eq!((status, written as usize), (S_OK, bytes.len()));
    stream
}

fn read(object: &IMAPIProp, tag: PropTag) -> Result<Vec<u8>, HRESULT> {
    let stream = stream(object, tag, READ)?;
    let mut bytes = vec![0; 1 << 20];
    let mut count = 0;
    let status = unsafe { stream.Read(bytes.as_mut_ptr().cast(), 1 << 20, &mut count) };
    assert_eq!(status, S_OK);
    bytes.truncate(count as usize);
    Ok(bytes)
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn store_21_what_a_stream_has_written_is_saved_with_the_message() {
    let (session, store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    save_and_go_on(&message);
    let id = entry_id_of(&session, &message);
    let text = utf16(&"Grüße ".repeat(5000));
    // Nobody commits it: the save of the message makes it the value.
    let open = write(&message, PR_BODY_W, &text);
    let seen = open_message(&session, &id);
    assert_eq!(read(&seen, PR_BODY_W), Err(MAPI_E_NOT_FOUND));
    save_and_go_on(&message);
    assert_eq!(
        read(&seen, PR_BODY_W),
        Err(MAPI_E_NOT_FOUND),
        "it sees what it has opened"
    );
    let reader = open_message(&session, &id);
    let large = value(&session, &reader, PR_BODY_W);
    assert_eq!(
        large,
        PropValue::Error(MAPI_E_NOT_ENOUGH_MEMORY),
        "STORE-12"
    );
    assert_eq!(
        read(&reader, PR_BODY_W),
        Ok(text.clone()),
        "STORE-12: all of it"
    );
    // Whoever has it open can read it whatever becomes of the message.
    drop((open, message));
    let deleted = store.write(|tx| tx.delete_messages(&[message_id(&id)]));
    assert!(!deleted.expect("deleted").is_partial());
    store.maintain().expect("maintained");
    assert_eq!(read(&reader, PR_BODY_W), Ok(text));
    drop((folder, seen, reader));
    session.close();
}

#[test]
fn store_30_streams_of_what_may_not_be_changed_are_refused() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    set(&session, &message, &[named(PR_BODY_W, "x")]);
    let computed = stream(&message, PR_DISPLAY_TO_W, MODIFY);
    assert_eq!(computed.err(), Some(MAPI_E_COMPUTED));
    assert_eq!(read(&message, PR_DISPLAY_TO_W), Ok(Vec::new()));
    assert_eq!(
        save_changes(&message, SaveChangesFlags::KEEP_OPEN_READONLY),
        S_OK
    );
    assert_eq!(
        stream(&message, PR_BODY_W, MODIFY).err(),
        Some(MAPI_E_NO_ACCESS)
    );
    assert_eq!(
        stream(&message, PR_BODY_W, create()).err(),
        Some(MAPI_E_NO_ACCESS)
    );
    assert_eq!(read(&message, PR_BODY_W), Ok(utf16("x")));
    drop((folder, message));
    session.close();
}

#[test]
fn store_31_a_body_that_is_written_as_a_stream_is_newer_than_the_others() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    let in_sync = || value(&session, &message, PR_RTF_IN_SYNC);
    drop(write(&message, PR_BODY_W, &utf16("plain")));
    assert_eq!(in_sync(), PropValue::Error(MAPI_E_NOT_FOUND));
    drop(write(&message, PR_RTF_COMPRESSED, b"formatted"));
    assert_eq!(in_sync(), true.into());
    drop(write(&message, PR_HTML, b"<p>newer</p>"));
    assert_eq!(in_sync(), false.into());
    save_and_go_on(&message);
    assert_eq!(in_sync(), false.into());
    assert_eq!(value(&session, &message, PR_BODY_W), "plain".into());
    drop((folder, message));
    session.close();
}

#[test]
fn store_29_data_of_an_attachment_is_there_after_both_saves() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    let (number, attachment) = create_attachment(&message);
    let data: Vec<u8> = (0..200_000_u32).map(|number| number as u8).collect();
    let method = Property::new(PR_ATTACH_METHOD, ATTACH_BY_VALUE as i32);
    set(&session, &attachment, &[method]);
    let open = write(&attachment, PR_ATTACH_DATA_BIN, &data);
    save_and_go_on(&attachment);
    save_and_go_on(&message);
    let other = open_message(&session, &entry_id_of(&session, &message));
    let reader = open_attachment(&other, number, OpenAttachFlags::empty()).expect("there");
    assert_eq!(read(&reader, PR_ATTACH_DATA_BIN), Ok(data.clone()));
    assert_eq!(read(&attachment, PR_ATTACH_DATA_BIN), Ok(data.clone()));
    // The table shows the beginning.
    let table = attachment_table(&other);
    assert_eq!(set_columns(&session, &table, &[PR_ATTACH_DATA_BIN]), S_OK);
    let shown = column(&session, &table, PR_ATTACH_DATA_BIN);
    assert_eq!(shown, [Some(PropValue::from(&data[..510]))]);
    drop((folder, message, attachment, open, other, reader, table));
    session.close();
}

/// A message with recipients, a file and a message in it.
fn rich(session: &Session, folder: &IMAPIFolder) -> IMessage {
    let message = create_message(folder);
    set(
        session,
        &message,
        &[
            named(PR_SUBJECT_W, "rich"),
            named(PR_BODY_W, &"b".repeat(9000)),
        ],
    );
    add_recipients(session, &message, &[(MAPI_TO, "Ann"), (MAPI_CC, "Bob")]);
    let (_, file) = create_attachment(&message);
    set(session, &file, &[named(PR_DISPLAY_NAME_W, "a.txt")]);
    drop(write(&file, PR_ATTACH_DATA_BIN, &[7; 30_000]));
    save_and_go_on(&file);
    let (_, item) = create_attachment(&message);
    set(session, &item, &[named(PR_DISPLAY_NAME_W, "mail")]);
    let inner = embedded(&item, create()).expect("made");
    set(session, &inner, &[named(PR_SUBJECT_W, "inner")]);
    add_recipients(session, &inner, &[(MAPI_TO, "Cid")]);
    save_and_go_on(&inner);
    save_and_go_on(&item);
    save_and_go_on(&message);
    message
}

fn check_rich(session: &Session, message: &IMessage) {
    assert_eq!(value(session, message, PR_SUBJECT_W), "rich".into());
    assert_eq!(read(message, PR_BODY_W), Ok(utf16(&"b".repeat(9000))));
    assert_eq!(value(session, message, PR_DISPLAY_TO_W), "Ann".into());
    assert_eq!(value(session, message, PR_DISPLAY_CC_W), "Bob".into());
    let table = attachment_table(message);
    assert_eq!(
        set_columns(session, &table, &[PR_ATTACH_NUM, PR_DISPLAY_NAME_W]),
        S_OK
    );
    let mut names = Vec::new();
    for row in query(session, &table, 10) {
        let number = row
            .get(PR_ATTACH_NUM)
            .and_then(PropValue::as_long)
            .expect("a number");
        names.push(
            row.get(PR_DISPLAY_NAME_W)
                .and_then(PropValue::to_text)
                .expect("a name"),
        );
        let flags = OpenAttachFlags::empty();
        let attachment = open_attachment(message, number as u32, flags).expect("there");
        if names.last().is_some_and(|name| name == "mail") {
            let inner = embedded(&attachment, READ).expect("a message");
            assert_eq!(value(session, &inner, PR_SUBJECT_W), "inner".into());
            assert_eq!(value(session, &inner, PR_DISPLAY_TO_W), "Cid".into());
        } else {
            assert_eq!(read(&attachment, PR_ATTACH_DATA_BIN), Ok(vec![7; 30_000]));
        }
    }
    names.sort();
    assert_eq!(names, ["a.txt", "mail"]);
}

fn copy_to(
    from: &IMAPIProp,
    excluded: Option<&PropTags>,
    to: &IMAPIProp,
    flags: CopyFlags,
    session: &Session,
) -> HRESULT {
    let excluded = excluded.map(|tags| session.allocators().build(tags).expect("memory"));
    let excluded = excluded
        .as_ref()
        .map_or(ptr::null_mut(), |tags| tags.as_ptr());
    let (none, nothing) = (ptr::null(), ptr::null_mut());
    unsafe {
        from.CopyTo(
            0,
            none,
            excluded,
            0,
            nothing,
            &IMessage::IID,
            to.as_raw(),
            flags,
            ptr::null_mut(),
        )
    }
}

#[test]
fn store_32_a_message_is_copied_with_all_that_belongs_to_it() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = rich(&session, &folder);
    let copy = create_message(&folder);
    let plain = CopyFlags::empty();
    assert_eq!(copy_to(&message, None, &copy, plain, &session), S_OK);
    save_and_go_on(&copy);
    let saved = open_message(&session, &entry_id_of(&session, &copy));
    check_rich(&session, &saved);
    assert_ne!(
        entry_id_of(&session, &copy),
        entry_id_of(&session, &message)
    );
    let key = value(&session, &message, PR_SEARCH_KEY);
    assert_eq!(value(&session, &copy, PR_SEARCH_KEY), key, "STORE-06");
    // Without the parts.
    let without = PropTags::from(&[PR_MESSAGE_ATTACHMENTS, PR_MESSAGE_RECIPIENTS][..]);
    let part = create_message(&folder);
    assert_eq!(
        copy_to(&message, Some(&without), &part, plain, &session),
        S_OK
    );
    assert_eq!(
        value(&session, &part, PR_HASATTACH),
        PropValue::Boolean(false)
    );
    assert_eq!(value(&session, &part, PR_DISPLAY_TO_W), "".into());
    assert_eq!(value(&session, &part, PR_SUBJECT_W), "rich".into());
    // Onto itself, also through another object.
    let same = open_message(&session, &entry_id_of(&session, &message));
    for itself in [&message, &same] {
        assert_eq!(
            copy_to(&message, None, itself, plain, &session),
            MAPI_E_NO_ACCESS
        );
    }
    // A copy that is moved leaves nothing behind, once both are saved.
    let moved = create_message(&folder);
    let moves = CopyFlags::MAPI_MOVE;
    assert_eq!(copy_to(&message, None, &moved, moves, &session), S_OK);
    save_and_go_on(&moved);
    check_rich(&session, &moved);
    save_and_go_on(&message);
    assert_eq!(
        value(&session, &message, PR_HASATTACH),
        PropValue::Boolean(false)
    );
    assert_eq!(value(&session, &message, PR_DISPLAY_TO_W), "".into());
    assert_eq!(
        value(&session, &message, PR_SUBJECT_W),
        PropValue::Error(MAPI_E_NOT_FOUND)
    );
    drop((folder, message, copy, saved, part, same, moved));
    session.close();
}

#[test]
fn store_33_messages_are_copied_and_moved_between_folders() {
    let (session, _store) = Session::in_memory();
    let (from, to) = (session.folder("From"), session.folder("To"));
    let raw = |folder: &mapi_provider::store::Folder<'_>| {
        raw_folder(&session, &folder.entry_id().expect("an ID").into_owned())
    };
    let message = rich(&session, &raw(&from));
    let id = entry_id_of(&session, &message);
    from.copy_messages(&[id.clone().into()], &to)
        .expect("copied");
    let there = raw(&to);
    let table = contents(&there);
    let rows = query(&session, &table, 10);
    assert_eq!(rows.len(), 1);
    let copy = rows[0]
        .get(PR_ENTRYID)
        .and_then(PropValue::as_binary)
        .expect("an ID")
        .to_vec();
    check_rich(&session, &open_message(&session, &copy));
    from.move_messages(&[id.clone().into()], &to)
        .expect("moved");
    assert_eq!(
        value(&session, &raw(&from), PR_CONTENT_COUNT),
        PropValue::Long(0)
    );
    assert_eq!(query(&session, &contents(&there), 10).len(), 2);
    // STORE-05: it kept its ID.
    check_rich(&session, &open_message(&session, &id));
    drop((from, to, message, there, table));
    session.close();
}

#[test]
fn a_client_writes_mail_and_reads_it_again() {
    let (session, _store) = Session::in_memory();
    let folder = session.folder("Mail");
    let message = folder.create_message().expect("made");
    message.set(PR_SUBJECT_W, "Grüße").expect("set");
    message
        .set(PR_BODY_W, &*"x".repeat(50_000))
        .expect("set as a stream");
    let to = Recipient::to("Ann", "ann@example.org");
    message.add_recipients(&[to]).expect("added");
    let content = vec![9; 100_000];
    let file = FileAttachment::new("a.bin", "application/octet-stream", &content);
    message.attach(&file).expect("attached");
    message
        .attach_message::<StoreError>("inner", |inner| inner.set(PR_SUBJECT_W, "inner"))
        .expect("attached");
    let id = message.save().expect("saved").into_owned();
    let read = folder.open_message(&id).expect("opened");
    assert_eq!(
        read.text(PR_BODY_W).expect("read").map(|body| body.len()),
        Some(50_000)
    );
    let recipients = read.recipients().expect("read");
    assert_eq!(recipients.len(), 1);
    assert_eq!(recipients[0].address, "ann@example.org");
    let attachments = read.attachments().expect("read");
    let mut names: Vec<String> = Vec::new();
    for attachment in &attachments {
        names.push(attachment.name().expect("a name"));
        match attachment.message().expect("read") {
            Some(inner) => {
                let subject = inner.text(PR_SUBJECT_W).expect("read");
                assert_eq!(subject.as_deref(), Some("inner"));
            }
            None => assert_eq!(attachment.read_to_vec().expect("read"), content),
        }
    }
    names.sort();
    assert_eq!(names.len(), 2);
    assert_eq!(names[0], "a.bin");
    drop((folder, message, read, attachments));
    session.close();
}
