//! Recipients of messages, and their table.

use crate::object_support;
use crate::parts_support;
use mapi_provider::abi::*;
use mapi_provider::view::{self, PropValue, Property};
use object_support::*;
use parts_support::*;

/// Names and numbers of the recipients.
fn recipients(session: &Session, message: &IMessage) -> Vec<(i32, String)> {
    let rows = query(session, &recipient_table(message), 1000);
    let one = |row: view::Row<'static>| {
        let number = row.get(PR_ROWID).and_then(PropValue::as_long);
        let name = row.get(PR_DISPLAY_NAME_W).and_then(PropValue::to_text);
        (number.expect("a number"), name.expect("a name"))
    };
    rows.into_iter().map(one).collect()
}

fn known(all: &[(i32, &str)]) -> Vec<(i32, String)> {
    all.iter()
        .map(|(row, name)| (*row, (*name).to_owned()))
        .collect()
}

#[test]
fn store_28_recipients_are_replaced_added_modified_and_removed() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    let modify = |flags, entries| modify_recipients(&session, &message, flags, entries);
    let replace = ModifyRecipientsFlags::empty();
    let all = vec![entry(None, "Ann"), entry(None, "Bob"), Vec::new()];
    assert_eq!(modify(replace, all), S_OK);
    assert_eq!(
        recipients(&session, &message),
        known(&[(0, "Ann"), (1, "Bob")])
    );
    let add = ModifyRecipientsFlags::MODRECIP_ADD;
    assert_eq!(modify(add, vec![entry(Some(9), "Cid")]), S_OK);
    let change = ModifyRecipientsFlags::MODRECIP_MODIFY;
    assert_eq!(modify(change, vec![entry(Some(1), "Bea")]), S_OK);
    let remove = ModifyRecipientsFlags::MODRECIP_REMOVE;
    assert_eq!(modify(remove, vec![entry(Some(0), "")]), S_OK);
    let expected = known(&[(1, "Bea"), (9, "Cid")]);
    assert_eq!(recipients(&session, &message), expected);
    // All or nothing.
    let missing = vec![entry(Some(1), ""), entry(Some(77), "")];
    assert_eq!(modify(remove, missing), MAPI_E_NOT_FOUND);
    let null = vec![vec![
        named(PR_DISPLAY_NAME_W, "x"),
        Property::new(PR_NULL, PropValue::Null),
    ]];
    assert_eq!(modify(replace, null), MAPI_E_INVALID_PARAMETER);
    assert_eq!(modify(add | remove, Vec::new()), MAPI_E_INVALID_PARAMETER);
    assert_eq!(
        modify(change, vec![entry(None, "x")]),
        MAPI_E_INVALID_PARAMETER
    );
    assert_eq!(recipients(&session, &message), expected);
    // STORE-21: others see them after the save, with the same numbers.
    save_and_go_on(&message);
    let id = entry_id_of(&session, &message);
    let other = open_message(&session, &id);
    assert_eq!(recipients(&session, &other), expected);
    assert_eq!(modify(replace, vec![entry(Some(4), "Dan")]), S_OK);
    assert_eq!(recipients(&session, &other), expected);
    assert_eq!(recipients(&session, &message), known(&[(4, "Dan")]));
    drop((folder, message, other));
    session.close();
}

#[test]
fn store_28_every_row_has_what_a_recipient_needs() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    // Nothing but an address; an error of an address book; a one-off entry ID.
    let address = vec![
        named(PR_EMAIL_ADDRESS_W, "a@b"),
        Property::with_id(PR_COMMENT_W.id(), PropValue::Error(MAPI_E_NOT_FOUND)),
    ];
    let client = session.client().ipm_subtree().expect("there");
    let other = client
        .create_folder("Other")
        .expect("made")
        .create_message()
        .expect("made");
    let bob = mapi_provider::store::Recipient::to("Bob", "bob@example.org");
    other.add_recipients(&[bob]).expect("added");
    let id = other.save().expect("saved").into_owned();
    let rows = query(
        &session,
        &recipient_table(&open_message(&session, id.as_bytes())),
        1,
    );
    let one_off = rows[0].get(PR_ENTRYID).cloned().expect("it is resolved");
    let resolved = vec![Property::new(PR_ENTRYID, one_off)];
    let replace = ModifyRecipientsFlags::empty();
    let entries = vec![address, resolved];
    assert_eq!(
        modify_recipients(&session, &message, replace, entries),
        S_OK
    );
    let table = recipient_table(&message);
    let tags = [
        PR_ROWID,
        PR_RECIPIENT_TYPE,
        PR_DISPLAY_NAME_W,
        PR_ADDRTYPE_W,
        PR_OBJECT_TYPE,
        PR_DISPLAY_TYPE,
    ];
    assert_eq!(set_columns(&session, &table, &tags), S_OK);
    let rows = query(&session, &table, 10);
    let long = |row: usize, tag| rows[row].get(tag).and_then(PropValue::as_long);
    let text = |row: usize, tag| rows[row].get(tag).and_then(PropValue::to_text);
    for row in 0..2 {
        assert_eq!(long(row, PR_ROWID), Some(row as i32));
        assert_eq!(long(row, PR_RECIPIENT_TYPE), Some(MAPI_TO as i32));
    }
    assert_eq!(text(0, PR_DISPLAY_NAME_W).as_deref(), Some("a@b"));
    assert_eq!(text(1, PR_DISPLAY_NAME_W).as_deref(), Some("Bob"));
    assert_eq!(text(1, PR_ADDRTYPE_W).as_deref(), Some("SMTP"));
    assert_eq!(long(1, PR_OBJECT_TYPE), Some(MAPI_MAILUSER as i32));
    assert_eq!(long(1, PR_DISPLAY_TYPE), Some(DT_MAILUSER as i32));
    assert_eq!(
        value(&session, &message, PR_DISPLAY_TO_W),
        "a@b; Bob".into()
    );
    drop((folder, message, table, client, other));
    session.close();
}

#[test]
fn store_40_the_table_of_recipients_follows() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    let table = recipient_table(&message);
    let follower = follow(&table, PR_DISPLAY_NAME_W);
    let steps = [
        (
            ModifyRecipientsFlags::empty(),
            vec![entry(None, "Ann"), entry(None, "Bob")],
        ),
        (
            ModifyRecipientsFlags::MODRECIP_ADD,
            vec![entry(None, "Cid")],
        ),
        (
            ModifyRecipientsFlags::MODRECIP_MODIFY,
            vec![entry(Some(1), "Bea")],
        ),
        (
            ModifyRecipientsFlags::MODRECIP_REMOVE,
            vec![entry(Some(0), "")],
        ),
        (
            ModifyRecipientsFlags::empty(),
            vec![entry(Some(1), "Bea"), entry(Some(7), "Eve")],
        ),
    ];
    for (flags, entries) in steps {
        assert_eq!(modify_recipients(&session, &message, flags, entries), S_OK);
        let now: Vec<String> = recipients(&session, &message)
            .into_iter()
            .map(|(_, name)| name)
            .collect();
        assert_eq!(follower.names(), now);
    }
    assert_eq!(follower.names(), ["Bea", "Eve"]);
    drop((folder, message, table, follower));
    session.close();
}
