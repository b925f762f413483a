//! Items that failed, and when they are tried again (TWOWAY-19).

use rusqlite::{OptionalExtension, params};

use super::{FolderId, Result, State};
use crate::item::{ItemKey, LocalKey};

/// Which item failed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Subject(String);

impl Subject {
    pub(crate) fn item(feed: FolderId, item: &ItemKey) -> Self {
        Self(format!("r{feed}/{}", item.as_str()))
    }

    pub(crate) fn local(key: &LocalKey) -> Self {
        Self(format!("l{}", key.as_str()))
    }

    /// What was sent of a local item, and did not arrive as it was sent.
    pub(crate) fn sent(key: &LocalKey) -> Self {
        Self(format!("s{}", key.as_str()))
    }

    pub(crate) fn pair(id: i64) -> Self {
        Self(format!("p{id}"))
    }

    pub(crate) fn folder(id: FolderId) -> Self {
        Self(format!("f{id}"))
    }
}

/// No item waits for more runs than this.
const LONGEST: i64 = 64;

impl State {
    /// Why an item is not tried in this run, if it is not. `stamp` is what it is like: if that changes, it is tried at
    /// once.
    pub(crate) fn waits(&self, subject: &Subject, stamp: &str, run: i64) -> Result<Option<String>> {
        let row = self
            .db()
            .prepare_cached("SELECT stamp, next_run, text FROM twoway_failure WHERE subject = ?1")?
            .query_row([&subject.0], |row| {
                Ok((
                    row.get::<_, String>(0)?,
                    row.get::<_, i64>(1)?,
                    row.get::<_, String>(2)?,
                ))
            })
            .optional()?;
        let waits = row.filter(|(was, next, _)| was == stamp && run < *next);
        Ok(waits.map(|(_, _, text)| text))
    }

    /// An item failed in this run. It is tried again after one run, two, four and so on; `at_once`, in the next one.
    pub(crate) fn failed(
        &mut self,
        subject: &Subject,
        stamp: &str,
        run: i64,
        text: &str,
        at_once: bool,
    ) -> Result<()> {
        self.write(|tx| {
            let before = tx
                .query_row(
                    "SELECT count FROM twoway_failure WHERE subject = ?1 AND stamp = ?2",
                    params![subject.0, stamp],
                    |row| row.get::<_, i64>(0),
                )
                .optional()?
                .unwrap_or(0);
            // TWOWAY-19: not at every run for ever.
            let wait = if at_once {
                1
            } else {
                (1_i64 << before.clamp(0, 6)).min(LONGEST)
            };
            tx.execute(
                "INSERT OR REPLACE INTO twoway_failure VALUES (?1, ?2, ?3, ?4, ?5)",
                // What is tried at once has not failed for what it is.
                params![
                    subject.0,
                    stamp,
                    before + i64::from(!at_once),
                    run + wait,
                    text
                ],
            )?;
            Ok(())
        })
    }

    /// Whether something waits for the next run: once, so that nothing waits for a folder that can never be listed, or an
    /// item that can never be read.
    pub(crate) fn waits_once(
        &mut self,
        subject: &Subject,
        stamp: &str,
        run: i64,
        why: &str,
    ) -> Result<bool> {
        if self.has_failed_so(subject, stamp)? {
            return Ok(self.waits(subject, stamp, run)?.is_some());
        }
        self.failed(subject, stamp, run, why, true)?;
        Ok(true)
    }

    /// Whether an item failed before as what it is now.
    pub(crate) fn has_failed_so(&self, subject: &Subject, stamp: &str) -> Result<bool> {
        let sql = "SELECT count(*) FROM twoway_failure WHERE subject = ?1 AND stamp = ?2";
        Ok(self.count(sql, [&subject.0, stamp])? > 0)
    }

    /// Whether an item failed before, and has not succeeded since.
    pub(crate) fn has_failed(&self, subject: &Subject) -> Result<bool> {
        let sql = "SELECT count(*) FROM twoway_failure WHERE subject = ?1";
        Ok(self.count(sql, [&subject.0])? > 0)
    }

    /// It did not fail this time.
    pub(crate) fn succeeded(&mut self, subject: &Subject) -> Result<bool> {
        let removed = self
            .db()
            .prepare_cached("DELETE FROM twoway_failure WHERE subject = ?1")?
            .execute([&subject.0])?;
        Ok(removed > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Connection;

    #[test]
    fn twoway_19_what_fails_is_tried_less_and_less_often_unless_it_changes() {
        let mut state = State::with(Connection::open_in_memory().expect("memory")).expect("new");
        let subject = Subject::local(&LocalKey::new("x"));
        let mut tried = Vec::new();
        for run in 1..=40 {
            if state.waits(&subject, "v1", run).expect("read").is_none() {
                tried.push(run);
                state
                    .failed(&subject, "v1", run, "no", false)
                    .expect("kept");
            }
        }
        assert_eq!(tried, [1, 2, 4, 8, 16, 32]);
        assert_eq!(state.waits(&subject, "v2", 41).expect("read"), None);
        state.succeeded(&subject).expect("forgotten");
        assert_eq!(state.waits(&subject, "v1", 41).expect("read"), None);
    }
}
