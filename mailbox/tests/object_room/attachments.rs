//! Attachments of messages, their table, and messages in attachments.

use crate::object_support;
use crate::parts_support;
use std::ptr;

use mapi_provider::abi::*;
use mapi_provider::view::{PropValue, Property};
use object_support::*;
use parts_support::*;

#[test]
fn store_19_the_tables_are_opened_as_properties_too() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    add_recipients(&session, &message, &[(MAPI_TO, "Ann")]);
    let (_, attachment) = create_attachment(&message);
    set(&session, &attachment, &[named(PR_DISPLAY_NAME_W, "a.txt")]);
    save_and_go_on(&attachment);
    save_and_go_on(&message);
    for (tag, expected) in [
        (PR_MESSAGE_RECIPIENTS, "Ann"),
        (PR_MESSAGE_ATTACHMENTS, "a.txt"),
    ] {
        let mut out = ptr::null_mut();
        let unicode = UnicodeFlags::MAPI_UNICODE.bits();
        let flags = OpenPropertyFlags::empty();
        let status =
            unsafe { message.OpenProperty(tag, &IMAPITable::IID, unicode, flags, &mut out) };
        assert_eq!(status, S_OK);
        let table = unsafe { IMAPITable::from_raw(out) };
        assert_eq!(texts(&session, &table, PR_DISPLAY_NAME_W), [expected]);
        let told = get_props(&session, &message, Some(&[tag]));
        assert_eq!(told[0].value, PropValue::Object);
    }
    drop((folder, message, attachment));
    session.close();
}

#[test]
fn store_29_an_attachment_is_there_once_it_and_the_message_are_saved() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    save_and_go_on(&message);
    let id = entry_id_of(&session, &message);
    let table = attachment_table(&message);
    let count = |message: &IMessage| query(&session, &attachment_table(message), 10).len();
    let (number, attachment) = create_attachment(&message);
    let method = value(&session, &attachment, PR_ATTACH_METHOD);
    assert_eq!(method, PropValue::Long(NO_ATTACHMENT as i32));
    assert_eq!(
        value(&session, &attachment, PR_ATTACH_NUM),
        PropValue::Long(number as i32)
    );
    let data = [
        named(PR_ATTACH_LONG_FILENAME_W, "a.txt"),
        Property::new(PR_ATTACH_DATA_BIN, vec![7_u8; 20_000]),
    ];
    set(&session, &attachment, &data);
    assert_eq!(count(&message), 0);
    assert_eq!(
        value(&session, &message, PR_HASATTACH),
        PropValue::Boolean(false)
    );
    save_and_go_on(&attachment);
    assert_eq!(count(&message), 0, "the message is not saved");
    // STORE-25: what follows from it is right before the save.
    assert_eq!(
        value(&session, &message, PR_HASATTACH),
        PropValue::Boolean(true)
    );
    assert_eq!(count(&open_message(&session, &id)), 0);
    save_and_go_on(&message);
    assert_eq!(count(&message), 1);
    assert_eq!(
        query(&session, &table, 10).len(),
        1,
        "a table that was open follows"
    );
    let other = open_message(&session, &id);
    assert_eq!(count(&other), 1);
    let key = value(&session, &attachment, PR_RECORD_KEY);
    let read = open_attachment(&other, number, OpenAttachFlags::empty()).expect("there");
    assert_eq!(value(&session, &read, PR_RECORD_KEY), key, "for good");
    assert_eq!(value(&session, &read, PR_ACCESS_LEVEL), PropValue::Long(0));
    assert_eq!(
        value(&session, &read, PR_ATTACH_LONG_FILENAME_W),
        "a.txt".into()
    );
    let large = value(&session, &read, PR_ATTACH_DATA_BIN);
    assert_eq!(large, PropValue::Error(MAPI_E_NOT_ENOUGH_MEMORY));
    let size = value(&session, &read, PR_ATTACH_SIZE).as_long();
    assert!(size.is_some_and(|size| size > 20_000));
    let refused = set_props(&session, &read, &data);
    assert_eq!(refused.0, MAPI_E_NO_ACCESS);
    // In the table it is cut (STORE-12).
    let shown = attachment_table(&other);
    assert_eq!(set_columns(&session, &shown, &[PR_ATTACH_DATA_BIN]), S_OK);
    let cut = column(&session, &shown, PR_ATTACH_DATA_BIN);
    assert_eq!(cut, [Some(PropValue::from(vec![7_u8; 510]))]);
    let mut bookmark = 0;
    let refused = unsafe { shown.CreateBookmark(&mut bookmark) };
    assert_eq!(refused, MAPI_E_NO_SUPPORT, "STORE-16");
    drop((folder, message, table, attachment, other, read, shown));
    session.close();
}

