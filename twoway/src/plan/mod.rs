//! What a run is going to do, decided before anything is done.
//!
//! # One item
//!
//! An item is known by up to three states: **common**, as both sides had it when they were last equal; **remote** and
//! **local**, as each side has it now. A side that has told nothing has it as it was. All that can happen:
//!
//! | common | remote | local | what is done |
//! |---|---|---|---|
//! | – | there | – | *download*; by identity or content an item that is new here too is *adopted* instead |
//! | – | – | there | *upload* |
//! | there | same | same | nothing |
//! | there | changed | same | change here |
//! | there | same | changed | change there |
//! | there | changed | changed | flags one by one; the server's folder; both edits are kept, as two items |
//! | there | gone | same | *delete here*, if the gate lets it |
//! | there | gone | changed | *restore there*: the change wins |
//! | there | same | gone | *delete there*, if the gate lets it |
//! | there | changed | gone | *restore here*: the change wins |
//! | there | gone | gone | *forget* |
//!
//! *Gone* is only what a side has proven to be gone ([`crate::gate`]). Where there is no common state, nothing can be gone.
//!
//! An item gets into the common state, and out of it, in these steps. Each arrow is one transaction; what is written in
//! brackets is in the journal before anything is sent:
//!
//! ```text
//! told ──[put, token]──────────→ answer, or found by its token ──→ common ──→ acknowledged
//! told ──[make, name of pair]──→ made here, or found by its name ──→ common
//! common ──[move] [mark] [replace]──→ answer, or seen by what it is now ──→ common
//! common ──→ deleted there, or gone already ──→ out
//! common ──→ no pair any more: what both sides told is new (restore, both edits kept, keys that are new)
//! ```
//!
//! A run that is broken off anywhere leaves a journal that the next one folds into the common state before it plans. So a
//! plan never has to know of a crash.
//!
//! # What a server can't do
//!
//! Steps that need a verb which the server does not have are not planned. What waits for them stays told, and is
//! counted in the plan as held back.

mod folders;
mod item;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::folder_tree::Tree;
use crate::gate::{Census, Gate, Side};
use crate::item::{ItemKey, LocalKey};
use crate::options::Options;
use crate::remote::{Abilities, Editing};
use crate::report::Warning;
use crate::state::{FolderId, NewPair, State, StateError, Subject, ToldLocal, ToldRemote};
use crate::text::OneLine;

pub(crate) use folders::FolderMove;
pub use folders::FolderStep;
pub use item::ItemStep;
pub(crate) use item::{Change, Content};
use item::{Decision, Rules, decide};

/// Which item a step is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Which {
    /// One that both sides have had.
    Pair(i64),
    /// One that only the server has.
    Remote(FolderId, ItemKey),
    /// One that only the local side has.
    Local(LocalKey),
}

/// A step with its item.
#[derive(Debug, Clone)]
pub(crate) struct Planned {
    pub(crate) step: ItemStep,
    pub(crate) which: Which,
    pub(crate) folder: FolderId,
    /// What it is like: if it failed so, it waits.
    pub(crate) stamp: Box<str>,
    /// Only of the first ones: a plan of a hundred thousand is not read.
    title: Option<Box<str>>,
}

/// How many steps of a plan have titles.
const TITLES: usize = 1000;

/// What a run is going to do.
///
/// [`Display`](fmt::Display) writes it for people: totals, then each step of which the title is known.
#[derive(Debug, Clone)]
pub struct Plan {
    pub(crate) folders: Vec<FolderMove>,
    pub(crate) items: Vec<Planned>,
    pub(crate) gate: Gate,
    pub(crate) left_out: u64,
    pub(crate) warnings: Vec<Warning>,
    paths: BTreeMap<FolderId, String>,
}

impl Plan {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.folders.is_empty() && self.items.is_empty()
    }

    /// How many steps there are.
    pub fn len(&self) -> usize {
        self.folders.len() + self.items.len()
    }

    /// The steps with folders, with the folders' paths.
    pub fn folder_steps(&self) -> impl Iterator<Item = (FolderStep, &str)> {
        self.folders
            .iter()
            .map(|one| (one.step, self.path(one.folder)))
    }

    /// The steps with items, with the paths of their folders.
    pub fn item_steps(&self) -> impl Iterator<Item = (&ItemStep, &str)> {
        self.items
            .iter()
            .map(|one| (&one.step, self.path(one.folder)))
    }

    /// What is not going to be done, and why.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    fn path(&self, folder: FolderId) -> &str {
        self.paths.get(&folder).map_or("", String::as_str)
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            writeln!(f, "nothing to do")?;
        }
        let mut totals: BTreeMap<&str, usize> = BTreeMap::new();
        for (step, _) in self.item_steps() {
            *totals.entry(step.word()).or_default() += 1;
        }
        for (word, count) in totals {
            writeln!(f, "{count} × {word}")?;
        }
        for (step, path) in self.folder_steps() {
            writeln!(f, "  {step}: folder {}", OneLine(path))?;
        }
        for one in &self.items {
            if let Some(title) = &one.title {
                let path = OneLine(self.path(one.folder));
                writeln!(f, "  {}: {path}: \"{}\"", one.step, OneLine(title))?;
            }
        }
        if self.left_out > 0 {
            writeln!(f, "{} left at the server by the limits", self.left_out)?;
        }
        for warning in &self.warnings {
            writeln!(f, "warning: {warning}")?;
        }
        Ok(())
    }
}

/// Everything that a plan is made of.
pub(crate) struct Planning<'a> {
    pub(crate) state: &'a State,
    pub(crate) tree: &'a Tree,
    pub(crate) abilities: Abilities,
    pub(crate) options: &'a Options,
    pub(crate) run: i64,
    /// What was journalled later was sent in this run.
    pub(crate) last_row: i64,
}

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
            options,
            ..
        } = self.planning;
        let rules = Rules {
            abilities: *abilities,
            scope: options.scope,
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

impl Which {
    pub(crate) fn subject(&self) -> Subject {
        match self {
            Self::Pair(id) => Subject::pair(*id),
            Self::Remote(feed, item) => Subject::item(*feed, item),
            Self::Local(key) => Subject::local(key),
        }
    }
}

/// What the server told, with folders that are synchronised only.
pub(crate) fn in_scope(mut told: ToldRemote, tree: &Tree) -> ToldRemote {
    let takes = |id: &FolderId| {
        tree.get(*id)
            .is_some_and(|node| !node.is_frozen && node.row.holds_items)
    };
    told.folders.retain(takes);
    told
}

impl ToldRemote {
    /// It is there, and in none of the folders that are synchronised.
    pub(crate) fn has_left(&self) -> bool {
        !self.is_gone && self.folders.is_empty()
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

/// How many bytes wait in memory is bounded by what this says of the abilities: see [`crate::Options::batch`].
pub(crate) fn can_edit(abilities: &Abilities) -> bool {
    match abilities.editing {
        Editing::Never => false,
        Editing::InPlace => true,
        Editing::ByNewItem => abilities.put && abilities.delete,
    }
}
