//! What is different at the server comes here.

use super::item::Item;
use crate::carry::Work;
use crate::local::LocalChange;
use crate::merge;
use crate::outcome::{Answer, Failure, ItemFailure, Settle};
use crate::plan::Change;
use crate::report::Point;
use crate::state::{self, Intent};

impl Work<'_> {
    /// Changes the local item, in one step.
    pub(super) fn change_here(
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
}
