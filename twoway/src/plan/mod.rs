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

mod draft;
mod folders;
mod item;

use std::collections::BTreeMap;
use std::fmt;

use crate::folder_tree::Tree;
use crate::gate::Gate;
use crate::item::{ItemKey, LocalKey};
use crate::kept_flags::KeptFlags;
use crate::options::Options;
use crate::remote::{Abilities, Editing};
use crate::report::Warning;
use crate::state::{FolderId, State, Subject, ToldRemote};
use crate::text::OneLine;

pub(crate) use draft::make;
pub(crate) use folders::FolderMove;
pub use folders::FolderStep;
pub use item::ItemStep;
pub(crate) use item::{Change, Content};

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
    pub(crate) kept_flags: &'a KeptFlags,
    pub(crate) options: &'a Options,
    pub(crate) run: i64,
    /// What was journalled later was sent in this run.
    pub(crate) last_row: i64,
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
    /// The folder at the server that stands for the one here.
    pub(crate) fn home(&self, here: FolderId) -> FolderId {
        match self.folders.contains(&here) {
            true => here,
            false => self.folders.first().copied().unwrap_or(here),
        }
    }

    /// It is there, and in none of the folders that are synchronised.
    pub(crate) fn has_left(&self) -> bool {
        !self.is_gone && self.folders.is_empty()
    }
}

/// How many bytes wait in memory is bounded by what this says of the abilities: see [`crate::Options::batch`].
pub(crate) fn can_edit(abilities: &Abilities) -> bool {
    match abilities.editing {
        Editing::Never => false,
        Editing::InPlace => true,
        Editing::ByNewItem => abilities.put && abilities.delete,
    }
}
