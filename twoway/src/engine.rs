//! A run from beginning to end.

use std::collections::{BTreeSet, HashMap};

use crate::carry::Work;
use crate::folder_tree::Tree;
use crate::heard::Heard;
use crate::item::FolderKey;
use crate::kept_flags::KeptFlags;
use crate::listing::{self, Hearing, Kept};
use crate::local::Local;
use crate::matching;
use crate::options::Options;
use crate::outcome::{Settle, Stop};
use crate::plan::{self, Plan, Planning};
use crate::remote::{Feed, Remote};
use crate::report::{Monitor, Point, Report, Warning};
use crate::state::{self, FolderId, State};
use crate::told::Proof;

/// How often a run plans again: what one round has taken apart, the next one puts together.
const ROUNDS: usize = 6;

type Result<T> = std::result::Result<T, Stop>;

/// Makes two sides equal.
///
/// ```
/// # use mapi_provider_twoway::*;
/// # fn f(server: &dyn Remote, mailbox: &mut dyn Local, state: &mut State) -> Result<(), Stop> {
/// let options = Options::default();
/// let mut run = Synchronizer::new(server, mailbox, state, &options, &Silent);
/// println!("{}", run.plan()?);
/// run.run()?;
/// println!("{}", run.report());
/// # Ok(())
/// # }
/// ```
pub struct Synchronizer<'a> {
    remote: &'a dyn Remote,
    local: &'a mut dyn Local,
    state: &'a mut State,
    options: &'a Options,
    monitor: &'a dyn Monitor,
    report: Report,
}

impl std::fmt::Debug for Synchronizer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Synchronizer")
            .field("options", &self.options)
            .field("report", &self.report)
            .finish_non_exhaustive()
    }
}

impl<'a> Synchronizer<'a> {
    /// A run that is not begun yet.
    pub fn new(
        remote: &'a dyn Remote,
        local: &'a mut dyn Local,
        state: &'a mut State,
        options: &'a Options,
        monitor: &'a dyn Monitor,
    ) -> Self {
        Self {
            remote,
            local,
            state,
            options,
            monitor,
            report: Report::default(),
        }
    }

    /// What was done so far, and left undone.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Lists both sides and says what a run would do now. Neither side is changed, but for what an earlier run left half
    /// done.
    ///
    /// # Errors
    ///
    /// What ended the run.
    pub fn plan(&mut self) -> Result<Plan> {
        let mut work = self.begin()?;
        work.list()?;
        work.plan()
    }

    /// Makes both sides equal, as far as it can be done. What was left undone is in the report.
    ///
    /// # Errors
    ///
    /// What ended the run. The next one goes on from there.
    pub fn run(&mut self) -> Result<()> {
        loop {
            let ended = self.attempt();
            match ended {
                // TWOWAY-22: counted and bounded.
                Err(Stop::Lost(_)) if self.report.reconnects < self.options.reconnects => {
                    self.report.reconnects += 1;
                }
                // TWOWAY-23: a refused password is not tried again.
                ended => return ended,
            }
        }
    }

    fn begin(&mut self) -> Result<Work<'_>> {
        if self.monitor.is_cancelled() {
            return Err(Stop::Cancelled);
        }
        let account = self.remote.account();
        let mark = match self.local.mark().settle()? {
            Ok(mark) => mark,
            Err(failure) => return Err(Stop::Fatal(failure.to_string())),
        };
        let store = self.local.store();
        let begun = self.state.begin_run(&account, &store, mark.as_deref())?;
        if !begun.is_of_now {
            // TWOWAY-06, TWOWAY-30
            let text = "the store is not as it was when it was synchronised last, but older or newer: both sides are \
                        merged, and nothing is deleted";
            self.report.warn(self.monitor, Warning::new("", "", text));
        }
        let session = match self.remote.connect(self.monitor).settle()? {
            Ok(session) => session,
            Err(failure) => return Err(Stop::Fatal(failure.to_string())),
        };
        let abilities = session.abilities();
        let tree = Tree::load(self.state)?;
        let kept_flags = KeptFlags::load(self.state)?;
        Ok(Work {
            session,
            abilities,
            kept_flags,
            needs_mark: mark.is_some(),
            local: self.local,
            state: self.state,
            tree,
            options: self.options,
            monitor: self.monitor,
            report: &mut self.report,
            run: begun.run,
            is_full: false,
            last_row: 0,
            round: 0,
            heard: Heard::default(),
            unsure: BTreeSet::new(),
            acknowledged: Vec::new(),
            done: 0,
            total: 0,
        })
    }

    /// TWOWAY-01: what one round leaves or makes, the next one sees. It is over when a plan is empty.
    fn attempt(&mut self) -> Result<()> {
        let mut work = self.begin()?;
        let adopted = work.report.adopted;
        work.list()?;
        for round in 0..ROUNDS {
            work.round = round;
            work.list_again()?;
            let plan = work.plan()?;
            if round == 0 {
                work.report.left_out = plan.left_out;
                for warning in plan.warnings().to_vec() {
                    work.warn(warning);
                }
            }
            if !plan.is_empty() || work.report.adopted > adopted {
                work.renew_mark()?;
            }
            if !plan.is_empty() {
                work.carry_out(&plan)?;
                continue;
            }
            work.settle_lost_puts()?;
            if !work.heard.is_waiting() {
                return Ok(());
            }
        }
        work.settle_lost_puts()
    }
}

