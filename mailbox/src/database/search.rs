//! Search folders: criteria and hits (STORE-42). What is searched for is the table room's.

use rusqlite::OptionalExtension;

use super::error::{Error, Result};
use super::folder::FolderKind;
use super::id::{FolderId, MessageId};
use super::transaction::{Reader, Transaction};

/// What a search folder looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// The restriction, in whatever form the caller gave it.
    pub restriction: Vec<u8>,
    /// The folders that are searched.
    pub scope: Vec<FolderId>,
    /// `SEARCH_RUNNING`, `SEARCH_REBUILD`, `SEARCH_RECURSIVE`, `SEARCH_FOREGROUND`.
    pub state: u32,
    /// The number of the last change that the hits know of: [`Change::seq`](super::Change).
    pub seq: u64,
}

impl Reader<'_> {
    /// The criteria of a search folder; none where they were never set.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn search(&self, folder: FolderId) -> Result<Option<Search>> {
        let mut find =
            self.prepared("SELECT restriction, scope, state, seq FROM search WHERE folder = ?1")?;
        let found = find.query_row([folder], |row| {
            let scope: Vec<u8> = row.get(1)?;
            Ok(Search {
                restriction: row.get(0)?,
                scope: unpack(&scope),
                state: row.get(2)?,
                seq: row.get(3)?,
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
}

impl Transaction<'_> {
    /// Sets the criteria of a search folder. The hits stay until they are changed.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`]: it is no search folder. [`Error::NotFound`].
    pub fn set_search(&self, folder: FolderId, search: &Search) -> Result<()> {
        match self.folder_kind(folder)? {
            None => return Err(Error::NotFound("folder")),
            Some(FolderKind::Search) => {}
            Some(_) => return Err(Error::Invalid("only a search folder has criteria")),
        }
        self.execute(
            "INSERT INTO search (folder, restriction, scope, state, seq) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (folder) DO UPDATE SET
               restriction = excluded.restriction, scope = excluded.scope, state = excluded.state, seq = excluded.seq",
            (
                folder,
                &search.restriction,
                pack(&search.scope),
                search.state,
                search.seq.cast_signed(),
            ),
        )?;
        Ok(())
    }

    /// Says how far the hits of a search folder are, and its state.
    ///
    /// # Errors
    ///
    /// [`Error::NotInitialized`]: it has no criteria.
    pub fn set_search_state(&self, folder: FolderId, state: u32, seq: u64) -> Result<()> {
        let found = self.execute(
            "UPDATE search SET state = ?2, seq = ?3 WHERE folder = ?1",
            (folder, state, seq.cast_signed()),
        )?;
        if found == 0 {
            Err(Error::NotInitialized)
        } else {
            Ok(())
        }
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

    /// Takes all messages out of a search folder: it is searched anew.
    ///
    /// # Errors
    ///
    /// The store can't be written.
    pub fn clear_hits(&self, folder: FolderId) -> Result<usize> {
        self.execute("DELETE FROM hit WHERE folder = ?1", [folder])
    }

    pub(super) fn copy_search(&self, from: FolderId, to: FolderId) -> Result<()> {
        self.execute(
            "INSERT INTO search (folder, restriction, scope, state, seq)
             SELECT ?2, restriction, scope, state, seq FROM search WHERE folder = ?1",
            (from, to),
        )?;
        self.execute(
            "INSERT INTO hit (folder, message) SELECT ?2, message FROM hit WHERE folder = ?1",
            (from, to),
        )?;
        Ok(())
    }
}

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
