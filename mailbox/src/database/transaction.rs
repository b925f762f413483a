//! What reads, and what writes.

use std::cell::Cell;
use std::ops::Deref;
use std::time::SystemTime;

use mapi_provider_abi::view::FileTime;
use rusqlite::{CachedStatement, Connection};

use super::error::Result;
use super::id::{FolderId, MessageId, SessionId, Version};
use super::store::Inner;

/// Who changes the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum By {
    /// A client, by MAPI.
    Client,
    /// The synchronisation logic.
    Logic,
}

/// The store as it is at one moment.
pub struct Reader<'c> {
    pub(super) connection: &'c Connection,
    pub(super) inner: &'c Inner,
}

impl<'c> Reader<'c> {
    pub(super) fn new(connection: &'c Connection, inner: &'c Inner) -> Self {
        Self { connection, inner }
    }

    /// A statement, prepared once for each connection.
    pub(super) fn prepared(&self, sql: &str) -> Result<CachedStatement<'c>> {
        Ok(self.connection.prepare_cached(sql)?)
    }
}

/// A transaction that writes. It can read too, and sees what it has done.
///
/// What it makes has the number of its commit as [`Version`].
pub struct Transaction<'c> {
    reader: Reader<'c>,
    commit: i64,
    next_id: Cell<i64>,
    first_id: i64,
    now: FileTime,
}

impl<'c> Deref for Transaction<'c> {
    type Target = Reader<'c>;

    fn deref(&self) -> &Reader<'c> {
        &self.reader
    }
}

impl<'c> Transaction<'c> {
    /// From `BEGIN IMMEDIATE` to the end: committed, or as if nothing had been, also where `change` panics.
    pub(super) fn run<T>(
        connection: &'c Connection,
        inner: &'c Inner,
        by: By,
        change: impl FnOnce(&Transaction<'c>) -> Result<T>,
    ) -> Result<T> {
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let rollback = Rollback(connection);
        let (commit, first_id) = connection
            .prepare_cached("UPDATE clock SET txn = txn + 1, by = ?1 RETURNING txn, next_id")?
            .query_row([i64::from(by == By::Logic)], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        let before = connection.total_changes();
        let transaction = Transaction {
            reader: Reader::new(connection, inner),
            commit,
            next_id: Cell::new(first_id),
            first_id,
            now: now(),
        };
        let done = change(&transaction)?;
        let next_id = transaction.next_id.get();
        if connection.total_changes() == before && next_id == transaction.first_id {
            return Ok(done);
        }
        transaction.index_text()?;
        connection
            .prepare_cached("UPDATE clock SET by = 0, next_id = ?1")?
            .execute([next_id])?;
        connection.prepare_cached("COMMIT")?.execute([])?;
        drop(rollback);
        Ok(done)
    }

    /// So many IDs that no object has had; the first of them.
    pub(super) fn take_ids(&self, count: i64) -> i64 {
        let first = self.next_id.get();
        self.next_id.set(first + count);
        first
    }

    /// The version of what this transaction saves.
    pub fn version(&self) -> Version {
        Version(self.commit)
    }

    /// When it began.
    pub fn now(&self) -> FileTime {
        self.now
    }

    /// This process.
    pub fn session(&self) -> SessionId {
        self.reader.inner.session.id
    }

    pub(super) fn execute(&self, sql: &str, values: impl rusqlite::Params) -> Result<usize> {
        Ok(self.prepared(sql)?.execute(values)?)
    }

    /// An ID for a message that this transaction saves.
    pub fn new_message_id(&self) -> MessageId {
        MessageId::new(self.take_ids(1))
    }

    pub(super) fn new_folder_id(&self) -> FolderId {
        FolderId::new(self.take_ids(1))
    }
}

/// Undoes what was not committed.
struct Rollback<'c>(&'c Connection);

impl Drop for Rollback<'_> {
    fn drop(&mut self) {
        if !self.0.is_autocommit() {
            // Where even this fails, SQLite undoes it when the connection is closed.
            let _ = self.0.execute_batch("ROLLBACK");
        }
    }
}

/// The time, as properties have it.
pub(super) fn now() -> FileTime {
    FileTime::try_from(SystemTime::now()).unwrap_or_default()
}
