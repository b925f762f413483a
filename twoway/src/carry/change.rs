//! Items that are different on one side or both.

use super::upload::{Fate, unknown_fate};
use super::{Result, Work};
use crate::item::{Fingerprint, Flags, LocalKey, Version};
use crate::local::{LocalChange, LocalEntry};
use crate::merge;
use crate::options::Edits;
use crate::outcome::{Answer, Failure, ItemFailure, Settle};
use crate::plan::{self, Change, Content};
use crate::remote::{Editing, ItemRef, Part, Placed};
use crate::report::Point;
use crate::state::{self, FolderId, Intent, JournalRow, NewPair, Pair, ToldLocal, ToldRemote};

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

/// An item as both sides have it, kept up to date while it is worked on.
struct Item {
    pair: Pair,
    remote: ToldRemote,
    local: ToldLocal,
    /// As it was told: the local side compares with that.
    before: LocalEntry,
    was_told_here: bool,
    /// What was told to be edited, and was looked at.
    is_settled_there: bool,
    is_settled_here: bool,
    /// What is in the journal of its change here.
    updating: Option<i64>,
}

impl Work<'_> {
    pub(super) fn change(&mut self, pair: &Pair, change: &Change) -> Answer<()> {
        let moved = self.state.intent_of_pair(Intent::Move, pair.id)?;
        if moved.is_some_and(|row| row.id > self.last_row) {
            // It was moved just now, and what it is called is seen when the server is listed next.
            return Ok(());
        }
        let mut item = self.load(pair)?;
        match self.judge(&item, change.content)? {
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
    fn judge(&mut self, item: &Item, content: Content) -> Answer<Verdict> {
        let facts = &item.pair.facts;
        let there = match content {
            Content::Remote | Content::Both => {
                Some(self.session.fetch(&self.reference(item)?, Part::Whole)?)
            }
            _ => None,
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
        let is_same_there = print_there.is_none() || print_there == common || is_ours;
        let is_same_here = print_here.is_none() || print_here == common;
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

    /// Moves and marks at the server. Answers whether it is known what the item is called now.
    fn change_there(&mut self, item: &mut Item, change: &Change) -> Answer<bool> {
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

    fn replace(&mut self, item: &mut Item, content: &[u8]) -> Answer<()> {
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
        item.place(placed, feed);
        item.pair.facts.print = facts.print;
        item.pair.facts.revision.clone_from(&item.local.revision);
        item.pair.facts.version.clone_from(&item.remote.version);
        self.keep_step(item, Some(row))
    }

    /// The content goes up as a new item, with the flags and the folder that it is to have, and the old one is deleted.
    /// Answers whether it is known what the new one is called.
    fn send_anew(&mut self, item: &mut Item, change: &Change, content: &[u8]) -> Answer<bool> {
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

    /// Changes the local item, in one step.
    fn change_here(
        &mut self,
        item: &mut Item,
        change: &Change,
        content: Option<Vec<u8>>,
    ) -> Answer<()> {
        let folder = match change.move_local {
            None => None,
            Some(id) => {
                let key = self.tree.local_key(id).cloned();
                let text = "its folder could not be made here";
                Some(key.ok_or_else(|| ItemFailure::new(Failure::Failed, text))?)
            }
        };
        let local = LocalChange {
            flags: change.mark_local.clone(),
            folder,
            content,
        };
        if local == LocalChange::default() {
            return Ok(());
        }
        let row = self.journal_update(item, change, local.content.is_some())?;
        // TWOWAY-29: only what is still as it was told is changed.
        let created = match self.local.update(&item.before, &local).settle()? {
            Ok(created) => created,
            Err(failure) => {
                self.state.write(|tx| state::remove_journal(tx, row))?;
                return Err(failure.into());
            }
        };
        item.updating = Some(row);
        self.at(Point::Written)?;
        self.report.changed_local += 1;
        if let Some(flags) = local.flags {
            item.local.flags = flags;
        }
        if let Some(id) = change.move_local {
            item.local.folder = id;
        }
        item.rename_here(created.key);
        item.local.revision = created.revision;
        if item.is_settled_here {
            item.pair.facts.revision.clone_from(&item.local.revision);
        }
        Ok(())
    }

    /// What both sides are going to have in common once an item is changed here (TWOWAY-03): a log does not tell what we
    /// do ourselves.
    fn journal_update(&mut self, item: &Item, change: &Change, has_content: bool) -> Answer<i64> {
        let (there, here) = (&item.remote, &item.local);
        let flags = change.mark_local.as_ref().unwrap_or(&here.flags);
        let folder = change.move_local.unwrap_or(here.folder);
        let mut facts = item.pair.facts.clone();
        facts.flags = merge::common(&facts.flags, &there.flags, flags);
        if there.folders.contains(&folder) {
            facts.folder = folder;
        }
        if item.is_settled_there {
            facts.version.clone_from(&there.version);
        }
        if item.is_settled_here {
            facts.revision.clone_from(&here.revision);
        }
        // The marker says that the content is to be another one.
        let marker = has_content.then_some("content");
        let id = self.state.write(|tx| {
            let pair = Some(item.pair.id);
            state::insert_journal(tx, Intent::Update, &facts, flags, marker, pair)
        })?;
        self.at(Point::Journalled)?;
        Ok(id)
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

impl Item {
    /// The contents were looked at, and what comes of it is going to be done.
    fn settle(&mut self, content: Content) {
        self.is_settled_there |= matches!(content, Content::Remote | Content::Both);
        self.is_settled_here |= matches!(content, Content::Local | Content::Both);
    }

    /// The folder at the server that stands for the one here.
    fn home_there(&self) -> FolderId {
        let folders = &self.remote.folders;
        let home = self.pair.facts.folder;
        if folders.contains(&home) {
            return home;
        }
        folders.first().copied().unwrap_or(home)
    }

    fn place(&mut self, placed: Placed, feed: FolderId) {
        if let Some(key) = placed.key {
            self.remote.item = key.clone();
            self.remote.feed = feed;
            self.pair.facts.item = key;
            self.pair.facts.feed = feed;
        }
        if placed.version.is_some() && self.is_settled_there {
            self.remote.version = placed.version;
            self.pair.facts.version.clone_from(&self.remote.version);
        }
    }

    fn rename_here(&mut self, key: LocalKey) {
        self.pair.facts.local = key.clone();
        self.local.key = key;
    }
}

/// What the server has of an item of which it told nothing.
fn remote_of(facts: &NewPair) -> ToldRemote {
    ToldRemote {
        feed: facts.feed,
        item: facts.item.clone(),
        is_gone: false,
        folders: vec![facts.folder],
        flags: facts.flags.clone(),
        date: facts.date,
        size: None,
        version: facts.version.clone(),
        identity: facts.identity.clone(),
        title: facts.title.clone(),
        listing: 0,
    }
}

/// The same for the local side.
fn local_of(facts: &NewPair) -> ToldLocal {
    ToldLocal {
        key: facts.local.clone(),
        is_gone: false,
        folder: facts.folder,
        flags: facts.flags.clone(),
        date: facts.date,
        revision: Version::new(facts.revision.as_str()),
        identity: facts.identity.clone(),
        pair: Some(facts.pair.clone()),
        title: facts.title.clone(),
        print: facts.print,
    }
}
