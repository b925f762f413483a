//! What is gone on one side, and what comes back.

use super::Work;
use crate::gate::{Absence, Gate, Side, Superseded};
use crate::outcome::{Answer, Failure, ItemFailure, Settle};
use crate::report::Point;
use crate::state::{self, Intent, Pair};

fn closed() -> ItemFailure {
    ItemFailure::new(Failure::Stale, "it is not proven to be gone")
}

impl Work<'_> {
    /// It is gone at the server, and goes here.
    pub(super) fn delete_local(&mut self, gate: Gate, pair: &Pair) -> Answer<()> {
        let facts = &pair.facts;
        let is_gone = self.is_gone_there(pair)?;
        let told_local = self.state.told_local(&facts.local)?;
        let entry = self.local_entry(facts, told_local.as_ref())?;
        let deletion = Absence::proven(true, is_gone)
            .and_then(|proof| gate.pass(Side::Remote, proof, entry))
            .ok_or_else(closed)?;
        match self.local.delete(&deletion).settle()? {
            Ok(()) => {}
            Err(failure) if failure.kind == Failure::Gone => {}
            Err(failure) => return Err(failure.into()),
        }
        self.at(Point::Written)?;
        self.report.deleted_local += 1;
        self.drop_pair(pair)
    }

    /// It is gone here, and goes at the server.
    pub(super) fn delete_remote(&mut self, gate: Gate, pair: &Pair) -> Answer<()> {
        let facts = &pair.facts;
        let told = self.state.told_local(&facts.local)?;
        let is_gone = told.is_some_and(|told| told.is_gone);
        let item = self.item_ref(facts.feed, &facts.item, facts.version.as_ref())?;
        let deletion = Absence::proven(true, is_gone)
            .and_then(|proof| gate.pass(Side::Local, proof, item))
            .ok_or_else(closed)?;
        match self.session.delete(&deletion).settle()? {
            Ok(()) => {}
            Err(failure) if failure.kind == Failure::Gone => {}
            Err(failure) => return Err(failure.into()),
        }
        self.at(Point::Answered)?;
        self.report.deleted_remote += 1;
        self.drop_pair(pair)?;
        self.local.acknowledge_gone(&facts.local)
    }

    /// It is gone on both sides.
    pub(super) fn forget(&mut self, pair: &Pair) -> Answer<()> {
        self.drop_pair(pair)?;
        self.local.acknowledge_gone(&pair.facts.local)
    }

    /// It is gone at the server and was changed here (TWOWAY-09): it is as new.
    pub(super) fn restore_remote(&mut self, pair: &Pair) -> Answer<()> {
        let facts = &pair.facts;
        self.state.write(|tx| {
            state::remove_pair(tx, pair.id)?;
            state::forget_remote(tx, facts.feed, &facts.item)
        })?;
        Ok(())
    }

    /// It is gone here and was changed at the server: the same, unless it was only moved here, to another key and without
    /// its pair's name.
    pub(super) fn restore_local(&mut self, pair: &Pair) -> Answer<()> {
        let facts = &pair.facts;
        if let Some(print) = &facts.print
            && let Some(key) = self.moved_here(print)?
        {
            let mut moved = pair.clone();
            moved.facts.local = key;
            self.state.write(|tx| {
                state::forget_local(tx, &facts.local)?;
                state::update_pair(tx, &moved)
            })?;
            return self.local.acknowledge_gone(&facts.local);
        }
        self.state.write(|tx| {
            state::remove_pair(tx, pair.id)?;
            state::forget_local(tx, &facts.local)
        })?;
        self.at(Point::Kept)?;
        self.local.acknowledge_gone(&facts.local)
    }

    fn drop_pair(&mut self, pair: &Pair) -> Answer<()> {
        self.at(Point::Folding)?;
        self.state.write(|tx| state::remove_pair(tx, pair.id))?;
        self.forget_told(&pair.facts)?;
        Ok(())
    }

    /// Deletes old items at the server that have a newer one in their places.
    pub(super) fn delete_superseded(&mut self) -> Answer<()> {
        for row in self.state.journal(Intent::Superseded)? {
            self.check()?;
            let facts = &row.facts;
            let Ok(item) = self.item_ref(facts.feed, &facts.item, None) else {
                // Its folder is gone, and it with it.
                self.state.write(|tx| state::remove_journal(tx, row.id))?;
                continue;
            };
            let deletion = Superseded::journalled(&facts.item).pass(item);
            match self.session.delete(&deletion).settle()? {
                Ok(()) => {}
                Err(failure) if failure.kind == Failure::Gone => {}
                Err(failure) => {
                    let path = self.tree.path(facts.folder);
                    let text = format!("its older version is still at the server: {failure}");
                    self.warn(crate::report::Warning::new(&path, &facts.title, text));
                    continue;
                }
            }
            self.at(Point::Answered)?;
            self.state.write(|tx| state::remove_journal(tx, row.id))?;
        }
        Ok(())
    }
}
