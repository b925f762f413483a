//! What waits to be sent (STORE-34 to STORE-37).

use mapi_provider_abi::mapi::MessageFlags;
use mapi_provider_abi::view::FileTime;
use rusqlite::OptionalExtension;

use super::error::{Error, Result};
use super::id::{MessageId, SessionId};
use super::store::Store;
use super::transaction::{Reader, Transaction};

/// `SUBMITFLAG_LOCKED`: the spooler has the message.
pub const LOCKED: u32 = 1;
/// `SUBMITFLAG_PREPROCESS`: a preprocessor must see the message first.
pub const PREPROCESS: u32 = 2;

/// A message that waits to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queued {
    /// The message.
    pub message: MessageId,
    /// `PR_CLIENT_SUBMIT_TIME`: the queue is in its order.
    pub submitted: FileTime,
    /// `PR_SUBMIT_FLAGS`: [`LOCKED`] only while the process that locked it lives.
    pub flags: u32,
    /// Who has locked it. A process that has ended locks nothing (STORE-36).
    pub locked_by: Option<SessionId>,
}

impl Reader<'_> {
    /// What waits to be sent, the oldest first (STORE-35).
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn queue(&self) -> Result<Vec<Queued>> {
        let mut select = self.prepared(
            "SELECT message, submitted, flags, owner FROM queue ORDER BY submitted, message",
        )?;
        let rows: Vec<Queued> = select
            .query_map([], Queued::of_row)?
            .collect::<rusqlite::Result<_>>()?;
        rows.into_iter()
            .map(|one| self.with_living_owner(one))
            .collect()
    }

    /// The message in the queue; none where it does not wait to be sent.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn queued(&self, message: MessageId) -> Result<Option<Queued>> {
        let mut find =
            self.prepared("SELECT message, submitted, flags, owner FROM queue WHERE message = ?1")?;
        let found = find.query_row([message], Queued::of_row).optional()?;
        found.map(|one| self.with_living_owner(one)).transpose()
    }

    /// Who has locked something, and has ended since.
    fn dead_owners(&self) -> Result<Vec<SessionId>> {
        let mut select =
            self.prepared("SELECT DISTINCT owner FROM queue WHERE owner IS NOT NULL")?;
        let owners: Vec<SessionId> = select
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let inner = self.inner;
        let mut dead = Vec::new();
        for owner in owners {
            let session = &inner.session;
            if !session.is_alive(self.connection, inner.file(), owner)? {
                dead.push(owner);
            }
        }
        Ok(dead)
    }

    fn with_living_owner(&self, queued: Queued) -> Result<Queued> {
        let Some(owner) = queued.locked_by else {
            return Ok(queued);
        };
        let inner = self.inner;
        if inner
            .session
            .is_alive(self.connection, inner.file(), owner)?
        {
            return Ok(queued);
        }
        Ok(Queued {
            flags: queued.flags & !LOCKED,
            locked_by: None,
            ..queued
        })
    }
}

impl Queued {
    fn of_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            message: row.get(0)?,
            submitted: FileTime::from_ticks(row.get::<_, i64>(1)?.cast_unsigned()),
            flags: row.get(2)?,
            locked_by: row.get(3)?,
        })
    }
}

impl Store {
    /// Ends the locks of processes that have ended, so that this is told as any other change is: at once they lock nothing,
    /// but nobody has written that yet (STORE-35, STORE-36). Tells whether there were any.
    ///
    /// To ask costs some microseconds where nothing is locked.
    ///
    /// # Errors
    ///
    /// The store can't be read or written.
    pub fn end_dead_locks(&self) -> Result<bool> {
        if self.read(|reader| reader.dead_owners())?.is_empty() {
            return Ok(false);
        }
        self.write(|tx| {
            let dead = tx.dead_owners()?;
            for owner in &dead {
                tx.execute(
                    "UPDATE queue SET owner = NULL, flags = flags & ~1 WHERE owner = ?1",
                    [owner],
                )?;
            }
            Ok(!dead.is_empty())
        })
    }
}

impl Transaction<'_> {
    /// Puts a saved message into the queue, and sets `MSGFLAG_SUBMIT`; again, with `flags` of its own, where it is there
    /// already (the spooler's second submit). Use [`Store::write_durably`](super::Store::write_durably).
    ///
    /// # Errors
    ///
    /// The message is gone, or the store can't be written.
    pub fn submit(&self, message: MessageId, submitted: FileTime, flags: u32) -> Result<()> {
        self.set_flags(message, MessageFlags::SUBMIT.bits(), 0)?;
        self.execute(
            "INSERT INTO queue (message, submitted, flags) VALUES (?1, ?2, ?3)
             ON CONFLICT (message) DO UPDATE SET flags = excluded.flags | flags & 1",
            (message, submitted.ticks().cast_signed(), flags & !LOCKED),
        )?;
        Ok(())
    }

    /// Locks a queued message for this process: `SetLockState(MSG_LOCKED)`.
    ///
    /// # Errors
    ///
    /// [`Error::NotInQueue`]; [`Error::Locked`]: another process has locked it.
    pub fn lock_queued(&self, message: MessageId) -> Result<()> {
        let queued = self.queued(message)?.ok_or(Error::NotInQueue)?;
        if queued
            .locked_by
            .is_some_and(|owner| owner != self.session())
        {
            return Err(Error::Locked);
        }
        self.execute(
            "UPDATE queue SET flags = flags | 1, owner = ?2 WHERE message = ?1",
            (message, self.session()),
        )?;
        Ok(())
    }

    /// Unlocks a queued message, whoever has locked it: `SetLockState(MSG_UNLOCKED)`.
    ///
    /// # Errors
    ///
    /// [`Error::NotInQueue`].
    pub fn unlock_queued(&self, message: MessageId) -> Result<()> {
        let found = self.execute(
            "UPDATE queue SET flags = flags & ~1, owner = NULL WHERE message = ?1",
            [message],
        )?;
        if found == 0 {
            Err(Error::NotInQueue)
        } else {
            Ok(())
        }
    }

    /// Takes a message back: `AbortSubmit`. It can be changed again (STORE-37).
    ///
    /// # Errors
    ///
    /// [`Error::NotInQueue`]; [`Error::UnableToAbort`]: it is locked.
    pub fn abort_submit(&self, message: MessageId) -> Result<()> {
        let queued = self.queued(message)?.ok_or(Error::NotInQueue)?;
        if queued.locked_by.is_some() {
            return Err(Error::UnableToAbort);
        }
        // It is a draft again, as it was before: UNSENT stays.
        self.leave_queue(message, MessageFlags::SUBMIT)
    }

    /// Takes a message that was sent out of the queue, locked or not: `FinishedMsg`. It is no draft any more. Only the first
    /// who calls it is told `true`, and goes on with it.
    ///
    /// # Errors
    ///
    /// The store can't be written.
    pub fn finish_queued(&self, message: MessageId) -> Result<bool> {
        let is_queued = self.queued(message)?.is_some();
        if is_queued {
            // STORE-37: with UNSENT it would be a draft to whoever has it next, and could be sent again.
            self.leave_queue(message, MessageFlags::SUBMIT | MessageFlags::UNSENT)?;
        }
        Ok(is_queued)
    }

    fn leave_queue(&self, message: MessageId, cleared: MessageFlags) -> Result<()> {
        self.execute("DELETE FROM queue WHERE message = ?1", [message])?;
        self.set_flags(message, 0, cleared.bits())?;
        Ok(())
    }
}
