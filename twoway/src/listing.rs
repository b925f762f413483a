//! Hears what the sides tell, and keeps what is different from the common state.
//!
//! While a side tells, everything goes to a temporary table: neither memory nor a lock is held for it. What was told is
//! then kept in one transaction, together with the cursor.

use std::cell::RefCell;
use std::collections::HashMap;

use rusqlite::{Connection, params};

use crate::item::{FolderKey, ItemKey, LocalFolderKey, LocalKey, Version};
use crate::local::LocalEntry;
use crate::outcome::{Answer, Stop};
use crate::remote::RemoteEntry;
use crate::report::Monitor;
use crate::state::{self, FolderId, State, StateError};
use crate::told::{Cursor, Listed, Listing, Proof};

const PRESENT: i64 = 0;
const ENTRY: i64 = 1;
const GONE: i64 = 2;

/// Names longer than this are no names: they would be kept a million times.
const LONGEST_KEY: usize = 4096;

/// What hears one listing.
pub(crate) struct Hearing<'a, K> {
    state: &'a State,
    monitor: &'a dyn Monitor,
    /// The folder of whose feed this is; 0: all.
    feed: FolderId,
    folders: &'a HashMap<K, FolderId>,
    is_reset: bool,
    unheard: RefCell<u64>,
}

impl<'a, K: std::hash::Hash + Eq> Hearing<'a, K> {
    pub(crate) fn begin(
        state: &'a State,
        monitor: &'a dyn Monitor,
        feed: FolderId,
        folders: &'a HashMap<K, FolderId>,
    ) -> Result<Self, StateError> {
        state.db().execute("DELETE FROM temp.heard", [])?;
        Ok(Self {
            state,
            monitor,
            feed,
            folders,
            is_reset: false,
            unheard: RefCell::new(0),
        })
    }

    /// Whether all keys are new.
    pub(crate) fn is_reset(&self) -> bool {
        self.is_reset
    }

    /// How many entries could not be kept for what they are.
    pub(crate) fn unheard(&self) -> u64 {
        *self.unheard.borrow()
    }

    fn check(&self) -> Answer<()> {
        if self.monitor.is_cancelled() {
            return Err(Stop::Cancelled.into());
        }
        Ok(())
    }

    fn note(&self, key: &str, what: i64) -> Answer<()> {
        self.check()?;
        if key.len() > LONGEST_KEY {
            *self.unheard.borrow_mut() += 1;
            return Ok(());
        }
        // What was told of it by an entry, or as gone, says more than that it is there.
        let sql = if what == PRESENT {
            "INSERT OR IGNORE INTO temp.heard (key, what) VALUES (?1, ?2)"
        } else {
            "INSERT OR REPLACE INTO temp.heard (key, what) VALUES (?1, ?2)"
        };
        let mut insert = self
            .state
            .db()
            .prepare_cached(sql)
            .map_err(StateError::from)?;
        insert
            .execute(params![key, what])
            .map_err(StateError::from)?;
        Ok(())
    }
}

impl Listing<RemoteEntry, ItemKey> for Hearing<'_, FolderKey> {
    fn reset(&mut self) -> Answer<()> {
        self.is_reset = true;
        self.check()
    }

    fn entry(&mut self, entry: RemoteEntry) -> Answer<()> {
        self.check()?;
        if entry.key.as_str().len() > LONGEST_KEY {
            *self.unheard.borrow_mut() += 1;
            return Ok(());
        }
        let mut folders: Vec<FolderId> = entry
            .folders
            .iter()
            .filter_map(|key| self.folders.get(key).copied())
            .collect();
        if self.feed != 0 {
            folders = vec![self.feed];
        }
        folders.sort_unstable();
        hear(
            self.state.db(),
            entry.key.as_str(),
            0,
            &state::folders_to_text(folders),
            &entry.flags.to_text(),
            entry.date,
            entry.size,
            entry.version.as_ref(),
            entry.identity.as_deref(),
            None,
            // TWOWAY-30: who is told of it should be able to read it.
            &self.monitor.title(&entry.title),
        )?;
        Ok(())
    }

    fn present(&mut self, key: ItemKey) -> Answer<()> {
        self.note(key.as_str(), PRESENT)
    }

    fn gone(&mut self, key: ItemKey) -> Answer<()> {
        self.note(key.as_str(), GONE)
    }
}

impl Listing<LocalEntry, LocalKey> for Hearing<'_, LocalFolderKey> {
    fn reset(&mut self) -> Answer<()> {
        self.is_reset = true;
        self.check()
    }

    fn entry(&mut self, entry: LocalEntry) -> Answer<()> {
        self.check()?;
        // Its folder was made after the folders were listed: the next run sees both.
        let Some(folder) = self.folders.get(&entry.folder) else {
            return self.note(entry.key.as_str(), PRESENT);
        };
        hear(
            self.state.db(),
            entry.key.as_str(),
            *folder,
            "",
            &entry.flags.to_text(),
            entry.date,
            None,
            Some(&entry.revision),
            entry.identity.as_deref(),
            entry.pair.as_ref().map(crate::item::PairId::as_str),
            &entry.title,
        )?;
        Ok(())
    }

    fn present(&mut self, key: LocalKey) -> Answer<()> {
        self.note(key.as_str(), PRESENT)
    }

    fn gone(&mut self, key: LocalKey) -> Answer<()> {
        self.note(key.as_str(), GONE)
    }
}

