//! What the worker does with the queue: the next message, and what became of it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{OptionalExtension, Transaction, params};

use super::report::make;
use super::rows::{State, catch_up, line, number, recipient};
use super::{MessageId, Queue, Report, Result, back_off, now};
use crate::mime;
use crate::transport::delivery::Fate;
use crate::transport::envelope::Key;
use crate::transport::mail::{Mail, Person};

/// A message that is to be tried now.
pub(in crate::transport) struct Next {
    pub(in crate::transport) id: MessageId,
    pub(in crate::transport) mail: Mail,
}

impl Queue {
    /// The message whose turn it is; its envelope has those who wait. `Err` in what time there is one; none if there is none
    /// at all.
    ///
    /// XP-19: its next try is set before it is answered. Where nothing can be written nothing is sent, and what can't be
    /// read does not keep the others from their turn.
    pub(in crate::transport) fn next(
        &self,
        sender: &Person,
    ) -> Result<std::result::Result<Next, Option<Duration>>> {
        let found = self.write(|tx| {
            let first: Option<(MessageId, i64, u32)> = tx
                .query_row(
                    "SELECT id, next_try, tries FROM message WHERE next_try IS NOT NULL ORDER BY next_try, id LIMIT 1",
                    [],
                    |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
                )
                .optional()?;
            let Some((id, next_try, tries)) = first else {
                return Ok(Err(None));
            };
            let now = now();
            let left = next_try.saturating_sub(now);
            // Nothing waits for longer: the clock was set back.
            if (1..=back_off::longest()).contains(&left) {
                return Ok(Err(Some(Duration::from_millis(left.unsigned_abs()))));
            }
            let wait = back_off::wait(self.patience, tries.saturating_add(1), None);
            tx.execute(
                "UPDATE message SET next_try = ?2 WHERE id = ?1",
                params![id, now.saturating_add(wait)],
            )?;
            Ok(Ok((id, read(tx, id, sender))))
        })?;
        let (id, mail) = match found {
            Ok(found) => found,
            Err(left) => return Ok(Err(left)),
        };
        Ok(Ok(Next { id, mail: mail? }))
    }

    /// A try was broken off, because the session is over: the message comes again at once in the next one.
    pub(in crate::transport) fn put_back(
        &self,
        message: MessageId,
        fates: &HashMap<Key, Fate>,
    ) -> Result<()> {
        self.write(|tx| {
            catch_up(tx, message, fates)?;
            tx.execute(
                "UPDATE message SET next_try = 0 WHERE id = ?1 AND next_try IS NOT NULL",
                [message],
            )?;
            Ok(())
        })
    }

    /// XP-30: no message waits any more for its time.
    pub(in crate::transport) fn hurry(&self) -> Result<()> {
        self.write(|tx| {
            tx.execute("UPDATE message SET next_try = 0 WHERE next_try > 0", [])?;
            Ok(())
        })
    }

    /// A try is over, and this became of each, whatever of it could be noted. Who is left waits for the next one, or is
    /// given up; the reports of those who will never get it are answered.
    pub(in crate::transport) fn tried(
        &self,
        message: MessageId,
        fates: &HashMap<Key, Fate>,
        why: &str,
        after: Option<Duration>,
    ) -> Result<Vec<Report>> {
        self.write(|tx| {
            let known: Option<(i64, u32)> = tx
                .query_row(
                    "SELECT began, tries FROM message WHERE id = ?1 AND next_try IS NOT NULL",
                    [message],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .optional()?;
            let Some((began, tries)) = known else {
                return Ok(Vec::new());
            };
            catch_up(tx, message, fates)?;
            let now = now();
            // It lies ahead if the clock was set back: then nothing would ever be given up.
            let began = began.min(now);
            let give_up =
                i64::try_from(self.patience.give_up_after.as_millis()).unwrap_or(i64::MAX);
            let end = began.saturating_add(give_up);
            if now >= end {
                let text = match why.is_empty() {
                    true => "it could not be sent in time".to_owned(),
                    false => format!("it could not be sent in time: {why}"),
                };
                tx.execute(
                    "UPDATE recipient SET state = ?2, text = ?3 WHERE message = ?1 AND state = ?4",
                    params![
                        message,
                        number(State::Refused),
                        text,
                        number(State::Waiting)
                    ],
                )?;
            }
            let wait = back_off::wait(self.patience, tries.saturating_add(1), after);
            // The last try is when the time is over.
            let next = now.saturating_add(wait).min(end.max(now.saturating_add(1)));
            tx.execute(
                "UPDATE message SET tries = tries + 1, next_try = ?2, began = ?3 WHERE id = ?1",
                params![message, next, began],
            )?;
            let report = make(tx, message)?;
            finish(tx, message)?;
            Ok(report.into_iter().collect())
        })
    }

    /// What a process that was killed has left: reports that it did not make.
    pub(in crate::transport) fn recover(&self) -> Result<()> {
        self.write(|tx| {
            let mut owned = tx.prepare("SELECT id FROM message WHERE next_try IS NOT NULL")?;
            let ids = owned.query_map([], |row| row.get(0))?;
            for id in ids.collect::<rusqlite::Result<Vec<MessageId>>>()? {
                make(tx, id)?;
                finish(tx, id)?;
            }
            Ok(())
        })
    }
}

/// Ends with a message for which nobody waits. What became of it stays known as long as the spooler may come with it again.
fn finish(tx: &Transaction<'_>, message: MessageId) -> Result<()> {
    let waiting: bool = tx.query_row(
        "SELECT EXISTS (SELECT 1 FROM recipient WHERE message = ?1 AND state = ?2)",
        params![message, number(State::Waiting)],
        |row| row.get(0),
    )?;
    if waiting {
        return Ok(());
    }
    tx.execute(
        "DELETE FROM message WHERE id = ?1 AND search_key IS NULL",
        [message],
    )?;
    tx.execute(
        "UPDATE message SET next_try = NULL, octets = NULL WHERE id = ?1",
        [message],
    )?;
    Ok(())
}

/// The message as it goes out, to those who wait.
fn read(tx: &Transaction<'_>, id: MessageId, sender: &Person) -> Result<Mail> {
    let (class, octets): (String, Option<Vec<u8>>) = tx.query_row(
        "SELECT class, octets FROM message WHERE id = ?1",
        [id],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let octets = octets.unwrap_or_default();
    let parsed = mime::Mail::parse(&octets).map(mime::Parsed::into_mail);
    let mut content = parsed.unwrap_or_default();
    let mut shown = tx.prepare_cached(
        "SELECT line, name, address FROM shown WHERE message = ?1 ORDER BY place",
    )?;
    let shown = shown.query_map([id], |row| {
        Ok(mime::Recipient {
            line: line(row.get(0)?),
            who: mime::Who::new(row.get::<_, String>(1)?, row.get::<_, String>(2)?),
        })
    })?;
    content.recipients = shown.collect::<rusqlite::Result<_>>()?;
    let mut waiting = tx.prepare_cached(
        "SELECT name, kind, address, line, report FROM recipient WHERE message = ?1 AND state = ?2 ORDER BY key",
    )?;
    let waiting = waiting.query_map(params![id, number(State::Waiting)], recipient)?;
    Ok(Mail {
        class,
        sender: sender.clone(),
        envelope: waiting.collect::<rusqlite::Result<_>>()?,
        content,
        octets: Some(Arc::from(octets)),
    })
}
