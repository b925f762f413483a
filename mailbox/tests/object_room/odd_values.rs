//! Values of every type, and the largest and smallest of it, under every tag that the store itself looks at: each is kept,
//! and tables sort, find and show it as the message has it.

use crate::object_support;
use std::borrow::Cow;
use std::ptr;

use mapi_provider::abi::*;
use mapi_provider::view::{
    FileTime, PropValue, Property, RelOp, Restriction, SortDirection, SortOrder,
};
use object_support::*;

/// What the store has a column for, or looks at in some other way.
const TAGS: [PropTag; 19] = [
    PR_SUBJECT_W,
    PR_SUBJECT_PREFIX_W,
    PR_MESSAGE_CLASS_W,
    PR_SENT_REPRESENTING_NAME_W,
    PR_CONVERSATION_TOPIC_W,
    PR_CONVERSATION_ID,
    PR_MESSAGE_DELIVERY_TIME,
    PR_CLIENT_SUBMIT_TIME,
    PR_LAST_MODIFICATION_TIME,
    PR_IMPORTANCE,
    PR_SENSITIVITY,
    PR_SEARCH_KEY,
    PR_READ_RECEIPT_REQUESTED,
    PR_BODY_W,
    PR_RTF_COMPRESSED,
    PR_RTF_IN_SYNC,
    PR_ROWID,
    PropTag::new(0x6601, PT_LONG),
    PropTag::new(0x8001, PT_UNICODE),
];

/// Orders that the database has an index or columns for, and one that it has not.
const SORTED: [PropTag; 13] = [
    PR_MESSAGE_DELIVERY_TIME,
    PR_LAST_MODIFICATION_TIME,
    PR_CLIENT_SUBMIT_TIME,
    PR_NORMALIZED_SUBJECT_W,
    PR_SUBJECT_W,
    PR_SENT_REPRESENTING_NAME_W,
    PR_MESSAGE_SIZE,
    PR_IMPORTANCE,
    PR_SENSITIVITY,
    PR_MESSAGE_CLASS_W,
    PR_CONVERSATION_ID,
    PR_CONVERSATION_TOPIC_W,
    PropTag::new(0x6601, PT_LONG),
];

pub(crate) fn values() -> Vec<PropValue<'static>> {
    let text = |text: &str| PropValue::from(text).into_owned();
    let units = |units: &[u16]| PropValue::Unicode(units.to_vec().into());
    let time = |ticks| PropValue::SysTime(FileTime::from_ticks(ticks));
    vec![
        PropValue::I2(i16::MIN),
        PropValue::Long(i32::MIN),
        PropValue::Long(i32::MAX),
        PropValue::Long(0),
        PropValue::R4(f32::NAN),
        PropValue::Double(f64::NEG_INFINITY),
        PropValue::Double(-0.0),
        PropValue::AppTime(f64::MAX),
        PropValue::Boolean(true),
        PropValue::I8(i64::MIN),
        PropValue::I8(i64::MAX),
        time(0),
        time(i64::MAX as u64),
        time(u64::MAX),
        PropValue::Clsid(GUID::from_u128(u128::MAX)),
        text(""),
        text("RE: Re: AW: "),
        text("\u{DF}\u{130}\u{149}\u{1F600}\u{FEFF}"),
        units(&[0xD800]),
        units(&[0xDC00, 0x52, 0x45, 0x3A, 0x20, 0xD83D]),
        text(&"x".repeat(9000)),
        PropValue::from(vec![]),
        PropValue::from(vec![0, 0xFF, 0]),
        PropValue::from(vec![7; 9000]),
        PropValue::MvLong(Cow::Owned(vec![])),
        PropValue::MvLong(Cow::Owned(vec![i32::MIN, 0, i32::MAX])),
        PropValue::MvUnicode(vec![]),
        PropValue::MvUnicode(vec![vec![0xD800].into(), vec![].into()]),
        PropValue::MvBinary(vec![vec![1].into(), vec![].into()]),
    ]
}