/// Titles are for people: more than this nobody reads.
const LONGEST_TITLE: usize = 200;

#[expect(
    clippy::too_many_arguments,
    reason = "they are the columns of one table"
)]
fn hear(
    db: &Connection,
    key: &str,
    folder: FolderId,
    folders: &str,
    flags: &str,
    date: i64,
    size: Option<u64>,
    version: Option<&Version>,
    identity: Option<&str>,
    pair: Option<&str>,
    title: &str,
) -> Result<(), StateError> {
    let title: String = title.chars().take(LONGEST_TITLE).collect();
    let size = size.map(|size| i64::try_from(size).unwrap_or(i64::MAX));
    db.prepare_cached(
        "INSERT OR REPLACE INTO temp.heard (key, what, folder, folders, flags, date, size, version, identity, pair, title)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute(params![
        key,
        ENTRY,
        folder,
        folders,
        flags,
        date,
        size,
        version.map(Version::as_str),
        identity,
        pair,
        title
    ])?;
    Ok(())
}

/// How a listing is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Taken {
    /// What was not named is gone.
    pub(crate) is_complete: bool,
    /// The side says that it named all, and did not.
    pub(crate) is_short: bool,
}

/// What a proof is worth, now that it can be compared with what was named.
pub(crate) fn weigh(state: &State, proof: Proof) -> Result<Taken, StateError> {
    let Proof::Complete { count } = proof else {
        return Ok(Taken {
            is_complete: false,
            is_short: false,
        });
    };
    // TWOWAY-07: a listing that leaves something out proves nothing.
    let named = state.count("SELECT count(*) FROM temp.heard WHERE what <> 2", [])?;
    Ok(Taken {
        is_complete: named == count,
        is_short: named != count,
    })
}

/// One listing of a feed, and how it is to be taken.
pub(crate) struct Kept<'a> {
    pub(crate) feed: FolderId,
    /// Its number.
    pub(crate) number: i64,
    /// All keys are new.
    pub(crate) is_reset: bool,
    /// What was not named is gone.
    pub(crate) is_complete: bool,
    pub(crate) listed: &'a Listed,
}

/// Keeps what the server told of a feed, together with its cursor. Answers whether something that was new has left it
/// before anybody has looked at it.
pub(crate) fn keep_remote(state: &mut State, kept: &Kept<'_>) -> Result<bool, StateError> {
    let Kept { feed, number, .. } = *kept;
    state.write(|tx| {
        if kept.is_reset {
            crate::matching::rename_keys(tx, feed)?;
        }
        // TWOWAY-13: of what was sent, it is known only now what the server knows it by.
        tx.execute(
            "UPDATE twoway_pair AS p SET identity = h.identity FROM temp.heard h
             WHERE p.feed = ?1 AND p.item = h.key AND h.what = 1 AND p.version IS h.version
                 AND h.identity IS NOT NULL AND p.identity IS NOT h.identity",
            [feed],
        )?;
        // What was told before keeps the number of the listing that told it first, and its title where none is told now.
        tx.execute(
            "UPDATE temp.heard AS h SET listing = ifnull((SELECT r.listing FROM twoway_told_remote r
                 WHERE r.feed = ?1 AND r.item = h.key AND r.is_gone = 0), ?2),
             title = CASE h.title WHEN '' THEN coalesce(
                 (SELECT r.title FROM twoway_told_remote r WHERE r.feed = ?1 AND r.item = h.key),
                 (SELECT p.title FROM twoway_pair p WHERE p.feed = ?1 AND p.item = h.key), '') ELSE h.title END",
            [feed, number],
        )?;
        tx.execute(
            "DELETE FROM twoway_told_remote WHERE feed = ?1 AND (
                 item IN (SELECT key FROM temp.heard WHERE what = 1)
                 OR is_gone = 1 AND item IN (SELECT key FROM temp.heard WHERE what = 0))",
            [feed],
        )?;
        let superseded = state::IS_SUPERSEDED;
        // Equal to the common state: nothing to be kept.
        tx.execute(
            &format!(
                "INSERT OR REPLACE INTO twoway_told_remote
                     (feed, item, folders, flags, date, size, version, identity, title, listing)
                 SELECT ?1, h.key, h.folders, h.flags, h.date, h.size, h.version, h.identity, h.title, h.listing
                 FROM temp.heard h LEFT JOIN twoway_pair p ON p.feed = ?1 AND p.item = h.key
                 WHERE h.what = 1 AND NOT {superseded} AND (p.id IS NULL OR p.flags <> h.flags
                     OR p.version IS NOT h.version OR instr(h.folders, ',' || p.folder || ',') = 0)"
            ),
            [feed],
        )?;
        let mut left = gone(tx, kept, "h.key IN (SELECT key FROM temp.heard WHERE what = 2)")?;
        if kept.is_complete {
            left += gone(tx, kept, "h.key NOT IN (SELECT key FROM temp.heard WHERE what <> 2)")?;
        }
        state::set_cursor(tx, feed, kept.listed.cursor.as_ref())?;
        Ok(left > 0)
    })
}

