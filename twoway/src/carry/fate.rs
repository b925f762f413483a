//! What became of an item that was sent without an answer.

use super::{Result, Work};
use crate::heard::Sight;
use crate::outcome::{Answer, Failure, ItemFailure, Settle};
use crate::remote::Placed;
use crate::state::{self, Intent, JournalRow, Subject};

/// What became of something that was sent without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is there, and in the common state now.
    Arrived,
    /// It is not there, and may be sent again.
    Lost,
    /// It is seen in the next round, once something is listed once more.
    NextRound,
    /// It can't be found out in this run.
    Unknown,
}

/// It is not sent again before it is known.
pub(super) fn unknown_fate() -> ItemFailure {
    ItemFailure::new(
        Failure::Failed,
        "it may have arrived before, which can't be found out now",
    )
}

impl Work<'_> {
    /// Puts without an answer whose item is not here any more. Everything that is new at the server was looked at: what was
    /// not found did not arrive, and what comes later is somebody else's.
    pub(crate) fn settle_lost_puts(&mut self) -> Result<()> {
        for row in self.state.journal(Intent::Put)? {
            self.check()?;
            let told = self.state.told_local(&row.facts.local)?;
            if row.id > self.last_row || told.is_some_and(|told| !told.is_gone) {
                continue;
            }
            if self.is_local_paired(&row)? {
                self.state.write(|tx| state::remove_journal(tx, row.id))?;
            } else {
                // What is not known yet is asked again in the next run.
                let _ = self.fate(&row).settle()?;
            }
        }
        Ok(())
    }

    /// What became of a put without an answer, which is sent again if it is lost: not at every run for ever, as there are
    /// servers that change what they get, so that nothing is found (TWOWAY-19).
    pub(super) fn before_sending_again(&mut self, row: &JournalRow) -> Answer<Fate> {
        let subject = Subject::sent(&row.facts.local);
        let stamp = row.facts.revision.as_str();
        if let Some(text) = self.state.waits(&subject, stamp, self.run)? {
            return Err(ItemFailure::new(Failure::Failed, text).into());
        }
        let fate = self.fate(row)?;
        if fate == Fate::Lost {
            let text =
                "it was sent, and the server has nothing like it: perhaps it changes what it gets";
            self.state.failed(&subject, stamp, self.run, text, false)?;
        }
        Ok(fate)
    }

    /// What became of a put without an answer. What is new at the server was downloaded and compared before; what is left
    /// in the folder, or could not be downloaded from another, is compared here.
    pub(super) fn fate(&mut self, row: &JournalRow) -> Answer<Fate> {
        let has_folder = self.tree.remote_key(row.facts.folder).is_some();
        let feed = self.feed_of(row.facts.folder);
        let home = self.heard.at(feed);
        if has_folder && home.is_none() && self.abilities.per_folder {
            // It could not be listed, or it was made just now.
            if self.heard.feed_since(feed, 0) == Sight::NextRound {
                return Ok(Fate::NextRound);
            }
        }
        if self.unsure.contains(&row.id) || has_folder && home.is_none() {
            return Ok(Fate::Unknown);
        }
        match self.is_seen_elsewhere(row, home) {
            Sight::Clear => {}
            Sight::NextRound => return Ok(Fate::NextRound),
            Sight::Blocked if self.waits_once(row, "a folder can't be listed")? => {
                return Ok(Fate::Unknown);
            }
            Sight::Blocked => {}
        }
        for told in self.state.new_remotes()? {
            let subject = Subject::item(told.feed, &told.item);
            let is_in_folder = told.folders.contains(&row.facts.folder);
            if !is_in_folder && !self.state.has_failed(&subject)? {
                continue;
            }
            // One that can't be looked at may be it.
            let Ok(print) = self.print_there(&told).settle()? else {
                if is_in_folder || self.waits_once(row, "an item can't be read")? {
                    return Ok(Fate::Unknown);
                }
                continue;
            };
            if Some(print) == row.facts.print {
                let mut row = row.clone();
                row.facts.feed = told.feed;
                row.facts.know_as(&told);
                let placed = Placed {
                    key: Some(told.item),
                    version: told.version,
                };
                if self.keep_found_put(&row, placed).settle()?.is_err() {
                    return Ok(Fate::Unknown);
                }
                self.report.adopted += 1;
                return Ok(Fate::Arrived);
            }
        }
        self.state.write(|tx| state::remove_journal(tx, row.id))?;
        Ok(Fate::Lost)
    }

    /// What was sent to a folder may have been moved since, to where it would be seen only after that folder was
    /// (TWOWAY-29).
    fn is_seen_elsewhere(&mut self, row: &JournalRow, home: Option<i64>) -> Sight {
        if !self.abilities.per_folder {
            return Sight::Clear;
        }
        let mut places = self.tree.places();
        places.retain(|place| *place != row.facts.folder);
        // Its folder is gone: so the folders say.
        let since = home.unwrap_or(self.heard.folders_at() - 1);
        self.heard.all_twice_since(places, since)
    }

    /// Whether a put without an answer waits for the next run.
    fn waits_once(&mut self, row: &JournalRow, why: &str) -> Result<bool> {
        let subject = Subject::sent(&row.facts.local);
        let stamp = row.facts.revision.as_str();
        Ok(self.state.waits_once(&subject, stamp, self.run, why)?)
    }
}
