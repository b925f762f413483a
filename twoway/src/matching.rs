//! Finds items again: under new keys, in another folder, on the other side.
//!
//! All of this is in the state alone. Nothing is sent and nothing is fetched.

use std::collections::BTreeSet;

use rusqlite::{Connection, params};

use crate::heard::Heard;
use crate::item::{ItemKey, LocalKey, PairId, Version};
use crate::state::{
    self, FolderId, Intent, NewPair, Pair, State, StateError, ToldLocal, ToldRemote,
};

type Result<T> = std::result::Result<T, StateError>;

/// All keys of a feed are new (TWOWAY-05). A pair whose identity one new item has, and no other, gets its new key.
/// Every other one is no pair any more: its local item is as new, and nothing is taken as gone. The table `heard` has
/// what is there now.
pub(crate) fn rename_keys(tx: &Connection, feed: FolderId) -> Result<()> {
    tx.execute("DELETE FROM twoway_told_remote WHERE feed = ?1", [feed])?;
    state::forget_feed(tx, feed)?;
    // Old keys and new ones overlap.
    tx.execute(
        "UPDATE twoway_pair SET item = char(1) || id WHERE feed = ?1",
        [feed],
    )?;
    tx.execute(
        "UPDATE twoway_pair AS p SET item = h.key, version = h.version FROM temp.heard h
         WHERE p.feed = ?1 AND h.what = 1 AND h.identity = p.identity
         AND (SELECT count(*) FROM temp.heard o WHERE o.identity = p.identity) = 1
         AND (SELECT count(*) FROM twoway_pair o WHERE o.feed = ?1 AND o.identity = p.identity) = 1",
        [feed],
    )?;
    // TWOWAY-05: what is not found again is not gone.
    for pair in state::pairs_with_no_key(tx, feed)? {
        state::keep_local(tx, &pair)?;
        state::remove_pair(tx, pair.id)?;
    }
    // What was gone here was gone from pairs that are none now.
    tx.execute(
        "DELETE FROM twoway_told_local WHERE is_gone = 1
         AND NOT EXISTS (SELECT 1 FROM twoway_pair p WHERE p.local = twoway_told_local.local)",
        [],
    )?;
    Ok(())
}

