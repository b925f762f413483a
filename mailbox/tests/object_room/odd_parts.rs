//! Values of every type under the tags of recipients and attachments: each is kept, and the rows have what they must.

use crate::object_support;
use crate::odd_values::values;
use std::ptr;

use mapi_provider::abi::*;
use mapi_provider::view::{PropValue, Property};
use object_support::*;

/// What a recipient has, or an attachment.
const OF_RECIPIENTS: [PropTag; 12] = [
    PR_RECIPIENT_TYPE,
    PR_DISPLAY_NAME_W,
    PR_ENTRYID,
    PR_ADDRTYPE_W,
    PR_EMAIL_ADDRESS_W,
    PR_ROWID,
    PR_INSTANCE_KEY,
    PR_RESPONSIBILITY,
    PR_OBJECT_TYPE,
    PR_DISPLAY_TYPE,
    PR_SEARCH_KEY,
    PropTag::new(0x8001, PT_UNICODE),
];
const OF_ATTACHMENTS: [PropTag; 9] = [
    PR_ATTACH_METHOD,
    PR_RENDERING_POSITION,
    PR_ATTACH_DATA_BIN,
    PR_ATTACH_NUM,
    PR_ATTACH_SIZE,
    PR_RECORD_KEY,
    PR_DISPLAY_NAME_W,
    PR_ATTACH_ENCODING,
    PropTag::new(0x8001, PT_UNICODE),
];

fn of(tags: &[PropTag]) -> impl Iterator<Item = Property<'static>> {
    let all = tags.iter().flat_map(|tag| {
        let id = tag.id();
        values()
            .into_iter()
            .map(move |value| Property::with_id(id, value))
    });
    all.collect::<Vec<_>>().into_iter()
}

/// All rows of a table with all columns, strings and bytes without what is cut.
fn everything_of(session: &Session, table: &IMAPITable, columns: &[PropTag]) -> Vec<Vec<String>> {
    let any: Vec<PropTag> = columns
        .iter()
        .map(|tag| tag.with_type(PT_UNSPECIFIED))
        .collect();
    assert_eq!(set_columns(session, table, &any), S_OK);
    let rows = query(session, table, 10_000).into_iter();
    rows.map(|row| {
        row.properties
            .iter()
            .map(|one| format!("{one:?}"))
            .collect()
    })
    .collect()
}

#[test]
fn store_28_recipients_with_odd_values_are_kept_and_have_what_every_row_has() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    let entries: Vec<Vec<Property<'_>>> = of(&OF_RECIPIENTS).map(|one| vec![one]).collect();
    let count = entries.len();
    let replace = ModifyRecipientsFlags::empty();
    assert_eq!(
        modify_recipients(&session, &message, replace, entries),
        S_OK
    );
    let table = recipient_table(&message);
    let before = everything_of(&session, &table, &OF_RECIPIENTS);
    assert_eq!(before.len(), count);
    let shown = |tag| {
        let table = recipient_table(&message);
        column(&session, &table, tag)
    };
    let wrong = |value: &Option<PropValue<'_>>| matches!(value, None | Some(PropValue::Error(_)));
    assert!(!shown(PR_ROWID).iter().any(wrong));
    save_and_go_on(&message);
    let again = open_message(&session, &entry_id_of(&session, &message));
    let after = everything_of(&session, &recipient_table(&again), &OF_RECIPIENTS);
    assert_eq!(before, after);
    assert_eq!(
        unsafe { again.SubmitMessage(SubmitMessageFlags::empty()) },
        S_OK
    );
    drop((table, folder, message, again));
    session.close();
}

#[test]
fn store_29_attachments_with_odd_values_are_kept() {
    let (session, store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    for property in of(&OF_ATTACHMENTS) {
        let (mut number, mut out) = (0, ptr::null_mut());
        let attachment = unsafe {
            let flags = CreateAttachFlags::empty();
            assert_eq!(
                message.CreateAttach(ptr::null(), flags, &mut number, &mut out),
                S_OK
            );
            IAttach::from_raw(out)
        };
        assert_eq!(set_props(&session, &attachment, &[property]).0, S_OK);
        save_and_go_on(&attachment);
    }
    save_and_go_on(&message);
    let table = |message: &IMessage| {
        let mut out = ptr::null_mut();
        unsafe {
            let flags = GetAttachmentTableFlags::MAPI_UNICODE;
            assert_eq!(message.GetAttachmentTable(flags, &mut out), S_OK);
            IMAPITable::from_raw(out)
        }
    };
    let before = everything_of(&session, &table(&message), &OF_ATTACHMENTS);
    let again = open_message(&session, &entry_id_of(&session, &message));
    let after = everything_of(&session, &table(&again), &OF_ATTACHMENTS);
    assert_eq!(before, after);
    assert_eq!(before.len(), of(&OF_ATTACHMENTS).count());
    assert_eq!(
        store.check().expect("checked").problems,
        Vec::<String>::new()
    );
    drop((folder, message, again));
    session.close();
}
