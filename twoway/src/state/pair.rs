//! Pairs: items that both sides have.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{FolderId, Result, State, ToldRemote};
use crate::item::{Fingerprint, Flags, ItemKey, LocalKey, PairId, Version};

/// An item that both sides have, as it was when they were last equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) id: i64,
    pub(crate) facts: NewPair,
}

/// The same before it has a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewPair {
    pub(crate) pair: PairId,
    pub(crate) feed: FolderId,
    pub(crate) item: ItemKey,
    pub(crate) folder: FolderId,
    pub(crate) local: LocalKey,
    pub(crate) version: Option<Version>,
    pub(crate) revision: Version,
    pub(crate) flags: Flags,
    pub(crate) date: i64,
    pub(crate) identity: Option<String>,
    pub(crate) title: String,
    pub(crate) print: Option<Fingerprint>,
    pub(crate) header_only: bool,
}

impl NewPair {
    /// The server has told of it, and knows it by this, if by anything: what was sent had no identity before (TWOWAY-13).
    pub(crate) fn know_as(&mut self, told: &ToldRemote) {
        if told.identity.is_some() {
            self.identity.clone_from(&told.identity);
        }
    }
}

pub(super) const COLUMNS: &str = "p.id, p.pair, p.feed, p.item, p.folder, p.local, p.version, p.revision, p.flags, \
                                  p.date, p.identity, p.title, p.print, p.header_only";

pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Pair> {
    Ok(Pair {
        id: row.get(0)?,
        facts: NewPair {
            pair: PairId::new(row.get::<_, String>(1)?),
            feed: row.get(2)?,
            item: ItemKey::new(row.get::<_, String>(3)?),
            folder: row.get(4)?,
            local: LocalKey::new(row.get::<_, String>(5)?),
            version: row.get::<_, Option<String>>(6)?.map(Version::new),
            revision: Version::new(row.get::<_, String>(7)?),
            flags: Flags::from_text(&row.get::<_, String>(8)?),
            date: row.get(9)?,
            identity: row.get(10)?,
            title: row.get(11)?,
            print: row.get::<_, Option<[u8; 32]>>(12)?.map(Fingerprint),
            header_only: row.get(13)?,
        },
    })
}

impl State {
    fn pair_where(&self, condition: &str, params: impl rusqlite::Params) -> Result<Option<Pair>> {
        let sql = format!("SELECT {COLUMNS} FROM twoway_pair p WHERE {condition}");
        let pair = self
            .db()
            .prepare_cached(&sql)?
            .query_row(params, read)
            .optional()?;
        Ok(pair)
    }

    pub(crate) fn pair(&self, id: i64) -> Result<Option<Pair>> {
        self.pair_where("p.id = ?1", [id])
    }

    pub(crate) fn pair_of_item(&self, feed: FolderId, item: &ItemKey) -> Result<Option<Pair>> {
        self.pair_where("p.feed = ?1 AND p.item = ?2", params![feed, item.as_str()])
    }

    pub(crate) fn pair_of_local(&self, local: &LocalKey) -> Result<Option<Pair>> {
        self.pair_where("p.local = ?1", [local.as_str()])
    }

    /// The IDs of pairs of which only the header is here.
    pub(crate) fn header_only_pairs(&self) -> Result<Vec<i64>> {
        let mut statement = self
            .db()
            .prepare_cached("SELECT id FROM twoway_pair WHERE header_only = 1")?;
        let ids = statement.query_map([], |row| row.get(0))?;
        Ok(ids.collect::<rusqlite::Result<_>>()?)
    }
}

/// Both sides have this from now on, and nothing of it is left to be done.
pub(crate) fn insert(tx: &Connection, new: &NewPair) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO twoway_pair (pair, feed, item, folder, local, version, revision, flags, date, identity, title,
             print, header_only)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?
    .execute(params![
        new.pair.as_str(),
        new.feed,
        new.item.as_str(),
        new.folder,
        new.local.as_str(),
        new.version.as_ref().map(Version::as_str),
        new.revision.as_str(),
        new.flags.to_text(),
        new.date,
        new.identity,
        new.title,
        new.print.map(|print| print.0),
        new.header_only,
    ])?;
    Ok(())
}

/// Writes all facts of a pair anew.
pub(crate) fn update(tx: &Connection, pair: &Pair) -> Result<()> {
    let facts = &pair.facts;
    tx.prepare_cached(
        "UPDATE twoway_pair SET feed = ?2, item = ?3, folder = ?4, local = ?5, version = ?6, revision = ?7, flags = ?8,
             identity = ?9, title = ?10, print = ?11, header_only = ?12
         WHERE id = ?1",
    )?
    .execute(params![
        pair.id,
        facts.feed,
        facts.item.as_str(),
        facts.folder,
        facts.local.as_str(),
        facts.version.as_ref().map(Version::as_str),
        facts.revision.as_str(),
        facts.flags.to_text(),
        facts.identity,
        facts.title,
        facts.print.map(|print| print.0),
        facts.header_only,
    ])?;
    Ok(())
}

/// A local item has another revision, and is the same as before.
pub(crate) fn set_revision(
    tx: &Connection,
    local: &LocalKey,
    old: &Version,
    new: &Version,
) -> Result<()> {
    tx.prepare_cached("UPDATE twoway_pair SET revision = ?3 WHERE local = ?1 AND revision = ?2")?
        .execute(params![local.as_str(), old.as_str(), new.as_str()])?;
    Ok(())
}

/// Both sides no longer have this in common. What they have told of it stays, and is new to the other one.
pub(crate) fn remove(tx: &Connection, id: i64) -> Result<()> {
    tx.prepare_cached("DELETE FROM twoway_pair WHERE id = ?1")?
        .execute([id])?;
    Ok(())
}

/// Pairs of a feed whose item was not found again under its new key.
pub(crate) fn with_no_key(tx: &Connection, feed: FolderId) -> Result<Vec<Pair>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM twoway_pair p WHERE p.feed = ?1 AND p.item = char(1) || p.id"
    );
    let mut statement = tx.prepare_cached(&sql)?;
    let rows = statement.query_map([feed], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The keys of a feed mean nothing any more: its pairs get some that no server has. What was told of them stays told.
pub(crate) fn forget_keys(tx: &Connection, feed: FolderId) -> Result<()> {
    tx.execute(
        "UPDATE twoway_told_remote AS r SET item =
             (SELECT char(1) || p.id FROM twoway_pair p WHERE p.feed = r.feed AND p.item = r.item)
         WHERE feed = ?1 AND EXISTS (SELECT 1 FROM twoway_pair p WHERE p.feed = r.feed AND p.item = r.item)",
        [feed],
    )?;
    tx.execute(
        "UPDATE twoway_pair SET item = char(1) || id WHERE feed = ?1",
        [feed],
    )?;
    Ok(())
}
