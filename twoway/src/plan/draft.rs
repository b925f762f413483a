//! A plan is made of what both sides have told.

use std::collections::{BTreeMap, BTreeSet};

use super::item::{Decision, Rules, decide};
use super::{ItemStep, Plan, Planned, Planning, TITLES, Which, folders, in_scope};
use crate::gate::{Census, Gate, Side};
use crate::report::Warning;
use crate::state::{FolderId, NewPair, StateError, Subject, ToldLocal, ToldRemote};

/// A plan on its way.
struct Draft<'a> {
    planning: &'a Planning<'a>,
    items: Vec<Planned>,
    needs_remote: BTreeSet<FolderId>,
    needs_local: BTreeSet<FolderId>,
    left_out: u64,
    warnings: Vec<Warning>,
    held_back: BTreeMap<&'static str, u64>,
}

/// Makes the plan of what both sides have told.
pub(crate) fn make(planning: &Planning<'_>) -> Result<Plan, StateError> {
    let mut draft = Draft {
        planning,
        items: Vec::new(),
        needs_remote: BTreeSet::new(),
        needs_local: BTreeSet::new(),
        left_out: 0,
        warnings: Vec::new(),
        held_back: BTreeMap::new(),
    };
    let gate = draft.pairs()?;
    draft.remotes()?;
    draft.locals()?;
    draft.finish(gate)
}