/// Local items that have another key since they were moved are known by the names of their pairs.
pub(crate) fn follow_local_keys(tx: &Connection, is_complete: bool) -> Result<()> {
    let mut statement = tx.prepare(
        "SELECT p.id, min(h.key) FROM temp.heard h JOIN twoway_pair p ON p.pair = h.pair
         WHERE h.what = 1 AND h.key <> p.local
         AND NOT EXISTS (SELECT 1 FROM twoway_pair q WHERE q.local = h.key)
         AND (EXISTS (SELECT 1 FROM temp.heard g WHERE g.key = p.local AND g.what = 2)
              OR ?1 AND NOT EXISTS (SELECT 1 FROM temp.heard g WHERE g.key = p.local))
         GROUP BY p.id",
    )?;
    let moved: Vec<(i64, String)> = statement
        .query_map([is_complete], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (id, key) in moved {
        tx.execute(
            "UPDATE twoway_pair SET local = ?2 WHERE id = ?1",
            params![id, key],
        )?;
    }
    Ok(())
}

/// Finds what belongs together among what both sides have told. Answers how many new pairs there are.
///
/// `last_row`: what was journalled later was sent after the server was listed, and can't be seen yet. `heard`: the feeds
/// that were listed. `unsure`: rows of the journal of which it could not be found out what became of them.
pub(crate) fn match_up(
    state: &mut State,
    per_folder: bool,
    last_row: i64,
    heard: &Heard,
    unsure: &BTreeSet<i64>,
) -> Result<u64> {
    fold_marks(state, heard)?;
    if per_folder {
        follow_moves(state, last_row, heard, unsure)?;
    } else if heard.contains(0) {
        fold_moves(state, last_row)?;
    }
    adopt_by_identity(state)
}

/// Marks whose answer was lost: if the server has them, both sides have had them. Only a listing tells.
fn fold_marks(state: &mut State, heard: &Heard) -> Result<()> {
    for row in state.journal(Intent::Mark)? {
        let pair = match row.replaces {
            Some(id) => state.pair(id)?,
            None => None,
        };
        let told = match &pair {
            Some(pair) => state.told_remote(pair.facts.feed, &pair.facts.item)?,
            None => None,
        };
        let is_told = pair.as_ref().is_none_or(|pair| {
            told.as_ref().is_some_and(|told| told.is_gone) || heard.contains(pair.facts.feed)
        });
        if !is_told {
            continue;
        }
        state.write(|tx| {
            if let (Some(mut pair), Some(told)) = (pair, told)
                && !told.is_gone
            {
                let is_there = row.facts.flags.without(&told.flags).is_empty();
                let is_away = row.removed.iter().all(|flag| !told.flags.contains(flag));
                if is_there && is_away {
                    pair.facts.flags =
                        crate::merge::apply(&pair.facts.flags, &row.facts.flags, &row.removed);
                    state::update_pair(tx, &pair)?;
                }
            }
            state::remove_journal(tx, row.id)
        })?;
    }
    Ok(())
}

/// Moves of ours without an answer at a server whose items keep their keys: if an item is where it was to go, both sides
/// have moved it.
fn fold_moves(state: &mut State, last_row: i64) -> Result<()> {
    for row in state.journal(Intent::Move)? {
        if row.id > last_row {
            continue;
        }
        let pair = match row.replaces {
            Some(id) => state.pair(id)?,
            None => None,
        };
        let told = match &pair {
            Some(pair) => state.told_remote(pair.facts.feed, &pair.facts.item)?,
            None => None,
        };
        state.write(|tx| {
            if let (Some(mut pair), Some(told)) = (pair, told)
                && told.folders.contains(&row.facts.folder)
                && !told.folders.contains(&pair.facts.folder)
            {
                pair.facts.folder = row.facts.folder;
                state::update_pair(tx, &pair)?;
            }
            state::remove_journal(tx, row.id)
        })?;
    }
    Ok(())
}

/// Items that somebody has moved at the server, where that gives them new keys (TWOWAY-13, TWOWAY-14).
fn follow_moves(
    state: &mut State,
    last_row: i64,
    heard: &Heard,
    unsure: &BTreeSet<i64>,
) -> Result<()> {
    // A move of ours, where the source may be there still: a copy was made, and not more.
    for row in state.journal(Intent::Move)? {
        let is_unknown = !heard.contains(row.facts.folder) || unsure.contains(&row.id);
        if row.id > last_row || is_unknown {
            continue;
        }
        let pair = match row.replaces {
            Some(id) => state.pair(id)?,
            None => None,
        };
        let copy = match &row.facts.identity {
            Some(identity) => only_copy(state, row.facts.folder, identity)?,
            None => None,
        };
        state.write(|tx| {
            if let (Some(mut pair), Some(copy)) = (pair, copy) {
                state::supersede(tx, &pair)?;
                pair.facts.feed = copy.feed;
                pair.facts.item = copy.item.clone();
                pair.facts.folder = row.facts.folder;
                pair.facts.version.clone_from(&copy.version);
                state::update_pair(tx, &pair)?;
            }
            state::remove_journal(tx, row.id)
        })?;
    }
    for (id, feed, item) in state.moved_by_identity()? {
        let Some(pair) = state.pair(id)? else {
            continue;
        };
        let version = pair.facts.version.clone();
        follow(state, pair, feed, item, version)?;
    }
    Ok(())
}

/// The item of a pair is in another folder now.
pub(crate) fn follow(
    state: &mut State,
    mut pair: Pair,
    feed: FolderId,
    item: ItemKey,
    version: Option<Version>,
) -> Result<()> {
    // If we have moved it there, both sides have. Otherwise `folder` stays: it says where the item lies here, and that it
    // does so no more at the server.
    let ours = state.intent_of_pair(Intent::Move, pair.id)?;
    let ours = ours.filter(|row| row.facts.folder == feed);
    state.write(|tx| {
        state::forget_remote(tx, pair.facts.feed, &pair.facts.item)?;
        if let Some(row) = ours {
            pair.facts.folder = feed;
            state::remove_journal(tx, row.id)?;
        }
        pair.facts.feed = feed;
        pair.facts.item = item;
        pair.facts.version = version;
        state::update_pair(tx, &pair)
    })
}

/// The new item of this identity in a folder, if there is exactly one.
fn only_copy(state: &State, folder: FolderId, identity: &str) -> Result<Option<ToldRemote>> {
    let mut copies = state.new_remotes_in(folder)?;
    copies.retain(|told| told.identity.as_deref() == Some(identity));
    Ok(copies.pop().filter(|_| copies.is_empty()))
}

/// Items that are new on both sides, in the same folder and with the same identity (TWOWAY-06).
fn adopt_by_identity(state: &mut State) -> Result<u64> {
    let same = state.same_identities()?;
    let mut count = 0;
    for (remote, local) in same {
        if is_taken(state, &remote.feed, &remote.item, &local.key)? {
            continue;
        }
        let pair = adopted(state.new_pair_id()?, &remote, &local, local.folder);
        state.write(|tx| state::insert_pair(tx, &pair))?;
        count += 1;
    }
    Ok(count)
}

fn is_taken(state: &State, feed: &FolderId, item: &ItemKey, local: &LocalKey) -> Result<bool> {
    Ok(state.pair_of_item(*feed, item)?.is_some() || state.pair_of_local(local)?.is_some())
}

/// A pair of two items that were there already. What both have of flags was common; what only one has was added.
pub(crate) fn adopted(
    pair: PairId,
    remote: &ToldRemote,
    local: &ToldLocal,
    folder: FolderId,
) -> NewPair {
    let only_there = remote.flags.without(&local.flags);
    NewPair {
        pair,
        feed: remote.feed,
        item: remote.item.clone(),
        folder,
        local: local.key.clone(),
        version: remote.version.clone(),
        revision: Version::new(local.revision.as_str()),
        flags: remote.flags.without(&only_there),
        date: remote.date,
        identity: remote.identity.clone(),
        title: remote.title.clone(),
        print: local.print,
        header_only: false,
    }
}