#[test]
fn store_29_numbers_are_not_used_again_and_the_table_has_its_order() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    let attach = |name: &str, position: i32| {
        let (number, attachment) = create_attachment(&message);
        let place = Property::new(PR_RENDERING_POSITION, position);
        set(
            &session,
            &attachment,
            &[named(PR_DISPLAY_NAME_W, name), place],
        );
        assert_eq!(save_changes(&attachment, SaveChangesFlags::empty()), S_OK);
        number
    };
    let numbers = [attach("c", 70), attach("a", -1), attach("b", 3)];
    assert_eq!(numbers, [0, 1, 2]);
    save_and_go_on(&message);
    let names = || texts(&session, &attachment_table(&message), PR_DISPLAY_NAME_W);
    assert_eq!(names(), ["a", "b", "c"], "positions have a sign");
    assert_eq!(delete_attachment(&message, 2), S_OK);
    assert_eq!(delete_attachment(&message, 2), MAPI_E_NOT_FOUND);
    assert_eq!(
        open_attachment(&message, 2, OpenAttachFlags::empty()).err(),
        Some(MAPI_E_NOT_FOUND)
    );
    assert_eq!(names(), ["a", "c"]);
    assert_eq!(attach("d", 0), 3);
    // Others see all of it after the save, and nothing before.
    let id = entry_id_of(&session, &message);
    let others = || {
        let other = open_message(&session, &id);
        texts(&session, &attachment_table(&other), PR_DISPLAY_NAME_W)
    };
    assert_eq!(others(), ["a", "b", "c"]);
    save_and_go_on(&message);
    assert_eq!(others(), ["a", "d", "c"]);
    drop((folder, message));
    session.close();
}

#[test]
fn store_29_what_was_deleted_does_not_come_back() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    let (number, attachment) = create_attachment(&message);
    assert_eq!(
        delete_attachment(&message, number),
        MAPI_E_NOT_FOUND,
        "not saved yet"
    );
    save_and_go_on(&attachment);
    assert_eq!(delete_attachment(&message, number), S_OK);
    let status = save_changes(&attachment, SaveChangesFlags::empty());
    assert_eq!(status, MAPI_E_OBJECT_DELETED);
    save_and_go_on(&message);
    assert_eq!(
        value(&session, &message, PR_HASATTACH),
        PropValue::Boolean(false)
    );
    drop((folder, message, attachment));
    session.close();
}

#[test]
fn store_22_nothing_is_attached_to_a_message_that_is_open_for_reading() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    let (number, attachment) = create_attachment(&message);
    save_and_go_on(&attachment);
    assert_eq!(
        save_changes(&message, SaveChangesFlags::KEEP_OPEN_READONLY),
        S_OK
    );
    let (mut other, mut out) = (0, ptr::null_mut());
    let created = unsafe {
        let flags = CreateAttachFlags::empty();
        message.CreateAttach(ptr::null(), flags, &mut other, &mut out)
    };
    assert_eq!(created, MAPI_E_NO_ACCESS);
    let modify = open_attachment(&message, number, OpenAttachFlags::MAPI_MODIFY);
    assert_eq!(modify.err(), Some(MAPI_E_NO_ACCESS));
    let best = open_attachment(&message, number, OpenAttachFlags::MAPI_BEST_ACCESS);
    let best = best.expect("to be read");
    assert_eq!(value(&session, &best, PR_ACCESS_LEVEL), PropValue::Long(0));
    assert_eq!(delete_attachment(&message, number), MAPI_E_NO_ACCESS);
    // What was open before can't be saved into it either.
    assert_eq!(
        save_changes(&attachment, SaveChangesFlags::empty()),
        MAPI_E_NO_ACCESS
    );
    let replace = ModifyRecipientsFlags::empty();
    let status = modify_recipients(&session, &message, replace, vec![entry(None, "x")]);
    assert_eq!(status, MAPI_E_NO_ACCESS);
    drop((folder, message, attachment, best));
    session.close();
}

