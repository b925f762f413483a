//! Carries a plan out, step by step.
//!
//! Every step is: journal what is about to be sent, send it, keep what came of it, tell the local side. It may end between
//! any two of these.

mod change;
mod delete;
mod download;
mod fate;
mod folder;
mod recover;
mod upload;

use std::collections::BTreeSet;

use crate::folder_tree::Tree;
use crate::gate::Side;
use crate::heard::{Heard, Sight};
use crate::item::{ItemKey, LocalKey};
use crate::kept_flags::KeptFlags;
use crate::local::{Local, LocalEntry};
use crate::options::Options;
use crate::outcome::{Answer, Failure, ItemFailure, Settle, Stop};
use crate::plan::{self, ItemStep, Plan, Planned, Which};
use crate::remote::{Abilities, ItemRef, Placed, Session};
use crate::report::{Monitor, Point, Report, Warning};
use crate::state::{self, FolderId, Intent, NewPair, Pair, State, ToldLocal};
use fate::Fate;

type Result<T> = std::result::Result<T, Stop>;

/// Everything that a run works with while it is connected.
pub(crate) struct Work<'a> {
    pub(crate) session: Box<dyn Session + 'a>,
    pub(crate) abilities: Abilities,
    /// The store has not got this run's mark yet.
    pub(crate) needs_mark: bool,
    /// Which flags its folders keep.
    pub(crate) kept_flags: KeptFlags,
    pub(crate) local: &'a mut dyn Local,
    pub(crate) state: &'a mut State,
    pub(crate) tree: Tree,
    pub(crate) options: &'a Options,
    pub(crate) monitor: &'a dyn Monitor,
    pub(crate) report: &'a mut Report,
    pub(crate) run: i64,
    /// The server has no room: nothing more is sent in this run.
    pub(crate) is_full: bool,
    /// What was journalled after this row was sent after the server was listed.
    pub(crate) last_row: i64,
    /// How often this run has planned before.
    pub(crate) round: usize,
    /// What was listed, and when.
    pub(crate) heard: Heard,
    /// Puts and moves in the journal of which the server could not say what became of them.
    pub(crate) unsure: BTreeSet<i64>,
    /// Local items that need not be told again: what they told is forgotten at the end of a round, at once for all.
    pub(crate) acknowledged: Vec<LocalKey>,
    pub(crate) done: u64,
    pub(crate) total: u64,
}

