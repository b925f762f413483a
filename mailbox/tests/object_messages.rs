//! Messages as objects: working copies, properties, saves, conflicts.
#![allow(
    clippy::undocumented_unsafe_blocks,
    reason = "every pointer is to a local or to what a method has just answered"
)]

mod object_support;

use std::ptr;

use mapi_provider::abi::*;
use mapi_provider::view::{FileTime, PropTags, PropValue, Property};
use mapi_provider_mailbox::database;
use object_support::*;

fn set(session: &Session, message: &IMAPIProp, properties: &[Property<'_>]) {
    let answer = set_props(session, message, properties);
    assert_eq!(answer, (S_OK, vec![]));
}

fn flags(session: &Session, message: &IMAPIProp) -> MessageFlags {
    let flags = value(session, message, PR_MESSAGE_FLAGS).as_long();
    MessageFlags::from_bits_retain(flags.expect("flags").cast_unsigned())
}

fn not_found() -> PropValue<'static> {
    PropValue::Error(MAPI_E_NOT_FOUND)
}

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
    assert_eq!(flags(&session, &message), new);
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
    assert_eq!(flags(&session, &message), kept);
    let wrong = Property::with_id(PR_MESSAGE_FLAGS.id(), "read");
    let answer = set_props(&session, &message, &[wrong]);
    assert_eq!(answer, (S_OK, vec![(0, MAPI_E_UNEXPECTED_TYPE)]));
    save_and_go_on(&message);
    assert_eq!(flags(&session, &message), kept);
    let answer = set_props(&session, &message, &[given]);
    assert_eq!(answer, (S_OK, vec![(0, MAPI_E_COMPUTED)]));
    save_and_go_on(&message);
    assert_eq!(flags(&session, &message), kept - MessageFlags::UNMODIFIED);
    let again = open_message(&session, &entry_id_of(&session, &message));
    assert_eq!(flags(&session, &again), kept - MessageFlags::UNMODIFIED);
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
    assert_eq!(flags(&session, &message), MessageFlags::ASSOCIATED);
    assert_eq!(unsafe { message.SetReadFlag(ReadFlags::empty()) }, S_OK);
    save_and_go_on(&message);
    assert_eq!(unsafe { message.SetReadFlag(ReadFlags::empty()) }, S_OK);
    assert_eq!(flags(&session, &message), MessageFlags::ASSOCIATED);
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
    assert!(flags(&session, &reader).contains(MessageFlags::READ));
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
        flags(&session, &message).contains(MessageFlags::READ),
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
fn store_06_keys_are_there_at_once_and_no_two_messages_have_the_same() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let one = create_message(&folder);
    let other = create_message(&folder);
    for tag in [PR_SEARCH_KEY, PR_RECORD_KEY, PR_ENTRYID] {
        let key = value(&session, &one, tag);
        assert!(key.as_binary().is_some_and(|key| key.len() >= 8), "{tag}");
        assert_ne!(key, value(&session, &other, tag), "{tag}");
    }
    let key = value(&session, &one, PR_SEARCH_KEY);
    save_and_go_on(&one);
    assert_eq!(value(&session, &one, PR_SEARCH_KEY), key);
    assert_eq!(
        value(&session, &one, PR_MAPPING_SIGNATURE),
        value(&session, &folder, PR_MAPPING_SIGNATURE)
    );
    drop((folder, one, other));
    session.close();
}

#[test]
fn store_12_what_is_large_is_no_error_of_another_property() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    let body = "x".repeat(4097);
    let properties = [
        Property::new(PR_SUBJECT_W, "a"),
        Property::new(PR_BODY_W, &*body),
        Property::with_id(0x6001, vec![7_u8; 8192]),
        Property::with_id(0x6002, vec![7_u8; 8193]),
    ];
    set(&session, &message, &properties);
    for _ in 0..2 {
        let tags = [
            PR_SUBJECT_W,
            PR_BODY_W,
            properties[2].tag,
            properties[3].tag,
        ];
        let read = get_props(&session, &message, Some(&tags));
        let large = PropValue::Error(MAPI_E_NOT_ENOUGH_MEMORY);
        assert_eq!(read[0].value, "a".into());
        assert_eq!(read[1].value, large);
        assert_eq!(read[2].value, properties[2].value);
        assert_eq!(read[3].value, large);
        save_and_go_on(&message);
    }
    // In a table it is cut.
    let table = contents(&folder);
    assert_eq!(
        set_columns(&session, &table, &[PR_BODY_W, properties[3].tag]),
        S_OK
    );
    let rows = query(&session, &table, 1);
    let text = rows[0].get(PR_BODY_W).and_then(PropValue::to_text);
    assert_eq!(text.map(|text| text.len()), Some(255));
    let bytes = rows[0]
        .get(properties[3].tag)
        .and_then(PropValue::as_binary);
    assert_eq!(bytes.map(<[u8]>::len), Some(510));
    drop((folder, message, table));
    session.close();
}