#[test]
fn store_29_an_embedded_message_takes_three_saves_from_the_inside_out() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    save_and_go_on(&message);
    let id = entry_id_of(&session, &message);
    let (number, attachment) = create_attachment(&message);
    assert_eq!(
        embedded(&attachment, OpenPropertyFlags::empty()).err(),
        Some(MAPI_E_NOT_FOUND)
    );
    let inner = embedded(&attachment, create()).expect("made");
    let method = value(&session, &attachment, PR_ATTACH_METHOD);
    assert_eq!(method, PropValue::Long(ATTACH_EMBEDDED_MSG as i32));
    set(&session, &inner, &[named(PR_SUBJECT_W, "inner")]);
    add_recipients(&session, &inner, &[(MAPI_TO, "Ann")]);
    assert!(value(&session, &inner, PR_SEARCH_KEY).as_binary().is_some());
    // It has no entry ID: it is in no folder.
    let none = PropValue::Error(MAPI_E_NOT_FOUND);
    assert_eq!(value(&session, &inner, PR_ENTRYID), none);
    // What is inside of it, too.
    let (_, deeper) = create_attachment(&inner);
    let innermost = embedded(&deeper, create()).expect("made");
    set(&session, &innermost, &[named(PR_SUBJECT_W, "innermost")]);
    for object in [&*innermost, &*deeper, &*inner, &*attachment] {
        let object: &IMAPIProp = object;
        save_and_go_on(object);
        let seen = value(&session, &open_message(&session, &id), PR_HASATTACH);
        assert_eq!(seen, PropValue::Boolean(false));
    }
    save_and_go_on(&message);
    let read = open_message(&session, &id);
    let outer = open_attachment(&read, number, OpenAttachFlags::empty()).expect("there");
    assert_eq!(
        value(&session, &outer, PR_ATTACH_DATA_OBJ),
        PropValue::Object
    );
    let modify = embedded(&outer, OpenPropertyFlags::MAPI_MODIFY);
    assert_eq!(modify.err(), Some(MAPI_E_NO_ACCESS));
    let inside = embedded(&outer, OpenPropertyFlags::empty()).expect("there");
    assert_eq!(value(&session, &inside, PR_SUBJECT_W), "inner".into());
    assert_eq!(value(&session, &inside, PR_DISPLAY_TO_W), "Ann".into());
    assert_eq!(value(&session, &inside, PR_MESSAGE_CLASS_W), "IPM".into());
    assert_eq!(
        save_changes(&inside, SaveChangesFlags::empty()),
        MAPI_E_NO_ACCESS
    );
    let within = open_attachment(&inside, 0, OpenAttachFlags::empty()).expect("there");
    let within = embedded(&within, OpenPropertyFlags::empty()).expect("there");
    assert_eq!(value(&session, &within, PR_SUBJECT_W), "innermost".into());
    // It can't be sent by itself.
    let submitted = unsafe { inner.SubmitMessage(SubmitMessageFlags::empty()) };
    assert_eq!(submitted, MAPI_E_NO_SUPPORT);
    drop((folder, message, attachment, inner, deeper, innermost));
    drop((read, outer, inside, within));
    session.close();
}

#[test]
fn store_29_bytes_take_the_place_of_a_message_and_the_reverse() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    let (_, attachment) = create_attachment(&message);
    let bytes = [Property::new(PR_ATTACH_DATA_BIN, vec![1_u8, 2])];
    set(&session, &attachment, &bytes);
    let refused = embedded(&attachment, OpenPropertyFlags::empty());
    assert_eq!(refused.err(), Some(MAPI_E_INTERFACE_NOT_SUPPORTED));
    let inner = embedded(&attachment, create()).expect("made");
    save_and_go_on(&inner);
    assert_eq!(
        value(&session, &attachment, PR_ATTACH_DATA_OBJ),
        PropValue::Object
    );
    let as_bytes = value(&session, &attachment, PR_ATTACH_DATA_BIN);
    assert_eq!(as_bytes, PropValue::Error(MAPI_E_UNEXPECTED_TYPE));
    let mut out = ptr::null_mut();
    let stream = unsafe {
        let flags = OpenPropertyFlags::empty();
        attachment.OpenProperty(PR_ATTACH_DATA_OBJ, &IStream::IID, 0, flags, &mut out)
    };
    assert_eq!(
        (stream, out),
        (MAPI_E_INTERFACE_NOT_SUPPORTED, ptr::null_mut())
    );
    set(&session, &attachment, &bytes);
    assert_eq!(
        value(&session, &attachment, PR_ATTACH_DATA_BIN),
        bytes[0].value
    );
    let gone = embedded(&attachment, OpenPropertyFlags::empty());
    assert_eq!(gone.err(), Some(MAPI_E_INTERFACE_NOT_SUPPORTED));
    drop((folder, message, attachment, inner));
    session.close();
}