/// A folder with messages of which each has one of these properties.
fn fill(session: &Session, name: &str, all: &[(PropTag, PropValue<'static>)]) -> IMAPIFolder {
    let folder = session.raw_folder(name);
    for (tag, value) in all {
        let message = create_message(&folder);
        let property = Property::with_id(tag.id(), value.clone());
        assert_eq!(
            set_props(session, &message, &[property]),
            (S_OK, vec![]),
            "{tag} {value:?}"
        );
        assert_eq!(
            save_changes(&message, SaveChangesFlags::empty()),
            S_OK,
            "{tag} {value:?}"
        );
    }
    folder
}

fn everything() -> Vec<(PropTag, PropValue<'static>)> {
    let of = |tag: PropTag| values().into_iter().map(move |value| (tag, value));
    TAGS.into_iter().flat_map(of).collect()
}

/// Only what each tag is for, twice: so that there are ties.
fn usual() -> Vec<(PropTag, PropValue<'static>)> {
    let is_usual = |(tag, value): &(PropTag, PropValue<'_>)| {
        let is_lone =
            matches!(value, PropValue::Unicode(units) if String::from_utf16(units).is_err());
        let is_late =
            matches!(value, PropValue::SysTime(time) if i64::try_from(time.ticks()).is_err());
        value.prop_type() == tag.prop_type() && !is_lone && !is_late
    };
    let once: Vec<_> = everything().into_iter().filter(is_usual).collect();
    [&once[..], &once[..]].concat()
}

/// The rows of a table in an order, by their entry IDs.
fn rows(session: &Session, table: &IMAPITable) -> Vec<PropValue<'static>> {
    let mut sought = 0;
    assert_eq!(unsafe { table.SeekRow(0, 0, &mut sought) }, S_OK);
    let rows = query(session, table, 10_000).into_iter();
    rows.map(|row| row.get(PR_ENTRYID).expect("an ID").clone())
        .collect()
}

fn sorted(
    session: &Session,
    folder: &IMAPIFolder,
    tag: PropTag,
    direction: SortDirection,
) -> IMAPITable {
    let table = contents(folder);
    assert_eq!(set_columns(session, &table, &[PR_ENTRYID]), S_OK);
    assert_eq!(sort(session, &table, &[SortOrder { tag, direction }]), S_OK);
    table
}

#[test]
fn store_10_a_value_of_any_type_is_in_the_row_as_the_message_has_it() {
    let (session, _store) = Session::in_memory();
    let all = everything();
    let folder = fill(&session, "Odd", &all);
    let table = contents(&folder);
    let any = |tag: &PropTag| tag.with_type(PT_UNSPECIFIED);
    let columns: Vec<PropTag> = TAGS.iter().map(any).chain([PR_ENTRYID]).collect();
    assert_eq!(set_columns(&session, &table, &columns), S_OK);
    let rows = query(&session, &table, 10_000);
    assert_eq!(rows.len(), all.len());
    for row in rows {
        let id = row
            .get(PR_ENTRYID)
            .and_then(PropValue::as_binary)
            .expect("an ID");
        let message = open_message(&session, id);
        let own = get_props(&session, &message, Some(&columns));
        for (shown, own) in row.properties.iter().zip(&own) {
            // STORE-12: what is large is cut in a row.
            if own.value != PropValue::Error(MAPI_E_NOT_ENOUGH_MEMORY) {
                let is_nan = matches!(own.value, PropValue::R4(_))
                    && matches!(shown.value, PropValue::R4(_));
                assert!(is_nan || own == shown || is_long(own), "{own:?} {shown:?}");
            }
        }
    }
    drop((table, folder));
    session.close();
}

fn is_long(property: &Property<'_>) -> bool {
    match &property.value {
        PropValue::Unicode(units) => units.len() > 255,
        PropValue::Binary(bytes) => bytes.len() > 510,
        _ => false,
    }
}

#[test]
fn store_14_and_store_16_orders_and_searches_are_the_same_with_an_index_and_without() {
    let (session, store) = Session::in_memory();
    let folders = [
        fill(&session, "Usual", &usual()),
        fill(&session, "Odd", &everything()),
    ];
    let all = Restriction::Exist(PR_ENTRYID);
    for folder in &folders {
        for tag in SORTED {
            for direction in [SortDirection::Ascend, SortDirection::Descend] {
                let table = sorted(&session, folder, tag, direction);
                let order = rows(&session, &table);
                let listed = sorted(&session, folder, tag, direction);
                assert_eq!(restrict(&session, &listed, &all), S_OK);
                assert_eq!(order, rows(&session, &listed), "{tag} {direction:?}");
                let single = values()
                    .into_iter()
                    .filter(|value| value.prop_type() == tag.prop_type());
                for value in single.filter(|value| !matches!(value, PropValue::Double(_))) {
                    for relop in [RelOp::Eq, RelOp::Ge, RelOp::Le] {
                        let property = Property::with_id(tag.id(), value.clone());
                        let wanted = Restriction::Property {
                            relop,
                            tag,
                            property,
                        };
                        assert_eq!(restrict(&session, &listed, &wanted), S_OK);
                        // A restriction puts the cursor before the first row.
                        let expected = next(&session, &listed);
                        let found = find(&session, &table, &wanted);
                        assert_eq!(found, expected, "{tag} {direction:?} {relop:?} {value:?}");
                    }
                }
            }
        }
    }
    assert_eq!(
        store.check().expect("checked").problems,
        Vec::<String>::new()
    );
    drop(folders);
    session.close();
}

/// The first row of a table that is so, from the beginning on.
fn find(
    session: &Session,
    table: &IMAPITable,
    wanted: &Restriction<'_>,
) -> Option<PropValue<'static>> {
    let restriction = session.allocators().build(wanted).expect("memory");
    let (from, flags) = (BOOKMARK_BEGINNING as usize, FindRowFlags::empty());
    match unsafe { table.FindRow(restriction.as_ptr(), from, flags) } {
        S_OK => {}
        MAPI_E_NOT_FOUND => return None,
        other => panic!("{other:?}"),
    }
    next(session, table)
}

