//! What the sides have told that is not in the common state yet.

use rusqlite::{Connection, Row, params};

use super::pair::{self, Pair};
use super::{FolderId, Result, State};
use crate::item::{Fingerprint, Flags, ItemKey, LocalKey, PairId, Version};

/// What the server has told of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ToldRemote {
    pub(crate) feed: FolderId,
    pub(crate) item: ItemKey,
    pub(crate) is_gone: bool,
    pub(crate) folders: Vec<FolderId>,
    pub(crate) flags: Flags,
    pub(crate) date: i64,
    pub(crate) size: Option<u64>,
    pub(crate) version: Option<Version>,
    pub(crate) identity: Option<String>,
    pub(crate) title: String,
    /// The number of the listing that told it first.
    pub(crate) listing: i64,
}

/// What the local side has told of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ToldLocal {
    pub(crate) key: LocalKey,
    pub(crate) is_gone: bool,
    pub(crate) folder: FolderId,
    pub(crate) flags: Flags,
    pub(crate) date: i64,
    pub(crate) revision: Version,
    pub(crate) identity: Option<String>,
    pub(crate) pair: Option<PairId>,
    pub(crate) title: String,
    pub(crate) print: Option<Fingerprint>,
}

/// `,3,5,`
pub(crate) fn folders_to_text(folders: impl IntoIterator<Item = FolderId>) -> String {
    let mut text = String::new();
    for folder in folders {
        text += &format!(",{folder}");
    }
    if !text.is_empty() {
        text.push(',');
    }
    text
}

pub(super) const REMOTE: &str = "r.feed, r.item, r.is_gone, r.folders, r.flags, r.date, r.size, r.version, r.identity, r.title, \
                      r.listing";
const LOCAL: &str = "l.local, l.is_gone, l.folder, l.flags, l.date, l.revision, l.identity, l.pair, l.title, l.print";

pub(super) fn read_remote(row: &Row<'_>) -> rusqlite::Result<ToldRemote> {
    let folders: String = row.get(3)?;
    Ok(ToldRemote {
        feed: row.get(0)?,
        item: ItemKey::new(row.get::<_, String>(1)?),
        is_gone: row.get(2)?,
        folders: folders
            .split(',')
            .filter_map(|id| id.parse().ok())
            .collect(),
        flags: Flags::from_text(&row.get::<_, String>(4)?),
        date: row.get(5)?,
        size: row
            .get::<_, Option<i64>>(6)?
            .and_then(|size| u64::try_from(size).ok()),
        version: row.get::<_, Option<String>>(7)?.map(Version::new),
        identity: row.get(8)?,
        title: row.get(9)?,
        listing: row.get(10)?,
    })
}

fn read_local(row: &Row<'_>) -> rusqlite::Result<ToldLocal> {
    Ok(ToldLocal {
        key: LocalKey::new(row.get::<_, String>(0)?),
        is_gone: row.get(1)?,
        folder: row.get(2)?,
        flags: Flags::from_text(&row.get::<_, String>(3)?),
        date: row.get(4)?,
        revision: Version::new(row.get::<_, String>(5)?),
        identity: row.get(6)?,
        pair: row.get::<_, Option<String>>(7)?.map(PairId::new),
        title: row.get(8)?,
        print: row.get::<_, Option<[u8; 32]>>(9)?.map(Fingerprint),
    })
}

/// Nobody has paired this one.
pub(super) const REMOTE_IS_NEW: &str = "r.is_gone = 0 AND NOT EXISTS
    (SELECT 1 FROM twoway_pair p WHERE p.feed = r.feed AND p.item = r.item)";
/// What may have been made here by an earlier run is not new, before that is known.
pub(super) const LOCAL_IS_NEW: &str = "l.is_gone = 0
    AND NOT EXISTS (SELECT 1 FROM twoway_pair p WHERE p.local = l.local)
    AND NOT EXISTS (SELECT 1 FROM twoway_journal j WHERE j.kind = 2 AND j.pair = l.pair)";

