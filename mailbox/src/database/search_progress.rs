//! How far a search is, and who looks (STORE-42).
//!
//! A search goes in steps. Whoever takes one looks at some messages without keeping anybody waiting, and then writes what
//! he has found, in a short transaction that says how far the search is now. If somebody else has written meanwhile, what
//! was found is forgotten. So a search can be left at any step, by a process that is killed too, and gone on with by another.

use rusqlite::OptionalExtension;

use super::error::Result;
use super::id::{FolderId, MessageId, SessionId};
use super::order::{Key, Place};
use super::transaction::{Reader, Transaction};

/// How far a search is.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// Grows with each write, whoever writes.
    pub step: u64,
    /// The number of the last change that the hits know of: [`Change::seq`](super::Change).
    pub seq: u64,
    /// What is done now.
    pub phase: Phase,
    /// Who looks; none where nobody does yet, or not any more.
    pub owner: Option<SessionId>,
}

/// What a search does now, besides following what changes.
#[derive(Debug, Clone, PartialEq)]
pub enum Phase {
    /// Nothing: all that was there when it began has been looked at.
    Following,
    /// Hits are looked at again, in the order of their IDs; those up to a message have been.
    Pruning(Option<MessageId>),
    /// The folders are looked through, in the order of their IDs, what came last first: all before one has been, and some
    /// of that one, up to a place.
    Sweeping(Option<(FolderId, Option<Place>)>),
}

/// What a step of a search has found.
#[derive(Debug, Clone, PartialEq)]
pub struct Advance {
    /// Messages that belong into the search folder.
    pub add: Vec<MessageId>,
    /// Messages that do not, any more.
    pub remove: Vec<MessageId>,
    /// How far the search is by it.
    pub phase: Phase,
    /// The last change that the hits know of by it.
    pub seq: u64,
}

impl Phase {
    fn of_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        let message: Option<MessageId> = row.get(5)?;
        Ok(match row.get::<_, i64>(2)? {
            1 => Self::Pruning(message),
            2 => {
                let (folder, key): (Option<FolderId>, Option<i64>) = (row.get(3)?, row.get(4)?);
                let key = key.map(Key::Number);
                let place = message.map(|id| Place { key, id });
                Self::Sweeping(folder.map(|folder| (folder, place)))
            }
            _ => Self::Following,
        })
    }

    /// `phase`, `at_folder`, `at_key`, `at_message`.
    fn columns(&self) -> (i64, Option<FolderId>, Option<i64>, Option<MessageId>) {
        match self {
            Self::Following => (0, None, None, None),
            Self::Pruning(message) => (1, None, None, *message),
            Self::Sweeping(None) => (2, None, None, None),
            Self::Sweeping(Some((folder, place))) => {
                let key = match place.as_ref().and_then(|place| place.key.as_ref()) {
                    Some(Key::Number(key)) => Some(*key),
                    _ => None,
                };
                let message = place.as_ref().map(|place| place.id);
                (2, Some(*folder), key, message)
            }
        }
    }
}

impl Reader<'_> {
    /// How far a search is; none where the folder has no criteria.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn search_progress(&self, folder: FolderId) -> Result<Option<Progress>> {
        let mut find = self.prepared(
            "SELECT step, seq, phase, at_folder, at_key, at_message, owner FROM search WHERE folder = ?1",
        )?;
        let found = find.query_row([folder], |row| {
            Ok(Progress {
                step: row.get(0)?,
                seq: row.get(1)?,
                phase: Phase::of_row(row)?,
                owner: row.get(6)?,
            })
        });
        Ok(found.optional()?)
    }

    /// Whether a search is this process's to go on with: nobody else is at it who lives.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn may_search(&self, progress: &Progress) -> Result<bool> {
        match progress.owner {
            None => Ok(true),
            Some(owner) => {
                let session = &self.inner.session;
                let is_other = owner != session.id;
                Ok(!is_other || !session.is_alive(self.connection, self.inner.file(), owner)?)
            }
        }
    }
}

impl Transaction<'_> {
    /// Writes what a step of a search has found, which is this process's from then on. With `ends` it was the last of a
    /// rebuild. False where somebody has written since the step that it follows: then nothing is written.
    ///
    /// # Errors
    ///
    /// The store can't be written.
    pub fn advance_search(&self, folder: FolderId, step: u64, to: &Advance) -> Result<bool> {
        let (phase, at_folder, at_key, at_message) = to.phase.columns();
        let is_last = to.phase == Phase::Following;
        let found = self.execute(
            "UPDATE search SET step = step + 1, seq = ?3, phase = ?4, at_folder = ?5, at_key = ?6, at_message = ?7, owner = ?8
             WHERE folder = ?1 AND step = ?2",
            (
                folder,
                step.cast_signed(),
                to.seq.cast_signed(),
                phase,
                at_folder,
                at_key,
                at_message,
                self.session(),
            ),
        )?;
        if found == 0 {
            return Ok(false);
        }
        self.remove_hits(folder, &to.remove)?;
        self.add_hits(folder, &to.add)?;
        if is_last {
            // After the hits, so that whoever hears of the end knows all of them.
            self.execute(
                "UPDATE search SET state = state & ~?2 WHERE folder = ?1 AND state & ?2",
                (folder, super::search::REBUILD),
            )?;
        }
        Ok(true)
    }

    /// A search goes to its beginning, and is this process's.
    pub(super) fn begin_search(&self, folder: FolderId) -> Result<()> {
        self.execute(
            "UPDATE search SET step = step + 1, seq = ?2, phase = 1, at_folder = NULL, at_key = NULL, at_message = NULL,
               owner = ?3
             WHERE folder = ?1",
            (folder, self.last_change()?.cast_signed(), self.session()),
        )?;
        Ok(())
    }

    /// Lets others go on with the searches of this process.
    ///
    /// # Errors
    ///
    /// The store can't be written.
    pub fn leave_searches(&self) -> Result<usize> {
        self.execute(
            "UPDATE search SET owner = NULL WHERE owner = ?1",
            [self.session()],
        )
    }
}
