//! Messages as objects: what others see of them and when, conflicts, flags and marks.

use crate::object_support;
use std::ptr;

use mapi_provider::abi::*;
use mapi_provider::view::{PropTags, PropValue, Property};
use mapi_provider_mailbox::database;
use object_support::*;

#[test]
fn store_21_a_message_is_seen_by_others_once_it_is_saved() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    set(&session, &message, &[Property::new(PR_SUBJECT_W, "Lunch")]);
    // STORE-05: it has its entry ID, which opens nothing for others yet.
    let id = entry_id_of(&session, &message);
    assert_eq!(open_entry(&session, &id).err(), Some(MAPI_E_NOT_FOUND));
    let table = contents(&folder);
    assert!(query(&session, &table, 10).is_empty());
    assert_eq!(
        value(&session, &folder, PR_CONTENT_COUNT),
        PropValue::Long(0)
    );
    assert_eq!(save_changes(&message, SaveChangesFlags::empty()), S_OK);
    assert_eq!(
        value(&session, &folder, PR_CONTENT_COUNT),
        PropValue::Long(1)
    );
    assert_eq!(texts(&session, &table, PR_SUBJECT_W), ["Lunch"]);
    assert_eq!(entry_id_of(&session, &message), id);
    let again = open_message(&session, &id);
    assert_eq!(value(&session, &again, PR_SUBJECT_W), "Lunch".into());
    drop((folder, message, table, again));
    session.close();
}

#[test]
fn store_21_a_message_that_is_never_saved_leaves_nothing() {
    let (session, store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    // IDs are set aside many at a time.
    drop(create_message(&folder));
    let before = store.read(|reader| reader.last_change()).expect("a number");
    let message = create_message(&folder);
    set(&session, &message, &[Property::new(PR_SUBJECT_W, "Lunch")]);
    drop(message);
    let after = store.read(|reader| reader.last_change()).expect("a number");
    assert_eq!(before, after);
    drop(folder);
    session.close();
}

#[test]
fn store_21_who_has_it_open_sees_it_as_it_was() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    let large = "x".repeat(20_000);
    let first = [
        Property::new(PR_SUBJECT_W, "first"),
        Property::new(PR_BODY_W, &*large),
    ];
    set(&session, &message, &first);
    save_and_go_on(&message);
    let reader = open_message(&session, &entry_id_of(&session, &message));
    set(&session, &message, &[Property::new(PR_SUBJECT_W, "second")]);
    save_and_go_on(&message);
    assert_eq!(value(&session, &reader, PR_SUBJECT_W), "first".into());
    let again = open_message(&session, &entry_id_of(&session, &message));
    assert_eq!(value(&session, &again, PR_SUBJECT_W), "second".into());
    drop((folder, message, reader, again));
    session.close();
}

#[test]
fn store_22_the_flags_say_how_it_stays_open() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    for (flag, expected) in [
        (SaveChangesFlags::empty(), MAPI_E_NO_ACCESS),
        (SaveChangesFlags::KEEP_OPEN_READONLY, MAPI_E_NO_ACCESS),
        (SaveChangesFlags::KEEP_OPEN_READWRITE, S_OK),
        (
            SaveChangesFlags::KEEP_OPEN_READWRITE | SaveChangesFlags::MAPI_DEFERRED_ERRORS,
            S_OK,
        ),
    ] {
        let message = create_message(&folder);
        set(&session, &message, &[Property::new(PR_SUBJECT_W, "a")]);
        assert_eq!(save_changes(&message, flag), S_OK);
        let again = set_props(&session, &message, &[Property::new(PR_SUBJECT_W, "b")]);
        assert_eq!(again.0, expected, "{flag:?}");
        let level = value(&session, &message, PR_ACCESS_LEVEL);
        assert_eq!(level, PropValue::Long(i32::from(expected == S_OK)));
        let shown = if expected == S_OK { "b" } else { "a" };
        assert_eq!(value(&session, &message, PR_SUBJECT_W), shown.into());
        // Everything that changes is refused alike.
        let tags = session
            .allocators()
            .build(&PropTags::from(&[PR_SUBJECT_W][..]))
            .expect("memory");
        let deleted = unsafe { message.DeleteProps(tags.as_ptr(), ptr::null_mut()) };
        assert_eq!(deleted, expected);
        assert_eq!(save_changes(&message, SaveChangesFlags::empty()), expected);
    }
    drop(folder);
    session.close();
}

