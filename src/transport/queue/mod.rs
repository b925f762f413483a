//! What can't be sent now, on the disk (XP-19).
//!
//! ```text
//! SubmitMessage   begin ─ who is sent to ──────────┐
//! logic           note ─ each acceptance, at once  │ one transaction each, on the disk when it returns
//! SubmitMessage   keep ─ the message, whole        │
//!                 settled ─ it is in MAPI's message┤
//! worker          next, note, tried ───────────────┘→ accepted, again later, or a report
//! StartMessage    reports, saved
//! ```
//!
//! Killed between any two of these, the process finds in the file all that it must know: who was accepted is not sent to
//! again, who was not is.
//!
//! One process has the file open, and one logon in it: the lock is SQLite's own, which a dead process does not hold.

mod back_off;
mod database;
mod keep;
mod report;
mod rows;
mod tried;

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};

pub(super) use self::{
    keep::{About, Kept},
    report::Report,
    tried::Next,
};

/// Number of a message in the queue.
pub(super) type MessageId = i64;
/// Number of a report.
pub(super) type ReportId = i64;

/// The queue can't be read or written.
#[derive(Debug)]
pub(crate) enum QueueError {
    /// Another logon has it, or a worker of one that is over.
    Busy,
    /// It was written by a newer version.
    Newer,
    /// The file is broken, or can't be reached any more.
    Broken(String),
    /// Something else.
    Other(String),
}

impl std::fmt::Display for QueueError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Busy => f.write_str("the queue is in use"),
            Self::Newer => f.write_str("a newer version of the provider has written the queue"),
            Self::Broken(text) | Self::Other(text) => f.write_str(text),
        }
    }
}

impl From<rusqlite::Error> for QueueError {
    fn from(error: rusqlite::Error) -> Self {
        let text = format!("the queue can't be used: {error}");
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(
                ErrorCode::DatabaseCorrupt
                | ErrorCode::NotADatabase
                | ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen,
            ) => Self::Broken(text),
            _ => Self::Other(text),
        }
    }
}

impl From<std::io::Error> for QueueError {
    fn from(error: std::io::Error) -> Self {
        Self::Other(format!("the queue can't be used: {error}"))
    }
}

type Result<T> = std::result::Result<T, QueueError>;

/// When a message is tried again, and how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// The first wait; it doubles up to an hour.
    pub(crate) retry_after: Duration,
    /// Then the sender gets a report.
    pub(crate) give_up_after: Duration,
}

/// The queue of one section of a profile. The file is opened when it is first needed.
#[derive(Debug)]
pub(crate) struct Queue {
    file: PathBuf,
    patience: Patience,
    db: Mutex<Option<Connection>>,
}

impl Queue {
    pub(crate) fn new(file: PathBuf, patience: Patience) -> Self {
        Self {
            file,
            patience,
            db: Mutex::default(),
        }
    }

    /// Closes the file, for the next logon; what still uses the queue opens it again, if it can.
    pub(super) fn close(&self) {
        let db = self.lock().take();
        drop(db);
    }

    /// One transaction. No foreign code runs in it.
    fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        let mut open = self.lock();
        let db = match &mut *open {
            Some(db) => db,
            none => none.insert(database::open(&self.file)?),
        };
        let done = transact(db, work);
        if let Err(QueueError::Broken(_)) = done {
            // It is opened anew the next time: only then what has broken is seen, or that it is mended.
            *open = None;
        }
        done
    }

    fn lock(&self) -> MutexGuard<'_, Option<Connection>> {
        self.db.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn transact<T>(db: &mut Connection, work: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = work(&tx)?;
    tx.commit()?;
    Ok(done)
}

/// Milliseconds since 1970.
fn millis(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn now() -> i64 {
    millis(SystemTime::now())
}

fn time(millis: i64) -> SystemTime {
    let since = Duration::from_millis(millis.max(0).unsigned_abs());
    UNIX_EPOCH.checked_add(since).unwrap_or(UNIX_EPOCH)
}

#[cfg(test)]
mod tests;
