//! What is different here goes to the server.

use super::item::Item;
use crate::carry::Work;
use crate::carry::fate::{Fate, unknown_fate};
use crate::item::{Fingerprint, Flags};
use crate::merge;
use crate::outcome::{Answer, Failure, ItemFailure, Settle};
use crate::plan::Change;
use crate::report::Point;
use crate::state::{self, FolderId, Intent, JournalRow};

impl Work<'_> {
    /// Moves and marks at the server. Answers whether it is known what the item is called now.
    pub(super) fn change_there(&mut self, item: &mut Item, change: &Change) -> Answer<bool> {
        if let Some(to) = change.move_remote
            && !self.move_there(item, to)?
        {
            return Ok(false);
        }
        if let Some((add, remove)) = &change.mark_remote {
            self.mark_there(item, add, remove)?;
        }
        Ok(true)
    }

    fn move_there(&mut self, item: &mut Item, to: FolderId) -> Answer<bool> {
        let from = item.pair.facts.folder;
        let key = |work: &Self, folder| {
            let key = work.tree.remote_key(folder).cloned();
            key.ok_or_else(|| ItemFailure::new(Failure::Failed, "a folder is not at the server"))
        };
        let (from_key, to_key) = (key(self, from)?, key(self, to)?);
        let reference = self.reference(item)?;
        let mut facts = item.pair.facts.clone();
        facts.folder = to;
        let row = self.journal(Intent::Move, &facts, &Flags::new(), item.pair.id)?;
        let placed = match self
            .session
            .move_item(&reference, &from_key, &to_key)
            .settle()?
        {
            Ok(placed) => placed,
            Err(failure) => {
                self.state.write(|tx| state::remove_journal(tx, row))?;
                return Err(failure.into());
            }
        };
        self.at(Point::Answered)?;
        self.report.changed_remote += 1;
        let placed = self.without_taken_key(placed, self.feed_of(to), Some(item.pair.id))?;
        if self.abilities.per_folder && placed.key.is_none() {
            // It is there, and what it is called is seen when it is listed next: the journal says so.
            return Ok(false);
        }
        item.place(placed, self.feed_of(to));
        item.pair.facts.folder = to;
        item.remote.folders.retain(|folder| *folder != from);
        item.remote.folders.push(to);
        self.keep_step(item, Some(row))?;
        Ok(true)
    }

    fn mark_there(&mut self, item: &mut Item, add: &Flags, remove: &Flags) -> Answer<()> {
        let reference = self.reference(item)?;
        let mut facts = item.pair.facts.clone();
        facts.flags.clone_from(add);
        let row = self.journal(Intent::Mark, &facts, remove, item.pair.id)?;
        let version = match self.session.mark(&reference, add, remove).settle()? {
            Ok(version) => version,
            Err(failure) => {
                self.state.write(|tx| state::remove_journal(tx, row))?;
                return Err(failure.into());
            }
        };
        self.at(Point::Answered)?;
        self.report.changed_remote += 1;
        item.remote.flags = merge::apply(&item.remote.flags, add, remove);
        item.pair.facts.flags = merge::apply(&item.pair.facts.flags, add, remove);
        if version.is_some() && item.is_settled_there {
            item.remote.version = version;
            item.pair.facts.version.clone_from(&item.remote.version);
        }
        self.keep_step(item, Some(row))
    }

    pub(super) fn replace(&mut self, item: &mut Item, content: &[u8]) -> Answer<()> {
        let reference = self.reference(item)?;
        let mut facts = item.pair.facts.clone();
        facts.print = Some(Fingerprint::of(content));
        facts.revision.clone_from(&item.local.revision);
        let row = self.journal(Intent::Replace, &facts, &Flags::new(), item.pair.id)?;
        let placed = match self.session.replace(&reference, content).settle()? {
            Ok(placed) => placed,
            Err(failure) => {
                self.state.write(|tx| state::remove_journal(tx, row))?;
                return Err(failure.into());
            }
        };
        self.at(Point::Answered)?;
        self.report.changed_remote += 1;
        let feed = item.pair.facts.feed;
        let placed = self.without_taken_key(placed, feed, Some(item.pair.id))?;
        item.place(placed, feed);
        item.pair.facts.print = facts.print;
        item.pair.facts.revision.clone_from(&item.local.revision);
        item.pair.facts.version.clone_from(&item.remote.version);
        self.keep_step(item, Some(row))
    }

    /// The content goes up as a new item, with the flags and the folder that it is to have, and the old one is deleted.
    /// Answers whether it is known what the new one is called.
    pub(super) fn send_anew(
        &mut self,
        item: &mut Item,
        change: &Change,
        content: &[u8],
    ) -> Answer<bool> {
        if let Some(row) = self.state.intent_of_pair(Intent::Put, item.pair.id)? {
            if row.id > self.last_row {
                // It was sent just now, and is found when the server is listed next.
                return Ok(false);
            }
            if self.round == 0 {
                // What is new at the server is compared first.
                return Ok(false);
            }
            match self.before_sending_again(&row)? {
                Fate::Arrived | Fate::NextRound => return Ok(false),
                Fate::Unknown => return Err(unknown_fate().into()),
                Fate::Lost => {}
            }
        }
        let folder = change.move_remote.unwrap_or_else(|| item.home_there());
        let mut facts = item.pair.facts.clone();
        facts.pair = self.state.new_pair_id()?;
        facts.feed = self.feed_of(folder);
        facts.folder = folder;
        facts.version = None;
        facts.revision.clone_from(&item.local.revision);
        facts.identity.clone_from(&item.local.identity);
        facts.print = Some(Fingerprint::of(content));
        facts.flags.clone_from(&item.remote.flags);
        if let Some((add, remove)) = &change.mark_remote {
            facts.flags = merge::apply(&facts.flags, add, remove);
        }
        facts.flags = self.kept_flags.kept(folder, &facts.flags);
        let key = self.tree.remote_key(folder).cloned();
        let key = key
            .ok_or_else(|| ItemFailure::new(Failure::Failed, "its folder is not at the server"))?;
        let marker = self.session.marker(&key)?;
        let mut row = JournalRow {
            id: 0,
            facts,
            removed: Flags::new(),
            marker,
            replaces: Some(item.pair.id),
        };
        row.id = self.state.write(|tx| {
            let marker = row.marker.as_deref();
            state::insert_journal(
                tx,
                Intent::Put,
                &row.facts,
                &row.removed,
                marker,
                row.replaces,
            )
        })?;
        self.at(Point::Journalled)?;
        let placed = match self.put(&row, content).settle()? {
            Ok(Some(placed)) => placed,
            Ok(None) => return Ok(false),
            Err(failure) => {
                self.state.write(|tx| state::remove_journal(tx, row.id))?;
                return Err(failure.into());
            }
        };
        self.report.changed_remote += 1;
        let facts = self.keep_put(&row, placed, false)?;
        item.remote.feed = facts.feed;
        item.remote.item = facts.item.clone();
        item.remote.version.clone_from(&facts.version);
        item.remote.flags.clone_from(&row.facts.flags);
        item.remote.folders = vec![folder];
        // What the sides do not have in common yet is still to be done here.
        item.pair.facts = facts;
        self.delete_superseded()?;
        Ok(true)
    }
}
