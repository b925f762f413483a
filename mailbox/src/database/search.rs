//! Search folders: criteria and hits (STORE-42). What is searched for, and by whom, is the object room's.

use std::collections::BTreeSet;

use rusqlite::OptionalExtension;

use super::error::{Error, Result};
use super::folder::FolderKind;
use super::id::{FolderId, MessageId};
use super::transaction::{Reader, Transaction};

/// What a search folder looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// The restriction: [`encode_restriction`](super::encode_restriction).
    pub restriction: Vec<u8>,
    /// The folders that are searched.
    pub scope: Vec<FolderId>,
    /// `SEARCH_RUNNING`, `SEARCH_REBUILD`, `SEARCH_RECURSIVE`, `SEARCH_FOREGROUND`.
    pub state: u32,
}

impl Reader<'_> {
    /// The criteria of a search folder; none where they were never set.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn search(&self, folder: FolderId) -> Result<Option<Search>> {
        let mut find =
            self.prepared("SELECT restriction, scope, state FROM search WHERE folder = ?1")?;
        let found = find.query_row([folder], |row| {
            let scope: Vec<u8> = row.get(1)?;
            Ok(Search {
                restriction: row.get(0)?,
                scope: unpack(&scope),
                state: row.get(2)?,
            })
        });
        Ok(found.optional()?)
    }

    /// All search folders that have criteria.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn searches(&self) -> Result<Vec<FolderId>> {
        let mut select = self.prepared("SELECT folder FROM search ORDER BY folder")?;
        let ids = select.query_map([], |row| row.get(0))?;
        Ok(ids.collect::<rusqlite::Result<_>>()?)
    }

    /// Folders, with all below them where `recursive`; without those that are gone and without search folders, which have
    /// no messages of their own.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn folders_within(
        &self,
        scope: &[FolderId],
        recursive: bool,
    ) -> Result<BTreeSet<FolderId>> {
        let mut select = self.prepared(
            "WITH RECURSIVE within (id) AS (
               VALUES (?1) UNION SELECT folder.id FROM folder JOIN within ON folder.parent = within.id WHERE ?2
             ) SELECT folder.id FROM within JOIN folder USING (id) WHERE folder.kind <> 2",
        )?;
        let mut found = BTreeSet::new();
        for folder in scope {
            let ids = select.query_map((folder, recursive), |row| row.get(0))?;
            for id in ids {
                found.insert(id?);
            }
        }
        Ok(found)
    }

    /// Whether a search folder has a message.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn is_hit(&self, folder: FolderId, message: MessageId) -> Result<bool> {
        let mut find =
            self.prepared("SELECT EXISTS (SELECT 1 FROM hit WHERE folder = ?1 AND message = ?2)")?;
        Ok(find.query_row((folder, message), |row| row.get(0))?)
    }

    /// The search folders that have a message.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn searches_with(&self, message: MessageId) -> Result<Vec<FolderId>> {
        let mut select = self.prepared("SELECT folder FROM hit WHERE message = ?1")?;
        let ids = select.query_map([message], |row| row.get(0))?;
        Ok(ids.collect::<rusqlite::Result<_>>()?)
    }

    /// The messages of a search folder that lie in another folder, in the order of their IDs.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn hits_in(&self, search: FolderId, folder: FolderId) -> Result<Vec<MessageId>> {
        let mut select = self.prepared(
            "SELECT m.id FROM hit h JOIN message m ON m.id = h.message
             WHERE h.folder = ?1 AND m.folder = ?2 AND m.assoc = 0 ORDER BY m.id",
        )?;
        let ids = select.query_map((search, folder), |row| row.get(0))?;
        Ok(ids.collect::<rusqlite::Result<_>>()?)
    }

    /// The next messages of a search folder, in the order of their IDs; from the first on where there is none before.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn hits_after(
        &self,
        folder: FolderId,
        after: Option<MessageId>,
        count: usize,
    ) -> Result<Vec<MessageId>> {
        let mut select = self.prepared(
            "SELECT message FROM hit WHERE folder = ?1 AND message > ?2 ORDER BY message LIMIT ?3",
        )?;
        let after = after.map_or(0, MessageId::raw);
        let ids = select.query_map((folder, after, count), |row| row.get(0))?;
        Ok(ids.collect::<rusqlite::Result<_>>()?)
    }
}