/// The row at the cursor.
fn next(session: &Session, table: &IMAPITable) -> Option<PropValue<'static>> {
    let row = query(session, table, 1).into_iter().next()?;
    row.get(PR_ENTRYID).cloned()
}

#[test]
fn odd_values_keep_no_message_from_being_copied_marked_sent_and_deleted() {
    let (session, store) = Session::in_memory();
    let all = everything();
    let (folder, to) = (fill(&session, "Odd", &all), session.raw_folder("Other"));
    let from = folder_id(&entry_id_of(&session, &folder).into());
    let ids = store.read(|reader| reader.message_ids(from)).expect("read");
    assert_eq!(ids.len(), all.len());
    for id in ids {
        let message = open_message(&session, &entry_id(&store, id));
        let copy = create_message(&to);
        let mut problems = ptr::null_mut();
        unsafe {
            let flags = CopyFlags::empty();
            let to = copy.as_raw();
            let iid = IMessage::IID;
            let none = ptr::null();
            let status = message.CopyTo(
                0,
                none,
                ptr::null_mut(),
                0,
                ptr::null_mut(),
                &iid,
                to,
                flags,
                &mut problems,
            );
            assert_eq!(status, S_OK);
            drop(session.allocators().adopt(problems, 1));
            assert_eq!(message.SetReadFlag(ReadFlags::empty()), S_OK);
        }
        add_recipients(&session, &copy, &[(MAPI_TO, "Ann")]);
        assert_eq!(
            unsafe { copy.SubmitMessage(SubmitMessageFlags::empty()) },
            S_OK
        );
        let mut sent = entry_id_of(&session, &copy);
        let (count, sent) = (sent.len() as u32, sent.as_mut_ptr().cast());
        let interface = session.store.interface();
        assert_eq!(unsafe { interface.AbortSubmit(count, sent, 0) }, S_OK);
    }
    for folder in [&folder, &to] {
        let none = ptr::null_mut();
        assert_eq!(
            unsafe { folder.EmptyFolder(0, none, EmptyFolderFlags::empty()) },
            S_OK
        );
    }
    assert_eq!(
        store.check().expect("checked").problems,
        Vec::<String>::new()
    );
    drop((folder, to));
    session.close();
}

#[test]
fn store_26_what_has_no_type_is_a_problem_of_its_own() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    let mut given =
        [PT_UNSPECIFIED, PT_LONG | MV_FLAG | MV_INSTANCE, PT_LONG].map(|prop_type| SPropValue {
            ulPropTag: PropTag::new(0x6601, prop_type),
            dwAlignPad: 0,
            Value: SPropValueUnion { l: 7 },
        });
    let objects: [&IMAPIProp; 3] = [&folder, &message, session.store.interface()];
    for object in objects {
        let mut problems = ptr::null_mut();
        let problems = unsafe {
            let status = object.SetProps(given.len() as u32, given.as_mut_ptr(), &mut problems);
            assert_eq!(status, S_OK);
            session.allocators().adopt(problems, 1).expect("problems")
        };
        let limits = mapi_provider::view::Limits::default();
        let read: mapi_provider::view::PropProblems = problems.read(&limits).expect("well-formed");
        let read: Vec<_> = read.0.iter().map(|one| (one.index, one.status)).collect();
        assert_eq!(read, [(0, MAPI_E_INVALID_TYPE), (1, MAPI_E_INVALID_TYPE)]);
        let kept = get_props(
            &session,
            object,
            Some(&[PropTag::new(0x6601, PT_UNSPECIFIED)]),
        );
        assert_eq!(kept[0].value, PropValue::Long(7));
    }
    drop((folder, message));
    session.close();
}