impl Draft<'_> {
    /// Decides about all pairs of which something was told. Only then is it known how much each side has lost.
    fn pairs(&mut self) -> Result<Gate, StateError> {
        let Planning {
            state,
            tree,
            abilities,
            kept_flags,
            options,
            ..
        } = self.planning;
        let rules = Rules {
            abilities: *abilities,
            scope: options.scope,
            kept_flags,
        };
        let (known, mut remote, mut local) = state.census()?;
        let mut pairs = state.touched_pairs()?;
        if !options.scope.headers_only {
            let touched: BTreeSet<i64> = pairs.iter().map(|pair| pair.id).collect();
            for id in state.header_only_pairs()? {
                if !touched.contains(&id) {
                    pairs.extend(state.pair(id)?);
                }
            }
        }
        let undecided = state.undecided_pairs(self.planning.last_row)?;
        let mut decided = Vec::new();
        for pair in pairs {
            if undecided.contains(&pair.id) {
                continue;
            }
            let told_remote = state.told_remote(pair.facts.feed, &pair.facts.item)?;
            let told_local = state.told_local(&pair.facts.local)?;
            let told_remote = told_remote.map(|told| in_scope(told, tree));
            if told_remote.as_ref().is_some_and(ToldRemote::has_left) {
                remote += 1;
            }
            let is_frozen = |id: &FolderId| tree.get(*id).is_none_or(|node| node.is_frozen);
            if is_frozen(&pair.facts.folder) || pair.facts.feed != 0 && is_frozen(&pair.facts.feed)
            {
                continue;
            }
            let decision = decide(
                &pair.facts,
                told_remote.as_ref(),
                told_local.as_ref(),
                &rules,
            );
            let stamp = stamp(Some(&pair.facts), told_remote.as_ref(), told_local.as_ref());
            decided.push((pair, decision, stamp));
        }
        remote = remote.min(known);
        local = local.min(known);
        let gate = Gate::new(
            options,
            Census {
                known,
                gone: remote,
            },
            Census { known, gone: local },
        );
        for (side, gone, who) in [
            (Side::Remote, remote, "the server"),
            (Side::Local, local, "this side"),
        ] {
            if !gate.believes(side) {
                // TWOWAY-30
                self.warnings.push(Warning::new(
                    "",
                    "",
                    format!("{gone} of {known} items are gone at once on {who}: nothing is deleted for it in this run"),
                ));
            }
        }
        for (pair, Decision { step, held_back }, stamp) in decided {
            for why in held_back {
                *self.held_back.entry(why).or_default() += 1;
            }
            let Some(step) = step else { continue };
            // TWOWAY-08
            if step.believes().is_some_and(|side| !gate.believes(side)) {
                continue;
            }
            let facts = pair.facts;
            let target = step.target(facts.folder);
            match step {
                ItemStep::RestoreRemote => {
                    self.needs_remote.insert(target);
                }
                ItemStep::RestoreLocal => {
                    self.needs_local.insert(target);
                }
                ItemStep::Change(ref change) => {
                    self.needs_remote.extend(change.move_remote);
                    self.needs_local.insert(target);
                }
                _ => {}
            }
            self.push(
                step,
                Which::Pair(pair.id),
                facts.folder,
                stamp,
                &facts.title,
            )?;
        }
        Ok(gate)
    }

    /// Items that only the server has.
    fn remotes(&mut self) -> Result<(), StateError> {
        let Planning {
            state,
            tree,
            options,
            ..
        } = self.planning;
        for told in state.new_remotes()? {
            let told = in_scope(told, tree);
            let Some(folder) = told.folders.first().copied() else {
                continue;
            };
            if options.leaves_out(told.date, told.size).is_some() {
                self.left_out += 1;
                // What nobody here has is not deleted with its folder (TWOWAY-15).
                self.needs_local.insert(folder);
                continue;
            }
            if !options.scope.download {
                self.needs_local.insert(folder);
                continue;
            }
            self.needs_local.insert(folder);
            let stamp = stamp(None, Some(&told), None);
            let which = Which::Remote(told.feed, told.item);
            self.push(ItemStep::Download, which, folder, stamp, &told.title)?;
        }
        Ok(())
    }

    /// Items that only the local side has.
    fn locals(&mut self) -> Result<(), StateError> {
        let Planning {
            state,
            tree,
            abilities,
            options,
            ..
        } = self.planning;
        for told in state.new_locals()? {
            let Some(node) = tree.get(told.folder).filter(|node| !node.is_frozen) else {
                continue;
            };
            // TWOWAY-15: what the server never got keeps its folder.
            self.needs_remote.insert(told.folder);
            let has_folder = node.row.remote.is_some() || abilities.folders;
            let why = if !abilities.put {
                Some("new items stay here: the server takes none")
            } else if !has_folder || !node.row.holds_items {
                Some("new items stay here: the server has no such folder")
            } else if !options.scope.upload {
                continue;
            } else {
                None
            };
            if let Some(why) = why {
                *self.held_back.entry(why).or_default() += 1;
                continue;
            }
            let stamp = stamp(None, None, Some(&told));
            let which = Which::Local(told.key);
            self.push(ItemStep::Upload, which, told.folder, stamp, &told.title)?;
        }
        Ok(())
    }

    /// Adds a step, unless its item failed before and waits.
    fn push(
        &mut self,
        step: ItemStep,
        which: Which,
        folder: FolderId,
        stamp: Box<str>,
        title: &str,
    ) -> Result<(), StateError> {
        let Planning {
            state, tree, run, ..
        } = self.planning;
        // TWOWAY-19
        if let Some(text) = state.waits(&which.subject(), &stamp, *run)? {
            let text = format!("it failed before and waits: {text}");
            self.warnings
                .push(Warning::new(&tree.path(folder), title, text));
            return Ok(());
        }
        let title = (self.items.len() < TITLES).then(|| title.into());
        self.items.push(Planned {
            step,
            which,
            folder,
            stamp,
            title,
        });
        Ok(())
    }

    fn finish(mut self, gate: Gate) -> Result<Plan, StateError> {
        let Planning {
            tree,
            abilities,
            options,
            state,
            run,
            ..
        } = self.planning;
        let mut held_back = self.held_back;
        let mut folders = folders::plan(
            tree,
            abilities,
            options.scope,
            gate,
            self.needs_remote,
            self.needs_local,
            &mut held_back,
        );
        for one in std::mem::take(&mut folders) {
            let subject = Subject::folder(one.folder);
            match state.waits(&subject, one.stamp(), *run)? {
                Some(text) => self.warnings.push(Warning::new(
                    &tree.path(one.folder),
                    "",
                    format!("it failed before and waits: {text}"),
                )),
                None => folders.push(one),
            }
        }
        // TWOWAY-20, TWOWAY-30: what stays here is told.
        for (why, count) in held_back {
            self.warnings
                .push(Warning::new("", "", format!("{why} ({count})")));
        }
        self.items.sort_by_key(|one| one.step.rank());
        let mut paths = BTreeMap::new();
        let used = self.items.iter().map(|one| one.folder);
        for id in used.chain(folders.iter().map(|one| one.folder)) {
            paths.entry(id).or_insert_with(|| tree.path(id));
        }
        Ok(Plan {
            folders,
            items: self.items,
            gate,
            left_out: self.left_out,
            warnings: self.warnings,
            paths,
        })
    }
}

/// What an item is like: if that failed once, it is not tried at every run.
fn stamp(
    pair: Option<&NewPair>,
    remote: Option<&ToldRemote>,
    local: Option<&ToldLocal>,
) -> Box<str> {
    let remote = remote.map(|r| (r.is_gone, &r.version, &r.flags, &r.folders));
    let local = local.map(|l| (l.is_gone, &l.revision, &l.flags, l.folder));
    let pair = pair.map(|p| (&p.version, &p.revision));
    format!("{pair:?} {remote:?} {local:?}").into()
}