impl Transaction<'_> {
    /// Sets the criteria of a search folder. With `begins` it is searched from the beginning, by this process; the hits
    /// stay until the search comes to them. Else it stays where it is.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`]: it is no search folder. [`Error::NotFound`].
    pub fn set_search(&self, folder: FolderId, search: &Search, begins: bool) -> Result<()> {
        match self.folder_kind(folder)? {
            None => return Err(Error::NotFound("folder")),
            Some(FolderKind::Search) => {}
            Some(_) => return Err(Error::Invalid("only a search folder has criteria")),
        }
        self.execute(
            "INSERT INTO search (folder, restriction, scope, state, step, seq, phase) VALUES (?1, ?2, ?3, ?4, 0, ?5, 0)
             ON CONFLICT (folder) DO UPDATE SET
               restriction = excluded.restriction, scope = excluded.scope, state = excluded.state, step = step + 1",
            (
                folder,
                &search.restriction,
                pack(&search.scope),
                search.state,
                self.last_change()?.cast_signed(),
            ),
        )?;
        if begins {
            self.begin_search(folder)?;
        }
        Ok(())
    }

    /// Puts messages into a search folder. One that is in it already, is gone or associated is passed over. Tells how
    /// many are new.
    ///
    /// # Errors
    ///
    /// The store can't be written.
    pub fn add_hits(&self, folder: FolderId, messages: &[MessageId]) -> Result<usize> {
        let mut new = 0;
        for message in messages {
            new += self.execute(
                "INSERT OR IGNORE INTO hit (folder, message) SELECT ?1, id FROM message WHERE id = ?2 AND assoc = 0",
                (folder, message),
            )?;
        }
        Ok(new)
    }

    /// Takes messages out of a search folder. They stay where they are.
    ///
    /// # Errors
    ///
    /// The store can't be written.
    pub fn remove_hits(&self, folder: FolderId, messages: &[MessageId]) -> Result<usize> {
        let mut gone = 0;
        for message in messages {
            gone += self.execute(
                "DELETE FROM hit WHERE folder = ?1 AND message = ?2",
                (folder, message),
            )?;
        }
        Ok(gone)
    }

    /// A copy of a search looks by itself. One that is stopped finds nothing more, so it gets what was found.
    pub(super) fn copy_search(&self, from: FolderId, to: FolderId) -> Result<()> {
        let Some(search) = self.search(from)? else {
            return Ok(());
        };
        let runs = search.state & RUNNING != 0;
        let rebuild = if runs { REBUILD } else { 0 };
        let search = Search {
            state: search.state | rebuild,
            ..search
        };
        self.set_search(to, &search, runs)?;
        if !runs {
            self.execute(
                "INSERT INTO hit (folder, message) SELECT ?2, message FROM hit WHERE folder = ?1",
                (from, to),
            )?;
        }
        Ok(())
    }
}

/// `SEARCH_RUNNING`.
pub(super) const RUNNING: u32 = 1;
/// `SEARCH_REBUILD`.
pub(super) const REBUILD: u32 = 2;

fn pack(scope: &[FolderId]) -> Vec<u8> {
    scope
        .iter()
        .flat_map(|id| id.number().to_le_bytes())
        .collect()
}

fn unpack(bytes: &[u8]) -> Vec<FolderId> {
    let (numbers, _) = bytes.as_chunks::<8>();
    let ids = numbers.iter().map(|bytes| u64::from_le_bytes(*bytes));
    ids.filter_map(FolderId::from_number).collect()
}