#[test]
fn store_22_somebody_elses_save_is_a_conflict_and_force_wins() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    save_and_go_on(&message);
    let id = entry_id_of(&session, &message);
    let other = open_message(&session, &id);
    set(&session, &message, &[Property::new(PR_SUBJECT_W, "mine")]);
    set(&session, &other, &[Property::new(PR_SUBJECT_W, "theirs")]);
    save_and_go_on(&other);
    assert_eq!(
        save_changes(&message, SaveChangesFlags::empty()),
        MAPI_E_OBJECT_CHANGED
    );
    // The copy is as it was, and can be saved otherwise.
    assert_eq!(value(&session, &message, PR_SUBJECT_W), "mine".into());
    let forced = SaveChangesFlags::FORCE_SAVE | SaveChangesFlags::KEEP_OPEN_READWRITE;
    assert_eq!(save_changes(&message, forced), S_OK);
    let saved = open_message(&session, &id);
    assert_eq!(value(&session, &saved, PR_SUBJECT_W), "mine".into());
    assert_eq!(
        save_changes(&other, SaveChangesFlags::empty()),
        MAPI_E_OBJECT_CHANGED
    );
    let text = last_error(&session, &other, MAPI_E_OBJECT_CHANGED);
    assert!(text.contains("somebody else"), "{text}");
    drop((folder, message, other, saved));
    session.close();
}

#[test]
fn store_22_what_was_deleted_can_not_be_saved_even_by_force() {
    let (session, _store) = Session::in_memory();
    let folder = session.folder("Mail");
    let id = folder.entry_id().expect("an ID").into_owned();
    let raw = raw_folder(&session, &id);
    let message = create_message(&raw);
    save_and_go_on(&message);
    let message_id = entry_id_of(&session, &message);
    folder
        .delete_messages(&[message_id.into()])
        .expect("deleted");
    for flag in [SaveChangesFlags::empty(), SaveChangesFlags::FORCE_SAVE] {
        assert_eq!(save_changes(&message, flag), MAPI_E_OBJECT_DELETED);
    }
    // A new one in a folder that has gone.
    let orphan = create_message(&raw);
    let subtree = session.client().ipm_subtree().expect("there");
    subtree.delete_folder(&id).expect("deleted");
    assert_eq!(
        save_changes(&orphan, SaveChangesFlags::empty()),
        MAPI_E_OBJECT_DELETED
    );
    drop((folder, raw, message, orphan, subtree));
    session.close();
}

#[test]
fn store_23_the_flags_are_the_clients_until_the_first_save() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    let new = MessageFlags::UNSENT | MessageFlags::UNMODIFIED;
    assert_eq!(message_flags(&session, &message), new);
    // What follows from something else is not taken from the client.
    let given = MessageFlags::READ
        | MessageFlags::FROMME
        | MessageFlags::HASATTACH
        | MessageFlags::ASSOCIATED
        | MessageFlags::SUBMIT
        | MessageFlags::UNMODIFIED;
    let given = Property::new(PR_MESSAGE_FLAGS, given.bits().cast_signed());
    set(&session, &message, std::slice::from_ref(&given));
    let kept = MessageFlags::READ | MessageFlags::FROMME | MessageFlags::UNMODIFIED;
    assert_eq!(message_flags(&session, &message), kept);
    let wrong = Property::with_id(PR_MESSAGE_FLAGS.id(), "read");
    let answer = set_props(&session, &message, &[wrong]);
    assert_eq!(answer, (S_OK, vec![(0, MAPI_E_UNEXPECTED_TYPE)]));
    save_and_go_on(&message);
    assert_eq!(message_flags(&session, &message), kept);
    let answer = set_props(&session, &message, &[given]);
    assert_eq!(answer, (S_OK, vec![(0, MAPI_E_COMPUTED)]));
    save_and_go_on(&message);
    assert_eq!(
        message_flags(&session, &message),
        kept - MessageFlags::UNMODIFIED
    );
    let again = open_message(&session, &entry_id_of(&session, &message));
    assert_eq!(
        message_flags(&session, &again),
        kept - MessageFlags::UNMODIFIED
    );
    drop((folder, message, again));
    session.close();
}

