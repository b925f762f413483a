//! Which processes have the store open.
//!
//! Each holds a lock on a small file beside the store's. The operating system lets go of it when the process ends,
//! however it ends, so whoever can take the lock knows that the owner is dead. Nothing is left to time.

use std::collections::HashSet;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use super::error::{Error, Result};
use super::id::SessionId;

/// A process, or one of several stores that it has opened. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) id: SessionId,
    lock: Option<(File, PathBuf)>,
}

impl Session {
    /// Enters a process in the store, inside a transaction that writes.
    ///
    /// # Errors
    ///
    /// The lock file can't be made.
    pub(super) fn begin(connection: &Connection, store: Option<&Path>) -> Result<Self> {
        let name: String =
            connection.query_row("SELECT lower(hex(randomblob(8)))", [], |row| row.get(0))?;
        // Locked before anybody can read its name.
        let lock = store
            .map(|store| hold(&lock_path(store, &name)))
            .transpose()?;
        connection.execute("INSERT INTO session (name) VALUES (?1)", [&name])?;
        Ok(Self {
            id: SessionId::new(connection.last_insert_rowid()),
            lock,
        })
    }

    /// Whether a session is at work, this one or another.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub(super) fn is_alive(
        &self,
        connection: &Connection,
        store: Option<&Path>,
        other: SessionId,
    ) -> Result<bool> {
        if other == self.id {
            return Ok(true);
        }
        let Some(store) = store else { return Ok(false) };
        let name: Option<String> = connection
            .prepare_cached("SELECT name FROM session WHERE id = ?1")?
            .query_row([other], |row| row.get(0))
            .optional()?;
        Ok(name.is_some_and(|name| is_held(&lock_path(store, &name))))
    }

    /// The store is closed as it should be. Where that can't be written, it is as if the process had died.
    pub(super) fn end(&self, connection: &mut Connection) -> Result<()> {
        let end = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        forget(&end, self.id)?;
        Ok(end.commit()?)
    }

    /// Takes out the sessions whose processes are dead, with all that they held. Inside a transaction that writes.
    /// Tells how many others live, and how many were dead.
    ///
    /// # Errors
    ///
    /// The store can't be read or written.
    pub(super) fn bury_dead(
        &self,
        connection: &Connection,
        store: Option<&Path>,
    ) -> Result<(usize, usize)> {
        let mut others = connection.prepare("SELECT id, name FROM session WHERE id <> ?1")?;
        let others: HashSet<(SessionId, String)> = others
            .query_map([self.id], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let (mut alive, mut dead) = (0, 0);
        for (id, name) in others {
            let path = store.map(|store| lock_path(store, &name));
            if path.as_deref().is_some_and(is_held) {
                alive += 1;
                continue;
            }
            dead += 1;
            forget(connection, id)?;
            if let Some(path) = path {
                // What can't be removed is only a small file too many.
                let _ = std::fs::remove_file(path);
            }
        }
        Ok((alive, dead))
    }
}

/// How many sessions are at work.
///
/// # Errors
///
/// The store can't be read.
pub(super) fn alive(connection: &Connection, store: &Path) -> Result<usize> {
    let mut names = connection.prepare("SELECT name FROM session")?;
    let names = names.query_map([], |row| row.get::<_, String>(0))?;
    let names = names.collect::<rusqlite::Result<Vec<_>>>()?;
    let held = names.iter().filter(|name| is_held(&lock_path(store, name)));
    Ok(held.count())
}

/// Takes a session out, with all that it held.
fn forget(connection: &Connection, id: SessionId) -> Result<()> {
    // STORE-36: a lock ends with the process that holds it.
    connection.execute(
        "UPDATE queue SET owner = NULL, flags = flags & ~1 WHERE owner = ?1",
        [id],
    )?;
    // STORE-42: another process goes on with its searches.
    connection.execute("UPDATE search SET owner = NULL WHERE owner = ?1", [id])?;
    connection.execute("DELETE FROM blob WHERE owner = ?1 AND refs = 0", [id])?;
    connection.execute("DELETE FROM session WHERE id = ?1", [id])?;
    Ok(())
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some((file, path)) = self.lock.take() {
            drop(file);
            let _ = std::fs::remove_file(path);
        }
    }
}

fn lock_path(store: &Path, name: &str) -> PathBuf {
    let mut path = store.as_os_str().to_owned();
    path.push("-");
    path.push(name);
    path.into()
}

fn hold(path: &Path) -> Result<(File, PathBuf)> {
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    let file = file.map_err(|error| match error.kind() {
        std::io::ErrorKind::StorageFull => Error::DiskFull,
        _ => Error::CantOpen(path.to_owned(), error.to_string()),
    })?;
    let locked = file.try_lock();
    locked.map_err(|error| Error::CantOpen(path.to_owned(), error.to_string()))?;
    Ok((file, path.to_owned()))
}

/// Whether somebody holds the lock. In doubt somebody does: nothing of a living process may be taken away.
fn is_held(path: &Path) -> bool {
    match OpenOptions::new().write(true).open(path) {
        Ok(file) => match file.try_lock() {
            Ok(()) => false,
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => true,
        },
        Err(error) => error.kind() != std::io::ErrorKind::NotFound,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_lasts_as_long_as_its_holder() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lock");
        assert!(!is_held(&path));
        let held = hold(&path).expect("free");
        assert!(is_held(&path));
        drop(held);
        assert!(!is_held(&path));
    }
}