#[test]
fn store_25_what_follows_from_the_rest_is_right_before_the_save_too() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    let computed = |tag| value(&session, &message, tag);
    assert_eq!(computed(PR_DISPLAY_TO_W), "".into());
    assert_eq!(computed(PR_HASATTACH), PropValue::Boolean(false));
    assert_eq!(computed(PR_NORMALIZED_SUBJECT_W), not_found());
    let empty = computed(PR_MESSAGE_SIZE).as_long().expect("a size");
    set(
        &session,
        &message,
        &[Property::new(PR_SUBJECT_W, "RE: Lunch")],
    );
    add_recipients(
        &session,
        &message,
        &[(MAPI_TO, "Ann"), (MAPI_CC, "Bob"), (MAPI_TO, "Cid")],
    );
    assert_eq!(computed(PR_NORMALIZED_SUBJECT_W), "Lunch".into());
    assert_eq!(computed(PR_SUBJECT_PREFIX_W), "RE: ".into());
    assert_eq!(computed(PR_DISPLAY_TO_W), "Ann; Cid".into());
    assert_eq!(computed(PR_DISPLAY_CC_W), "Bob".into());
    assert_eq!(computed(PR_DISPLAY_BCC_W), "".into());
    assert!(computed(PR_MESSAGE_SIZE).as_long().expect("a size") > empty);
    assert_eq!(computed(PR_ACCESS_LEVEL), PropValue::Long(1));
    let parent = entry_id_of(&session, &folder);
    assert_eq!(computed(PR_PARENT_ENTRYID), parent.into());
    // A prefix of one's own.
    let own = [
        Property::new(PR_SUBJECT_PREFIX_W, "[list] "),
        Property::new(PR_SUBJECT_W, "[list] Lunch"),
        Property::new(PR_MESSAGE_CLASS_W, ""),
    ];
    set(&session, &message, &own);
    assert_eq!(computed(PR_NORMALIZED_SUBJECT_W), "Lunch".into());
    let refused = [
        Property::new(PR_DISPLAY_TO_W, "x"),
        Property::new(PR_NORMALIZED_SUBJECT_W, "x"),
        Property::new(PR_MESSAGE_SIZE, 1),
        Property::new(PR_HASATTACH, true),
        Property::new(PR_ENTRYID, vec![1_u8]),
    ];
    let (status, problems) = set_props(&session, &message, &refused);
    let expected: Vec<_> = (0..5).map(|index| (index, MAPI_E_COMPUTED)).collect();
    assert_eq!((status, problems), (S_OK, expected));
    let before = computed(PR_MESSAGE_SIZE);
    save_and_go_on(&message);
    assert_eq!(computed(PR_MESSAGE_CLASS_W), "IPM".into());
    assert!(computed(PR_MESSAGE_SIZE).as_long() >= before.as_long());
    drop((folder, message));
    session.close();
}

#[test]
fn store_26_one_bad_property_is_a_problem_of_its_own() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    let mixed = [
        Property::new(PR_SUBJECT_W, "kept"),
        Property::new(PR_MESSAGE_SIZE, 1),
        Property::with_id(0x6001, PropValue::Error(MAPI_E_NOT_FOUND)),
        Property::new(PR_NULL, PropValue::Null),
        Property::with_id(0x6002, PropValue::MvLong(vec![3, 1, 2].into())),
    ];
    let answer = set_props(&session, &message, &mixed);
    assert_eq!(answer, (S_OK, vec![(1, MAPI_E_COMPUTED)]));
    assert_eq!(value(&session, &message, PR_SUBJECT_W), "kept".into());
    assert_eq!(
        value(&session, &message, mixed[4].tag),
        mixed[4].value,
        "in its order"
    );
    assert_eq!(
        value(&session, &message, PropTag::new(0x6001, PT_LONG)),
        not_found()
    );
    // A new type takes the place of the old one.
    set(&session, &message, &[Property::with_id(0x6002, "text")]);
    let old = value(&session, &message, mixed[4].tag);
    assert_eq!(old, PropValue::Error(MAPI_E_UNEXPECTED_TYPE));
    // An object refuses the whole call.
    let object = [
        Property::new(PR_SUBJECT_W, "not set"),
        Property::with_id(0x6003, PropValue::Object),
    ];
    assert_eq!(
        set_props(&session, &message, &object).0,
        MAPI_E_INVALID_PARAMETER
    );
    assert_eq!(value(&session, &message, PR_SUBJECT_W), "kept".into());
    drop((folder, message));
    session.close();
}

#[test]
fn store_27_strings_come_in_the_width_that_is_asked_for() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    let broken = PropValue::Unicode(vec![0x41, 0xD800, 0x42].into());
    let properties = [
        Property::new(PR_SUBJECT_A, PropValue::ansi("Lunch")),
        Property::with_id(0x6001, broken.clone()),
    ];
    set(&session, &message, &properties);
    for _ in 0..2 {
        assert_eq!(value(&session, &message, PR_SUBJECT_W), "Lunch".into());
        assert_eq!(
            value(&session, &message, PR_SUBJECT_A),
            PropValue::ansi("Lunch")
        );
        assert_eq!(value(&session, &message, properties[1].tag), broken);
        save_and_go_on(&message);
    }
    // Without the flag, strings whose width nobody says are narrow.
    let tags = [PR_SUBJECT_W.with_type(PT_UNSPECIFIED)];
    let narrow = get_props_with(&session, &message, Some(&tags), UnicodeFlags::empty());
    assert_eq!(narrow[0].tag, PR_SUBJECT_A);
    let all = get_props_with(&session, &message, None, UnicodeFlags::empty());
    assert!(all.iter().any(|one| one.tag == PR_SUBJECT_A));
    drop((folder, message));
    session.close();
}

