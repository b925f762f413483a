//! Contents and hierarchy tables of a store: the rows of the database, through IMAPITable.

use crate::object_support;
use std::ptr;

use mapi_provider::abi::*;
use mapi_provider::view::{FileTime, PropValue, Restriction, Row, SortDirection, SortOrder};
use mapi_provider_mailbox::database::{self, MessageData};
use object_support::*;

fn order(tag: PropTag, direction: SortDirection) -> [SortOrder; 1] {
    [SortOrder { tag, direction }]
}

/// Messages 0 to `count - 1`, delivered in another order than that of their IDs; every fifth has no time.
fn fill(
    store: &database::Store,
    folder: database::FolderId,
    count: u64,
) -> Vec<(Option<u64>, u64)> {
    let mut all = Vec::new();
    for number in 0..count {
        let time = (number % 5 != 0).then_some(number * 7 % 11);
        let mut data = MessageData::default();
        data.props.set_tag(PR_SUBJECT_W, &*format!("m{number}"));
        if let Some(time) = time {
            let time = FileTime::from_ticks(1000 + time);
            data.props.set_tag(PR_MESSAGE_DELIVERY_TIME, time);
        }
        save(store, folder, &data);
        all.push((time, number));
    }
    all
}

fn names(sorted: &[(Option<u64>, u64)]) -> Vec<String> {
    sorted
        .iter()
        .map(|(_, number)| format!("m{number}"))
        .collect()
}

#[test]
fn store_14_rows_are_in_order_and_those_without_the_property_last() {
    let (session, store) = Session::in_memory();
    let id = session
        .folder("Mail")
        .entry_id()
        .expect("an ID")
        .into_owned();
    let mut all = fill(&store, folder_id(&id), 40);
    let table = contents(&raw_folder(&session, &id));
    assert_eq!(set_columns(&session, &table, &[PR_SUBJECT_W]), S_OK);
    assert_eq!(texts(&session, &table, PR_SUBJECT_W), names(&all), "by ID");
    let up = order(PR_MESSAGE_DELIVERY_TIME, SortDirection::Ascend);
    assert_eq!(sort(&session, &table, &up), S_OK);
    all.sort_by_key(|(time, number)| (time.is_none(), *time, *number));
    assert_eq!(texts(&session, &table, PR_SUBJECT_W), names(&all));
    let down = order(PR_MESSAGE_DELIVERY_TIME, SortDirection::Descend);
    assert_eq!(sort(&session, &table, &down), S_OK);
    let key = |(time, number): &(Option<u64>, u64)| {
        (
            time.is_none(),
            std::cmp::Reverse(*time),
            std::cmp::Reverse(*number),
        )
    };
    all.sort_by_key(key);
    assert_eq!(texts(&session, &table, PR_SUBJECT_W), names(&all));
    // In pieces, forwards and back (STORE-13).
    let subject = |row: Row<'static>| row.get(PR_SUBJECT_W).and_then(PropValue::to_text);
    let mut sought = 0;
    unsafe {
        assert_eq!(
            table.SeekRow(BOOKMARK_BEGINNING as usize, 0, &mut sought),
            S_OK
        )
    };
    let mut piecewise = Vec::new();
    loop {
        let rows = query(&session, &table, 7);
        if rows.is_empty() {
            break;
        }
        piecewise.extend(rows.into_iter().filter_map(subject));
    }
    assert_eq!(piecewise, names(&all));
    let last: Vec<String> = query(&session, &table, -3)
        .into_iter()
        .filter_map(subject)
        .collect();
    assert_eq!(last, names(&all)[37..]);
    // What has only a scan is the same as what has an index.
    let by_subject = order(PR_SUBJECT_W, SortDirection::Descend);
    assert_eq!(sort(&session, &table, &by_subject), S_OK);
    let mut expected = names(&all);
    expected.sort_by(|one, other| other.cmp(one));
    assert_eq!(texts(&session, &table, PR_SUBJECT_W), expected);
    drop(table);
    session.close();
}