#[test]
fn store_23_associated_messages_are_never_read() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message_with(&folder, CreateMessageFlags::MAPI_ASSOCIATED);
    let read = Property::new(PR_MESSAGE_FLAGS, MessageFlags::READ.bits().cast_signed());
    set(&session, &message, &[read]);
    assert_eq!(message_flags(&session, &message), MessageFlags::ASSOCIATED);
    assert_eq!(unsafe { message.SetReadFlag(ReadFlags::empty()) }, S_OK);
    save_and_go_on(&message);
    assert_eq!(unsafe { message.SetReadFlag(ReadFlags::empty()) }, S_OK);
    assert_eq!(message_flags(&session, &message), MessageFlags::ASSOCIATED);
    assert_eq!(
        value(&session, &folder, PR_ASSOC_CONTENT_COUNT),
        PropValue::Long(1)
    );
    assert_eq!(
        value(&session, &folder, PR_CONTENT_COUNT),
        PropValue::Long(0)
    );
    drop((folder, message));
    session.close();
}

#[test]
fn store_24_marks_need_no_save_and_make_no_conflict() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    save_and_go_on(&message);
    let id = entry_id_of(&session, &message);
    let key = value(&session, &message, PR_CHANGE_KEY);
    assert_eq!(
        value(&session, &folder, PR_CONTENT_UNREAD),
        PropValue::Long(1)
    );
    let reader = open_message(&session, &id);
    assert_eq!(unsafe { reader.SetReadFlag(ReadFlags::empty()) }, S_OK);
    assert!(message_flags(&session, &reader).contains(MessageFlags::READ));
    assert_eq!(
        value(&session, &folder, PR_CONTENT_UNREAD),
        PropValue::Long(0)
    );
    // STORE-06: the change key is that of the save.
    let again = open_message(&session, &id);
    assert_eq!(value(&session, &again, PR_CHANGE_KEY), key);
    set(&session, &message, &[Property::new(PR_SUBJECT_W, "a")]);
    save_and_go_on(&message);
    assert!(
        message_flags(&session, &message).contains(MessageFlags::READ),
        "the mark stays"
    );
    assert_ne!(value(&session, &message, PR_CHANGE_KEY), key);
    assert_eq!(
        unsafe { message.SetReadFlag(ReadFlags::CLEAR_READ_FLAG) },
        S_OK
    );
    assert_eq!(
        value(&session, &folder, PR_CONTENT_UNREAD),
        PropValue::Long(1)
    );
    let contradiction = ReadFlags::CLEAR_READ_FLAG | ReadFlags::SUPPRESS_RECEIPT;
    let refused = unsafe { message.SetReadFlag(contradiction) };
    assert_eq!(refused, MAPI_E_INVALID_PARAMETER);
    drop((folder, message, reader, again));
    session.close();
}

#[test]
fn store_05_a_message_keeps_its_id_through_a_move() {
    let (session, store) = Session::in_memory();
    let (from, to) = (session.raw_folder("From"), session.raw_folder("To"));
    let message = create_message(&from);
    save_and_go_on(&message);
    let id = entry_id_of(&session, &message);
    // It is open meanwhile, and is saved where it is now.
    let parent = entry_id_of(&session, &to);
    let there = folder_id(&parent.clone().into());
    let moved = store.write(|tx| tx.move_messages(&[message_id(&id)], there));
    assert!(!moved.expect("moved").is_partial());
    set(&session, &message, &[Property::new(PR_SUBJECT_W, "moved")]);
    save_and_go_on(&message);
    assert_eq!(value(&session, &message, PR_PARENT_ENTRYID), parent.into());
    assert_eq!(entry_id_of(&session, &message), id);
    assert_eq!(texts(&session, &contents(&to), PR_SUBJECT_W), ["moved"]);
    drop((from, to, message));
    session.close();
}

