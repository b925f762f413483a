//! The file.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::Path;

use rusqlite::Connection;

use super::{QueueError, Result, now};
use crate::platform::{folder_for_owner, for_owner};

const VERSION: i64 = 1;

/// A message that nobody submits again is forgotten after so many milliseconds: 30 days.
const FORGOTTEN_AFTER: i64 = 30 * 24 * 3600 * 1000;

/// Opens the file for this process alone; it is made if it is not there.
pub(super) fn open(file: &Path) -> Result<Connection> {
    if let Some(folder) = file.parent() {
        // Whole messages lie there.
        folder_for_owner().create(folder)?;
    }
    make_private(file)?;
    let db = Connection::open(file)?;
    db.busy_timeout(std::time::Duration::ZERO)?;
    // Before anything is read: from then on the file is locked as long as it is open.
    db.pragma_update_and_check(None, "locking_mode", "EXCLUSIVE", |_| Ok(()))?;
    // In a new file, before there is anything in it: what was sent leaves nothing behind, and takes no room.
    db.pragma_update(None, "auto_vacuum", "FULL")?;
    db.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
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

/// Makes the file, if it is not there, so that nobody else reads it; SQLite makes those beside it like it.
///
/// One that is there is not opened: closing it would end the locks of another connection of this process.
fn make_private(file: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    match for_owner(&mut options).open(file) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}
