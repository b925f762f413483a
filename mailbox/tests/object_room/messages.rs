//! Messages as objects: their properties, set and worked out.

use crate::object_support;
use mapi_provider::abi::*;
use mapi_provider::view::{FileTime, PropValue, Property};
use object_support::*;

fn not_found() -> PropValue<'static> {
    PropValue::Error(MAPI_E_NOT_FOUND)
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