#[test]
fn store_29_the_size_of_an_attachment_is_never_negative() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    let (_, attachment) = create_attachment(&message);
    for size in [3_u64 << 30, 5 << 30] {
        let mut out = ptr::null_mut();
        unsafe {
            let tag = PR_ATTACH_DATA_BIN;
            let status = attachment.OpenProperty(tag, &IStream::IID, 0, create(), &mut out);
            assert_eq!(status, S_OK);
            // Nothing is written: what is not there is zeros.
            assert_eq!(IStream::from_raw(out).SetSize(size), S_OK);
        }
        let told = value(&session, &attachment, PR_ATTACH_SIZE);
        assert_eq!(told, PropValue::Long(i32::MAX));
    }
    save_and_go_on(&attachment);
    save_and_go_on(&message);
    let rows = column(&session, &attachment_table(&message), PR_ATTACH_SIZE);
    assert_eq!(rows, [Some(PropValue::Long(i32::MAX))]);
    let size = value(&session, &message, PR_MESSAGE_SIZE);
    assert_eq!(size, PropValue::Long(i32::MAX));
    drop((folder, message, attachment));
    session.close();
}

#[test]
fn store_29_messages_are_nested_thirty_two_deep_at_most() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    let mut open: Vec<(IMessage, Option<IAttach>)> = vec![(message, None)];
    for _ in 0..32 {
        let (_, attachment) = create_attachment(&open.last().expect("one").0);
        let inner = embedded(&attachment, create()).expect("not too deep");
        open.push((inner, Some(attachment)));
    }
    let (_, one_more) = create_attachment(&open.last().expect("one").0);
    assert_eq!(
        embedded(&one_more, create()).err(),
        Some(MAPI_E_TOO_COMPLEX)
    );
    drop(one_more);
    // All of them can be saved, and read again.
    let id = entry_id_of(&session, &open[0].0);
    for (message, attachment) in open.iter().rev() {
        save_and_go_on(message);
        if let Some(attachment) = attachment {
            save_and_go_on(attachment);
        }
    }
    let mut message = open_message(&session, &id);
    let mut attachments = Vec::new();
    for _ in 0..32 {
        let attachment = open_attachment(&message, 0, OpenAttachFlags::empty()).expect("there");
        message = embedded(&attachment, OpenPropertyFlags::empty()).expect("there");
        attachments.push(attachment);
    }
    assert_eq!(
        value(&session, &message, PR_HASATTACH),
        PropValue::Boolean(false)
    );
    drop((folder, open, message, attachments));
    session.close();
}

#[test]
fn store_26_attachments_keep_the_rules_of_set_props() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    let (_, attachment) = create_attachment(&message);
    let mixed = [
        named(PR_DISPLAY_NAME_W, "kept"),
        Property::new(PR_ATTACH_NUM, 9),
        Property::with_id(0x6001, PropValue::Error(MAPI_E_NOT_FOUND)),
    ];
    let answer = set_props(&session, &attachment, &mixed);
    assert_eq!(answer, (S_OK, vec![(1, MAPI_E_COMPUTED)]));
    let object = [Property::new(PR_ATTACH_DATA_OBJ, PropValue::Object)];
    assert_eq!(
        set_props(&session, &attachment, &object).0,
        MAPI_E_INVALID_PARAMETER
    );
    assert_eq!(
        set_props(&session, &attachment, &[]).0,
        MAPI_E_INVALID_PARAMETER
    );
    // STORE-10: its row has what it has.
    save_and_go_on(&attachment);
    save_and_go_on(&message);
    let all = get_props(&session, &attachment, None);
    let table = attachment_table(&message);
    let columns: Vec<PropTag> = all.iter().map(|one| one.tag).collect();
    assert_eq!(set_columns(&session, &table, &columns), S_OK);
    let rows = query(&session, &table, 1);
    for one in all.iter().filter(|one| one.tag != PR_INSTANCE_KEY) {
        assert_eq!(rows[0].get(one.tag), Some(&one.value), "{}", one.tag);
    }
    drop((folder, message, attachment, table));
    session.close();
}

