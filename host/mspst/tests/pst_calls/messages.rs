//! Messages: what is computed, what is saved and when, recipients, attachments, names.

use std::ptr;

use crate::support::*;
use mapi_provider::abi::*;
use mapi_provider::store::{FileAttachment, Message, StoreError};
use mapi_provider::view::{FileTime, NameId, PropName, PropTags, PropValue, Property};

const UNICODE: UnicodeFlags = UnicodeFlags::MAPI_UNICODE;
const READWRITE: SaveChangesFlags = SaveChangesFlags::KEEP_OPEN_READWRITE;
/// Sets a property that can be set.
fn set(session: &Session, message: &IMessage, property: Property<'_>) {
    let set = set_props(session, message, &[property]);
    assert_eq!(set, (S_OK, vec![]));
}

fn flags(message: &Message) -> MessageFlags {
    let flags = message
        .long(PR_MESSAGE_FLAGS)
        .expect("readable")
        .expect("there");
    MessageFlags::from_bits_retain(flags as u32)
}

#[test]
fn what_can_be_worked_out_is() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let folder = folder_with(&session, "Mail", &[]);
    let message = folder.create_draft().expect("a message");
    assert!(flags(&message).contains(MessageFlags::UNSENT));
    message.set_subject("AW: Essen").expect("set");
    let id = message.save().expect("saved");
    let bytes = |tag| message.binary(tag).expect("readable").expect("there");
    assert_eq!(bytes(PR_ENTRYID), id.as_bytes());
    assert_eq!(
        bytes(PR_PARENT_ENTRYID),
        folder.entry_id().expect("an ID").as_bytes()
    );
    assert_eq!(bytes(PR_SEARCH_KEY).len(), 16);
    let store = session.client();
    assert_eq!(
        bytes(PR_STORE_ENTRYID),
        store.binary(PR_ENTRYID).expect("readable").expect("there")
    );
    let text = |tag| message.text(tag).expect("readable").expect("there");
    assert_eq!(
        (text(PR_NORMALIZED_SUBJECT_W), text(PR_SUBJECT_PREFIX_W)),
        ("Essen".into(), "AW: ".into())
    );
    assert!(!text(PR_MESSAGE_CLASS_W).is_empty());
    assert!(message.get(PR_CREATION_TIME).expect("readable").is_some());
    assert!(
        message
            .get(PR_LAST_MODIFICATION_TIME)
            .expect("readable")
            .is_some()
    );
    let size = message
        .long(PR_MESSAGE_SIZE)
        .expect("readable")
        .expect("there");
    assert!(size > 18, "{size}");
    assert_eq!(
        message.get(PR_HASATTACH).expect("readable"),
        Some(PropValue::Boolean(false))
    );
    // Nobody sets what is computed.
    let raw = raw_message(&session, &id);
    let entry_id = Property::new(PR_ENTRYID, vec![1, 2, 3]);
    let subject = Property::new(PR_SUBJECT_W, "x");
    let (status, problems) = set_props(&session, &raw, &[entry_id, subject]);
    assert_eq!((status, problems), (S_OK, vec![(0, MAPI_E_COMPUTED)]));
    drop((raw, message, folder, store));
    session.close();
}

#[test]
fn nothing_is_seen_before_it_is_saved_and_the_second_to_save_is_told() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let folder = folder_with(&session, "Mail", &[]);
    let id = add(&folder, "first");
    let (one, other) = (raw_message(&session, &id), raw_message(&session, &id));
    let subject = |message: &IMessage| {
        let value = get_prop(&session, message, PR_SUBJECT_W, UNICODE).value;
        value.to_text().expect("text")
    };
    set(&session, &one, Property::new(PR_SUBJECT_W, "mine"));
    assert_eq!(
        (subject(&one), subject(&other)),
        ("mine".into(), "first".into())
    );
    unsafe { assert_eq!(one.SaveChanges(READWRITE), S_OK) };
    assert_eq!(subject(&other), "first", "a copy from before");
    assert_eq!(subject(&raw_message(&session, &id)), "mine");
    set(&session, &other, Property::new(PR_SUBJECT_W, "other"));
    unsafe {
        assert_eq!(other.SaveChanges(READWRITE), MAPI_E_OBJECT_CHANGED);
        assert_eq!(subject(&other), "other", "nothing is lost");
        assert_eq!(
            other.SaveChanges(READWRITE | SaveChangesFlags::FORCE_SAVE),
            S_OK
        );
    }
    assert_eq!(subject(&raw_message(&session, &id)), "other");
    // The message that was changed unaware is told in turn, and after a deletion too.
    unsafe {
        assert_eq!(one.SaveChanges(READWRITE), MAPI_E_OBJECT_CHANGED);
        folder
            .delete_messages(std::slice::from_ref(&id))
            .expect("deleted");
        assert_eq!(other.SaveChanges(READWRITE), MAPI_E_OBJECT_DELETED);
    }
    let error = open_entry(&session, id.as_bytes()).map(drop);
    assert_eq!(error, Err(MAPI_E_NOT_FOUND));
    drop((one, other, folder));
    session.close();
}

