//! Whom a message is sent to, and what is written back about them (XP-15, XP-16, XP-18).

use std::collections::HashMap;
use std::time::SystemTime;

use super::delivery::Fate;
use super::mail::{Address, Line, Person, Recipient};
use crate::store::{OneOff, Row};
use mapi_provider_abi::mapi::{
    MAPI_BCC, MAPI_CC, MAPI_DIAG_NO_DIAGNOSTIC, MAPI_MAILUSER, MAPI_P1, MAPI_SUBMITTED, MAPI_TO,
    PR_ADDRTYPE_W, PR_DELIVER_TIME, PR_DISPLAY_NAME_W, PR_DISPLAY_TYPE, PR_EMAIL_ADDRESS_W,
    PR_ENTRYID, PR_NDR_DIAG_CODE, PR_NDR_REASON_CODE, PR_OBJECT_TYPE,
    PR_ORIGINATOR_DELIVERY_REPORT_REQUESTED, PR_RECIPIENT_TYPE, PR_REPORT_TEXT_W, PR_REPORT_TIME,
    PR_RESPONSIBILITY, PR_SEARCH_KEY,
};
use mapi_provider_abi::view::{self, FileTime, PropValue, Property};

/// `PR_NDR_REASON_CODE`: the transfer failed.
const TRANSFER_FAILED: i32 = 0;

/// An address without its case: what is sent to once. Who has none is told from others by his name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key(String);

impl Key {
    pub(super) fn of(address: &Address) -> Self {
        Self(format!("{}:{}", address.kind, address.value).to_uppercase())
    }

    /// Nobody's address: it has a control character in it.
    fn without_address(person: &Person) -> Self {
        let Person { name, address } = person;
        Self(format!("{}:\u{1}{name}", address.kind).to_uppercase())
    }

    /// One that was written down.
    pub(super) fn known(text: String) -> Self {
        Self(text)
    }

    /// As it is written down.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Somebody to send to, and the rows of the recipient table that stand for him.
#[derive(Debug)]
pub(super) struct Addressee {
    pub(super) recipient: Recipient,
    rows: Vec<usize>,
}

/// The recipient table of a message.
#[derive(Debug)]
pub(super) struct Envelope {
    rows: Vec<Row>,
    pub(super) addressees: Vec<Addressee>,
}

impl Envelope {
    /// Who of these rows is this transport's to send to.
    pub(super) fn new(rows: Vec<Row>, types: &[&str]) -> Self {
        let mut addressees: Vec<Addressee> = Vec::new();
        let ours = rows.iter().enumerate();
        for (index, row) in ours.filter(|(_, row)| is_ours(row, types)) {
            let recipient = recipient(row);
            // XP-15: one address, once.
            let known = addressees
                .iter_mut()
                .find(|known| known.recipient.key == recipient.key);
            match known {
                Some(known) => {
                    known.rows.push(index);
                    known.recipient.report_delivery |= recipient.report_delivery;
                }
                None => addressees.push(Addressee {
                    recipient,
                    rows: vec![index],
                }),
            }
        }
        Self { rows, addressees }
    }

    /// Those of whom nothing is known yet.
    pub(super) fn open(&self, fates: &HashMap<Key, Fate>) -> Vec<Recipient> {
        let all = self.addressees.iter().map(|one| &one.recipient);
        all.filter(|one| !fates.contains_key(&one.key))
            .cloned()
            .collect()
    }

    /// Those in To and Cc, as readers see them: copies for resending are none of it, those who have the message are.
    pub(super) fn shown(&self) -> Vec<(Line, Person)> {
        let rows = self.rows.iter().filter(|row| kind(row) & MAPI_P1 == 0);
        let shown = rows.map(|row| (line(row), person(row)));
        shown.filter(|(line, _)| *line != Line::Bcc).collect()
    }

    /// The rows of those who were accepted or refused, whole, with the responsibility taken (XP-16).
    pub(super) fn settled(&self, fates: &HashMap<Key, Fate>) -> Vec<view::Row<'static>> {
        let settled = self
            .addressees
            .iter()
            .filter(|one| fates.contains_key(&one.recipient.key));
        let mut indices: Vec<usize> = settled.flat_map(|one| one.rows.iter().copied()).collect();
        indices.sort_unstable();
        let rows = indices.into_iter().filter_map(|index| self.rows.get(index));
        rows.map(responsible).collect()
    }

    /// Who was refused, and why.
    pub(super) fn refused<'f>(&self, fates: &'f HashMap<Key, Fate>) -> Vec<(&Key, &'f str)> {
        let refused = self.addressees.iter().filter_map(|one| {
            let key = &one.recipient.key;
            match fates.get(key)? {
                Fate::Refused(text) => Some((key, &**text)),
                _ => None,
            }
        });
        refused.collect()
    }

    /// What StatusRecips is told: refusals, and deliveries that somebody wants to hear of (XP-18).
    pub(super) fn reports(
        &self,
        fates: &HashMap<Key, Fate>,
        now: FileTime,
    ) -> Vec<view::Row<'static>> {
        let reports = self.addressees.iter().filter_map(|one| {
            let told = match fates.get(&one.recipient.key)? {
                Fate::Refused(text) => refusal(text, now),
                Fate::Delivered(at) if one.recipient.report_delivery => delivery(*at, now),
                _ => return None,
            };
            let row = one.rows.first().and_then(|index| self.rows.get(*index))?;
            // XP-18: as the message names him, and as we would where it does not.
            let named = named(&one.recipient.person, one.recipient.line).into_iter();
            let mut report: Vec<Property<'static>> = named
                .map(|ours| match row.get(ours.tag) {
                    Some(value) => Property::with_id(ours.tag.id(), value.clone()),
                    None => ours,
                })
                .collect();
            report.extend(told);
            Some(view::Row::from(report))
        });
        reports.collect()
    }
}

