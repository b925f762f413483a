//! Rows of the tables as values, and back.

use std::collections::HashMap;
use std::time::SystemTime;

use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::{MessageId, Result, millis, time};
use crate::transport::delivery::Fate;
use crate::transport::envelope::Key;
use crate::transport::mail::{Address, Line, Person, Recipient};

/// What is known of a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i64)]
pub(super) enum State {
    /// Nothing: somebody may be sending to him now.
    Open = 0,
    /// The queue is to send to him.
    Waiting = 1,
    Accepted = 2,
    Delivered = 3,
    /// Refused, and nobody was told.
    Refused = 4,
    /// Refused, and SubmitMessage tells the spooler.
    Told = 5,
    /// The queue has seen to him: the report is made.
    Handled = 6,
}

/// The words of SQL for a state.
pub(super) const fn number(state: State) -> i64 {
    state as i64
}

/// Notes what became of somebody. True if he is one of the message's.
pub(super) fn note(tx: &Transaction<'_>, message: MessageId, key: &Key, fate: &Fate) -> Result<()> {
    let (state, text, at) = match fate {
        Fate::Accepted => (State::Accepted, "", 0),
        Fate::Delivered(at) => (State::Delivered, "", millis(*at)),
        Fate::Refused(text) => (State::Refused, &**text, 0),
        Fate::Queued => (State::Waiting, "", 0),
    };
    tx.prepare_cached(
        "UPDATE recipient SET state = ?3, text = ?4, at = ?5 WHERE message = ?1 AND key = ?2",
    )?
    .execute(params![message, key.as_str(), number(state), text, at])?;
    Ok(())
}

/// Writes down what the file missed, as it does where a [`note`] failed. What it knows already stays.
pub(super) fn catch_up(
    tx: &Transaction<'_>,
    message: MessageId,
    fates: &HashMap<Key, Fate>,
) -> Result<()> {
    for (key, fate) in fates {
        let known: Option<i64> = tx
            .prepare_cached("SELECT state FROM recipient WHERE message = ?1 AND key = ?2")?
            .query_row(params![message, key.as_str()], |row| row.get(0))
            .optional()?;
        let is_open = known == Some(number(State::Open)) || known == Some(number(State::Waiting));
        let is_more = known == Some(number(State::Accepted)) && matches!(fate, Fate::Delivered(_));
        if *fate != Fate::Queued && (is_open || is_more) {
            note(tx, message, key, fate)?;
        }
    }
    Ok(())
}

/// What became of a recipient, from `state`, `text` and `at` in this order; none if nothing did.
pub(super) fn fate(row: &Row<'_>) -> rusqlite::Result<Option<Fate>> {
    let state: i64 = row.get("state")?;
    let at: SystemTime = time(row.get("at")?);
    Ok(match state {
        _ if state == number(State::Open) => None,
        _ if state == number(State::Accepted) => Some(Fate::Accepted),
        _ if state == number(State::Delivered) => Some(Fate::Delivered(at)),
        _ if state == number(State::Refused) || state == number(State::Told) => {
            Some(Fate::Refused(row.get("text")?))
        }
        // The queue sends to him, or has.
        _ => Some(Fate::Queued),
    })
}

pub(super) fn person(row: &Row<'_>) -> rusqlite::Result<Person> {
    Ok(Person {
        name: row.get("name")?,
        address: Address {
            kind: row.get("kind")?,
            value: row.get("address")?,
        },
    })
}

pub(super) fn recipient(row: &Row<'_>) -> rusqlite::Result<Recipient> {
    let person = person(row)?;
    Ok(Recipient {
        key: Key::of(&person.address),
        person,
        line: line(row.get("line")?),
        report_delivery: row.get("report")?,
    })
}

pub(super) fn line_number(line: Line) -> i64 {
    match line {
        Line::To => 1,
        Line::Cc => 2,
        Line::Bcc => 3,
    }
}

pub(super) fn line(number: i64) -> Line {
    match number {
        2 => Line::Cc,
        3 => Line::Bcc,
        _ => Line::To,
    }
}
