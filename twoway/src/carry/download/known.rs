//! Whether what is new at the server is here already.

use std::collections::BTreeSet;

use super::Wanted;
use crate::carry::{Result, Work};
use crate::heard::Sight;
use crate::item::{Fingerprint, LocalKey};
use crate::matching;
use crate::outcome::{Answer, Failure, ItemFailure, Settle};
use crate::remote::Placed;
use crate::state::{self, FolderId, Intent, Subject, ToldLocal};

impl Work<'_> {
    /// Whether it is not to be made: both sides have it, as is seen now that its content is here, or that is seen in the
    /// next round.
    pub(super) fn is_known(&mut self, wanted: &Wanted<'_>, print: &Fingerprint) -> Answer<bool> {
        if self.adopt(wanted, print)? || self.follow(wanted, print)? {
            return Ok(true);
        }
        let mut locals = self.state.new_locals()?;
        locals.retain(|told| told.folder == wanted.folder);
        self.wait_for_unread(&locals)?;
        self.wait_for_source(wanted, print)
    }

    /// The same item is new here too: both are one from now on, and nothing is made.
    fn adopt(&mut self, wanted: &Wanted<'_>, print: &Fingerprint) -> Answer<bool> {
        let twin = match self.state.twin(wanted.folder, print)? {
            Some(twin) => Some(twin),
            // Somebody may have moved it before its folder got new keys.
            None => self.state.twin_without_key(print)?,
        };
        let Some(twin) = twin else {
            return self.adopt_sent(wanted, print);
        };
        let put = self.state.unanswered_put(&twin.key)?;
        let name = match &put {
            Some(row) => row.facts.pair.clone(),
            None => self.state.new_pair_id()?,
        };
        let mut pair = matching::adopted(name, &wanted.told, &twin, twin.folder);
        pair.print = Some(*print);
        if let Some(row) = &put {
            // It is our own, as it was sent: what is different here since is a change.
            pair.flags.clone_from(&row.facts.flags);
            pair.revision.clone_from(&row.facts.revision);
        }
        self.state.write(|tx| {
            if let Some(row) = &put {
                state::remove_journal(tx, row.id)?;
            }
            state::insert_pair(tx, &pair)
        })?;
        self.report.adopted += 1;
        Ok(true)
    }

    /// We have sent it, without an answer, and it was moved on one side since, or deleted here: it is that one all the same.
    fn adopt_sent(&mut self, wanted: &Wanted<'_>, print: &Fingerprint) -> Answer<bool> {
        for row in self.state.journal(Intent::Put)? {
            let sent = &row.facts;
            if sent.print.as_ref() != Some(print) {
                continue;
            }
            if self.replaced(&row)?.is_some() {
                let mut row = row;
                row.facts.feed = wanted.told.feed;
                row.facts.know_as(&wanted.told);
                let placed = Placed {
                    key: Some(wanted.told.item.clone()),
                    version: wanted.told.version.clone(),
                };
                self.keep_put(&row, placed, false)?;
                self.delete_superseded().settle()?.ok();
                return Ok(true);
            }
            if self.state.pair_of_local(&sent.local)?.is_some() {
                continue;
            }
            let is_gone = !self.is_here(&sent.local)?;
            let moved = if is_gone {
                self.moved_here(print)?
            } else {
                None
            };
            let mut pair = sent.clone();
            if let Some(key) = &moved {
                pair.local.clone_from(key);
            }
            pair.feed = wanted.told.feed;
            pair.item = wanted.told.item.clone();
            pair.know_as(&wanted.told);
            pair.version.clone_from(&wanted.told.version);
            self.state.write(|tx| {
                state::remove_journal(tx, row.id)?;
                state::insert_pair(tx, &pair)?;
                if is_gone && moved.is_none() {
                    state::write_gone_local(tx, &pair.local)?;
                }
                Ok(())
            })?;
            self.report.adopted += 1;
            return Ok(true);
        }
        Ok(false)
    }

    /// It may be one that was moved, by somebody or by us, from a folder that was listed before this one, or could not be
    /// listed: where the same is, has to be seen after it was (TWOWAY-29). Answers whether it waits for the next round. It
    /// waits for the next run once, so that a move is a move; not longer, so that nothing waits for a folder that can never
    /// be listed.
    fn wait_for_source(&mut self, wanted: &Wanted<'_>, print: &Fingerprint) -> Answer<bool> {
        let told = &wanted.told;
        let mut is_blocked = false;
        let mut is_next_round = false;
        for feed in self.state.feeds_with(print, told.identity.as_deref())? {
            if feed == told.feed {
                continue;
            }
            match self.heard.feed_since(feed, told.listing) {
                Sight::Clear => {}
                Sight::NextRound => is_next_round = true,
                Sight::Blocked => is_blocked = true,
            }
        }
        if is_next_round {
            return Ok(true);
        }
        let mut moves = self.state.journal(Intent::Move)?;
        moves
            .retain(|row| row.facts.print.as_ref() == Some(print) && self.unsure.contains(&row.id));
        let subject = wanted.planned.which.subject();
        if !is_blocked && moves.is_empty() || self.state.has_failed(&subject)? {
            return Ok(false);
        }
        let text = "where it may come from can't be found out now";
        Err(ItemFailure::new(Failure::Stale, text).into())
    }

    /// What is new here and could not be read in this run may be the one that is looked for. That waits until they were
    /// tried themselves; not longer, as some can never be read.
    fn wait_for_unread(&self, locals: &[ToldLocal]) -> Answer<()> {
        for told in locals.iter().filter(|told| told.print.is_none()) {
            if !self.state.has_failed(&Subject::local(&told.key))? {
                let text = "an item that may be the same can't be read here";
                return Err(ItemFailure::new(Failure::Stale, text).into());
            }
        }
        Ok(())
    }

    /// A new local item with this content: one that was moved, and has another key since.
    pub(in crate::carry) fn moved_here(&mut self, print: &Fingerprint) -> Answer<Option<LocalKey>> {
        let locals = self.state.new_locals()?;
        let folders: BTreeSet<FolderId> = locals.iter().map(|told| told.folder).collect();
        for folder in folders {
            self.print_new_locals(folder)?;
        }
        let locals = self.state.new_locals()?;
        let twin = locals
            .iter()
            .find(|told| told.print.as_ref() == Some(print));
        if twin.is_none() {
            self.wait_for_unread(&locals)?;
        }
        Ok(twin.map(|told| told.key.clone()))
    }

    /// It is gone where it was and new here with the same content: somebody has moved it at a server that says of no two
    /// items that they are the same. The next round sees a move, and what else was changed (TWOWAY-13).
    fn follow(&mut self, wanted: &Wanted<'_>, print: &Fingerprint) -> Result<bool> {
        let Some(pair) = self.state.gone_with_print(print)? else {
            return Ok(false);
        };
        let told = &wanted.told;
        let (item, version) = (told.item.clone(), told.version.clone());
        matching::follow(self.state, pair, told.feed, item, version)?;
        Ok(true)
    }
}