/// Who a report is about.
fn named(person: &Person, line: Line) -> Vec<Property<'static>> {
    let Person { name, address } = person;
    let line = match line {
        Line::To => MAPI_TO,
        Line::Cc => MAPI_CC,
        Line::Bcc => MAPI_BCC,
    };
    let one_off = OneOff::new(name, &address.kind, &address.value);
    let mut properties = one_off
        .properties([
            PR_DISPLAY_NAME_W,
            PR_ADDRTYPE_W,
            PR_EMAIL_ADDRESS_W,
            PR_ENTRYID,
            PR_SEARCH_KEY,
        ])
        .to_vec();
    properties.push(Property::new(PR_RECIPIENT_TYPE, line as i32));
    properties.push(Property::new(PR_OBJECT_TYPE, MAPI_MAILUSER as i32));
    properties.push(Property::new(PR_DISPLAY_TYPE, 0)); // DT_MAILUSER
    properties
}

fn refusal(text: &str, now: FileTime) -> Vec<Property<'static>> {
    vec![
        Property::new(PR_NDR_REASON_CODE, TRANSFER_FAILED),
        Property::new(PR_NDR_DIAG_CODE, MAPI_DIAG_NO_DIAGNOSTIC as i32),
        Property::new(PR_REPORT_TEXT_W, crate::store::text_value(text)),
        Property::new(PR_REPORT_TIME, now),
    ]
}

/// Somebody who will never get a message, as a report of our own names him (XP-19).
#[derive(Debug, Clone)]
pub(super) struct Failed {
    pub(super) person: Person,
    pub(super) line: Line,
    pub(super) text: String,
}

/// His row in the report.
pub(super) fn failed_row(failed: &Failed, made: FileTime) -> view::Row<'static> {
    let mut row = named(&failed.person, failed.line);
    row.extend(refusal(&failed.text, made));
    view::Row::from(row)
}

fn delivery(at: SystemTime, now: FileTime) -> Vec<Property<'static>> {
    let at = FileTime::try_from(at).unwrap_or(now);
    vec![
        Property::new(PR_DELIVER_TIME, at),
        Property::new(PR_REPORT_TIME, now),
    ]
}

fn kind(row: &Row) -> u32 {
    row.long(PR_RECIPIENT_TYPE).unwrap_or_default() as u32
}

/// XP-15: nobody is responsible for him yet, he has a type of ours, and does not have the message already.
fn is_ours(row: &Row, types: &[&str]) -> bool {
    let free = row.bool(PR_RESPONSIBILITY) != Some(true);
    let address_type = row.text(PR_ADDRTYPE_W).unwrap_or_default();
    let typed = types
        .iter()
        .any(|known| *known == "*" || known.eq_ignore_ascii_case(&address_type));
    free && typed && kind(row) & MAPI_SUBMITTED == 0
}

fn line(row: &Row) -> Line {
    match kind(row) & !(MAPI_P1 | MAPI_SUBMITTED) {
        MAPI_CC => Line::Cc,
        MAPI_BCC => Line::Bcc,
        _ => Line::To,
    }
}

fn person(row: &Row) -> Person {
    let text = |tag| row.text(tag).unwrap_or_default();
    Person {
        name: text(PR_DISPLAY_NAME_W),
        address: Address {
            kind: text(PR_ADDRTYPE_W).to_uppercase(),
            value: text(PR_EMAIL_ADDRESS_W),
        },
    }
}

fn recipient(row: &Row) -> Recipient {
    let person = person(row);
    let key = match person.address.value.trim().is_empty() {
        true => Key::without_address(&person),
        false => Key::of(&person.address),
    };
    Recipient {
        key,
        line: line(row),
        report_delivery: row.bool(PR_ORIGINATOR_DELIVERY_REPORT_REQUESTED) == Some(true),
        person,
    }
}

/// Why nothing can be sent to an address, whatever the server: a line break in it would be a command to the server.
pub(super) fn address_problem(address: &str) -> Option<&'static str> {
    if address.trim().is_empty() {
        Some("the recipient has no address")
    } else if address.chars().any(char::is_control) {
        Some("the recipient's address has control characters in it")
    } else {
        None
    }
}

/// The row with the responsibility taken; all that the table knows of it stays.
fn responsible(row: &Row) -> view::Row<'static> {
    let is_value = |property: &&Property<'static>| {
        let none = matches!(
            property.value,
            PropValue::Error(_) | PropValue::Null | PropValue::Unspecified
        );
        !none && property.tag.id() != PR_RESPONSIBILITY.id()
    };
    let mut properties: Vec<Property<'static>> =
        row.properties().iter().filter(is_value).cloned().collect();
    properties.push(Property::new(PR_RESPONSIBILITY, true));
    view::Row::from(properties)
}
