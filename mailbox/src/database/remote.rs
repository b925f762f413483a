//! What the server calls objects, where the logic goes on, and what clients did that it has not acknowledged (STORE-45).

use rusqlite::OptionalExtension;

use super::error::Result;
use super::id::{FolderId, MessageId, ObjectId};
use super::transaction::{Reader, Transaction};

/// What the server calls an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remote {
    /// The server's ID, unique among the folders of a store, and among its messages.
    pub server_id: String,
    /// The server's version of it, if it has such.
    pub server_version: Option<String>,
}

/// What clients have done with one object since the logic last acknowledged it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pending {
    pub(crate) object: ObjectId,
    /// The last change in it.
    pub(crate) last: u64,
    pub(crate) bits: Bits,
    /// Where it was before it moved.
    pub(crate) moved_from: Option<FolderId>,
    pub(crate) server_id: Option<String>,
}

/// What was done: the column `bits` of `pending`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bits(i64);

impl Bits {
    const CREATED: i64 = 1;
    const EDITED: i64 = 2;
    const READ: i64 = 4;
    const MOVED: i64 = 8;
    const DELETED: i64 = 16;

    pub(crate) fn is_created(self) -> bool {
        self.0 & Self::CREATED != 0
    }

    pub(crate) fn is_edited(self) -> bool {
        self.0 & Self::EDITED != 0
    }

    pub(crate) fn is_read(self) -> bool {
        self.0 & Self::READ != 0
    }

    pub(crate) fn is_moved(self) -> bool {
        self.0 & Self::MOVED != 0
    }

    pub(crate) fn is_deleted(self) -> bool {
        self.0 & Self::DELETED != 0
    }
}

const COLUMNS: &str = "kind, id, last, bits, folder, server_id";

impl Pending {
    fn of_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        let object = match row.get(0)? {
            0_i64 => ObjectId::Folder(row.get(1)?),
            _ => ObjectId::Message(row.get(1)?),
        };
        Ok(Self {
            object,
            last: row.get(2)?,
            bits: Bits(row.get(3)?),
            moved_from: row.get(4)?,
            server_id: row.get(5)?,
        })
    }
}

fn kind(object: ObjectId) -> i64 {
    match object {
        ObjectId::Folder(_) => 0,
        ObjectId::Message(_) => 1,
    }
}

fn number(object: ObjectId) -> i64 {
    match object {
        ObjectId::Folder(id) => id.raw(),
        ObjectId::Message(id) => id.raw(),
    }
}

impl Reader<'_> {
    /// What the server calls an object; none where it does not know it.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn remote(&self, object: ObjectId) -> Result<Option<Remote>> {
        let mut find =
            self.prepared("SELECT server_id, server_version FROM remote WHERE id = ?1")?;
        let found = find.query_row([number(object)], |row| {
            Ok(Remote {
                server_id: row.get(0)?,
                server_version: row.get(1)?,
            })
        });
        Ok(found.optional()?)
    }

    /// The message that the server calls so.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn message_of_server(&self, server_id: &str) -> Result<Option<MessageId>> {
        let mut find = self.prepared("SELECT id FROM remote WHERE kind = 1 AND server_id = ?1")?;
        Ok(find.query_row([server_id], |row| row.get(0)).optional()?)
    }

    /// The folder that the server calls so.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn folder_of_server(&self, server_id: &str) -> Result<Option<FolderId>> {
        let mut find = self.prepared("SELECT id FROM remote WHERE kind = 0 AND server_id = ?1")?;
        Ok(find.query_row([server_id], |row| row.get(0)).optional()?)
    }

    /// Where the logic goes on: what it last committed under a name.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn cursor(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let mut find = self.prepared("SELECT value FROM cursor WHERE name = ?1")?;
        Ok(find.query_row([name], |row| row.get(0)).optional()?)
    }

    /// Whether the store keeps what clients do for the logic.
    pub(crate) fn is_tracked(&self) -> Result<bool> {
        let mut find = self.prepared("SELECT tracked FROM clock")?;
        Ok(find.query_row([], |row| row.get(0))?)
    }

    /// What is not acknowledged, of one object.
    pub(crate) fn pending(&self, object: ObjectId) -> Result<Option<Pending>> {
        let sql = format!("SELECT {COLUMNS} FROM pending WHERE kind = ?1 AND id = ?2");
        let mut find = self.prepared(&sql)?;
        let found = find.query_row((kind(object), number(object)), Pending::of_row);
        Ok(found.optional()?)
    }

    /// Whether a client has deleted what the server calls so, and the logic does not know it yet.
    pub(crate) fn is_deleted_here(&self, kind: i64, server_id: &str) -> Result<bool> {
        let mut find = self.prepared(
            "SELECT EXISTS (SELECT 1 FROM pending WHERE server_id = ?1 AND kind = ?2 AND bits & 16)",
        )?;
        Ok(find.query_row((server_id, kind), |row| row.get(0))?)
    }

    /// All that is not acknowledged, such that each can be done at the server in this order: folders that are there,
    /// parents first; messages, as they happened; what was deleted, as it happened.
    pub(crate) fn all_pending(&self) -> Result<Vec<Pending>> {
        let sql = format!("SELECT {COLUMNS} FROM pending ORDER BY last");
        let mut select = self.prepared(&sql)?;
        let rows = select.query_map([], Pending::of_row)?;
        let mut all: Vec<((u8, u32), Pending)> = Vec::new();
        for row in rows {
            let pending = row?;
            let rank = match pending.object {
                _ if pending.bits.is_deleted() => (2, 0),
                ObjectId::Folder(id) => (0, self.depth(id)?),
                ObjectId::Message(_) => (1, 0),
            };
            all.push((rank, pending));
        }
        // It keeps the order of what is of the same rank.
        all.sort_by_key(|(rank, _)| *rank);
        Ok(all.into_iter().map(|(_, pending)| pending).collect())
    }

    fn depth(&self, folder: FolderId) -> Result<u32> {
        let mut count = self.prepared(
            "WITH RECURSIVE up (id) AS (
               VALUES (?1) UNION SELECT folder.parent FROM folder JOIN up USING (id) WHERE folder.parent IS NOT NULL
             ) SELECT count(*) FROM up",
        )?;
        Ok(count.query_row([folder], |row| row.get(0))?)
    }
}

