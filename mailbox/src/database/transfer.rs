//! Marks, moves, copies and deletes of messages: each does what it can, and tells what it could not (STORE-24, STORE-33).

use super::error::{Error, Result};
use super::folder::FolderKind;
use super::id::{FolderId, MessageId, ObjectId};
use super::message::Outcome;
use super::transaction::Transaction;

/// A message that is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marked {
    /// Which one.
    pub id: MessageId,
    /// `PR_MESSAGE_FLAGS` before, without the bits that are computed: whether a receipt waits.
    pub flags: u32,
    /// Whether it was not so before.
    pub changed: bool,
}

impl Transaction<'_> {
    /// Marks messages as read or unread. It is no save and makes no conflict. An associated message stays as it is
    /// (STORE-23).
    ///
    /// # Errors
    ///
    /// The store can't be written. Messages that are gone are in the outcome.
    pub fn set_read(&self, ids: &[MessageId], read: bool) -> Result<Outcome<Marked>> {
        let mut outcome = Outcome::default();
        for id in ids {
            let Some(info) = self.message_info(*id)? else {
                let gone = (ObjectId::Message(*id), Error::NotFound("message"));
                outcome.failed.push(gone);
                continue;
            };
            let changed = info.read != read && !info.associated;
            if changed {
                self.execute("UPDATE message SET read = ?2 WHERE id = ?1", (id, read))?;
            }
            outcome.done.push(Marked {
                id: *id,
                flags: info.flags,
                changed,
            });
        }
        Ok(outcome)
    }

    /// Changes `PR_MSG_STATUS` where the mask has bits. Tells what it was (STORE-23).
    ///
    /// # Errors
    ///
    /// The message is gone, or the store can't be written.
    pub fn set_status(&self, id: MessageId, status: u32, mask: u32) -> Result<u32> {
        let info = self.existing_message(id)?;
        let new = info.status & !mask | status & mask;
        self.execute("UPDATE message SET status = ?2 WHERE id = ?1", (id, new))?;
        Ok(info.status)
    }

    /// Changes bits of `PR_MESSAGE_FLAGS` without a save: submitted or not, receipts that wait. Tells what they were.
    ///
    /// # Errors
    ///
    /// The message is gone, or the store can't be written.
    pub fn set_flags(&self, id: MessageId, set: u32, clear: u32) -> Result<u32> {
        let info = self.existing_message(id)?;
        let new = info.flags & !clear | set;
        self.execute("UPDATE message SET flags = ?2 WHERE id = ?1", (id, new))?;
        Ok(info.flags)
    }

    /// Moves messages to another folder. They keep their IDs (STORE-05).
    ///
    /// # Errors
    ///
    /// The folder is gone or a search folder, or the store can't be written. Messages that are gone or wait to be sent
    /// are in the outcome.
    pub fn move_messages(&self, ids: &[MessageId], to: FolderId) -> Result<Outcome<MessageId>> {
        self.check_takes_messages(to)?;
        self.each(ids, |id| {
            self.check_movable(id)?;
            self.execute("UPDATE message SET folder = ?2 WHERE id = ?1", (id, to))?;
            Ok(id)
        })
    }

    /// Copies messages. Tells each original with its copy.
    ///
    /// # Errors
    ///
    /// As [`move_messages`](Self::move_messages).
    pub fn copy_messages(
        &self,
        ids: &[MessageId],
        to: FolderId,
    ) -> Result<Outcome<(MessageId, MessageId)>> {
        self.check_takes_messages(to)?;
        self.each(ids, |id| {
            let message = self.message(id)?.ok_or(Error::NotFound("message"))?;
            if self.queued(id)?.is_some() {
                return Err(Error::Submitted);
            }
            Ok((id, self.insert_copy(&message, to)?))
        })
    }

    /// Deletes messages for good.
    ///
    /// # Errors
    ///
    /// The store can't be written. Messages that are gone or wait to be sent are in the outcome.
    pub fn delete_messages(&self, ids: &[MessageId]) -> Result<Outcome<MessageId>> {
        self.each(ids, |id| {
            self.check_movable(id)?;
            self.execute("DELETE FROM message WHERE id = ?1", [id])?;
            Ok(id)
        })
    }

    /// What is wrong with one message does not keep the others; what is wrong with the store does.
    fn each<T>(
        &self,
        ids: &[MessageId],
        mut act: impl FnMut(MessageId) -> Result<T>,
    ) -> Result<Outcome<T>> {
        let mut outcome = Outcome::default();
        for id in ids {
            self.execute("SAVEPOINT one", [])?;
            match act(*id) {
                Ok(done) => outcome.done.push(done),
                Err(error @ (Error::NotFound(_) | Error::Submitted | Error::Locked)) => {
                    self.execute("ROLLBACK TO one", [])?;
                    outcome.failed.push((ObjectId::Message(*id), error));
                }
                Err(error) => return Err(error),
            }
            self.execute("RELEASE one", [])?;
        }
        Ok(outcome)
    }

    fn check_movable(&self, id: MessageId) -> Result<()> {
        self.existing_message(id)?;
        match self.queued(id)? {
            None => Ok(()),
            Some(queued) if queued.locked_by.is_some() => Err(Error::Locked),
            Some(_) => Err(Error::Submitted),
        }
    }

    pub(super) fn check_takes_messages(&self, folder: FolderId) -> Result<()> {
        match self.folder_kind(folder)? {
            None => Err(Error::NotFound("folder")),
            Some(FolderKind::Search) => Err(Error::SearchFolder),
            Some(_) => Ok(()),
        }
    }
}
