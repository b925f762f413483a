//! Tables: columns, cursor, bookmarks, restrictions, and how they follow their folder.

use std::ptr;

use crate::support::*;
use mapi_provider::abi::*;
use mapi_provider::store::Recipient;
use mapi_provider::view::{
    BitTest, Limits, PropValue, Property, RelOp, Restriction, SortDirection, SortOrder,
    SortOrderSet,
};

const BEGINNING: usize = BOOKMARK_BEGINNING as usize;
const CURRENT: usize = BOOKMARK_CURRENT as usize;
const END: usize = BOOKMARK_END as usize;

fn open(
    session: &Session,
    subjects: &[&str],
) -> (mapi_provider::store::Folder<'static>, IMAPITable) {
    let folder = folder_with(session, "Mail", subjects);
    let table = contents(&raw_folder(session, &folder.entry_id().expect("an ID")));
    assert_eq!(
        set_columns(session, &table, &[PR_SUBJECT_W, PR_ENTRYID]),
        S_OK
    );
    (folder, table)
}

#[test]
fn rows_are_read_forwards_and_backwards() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let (folder, table) = open(&session, &["a", "b", "c", "d"]);
    assert_eq!(subjects(&session, &table, 2), ["a", "b"]);
    assert_eq!(position(&table), 2);
    assert_eq!(subjects(&session, &table, 9), ["c", "d"]);
    assert_eq!(subjects(&session, &table, 9), [""; 0]);
    assert_eq!(subjects(&session, &table, -3), ["b", "c", "d"]);
    // STORE-13: it has stepped back, and read forwards again.
    assert_eq!(position(&table), 4);
    assert_eq!(seek(&table, BEGINNING, 1), (S_OK, 1));
    let kept = query(&session, &table, 1, QueryRowsFlags::TBL_NOADVANCE);
    assert_eq!((kept.len(), position(&table)), (1, 1));
    assert_eq!(subjects(&session, &table, -9), ["a"]);
    assert_eq!(seek(&table, BEGINNING, 0), (S_OK, 0));
    assert_eq!(subjects(&session, &table, i32::MIN), [""; 0]);
    drop((folder, table));
    session.close();
}

#[test]
fn the_cursor_goes_where_it_is_sent() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let (folder, table) = open(&session, &["a", "b", "c", "d"]);
    assert_eq!(seek(&table, BEGINNING, 3), (S_OK, 3));
    assert_eq!(seek(&table, CURRENT, 9), (S_OK, 1));
    assert_eq!(seek(&table, END, -1), (S_OK, -1));
    assert_eq!(subjects(&session, &table, 1), ["d"]);
    assert_eq!(seek(&table, BEGINNING, i32::MIN), (S_OK, 0));
    assert_eq!(unsafe { table.SeekRowApprox(1, 2) }, S_OK);
    assert_eq!(position(&table), 2);
    assert_eq!(unsafe { table.SeekRowApprox(7, 2) }, S_OK);
    assert_eq!(position(&table), 4);
    assert_eq!(
        unsafe { table.SeekRowApprox(1, 0) },
        MAPI_E_INVALID_PARAMETER
    );
    assert_eq!(seek(&table, 99, 0).0, MAPI_E_INVALID_BOOKMARK);
    drop((folder, table));
    session.close();
}

