//! What is too much for one transaction: as long as one lasts, all others who want to write wait, and after five seconds
//! they give up (STORE-43). So what is done with a whole folder is done with some hundred messages at a time.

use super::error::Result;
use super::folder::{Folder, FolderKind};
use super::folder_write::DeleteFolder;
use super::id::{FolderId, MessageId};
use super::message::Outcome;
use super::transaction::{Reader, Transaction};

/// How many messages one transaction deletes, copies or marks.
pub(crate) const AT_ONCE: usize = 500;

/// Messages in parts, each for a transaction of its own, but for the last ones, which the caller's own transaction takes.
pub(crate) fn all_but_last(messages: &[MessageId]) -> impl Iterator<Item = &[MessageId]> {
    let parts = messages.len().div_ceil(AT_ONCE);
    messages.chunks(AT_ONCE).take(parts.saturating_sub(1))
}

/// The copy of a folder, as far as it has come.
#[derive(Debug, Default)]
pub(crate) struct Copying {
    /// How many messages may still be copied in this transaction.
    room: usize,
    /// Messages that have no copy: they wait to be sent.
    pub(crate) left: Vec<MessageId>,
    /// Messages that are still to be copied, with the folder that their copies are to be in.
    pub(crate) later: Vec<(FolderId, Vec<MessageId>)>,
}

impl Copying {
    pub(super) fn of(most: usize) -> Self {
        Self {
            room: most,
            ..Self::default()
        }
    }

    /// Which messages of a folder are copied now, and which later.
    pub(super) fn split<'m>(
        &mut self,
        messages: &'m [MessageId],
    ) -> (&'m [MessageId], &'m [MessageId]) {
        let both = messages.split_at(self.room.min(messages.len()));
        self.room -= both.0.len();
        both
    }
}

impl Reader<'_> {
    /// The messages that go with a folder, if [`Transaction::delete_folder`] does not refuse to delete it as it is.
    ///
    /// # Errors
    ///
    /// The folder is gone, or the store can't be read.
    pub(crate) fn going_with_folder(
        &self,
        id: FolderId,
        how: DeleteFolder,
    ) -> Result<Vec<MessageId>> {
        let folder = self.existing_folder(id)?;
        let has_messages = folder.total + folder.associated > 0;
        let is_refused = folder.special.is_some()
            || folder.kind != FolderKind::Generic
            || (has_messages && !how.messages)
            || (folder.children > 0 && !how.folders);
        if is_refused {
            return Ok(Vec::new());
        }
        self.in_tree(&folder)
    }

    /// The messages that [`Transaction::empty_folder`] deletes.
    ///
    /// # Errors
    ///
    /// The folder is gone, or the store can't be read.
    pub(crate) fn going_with_contents(
        &self,
        id: FolderId,
        associated: bool,
    ) -> Result<Vec<MessageId>> {
        let mut going = Vec::new();
        let children = self.children(id)?.into_iter();
        for child in children.filter(|child| child.special.is_none()) {
            going.extend(self.in_tree(&child)?);
        }
        if self.existing_folder(id)?.kind != FolderKind::Search {
            going.extend(self.own_messages(id, associated)?);
        }
        Ok(going)
    }

    /// The messages of a folder and of those below it. What a special folder has stays with it.
    pub(crate) fn in_tree(&self, top: &Folder) -> Result<Vec<MessageId>> {
        let mut found = self.message_ids(top.id)?;
        for (_, folder) in self.tree(top.id)? {
            if folder.special.is_none() {
                found.extend(self.message_ids(folder.id)?);
            }
        }
        Ok(found)
    }

    /// The messages of a folder; associated ones only if that is said.
    pub(super) fn own_messages(&self, id: FolderId, associated: bool) -> Result<Vec<MessageId>> {
        let mut select =
            self.prepared("SELECT id FROM message WHERE folder = ?1 AND assoc <= ?2")?;
        let messages = select.query_map((id, associated), |row| row.get(0))?;
        Ok(messages.collect::<rusqlite::Result<_>>()?)
    }
}

impl Transaction<'_> {
    /// Those of some messages that are still in a folder, or in one below it.
    pub(crate) fn still_within(
        &self,
        top: FolderId,
        messages: &[MessageId],
    ) -> Result<Vec<MessageId>> {
        let mut within = Vec::with_capacity(messages.len());
        for id in messages {
            if let Some(info) = self.message_info(*id)?
                && self.is_within(info.folder, top)?
            {
                within.push(*id);
            }
        }
        Ok(within)
    }

    /// Deletes those of some messages that are still in a folder, or in one below it.
    ///
    /// # Errors
    ///
    /// The store can't be written. Messages that wait to be sent are in the outcome.
    pub(crate) fn delete_within(
        &self,
        top: FolderId,
        messages: &[MessageId],
    ) -> Result<Outcome<MessageId>> {
        let within = self.still_within(top, messages)?;
        self.delete_messages(&within)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_part_is_left_to_the_last_transaction() {
        let parts = |count: usize| {
            let messages = vec![MessageId::new(1); count];
            let parts = all_but_last(&messages).map(<[_]>::len);
            parts.collect::<Vec<_>>()
        };
        for few in [0, 1, AT_ONCE] {
            assert_eq!(parts(few), [0; 0]);
        }
        assert_eq!(parts(AT_ONCE + 1), [AT_ONCE]);
        assert_eq!(parts(3 * AT_ONCE), [AT_ONCE; 2]);
    }
}