impl Transaction<'_> {
    /// Says what the server calls an object. What had the name before loses it.
    ///
    /// # Errors
    ///
    /// The store can't be written.
    pub fn set_remote(&self, object: ObjectId, remote: &Remote) -> Result<()> {
        self.execute(
            "DELETE FROM remote WHERE kind = ?1 AND server_id = ?2 AND id <> ?3",
            (kind(object), &remote.server_id, number(object)),
        )?;
        self.execute(
            "INSERT OR REPLACE INTO remote (id, kind, server_id, server_version) VALUES (?1, ?2, ?3, ?4)",
            (
                number(object),
                kind(object),
                &remote.server_id,
                &remote.server_version,
            ),
        )?;
        Ok(())
    }

    /// The server does not know the object any more.
    ///
    /// # Errors
    ///
    /// The store can't be written.
    pub fn forget_remote(&self, object: ObjectId) -> Result<()> {
        self.execute("DELETE FROM remote WHERE id = ?1", [number(object)])?;
        Ok(())
    }

    /// Says where the logic goes on: together with what it has brought in.
    ///
    /// # Errors
    ///
    /// The store can't be written.
    pub fn set_cursor(&self, name: &str, value: &[u8]) -> Result<()> {
        self.execute(
            "INSERT OR REPLACE INTO cursor (name, value) VALUES (?1, ?2)",
            (name, value),
        )?;
        Ok(())
    }

    /// Tells no more what clients have done with an object up to a change. What they did since stays.
    pub(crate) fn acknowledge(&self, object: ObjectId, up_to: u64) -> Result<()> {
        let (kind, number) = (kind(object), number(object));
        let gone = self.execute(
            "DELETE FROM pending WHERE kind = ?1 AND id = ?2 AND last <= ?3",
            (kind, number, up_to.cast_signed()),
        )?;
        if gone > 0 {
            return Ok(());
        }
        // What was done meanwhile stands in the log. Where that is cut off already, it counts as edited.
        self.execute(
            "UPDATE pending SET bits = coalesce((
               SELECT max(what IN (1, 2, 3)) * 2 | max(what = 4) * 4 | max(what = 5) * 8 | max(what = 6) * 16
               FROM change WHERE seq > ?3 AND kind = ?1 AND id = ?2 AND by = 0
             ), 2)
             WHERE kind = ?1 AND id = ?2",
            (kind, number, up_to.cast_signed()),
        )?;
        Ok(())
    }

    /// The server has an object that a client has deleted meanwhile: it is to be told so.
    pub(crate) fn delete_at_server(&self, object: ObjectId, server_id: &str) -> Result<()> {
        self.execute(
            "INSERT OR REPLACE INTO pending (kind, id, last, bits, server_id) VALUES (?1, ?2, ?3, 16, ?4)",
            (
                kind(object),
                number(object),
                self.last_change()?.cast_signed(),
                server_id,
            ),
        )?;
        Ok(())
    }

    /// Tells nothing more of an object that is gone by the server's word.
    pub(crate) fn drop_pending(&self, object: ObjectId) -> Result<()> {
        self.execute(
            "DELETE FROM pending WHERE kind = ?1 AND id = ?2",
            (kind(object), number(object)),
        )?;
        Ok(())
    }

    /// A message that the server has deleted and a client has edited: the server is to have it as a new one.
    pub(crate) fn make_created(&self, message: MessageId) -> Result<()> {
        self.execute(
            "UPDATE pending SET bits = bits | 1, server_id = NULL WHERE kind = 1 AND id = ?1",
            [message],
        )?;
        self.forget_remote(ObjectId::Message(message))
    }
}
