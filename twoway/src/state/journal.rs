//! The journal: what is under way.

use std::collections::BTreeSet;

use rusqlite::{Connection, Row, params};

use super::pair::{NewPair, Pair};
use super::{FolderId, Result, State};
use crate::item::{Fingerprint, Flags, ItemKey, LocalKey, PairId, Version};

/// What is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Intent {
    /// A new item is put to the server.
    Put = 1,
    /// A new item is made on the local side.
    Make = 2,
    /// An item is moved at the server.
    Move = 3,
    /// An item is marked at the server.
    Mark = 4,
    /// The content of an item is replaced in place.
    Replace = 5,
    /// An old item has a newer one in its place, and is to be deleted at the server.
    Superseded = 6,
    /// An item is changed on the local side.
    Update = 7,
}

/// A row of the journal. What it says of the item is what was sent.
#[derive(Debug, Clone)]
pub(crate) struct JournalRow {
    pub(crate) id: i64,
    pub(crate) facts: NewPair,
    /// For [`Intent::Mark`]: flags that are taken away; `facts.flags` are those that are added. For [`Intent::Update`]: the
    /// flags that it has here afterwards; `facts` is what both have in common then.
    pub(crate) removed: Flags,
    /// For [`Intent::Put`]: what the server said before. For [`Intent::Update`]: the content is another one, too.
    pub(crate) marker: Option<String>,
    /// The pair that it is about, or that the new item takes the place of.
    pub(crate) replaces: Option<i64>,
}

fn read(row: &Row<'_>) -> rusqlite::Result<JournalRow> {
    Ok(JournalRow {
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
        removed: Flags::from_text(&row.get::<_, String>(14)?),
        marker: row.get(15)?,
        replaces: row.get(16)?,
    })
}

impl State {
    fn journal_where(
        &self,
        condition: &str,
        params: impl rusqlite::Params,
    ) -> Result<Vec<JournalRow>> {
        let sql = format!(
            "SELECT id, pair, feed, item, folder, local, version, revision, flags, date, identity, title, print,
                 header_only, removed, marker, replaces
             FROM twoway_journal WHERE {condition} ORDER BY id"
        );
        let mut statement = self.db().prepare_cached(&sql)?;
        let rows = statement.query_map(params, read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// What is under way of one kind.
    pub(crate) fn journal(&self, intent: Intent) -> Result<Vec<JournalRow>> {
        self.journal_where("kind = ?1", [intent as i64])
    }

    /// The number of the last row that was written.
    pub(crate) fn last_journal_row(&self) -> Result<i64> {
        let sql = "SELECT ifnull(max(id), 0) FROM twoway_journal";
        Ok(self.db().query_row(sql, [], |row| row.get(0))?)
    }

    /// An upload of this item that may have arrived.
    pub(crate) fn unanswered_put(&self, local: &LocalKey) -> Result<Option<JournalRow>> {
        let rows = self.journal_where(
            "kind = ?1 AND local = ?2",
            params![Intent::Put as i64, local.as_str()],
        )?;
        Ok(rows.into_iter().next())
    }

    /// What was sent of other items that have this content, without an answer.
    pub(crate) fn other_puts(
        &self,
        local: &LocalKey,
        print: &Fingerprint,
    ) -> Result<Vec<JournalRow>> {
        self.journal_where(
            "kind = ?1 AND local <> ?2 AND print = ?3 AND replaces IS NULL",
            params![Intent::Put as i64, local.as_str(), print.0],
        )
    }

    /// Whether an item of the server may have been made here.
    pub(crate) fn is_being_made(&self, feed: FolderId, item: &ItemKey) -> Result<bool> {
        let count = self.count(
            "SELECT count(*) FROM twoway_journal WHERE feed = ?1 AND item = ?2 AND kind = ?3",
            params![feed, item.as_str(), Intent::Make as i64],
        )?;
        Ok(count > 0)
    }

    /// Pairs of which an earlier run has changed something, and it is not known yet whether it has: what they are like may
    /// be our own doing, so nothing is decided about them.
    pub(crate) fn undecided_pairs(&self, last_row: i64) -> Result<BTreeSet<i64>> {
        let mut statement = self.db().prepare_cached(
            "SELECT replaces FROM twoway_journal
             WHERE kind IN (3, 4, 5, 7) AND replaces IS NOT NULL AND id <= ?1",
        )?;
        let ids = statement.query_map([last_row], |row| row.get(0))?;
        Ok(ids.collect::<rusqlite::Result<_>>()?)
    }

    /// What is under way of one kind with one pair.
    pub(crate) fn intent_of_pair(&self, intent: Intent, pair: i64) -> Result<Option<JournalRow>> {
        let rows =
            self.journal_where("kind = ?1 AND replaces = ?2", params![intent as i64, pair])?;
        Ok(rows.into_iter().next())
    }
}

/// Writes what is about to be sent.
pub(crate) fn insert(
    tx: &Connection,
    intent: Intent,
    facts: &NewPair,
    removed: &Flags,
    marker: Option<&str>,
    replaces: Option<i64>,
) -> Result<i64> {
    tx.prepare_cached(
        "INSERT INTO twoway_journal (kind, pair, feed, item, folder, local, version, revision, flags, removed, date,
             identity, title, print, header_only, marker, replaces)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
    )?
    .execute(params![
        intent as i64,
        facts.pair.as_str(),
        facts.feed,
        facts.item.as_str(),
        facts.folder,
        facts.local.as_str(),
        facts.version.as_ref().map(Version::as_str),
        facts.revision.as_str(),
        facts.flags.to_text(),
        removed.to_text(),
        facts.date,
        facts.identity,
        facts.title,
        facts.print.map(|print| print.0),
        facts.header_only,
        marker,
        replaces,
    ])?;
    Ok(tx.last_insert_rowid())
}

/// Takes a row out: what came of it is known.
pub(crate) fn remove(tx: &Connection, id: i64) -> Result<()> {
    tx.prepare_cached("DELETE FROM twoway_journal WHERE id = ?1")?
        .execute([id])?;
    Ok(())
}

/// The item that a pair had until now is to be deleted at the server. From here on it is no item to be told of.
pub(crate) fn supersede(tx: &Connection, old: &Pair) -> Result<()> {
    insert(
        tx,
        Intent::Superseded,
        &old.facts,
        &Flags::new(),
        None,
        None,
    )?;
    super::told::forget_remote(tx, old.facts.feed, &old.facts.item)
}

/// Whether an item is to be deleted because a newer one has its place.
pub(crate) const IS_SUPERSEDED: &str =
    "EXISTS (SELECT 1 FROM twoway_journal j WHERE j.kind = 6 AND j.feed = ?1 AND j.item = h.key)";

/// Takes out what is under way in a folder whose feed begins anew.
pub(crate) fn forget_feed(tx: &Connection, feed: FolderId) -> Result<()> {
    tx.execute(
        "DELETE FROM twoway_journal WHERE kind = 6 AND feed = ?1",
        [feed],
    )?;
    Ok(())
}
