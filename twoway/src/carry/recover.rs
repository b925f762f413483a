//! What a run that was broken off has left in the journal.
//!
//! A row stays until it is known what became of it. A question that fails is no answer: then the row stays, and nothing is
//! decided about its item in this run (`State::undecided_pairs`, `LOCAL_IS_NEW`, `Fate::Unknown`).

use super::{Result, Work};
use crate::item::{Fingerprint, LocalKey};
use crate::local::LocalEntry;
use crate::outcome::{Answer, Failure, Settle};
use crate::remote::{Part, Placed, RemoteEntry};
use crate::report::Warning;
use crate::state::{self, Intent, JournalRow, NewPair, Pair, ToldRemote};

impl Work<'_> {
    /// Finds out what became of everything that was under way, before either side is listed.
    pub(crate) fn recover(&mut self) -> Result<()> {
        self.recover_made()?;
        self.recover_updated()?;
        self.forget_moves()?;
        self.recover_puts()?;
        self.clear_superseded()
    }

    fn clear_superseded(&mut self) -> Result<()> {
        if let Err(failure) = self.delete_superseded().settle()? {
            self.warn(Warning::new("", "", failure.to_string()));
        }
        Ok(())
    }

    /// Items that may have been changed here. What we have done ourselves is no change to be told, and no log tells it.
    fn recover_updated(&mut self) -> Result<()> {
        for row in self.state.journal(Intent::Update)? {
            self.check()?;
            let pair = match row.replaces {
                Some(id) => self.state.pair(id)?,
                None => None,
            };
            let entry = match self.local.find(&row.facts.pair).settle()? {
                Ok(entry) => entry,
                // It is asked again in the next run.
                Err(_) => continue,
            };
            let is_as_updated = match &entry {
                Some(entry) => self.is_as_updated(&row, entry).settle()?,
                None => Ok(false),
            };
            let Ok(is_as_updated) = is_as_updated else {
                continue;
            };
            if let (Some(mut pair), Some(entry)) = (pair, entry.filter(|_| is_as_updated)) {
                pair.facts.flags = row.facts.flags;
                pair.facts.folder = row.facts.folder;
                pair.facts.version = row.facts.version;
                pair.facts.print = row.facts.print;
                pair.facts.header_only = row.facts.header_only;
                pair.facts.local = entry.key;
                pair.facts.revision = entry.revision;
                self.state.write(|tx| state::update_pair(tx, &pair))?;
            }
            self.state.write(|tx| state::remove_journal(tx, row.id))?;
        }
        Ok(())
    }

    /// Whether an item is here as it was to become.
    fn is_as_updated(&mut self, row: &JournalRow, entry: &LocalEntry) -> Answer<bool> {
        let is_there = self.tree.local_key(row.facts.folder) == Some(&entry.folder);
        if !is_there || entry.flags != row.removed {
            return Ok(false);
        }
        if entry.revision == row.facts.revision && row.marker.is_none() {
            return Ok(true);
        }
        let content = self.local.read(&entry.key)?;
        Ok(row.facts.print == Some(Fingerprint::of(&content)))
    }

    /// Items that may have been made here (C6, C7).
    fn recover_made(&mut self) -> Result<()> {
        for row in self.state.journal(Intent::Make)? {
            self.check()?;
            let found = match self.local.find(&row.facts.pair).settle()? {
                Ok(found) => found,
                // As long as it can't be found out, it is not made again.
                Err(_) => continue,
            };
            let mut facts = row.facts;
            let is_free = self.state.pair_of_item(facts.feed, &facts.item)?.is_none();
            if let Some(entry) = found.filter(|_| is_free) {
                // Somebody may have edited it since: then its content is not what was made.
                let content = self.local.read(&entry.key).settle()?;
                let is_as_made = content.is_ok_and(|content| {
                    facts
                        .print
                        .is_none_or(|print| print == Fingerprint::of(&content))
                });
                if is_as_made {
                    facts.revision = entry.revision;
                }
                facts.local = entry.key;
                self.state.write(|tx| {
                    state::insert_pair(tx, &facts)?;
                    state::forget_local(tx, &facts.local)?;
                    state::remove_journal(tx, row.id)
                })?;
                self.report.downloaded += 1;
            } else {
                self.state.write(|tx| {
                    state::forget_gone(tx, facts.feed, &facts.item)?;
                    state::remove_journal(tx, row.id)
                })?;
            }
        }
        Ok(())
    }

    /// Items that may be at the server (C1 to C4): they are searched for by their tokens (TWOWAY-04).
    fn recover_puts(&mut self) -> Result<()> {
        // Where the server can't search, what it lists is compared later.
        if !self.abilities.find {
            return Ok(());
        }
        for row in self.state.journal(Intent::Put)? {
            self.check()?;
            let Some(folder) = self.tree.remote_key(row.facts.folder).cloned() else {
                self.state.write(|tx| state::remove_journal(tx, row.id))?;
                continue;
            };
            let found = self
                .session
                .find(&folder, &row.facts.pair, row.marker.as_deref())
                .settle()?;
            let folded = match found {
                Ok(entries) => {
                    if entries.len() > 1 {
                        let path = self.tree.path(row.facts.folder);
                        let text = "the server has it more than once";
                        self.warn(Warning::new(&path, &row.facts.title, text));
                    }
                    self.fold_put(&row, entries.into_iter().next()).settle()?
                }
                Err(failure) => Err(failure),
            };
            if let Err(failure) = folded {
                let path = self.tree.path(row.facts.folder);
                let text = format!("whether it arrived can't be found out: {failure}");
                self.warn(Warning::new(&path, &row.facts.title, text));
                self.unsure.insert(row.id);
            }
        }
        Ok(())
    }

    fn fold_put(&mut self, row: &JournalRow, entry: Option<RemoteEntry>) -> Answer<()> {
        // It did not arrive, or somebody has moved it since: what is new in other folders is compared first.
        let Some(entry) = entry else { return Ok(()) };
        let is_paired = self.is_put_kept(row, &entry.key)?;
        if is_paired {
            self.state.write(|tx| state::remove_journal(tx, row.id))?;
            return Ok(());
        }
        let placed = self.as_sent(row, entry)?;
        self.keep_found_put(row, placed)
    }

    /// Where an item that was found is. Somebody may have edited it since: its version is that of what was sent only if
    /// the content is.
    pub(super) fn as_sent(&mut self, row: &JournalRow, entry: RemoteEntry) -> Answer<Placed> {
        let mut version = None;
        if entry.version.is_some() {
            let item = self.item_ref(row.facts.feed, &entry.key, entry.version.as_ref())?;
            match self.session.fetch(&item, Part::Whole).settle()? {
                Ok(content) if Some(Fingerprint::of(&content)) == row.facts.print => {
                    version = entry.version;
                }
                Ok(_) => {}
                Err(failure) if failure.kind == Failure::Gone => {}
                Err(failure) => return Err(failure.into()),
            }
        }
        Ok(Placed {
            key: Some(entry.key),
            version,
        })
    }

    /// Folds a put that was found into the common state. What was sent may be deleted here since, of which a log says
    /// nothing: nobody knew that the server has it.
    pub(super) fn keep_found_put(&mut self, row: &JournalRow, placed: Placed) -> Answer<()> {
        let is_gone = self.replaced(row)?.is_none() && !self.is_here(&row.facts.local)?;
        self.keep_put(row, placed, is_gone)?;
        Ok(())
    }

    /// Whether a local item is there. No answer counts as a failure.
    pub(crate) fn is_here(&mut self, key: &LocalKey) -> Answer<bool> {
        match self.local.read(key).settle()? {
            Ok(_) => Ok(true),
            Err(failure) if failure.kind == Failure::Gone => Ok(false),
            Err(failure) => Err(failure.into()),
        }
    }

    /// Whether the item, or what it was made of, is in the common state already.
    fn is_put_kept(&self, row: &JournalRow, key: &crate::item::ItemKey) -> Result<bool> {
        let facts = &row.facts;
        let has_item = self.state.pair_of_item(facts.feed, key)?.is_some();
        Ok(has_item || self.is_local_paired(row)?)
    }

    /// Whether what was sent is in the common state already.
    pub(super) fn is_local_paired(&self, row: &JournalRow) -> Result<bool> {
        let has_pair = self.state.pair_of_local(&row.facts.local)?.is_some();
        Ok(has_pair && self.replaced(row)?.is_none())
    }

    /// The pair that a put takes the place of, if it is one still.
    pub(super) fn replaced(&self, row: &JournalRow) -> Result<Option<Pair>> {
        Ok(match row.replaces {
            Some(id) => self.state.pair(id)?,
            None => None,
        })
    }

    /// What could not be found by asking is searched for among what the server has listed, by content: puts and moves of
    /// servers that don't say what they have made.
    pub(crate) fn recover_by_content(&mut self) -> Result<()> {
        for row in self.state.journal(Intent::Move)? {
            let Some(pair) = self.moved_pair(&row)? else {
                continue;
            };
            let found = self.same_content(&row.facts).settle()?;
            if found.is_err() {
                self.unsure.insert(row.id);
            }
            if let Ok(Some(copy)) = found {
                let mut new = pair.clone();
                new.facts.feed = copy.0;
                new.facts.item = copy.1;
                new.facts.folder = row.facts.folder;
                new.facts.version = copy.2;
                self.state.write(|tx| {
                    state::supersede(tx, &pair)?;
                    state::update_pair(tx, &new)
                })?;
            }
        }
        self.recover_replaced()?;
        self.clear_superseded()
    }

    /// Contents that were replaced in place without an answer: what is our own is no edit of theirs.
    fn recover_replaced(&mut self) -> Result<()> {
        for row in self.state.journal(Intent::Replace)? {
            self.check()?;
            let pair = match row.replaces {
                Some(id) => self.state.pair(id)?,
                None => None,
            };
            let Some(mut pair) = pair else {
                self.state.write(|tx| state::remove_journal(tx, row.id))?;
                continue;
            };
            let told = self.state.told_remote(pair.facts.feed, &pair.facts.item)?;
            let is_gone = told.as_ref().is_some_and(|told| told.is_gone);
            if !is_gone && !self.heard.contains(pair.facts.feed) {
                continue;
            }
            let told = told.filter(|told| !told.is_gone && told.version != pair.facts.version);
            let print = match &told {
                // It did not arrive.
                None => None,
                Some(told) => match self.print_there(told).settle()? {
                    Ok(print) => Some(print),
                    Err(failure) if failure.kind == Failure::Gone => None,
                    Err(_) => continue,
                },
            };
            if let Some(told) = told.filter(|_| print == row.facts.print) {
                pair.facts.version = told.version;
                pair.facts.revision = row.facts.revision;
                pair.facts.print = row.facts.print;
            }
            self.state.write(|tx| {
                state::remove_journal(tx, row.id)?;
                state::update_pair(tx, &pair)
            })?;
        }
        Ok(())
    }

    /// What was moved to a folder that is gone at the server is gone with it.
    fn forget_moves(&mut self) -> Result<()> {
        for row in self.state.journal(Intent::Move)? {
            if self.tree.remote_key(row.facts.folder).is_none() {
                self.state.write(|tx| state::remove_journal(tx, row.id))?;
            }
        }
        Ok(())
    }

    pub(super) fn print_there(&mut self, told: &ToldRemote) -> Answer<Fingerprint> {
        let item = self.item_ref(told.feed, &told.item, told.version.as_ref())?;
        let content = self.session.fetch(&item, Part::Whole)?;
        Ok(Fingerprint::of(&content))
    }

    fn moved_pair(&self, row: &JournalRow) -> Result<Option<Pair>> {
        let pair = self.replaced(row)?;
        Ok(pair.filter(|_| self.abilities.per_folder))
    }

    /// The new item at the server that has this content: in its folder, or where somebody has moved it since.
    fn same_content(
        &mut self,
        facts: &NewPair,
    ) -> Answer<
        Option<(
            state::FolderId,
            crate::item::ItemKey,
            Option<crate::item::Version>,
        )>,
    > {
        let mut new = self.state.new_remotes()?;
        // Where both sides say which items are the same, another one is not.
        new.retain(|told| {
            told.identity.is_none() || facts.identity.is_none() || told.identity == facts.identity
        });
        new.sort_by_key(|told| !told.folders.contains(&facts.folder));
        for told in new {
            self.check()?;
            if told.identity.is_some() && told.identity == facts.identity {
                return Ok(Some((told.feed, told.item, told.version)));
            }
            let print = match self.print_there(&told).settle()? {
                Ok(print) => print,
                Err(failure) if failure.kind == Failure::Gone => continue,
                Err(failure) => return Err(failure.into()),
            };
            if Some(print) == facts.print {
                return Ok(Some((told.feed, told.item, told.version)));
            }
        }
        Ok(None)
    }
}