#[test]
fn bookmarks_stay_before_their_rows() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let (folder, table) = open(&session, &["a", "b", "c", "d"]);
    let ids: Vec<_> = query(&session, &table, 9, QueryRowsFlags::empty())
        .iter()
        .map(|row| {
            row.get(PR_ENTRYID)
                .and_then(PropValue::as_binary)
                .expect("an ID")
                .to_vec()
        })
        .map(mapi_provider::store::EntryId::from)
        .collect();
    assert_eq!(seek(&table, BEGINNING, 2), (S_OK, 2));
    let (mut on_c, mut on_d) = (0, 0);
    unsafe { assert_eq!(table.CreateBookmark(&mut on_c), S_OK) };
    assert_eq!(seek(&table, BEGINNING, 3), (S_OK, 3));
    unsafe { assert_eq!(table.CreateBookmark(&mut on_d), S_OK) };
    assert!(on_c > END && on_d > on_c);
    // The row before goes, the bookmark's row stays.
    folder.delete_messages(&ids[..1]).expect("deleted");
    assert_eq!(seek(&table, on_c, 0), (S_OK, 0));
    assert_eq!(
        (subjects(&session, &table, 1), position(&table)),
        (vec!["c".to_owned()], 2)
    );
    // Its own row goes: it is now before the next one, and says so.
    folder.delete_messages(&ids[2..3]).expect("deleted");
    assert_eq!(seek(&table, on_c, 0).0, MAPI_W_POSITION_CHANGED);
    assert_eq!(subjects(&session, &table, 1), ["d"]);
    assert_eq!(seek(&table, on_d, 0).0, S_OK);
    unsafe {
        assert_eq!(table.FreeBookmark(on_c), S_OK);
        assert_eq!(table.FreeBookmark(on_c), MAPI_E_INVALID_BOOKMARK);
        assert_eq!(table.FreeBookmark(CURRENT), S_OK);
    }
    assert_eq!(seek(&table, on_c, 0).0, MAPI_E_INVALID_BOOKMARK);
    drop((folder, table));
    session.close();
}

#[test]
fn a_loop_that_deletes_what_it_has_read_misses_nothing() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let (folder, table) = open(&session, &["a", "b", "c", "d", "e"]);
    let mut seen = Vec::new();
    loop {
        let rows = query(&session, &table, 2, QueryRowsFlags::empty());
        if rows.is_empty() {
            break;
        }
        for row in rows {
            seen.push(
                row.get(PR_SUBJECT_W)
                    .and_then(PropValue::to_text)
                    .expect("a subject"),
            );
            let id = row
                .get(PR_ENTRYID)
                .and_then(PropValue::as_binary)
                .expect("an ID");
            folder
                .delete_messages(&[id.to_vec().into()])
                .expect("deleted");
        }
    }
    assert_eq!(seen, ["a", "b", "c", "d", "e"]);
    assert_eq!(folder.messages().count().expect("counted"), 0);
    drop((folder, table));
    session.close();
}

fn subject(text: &str) -> Property<'static> {
    Property::new(PR_SUBJECT_W, text)
}

