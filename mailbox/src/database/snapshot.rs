//! The store as it is at one moment, for somebody who can't look at it in one closure.

use rusqlite::Connection;

use super::error::Result;
use super::store::{Gate, Inner, READERS, Store, lock};
use super::transaction::Reader;

/// The store as it is at one moment, until this is dropped.
///
/// It is to be held for a call, no longer: while it is there the file can't be made smaller, and a store in memory keeps
/// all others waiting.
pub struct Snapshot<'s> {
    inner: &'s Inner,
    held: Held<'s>,
}

enum Held<'s> {
    /// In a transaction. None once it has been given back.
    Own(Option<Connection>),
    /// The only one there is.
    Gate(Gate<'s>),
}

impl Store {
    /// The store as it is now. [`read`](Self::read) is the better way where it can be used.
    ///
    /// # Errors
    ///
    /// The store can't be read; or this thread has one already, of a store in memory.
    pub fn snapshot(&self) -> Result<Snapshot<'_>> {
        let inner = &*self.0;
        let idle = lock(&inner.readers).pop();
        let connection = match idle {
            Some(connection) => Some(connection),
            None => inner.connect()?,
        };
        let held = match connection {
            None => Held::Gate(inner.gate()?),
            Some(connection) => {
                // The moment is that of the first look.
                connection.execute_batch("BEGIN")?;
                Held::Own(Some(connection))
            }
        };
        let snapshot = Snapshot { inner, held };
        snapshot.reader().last_change()?;
        Ok(snapshot)
    }
}

impl Snapshot<'_> {
    /// What can be asked of it.
    pub fn reader(&self) -> Reader<'_> {
        let connection = match &self.held {
            Held::Own(Some(connection)) => connection,
            Held::Own(None) => unreachable!("it is given back when this is dropped"),
            Held::Gate(gate) => &gate.connection,
        };
        Reader::new(connection, self.inner)
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        let Held::Own(own) = &mut self.held else {
            return;
        };
        // One that can't even end its transaction is closed instead.
        let Some(connection) = own.take().filter(|one| one.execute_batch("COMMIT").is_ok()) else {
            return;
        };
        let mut readers = lock(&self.inner.readers);
        if readers.len() < READERS {
            readers.push(connection);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Options, Special};
    use super::*;

    #[test]
    fn store_41_a_snapshot_does_not_change() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(&folder.path().join("a.db")).expect("a store");
        let snapshot = store.snapshot().expect("a snapshot");
        let inbox = snapshot.reader().special(Special::Inbox).expect("an inbox");
        let before = snapshot.reader().last_change().expect("a number");
        let kept = |store: &Store| store.write(|tx| tx.set_receive_folder("A", Some(inbox)));
        kept(&store).expect("written");
        assert_eq!(
            snapshot.reader().receive_folder("A").expect("read").class,
            ""
        );
        assert_eq!(snapshot.reader().last_change().expect("a number"), before);
        drop(snapshot);
        let now = store.snapshot().expect("another");
        assert_eq!(now.reader().receive_folder("A").expect("read").class, "A");
    }

    #[test]
    fn a_store_in_memory_has_snapshots_one_after_another() {
        let store = Store::in_memory(Options::new()).expect("a store");
        let snapshot = store.snapshot().expect("a snapshot");
        assert!(store.snapshot().is_err(), "it would wait for itself");
        drop(snapshot);
        assert!(store.snapshot().is_ok());
    }
}