#[test]
fn what_is_saved_is_kept_open_as_the_flags_say() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let folder = folder_with(&session, "Mail", &[]);
    let id = add(&folder, "a");
    let message = raw_message(&session, &id);
    let subject = [Property::new(PR_SUBJECT_W, "b")];
    unsafe {
        assert_eq!(
            message.SaveChanges(SaveChangesFlags::KEEP_OPEN_READONLY),
            S_OK
        )
    };
    assert_eq!(set_props(&session, &message, &subject).0, MAPI_E_NO_ACCESS);
    unsafe { assert_eq!(message.SaveChanges(READWRITE), MAPI_E_NO_ACCESS) };
    drop((message, folder));
    session.close();
}

#[test]
fn marks_need_no_saving_and_are_no_conflict() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let folder = folder_with(&session, "Mail", &[]);
    let id = add(&folder, "a");
    let open = raw_message(&session, &id);
    set(&session, &open, Property::new(PR_SUBJECT_W, "b"));
    let unread = || {
        folder
            .long(PR_CONTENT_UNREAD)
            .expect("readable")
            .expect("there")
    };
    let before = unread();
    folder
        .set_read(std::slice::from_ref(&id), before == 1)
        .expect("marked");
    assert_ne!(unread(), before);
    unsafe { assert_eq!(open.SaveChanges(READWRITE), S_OK) };
    assert_ne!(unread(), before, "the mark stays");
    unsafe { assert_eq!(open.SetReadFlag(ReadFlags::CLEAR_READ_FLAG), S_OK) };
    assert_eq!(unread(), 1);
    unsafe { assert_eq!(open.SetReadFlag(ReadFlags::GENERATE_RECEIPT_ONLY), S_OK) };
    assert_eq!(unread(), 1);
    let raw = raw_folder(&session, &folder.entry_id().expect("an ID"));
    let mut id = id.as_bytes().to_vec();
    let (mut old, mut now) = (MessageStatus::empty(), MessageStatus::empty());
    let marked = MessageStatus::MSGSTATUS_TAGGED | MessageStatus::MSGSTATUS_HIDDEN;
    unsafe {
        let (count, id) = (id.len() as u32, id.as_mut_ptr().cast());
        let mask = MessageStatus::MSGSTATUS_TAGGED;
        assert_eq!(
            raw.SetMessageStatus(count, id, marked, mask, &mut old),
            S_OK
        );
        assert_eq!(raw.GetMessageStatus(count, id, 0, &mut now), S_OK);
    }
    assert_eq!(
        (old, now),
        (MessageStatus::empty(), MessageStatus::MSGSTATUS_TAGGED)
    );
    drop((open, raw, folder));
    session.close();
}

#[test]
fn attachments_are_part_of_the_message_when_both_are_saved() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let folder = folder_with(&session, "Mail", &[]);
    let message = folder.create_message().expect("a message");
    message.set_subject("photos").expect("set");
    let large: Vec<u8> = (0..100_000_u32).map(|number| number as u8).collect();
    message
        .attach(&FileAttachment::new("a.jpg", "image/jpeg", &large))
        .expect("attached");
    message
        .attach(&FileAttachment::new("b.txt", "text/plain", b"hello"))
        .expect("attached");
    let inner = |inner: &Message| -> Result<(), StoreError> {
        inner.set_subject("inner")?;
        inner.attach(&FileAttachment::new("c.txt", "text/plain", b"deep"))?;
        Ok(())
    };
    message.attach_message("inner", inner).expect("attached");
    let id = message.save().expect("saved");
    drop((message, folder));
    session.close();

    let session = Session::open(&path);
    let store = session.client();
    let message = store.open_message(&id).expect("kept");
    assert!(flags(&message).contains(MessageFlags::HASATTACH));
    let attachments = message.attachments().expect("a list");
    assert_eq!(attachments.len(), 3);
    assert_eq!(attachments[0].name().expect("a name"), "a.jpg");
    assert_eq!(attachments[0].read_to_vec().expect("bytes"), large);
    assert_eq!(attachments[1].read_to_vec().expect("bytes"), b"hello");
    let embedded = attachments[2]
        .message()
        .expect("readable")
        .expect("a message");
    assert_eq!(
        embedded.text(PR_SUBJECT_W).expect("readable").as_deref(),
        Some("inner")
    );
    let deep = embedded.attachments().expect("a list");
    assert_eq!(deep[0].read_to_vec().expect("bytes"), b"deep");
    // A deleted one is gone once the message is saved, and its number is not given again.
    let number = attachments[1].number();
    message.delete_attachment(number).expect("deleted");
    assert!(message.open_attachment(number).is_err());
    assert_eq!(
        store
            .open_message(&id)
            .expect("there")
            .attachments()
            .expect("a list")
            .len(),
        3
    );
    message.save().expect("saved");
    assert_eq!(
        store
            .open_message(&id)
            .expect("there")
            .attachments()
            .expect("a list")
            .len(),
        2
    );
    drop((embedded, deep, attachments, message, store));
    session.close();
}

