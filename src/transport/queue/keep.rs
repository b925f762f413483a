//! What a submission writes: who is sent to, what became of each, and the message if it can't be sent now.

use std::collections::HashMap;
use std::time::Duration;

use rusqlite::{OptionalExtension, params};

use super::rows::{State, catch_up, fate, line_number, note, number};
use super::{MessageId, Queue, Result, back_off, now};
use crate::transport::delivery::Fate;
use crate::transport::envelope::Key;
use crate::transport::mail::{Mail, Recipient};

/// Which message somebody is sending.
pub(in crate::transport) struct About<'a> {
    /// What tells it from others; empty if nothing does.
    pub(in crate::transport) search_key: &'a [u8],
    pub(in crate::transport) class: &'a str,
    pub(in crate::transport) subject: &'a str,
}

/// A message that the queue is to send.
pub(in crate::transport) struct Kept<'a> {
    pub(in crate::transport) mail: &'a Mail,
    /// The message as it goes out.
    pub(in crate::transport) octets: &'a [u8],
    /// What is known of everybody, as SubmitMessage writes it into the message.
    pub(in crate::transport) fates: &'a HashMap<Key, Fate>,
    /// In what time to try again, if the logic says.
    pub(in crate::transport) after: Option<Duration>,
}

impl Queue {
    /// Begins to send a message: it gets a number, and what is known of its recipients is answered. What became of it before
    /// is found by its search key, where it has one.
    pub(in crate::transport) fn begin<'r>(
        &self,
        about: &About<'_>,
        recipients: impl Iterator<Item = &'r Recipient>,
    ) -> Result<(MessageId, HashMap<Key, Fate>)> {
        self.write(|tx| {
            let key = Some(about.search_key).filter(|key| !key.is_empty());
            let known = tx
                .query_row(
                    "SELECT id FROM message WHERE search_key = ?1",
                    [key],
                    |row| row.get(0),
                )
                .optional()?;
            let id: MessageId = match known {
                Some(id) => id,
                None => tx.query_row(
                    "INSERT INTO message (search_key, began, class, subject) VALUES (?1, ?2, ?3, ?4) RETURNING id",
                    params![key, now(), about.class, about.subject],
                    |row| row.get(0),
                )?,
            };
            let mut add = tx.prepare_cached(
                "INSERT OR IGNORE INTO recipient (message, key, state, name, kind, address, line, report)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?;
            for to in recipients {
                add.execute(params![
                    id,
                    to.key.as_str(),
                    number(State::Open),
                    to.person.name,
                    to.person.address.kind,
                    to.person.address.value,
                    line_number(to.line),
                    to.report_delivery,
                ])?;
            }
            let mut all =
                tx.prepare_cached("SELECT key, state, text, at FROM recipient WHERE message = ?1")?;
            let rows = all.query_map([id], |row| {
                Ok((Key::known(row.get("key")?), fate(row)?))
            })?;
            let mut fates = HashMap::new();
            for row in rows {
                let (key, fate) = row?;
                fates.extend(fate.map(|fate| (key, fate)));
            }
            Ok((id, fates))
        })
    }

    /// XP-19: writes down what became of somebody. It is on the disk when this returns.
    pub(in crate::transport) fn note<'f>(
        &self,
        message: MessageId,
        fates: impl Iterator<Item = (&'f Key, &'f Fate)>,
    ) -> Result<()> {
        self.write(|tx| {
            for (key, fate) in fates {
                note(tx, message, key, fate)?;
            }
            Ok(())
        })
    }

    /// Takes the message over: whoever nothing is known of is the queue's to send to.
    pub(in crate::transport) fn keep(&self, message: MessageId, kept: &Kept<'_>) -> Result<()> {
        self.write(|tx| {
            let now = now();
            let next = now.saturating_add(back_off::wait(self.patience, 0, kept.after));
            let mail = kept.mail;
            tx.execute(
                // What is not the queue's yet may have lain with the spooler for long: its time begins now.
                "UPDATE message SET began = CASE WHEN next_try IS NULL THEN ?6 ELSE began END, next_try = ?2,
                 class = ?3, subject = ?4, octets = ?5 WHERE id = ?1",
                params![
                    message,
                    next,
                    mail.class,
                    mail.content.subject,
                    kept.octets,
                    now
                ],
            )?;
            // Those are refused whom SubmitMessage tells the spooler of, and no other.
            let mut told = tx.prepare_cached(
                "UPDATE recipient SET state = ?3, text = ?4 WHERE message = ?1 AND key = ?2 AND state IN (?5, ?6)",
            )?;
            for (key, fate) in kept.fates {
                if let Fate::Refused(text) = fate {
                    told.execute(params![
                        message,
                        key.as_str(),
                        number(State::Told),
                        text,
                        number(State::Open),
                        number(State::Refused)
                    ])?;
                }
            }
            // XP-19: an acceptance that could not be written down at once is not lost here.
            catch_up(tx, message, kept.fates)?;
            // Of whom more was said meanwhile stays as it is.
            tx.execute(
                "UPDATE recipient SET state = ?2 WHERE message = ?1 AND state = ?3",
                params![message, number(State::Waiting), number(State::Open)],
            )?;
            tx.execute("DELETE FROM shown WHERE message = ?1", [message])?;
            let mut show = tx.prepare_cached("INSERT INTO shown VALUES (?1, ?2, ?3, ?4, ?5)")?;
            for (place, shown) in mail.content.recipients.iter().enumerate() {
                show.execute(params![
                    message,
                    place as i64,
                    line_number(shown.line),
                    shown.who.name,
                    shown.who.address
                ])?;
            }
            Ok(())
        })
    }

    /// What became of the message is in the spooler's, on its disk: nothing of that has to be known any more.
    pub(in crate::transport) fn settled(&self, message: MessageId) -> Result<()> {
        self.write(|tx| {
            tx.execute(
                "UPDATE message SET search_key = NULL WHERE id = ?1",
                [message],
            )?;
            // The queue's own refusals are still to be reported.
            tx.execute(
                "DELETE FROM recipient WHERE message = ?1 AND state NOT IN (?2, ?3)",
                params![message, number(State::Waiting), number(State::Refused)],
            )?;
            tx.execute(
                "DELETE FROM message WHERE id = ?1 AND (next_try IS NULL
                 OR NOT EXISTS (SELECT 1 FROM recipient WHERE message = ?1))",
                [message],
            )?;
            Ok(())
        })
    }
}