#[test]
fn store_40_the_table_of_attachments_follows() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    let table = attachment_table(&message);
    let follower = follow(&table, PR_DISPLAY_NAME_W);
    let check = |expected: &[&str]| {
        assert_eq!(follower.names(), expected);
        let now = texts(&session, &attachment_table(&message), PR_DISPLAY_NAME_W);
        assert_eq!(now, expected);
    };
    let attach = |name: &str, position: i32| {
        let (_, attachment) = create_attachment(&message);
        let place = Property::new(PR_RENDERING_POSITION, position);
        set(
            &session,
            &attachment,
            &[named(PR_DISPLAY_NAME_W, name), place],
        );
        save_and_go_on(&attachment);
        attachment
    };
    let (last, first) = (attach("last", 9), attach("first", 1));
    check(&[]);
    save_and_go_on(&message);
    check(&["first", "last"]);
    set(&session, &last, &[Property::new(PR_RENDERING_POSITION, 0)]);
    save_and_go_on(&last);
    check(&["first", "last"]);
    save_and_go_on(&message);
    check(&["last", "first"]);
    assert_eq!(delete_attachment(&message, 1), S_OK);
    check(&["last"]);
    drop((folder, message, table, follower, last, first));
    session.close();
}

#[test]
fn store_32_a_message_in_an_attachment_is_not_copied_onto_itself_either() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    let (number, attachment) = create_attachment(&message);
    let inner = embedded(&attachment, create()).expect("made");
    set(&session, &inner, &[named(PR_SUBJECT_W, "inner")]);
    let (_, deeper) = create_attachment(&inner);
    let innermost = embedded(&deeper, create()).expect("made");
    set(&session, &innermost, &[named(PR_SUBJECT_W, "innermost")]);
    let objects: [&IMAPIProp; 5] = [&innermost, &deeper, &inner, &attachment, &message];
    objects.into_iter().for_each(save_and_go_on);
    // Each way to it leads to the same one.
    let modify = OpenAttachFlags::MAPI_MODIFY;
    let again = open_attachment(&message, number, modify).expect("there");
    let again = embedded(&again, OpenPropertyFlags::MAPI_MODIFY).expect("there");
    let deeper_again = open_attachment(&again, 0, modify).expect("there");
    let innermost_again = embedded(&deeper_again, OpenPropertyFlags::MAPI_MODIFY).expect("there");
    let key = |object: &IMAPIProp| value(&session, object, PR_RECORD_KEY);
    let objects: [&IMAPIProp; 4] = [&inner, &innermost, &attachment, &message];
    for (index, object) in objects.iter().enumerate() {
        let others = objects.iter().skip(index + 1);
        assert!(others.into_iter().all(|other| key(other) != key(object)));
    }
    let copy_to = |from: &IMAPIProp, to: &IMAPIProp| unsafe {
        let (none, iid) = (ptr::null_mut::<std::ffi::c_void>(), IMAPIProp::IID);
        let (to, flags) = (to.as_raw(), CopyFlags::MAPI_MOVE);
        let (excluded, problems) = (none.cast(), ptr::null_mut());
        from.CopyTo(0, ptr::null(), excluded, 0, none, &iid, to, flags, problems)
    };
    for (one, other) in [
        (&inner, &again),
        (&again, &inner),
        (&innermost, &innermost_again),
    ] {
        assert_eq!(key(one), key(other));
        assert_eq!(copy_to(one, other), MAPI_E_NO_ACCESS);
    }
    // Another one is another one.
    assert_eq!(copy_to(&innermost_again, &inner), S_OK);
    assert_eq!(value(&session, &inner, PR_SUBJECT_W), "innermost".into());
    drop((folder, message, attachment, inner, deeper, innermost));
    drop((again, deeper_again, innermost_again));
    session.close();
}