#[test]
fn strings_are_of_either_width() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let folder = folder_with(&session, "Mail", &[]);
    let id = add(&folder, "a");
    let message = raw_message(&session, &id);
    let ansi = Property::new(PR_SUBJECT_A, PropValue::ansi("Grüße"));
    set(&session, &message, ansi.clone());
    let untyped = PR_SUBJECT_W.with_type(PT_UNSPECIFIED);
    let get = |tag, flags| get_prop(&session, &message, tag, flags);
    assert_eq!(
        get(PR_SUBJECT_W, UNICODE),
        Property::new(PR_SUBJECT_W, "Grüße")
    );
    assert_eq!(get(untyped, UNICODE), Property::new(PR_SUBJECT_W, "Grüße"));
    assert_eq!(get(untyped, UnicodeFlags::empty()), ansi);
    assert_eq!(get(PR_SUBJECT_A, UNICODE), ansi);
    drop((message, folder));
    session.close();
}

#[test]
fn named_properties_keep_their_ids() {
    let (_folder, path) = place();
    let set = GUID::from_u128(0x0102_0304_0506_0708_090A_0B0C_0D0E_0F10);
    let name = |id: NameId<'static>| PropName { set, id };
    let (number, text) = (name(NameId::Number(7)), name(NameId::from("Keywords")));
    let tags = {
        let session = Session::open(&path);
        let store = session.client();
        assert_eq!(
            store.find_named_property(&number, PT_LONG).expect("asked"),
            None
        );
        let tags = [
            store.named_property(&number, PT_LONG).expect("made"),
            store.named_property(&text, PT_UNICODE).expect("made"),
        ];
        assert_eq!(
            store.named_property(&number, PT_LONG).expect("known"),
            tags[0]
        );
        assert!(tags.iter().all(|tag| tag.is_named()) && tags[0] != tags[1]);
        drop(store);
        session.close();
        tags
    };
    let session = Session::open(&path);
    let store = session.client();
    assert_eq!(
        store.find_named_property(&text, PT_UNICODE).expect("asked"),
        Some(tags[1])
    );
    assert_eq!(store.name_of(tags[0]).expect("asked"), Some(number));
    assert_eq!(
        store.name_of(PropTag::new(0x8FFF, PT_LONG)).expect("asked"),
        None
    );
    // All names, and all of them by their set.
    let raw = session.store.interface();
    let (mut all, mut count, mut names) = (ptr::null_mut(), 0, ptr::null_mut());
    unsafe {
        let flags = GetNamesFromIDsFlags::empty();
        let mut set = set;
        assert_eq!(
            raw.GetNamesFromIDs(&mut all, &mut set, flags, &mut count, &mut names),
            S_OK
        );
        assert_eq!(count, 2);
        drop(session.allocators().adopt(names, count));
        let all = session.allocators().adopt(all, 1).expect("tags");
        let all: PropTags<'_> = all.read(&Default::default()).expect("well-formed");
        assert_eq!(all.len(), 2);
    }
    drop(store);
    session.close();
}

#[test]
fn times_that_a_client_sets_are_kept() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let folder = folder_with(&session, "Mail", &[]);
    let message = folder.create_message().expect("a message");
    message.set_subject("old").expect("set");
    let time = FileTime::from_ticks(126_444_736_000_000_000);
    message.set(PR_CREATION_TIME, time).expect("set");
    message.set(PR_LAST_MODIFICATION_TIME, time).expect("set");
    let id = message.save().expect("saved");
    let message = session.client().open_message(&id).expect("opens");
    let get = |tag| {
        message
            .get(tag)
            .expect("readable")
            .expect("there")
            .as_time()
    };
    assert_eq!(
        (get(PR_CREATION_TIME), get(PR_LAST_MODIFICATION_TIME)),
        (Some(time), Some(time))
    );
    message.set_subject("new").expect("set");
    message.save().expect("saved");
    assert_eq!(get(PR_CREATION_TIME), Some(time));
    assert!(get(PR_LAST_MODIFICATION_TIME) > Some(time));
    drop((message, folder));
    session.close();
}