/// A message whose properties are not those of the one before, some of them not there.
fn mixed(number: u64) -> MessageData {
    let mut data = MessageData::default();
    let props = &mut data.props;
    let has = |part: u64| !(number * 31 + part * 17).is_multiple_of(7);
    let text = |part: u64| {
        let words = ["b", "B", "a\u{e4}", "\u{c4}a", "", "RE: x", "ab", "zz top"];
        words[((number * 5 + part * 3) % 8) as usize]
    };
    let texts = [
        (PR_SUBJECT_W, 1),
        (PR_SENT_REPRESENTING_NAME_W, 2),
        (PR_MESSAGE_CLASS_W, 3),
        (PR_CONVERSATION_TOPIC_W, 4),
    ];
    for (tag, part) in texts.into_iter().filter(|(_, part)| has(*part)) {
        props.set_tag(tag, text(part));
    }
    for (tag, part) in [(PR_MESSAGE_DELIVERY_TIME, 5), (PR_CLIENT_SUBMIT_TIME, 6)] {
        if has(part) {
            props.set_tag(tag, FileTime::from_ticks(number * part * 7919 % 13));
        }
    }
    for (tag, part) in [(PR_IMPORTANCE, 7), (PR_SENSITIVITY, 8)] {
        if has(part) {
            props.set_tag(tag, ((number * part) % 5) as i32 - 2);
        }
    }
    if has(9) {
        let bytes = number.to_be_bytes();
        props.set_tag(PR_CONVERSATION_ID, bytes[6..].repeat((number % 3) as usize));
    }
    // UNSENT or not, and a bit that makes a negative number.
    let flags = (number % 3) << 3 | (number % 2) << 31;
    props.set_tag(PR_MESSAGE_FLAGS, (flags as u32).cast_signed());
    data
}

#[test]
fn store_14_an_order_that_the_database_sorts_is_that_of_the_values() {
    let (session, store) = Session::in_memory();
    let id = session
        .folder("Mail")
        .entry_id()
        .expect("an ID")
        .into_owned();
    let folder = folder_id(&id);
    for number in 0..40 {
        save(&store, folder, &mixed(number));
    }
    let orders = [
        PR_SUBJECT_W,
        PR_NORMALIZED_SUBJECT_W,
        PR_SENT_REPRESENTING_NAME_W,
        PR_DISPLAY_TO_W,
        PR_MESSAGE_CLASS_W,
        PR_CONVERSATION_TOPIC_W,
        PR_CONVERSATION_ID,
        PR_MESSAGE_DELIVERY_TIME,
        PR_CLIENT_SUBMIT_TIME,
        PR_IMPORTANCE,
        PR_SENSITIVITY,
        PR_HASATTACH,
        PR_MESSAGE_FLAGS,
        PR_MSG_STATUS,
        PR_MESSAGE_SIZE,
    ];
    let keys = |tags: &[PropTag], direction| {
        let table = contents(&raw_folder(&session, &id));
        assert_eq!(set_columns(&session, &table, &[PR_INSTANCE_KEY]), S_OK);
        let orders = tags.iter().map(|tag| SortOrder {
            tag: *tag,
            direction,
        });
        let orders: Vec<SortOrder> = orders.collect();
        assert_eq!(sort(&session, &table, &orders), S_OK);
        let rows = query(&session, &table, 100);
        rows.into_iter()
            .map(|row| row.get(PR_INSTANCE_KEY).cloned())
            .collect::<Vec<_>>()
    };
    let mut tried = Vec::new();
    for tag in orders {
        for direction in [SortDirection::Ascend, SortDirection::Descend] {
            for more in [&[][..], &[PR_IMPORTANCE][..]] {
                let tags = [&[tag][..], more].concat();
                let sorted = keys(&tags, direction);
                tried.push((tags, direction, sorted));
            }
        }
    }
    // What a column can't say makes the table sort by the values of all rows.
    let mut odd = MessageData::default();
    odd.props.set_tag(PR_SENSITIVITY, PropValue::I2(1));
    let odd = save(&store, folder, &odd).number().to_le_bytes().to_vec();
    for (tags, direction, sorted) in tried {
        let mut by_values = keys(&tags, direction);
        by_values.retain(|key| *key != Some(PropValue::from(odd.clone())));
        assert_eq!(sorted, by_values, "by {tags:?}, {direction:?}");
    }
    session.close();
}

