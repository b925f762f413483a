//! A store that is open: one gate for writers, a few connections for readers.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::thread::ThreadId;

use mapi_provider_abi::internal::file_identity;
use rusqlite::Connection;

use super::connection::{self, Place};
use super::error::{Error, Result};
use super::id::{AttachmentId, BlobId, MessageId, SessionId};
use super::log_file::LogFile;
use super::session::Session;
use super::transaction::{By, Reader, Transaction};

/// How many connections wait for readers.
const READERS: usize = 4;
/// How many IDs are set aside at once for objects that are not saved yet.
const RESERVED: i64 = 64;

/// A store that is open. Clones are the same store; it is closed with the last one.
///
/// - [`read`](Self::read) looks at the store as it is at one moment. Any number of threads can read at once.
/// - [`write`](Self::write) is one transaction. There is one at a time in all processes, and the others wait up to five
///   seconds.
///
/// **No foreign code may run inside either**: what others are told, they are told afterwards. A call of `read` or `write`
/// inside a `write` is refused with [`Error::Nested`]; the transaction itself can read.
///
/// # Threads
///
/// Everything may be called from any thread. A call blocks as long as others write, five seconds at most.
#[derive(Clone)]
pub struct Store(pub(super) Arc<Inner>, By);

pub(super) struct Inner {
    place: Place,
    /// Which file the path led to when it was opened; none where that is not known, or is always the same.
    identity: Option<(u64, u64)>,
    uid: [u8; 16],
    // Before the session: its last connection is closed first.
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
    /// The thread that has the writer.
    holder: Mutex<Option<ThreadId>>,
    /// IDs that were set aside: the next, and the end.
    reserved: Mutex<(i64, i64)>,
    was_interrupted: bool,
    log: LogFile,
    pub(super) session: Session,
    /// Large values that somebody reads, and how many do.
    pub(super) pins: Mutex<HashMap<BlobId, usize>>,
    /// Held for writing while unused large values are thrown away, for reading while messages are opened.
    pub(super) opening: RwLock<()>,
    /// Large values that were written for nothing.
    pub(super) abandoned: Mutex<Vec<BlobId>>,
}

/// How a store is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// Whether what clients do is kept for the logic until it acknowledges it (STORE-45). It holds for the file from
    /// then on.
    pub track_local_changes: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            track_local_changes: true,
        }
    }
}

impl Options {
    /// The usual ones.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether what clients do is kept for the logic.
    #[must_use]
    pub fn track_local_changes(mut self, track: bool) -> Self {
        self.track_local_changes = track;
        self
    }
}

impl Store {
    /// Opens the store in a file, and makes it where there is none, special folders included (STORE-02).
    ///
    /// # Errors
    ///
    /// The path leads to another computer; the file can't be opened or written, is damaged, is no store, or was written
    /// by a newer version. It is as it was then (STORE-43).
    pub fn open(path: &Path) -> Result<Self> {
        Self::open_with(path, Options::default())
    }

