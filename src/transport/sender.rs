//! Who has sent a message (XP-17).

use super::mail::Person;
use crate::store::{Message, OneOff, Row, StoreError};
use mapi_provider_abi::mapi::{
    PR_CLIENT_SUBMIT_TIME, PR_IDENTITY_DISPLAY_W, PR_IDENTITY_ENTRYID, PR_IDENTITY_SEARCH_KEY,
    PR_INTERNET_MESSAGE_ID_W, PR_PROVIDER_SUBMIT_TIME, PR_RCVD_REPRESENTING_ADDRTYPE_W,
    PR_RCVD_REPRESENTING_EMAIL_ADDRESS_W, PR_RCVD_REPRESENTING_ENTRYID,
    PR_RCVD_REPRESENTING_NAME_W, PR_RCVD_REPRESENTING_SEARCH_KEY, PR_RECEIVED_BY_ADDRTYPE_W,
    PR_RECEIVED_BY_EMAIL_ADDRESS_W, PR_RECEIVED_BY_ENTRYID, PR_RECEIVED_BY_NAME_W,
    PR_RECEIVED_BY_SEARCH_KEY, PR_SENDER_ADDRTYPE_W, PR_SENDER_EMAIL_ADDRESS_W, PR_SENDER_ENTRYID,
    PR_SENDER_NAME_W, PR_SENDER_SEARCH_KEY, PR_SENT_REPRESENTING_ADDRTYPE_W,
    PR_SENT_REPRESENTING_EMAIL_ADDRESS_W, PR_SENT_REPRESENTING_ENTRYID,
    PR_SENT_REPRESENTING_NAME_W, PR_SENT_REPRESENTING_SEARCH_KEY, PropTag,
};
use mapi_provider_abi::view::{FileTime, Property};

pub(super) const SENDER: [PropTag; 5] = [
    PR_SENDER_NAME_W,
    PR_SENDER_ADDRTYPE_W,
    PR_SENDER_EMAIL_ADDRESS_W,
    PR_SENDER_ENTRYID,
    PR_SENDER_SEARCH_KEY,
];

pub(super) const REPRESENTING: [PropTag; 5] = [
    PR_SENT_REPRESENTING_NAME_W,
    PR_SENT_REPRESENTING_ADDRTYPE_W,
    PR_SENT_REPRESENTING_EMAIL_ADDRESS_W,
    PR_SENT_REPRESENTING_ENTRYID,
    PR_SENT_REPRESENTING_SEARCH_KEY,
];

/// Whom a message came to (XP-27).
pub(super) const RECEIVED_BY: [PropTag; 5] = [
    PR_RECEIVED_BY_NAME_W,
    PR_RECEIVED_BY_ADDRTYPE_W,
    PR_RECEIVED_BY_EMAIL_ADDRESS_W,
    PR_RECEIVED_BY_ENTRYID,
    PR_RECEIVED_BY_SEARCH_KEY,
];

/// For whom it came (XP-27).
pub(super) const RECEIVED_FOR: [PropTag; 5] = [
    PR_RCVD_REPRESENTING_NAME_W,
    PR_RCVD_REPRESENTING_ADDRTYPE_W,
    PR_RCVD_REPRESENTING_EMAIL_ADDRESS_W,
    PR_RCVD_REPRESENTING_ENTRYID,
    PR_RCVD_REPRESENTING_SEARCH_KEY,
];

fn one_off(person: &Person) -> OneOff<'_> {
    OneOff::new(&person.name, &person.address.kind, &person.address.value)
}

/// The identity as the status row has it: all three columns.
pub(crate) fn identity_properties(identity: &Person) -> Vec<Property<'static>> {
    let [name, _, _, entry_id, search_key] = one_off(identity).properties([
        PR_IDENTITY_DISPLAY_W,
        PR_SENDER_ADDRTYPE_W,
        PR_SENDER_EMAIL_ADDRESS_W,
        PR_IDENTITY_ENTRYID,
        PR_IDENTITY_SEARCH_KEY,
    ]);
    vec![name, entry_id, search_key]
}

/// XP-17: writes into a message who sends it, and when; and which message it is, where nothing says so yet: the copy in Sent
/// has the Message-ID then that was sent, and is known again on a server that has kept one too.
///
/// # Errors
///
/// The message refuses.
pub(super) fn sign(
    message: &Message<'_>,
    sender: &Person,
    now: FileTime,
    id: &str,
) -> Result<(), StoreError> {
    let asked: Vec<PropTag> = REPRESENTING
        .into_iter()
        .chain([PR_CLIENT_SUBMIT_TIME, PR_INTERNET_MESSAGE_ID_W])
        .collect();
    let before = message.get_all(&asked)?;
    let one_off = one_off(sender);
    let mut properties = one_off.properties(SENDER).to_vec();
    if !represents_somebody(&before) {
        properties.extend(one_off.properties(REPRESENTING));
    }
    properties.push(Property::new(PR_PROVIDER_SUBMIT_TIME, now));
    if before.time(PR_CLIENT_SUBMIT_TIME).is_none() {
        properties.push(Property::new(PR_CLIENT_SUBMIT_TIME, now));
    }
    let has_id = before.text(PR_INTERNET_MESSAGE_ID_W);
    if has_id.is_none_or(|known| known.is_empty()) && !id.is_empty() {
        properties.push(Property::new(PR_INTERNET_MESSAGE_ID_W, id));
    }
    message.set_all(&properties)
}

/// Whether all that says whom the sender represents is there: a half of it would name nobody.
fn represents_somebody(row: &Row) -> bool {
    REPRESENTING.iter().all(|tag| row.get(*tag).is_some())
}