impl Work<'_> {
    /// Carries out a plan.
    pub(crate) fn carry_out(&mut self, plan: &Plan) -> Result<()> {
        self.total = self.done + plan.len() as u64;
        // Whoever wants to cancel says so before anything is done.
        self.monitor.progress(self.done, self.total);
        self.folders(plan)?;
        let mut at = 0;
        while let Some(first) = plan.items.get(at) {
            self.check()?;
            let rest = &plan.items[at..];
            // Items of one kind are worked on together.
            let count = match first.step {
                ItemStep::Download => self.downloads(same_kind(rest))?,
                ItemStep::Upload => self.uploads(same_kind(rest))?,
                _ => {
                    self.one(plan, first)?;
                    1
                }
            };
            at += count;
            self.done += count as u64;
            self.monitor.progress(self.done, self.total);
        }
        self.forget_acknowledged()?;
        self.delete_folders(plan)
    }

    fn forget_acknowledged(&mut self) -> Result<()> {
        let keys = std::mem::take(&mut self.acknowledged);
        for key in keys {
            let revision = self.local.acknowledged_revision(&key);
            self.state.write(|tx| {
                if let Some((old, new)) = revision {
                    state::set_revision(tx, &key, &old, &new)?;
                }
                state::forget_local(tx, &key)
            })?;
        }
        Ok(())
    }

    fn one(&mut self, plan: &Plan, planned: &Planned) -> Result<()> {
        let Which::Pair(id) = planned.which else {
            return Ok(());
        };
        let Some(pair) = self.state.pair(id)? else {
            return Ok(());
        };
        let is_ready = match self.is_as_planned(planned, &pair).settle()? {
            Ok(true) => self.is_settled(planned, &pair).settle()?,
            unready => unready,
        };
        let outcome = match is_ready {
            Ok(true) => self.step(plan, planned, &pair),
            Ok(false) => return Ok(()),
            Err(failure) => Err(failure.into()),
        };
        match outcome.settle()? {
            Ok(()) => self.succeeded(planned, Some(&pair.facts)),
            Err(failure) => self.failed(planned, &pair.facts.title, &failure),
        }
    }

    /// Whether a step that believes the server that an item is gone may do so now. What was found elsewhere meanwhile, or
    /// may be found so, is for the next round.
    fn is_as_planned(&mut self, planned: &Planned, pair: &Pair) -> Answer<bool> {
        let is_forgotten = planned.step == ItemStep::Forget;
        if !is_forgotten && planned.step.believes() != Some(Side::Remote) {
            return Ok(true);
        }
        if !self.is_gone_there(pair)? {
            return Ok(false);
        }
        match self.is_gone_everywhere(planned, pair)? {
            Sight::Clear => Ok(true),
            Sight::NextRound => Ok(false),
            // Once only, so that nothing waits for a folder that can never be listed, or an item that can never be read.
            Sight::Blocked => {
                let subject = planned.which.subject();
                if self.state.has_failed_so(&subject, &planned.stamp)? {
                    return Ok(true);
                }
                let text = "it may have been moved to where nobody can look now";
                Err(ItemFailure::new(Failure::Stale, text).into())
            }
        }
    }

    /// An item that is gone where it was: whether it would have been seen wherever else it could be. It is not gone before
    /// that (TWOWAY-13).
    fn is_gone_everywhere(&mut self, planned: &Planned, pair: &Pair) -> Result<Sight> {
        let facts = &pair.facts;
        if !self.abilities.per_folder {
            // It has one key wherever it is.
            return Ok(Sight::Clear);
        }
        let told = self.state.told_remote(facts.feed, &facts.item)?;
        let since = told.map_or(0, |told| told.listing);
        let mut places = self.tree.places();
        places.retain(|place| *place != facts.feed);
        // What is sent again can't be taken back; what is deleted here is fetched once more.
        let sight = if planned.step == ItemStep::RestoreRemote {
            self.heard.all_twice_since(places, since)
        } else {
            self.heard.all_since(places, since)
        };
        if sight != Sight::Clear {
            return Ok(sight);
        }
        if self.heard.is_waiting() {
            // What else waits may be this.
            return Ok(Sight::NextRound);
        }
        let is_unseen = self.state.has_unseen_remotes(facts.identity.as_deref())?;
        Ok(if is_unseen {
            Sight::Blocked
        } else {
            Sight::Clear
        })
    }

    /// Whether nothing that was sent of an item is under way; what is, may have taken its place at the server.
    fn is_settled(&mut self, planned: &Planned, pair: &Pair) -> Answer<bool> {
        if matches!(planned.step, ItemStep::Settle | ItemStep::Change(_)) {
            return Ok(true);
        }
        let Some(row) = self.state.intent_of_pair(Intent::Put, pair.id)? else {
            return Ok(true);
        };
        if row.id > self.last_row {
            return Ok(false);
        }
        match self.fate(&row)? {
            Fate::Lost => Ok(true),
            // The next round sees what is there now.
            Fate::Arrived | Fate::NextRound => Ok(false),
            Fate::Unknown => Err(fate::unknown_fate().into()),
        }
    }

    fn step(&mut self, plan: &Plan, planned: &Planned, pair: &Pair) -> Answer<()> {
        match &planned.step {
            ItemStep::Settle => self.change(pair, &crate::plan::Change::default()),
            ItemStep::Change(change) => self.change(pair, change),
            ItemStep::Forget => self.forget(pair),
            ItemStep::RestoreRemote => self.restore_remote(pair),
            ItemStep::RestoreLocal => self.restore_local(pair),
            ItemStep::DeleteLocal => self.delete_local(plan.gate, pair),
            ItemStep::DeleteRemote => self.delete_remote(plan.gate, pair),
            ItemStep::Download | ItemStep::Upload => Ok(()),
        }
    }

    /// Whether the server has told that an item is gone, or has left all folders that are synchronised.
    fn is_gone_there(&self, pair: &Pair) -> Result<bool> {
        let told = self.state.told_remote(pair.facts.feed, &pair.facts.item)?;
        let told = told.map(|told| plan::in_scope(told, &self.tree));
        Ok(told.is_some_and(|told| told.is_gone || told.has_left()))
    }

    /// Ends the run if somebody asked for it.
    pub(crate) fn check(&self) -> Result<()> {
        if self.monitor.is_cancelled() {
            return Err(Stop::Cancelled);
        }
        Ok(())
    }

    fn at(&self, point: Point) -> Result<()> {
        self.monitor.at(point)
    }

    pub(crate) fn warn(&mut self, warning: Warning) {
        self.report.warn(self.monitor, warning);
    }

    /// One item failed: it is told, it waits, and the others go on (TWOWAY-19).
    fn failed(&mut self, planned: &Planned, title: &str, failure: &ItemFailure) -> Result<()> {
        // TWOWAY-19
        let subject = planned.which.subject();
        let at_once = matches!(failure.kind, Failure::Stale | Failure::Full);
        let text = failure.to_string();
        self.state
            .failed(&subject, &planned.stamp, self.run, &text, at_once)?;
        let path = self.tree.path(planned.folder);
        let text = format!("{}: {text}", planned.step.word());
        self.warn(Warning::new(&path, title, &text));
        // TWOWAY-20: what can't go up is marked here.
        if failure.kind != Failure::Stale
            && let Some(key) = self.local_key(&planned.which)?
            && planned.step.sends()
        {
            let _ = self.local.mark_unsent(&key, Some(&text)).settle()?;
        }
        Ok(())
    }

    fn succeeded(&mut self, planned: &Planned, pair: Option<&NewPair>) -> Result<()> {
        let had_failed = self.state.succeeded(&planned.which.subject())?;
        if had_failed
            && planned.step.sends()
            && let Some(pair) = pair
        {
            let _ = self.local.mark_unsent(&pair.local, None).settle()?;
        }
        Ok(())
    }

    fn local_key(&self, which: &Which) -> Result<Option<LocalKey>> {
        Ok(match which {
            Which::Local(key) => Some(key.clone()),
            Which::Pair(id) => self.state.pair(*id)?.map(|pair| pair.facts.local),
            Which::Remote(..) => None,
        })
    }

    /// An item as the server's verbs want it.
    fn item_ref(
        &self,
        feed: FolderId,
        item: &ItemKey,
        version: Option<&crate::item::Version>,
    ) -> std::result::Result<ItemRef, ItemFailure> {
        let folder = if feed == 0 {
            None
        } else {
            let key = self.tree.remote_key(feed).cloned();
            Some(key.ok_or_else(|| ItemFailure::new(Failure::Gone, "its folder is gone"))?)
        };
        Ok(ItemRef {
            folder,
            key: item.clone(),
            version: version.cloned(),
        })
    }

    /// A local item as it was told last, or as both sides had it.
    fn local_entry(
        &self,
        pair: &NewPair,
        told: Option<&ToldLocal>,
    ) -> std::result::Result<LocalEntry, ItemFailure> {
        let folder = told.map_or(pair.folder, |told| told.folder);
        let key = self.tree.local_key(folder).cloned();
        Ok(LocalEntry {
            key: pair.local.clone(),
            folder: key.ok_or_else(|| ItemFailure::new(Failure::Stale, "its folder is gone"))?,
            flags: told.map_or(&pair.flags, |told| &told.flags).clone(),
            date: told.map_or(pair.date, |told| told.date),
            revision: told.map_or(&pair.revision, |told| &told.revision).clone(),
            identity: told.map_or(&pair.identity, |told| &told.identity).clone(),
            pair: told.map_or(Some(pair.pair.clone()), |told| told.pair.clone()),
            title: pair.title.clone(),
        })
    }

    /// What the server says of an item that it has just made or moved, which is this pair's if it was one before. A key that
    /// another pair has says nothing: what the item is called is seen when the server is listed next.
    fn without_taken_key(
        &self,
        mut placed: Placed,
        feed: FolderId,
        own: Option<i64>,
    ) -> Result<Placed> {
        // TWOWAY-27
        if let Some(key) = &placed.key {
            let owner = self.state.pair_of_item(feed, key)?;
            if owner.is_some_and(|owner| Some(owner.id) != own) {
                placed = Placed {
                    key: None,
                    version: None,
                };
            }
        }
        Ok(placed)
    }

    /// The feed in which a new item of a folder is told.
    fn feed_of(&self, folder: FolderId) -> FolderId {
        if self.abilities.per_folder { folder } else { 0 }
    }

    /// Both sides are told that nothing is left of it.
    fn forget_told(&mut self, pair: &NewPair) -> Result<()> {
        self.state.write(|tx| {
            state::forget_remote(tx, pair.feed, &pair.item)?;
            state::forget_local(tx, &pair.local)
        })?;
        Ok(())
    }
}

impl ItemStep {
    /// Whether it writes to the server what was done here.
    fn sends(&self) -> bool {
        matches!(
            self,
            Self::Upload | Self::Change(_) | Self::RestoreRemote | Self::DeleteRemote
        )
    }
}

/// The first steps, as far as they are of one kind.
fn same_kind(steps: &[Planned]) -> &[Planned] {
    let kind = steps.first().map(|first| first.step.word());
    let count = steps
        .iter()
        .take_while(|one| Some(one.step.word()) == kind)
        .count();
    &steps[..count]
}
