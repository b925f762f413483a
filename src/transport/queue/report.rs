//! Reports of those who will never get a message: they come in as messages, and stay on the disk until they are saved.

use std::time::SystemTime;

use rusqlite::{Transaction, params};

use super::rows::{State, line, number, person};
use super::{MessageId, Queue, ReportId, Result, now, time};
use crate::mime::{Mail, Who};
use crate::transport::envelope::{Failed, Key, failed_row};
use crate::transport::receiving::Received;
use mapi_provider_abi::mapi::{
    PR_ORIGINAL_SUBJECT_W, PR_ORIGINAL_SUBMIT_TIME, PR_REPORT_TEXT_W, PR_REPORT_TIME,
};
use mapi_provider_abi::view::{FileTime, Property};

/// A report that waits to be saved.
#[derive(Debug, Clone)]
pub(in crate::transport) struct Report {
    pub(in crate::transport) id: ReportId,
    class: String,
    subject: String,
    began: SystemTime,
    made: SystemTime,
    failed: Vec<Failed>,
}

impl Report {
    /// The message that comes in (XP-19). `name` is the provider's.
    pub(in crate::transport) fn received(&self, name: &str) -> Received {
        let mut text = String::from("Your message did not reach everybody.\r\n\r\n");
        text.push_str(&format!("Subject: {}\r\n\r\n", self.subject));
        for failed in &self.failed {
            let person = &failed.person;
            text.push_str(&format!(
                "{} <{}>: {}\r\n",
                person.name, person.address.value, failed.text
            ));
        }
        let mail = Mail {
            subject: format!("Undeliverable: {}", self.subject),
            from: Some(Who::new(name, "")),
            text: Some(text.clone()),
            ..Mail::default()
        };
        let made = FileTime::try_from(self.made).unwrap_or_default();
        let began = FileTime::try_from(self.began).unwrap_or_default();
        let rows = self.failed.iter();
        let rows = rows.map(|failed| failed_row(failed, made)).collect();
        Received::new(mail)
            .of_class(format!("REPORT.{}.NDR", self.class))
            .arrived(self.made)
            .with(Property::new(
                PR_REPORT_TEXT_W,
                crate::store::text_value(&text),
            ))
            .with(Property::new(PR_REPORT_TIME, made))
            .with(Property::new(
                PR_ORIGINAL_SUBJECT_W,
                crate::store::text_value(&self.subject),
            ))
            .with(Property::new(PR_ORIGINAL_SUBMIT_TIME, began))
            .with_rows(rows)
    }
}

/// Makes the report of those of a message who were refused and of whom nobody was told; none if there are none.
pub(super) fn make(tx: &Transaction<'_>, message: MessageId) -> Result<Option<Report>> {
    let refused = params![message, number(State::Refused)];
    let any: bool = tx.query_row(
        "SELECT EXISTS (SELECT 1 FROM recipient WHERE message = ?1 AND state = ?2)",
        refused,
        |row| row.get(0),
    )?;
    if !any {
        return Ok(None);
    }
    let id: ReportId = tx.query_row(
        "INSERT INTO report (class, subject, began, made)
         SELECT class, subject, began, ?2 FROM message WHERE id = ?1 RETURNING id",
        params![message, now()],
        |row| row.get(0),
    )?;
    tx.execute(
        "INSERT INTO reported (report, key, text, name, kind, address, line)
         SELECT ?3, key, text, name, kind, address, line FROM recipient WHERE message = ?1 AND state = ?2",
        params![message, number(State::Refused), id],
    )?;
    tx.execute(
        "UPDATE recipient SET state = ?3 WHERE message = ?1 AND state = ?2",
        params![message, number(State::Refused), number(State::Handled)],
    )?;
    let mut reports = read(tx, Some(id))?;
    Ok(reports.pop())
}

/// One report, or all that are not set aside.
fn read(tx: &Transaction<'_>, one: Option<ReportId>) -> Result<Vec<Report>> {
    let mut all = tx.prepare_cached(
        "SELECT id, class, subject, began, made FROM report WHERE is_aside = 0 AND id = coalesce(?1, id) ORDER BY id",
    )?;
    let rows = all.query_map([one], |row| {
        Ok(Report {
            id: row.get(0)?,
            class: row.get(1)?,
            subject: row.get(2)?,
            began: time(row.get(3)?),
            made: time(row.get(4)?),
            failed: Vec::new(),
        })
    })?;
    let mut reports = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    let mut failed = tx.prepare_cached(
        "SELECT name, kind, address, line, text FROM reported WHERE report = ?1 ORDER BY key",
    )?;
    for report in &mut reports {
        let rows = failed.query_map([report.id], |row| {
            Ok(Failed {
                person: person(row)?,
                line: line(row.get("line")?),
                text: row.get("text")?,
            })
        })?;
        report.failed = rows.collect::<rusqlite::Result<_>>()?;
    }
    Ok(reports)
}

impl Queue {
    /// The spooler has not taken the reports of these: they are the queue's to report. None if they are already.
    pub(in crate::transport) fn untold(
        &self,
        message: MessageId,
        refused: &[(&Key, &str)],
    ) -> Result<Option<Report>> {
        self.write(|tx| {
            for (key, text) in refused {
                tx.execute(
                    "UPDATE recipient SET state = ?3, text = ?4 WHERE message = ?1 AND key = ?2 AND state <> ?5",
                    params![
                        message,
                        key.as_str(),
                        number(State::Refused),
                        text,
                        number(State::Handled)
                    ],
                )?;
            }
            make(tx, message)
        })
    }

    /// Opens the file, while nobody sends yet. Who was refused and is still in there may not have been told of, because the
    /// process was killed before: a report is made. Who comes with the message again hears that the queue has seen to him.
    pub(crate) fn open(&self) -> Result<()> {
        self.write(|tx| {
            tx.execute(
                "UPDATE recipient SET state = ?1 WHERE state = ?2",
                params![number(State::Refused), number(State::Told)],
            )?;
            let mut left = tx.prepare("SELECT DISTINCT message FROM recipient WHERE state = ?1")?;
            let ids = left.query_map([number(State::Refused)], |row| row.get(0))?;
            for id in ids.collect::<rusqlite::Result<Vec<MessageId>>>()? {
                make(tx, id)?;
            }
            Ok(())
        })
    }

    /// All reports that are to come in.
    pub(in crate::transport) fn reports(&self) -> Result<Vec<Report>> {
        self.write(|tx| read(tx, None))
    }

    /// A report is saved.
    pub(in crate::transport) fn report_saved(&self, report: ReportId) -> Result<()> {
        self.write(|tx| {
            tx.execute("DELETE FROM report WHERE id = ?1", [report])?;
            Ok(())
        })
    }

    /// A report can't be saved: it stays in the file, and does not come any more.
    pub(in crate::transport) fn report_set_aside(&self, report: ReportId) -> Result<()> {
        self.write(|tx| {
            tx.execute("UPDATE report SET is_aside = 1 WHERE id = ?1", [report])?;
            Ok(())
        })
    }
}
