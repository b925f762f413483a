//! Items that are different on one side or both.

mod here;
mod item;
mod there;

use super::{Result, Work};
use item::{Item, local_of, remote_of};

use crate::item::{Fingerprint, Flags};
use crate::local::LocalEntry;
use crate::merge;
use crate::options::Edits;
use crate::outcome::{Answer, ItemFailure};
use crate::plan::{self, Change, Content};
use crate::remote::{Editing, ItemRef, Part};
use crate::report::Point;
use crate::state::{self, Intent, NewPair, Pair};

/// What is to be done about the content, once it was looked at.
enum Verdict {
    /// Nothing: neither side has really edited it.
    Same,
    /// The server's content comes here.
    Take(Vec<u8>),
    /// The content here goes to the server.
    Send(Vec<u8>),
    /// Both edits are kept.
    Split,
}

impl Work<'_> {
    pub(super) fn change(&mut self, pair: &Pair, change: &Change) -> Answer<()> {
        let moved = self.state.intent_of_pair(Intent::Move, pair.id)?;
        if moved.is_some_and(|row| row.id > self.last_row) {
            // It was moved just now, and what it is called is seen when the server is listed next.
            return Ok(());
        }
        let mut item = self.load(pair)?;
        match self.judge(&mut item, change.content)? {
            Verdict::Split => return self.keep_both(&item),
            Verdict::Same => {
                item.settle(change.content);
                if !self.change_there(&mut item, change)? {
                    return Ok(());
                }
                self.change_here(&mut item, change, None)?;
            }
            Verdict::Take(content) => {
                // The server's version counts once its content is here.
                if !self.change_there(&mut item, change)? {
                    return Ok(());
                }
                item.settle(change.content);
                item.pair.facts.print = Some(Fingerprint::of(&content));
                item.pair.facts.header_only = false;
                self.change_here(&mut item, change, Some(content))?;
            }
            Verdict::Send(content) => {
                if self.abilities.editing == Editing::ByNewItem {
                    if !self.send_anew(&mut item, change, &content)? {
                        return Ok(());
                    }
                } else {
                    if !self.change_there(&mut item, change)? {
                        return Ok(());
                    }
                    self.replace(&mut item, &content)?;
                }
                item.settle(change.content);
                self.change_here(&mut item, change, None)?;
            }
        }
        self.keep(item)
    }

    fn load(&self, pair: &Pair) -> Answer<Item> {
        let facts = &pair.facts;
        let told_remote = self.state.told_remote(facts.feed, &facts.item)?;
        let told_remote = told_remote.map(|told| plan::in_scope(told, &self.tree));
        let told_local = self.state.told_local(&facts.local)?;
        let before = self.local_entry(facts, told_local.as_ref())?;
        Ok(Item {
            was_told_here: told_local.is_some(),
            is_settled_there: told_remote
                .as_ref()
                .is_none_or(|told| told.version == facts.version),
            is_settled_here: told_local
                .as_ref()
                .is_none_or(|told| told.revision == facts.revision),
            remote: told_remote.unwrap_or_else(|| remote_of(facts)),
            local: told_local.unwrap_or_else(|| local_of(facts)),
            pair: pair.clone(),
            before,
            updating: None,
        })
    }

    fn reference(&self, item: &Item) -> std::result::Result<ItemRef, ItemFailure> {
        let facts = &item.pair.facts;
        self.item_ref(facts.feed, &facts.item, item.remote.version.as_ref())
    }

    /// Looks at the contents that may have changed.
    fn judge(&mut self, item: &mut Item, content: Content) -> Answer<Verdict> {
        let facts = &item.pair.facts;
        // TWOWAY-02: of a pair that was made by identity the content was never seen, and what is saved again is not edited.
        let is_compared = facts.print.is_some() || facts.header_only;
        let there = match content {
            Content::Same => None,
            Content::Local if is_compared => None,
            _ => Some(self.session.fetch(&self.reference(item)?, Part::Whole)?),
        };
        let here = match content {
            Content::Local | Content::Both => Some(self.local.read(&facts.local)?),
            _ => None,
        };
        let common = facts.print.filter(|_| !facts.header_only);
        let sent = self.state.intent_of_pair(Intent::Replace, item.pair.id)?;
        let sent = sent.and_then(|row| row.facts.print);
        let print = |content: &Option<Vec<u8>>| content.as_deref().map(Fingerprint::of);
        let (print_there, print_here) = (print(&there), print(&here));
        // What we have sent ourselves is no edit of theirs.
        let is_ours = print_there.is_some() && print_there == sent;
        let is_same_there =
            content == Content::Local || print_there.is_none() || print_there == common || is_ours;
        let is_same_here = print_here.is_none() || print_here == common;
        if !is_compared && print_there == print_here {
            item.pair.facts.print = print_here;
        }
        Ok(match (there, here) {
            (Some(_), Some(_)) if print_there == print_here => Verdict::Same,
            (_, Some(here)) if is_same_there && !is_same_here => Verdict::Send(here),
            (Some(there), _) if is_same_here && (!is_same_there || is_ours) => Verdict::Take(there),
            (Some(there), Some(here)) if !is_same_there && !is_same_here => {
                match self.options.edits {
                    Edits::KeepBoth => Verdict::Split,
                    Edits::ServerWins => Verdict::Take(there),
                    Edits::LocalWins => Verdict::Send(here),
                }
            }
            _ => Verdict::Same,
        })
    }

    /// Two edits of one item become two items: nothing that somebody wrote is lost. They are no pair any more, and what
    /// each side has told of its own is new to the other.
    fn keep_both(&mut self, item: &Item) -> Answer<()> {
        self.local.unbind(&item.pair.facts.local)?;
        self.at(Point::Written)?;
        let (remote, local) = (&item.remote, &item.local);
        self.state.write(|tx| {
            state::remove_pair(tx, item.pair.id)?;
            state::write_remote(tx, remote)?;
            state::write_local(tx, local)
        })?;
        self.report.kept_both += 1;
        Ok(())
    }

    /// Keeps what was done at the server, before anything is done here.
    fn keep_step(&mut self, item: &Item, row: Option<i64>) -> Answer<()> {
        self.at(Point::Folding)?;
        self.state.write(|tx| {
            if let Some(row) = row {
                state::remove_journal(tx, row)?;
            }
            state::update_pair(tx, &item.pair)?;
            state::write_remote(tx, &item.remote)
        })?;
        Ok(())
    }

    /// Keeps what both sides have in common now. What is left to be done stays told.
    fn keep(&mut self, mut item: Item) -> Answer<()> {
        let old_key = item.before.key.clone();
        let facts = &mut item.pair.facts;
        let (there, here) = (&item.remote, &item.local);
        facts.flags = merge::common(&facts.flags, &there.flags, &here.flags);
        // TWOWAY-11: what the server can't have is no more in common, and stays here.
        let lost = self.kept_flags.lost(there.home(facts.folder), &facts.flags);
        facts.flags = facts.flags.without(&lost.without(&there.flags));
        if there.folders.contains(&here.folder) {
            facts.folder = here.folder;
        }
        if item.is_settled_there {
            facts.version.clone_from(&there.version);
        }
        if item.is_settled_here {
            facts.revision.clone_from(&here.revision);
        }
        let is_done_there = there.flags == facts.flags
            && there.version == facts.version
            && there.folders.contains(&facts.folder);
        let is_done_here = here.flags == facts.flags
            && here.revision == facts.revision
            && here.folder == facts.folder;
        let id = item.pair.id;
        let updating = item.updating.take();
        self.state.write(|tx| {
            if let Some(row) = updating {
                state::remove_journal(tx, row)?;
            }
            state::update_pair(tx, &item.pair)?;
            if *old_key.as_str() != *here.key.as_str() {
                state::forget_local(tx, &old_key)?;
            }
            if is_done_there {
                state::forget_remote(tx, there.feed, &there.item)?;
            } else {
                state::write_remote(tx, there)?;
            }
            // What was told here stays until the local side knows that it need not tell it again.
            if !is_done_here || item.was_told_here {
                state::write_local(tx, here)?;
            }
            Ok(())
        })?;
        if let Some(row) = self.state.intent_of_pair(Intent::Replace, id)? {
            self.state.write(|tx| state::remove_journal(tx, row.id))?;
        }
        self.at(Point::Kept)?;
        if is_done_here && item.was_told_here {
            let name = &item.pair.facts.pair;
            let entry = LocalEntry {
                key: item.pair.facts.local.clone(),
                ..item.before
            };
            self.local.acknowledge(&entry, name)?;
            self.acknowledged.push(entry.key);
        }
        Ok(())
    }

    fn journal(
        &mut self,
        intent: Intent,
        facts: &NewPair,
        removed: &Flags,
        pair: i64,
    ) -> Result<i64> {
        let id = self
            .state
            .write(|tx| state::insert_journal(tx, intent, facts, removed, None, Some(pair)))?;
        self.at(Point::Journalled)?;
        Ok(id)
    }
}