#[test]
fn restrictions_choose_rows() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let (folder, table) = open(&session, &[]);
    for (text, importance, keywords) in [
        ("Crème brûlée", 2, "dessert"),
        ("creme fraiche", 1, "dairy"),
        ("Steak", 5, "meat"),
    ] {
        let message = folder.create_message().expect("a message");
        message.set_subject(text).expect("set");
        message.set(PR_IMPORTANCE, importance).expect("set");
        message.set_body(keywords).expect("set");
        if importance == 5 {
            message
                .add_recipients(&[Recipient::to("Ann", "a@b.c")])
                .expect("added");
        }
        message.save().expect("saved");
    }
    let content = |fuzzy_level, text: &str| Restriction::Content {
        fuzzy_level,
        tag: PR_SUBJECT_W,
        property: subject(text),
    };
    let number =
        |relop, value: i32| Restriction::property(relop, Property::new(PR_IMPORTANCE, value));
    let all = ["Crème brûlée", "creme fraiche", "Steak"];
    let cases: Vec<(Restriction<'_>, &[&str])> = vec![
        (content(FL_PREFIX, "creme"), &all[1..2]),
        (content(FL_PREFIX | FL_IGNORECASE, "CREME"), &all[1..2]),
        (content(FL_PREFIX | FL_LOOSE, "creme"), &all[..2]),
        (content(FL_SUBSTRING, "tea"), &all[2..]),
        (content(FL_FULLSTRING, "steak"), &[]),
        (content(FL_FULLSTRING | FL_IGNORECASE, "steak"), &all[2..]),
        (number(RelOp::Gt, 1), &["Crème brûlée", "Steak"]),
        (number(RelOp::Le, 2), &all[..2]),
        (number(RelOp::Ne, 1), &["Crème brûlée", "Steak"]),
        (
            Restriction::property(RelOp::Eq, subject("STEAK")),
            &all[2..],
        ),
        (Restriction::Not(Box::new(number(RelOp::Eq, 5))), &all[..2]),
        (
            Restriction::And(vec![number(RelOp::Gt, 1), number(RelOp::Lt, 5)]),
            &all[..1],
        ),
        (
            Restriction::Or(vec![number(RelOp::Eq, 1), number(RelOp::Eq, 5)]),
            &all[1..],
        ),
        (Restriction::Exist(PR_IMPORTANCE), &all),
        (Restriction::Exist(PR_SENSITIVITY), &[]),
        (
            Restriction::BitMask {
                test: BitTest::AnySet,
                tag: PR_IMPORTANCE,
                mask: 1,
            },
            &all[1..],
        ),
        (
            Restriction::BitMask {
                test: BitTest::AllClear,
                tag: PR_IMPORTANCE,
                mask: 1,
            },
            &all[..1],
        ),
        (
            Restriction::Size {
                relop: RelOp::Lt,
                tag: PR_SUBJECT_W,
                bytes: 12,
            },
            &all[2..],
        ),
        (
            Restriction::CompareProps {
                relop: RelOp::Eq,
                left: PR_SUBJECT_W,
                right: PR_NORMALIZED_SUBJECT_W,
            },
            &all,
        ),
        (
            Restriction::Sub {
                object: PR_MESSAGE_RECIPIENTS,
                restriction: Box::new(Restriction::Exist(PR_DISPLAY_NAME_W)),
            },
            &all[2..],
        ),
        (
            Restriction::Comment {
                properties: vec![subject("why")],
                restriction: Some(Box::new(number(RelOp::Eq, 1))),
            },
            &all[1..2],
        ),
    ];
    for (restriction, expected) in cases {
        assert_eq!(
            restrict(&session, &table, &restriction),
            S_OK,
            "{restriction:?}"
        );
        assert_eq!(subjects(&session, &table, 9), expected, "{restriction:?}");
    }
    // What cannot be decided here is refused, and the table stays as it was.
    let refused = restrict(
        &session,
        &table,
        &Restriction::property(RelOp::Re, subject("x")),
    );
    assert_eq!(refused, MAPI_E_TOO_COMPLEX);
    unsafe { assert_eq!(table.Restrict(ptr::null_mut(), TableFlags::empty()), S_OK) };
    assert_eq!(subjects(&session, &table, 9), all);
    drop((folder, table));
    session.close();
}

#[test]
fn a_row_is_found_in_either_direction() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let (folder, table) = open(&session, &["a1", "b1", "a2", "b2"]);
    let a = Restriction::Content {
        fuzzy_level: FL_PREFIX,
        tag: PR_SUBJECT_W,
        property: subject("a"),
    };
    let forward = FindRowFlags::empty();
    let find = |from, flags| find_row(&session, &table, &a, from, flags);
    assert_eq!((find(BEGINNING, forward), position(&table)), (S_OK, 0));
    assert_eq!(seek(&table, CURRENT, 1), (S_OK, 1));
    assert_eq!((find(CURRENT, forward), position(&table)), (S_OK, 2));
    assert_eq!(
        (find(END, FindRowFlags::DIR_BACKWARD), position(&table)),
        (S_OK, 2)
    );
    assert_eq!(
        (find(CURRENT, FindRowFlags::DIR_BACKWARD), position(&table)),
        (S_OK, 0)
    );
    assert_eq!(find(CURRENT, FindRowFlags::DIR_BACKWARD), MAPI_E_NOT_FOUND);
    assert_eq!(
        position(&table),
        0,
        "the cursor stays where nothing is found"
    );
    drop((folder, table));
    session.close();
}

