//! New items come from the server.

mod known;

use std::collections::{BTreeMap, BTreeSet};

use super::{Result, Work};
use crate::item::{Fingerprint, Flags};
use crate::local::{Created, NewLocal};
use crate::outcome::{Answer, Failure, ItemFailure, Settle, Stop, Trouble};
use crate::plan::{self, Planned, Which};
use crate::remote::{ItemRef, Part};
use crate::report::Point;
use crate::state::{self, FolderId, Intent, NewPair, ToldRemote};

/// What an item of unknown size is taken for.
const UNKNOWN_SIZE: u64 = 64 * 1024;

/// An item on its way here.
struct Wanted<'p> {
    planned: &'p Planned,
    told: ToldRemote,
    folder: FolderId,
    item: ItemRef,
}

/// One whose content is here.
struct Made<'p> {
    wanted: Wanted<'p>,
    facts: NewPair,
    content: Vec<u8>,
}

/// What was sent of some items.
struct Fetched {
    /// By the items' numbers; none where nothing came.
    contents: Vec<Option<std::result::Result<Vec<u8>, ItemFailure>>>,
    /// Why nothing else came.
    refused: Option<ItemFailure>,
    /// The connection was lost meanwhile.
    lost: Option<Stop>,
}

impl Work<'_> {
    /// Fetches the first of some items, as many as fit into a batch, and makes them here. Answers how many.
    pub(super) fn downloads(&mut self, items: &[Planned]) -> Result<usize> {
        let mut wanted: BTreeMap<FolderId, Vec<Wanted<'_>>> = BTreeMap::new();
        let mut count = 0;
        let mut bytes = 0;
        for planned in items {
            // TWOWAY-25: the batch bounds the memory, however many there are.
            if count >= self.options.batch.max(1) || bytes >= self.options.batch_bytes as u64 {
                break;
            }
            count += 1;
            match self.wanted(planned).settle()? {
                Ok(Some(one)) => {
                    bytes += one.told.size.unwrap_or(UNKNOWN_SIZE);
                    wanted.entry(one.told.feed).or_default().push(one);
                }
                Ok(None) => {}
                Err(failure) => self.failed(planned, "", &failure)?,
            }
        }
        let folders: BTreeSet<FolderId> = wanted.values().flatten().map(|one| one.folder).collect();
        for folder in folders {
            self.print_new_locals(folder)?;
        }
        for (_, group) in wanted {
            self.fetch_group(group)?;
        }
        Ok(count)
    }

    fn wanted<'p>(&mut self, planned: &'p Planned) -> Answer<Option<Wanted<'p>>> {
        let Which::Remote(feed, key) = &planned.which else {
            return Ok(None);
        };
        let told = self.state.told_remote(*feed, key)?;
        let Some(told) = told.filter(|told| !told.is_gone) else {
            return Ok(None);
        };
        // It may be here already, and whether it is could not be found out in this run.
        if self.state.pair_of_item(*feed, key)?.is_some() || self.state.is_being_made(*feed, key)? {
            return Ok(None);
        }
        let told = plan::in_scope(told, &self.tree);
        let Some(folder) = told.folders.first().copied() else {
            return Ok(None);
        };
        let item = self.item_ref(told.feed, &told.item, told.version.as_ref())?;
        Ok(Some(Wanted {
            planned,
            told,
            folder,
            item,
        }))
    }

    /// New local items of a folder that gets new items from the server: the same one may be on both sides (TWOWAY-06).
    fn print_new_locals(&mut self, folder: FolderId) -> Result<()> {
        let mut locals = self.state.new_locals()?;
        locals.retain(|told| told.folder == folder && told.print.is_none());
        for told in locals {
            self.check()?;
            let print = match self.local.read(&told.key).settle()? {
                Ok(content) => Some(Fingerprint::of(&content)),
                Err(failure) if failure.kind == Failure::Gone => None,
                // It stays without one: see `wait_for_unread`.
                Err(_) => continue,
            };
            self.state.write(|tx| match &print {
                Some(print) => state::set_print(tx, &told.key, print),
                None => state::forget_local(tx, &told.key),
            })?;
        }
        Ok(())
    }

    /// Fetches items of one feed, in as many goes as their real sizes ask for.
    fn fetch_group(&mut self, mut group: Vec<Wanted<'_>>) -> Result<()> {
        while !group.is_empty() {
            self.check()?;
            let part = self.part(&group)?;
            let Fetched {
                contents,
                refused,
                lost,
            } = self.fetch_some(&group, part)?;
            let mut rest = Vec::new();
            let mut here = Vec::new();
            for (number, (one, content)) in group.into_iter().zip(contents).enumerate() {
                match content {
                    Some(Ok(content)) => here.push((one, content)),
                    Some(Err(failure)) => self.not_fetched(&one, &failure)?,
                    None if lost.is_some() => {}
                    None => match &refused {
                        Some(failure) => self.not_fetched(&one, failure)?,
                        None if number == 0 => {
                            let text = "the server did not send it";
                            let failure = ItemFailure::new(Failure::Failed, text);
                            self.not_fetched(&one, &failure)?;
                        }
                        None => rest.push(one),
                    },
                }
            }
            let is_stuck = here.is_empty();
            self.make(here, part == Part::Header)?;
            // TWOWAY-22: what came before the connection was lost is here now.
            if let Some(stop) = lost {
                return Err(stop);
            }
            if is_stuck {
                for one in rest {
                    let failure = ItemFailure::new(Failure::Failed, "the server did not send it");
                    self.not_fetched(&one, &failure)?;
                }
                break;
            }
            group = rest;
        }
        Ok(())
    }

    /// What was sent of some items.
    fn fetch_some(&mut self, group: &[Wanted<'_>], part: Part) -> Result<Fetched> {
        let refs: Vec<ItemRef> = group.iter().map(|one| one.item.clone()).collect();
        let mut contents: Vec<Option<_>> = Vec::new();
        contents.resize_with(group.len(), || None);
        let (most, mut held) = (self.options.batch_bytes, 0);
        let monitor = self.monitor;
        let answer = self.session.fetch_many(&refs, part, &mut |number, answer| {
            if monitor.is_cancelled() {
                return Err(Stop::Cancelled.into());
            }
            let content = match answer {
                Ok(content) => Ok(content),
                Err(Trouble::Item(failure)) => Err(failure),
                Err(Trouble::Stop(stop)) => return Err(stop.into()),
            };
            // Sizes are believed by nobody: what does not fit is fetched again.
            if held < most
                && let Some(place) = contents.get_mut(number)
            {
                held += content.as_ref().map_or(0, Vec::len);
                *place = Some(content);
            }
            Ok(())
        });
        let (refused, lost) = match answer {
            Ok(()) => (None, None),
            Err(Trouble::Item(failure)) => (Some(failure), None),
            Err(Trouble::Stop(stop @ Stop::Lost(_))) => (None, Some(stop)),
            Err(Trouble::Stop(stop)) => return Err(stop),
        };
        Ok(Fetched {
            contents,
            refused,
            lost,
        })
    }

    /// How much is fetched of some items. A header says nothing of what a server without identities has: where it may be
    /// something that was sent or moved, or is new here too, the whole is compared, though only headers are wanted.
    fn part(&self, group: &[Wanted<'_>]) -> Result<Part> {
        if !self.options.scope.headers_only {
            return Ok(Part::Whole);
        }
        for one in group.iter().filter(|one| one.told.identity.is_none()) {
            // TWOWAY-04, TWOWAY-06, TWOWAY-13
            if self.state.looks_for_contents(one.folder)? {
                return Ok(Part::Whole);
            }
        }
        Ok(Part::Header)
    }

    fn not_fetched(&mut self, one: &Wanted<'_>, failure: &ItemFailure) -> Result<()> {
        if failure.kind == Failure::Gone {
            // It never was on both sides: nothing is lost by forgetting it.
            let told = &one.told;
            // What has left its folder since that was listed may be elsewhere, where nobody has seen it yet.
            let now = self.state.next_listing()?;
            self.heard.leave(now);
            self.state
                .write(|tx| state::forget_remote(tx, told.feed, &told.item))?;
            return Ok(());
        }
        self.failed(one.planned, &one.told.title, failure)
    }

    fn make(&mut self, here: Vec<(Wanted<'_>, Vec<u8>)>, header_only: bool) -> Result<()> {
        let mut made: Vec<Made<'_>> = Vec::new();
        let mut items = Vec::new();
        for (wanted, content) in here {
            let print = (!header_only).then(|| Fingerprint::of(&content));
            if let Some(print) = &print {
                match self.is_known(&wanted, print).settle()? {
                    Ok(true) => continue,
                    Ok(false) => {}
                    Err(failure) => {
                        self.failed(wanted.planned, &wanted.told.title, &failure)?;
                        continue;
                    }
                }
            }
            let Some(folder) = self.tree.local_key(wanted.folder).cloned() else {
                let text = "its folder could not be made here";
                let failure = ItemFailure::new(Failure::Failed, text);
                self.failed(wanted.planned, &wanted.told.title, &failure)?;
                continue;
            };
            let facts = self.facts(&wanted, print, header_only)?;
            items.push(NewLocal {
                pair: facts.pair.clone(),
                folder,
                flags: facts.flags.clone(),
                date: facts.date,
                content: Vec::new(),
                is_header_only: header_only,
            });
            made.push(Made {
                wanted,
                facts,
                content,
            });
        }
        if made.is_empty() {
            return Ok(());
        }
        // TWOWAY-03: the names are kept before anything is made by them.
        let mut rows = Vec::new();
        self.state.write(|tx| {
            for one in &made {
                let none = Flags::new();
                rows.push(state::insert_journal(
                    tx,
                    Intent::Make,
                    &one.facts,
                    &none,
                    None,
                    None,
                )?);
            }
            Ok(())
        })?;
        self.at(Point::Journalled)?;
        for (item, one) in items.iter_mut().zip(&mut made) {
            item.content = std::mem::take(&mut one.content);
        }
        let answers = match self.local.create(&items).settle()? {
            Ok(answers) => answers,
            Err(failure) => vec![Err(failure.into()); items.len()],
        };
        self.at(Point::Written)?;
        self.keep_made(made, rows, answers)
    }

    fn keep_made(
        &mut self,
        made: Vec<Made<'_>>,
        rows: Vec<i64>,
        answers: Vec<Answer<Created>>,
    ) -> Result<()> {
        let mut failed = Vec::new();
        let mut kept = Vec::new();
        let mut answers = answers.into_iter();
        for (one, row) in made.into_iter().zip(rows) {
            let missing = || Err(Trouble::failed("the local side says nothing of it"));
            match answers.next().unwrap_or_else(missing).settle()? {
                Ok(created) => {
                    let mut facts = one.facts;
                    facts.local = created.key;
                    facts.revision = created.revision;
                    kept.push((facts, row, one.wanted));
                }
                Err(failure) => failed.push((one.wanted, row, failure)),
            }
        }
        self.state.write(|tx| {
            for (facts, row, _) in &kept {
                state::insert_pair(tx, facts)?;
                state::forget_remote(tx, facts.feed, &facts.item)?;
                state::remove_journal(tx, *row)?;
            }
            for (_, row, _) in &failed {
                state::remove_journal(tx, *row)?;
            }
            Ok(())
        })?;
        self.report.downloaded += kept.len() as u64;
        for (facts, _, wanted) in &kept {
            self.succeeded(wanted.planned, Some(facts))?;
        }
        for (wanted, _, failure) in failed {
            self.failed(wanted.planned, &wanted.told.title, &failure)?;
        }
        Ok(())
    }

    fn facts(
        &self,
        wanted: &Wanted<'_>,
        print: Option<Fingerprint>,
        header_only: bool,
    ) -> Result<NewPair> {
        let told = &wanted.told;
        Ok(NewPair {
            pair: self.state.new_pair_id()?,
            feed: told.feed,
            item: told.item.clone(),
            folder: wanted.folder,
            local: crate::item::LocalKey::new(""),
            version: told.version.clone(),
            revision: crate::item::Version::new(""),
            flags: told.flags.clone(),
            date: told.date,
            identity: told.identity.clone(),
            title: told.title.clone(),
            print,
            header_only,
        })
    }
}
