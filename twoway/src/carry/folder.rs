//! Folders are made, renamed and deleted.

use super::{Result, Work};
use crate::folder_tree::Place;
use crate::gate::{Absence, Side};
use crate::names;
use crate::outcome::{Answer, Failure, ItemFailure, Settle};
use crate::plan::{FolderMove, FolderStep, Plan};
use crate::remote::RemoteFolder;
use crate::report::{Point, Warning};
use crate::state::{FolderId, Subject};

impl Work<'_> {
    /// Makes and renames folders, before anything goes there.
    pub(super) fn folders(&mut self, plan: &Plan) -> Result<()> {
        let mut is_renamed = false;
        for one in plan.folders.iter().filter(|one| !one.is_deletion()) {
            self.check()?;
            let outcome = match one.step {
                FolderStep::CreateLocal => self.create_local(one),
                FolderStep::CreateRemote => self.create_remote(one),
                FolderStep::RenameLocal => self.rename_local(plan, one),
                FolderStep::RenameRemote => {
                    is_renamed = true;
                    self.rename_remote(plan, one)
                }
                FolderStep::DeleteLocal | FolderStep::DeleteRemote => Ok(()),
            };
            self.note(one, outcome)?;
        }
        if is_renamed {
            // What lies below a folder that was renamed may have other keys now.
            self.hear_remote_folders()?;
        }
        Ok(())
    }

    /// Deletes folders, after everything that was in them.
    pub(super) fn delete_folders(&mut self, plan: &Plan) -> Result<()> {
        for one in plan.folders.iter().filter(|one| one.is_deletion()) {
            self.check()?;
            if self.is_in_use(one)? {
                continue;
            }
            let outcome = self.delete_folder(plan, one);
            self.note(one, outcome)?;
        }
        self.tree.prune(self.state)?;
        Ok(())
    }

    fn note(&mut self, one: &FolderMove, outcome: Answer<()>) -> Result<()> {
        let subject = Subject::folder(one.folder);
        match outcome.settle()? {
            Ok(()) => {
                self.state.succeeded(&subject)?;
            }
            Err(failure) => {
                let text = failure.to_string();
                let at_once = failure.kind == Failure::Stale;
                self.state
                    .failed(&subject, one.stamp(), self.run, &text, at_once)?;
                let text = format!("{}: {text}", one.step);
                self.warn(Warning::new(&self.tree.path(one.folder), "", text));
            }
        }
        self.done += 1;
        self.monitor.progress(self.done, self.total);
        Ok(())
    }

    /// Something is left in it, or a folder.
    fn is_in_use(&self, one: &FolderMove) -> Result<bool> {
        let id = one.folder;
        let has_children = self.tree.nodes.values().any(|node| {
            let places = [&node.remote, &node.local];
            places.into_iter().flatten().any(|place| place.0 == id)
        });
        Ok(has_children || self.state.is_folder_used(id)?)
    }

    fn create_local(&mut self, one: &FolderMove) -> Answer<()> {
        let (parent, name) = &one.to;
        let parent_key = match parent {
            0 => None,
            parent => Some(
                self.tree
                    .local_key(*parent)
                    .cloned()
                    .ok_or_else(no_parent)?,
            ),
        };
        let name = self.free_local_name(*parent, name, one.folder);
        let key = self.local.create_folder(parent_key.as_ref(), &name)?;
        self.at(Point::Folder)?;
        if let Some(node) = self.tree.nodes.get_mut(&one.folder) {
            node.row.local = Some(key);
            node.local = Some((*parent, name));
        }
        self.in_step(one.folder)
    }

    fn create_remote(&mut self, one: &FolderMove) -> Answer<()> {
        let (parent, name) = &one.to;
        let parent_key = match parent {
            0 => None,
            parent => Some(
                self.tree
                    .remote_key(*parent)
                    .cloned()
                    .ok_or_else(no_parent)?,
            ),
        };
        let made = self.session.create_folder(parent_key.as_ref(), name)?;
        self.at(Point::Folder)?;
        self.check_owner(one.folder, &made)?;
        if let Some(node) = self.tree.nodes.get_mut(&one.folder) {
            node.row.remote = Some(made.key);
            node.row.identity = made.identity;
            node.row.holds_items = made.holds_items;
            node.remote = Some((*parent, made.name));
        }
        self.in_step(one.folder)
    }

    fn rename_local(&mut self, plan: &Plan, one: &FolderMove) -> Answer<()> {
        let Some(node) = self.tree.get(one.folder) else {
            return Ok(());
        };
        let (parent, name) = &one.to;
        let here = node.local.clone();
        let wish = names::safe(name);
        let is_there = here
            .as_ref()
            .is_some_and(|(p, n)| p == parent && names::are_same(n, &wish));
        if is_there || node.row.is_fixed {
            return self.in_step(one.folder);
        }
        let key = self.tree.local_key(one.folder).cloned();
        let key = key.ok_or_else(|| ItemFailure::new(Failure::Stale, "it is gone here"))?;
        let parent_key = match parent {
            0 => None,
            parent => Some(
                self.tree
                    .local_key(*parent)
                    .cloned()
                    .ok_or_else(no_parent)?,
            ),
        };
        // Where two change places, one has to step aside first: the next round brings it to its place.
        let is_aside = self.is_taken_by_mover(plan, one, &(*parent, wish), FolderStep::RenameLocal);
        let name = if is_aside {
            self.free_local_name(*parent, &format!("{name} (moving)"), one.folder)
        } else {
            self.free_local_name(*parent, name, one.folder)
        };
        self.local.rename_folder(&key, parent_key.as_ref(), &name)?;
        self.at(Point::Folder)?;
        self.report.folders += 1;
        if let Some(node) = self.tree.nodes.get_mut(&one.folder) {
            node.local = Some((*parent, name));
            if is_aside {
                node.row
                    .base_local
                    .clone_from(node.local.as_ref().unwrap_or(&one.to));
                self.tree.save(self.state, &[one.folder])?;
                return Ok(());
            }
        }
        self.report.folders -= 1;
        self.in_step(one.folder)
    }

    fn rename_remote(&mut self, plan: &Plan, one: &FolderMove) -> Answer<()> {
        let (parent, name) = &one.to;
        let key = self.tree.remote_key(one.folder).cloned();
        let key = key.ok_or_else(|| ItemFailure::new(Failure::Stale, "it is gone there"))?;
        let parent_key = match parent {
            0 => None,
            parent => Some(
                self.tree
                    .remote_key(*parent)
                    .cloned()
                    .ok_or_else(no_parent)?,
            ),
        };
        let is_aside = self.is_taken_by_mover(plan, one, &one.to, FolderStep::RenameRemote);
        let name = if is_aside {
            format!("{name} (moving)")
        } else {
            name.clone()
        };
        let made = self
            .session
            .rename_folder(&key, parent_key.as_ref(), &name)?;
        self.at(Point::Folder)?;
        self.check_owner(one.folder, &made)?;
        if let Some(node) = self.tree.nodes.get_mut(&one.folder) {
            node.row.remote = Some(made.key);
            node.row.identity = made.identity.or(node.row.identity.take());
            node.remote = Some((*parent, made.name));
            if is_aside {
                node.row
                    .base_remote
                    .clone_from(node.remote.as_ref().unwrap_or(&one.to));
                self.tree.save(self.state, &[one.folder])?;
                self.report.folders += 1;
                return Ok(());
            }
        }
        self.in_step(one.folder)
    }

    /// No other folder has the key of one that was made or renamed (TWOWAY-27).
    fn check_owner(&self, id: FolderId, made: &RemoteFolder) -> Answer<()> {
        let owner = self.tree.with_key(&made.key);
        if owner.is_some_and(|owner| owner != id) {
            let text = "the server has another folder of that name";
            return Err(ItemFailure::new(Failure::Refused, text).into());
        }
        Ok(())
    }

    /// Another folder has this place now, and is about to leave it.
    fn is_taken_by_mover(
        &self,
        plan: &Plan,
        one: &FolderMove,
        to: &Place,
        step: FolderStep,
    ) -> bool {
        let movers = plan.folders.iter();
        movers
            .filter(|other| other.step == step && other.folder != one.folder)
            .filter_map(|other| self.tree.get(other.folder))
            .any(|node| {
                let place = match step {
                    FolderStep::RenameLocal => node.local.as_ref(),
                    _ => node.remote.as_ref(),
                };
                place.is_some_and(|(parent, name)| *parent == to.0 && names::are_same(name, &to.1))
            })
    }

    fn delete_folder(&mut self, plan: &Plan, one: &FolderMove) -> Answer<()> {
        let Some(node) = self.tree.get(one.folder) else {
            return Ok(());
        };
        let closed = || ItemFailure::new(Failure::Stale, "it is not proven to be gone");
        let outcome = if one.step == FolderStep::DeleteLocal {
            let proof = Absence::proven(node.is_known(), node.is_gone_remote());
            let key = node.row.local.clone().ok_or_else(closed)?;
            let deletion = proof.and_then(|proof| plan.gate.pass(Side::Remote, proof, key));
            self.local.delete_folder(&deletion.ok_or_else(closed)?)
        } else {
            let proof = Absence::proven(node.is_known(), node.is_gone_local());
            let key = node.row.remote.clone().ok_or_else(closed)?;
            let deletion = proof.and_then(|proof| plan.gate.pass(Side::Local, proof, key));
            self.session.delete_folder(&deletion.ok_or_else(closed)?)
        };
        match outcome.settle()? {
            Ok(()) => {}
            Err(failure) if failure.kind == Failure::Gone => {}
            Err(failure)
                if failure.kind == Failure::Stale && one.step == FolderStep::DeleteRemote =>
            {
                return self.keep_after_all(one);
            }
            Err(failure) => return Err(failure.into()),
        }
        self.at(Point::Folder)?;
        self.report.folders += 1;
        if let Some(node) = self.tree.nodes.get_mut(&one.folder) {
            (node.row.local, node.local) = (None, None);
            (node.row.remote, node.remote) = (None, None);
        }
        self.tree.save(self.state, &[one.folder])?;
        Ok(())
    }

    /// The server has something in a folder that was deleted here, which is here elsewhere or not at all: the folder
    /// comes back, and nothing is lost (TWOWAY-15).
    fn keep_after_all(&mut self, one: &FolderMove) -> Answer<()> {
        if let Some(node) = self.tree.nodes.get_mut(&one.folder) {
            node.row.base_local = (0, String::new());
        }
        self.tree.save(self.state, &[one.folder])?;
        let text = "it was deleted here, and something is in it at the server: it comes back";
        self.warn(Warning::new(&self.tree.path(one.folder), "", text));
        Ok(())
    }

    /// Both sides have the folder as it should be.
    fn in_step(&mut self, id: FolderId) -> Answer<()> {
        if let Some(node) = self.tree.nodes.get_mut(&id)
            && let (Some(remote), Some(local)) = (&node.remote, &node.local)
        {
            node.row.base_remote.clone_from(remote);
            node.row.base_local.clone_from(local);
        }
        self.report.folders += 1;
        self.tree.save(self.state, &[id])?;
        Ok(())
    }

    /// A good name in a folder here, that no other folder there has.
    fn free_local_name(&self, parent: FolderId, name: &str, own: FolderId) -> String {
        let others = self.tree.nodes.iter().filter(|(id, _)| **id != own);
        let taken = others
            .filter_map(|(_, node)| node.local.as_ref())
            .filter(|place| place.0 == parent)
            .map(|place| place.1.as_str());
        names::unique(&names::safe(name), taken)
    }
}

fn no_parent() -> ItemFailure {
    // It is none of its own: once that is there, it is tried at once.
    ItemFailure::new(Failure::Stale, "the folder above it is not there")
}