#[test]
fn columns_come_in_the_order_and_type_asked_for() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let (folder, table) = open(&session, &["Grüße"]);
    let columns = [
        PR_SUBJECT_A,
        PR_SENSITIVITY,
        PropTag::new(PR_SUBJECT_W.id(), PT_UNSPECIFIED),
        PropTag::new(PR_SUBJECT_W.id(), PT_LONG),
        PR_INSTANCE_KEY,
        PR_ROWID,
    ];
    assert_eq!(set_columns(&session, &table, &columns), S_OK);
    let row = query(&session, &table, 1, QueryRowsFlags::empty()).remove(0);
    let values: Vec<&PropValue<'_>> = row.properties.iter().map(|one| &one.value).collect();
    assert_eq!(values[0], &PropValue::ansi("Grüße"));
    assert_eq!(values[1], &PropValue::Error(MAPI_E_NOT_FOUND));
    assert_eq!(values[2], &PropValue::from("Grüße"));
    // STORE-11: what is not there has no other code.
    assert_eq!(values[3], &PropValue::Error(MAPI_E_NOT_FOUND));
    assert!(values[4].as_binary().is_some());
    // STORE-28: rows of recipients have it, and no others.
    assert_eq!(values[5], &PropValue::Error(MAPI_E_NOT_FOUND));
    let ids: Vec<u16> = row.properties.iter().map(|one| one.tag.id()).collect();
    assert_eq!(ids, columns.map(PropTag::id));
    unsafe {
        let tags = table.SetColumns(ptr::null_mut(), TableFlags::empty());
        assert_eq!(tags, MAPI_E_INVALID_PARAMETER);
    }
    assert_eq!(set_columns(&session, &table, &[]), MAPI_E_INVALID_PARAMETER);
    let instances = PropTag::new(0x6800, PT_MV_UNICODE | MV_INSTANCE);
    assert_eq!(
        set_columns(&session, &table, &[instances]),
        MAPI_E_TOO_COMPLEX
    );
    drop((folder, table));
    session.close();
}

#[test]
fn store_14_rows_without_the_property_come_last_and_what_is_no_order_is_refused() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let (folder, table) = open(&session, &["none"]);
    for importance in [1, 3, 2] {
        let message = folder.create_message().expect("a message");
        message.set_subject(&importance.to_string()).expect("set");
        message.set(PR_IMPORTANCE, importance).expect("set");
        message.save().expect("saved");
    }
    let by = |direction| SortOrder {
        tag: PR_IMPORTANCE,
        direction,
    };
    assert_eq!(sort(&session, &table, &[by(SortDirection::Descend)]), S_OK);
    assert_eq!(subjects(&session, &table, 9), ["3", "2", "1", "none"]);
    assert_eq!(sort(&session, &table, &[by(SortDirection::Ascend)]), S_OK);
    assert_eq!(subjects(&session, &table, 9), ["1", "2", "3", "none"]);
    assert_eq!(
        sort(&session, &table, &[by(SortDirection::Combine)]),
        MAPI_E_TOO_COMPLEX
    );
    let mut raw = ptr::null_mut();
    let built = unsafe {
        assert_eq!(table.QuerySortOrder(&mut raw), S_OK);
        session.allocators().adopt(raw, 1).expect("an order")
    };
    let order: SortOrderSet = built.read(&Limits::default()).expect("well-formed");
    assert_eq!(order.orders, [by(SortDirection::Ascend)]);
    drop((built, folder, table));
    session.close();
}

#[test]
fn an_order_that_was_saved_is_that_of_the_next_table() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let (folder, table) = open(&session, &["b", "c", "a"]);
    let raw = raw_folder(&session, &folder.entry_id().expect("an ID"));
    let order = SortOrderSet {
        orders: vec![SortOrder {
            tag: PR_SUBJECT_W,
            direction: SortDirection::Descend,
        }],
        ..Default::default()
    };
    let order = session.allocators().build(&order).expect("memory");
    unsafe {
        let flags = SaveContentsSortFlags::empty();
        assert_eq!(raw.SaveContentsSort(order.as_ptr(), flags), S_OK);
    }
    assert_eq!(
        subjects(&session, &table, 9),
        ["b", "c", "a"],
        "open already"
    );
    assert_eq!(subjects(&session, &contents(&raw), 9), ["c", "b", "a"]);
    assert!(
        folder
            .tags()
            .expect("a list")
            .iter()
            .all(|tag| tag.id() != 0x6FF0)
    );
    drop((order, folder, table, raw));
    session.close();
}

#[test]
fn a_table_takes_no_memory_of_mapi_s_before_rows_are_asked_for() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let (folder, table) = open(&session, &[]);
    for number in 0..1000 {
        add(&folder, &number.to_string());
    }
    let before = session.host.allocators().requests();
    let mut count = 0;
    unsafe { assert_eq!(table.GetRowCount(0, &mut count), S_OK) };
    assert_eq!(
        (count, session.host.allocators().requests()),
        (1000, before)
    );
    assert_eq!(subjects(&session, &table, 2000).len(), 1000);
    drop((folder, table));
    session.close();
}