#[test]
fn store_15_the_text_index_and_a_scan_find_the_same_rows() {
    let (session, store) = Session::in_memory();
    let id = session
        .folder("Mail")
        .entry_id()
        .expect("an ID")
        .into_owned();
    for subject in ["Lunch on Monday", "monday", "Grüße", "Sunday lunch", "mon"] {
        deliver(&store, folder_id(&id), subject);
    }
    let table = contents(&raw_folder(&session, &id));
    let find = |text: &str| {
        let restriction = Restriction::Content {
            fuzzy_level: FL_SUBSTRING | FL_IGNORECASE,
            tag: PR_SUBJECT_W,
            property: mapi_provider::view::Property::new(PR_SUBJECT_W, text),
        };
        assert_eq!(restrict(&session, &table, &restriction), S_OK);
        texts(&session, &table, PR_SUBJECT_W)
    };
    assert_eq!(find("MONDAY"), ["Lunch on Monday", "monday"]);
    assert_eq!(find("on"), ["Lunch on Monday", "monday", "mon"]);
    assert_eq!(find("grü"), ["Grüße"]);
    drop(table);
    session.close();
}

#[test]
fn store_19_a_deep_table_has_parents_first() {
    let (session, _store) = Session::in_memory();
    let top = session.folder("Top");
    let id = top.entry_id().expect("an ID").into_owned();
    let one = top.create_folder("One").expect("made");
    let two = top.create_folder("Two").expect("made");
    let below = one.create_folder("Below").expect("made");
    let raw = raw_folder(&session, &id);
    let deep = hierarchy(&raw, GetHierarchyTableFlags::CONVENIENT_DEPTH);
    let rows = query(&session, &deep, 100);
    let shown: Vec<(String, i32)> = rows
        .iter()
        .map(|row| {
            let name = row.get(PR_DISPLAY_NAME_W).and_then(PropValue::to_text);
            let depth = row.get(PR_DEPTH).and_then(PropValue::as_long);
            (name.expect("a name"), depth.expect("a depth"))
        })
        .collect();
    let expected = [("One", 0), ("Below", 1), ("Two", 0)];
    assert_eq!(
        shown,
        expected.map(|(name, depth)| (name.to_owned(), depth))
    );
    let shallow = hierarchy(&raw, GetHierarchyTableFlags::empty());
    assert_eq!(texts(&session, &shallow, PR_DISPLAY_NAME_W), ["One", "Two"]);
    // The same by OpenProperty.
    let mut out = ptr::null_mut();
    let status = unsafe {
        let (options, flags) = (
            UnicodeFlags::MAPI_UNICODE.bits(),
            OpenPropertyFlags::empty(),
        );
        raw.OpenProperty(
            PR_CONTAINER_HIERARCHY,
            &IMAPITable::IID,
            options,
            flags,
            &mut out,
        )
    };
    assert_eq!(status, S_OK);
    let same = unsafe { IMAPITable::from_raw(out) };
    assert_eq!(texts(&session, &same, PR_DISPLAY_NAME_W), ["One", "Two"]);
    // STORE-33: nothing is deleted softly.
    let soft = hierarchy(&raw, GetHierarchyTableFlags::SHOW_SOFT_DELETES);
    assert!(query(&session, &soft, 10).is_empty());
    drop((top, one, two, below, raw, deep, shallow, same, soft));
    session.close();
}

