//! New items go to the server.

use super::fate::{Fate, unknown_fate};
use super::{Result, Work};
use crate::heard::Sight;
use crate::item::{Fingerprint, Flags, FolderKey};
use crate::local::LocalEntry;
use crate::merge;
use crate::outcome::{Answer, Failure, ItemFailure, Settle};
use crate::plan::{Planned, Which};
use crate::remote::{Placed, Upload};
use crate::report::{Point, Warning};
use crate::state::{self, FolderId, Intent, JournalRow, NewPair, Pair, Subject, ToldLocal};

/// An item that is journalled and about to be sent.
struct Ready<'p> {
    planned: &'p Planned,
    row: JournalRow,
    content: Vec<u8>,
    entry: LocalEntry,
}

impl Work<'_> {
    /// Sends the first of some items, as many as fit into a batch. Answers how many.
    pub(super) fn uploads(&mut self, items: &[Planned]) -> Result<usize> {
        let mut ready: Vec<Ready<'_>> = Vec::new();
        let mut held = 0;
        let mut count = 0;
        for planned in items {
            if count >= self.options.batch.max(1) || held >= self.options.batch_bytes {
                break;
            }
            self.check()?;
            count += 1;
            if self.is_full {
                continue;
            }
            let Which::Local(key) = &planned.which else {
                continue;
            };
            let told = self.state.told_local(key)?;
            let Some(told) = told.filter(|told| !told.is_gone) else {
                continue;
            };
            match self.make_ready(planned, &told).settle()? {
                Ok(Some(one)) => {
                    held += one.content.len();
                    ready.push(one);
                }
                Ok(None) => {}
                Err(failure) if failure.kind == Failure::Gone => {
                    self.state.write(|tx| state::forget_local(tx, key))?;
                }
                Err(failure) => self.failed(planned, &told.title, &failure)?,
            }
        }
        // TWOWAY-03, TWOWAY-04: all tokens are on the disk before the first item is sent.
        self.state.write(|tx| {
            for one in &mut ready {
                one.row.id = state::insert_journal(
                    tx,
                    Intent::Put,
                    &one.row.facts,
                    &Flags::new(),
                    one.row.marker.as_deref(),
                    None,
                )?;
            }
            Ok(())
        })?;
        self.at(Point::Journalled)?;
        for one in ready {
            self.check()?;
            self.send(one)?;
        }
        Ok(count)
    }

    fn make_ready<'p>(
        &mut self,
        planned: &'p Planned,
        told: &ToldLocal,
    ) -> Answer<Option<Ready<'p>>> {
        if self.state.pair_of_local(&told.key)?.is_some() {
            return Ok(None);
        }
        let unanswered = self.state.unanswered_put(&told.key)?;
        if unanswered
            .as_ref()
            .is_some_and(|row| row.id > self.last_row)
        {
            // It was sent just now, and is found when the server is listed next.
            return Ok(None);
        }
        if let Some(row) = unanswered {
            match self.before_sending_again(&row)? {
                Fate::Arrived | Fate::NextRound => return Ok(None),
                Fate::Unknown => return Err(unknown_fate().into()),
                Fate::Lost => {}
            }
        }
        match self.is_not_there(told)? {
            Sight::Clear => {}
            Sight::NextRound => return Ok(None),
            // Once only, so that nothing waits for an item that can never be read.
            Sight::Blocked => {
                let subject = planned.which.subject();
                if !self.state.has_failed_so(&subject, &planned.stamp)? {
                    let text = "the server may have it where nobody can look now";
                    return Err(ItemFailure::new(Failure::Stale, text).into());
                }
            }
        }
        let Some(folder) = self.tree.remote_key(told.folder).cloned() else {
            let text = "its folder could not be made at the server";
            return Err(ItemFailure::new(Failure::Failed, text).into());
        };
        let content = self.local.read(&told.key)?;
        let print = Fingerprint::of(&content);
        match self.state.is_gone_there_too(&print)? {
            None => {}
            // It was not forgotten before: it waits, and this may be it, moved here.
            Some(true) => {
                let text = "the same may have been moved on both sides";
                return Err(ItemFailure::new(Failure::Stale, text).into());
            }
            // It comes back in the next round, if it is not this one.
            Some(false) if self.options.scope.download => return Ok(None),
            Some(false) => {}
        }
        if !self.is_no_other_one_sent(planned, told, &print)? {
            return Ok(None);
        }
        let marker = self.session.marker(&folder)?;
        // TWOWAY-20
        let flags = self.kept_flags.kept(told.folder, &told.flags);
        if flags != told.flags {
            let path = self.tree.path(told.folder);
            let text = "some flags stay here: the server keeps no such flags in this folder";
            self.warn(Warning::new(&path, &told.title, text));
        }
        let facts = NewPair {
            pair: self.state.new_pair_id()?,
            feed: self.feed_of(told.folder),
            item: crate::item::ItemKey::new(""),
            folder: told.folder,
            local: told.key.clone(),
            version: None,
            revision: told.revision.clone(),
            flags,
            date: told.date,
            identity: told.identity.clone(),
            title: told.title.clone(),
            print: Some(print),
            header_only: false,
        };
        let entry = self.local_entry(&facts, Some(told))?;
        Ok(Some(Ready {
            planned,
            row: JournalRow {
                id: 0,
                facts,
                removed: Flags::new(),
                marker,
                replaces: None,
            },
            content,
            entry,
        }))
    }

    /// Whether this is none that was sent before, without an answer, and that has another key here since it was moved: that
    /// one is looked for first (TWOWAY-04).
    fn is_no_other_one_sent(
        &mut self,
        planned: &Planned,
        told: &ToldLocal,
        print: &Fingerprint,
    ) -> Answer<bool> {
        for row in self.state.other_puts(&told.key, print)? {
            if self.is_here(&row.facts.local)? {
                continue;
            }
            if row.id > self.last_row {
                return Ok(false);
            }
            match self.fate(&row)? {
                Fate::Lost => {}
                Fate::Arrived | Fate::NextRound => return Ok(false),
                // Once only, so that nothing waits for a folder that can never be listed.
                Fate::Unknown => {
                    let subject = planned.which.subject();
                    if !self.state.has_failed_so(&subject, &planned.stamp)? {
                        let text = "it may have been sent before it was moved";
                        return Err(ItemFailure::new(Failure::Stale, text).into());
                    }
                }
            }
        }
        Ok(true)
    }

    /// Whether a new item would have been seen if the server had it too (TWOWAY-06). What was on both sides until its key
    /// became another one may be anywhere there (TWOWAY-05).
    fn is_not_there(&mut self, told: &ToldLocal) -> Result<Sight> {
        let feed = self.feed_of(told.folder);
        if !self.heard.contains(feed) {
            return Ok(if self.abilities.per_folder {
                self.heard.feed_since(feed, 0)
            } else {
                Sight::Blocked
            });
        }
        if self.state.has_unseen_twin(&told.key)? {
            return Ok(Sight::Blocked);
        }
        if !self.abilities.per_folder || !self.state.has_lost_key(&told.key)? {
            return Ok(Sight::Clear);
        }
        let mut places = self.tree.places();
        places.retain(|place| *place != told.folder);
        let since = self.heard.at(feed).unwrap_or(0);
        Ok(self.heard.all_since(places, since))
    }

    fn send(&mut self, one: Ready<'_>) -> Result<()> {
        if self.is_full {
            self.state
                .write(|tx| state::remove_journal(tx, one.row.id))?;
            return Ok(());
        }
        let facts = &one.row.facts;
        match self.put(&one.row, &one.content).settle()? {
            Ok(Some(placed)) => {
                let pair = self.keep_put(&one.row, placed, false)?;
                self.report.uploaded += 1;
                self.at(Point::Kept)?;
                self.acknowledge_sent(one.entry, &pair)?;
                self.succeeded(one.planned, Some(&pair))
            }
            Ok(None) => {
                self.report.uploaded += 1;
                Ok(())
            }
            Err(failure) => {
                self.state
                    .write(|tx| state::remove_journal(tx, one.row.id))?;
                if failure.kind == Failure::Full {
                    self.is_full = true;
                    let path = self.tree.path(facts.folder);
                    let text = "the server has no room: nothing more is sent in this run";
                    self.warn(Warning::new(&path, "", text));
                }
                self.failed(one.planned, &facts.title, &failure)
            }
        }
    }

    /// The local side need not tell again what the server has now.
    fn acknowledge_sent(&mut self, entry: LocalEntry, pair: &NewPair) -> Result<()> {
        // TWOWAY-20: flags that stay here are no more in common. What nobody tells would be taken as being so.
        if entry.flags != pair.flags {
            return Ok(());
        }
        let done = self.local.acknowledge(&entry, &pair.pair).settle()?;
        if done.is_ok() {
            self.acknowledged.push(entry.key);
        }
        Ok(())
    }

    /// Puts what is journalled. Where it is now; none: it is there, and what it is called is seen later.
    pub(super) fn put(&mut self, row: &JournalRow, content: &[u8]) -> Answer<Option<Placed>> {
        let facts = &row.facts;
        let folder = self.remote_folder(facts.folder)?;
        let placed = self.session.put(&Upload {
            folder: &folder,
            token: &facts.pair,
            flags: &facts.flags,
            date: facts.date,
            content,
        })?;
        self.at(Point::Answered)?;
        let placed = self.without_taken_key(placed, facts.feed, None)?;
        if placed.key.is_some() {
            return Ok(Some(placed));
        }
        if !self.abilities.find {
            return Ok(None);
        }
        // It is there, whatever the search says: a failure is none of the item's.
        let found = self
            .session
            .find(&folder, &facts.pair, row.marker.as_deref())
            .settle()?;
        let first = found.ok().and_then(|entries| entries.into_iter().next());
        Ok(match first {
            Some(entry) => self.as_sent(row, entry).settle()?.ok(),
            None => None,
        })
    }

    fn remote_folder(&self, folder: FolderId) -> std::result::Result<FolderKey, ItemFailure> {
        let key = self.tree.remote_key(folder).cloned();
        key.ok_or_else(|| ItemFailure::new(Failure::Failed, "its folder is not at the server"))
    }

    /// Folds a put that is known to be there into the common state. `is_gone`: what was sent is not here any more.
    pub(super) fn keep_put(
        &mut self,
        row: &JournalRow,
        placed: Placed,
        is_gone: bool,
    ) -> Result<NewPair> {
        let mut facts = row.facts.clone();
        if let Some(key) = placed.key {
            facts.item = key;
        }
        facts.version = placed.version;
        let replaced = self.replaced(row)?;
        if let Some(old) = &replaced {
            let here = self.state.told_local(&old.facts.local)?;
            // Where it is gone here since, where it was sent to is no move of theirs (TWOWAY-09).
            if here.as_ref().is_none_or(|told| !told.is_gone) {
                let (flags, folder) = here.map_or_else(
                    || (old.facts.flags.clone(), old.facts.folder),
                    |told| (told.flags, told.folder),
                );
                // What was sent has what the server had of flags and folders too: that is not here yet.
                facts.flags = merge::common(&old.facts.flags, &row.facts.flags, &flags);
                if facts.folder != folder {
                    facts.folder = old.facts.folder;
                }
            }
        }
        self.at(Point::Folding)?;
        self.state.write(|tx| {
            state::remove_journal(tx, row.id)?;
            match &replaced {
                // The old item is to go, now that the new one is there.
                Some(old) => {
                    state::supersede(tx, old)?;
                    facts.pair.clone_from(&old.facts.pair);
                    facts.local.clone_from(&old.facts.local);
                    let new = Pair {
                        id: old.id,
                        facts: facts.clone(),
                    };
                    state::update_pair(tx, &new)
                }
                // What was told here stays until the local side knows that it need not tell it again.
                None => state::insert_pair(tx, &facts),
            }?;
            if is_gone {
                state::write_gone_local(tx, &facts.local)?;
            }
            Ok(())
        })?;
        self.state.succeeded(&Subject::sent(&row.facts.local))?;
        Ok(facts)
    }
}
