//! Deletions that nobody asks for. A logic that only downloads never asks what clients did, and each message that they
//! delete would stay in the file as a row for ever (STORE-45).

use rusqlite::Connection;

use super::error::Result;
use super::transaction::{Reader, Transaction};

/// So many changes later a deletion is forgotten. Until then what was deleted is not brought in again.
const KEPT: i64 = 100_000;

/// `clock.tracked`: what clients do is kept.
const TRACKED: i64 = 1;
/// The same, and the logic has asked for it: then all of it is kept until it is acknowledged.
const ASKED: i64 = 2;

/// How `clock.tracked` is to be from now on, where it was `before`.
pub(super) fn tracked(before: i64, tracks: bool) -> i64 {
    match tracks {
        true => before.max(TRACKED),
        false => 0,
    }
}

/// Forgets deletions of long ago, unless the logic has ever asked for such. In the caller's transaction. Of what is there
/// still, everything stays: it can't be more than there is.
pub(super) fn forget(connection: &Connection) -> Result<usize> {
    let forgotten = connection.execute(
        "DELETE FROM pending
         WHERE bits & 16 AND (SELECT tracked FROM clock) < ?1
           AND last <= (SELECT seq FROM sqlite_sequence WHERE name = 'change') - ?2",
        (ASKED, KEPT),
    )?;
    Ok(forgotten)
}

impl Reader<'_> {
    /// Whether the logic has still to say that it asks, so that what clients do is kept for it however long it takes.
    pub(crate) fn is_unasked(&self) -> Result<bool> {
        let mut find = self.prepared("SELECT tracked = ?1 FROM clock")?;
        Ok(find.query_row([TRACKED], |row| row.get(0))?)
    }
}

impl Transaction<'_> {
    /// The logic has asked what clients did.
    pub(crate) fn note_asked(&self) -> Result<()> {
        let sql = "UPDATE clock SET tracked = ?2 WHERE tracked = ?1";
        self.execute(sql, (TRACKED, ASKED)).map(drop)
    }
}