    /// The same, with options.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_with(path: &Path, options: Options) -> Result<Self> {
        Self::of_place(Place::of_file(path)?, options)
    }

    /// A store in memory, which is gone with the last clone. Readers and writers take turns.
    ///
    /// # Errors
    ///
    /// There is not enough memory.
    pub fn in_memory(options: Options) -> Result<Self> {
        Self::of_place(Place::Memory, options)
    }

    /// Opens a store that is there, and makes nothing: neither a file nor folders, and it is not brought up to date. What
    /// [`Options`] say stays as it is.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open); there is no file, it is empty, or of an older version.
    pub fn open_existing(path: &Path) -> Result<Self> {
        let place = Place::of_file(path)?;
        let writer = connection::open_existing(&place)?;
        Self::of_connection(place, writer, None)
    }

    fn of_place(place: Place, options: Options) -> Result<Self> {
        let writer = connection::open_first(&place)?;
        Self::of_connection(place, writer, Some(options))
    }

    /// Enters this process in the store. With options, what a store must have is made.
    fn of_connection(
        place: Place,
        mut writer: Connection,
        options: Option<Options>,
    ) -> Result<Self> {
        let file = place.file();
        // The writer has it open already: another one at the path is none of ours.
        let identity = file.and_then(|file| file_identity(file).ok().flatten());
        let begin = writer.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        if let Some(options) = options {
            super::special::prepare(&begin, options)?;
        }
        let session = Session::begin(&begin, file)?;
        let (_, dead) = session.bury_dead(&begin, file)?;
        if dead > 0 {
            super::maintenance::recount(&begin)?;
        }
        let uid = begin.query_row("SELECT uid FROM store", [], |row| row.get(0))?;
        begin.commit()?;
        let inner = Inner {
            place,
            identity,
            uid,
            writer: Mutex::new(writer),
            readers: Mutex::default(),
            holder: Mutex::default(),
            reserved: Mutex::default(),
            was_interrupted: dead > 0,
            log: LogFile::default(),
            session,
            pins: Mutex::default(),
            opening: RwLock::default(),
            abandoned: Mutex::default(),
        };
        Ok(Self(Arc::new(inner), By::Client))
    }

    /// The same store, where what is written is the synchronisation logic's doing: no local change (STORE-45).
    #[must_use]
    pub fn as_logic(&self) -> Self {
        Self(Arc::clone(&self.0), By::Logic)
    }

    /// The store's own ID, `PR_RECORD_KEY`, made with the file.
    pub fn uid(&self) -> [u8; 16] {
        self.0.uid
    }

    /// The file; none for a store in memory.
    pub fn path(&self) -> Option<&Path> {
        self.0.place.file()
    }

    /// Whether a process that had the store open has died since: then [`check`](Self::check) is worth its time, when there
    /// is nothing else to do. Nothing that was committed can be lost by that, unless the disk has lied.
    pub fn was_interrupted(&self) -> bool {
        self.0.was_interrupted
    }

    /// How many others have the store open: processes, or stores within them.
    ///
    /// # Errors
    ///
    /// The store can't be written.
    pub fn others(&self) -> Result<usize> {
        self.write(|tx| {
            let (alive, _) = tx.inner.session.bury_dead(tx.connection, tx.inner.file())?;
            Ok(alive)
        })
    }

    /// This process, as the outgoing queue names it.
    pub fn session(&self) -> SessionId {
        self.0.session.id
    }

    /// Looks at the store as it is at one moment, half-done transactions never (STORE-41).
    ///
    /// # Errors
    ///
    /// Those of `look`, or the store can't be read.
    pub fn read<T>(&self, look: impl FnOnce(&Reader<'_>) -> Result<T>) -> Result<T> {
        if matches!(self.0.place, Place::Memory) {
            let gate = self.0.gate()?;
            return look(&Reader::new(&gate.connection, &self.0));
        }
        // It would see the store as it was before the transaction.
        self.0.check_not_nested()?;
        let idle = lock(&self.0.readers).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => connection::open_again(&self.0.place, &self.0.uid)?,
        };
        // One that `look` panics in is closed, and not kept with its transaction.
        connection.prepare_cached("BEGIN")?.execute([])?;
        let looked = look(&Reader::new(&connection, &self.0));
        // Nothing was written, so there is nothing to undo. Where SQLite has ended it by itself, `looked` says why.
        if !connection.is_autocommit() {
            connection.prepare_cached("COMMIT")?.execute([])?;
        }
        let mut readers = lock(&self.0.readers);
        if readers.len() < READERS {
            readers.push(connection);
        }
        looked
    }

    /// Changes the store: all that `change` does happens, or nothing.
    ///
    /// # Errors
    ///
    /// Those of `change`; another process has held the file for five seconds, the disk is full, …
    pub fn write<T>(&self, change: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        self.0.run(self.1, false, change)
    }

    /// The same, and when it returns, a power failure can't undo it: for a message that is queued.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub fn write_durably<T>(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> Result<T>,
    ) -> Result<T> {
        self.0.run(self.1, true, change)
    }

    /// A connection of its own to the same file, whose commits a power failure can't undo: before anything is sent to a
    /// server, what names it has to be on the disk. It keeps to tables of its own. Of a store in memory it is to another
    /// memory.
    ///
    /// # Errors
    ///
    /// The file can't be opened.
    #[cfg(feature = "twoway")]
    pub(crate) fn connect_for_state(&self) -> Result<Connection> {
        let connection = match self.0.connect()? {
            Some(connection) => connection,
            None => Connection::open_in_memory()?,
        };
        connection.execute_batch("PRAGMA synchronous = FULL")?;
        Ok(connection)
    }

    /// An ID for a message that is yet to be saved. No other object ever gets it (STORE-05).
    ///
    /// # Errors
    ///
    /// The store can't be written.
    pub fn reserve_message(&self) -> Result<MessageId> {
        self.0.reserve().map(MessageId::new)
    }

    /// The same for an attachment.
    ///
    /// # Errors
    ///
    /// The store can't be written.
    pub fn reserve_attachment(&self) -> Result<AttachmentId> {
        self.0.reserve().map(AttachmentId::new)
    }
}