/// Known items of a feed are gone: those of a pair, or of one that may have been made, are kept as gone; others are
/// forgotten. Answers how many of these there were.
fn gone(tx: &Connection, kept: &Kept<'_>, condition: &str) -> Result<usize, StateError> {
    let Kept { feed, number, .. } = *kept;
    let named = |column: &str| condition.replace("h.key", column);
    // What is known to be gone keeps the number of the listing that told so first.
    tx.execute(
        &format!(
            "INSERT OR REPLACE INTO twoway_told_remote (feed, item, is_gone, title, listing)
             SELECT k.feed, k.item, 1, k.title, ?2 FROM (
                 SELECT feed, item, title FROM twoway_pair WHERE feed = ?1 AND {0}
                 UNION SELECT feed, item, title FROM twoway_journal WHERE kind = 2 AND feed = ?1 AND {0}) k
             WHERE NOT EXISTS (SELECT 1 FROM twoway_told_remote r
                 WHERE r.feed = k.feed AND r.item = k.item AND r.is_gone = 1)",
            named("item")
        ),
        [feed, number],
    )?;
    let left = tx.execute(
        &format!(
            "DELETE FROM twoway_told_remote WHERE feed = ?1 AND is_gone = 0 AND {}",
            named("item")
        ),
        [feed],
    )?;
    tx.execute(
        &format!(
            "DELETE FROM twoway_journal WHERE kind = 6 AND feed = ?1 AND {}",
            named("item")
        ),
        [feed],
    )?;
    Ok(left)
}

/// A folder is gone at the server, and what was in it with it. If there is one of that name again, its keys are others,
/// even where they look alike (TWOWAY-05).
pub(crate) fn keep_folder_gone(
    state: &mut State,
    feed: FolderId,
    number: i64,
) -> Result<bool, StateError> {
    state.db().execute("DELETE FROM temp.heard", [])?;
    let listed = Listed {
        proof: Proof::Complete { count: 0 },
        cursor: None::<Cursor>,
    };
    let kept = Kept {
        feed,
        number,
        is_reset: false,
        is_complete: true,
        listed: &listed,
    };
    let has_left = keep_remote(state, &kept)?;
    state.write(|tx| state::forget_keys(tx, feed))?;
    Ok(has_left)
}

/// Keeps what the local side told.
///
/// `is_log`: it keeps a log, and has to be told that something is settled.
pub(crate) fn keep_local(
    state: &mut State,
    is_complete: bool,
    is_log: bool,
    all: bool,
) -> Result<(), StateError> {
    state.write(|tx| {
        // It tells everything again that is not settled, but for what it does not know of.
        tx.execute(
            "DELETE FROM twoway_told_local WHERE is_kept = 0
                 OR local IN (SELECT key FROM temp.heard WHERE what = 1)",
            [],
        )?;
        crate::matching::follow_local_keys(tx, is_complete)?;
        tx.execute(
            "INSERT OR REPLACE INTO twoway_told_local
                 (local, folder, flags, date, revision, identity, pair, title, is_kept)
             SELECT h.key, h.folder, h.flags, h.date, ifnull(h.version, ''), h.identity, h.pair, h.title, ?2
             FROM temp.heard h LEFT JOIN twoway_pair p ON p.local = h.key
             WHERE h.what = 1 AND (p.id IS NULL OR p.flags <> h.flags OR p.revision IS NOT h.version
                 OR p.folder <> h.folder OR ?1 OR h.pair IS NOT p.pair
                 OR EXISTS (SELECT 1 FROM twoway_journal j WHERE j.replaces = p.id))",
            // A log does not tell again what was told only because all was asked for. And what is under way may change the
            // common state: what is here as it was before that is a change then.
            [is_log, all],
        )?;
        let mut conditions = vec!["local IN (SELECT key FROM temp.heard WHERE what = 2)"];
        if is_complete {
            conditions.push("local NOT IN (SELECT key FROM temp.heard WHERE what <> 2)");
        }
        for condition in conditions {
            tx.execute(
                &format!("DELETE FROM twoway_told_local WHERE {condition}"),
                [],
            )?;
            tx.execute(
                &format!(
                    "INSERT INTO twoway_told_local (local, is_gone, title)
                     SELECT local, 1, title FROM twoway_pair WHERE {condition}"
                ),
                [],
            )?;
        }
        // A folder that is gone took with it what was not told to be elsewhere.
        tx.execute(
            "INSERT OR IGNORE INTO twoway_told_local (local, is_gone, title)
             SELECT p.local, 1, p.title FROM twoway_pair p JOIN twoway_folder f ON f.id = p.folder
             WHERE f.local IS NULL AND NOT EXISTS (SELECT 1 FROM temp.heard h WHERE h.key = p.local AND h.what <> 2)",
            [],
        )?;
        if all {
            tx.execute("UPDATE twoway_meta SET local_known = 1", [])?;
        }
        Ok(())
    })
}
