//! What the tests of both probes read of a message.

use mapi_provider::abi::{PR_RESPONSIBILITY, PR_ROWID, PropTag};
use mapi_provider::transport::Mail;
use mapi_provider_host::{OutgoingMessage, Property, Value};

pub(crate) fn value(row: &[Property], tag: PropTag) -> Option<&Value> {
    row.iter()
        .find(|one| one.id == tag.id())
        .map(|one| &one.value)
}

/// Whether somebody is responsible, recipient by recipient in the order of their rows.
pub(crate) fn responsible(message: &OutgoingMessage) -> Vec<bool> {
    let mut rows = message.recipients();
    rows.sort_by_key(|row| match value(row, PR_ROWID) {
        Some(Value::Long(number)) => *number,
        _ => -1,
    });
    let rows = rows.iter();
    rows.map(|row| value(row, PR_RESPONSIBILITY) == Some(&Value::Boolean(true)))
        .collect()
}

/// The addresses that a message is sent to.
pub(crate) fn envelope(mail: &Mail) -> Vec<String> {
    let all = mail.envelope().iter();
    all.map(|to| to.person.address.value.clone()).collect()
}