impl Work<'_> {
    fn plan(&mut self) -> Result<Plan> {
        let adopted = matching::match_up(
            self.state,
            self.abilities.per_folder,
            self.last_row,
            &self.heard,
            &self.unsure,
        )?;
        self.report.adopted += adopted;
        let planning = Planning {
            state: self.state,
            tree: &self.tree,
            abilities: self.abilities,
            kept_flags: &self.kept_flags,
            options: self.options,
            run: self.run,
            last_row: self.last_row,
        };
        Ok(plan::make(&planning)?)
    }

    /// Hears both sides, and what became of what was under way.
    fn list(&mut self) -> Result<()> {
        let local = match self.local.folders().settle()? {
            Ok(folders) => folders,
            Err(failure) => return Err(Stop::Fatal(failure.to_string())),
        };
        let local = self.tree.hear_local(local);
        self.hear_remote_folders()?;
        self.tree.hear_new_local(self.state, local)?;
        self.tree.save_all(self.state)?;
        self.recover()?;
        self.last_row = self.state.last_journal_row()?;
        self.list_remote()?;
        self.list_local()?;
        self.recover_by_content()
    }

    pub(crate) fn hear_remote_folders(&mut self) -> Result<()> {
        let number = self.state.next_listing()?;
        let folders = match self.session.folders().settle()? {
            Ok(folders) => folders,
            Err(failure) => return Err(Stop::Fatal(failure.to_string())),
        };
        let mut warnings = Vec::new();
        let session = &mut self.session;
        let gone = self.tree.hear_remote(
            self.state,
            folders,
            self.options,
            |key| session.has_folder(key),
            |warning| warnings.push(warning),
        );
        let gone = match gone.settle()? {
            Ok(gone) => gone,
            Err(failure) => return Err(Stop::Fatal(failure.to_string())),
        };
        for warning in warnings {
            self.warn(warning);
        }
        if self.abilities.per_folder {
            for id in gone {
                if listing::keep_folder_gone(self.state, id, number)? {
                    self.heard.leave(number);
                }
            }
        }
        self.heard.hear_folders(number);
        self.tree.save_all(self.state)?;
        Ok(())
    }

    fn list_remote(&mut self) -> Result<()> {
        let folders = self.tree.by_remote();
        if !self.abilities.per_folder {
            return self.list_feed(0, Feed::Account, "", &folders);
        }
        for id in self.tree.feeds() {
            self.list_folder(id, &folders)?;
        }
        self.heard.end_first(self.state.next_listing()?);
        Ok(())
    }

    /// Lists once more what has to be seen after something else was, folders first: one may be new, or have another name.
    fn list_again(&mut self) -> Result<()> {
        if !self.heard.is_waiting() {
            return Ok(());
        }
        self.heard.begin_again();
        self.hear_remote_folders()?;
        let folders = self.tree.by_remote();
        for id in self.heard.take_wanted(&self.tree.feeds()) {
            self.list_folder(id, &folders)?;
        }
        self.recover_by_content()
    }

    fn list_folder(&mut self, id: FolderId, folders: &HashMap<FolderKey, FolderId>) -> Result<()> {
        let Some(key) = self.tree.remote_key(id).cloned() else {
            return Ok(());
        };
        let path = self.tree.path(id);
        self.list_feed(id, Feed::Folder(&key), &path, folders)
    }

    fn list_feed(
        &mut self,
        id: FolderId,
        feed: Feed<'_>,
        path: &str,
        folders: &HashMap<FolderKey, FolderId>,
    ) -> Result<()> {
        self.check()?;
        let number = self.state.next_listing()?;
        let since = self.state.cursor(id)?;
        let mut hearing = Hearing::begin(self.state, self.monitor, id, folders)?;
        let listed = self
            .session
            .changes(feed, since.as_ref(), &mut hearing)
            .settle()?;
        let (is_reset, unheard) = (hearing.is_reset(), hearing.unheard());
        // One folder that can't be listed stops no other; nothing is known of it then.
        let listed = match listed {
            Ok(listed) => listed,
            Err(failure) => {
                self.warn(Warning::new(
                    path,
                    "",
                    format!("it can't be listed: {failure}"),
                ));
                return Ok(());
            }
        };
        let taken = listing::weigh(self.state, listed.proof)?;
        if taken.is_short {
            let text = "the server lists fewer items than it says there are, or more: none of them is taken as gone";
            self.warn(Warning::new(path, "", text));
        }
        if unheard > 0 {
            let text = format!("{unheard} items have names that are too long, and are left out");
            self.warn(Warning::new(path, "", text));
        }
        if !taken.is_short && unheard == 0 {
            self.heard.hear(id, number);
        }
        self.monitor.at(Point::Listed)?;
        // Where something was not heard, what was not named may be that.
        let kept = Kept {
            feed: id,
            number,
            is_reset,
            is_complete: taken.is_complete && unheard == 0,
            listed: &listed,
        };
        if listing::keep_remote(self.state, &kept)? {
            self.heard.leave(number);
        }
        self.hear_kept_flags(feed, folders)
    }

    fn hear_kept_flags(
        &mut self,
        feed: Feed<'_>,
        folders: &HashMap<FolderKey, FolderId>,
    ) -> Result<()> {
        for (key, id) in folders {
            if feed == Feed::Account || feed == Feed::Folder(key) {
                let keeps = self.session.kept_flags(key);
                self.kept_flags.hear(self.state, *id, keeps)?;
            }
        }
        Ok(())
    }

    /// Before anything is done, the store and its state get another mark in common: what is put back later, of either, is
    /// known by the old one (TWOWAY-06). A run that does nothing writes none (TWOWAY-02).
    fn renew_mark(&mut self) -> Result<()> {
        if !std::mem::take(&mut self.needs_mark) {
            return Ok(());
        }
        let mark = self.state.next_mark()?;
        if self.local.set_mark(&mark).settle()?.is_err() {
            // It is known by the old one still, and the gate is there.
            return Ok(());
        }
        self.monitor.at(Point::Written)?;
        Ok(self.state.keep_mark()?)
    }

    /// What a log told and was not acknowledged, it tells again, unless the item is gone: a log that never knew that the
    /// server has it says nothing of that.
    fn hear_silence(&mut self) -> Result<()> {
        for key in self.state.silent_locals()? {
            self.check()?;
            let is_here = self.is_here(&key).settle()?;
            self.state.write(|tx| match is_here {
                Ok(true) => state::answered(tx, &key),
                Ok(false) => state::write_gone_local(tx, &key),
                Err(_) => state::ask_again(tx, &key),
            })?;
        }
        Ok(())
    }

    fn list_local(&mut self) -> Result<()> {
        self.check()?;
        let folders = self.tree.by_local();
        let all = !self.state.is_local_known()?;
        let mut hearing = Hearing::begin(self.state, self.monitor, 0, &folders)?;
        let proof = match self.local.changes(all, &mut hearing).settle()? {
            Ok(proof) => proof,
            Err(failure) => return Err(Stop::Fatal(failure.to_string())),
        };
        let taken = listing::weigh(self.state, proof)?;
        if taken.is_short {
            let text = "the store lists fewer items than it says there are, or more: none of them is taken as gone";
            self.warn(Warning::new("", "", text));
        }
        self.monitor.at(Point::Listed)?;
        let is_log = proof == Proof::Told;
        if is_log {
            self.hear_silence()?;
        }
        listing::keep_local(self.state, taken.is_complete, is_log, all)?;
        Ok(())
    }
}