impl State {
    fn remotes(&self, condition: &str, params: impl rusqlite::Params) -> Result<Vec<ToldRemote>> {
        let sql = format!("SELECT {REMOTE} FROM twoway_told_remote r WHERE {condition}");
        let mut statement = self.db().prepare_cached(&sql)?;
        let rows = statement.query_map(params, read_remote)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    pub(super) fn locals(
        &self,
        condition: &str,
        params: impl rusqlite::Params,
    ) -> Result<Vec<ToldLocal>> {
        let sql = format!("SELECT {LOCAL} FROM twoway_told_local l WHERE {condition}");
        let mut statement = self.db().prepare_cached(&sql)?;
        let rows = statement.query_map(params, read_local)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    pub(crate) fn told_remote(&self, feed: FolderId, item: &ItemKey) -> Result<Option<ToldRemote>> {
        let rows = self.remotes("r.feed = ?1 AND r.item = ?2", params![feed, item.as_str()])?;
        Ok(rows.into_iter().next())
    }

    pub(crate) fn told_local(&self, key: &LocalKey) -> Result<Option<ToldLocal>> {
        Ok(self
            .locals("l.local = ?1", [key.as_str()])?
            .into_iter()
            .next())
    }

    /// Items that only the server has, newest first (TWOWAY-25).
    pub(crate) fn new_remotes(&self) -> Result<Vec<ToldRemote>> {
        self.remotes(
            &format!("{REMOTE_IS_NEW} ORDER BY r.date DESC, r.feed, r.item"),
            [],
        )
    }

    /// Those of them that are in a folder.
    pub(crate) fn new_remotes_in(&self, folder: FolderId) -> Result<Vec<ToldRemote>> {
        self.remotes(
            &format!("{REMOTE_IS_NEW} AND instr(r.folders, ?1) > 0"),
            [folders_to_text([folder])],
        )
    }

    /// Items that only the local side has, newest first.
    pub(crate) fn new_locals(&self) -> Result<Vec<ToldLocal>> {
        self.locals(&format!("{LOCAL_IS_NEW} ORDER BY l.date DESC, l.local"), [])
    }

    /// Items of pairs that the local side has told of, and does not in the listing that was just heard.
    pub(crate) fn silent_locals(&self) -> Result<Vec<LocalKey>> {
        let mut statement = self.db().prepare_cached(
            "SELECT l.local FROM twoway_told_local l JOIN twoway_pair p ON p.local = l.local
             WHERE l.is_gone = 0 AND l.is_kept <> 1
             AND NOT EXISTS (SELECT 1 FROM temp.heard h WHERE h.key = l.local)",
        )?;
        let keys = statement.query_map([], |row| Ok(LocalKey::new(row.get::<_, String>(0)?)))?;
        Ok(keys.collect::<rusqlite::Result<_>>()?)
    }

    /// Pairs of which something was told, by either side.
    pub(crate) fn touched_pairs(&self) -> Result<Vec<Pair>> {
        let sql = format!(
            "SELECT {} FROM twoway_pair p WHERE p.id IN (
                 SELECT p.id FROM twoway_told_remote r JOIN twoway_pair p ON p.feed = r.feed AND p.item = r.item
                 UNION SELECT p.id FROM twoway_told_local l JOIN twoway_pair p ON p.local = l.local)
             ORDER BY p.date DESC, p.id",
            pair::COLUMNS
        );
        let mut statement = self.db().prepare_cached(&sql)?;
        let rows = statement.query_map([], pair::read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// A number for each: pairs; those gone at the server; those gone here.
    pub(crate) fn census(&self) -> Result<(u64, u64, u64)> {
        let known = self.count("SELECT count(*) FROM twoway_pair", [])?;
        let remote = self.count(
            "SELECT count(*) FROM twoway_told_remote r JOIN twoway_pair p ON p.feed = r.feed AND p.item = r.item
             WHERE r.is_gone = 1",
            [],
        )?;
        let local = self.count(
            "SELECT count(*) FROM twoway_told_local l JOIN twoway_pair p ON p.local = l.local WHERE l.is_gone = 1",
            [],
        )?;
        Ok((known, remote, local))
    }

    /// Whether anything is left in a folder that this knows of.
    pub(crate) fn is_folder_used(&self, folder: FolderId) -> Result<bool> {
        let text = folders_to_text([folder]);
        let count = self.count(
            "SELECT (SELECT count(*) FROM twoway_pair WHERE folder = ?1 OR feed = ?1)
                  + (SELECT count(*) FROM twoway_told_remote WHERE is_gone = 0 AND instr(folders, ?2) > 0)
                  + (SELECT count(*) FROM twoway_told_local WHERE is_gone = 0 AND folder = ?1)",
            params![folder, text],
        )?;
        Ok(count > 0)
    }
}

/// Whether a local item is there could not be found out: it is asked again.
pub(crate) fn ask_again(tx: &Connection, key: &LocalKey) -> Result<()> {
    tx.prepare_cached("UPDATE twoway_told_local SET is_kept = 2 WHERE local = ?1")?
        .execute([key.as_str()])?;
    Ok(())
}

/// It is there, and has nothing to tell.
pub(crate) fn answered(tx: &Connection, key: &LocalKey) -> Result<()> {
    tx.prepare_cached("UPDATE twoway_told_local SET is_kept = 0 WHERE local = ?1")?
        .execute([key.as_str()])?;
    Ok(())
}

/// The fingerprint of a new local item is known.
pub(crate) fn set_print(tx: &Connection, key: &LocalKey, print: &Fingerprint) -> Result<()> {
    tx.prepare_cached("UPDATE twoway_told_local SET print = ?2 WHERE local = ?1")?
        .execute(params![key.as_str(), print.0])?;
    Ok(())
}

/// Nothing is left to be done of what the server told of this item.
pub(crate) fn forget_remote(tx: &Connection, feed: FolderId, item: &ItemKey) -> Result<()> {
    tx.prepare_cached("DELETE FROM twoway_told_remote WHERE feed = ?1 AND item = ?2")?
        .execute(params![feed, item.as_str()])?;
    Ok(())
}

/// What the server said to be gone was never made here.
pub(crate) fn forget_gone(tx: &Connection, feed: FolderId, item: &ItemKey) -> Result<()> {
    tx.prepare_cached(
        "DELETE FROM twoway_told_remote WHERE feed = ?1 AND item = ?2 AND is_gone = 1
         AND NOT EXISTS (SELECT 1 FROM twoway_pair p WHERE p.feed = ?1 AND p.item = ?2)",
    )?
    .execute(params![feed, item.as_str()])?;
    Ok(())
}

/// Nothing is left to be done of what the local side told of this item.
pub(crate) fn forget_local(tx: &Connection, key: &LocalKey) -> Result<()> {
    tx.prepare_cached("DELETE FROM twoway_told_local WHERE local = ?1")?
        .execute([key.as_str()])?;
    Ok(())
}

/// The local side of a pair, as something new that the local side will not tell by itself. What it has told meanwhile
/// holds.
pub(crate) fn keep_local(tx: &Connection, pair: &Pair) -> Result<()> {
    let facts = &pair.facts;
    tx.prepare_cached(
        "INSERT INTO twoway_told_local (local, folder, flags, date, revision, identity, title, print, is_kept)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1)
         ON CONFLICT (local) DO UPDATE SET is_kept = 1",
    )?
    .execute(params![
        facts.local.as_str(),
        facts.folder,
        facts.flags.to_text(),
        facts.date,
        facts.revision.as_str(),
        facts.identity,
        facts.title,
        facts.print.map(|print| print.0),
    ])?;
    Ok(())
}

/// Writes what the server has now, as if it had told so.
pub(crate) fn write_remote(tx: &Connection, told: &ToldRemote) -> Result<()> {
    let size = told
        .size
        .map(|size| i64::try_from(size).unwrap_or(i64::MAX));
    tx.prepare_cached(
        "INSERT OR REPLACE INTO twoway_told_remote
             (feed, item, is_gone, folders, flags, date, size, version, identity, title, listing)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute(params![
        told.feed,
        told.item.as_str(),
        told.is_gone,
        folders_to_text(told.folders.iter().copied()),
        told.flags.to_text(),
        told.date,
        size,
        told.version.as_ref().map(Version::as_str),
        told.identity,
        told.title,
        told.listing,
    ])?;
    Ok(())
}

/// Writes what the local side has now, as if it had told so.
pub(crate) fn write_local(tx: &Connection, told: &ToldLocal) -> Result<()> {
    tx.prepare_cached(
        "INSERT OR REPLACE INTO twoway_told_local
             (local, is_gone, folder, flags, date, revision, identity, pair, title, print)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute(params![
        told.key.as_str(),
        told.is_gone,
        told.folder,
        told.flags.to_text(),
        told.date,
        told.revision.as_str(),
        told.identity,
        told.pair.as_ref().map(PairId::as_str),
        told.title,
        told.print.map(|print| print.0),
    ])?;
    Ok(())
}

/// The local item of a pair is gone. The local side never knew of the pair, so it will not tell that by itself.
pub(crate) fn write_gone_local(tx: &Connection, key: &LocalKey) -> Result<()> {
    tx.prepare_cached(
        "INSERT OR REPLACE INTO twoway_told_local (local, is_gone, is_kept) VALUES (?1, 1, 1)",
    )?
    .execute([key.as_str()])?;
    Ok(())
}
