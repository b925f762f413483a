//! What becomes of folders.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::folder_tree::{Node, Place, Tree};
use crate::gate::{Gate, Side};
use crate::options::Scope;
use crate::remote::Abilities;
use crate::state::FolderId;

/// A step with one folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FolderStep {
    /// It is made here.
    CreateLocal,
    /// It is made at the server.
    CreateRemote,
    /// It gets the server's name and place here.
    RenameLocal,
    /// It gets the name and place that it has here at the server.
    RenameRemote,
    /// It is deleted here, if nothing is left in it.
    DeleteLocal,
    /// It is deleted at the server, if nothing is left in it.
    DeleteRemote,
}

impl fmt::Display for FolderStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CreateLocal => "make here",
            Self::CreateRemote => "make at the server",
            Self::RenameLocal => "rename here",
            Self::RenameRemote => "rename at the server",
            Self::DeleteLocal => "delete here, once it is empty",
            Self::DeleteRemote => "delete at the server, once it is empty",
        })
    }
}

/// A step with its folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FolderMove {
    pub(crate) step: FolderStep,
    pub(crate) folder: FolderId,
    /// Parent and name on the side where it is done; the parent is a folder of ours.
    pub(crate) to: Place,
}

impl FolderMove {
    /// What it is like: if it failed so, it waits.
    pub(crate) fn stamp(&self) -> &str {
        &self.to.1
    }

    pub(crate) fn is_deletion(&self) -> bool {
        matches!(
            self.step,
            FolderStep::DeleteLocal | FolderStep::DeleteRemote
        )
    }
}

/// Plans folders: parents are made before children, and deleted after them. `needs_remote` and `needs_local` are folders
/// that items need on a side.
pub(super) fn plan(
    tree: &Tree,
    abilities: &Abilities,
    scope: Scope,
    gate: Gate,
    mut needs_remote: BTreeSet<FolderId>,
    mut needs_local: BTreeSet<FolderId>,
    held_back: &mut BTreeMap<&'static str, u64>,
) -> Vec<FolderMove> {
    // Whatever is on a side, or comes there, needs its parents there.
    for node in tree.nodes.values() {
        if node.row.remote.is_some() && !node.is_gone_local() {
            needs_local.insert(node.row.id);
        }
        if node.row.local.is_some() && !node.is_gone_remote() && !node.row.is_fixed {
            needs_remote.insert(node.row.id);
        }
    }
    let above = |needs: &mut BTreeSet<FolderId>, place: &dyn Fn(&Node) -> Option<FolderId>| {
        let mut waiting: Vec<FolderId> = needs.iter().copied().collect();
        while let Some(id) = waiting.pop() {
            let parent = tree.get(id).and_then(place).filter(|parent| *parent != 0);
            if let Some(parent) = parent
                && needs.insert(parent)
            {
                waiting.push(parent);
            }
        }
    };
    above(&mut needs_local, &|node| {
        Some(place_of(node, Side::Remote)?.0)
    });
    above(&mut needs_remote, &|node| {
        Some(place_of(node, Side::Local)?.0)
    });

    let mut steps = Vec::new();
    for node in tree.nodes.values().filter(|node| !node.is_frozen) {
        let step = one(tree, node, gate, &needs_remote, &needs_local);
        let Some((step, to)) = step else { continue };
        let is_there = matches!(
            step,
            FolderStep::CreateRemote | FolderStep::RenameRemote | FolderStep::DeleteRemote
        );
        let is_scoped = if is_there {
            scope.upload
        } else {
            scope.download
        };
        if is_there && !abilities.folders {
            *held_back
                .entry("folders stay as they are at the server: it can't change them")
                .or_default() += 1;
        } else if is_scoped {
            steps.push(FolderMove {
                step,
                folder: node.row.id,
                to,
            });
        }
    }
    // A folder may go to one that is made only now.
    let depth = |one: &FolderMove| i64::try_from(depth(tree, one.to.0)).unwrap_or(i64::MAX);
    steps.sort_by_key(|one| {
        let is_deletion = one.is_deletion();
        (
            is_deletion,
            if is_deletion { -depth(one) } else { depth(one) },
        )
    });
    steps
}

/// Where a folder is on a side; where it was, if it is gone there.
fn place_of(node: &Node, side: Side) -> Option<&Place> {
    match side {
        Side::Remote => node.remote.as_ref().or(node.local.as_ref()),
        Side::Local => node.local.as_ref().or(node.remote.as_ref()),
    }
}

fn depth(tree: &Tree, folder: FolderId) -> usize {
    let mut at = folder;
    let mut depth = 0;
    while let Some(node) = tree.get(at)
        && depth <= tree.nodes.len()
    {
        at = place_of(node, Side::Remote).map_or(0, |place| place.0);
        depth += 1;
    }
    depth
}

fn one(
    tree: &Tree,
    node: &Node,
    gate: Gate,
    needs_remote: &BTreeSet<FolderId>,
    needs_local: &BTreeSet<FolderId>,
) -> Option<(FolderStep, Place)> {
    let id = node.row.id;
    match (&node.remote, &node.local) {
        (Some(there), None) => {
            // TWOWAY-15
            if !node.is_gone_local() || needs_local.contains(&id) {
                Some((FolderStep::CreateLocal, there.clone()))
            } else {
                let step = (FolderStep::DeleteRemote, there.clone());
                gate.believes(Side::Local).then_some(step)
            }
        }
        // It is there for whoever has use for it: the server gets it with the first item.
        (None, Some(_)) if node.row.is_fixed && !needs_remote.contains(&id) => None,
        (None, Some(here)) => {
            if !node.is_gone_remote() || needs_remote.contains(&id) {
                Some((FolderStep::CreateRemote, here.clone()))
            } else {
                let step = (FolderStep::DeleteLocal, here.clone());
                gate.believes(Side::Remote).then_some(step)
            }
        }
        (Some(there), Some(here)) => {
            let is_moved_there = *there != node.row.base_remote;
            let is_moved_here = *here != node.row.base_local;
            let is_circle = || tree.is_below_at_server(here.0, id);
            if is_moved_there || is_moved_here && is_circle() {
                Some((FolderStep::RenameLocal, there.clone()))
            } else if is_moved_here {
                Some((FolderStep::RenameRemote, here.clone()))
            } else {
                None
            }
        }
        (None, None) => None,
    }
}