#[test]
fn store_19_the_tables_of_messages_are_opened_as_properties_too() {
    let (session, store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let here = folder_id(&entry_id_of(&session, &folder).into());
    deliver(&store, here, "for people");
    let hidden = create_message_with(&folder, CreateMessageFlags::MAPI_ASSOCIATED);
    let subject = [mapi_provider::view::Property::new(PR_SUBJECT_W, "hidden")];
    set(&session, &hidden, &subject);
    save_and_go_on(&hidden);
    let listed = get_props(&session, &folder, None);
    let by_method = |flags| unsafe {
        let mut out = ptr::null_mut();
        let flags = GetContentsTableFlags::MAPI_UNICODE | flags;
        assert_eq!(folder.GetContentsTable(flags, &mut out), S_OK);
        IMAPITable::from_raw(out)
    };
    for (tag, flags, expected) in [
        (
            PR_CONTAINER_CONTENTS,
            GetContentsTableFlags::empty(),
            "for people",
        ),
        (
            PR_FOLDER_ASSOCIATED_CONTENTS,
            GetContentsTableFlags::MAPI_ASSOCIATED,
            "hidden",
        ),
    ] {
        let told = listed.iter().find(|one| one.tag == tag);
        assert_eq!(told.map(|one| &one.value), Some(&PropValue::Object));
        let mut out = ptr::null_mut();
        let options = UnicodeFlags::MAPI_UNICODE.bits();
        let opened = unsafe {
            let none = OpenPropertyFlags::empty();
            let status = folder.OpenProperty(tag, &IMAPITable::IID, options, none, &mut out);
            assert_eq!(status, S_OK);
            IMAPITable::from_raw(out)
        };
        for table in [opened, by_method(flags)] {
            assert_eq!(texts(&session, &table, PR_SUBJECT_W), [expected]);
        }
    }
    // Nothing is deleted softly (STORE-33).
    let soft = by_method(GetContentsTableFlags::SHOW_SOFT_DELETES);
    assert!(query(&session, &soft, 10).is_empty());
    drop((folder, hidden, soft));
    session.close();
}

#[test]
fn store_14_the_saved_order_has_its_categories() {
    let (session, store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let here = folder_id(&entry_id_of(&session, &folder).into());
    for subject in ["b", "a", "b"] {
        deliver(&store, here, subject);
    }
    let column = |tag, direction| SortOrder { tag, direction };
    let saved = mapi_provider::view::SortOrderSet {
        orders: vec![
            column(PR_SUBJECT_W, SortDirection::Descend),
            column(PR_MESSAGE_SIZE, SortDirection::CategoryMax),
            column(PR_MESSAGE_DELIVERY_TIME, SortDirection::Ascend),
        ],
        categories: 1,
        expanded: 0,
    };
    let built = session.allocators().build(&saved).expect("memory");
    let flags = SaveContentsSortFlags::empty();
    assert_eq!(
        unsafe { folder.SaveContentsSort(built.as_ptr(), flags) },
        S_OK
    );
    let table = contents(&folder);
    let mut order = ptr::null_mut();
    let order = unsafe {
        assert_eq!(table.QuerySortOrder(&mut order), S_OK);
        session.allocators().adopt(order, 1).expect("an order")
    };
    let read: mapi_provider::view::SortOrderSet = order
        .read(&mapi_provider::view::Limits::default())
        .expect("well-formed");
    assert_eq!(read, saved);
    assert_eq!(query(&session, &table, 10).len(), 2, "two closed headings");
    drop((folder, table, order, built));
    session.close();
}

#[test]
fn store_10_a_folder_s_row_has_what_the_folder_has() {
    let (session, store) = Session::in_memory();
    let folder = session.folder("Mail");
    let id = folder.entry_id().expect("an ID").into_owned();
    deliver(&store, folder_id(&id), "a");
    let object: IMAPIProp = raw_folder(&session, &id).cast().expect("properties");
    let all = get_props(&session, &object, None);
    let subtree = session.client().ipm_subtree().expect("there");
    let subtree = subtree.entry_id().expect("an ID").into_owned();
    let table = hierarchy(
        &raw_folder(&session, &subtree),
        GetHierarchyTableFlags::empty(),
    );
    let columns: Vec<PropTag> = all.iter().map(|one| one.tag).collect();
    assert_eq!(set_columns(&session, &table, &columns), S_OK);
    let rows = query(&session, &table, 100);
    let is_ours = |row: &&Row<'_>| row.get(PR_ENTRYID) == Some(&PropValue::from(id.as_bytes()));
    let row = rows.iter().find(is_ours).expect("there");
    for one in all.iter().filter(|one| one.tag != PR_INSTANCE_KEY) {
        assert_eq!(row.get(one.tag), Some(&one.value), "{}", one.tag);
    }
    drop((folder, object, table));
    session.close();
}

#[test]
fn store_14_the_saved_order_outlives_the_process() {
    let (_folder, path) = place();
    let session = Session::open(file(&path));
    let id = session
        .folder("Mail")
        .entry_id()
        .expect("an ID")
        .into_owned();
    let raw = raw_folder(&session, &id);
    let by_subject = mapi_provider::view::SortOrderSet {
        orders: order(PR_SUBJECT_W, SortDirection::Descend).to_vec(),
        ..Default::default()
    };
    let built = session.allocators().build(&by_subject).expect("memory");
    let saved = unsafe { raw.SaveContentsSort(built.as_ptr(), SaveContentsSortFlags::empty()) };
    assert_eq!(saved, S_OK);
    drop((raw, built));
    session.close();
    let store = database::Store::open(&path).expect("the same file");
    for subject in ["a", "c", "b"] {
        deliver(&store, folder_id(&id), subject);
    }
    let again = Session::open(file(&path));
    let table = contents(&raw_folder(&again, &id));
    assert_eq!(texts(&again, &table, PR_SUBJECT_W), ["c", "b", "a"]);
    drop(table);
    again.close();
}