/// The writer, as long as one thread has it.
pub(super) struct Gate<'s> {
    pub(super) connection: MutexGuard<'s, Connection>,
    holder: &'s Mutex<Option<ThreadId>>,
}

impl Drop for Gate<'_> {
    fn drop(&mut self) {
        *lock(self.holder) = None;
    }
}

impl Inner {
    pub(super) fn file(&self) -> Option<&Path> {
        self.place.file()
    }

    /// Another connection to the same store; none of a store in memory, which has only one.
    pub(super) fn connect(&self) -> Result<Option<Connection>> {
        match self.place {
            Place::Memory => Ok(None),
            Place::File(_) => connection::open_again(&self.place, &self.uid).map(Some),
        }
    }

    /// Waits until no other thread writes.
    pub(super) fn gate(&self) -> Result<Gate<'_>> {
        self.check_not_nested()?;
        let connection = lock(&self.writer);
        *lock(&self.holder) = Some(std::thread::current().id());
        Ok(Gate {
            connection,
            holder: &self.holder,
        })
    }

    pub(super) fn run<T>(
        &self,
        by: By,
        durable: bool,
        change: impl FnOnce(&Transaction<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut gate = self.gate()?;
        self.check_there()?;
        let connection = &mut *gate.connection;
        if durable {
            connection.execute_batch("PRAGMA synchronous = FULL")?;
        }
        let done = Transaction::run(connection, self, by, change);
        if durable {
            connection.execute_batch("PRAGMA synchronous = NORMAL")?;
        }
        if let (Ok(_), Some(file)) = (&done, self.file()) {
            self.log.committed(connection, file);
        }
        done
    }

    /// What is written to a file without a name is gone when the last process closes it, so nobody is told that it was
    /// saved. Neither is it where another file has got the name. // STORE-43
    fn check_there(&self) -> Result<()> {
        let Some(path) = self.file() else {
            return Ok(());
        };
        let text = match file_identity(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                "it was deleted or moved away. Nothing was saved; put it back, or restore it from a backup"
            }
            Ok(found) if self.identity.is_some_and(|ours| found != Some(ours)) => {
                "another file has taken its place. Nothing was saved; close all programs that use it, and try again"
            }
            // What can't be looked at now may well be there.
            Ok(_) | Err(_) => {
                #[cfg(feature = "quota")]
                super::quota::check(path)?;
                return Ok(());
            }
        };
        Err(Error::CantOpen(path.to_owned(), text.to_owned()))
    }

    /// Whether this thread is in the middle of a transaction: then nothing may be locked that another one holds while it
    /// waits for the writer.
    pub(super) fn check_not_nested(&self) -> Result<()> {
        match *lock(&self.holder) == Some(std::thread::current().id()) {
            true => Err(Error::Nested),
            false => Ok(()),
        }
    }

    fn reserve(&self) -> Result<i64> {
        {
            let mut reserved = lock(&self.reserved);
            if reserved.0 < reserved.1 {
                reserved.0 += 1;
                return Ok(reserved.0 - 1);
            }
        }
        // With nothing locked: whoever writes may ask for an ID too. Where two threads come here at once, the IDs of one are
        // never used.
        let first = self.run(By::Client, false, |tx| Ok(tx.take_ids(RESERVED)))?;
        *lock(&self.reserved) = (first + 1, first + RESERVED);
        Ok(first)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let writer = self
            .writer
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        // Else whoever comes next finds out.
        let _ = self.session.end(writer);
    }
}

impl Place {
    fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Memory => None,
        }
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