#[test]
fn store_05_a_message_opens_by_the_interfaces_that_it_has() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    save_and_go_on(&message);
    let mut id = entry_id_of(&session, &message);
    let mut open = |interface: Option<&GUID>| {
        let (mut kind, mut out) = (0, ptr::null_mut());
        let interface = interface.map_or(ptr::null(), ptr::from_ref);
        let status = unsafe {
            let (count, id) = (id.len() as u32, id.as_mut_ptr().cast());
            let flags = OpenEntryFlags::MAPI_BEST_ACCESS;
            folder.OpenEntry(count, id, interface, flags, &mut kind, &mut out)
        };
        if status.is_ok() {
            drop(unsafe { IUnknown::from_raw(out) });
        }
        (status, kind)
    };
    for has in [None, Some(&IMessage::IID), Some(&IMAPIProp::IID)] {
        assert_eq!(open(has), (S_OK, MAPI_MESSAGE));
    }
    for has_not in [&IMAPIFolder::IID, &IAttach::IID] {
        assert_eq!(open(Some(has_not)).0, MAPI_E_INTERFACE_NOT_SUPPORTED);
    }
    drop((folder, message));
    session.close();
}

#[test]
fn store_22_another_processs_save_is_a_conflict_too() {
    let (_place, path) = place();
    let session = Session::open(file(&path));
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    set(&session, &message, &[Property::new(PR_SUBJECT_W, "mine")]);
    save_and_go_on(&message);
    let id = message_id(&entry_id_of(&session, &message));
    // A second handle of the file is what another process has.
    let other = database::Store::open(&path).expect("the same file");
    let saved = other.open_message(id).expect("read").expect("saved");
    let mut data = database::MessageData::clone(&saved.data);
    data.props.set_tag(PR_SUBJECT_W, "theirs");
    let save = database::Save {
        id,
        folder: saved.info.folder,
        associated: false,
        base: Some(saved.info.version),
        force: false,
        read: false,
        keep_time: false,
        data: &data,
    };
    other.write(|tx| tx.save_message(&save)).expect("saved");
    let status = save_changes(&message, SaveChangesFlags::empty());
    assert_eq!(status, MAPI_E_OBJECT_CHANGED);
    assert_eq!(value(&session, &message, PR_SUBJECT_W), "mine".into());
    let again = open_message(&session, &entry_id_of(&session, &message));
    assert_eq!(value(&session, &again, PR_SUBJECT_W), "theirs".into());
    drop((folder, message, again, other));
    session.close();
}

#[test]
fn store_25_a_very_long_class_is_no_empty_one() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    let class = format!("IPM.{}", "x".repeat(9000));
    set(
        &session,
        &message,
        &[Property::new(PR_MESSAGE_CLASS_W, &*class)],
    );
    // It lies apart from the first save on.
    for _ in 0..2 {
        save_and_go_on(&message);
        let large = value(&session, &message, PR_MESSAGE_CLASS_W);
        assert_eq!(large, PropValue::Error(MAPI_E_NOT_ENOUGH_MEMORY));
    }
    drop((folder, message));
    session.close();
}

#[test]
fn store_25_a_very_long_subject_has_its_parts_too() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    let rest = "x".repeat(9000);
    let subject = format!("RE: {rest}");
    set(
        &session,
        &message,
        &[Property::new(PR_SUBJECT_W, &*subject)],
    );
    save_and_go_on(&message);
    let again = open_message(&session, &entry_id_of(&session, &message));
    let parts = [
        (PR_NORMALIZED_SUBJECT_W, &*rest),
        (PR_SUBJECT_PREFIX_W, "RE: "),
    ];
    for (tag, part) in parts {
        for message in [&message, &again] {
            // STORE-12: it is read as a stream.
            let large = value(&session, message, tag);
            assert_eq!(large, PropValue::Error(MAPI_E_NOT_ENOUGH_MEMORY), "{tag}");
            let mut out = ptr::null_mut();
            let mut bytes = vec![0_u8; 20_000];
            let mut count = 0;
            unsafe {
                let flags = OpenPropertyFlags::empty();
                let status = message.OpenProperty(tag, &IStream::IID, 0, flags, &mut out);
                assert_eq!(status, S_OK);
                let stream = IStream::from_raw(out);
                let room = bytes.len() as u32;
                let status = stream.Read(bytes.as_mut_ptr().cast(), room, &mut count);
                assert_eq!(status, S_OK);
            }
            let (units, _) = bytes[..count as usize].as_chunks::<2>();
            let units: Vec<u16> = units.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
            assert_eq!(String::from_utf16_lossy(&units), part);
        }
        let table = contents(&folder);
        assert_eq!(set_columns(&session, &table, &[tag]), S_OK);
        let shown = &part[..part.len().min(255)];
        assert_eq!(texts(&session, &table, tag), [shown]);
        drop(table);
    }
    drop((folder, message, again));
    session.close();
}
