//! The file.

use std::path::Path;

use rusqlite::Connection;

use super::{QueueError, Result, now};

const VERSION: i64 = 1;

/// A message that nobody submits again is forgotten after so many milliseconds: 30 days.
const FORGOTTEN_AFTER: i64 = 30 * 24 * 3600 * 1000;

/// Opens the file for this process alone; it is made if it is not there.
pub(super) fn open(file: &Path) -> Result<Connection> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let db = Connection::open(file)?;
    db.busy_timeout(std::time::Duration::ZERO)?;
    // Before anything is read: from then on the file is locked as long as it is open.
    db.pragma_update_and_check(None, "locking_mode", "EXCLUSIVE", |_| Ok(()))?;
    db.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    // What is accepted is on the disk when `note` returns.
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "foreign_keys", true)?;
    let version: i64 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    match version {
        0 => db.execute_batch(concat!(
            "BEGIN EXCLUSIVE;",
            include_str!("schema.sql"),
            "COMMIT;"
        ))?,
        VERSION => db.execute_batch("BEGIN EXCLUSIVE; COMMIT;")?,
        _ => return Err(QueueError::Newer),
    }
    db.execute(
        "DELETE FROM message WHERE next_try IS NULL AND began < ?1",
        [now() - FORGOTTEN_AFTER],
    )?;
    Ok(db)
}