#[test]
fn store_31_bodies_are_kept_as_given() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    let bodies = [PR_BODY_W, PR_HTML, PR_RTF_COMPRESSED, PR_RTF_IN_SYNC];
    let read = |of: &IMAPIProp| {
        let read = get_props(&session, of, Some(&bodies));
        read.into_iter().map(|one| one.value).collect::<Vec<_>>()
    };
    assert_eq!(
        read(&message),
        [not_found(), not_found(), not_found(), not_found()]
    );
    let formatted = PropValue::from(vec![1_u8, 2]);
    set(
        &session,
        &message,
        &[Property::new(PR_RTF_COMPRESSED, formatted.clone())],
    );
    let alone = [not_found(), not_found(), formatted.clone(), true.into()];
    assert_eq!(read(&message), alone, "RTF is the only body");
    save_and_go_on(&message);
    assert_eq!(read(&message), alone);
    let table = contents(&folder);
    assert_eq!(set_columns(&session, &table, &[PR_RTF_IN_SYNC]), S_OK);
    let rows = query(&session, &table, 1);
    assert_eq!(rows[0].get(PR_RTF_IN_SYNC), Some(&true.into()), "STORE-10");
    set(&session, &message, &[Property::new(PR_HTML, vec![b'x'])]);
    let older = [
        not_found(),
        vec![b'x'].into(),
        formatted.clone(),
        false.into(),
    ];
    assert_eq!(read(&message), older, "RTF is older");
    set(&session, &message, &[Property::new(PR_RTF_IN_SYNC, true)]);
    assert_eq!(read(&message)[3], true.into(), "as it was set");
    drop((folder, message, table));
    session.close();
}

#[test]
fn store_10_a_row_has_what_the_message_has() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    let properties = [
        Property::new(PR_SUBJECT_W, "RE: Lunch"),
        Property::new(PR_IMPORTANCE, 2),
        Property::new(PR_MESSAGE_DELIVERY_TIME, FileTime::from_ticks(77)),
        Property::with_id(0x6001, PropValue::MvLong(vec![3, 1].into())),
        Property::with_id(0x8001, "named"),
    ];
    set(&session, &message, &properties);
    add_recipients(&session, &message, &[(MAPI_TO, "Ann"), (MAPI_BCC, "Bob")]);
    save_and_go_on(&message);
    let all = get_props(&session, &message, None);
    let columns: Vec<PropTag> = all.iter().map(|one| one.tag).collect();
    let table = contents(&folder);
    assert_eq!(set_columns(&session, &table, &columns), S_OK);
    let rows = query(&session, &table, 1);
    for one in &all {
        assert_eq!(rows[0].get(one.tag), Some(&one.value), "{}", one.tag);
    }
    for required in [
        PR_ENTRYID,
        PR_SEARCH_KEY,
        PR_MESSAGE_CLASS_W,
        PR_MESSAGE_RECIPIENTS,
    ] {
        assert!(columns.contains(&required), "{required}");
    }
    drop((folder, message, table));
    session.close();
}

#[test]
fn store_04_a_message_has_the_mask_of_its_store() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    let mask = value(&session, &message, PR_STORE_SUPPORT_MASK);
    let store: IMAPIProp = session.store.interface().cast().expect("properties");
    assert_eq!(value(&session, &store, PR_STORE_SUPPORT_MASK), mask);
    let mask = StoreSupportMask::from_bits_retain(mask.as_long().expect("a mask").cast_unsigned());
    let needed = StoreSupportMask::SUBMIT_OK
        | StoreSupportMask::CREATE_OK
        | StoreSupportMask::MODIFY_OK
        | StoreSupportMask::ATTACH_OK;
    assert!(mask.contains(needed), "{mask:?}");
    drop((folder, message, store));
    session.close();
}

#[test]
fn store_07_names_are_those_of_the_store() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    let id = |object: &IMAPIProp, flags| id_of_name(&session, object, "colour", flags);
    let create = GetIDsFromNamesFlags::MAPI_CREATE;
    let unknown = id(&message, GetIDsFromNamesFlags::empty());
    assert_eq!(unknown, (MAPI_W_ERRORS_RETURNED, PropTag::new(0, PT_ERROR)));
    let (status, tag) = id(&message, create);
    assert!(status == S_OK && (0x8000..0xFFFF).contains(&tag.id()));
    assert_eq!(id(&folder, GetIDsFromNamesFlags::empty()), (S_OK, tag));
    drop((folder, message));
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
