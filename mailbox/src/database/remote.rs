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

/// A part of what clients did with an object that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// A message was saved again, or properties of a folder were changed.
    Edited,
    /// A message was marked as read or unread.
    Read,
    /// It was moved.
    Moved,
}

impl Part {
    const fn bit(self) -> i64 {
        match self {
            Self::Edited => Bits::EDITED,
            Self::Read => Bits::READ,
            Self::Moved => Bits::MOVED,
        }
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
    /// Says what the server calls an object. What had the name before loses it, and where a client has deleted that, it is
    /// not told any more: the server would delete this object.
    ///
    /// # Errors
    ///
    /// The store can't be written.
    pub fn set_remote(&self, object: ObjectId, remote: &Remote) -> Result<()> {
        let called = (kind(object), &remote.server_id, number(object));
        self.execute(
            "DELETE FROM remote WHERE kind = ?1 AND server_id = ?2 AND id <> ?3",
            called,
        )?;
        self.drop_deleted(kind(object), &remote.server_id)?;
        self.add_remote(object, remote)
    }

    /// The same where nothing has the name, and a client has deleted nothing that had it.
    ///
    /// # Errors
    ///
    /// Something has the name, or the store can't be written.
    pub(crate) fn add_remote(&self, object: ObjectId, remote: &Remote) -> Result<()> {
        self.execute(
            "INSERT INTO remote (id, kind, server_id, server_version) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (id) DO UPDATE SET server_id = excluded.server_id, server_version = excluded.server_version",
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

    /// Tells no more what clients have done with an object up to a change. What they did since stays. `place` is the
    /// folder where the object was then: from there it has moved, if it has moved since.
    pub(crate) fn acknowledge(
        &self,
        object: ObjectId,
        up_to: u64,
        place: Option<FolderId>,
    ) -> Result<()> {
        let object = (kind(object), number(object));
        let gone = self.execute(
            "DELETE FROM pending WHERE kind = ?1 AND id = ?2 AND last <= ?3",
            (object.0, object.1, up_to.cast_signed()),
        )?;
        if gone > 0 {
            return Ok(());
        }
        // What was done meanwhile stands in the log. Where that is cut off already, all that was ever done may have been
        // done again: rather told twice than never. Only new the object is no more.
        self.execute(
            "UPDATE pending SET bits = iif(
               (SELECT min(seq) FROM change) <= ?3 + 1,
               coalesce((
                 SELECT max(what IN (1, 2, 3)) * 2 | max(what = 4) * 4 | max(what = 5) * 8 | max(what = 6) * 16
                 FROM change WHERE seq > ?3 AND kind = ?1 AND id = ?2 AND by = 0
               ), bits),
               (bits & ~1) | ((bits & 1) * 2)
             ), folder = ?4
             WHERE kind = ?1 AND id = ?2",
            (object.0, object.1, up_to.cast_signed(), place),
        )?;
        // Whoever moves it later says from where.
        self.execute(
            "UPDATE pending SET folder = NULL WHERE kind = ?1 AND id = ?2 AND NOT bits & 8",
            object,
        )?;
        Ok(())
    }

    /// Tells no more of a part of what clients have done with an object up to a change. The rest is told again.
    pub(crate) fn acknowledge_part(
        &self,
        object: ObjectId,
        part: Part,
        up_to: u64,
        place: Option<FolderId>,
    ) -> Result<()> {
        let Some(before) = self.pending(object)? else {
            return Ok(());
        };
        if before.bits.0 & part.bit() == 0 {
            return Ok(());
        }
        self.acknowledge(object, up_to, place)?;
        let since = self.pending(object)?;
        let (left, moved_from) = match &since {
            Some(since) => (since.bits.0 & part.bit(), since.moved_from),
            None => (0, None),
        };
        let rest = before.bits.0 & !part.bit();
        let moved_from = match part {
            Part::Moved => moved_from,
            Part::Edited | Part::Read => before.moved_from,
        };
        if rest | left == 0 {
            return self.drop_pending(object);
        }
        self.put_pending(&Pending {
            bits: Bits(rest | left),
            moved_from,
            ..before
        })
    }

    fn put_pending(&self, pending: &Pending) -> Result<()> {
        self.execute(
            "INSERT OR REPLACE INTO pending (kind, id, last, bits, folder, server_id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            (
                kind(pending.object),
                number(pending.object),
                pending.last.cast_signed(),
                pending.bits.0,
                pending.moved_from,
                &pending.server_id,
            ),
        )?;
        Ok(())
    }

    /// The server has an object that a client has deleted meanwhile: it is to be told so.
    pub(crate) fn delete_at_server(&self, object: ObjectId, server_id: &str) -> Result<()> {
        self.put_pending(&Pending {
            object,
            last: self.last_change()?,
            bits: Bits(Bits::DELETED),
            moved_from: None,
            server_id: Some(server_id.to_owned()),
        })
    }

    /// Tells nothing more of what clients did with an object: it is gone by the server's word, or as the server has it.
    pub(crate) fn drop_pending(&self, object: ObjectId) -> Result<()> {
        self.execute(
            "DELETE FROM pending WHERE kind = ?1 AND id = ?2",
            (kind(object), number(object)),
        )?;
        Ok(())
    }

    /// Tells no more that a client has deleted what the server calls so: it is there again, or is gone there too.
    pub(crate) fn drop_deleted(&self, kind: i64, server_id: &str) -> Result<()> {
        self.execute(
            "DELETE FROM pending WHERE server_id = ?1 AND kind = ?2 AND bits & 16",
            (server_id, kind),
        )?;
        Ok(())
    }

    /// Tells nothing more of what clients did with an object, but for some parts of it.
    pub(crate) fn drop_pending_but(&self, object: ObjectId, parts: &[Part]) -> Result<()> {
        let Some(before) = self.pending(object)? else {
            return Ok(());
        };
        let kept = parts.iter().fold(0, |kept, part| kept | part.bit()) & before.bits.0;
        if kept == 0 {
            return self.drop_pending(object);
        }
        self.put_pending(&Pending {
            bits: Bits(kept),
            moved_from: before.moved_from.filter(|_| kept & Bits::MOVED != 0),
            ..before
        })
    }

    /// An object that the server has deleted and that is to stay, for it has what a client made: the server is to have it
    /// as a new one.
    pub(crate) fn make_created(&self, object: ObjectId) -> Result<()> {
        self.put_pending(&Pending {
            object,
            last: self.last_change()?,
            bits: Bits(Bits::CREATED),
            moved_from: None,
            server_id: None,
        })?;
        self.forget_remote(object)
    }
}
