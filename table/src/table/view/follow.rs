//! A view follows its source: it takes in what was committed, and keeps what has to be told (STORE-40).
//!
//! Of some commits together it is told what is different after the last: no row between has been seen by anybody.

use std::collections::{BTreeMap, HashMap};

use mapi_provider_abi::mapi::PR_INSTANCE_KEY;
use mapi_provider_abi::view::{Property, TableEvent};

use super::super::blocks;
use super::super::build::Plan;
use super::super::diff::Difference;
use super::super::entry::{Entry, Kind, Name};
use super::super::facts::RowFacts;
use super::super::fault::Result;
use super::super::matching::Condition;
use super::super::order::Dependence;
use super::super::outline::Outline;
use super::super::source::{Change, ChangeKind, Changes, RowId, Rows};
use super::listed::Listed;
use super::paged::Paged;
use super::showing::Showing;
use super::{Body, View};

/// More changes at once than this are told as one (STORE-40).
const MOST_EVENTS: usize = 64;
/// For more changed rows than this a list is made anew.
const MOST_SINGLE: usize = 256;

/// What became of a row by all changes together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fate {
    was_there: bool,
    is_there: bool,
}

/// How changes get into a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Each row that changed is put in its place.
    RowByRow,
    /// Each category that a row left or came into is.
    ByCategory,
    /// The list is made anew.
    Anew,
}

/// What became of the rows that have changed, by their IDs. What came and went between is nothing.
fn fates(changes: &[Change]) -> BTreeMap<RowId, Fate> {
    let mut fates = BTreeMap::new();
    for change in changes {
        let is_there = change.kind != ChangeKind::Deleted;
        let fate = fates.entry(change.row).or_insert(Fate {
            was_there: change.kind != ChangeKind::Added,
            is_there,
        });
        fate.is_there = is_there;
    }
    fates.retain(|_, fate| fate.was_there || fate.is_there);
    fates
}

impl View {
    /// Takes in what was committed since the last time.
    ///
    /// # Errors
    ///
    /// The rows can't be read. Then nothing is known of them any more, and that is told.
    pub(in super::super) fn refresh(&mut self, rows: &dyn Rows) -> Result<()> {
        if matches!(self.body, Body::Unread) || rows.version() == self.version {
            return Ok(());
        }
        let followed = rows
            .changes(self.version)
            .and_then(|changes| self.follow(&changes, rows));
        self.version = rows.version();
        followed.or_else(|fault| {
            self.body = Body::Unread;
            if self.is_telling {
                // Never nothing: whoever shows the rows has to look again.
                self.events.push(TableEvent::Changed);
                self.settle(rows)?;
            }
            Err(fault)
        })
    }

    fn follow(&mut self, changes: &Changes, rows: &dyn Rows) -> Result<()> {
        let fates = match changes {
            Changes::Rows(changes) => Some(fates(changes)),
            Changes::Unknown => None,
        };
        if fates.as_ref().is_some_and(BTreeMap::is_empty) {
            return Ok(());
        }
        // Taken out meanwhile: what fails half-way leaves nothing half-done.
        let events = match std::mem::replace(&mut self.body, Body::Unread) {
            Body::Unread => Vec::new(),
            Body::Paged(paged) if self.index(rows).is_none() => {
                // STORE-40: a row has come that is not in its place there.
                self.body = Body::Listed(paged.into_list(self.plan(&|_| None).build(rows)?, rows)?);
                self.told_as_one()
            }
            Body::Paged(mut paged) => {
                let events = self.follow_paged(&mut paged, fates.as_ref(), rows)?;
                self.body = Body::Paged(paged);
                events
            }
            Body::Listed(mut listed) => {
                let events = self.follow_listed(&mut listed, fates.as_ref(), rows)?;
                self.body = Body::Listed(listed);
                events
            }
        };
        self.events.extend(events);
        Ok(())
    }

    fn follow_paged(
        &self,
        paged: &mut Paged,
        fates: Option<&BTreeMap<RowId, Fate>>,
        rows: &dyn Rows,
    ) -> Result<Vec<TableEvent<'static>>> {
        let has_changed = |row| fates.is_none_or(|fates| fates.contains_key(&row));
        paged.follow(has_changed, rows)?;
        let Some(fates) = fates.filter(|fates| fates.len() <= MOST_EVENTS) else {
            return Ok(self.told_as_one());
        };
        if !self.is_telling {
            return Ok(Vec::new());
        }
        let telling = Telling::new(self.showing(rows));
        let mut events = Vec::new();
        let mut shown = BTreeMap::new();
        for (row, fate) in fates {
            match paged.sort_key(*row, &self.order, rows)? {
                Some(key) => {
                    shown.insert(key, (*row, !fate.was_there));
                }
                None if fate.was_there => events.push(telling.gone(Name::Leaf(*row, 0))),
                None => {}
            }
        }
        for (row, is_new) in shown.into_values() {
            let prior = match paged.key(row, rows)? {
                Some(key) => paged.prior(key, rows)?,
                None => None,
            };
            let prior = prior.map(|prior| Name::Leaf(prior, 0));
            let name = Name::Leaf(row, 0);
            events.push(telling.shown(name, prior, telling.showing.leaf(row, 0)?, is_new));
        }
        Ok(events)
    }

    fn follow_listed(
        &self,
        listed: &mut Listed,
        fates: Option<&BTreeMap<RowId, Fate>>,
        rows: &dyn Rows,
    ) -> Result<Vec<TableEvent<'static>>> {
        let changed: Vec<RowId> = fates
            .into_iter()
            .flat_map(BTreeMap::keys)
            .copied()
            .collect();
        let way = self.way(fates.is_some(), changed.len());
        let open = open_categories(listed.outline());
        let is_expanded = |category: u64| open.get(&category).copied();
        let plan = self.plan(&is_expanded);
        let old = listed.outline().clone();
        match way {
            Way::RowByRow => {
                if !take_in(listed.outline_mut(), &plan, &changed, rows)? {
                    return Ok(Vec::new());
                }
            }
            Way::ByCategory => match blocks::take_in(&old, &plan, &changed, rows)? {
                Some(new) => *listed.outline_mut() = new,
                None => return Ok(Vec::new()),
            },
            Way::Anew => *listed.outline_mut() = plan.build(rows)?,
        }
        listed.follow_from(&old);
        if !self.is_telling {
            return Ok(Vec::new());
        }
        if fates.is_none() {
            return Ok(self.told_as_one());
        }
        let difference = match way {
            Way::RowByRow => Difference::of_some(&old, listed.outline(), &changed),
            Way::ByCategory => Difference::of_blocks(&old, listed.outline(), &changed),
            Way::Anew => Difference::of_all(&old, listed.outline(), &changed),
        };
        if difference.len() > MOST_EVENTS {
            return Ok(self.told_as_one());
        }
        Telling::new(self.showing(rows)).all(listed.outline(), &difference)
    }

    /// How changes get into a list.
    fn way(&self, is_known: bool, count: usize) -> Way {
        let condition = self.condition.as_ref();
        let depends = condition.is_some_and(Condition::depends_on_others);
        match self.order.dependence() {
            _ if !is_known || count > MOST_SINGLE || depends => Way::Anew,
            Dependence::None => Way::RowByRow,
            Dependence::Outermost => Way::ByCategory,
            Dependence::Anywhere => Way::Anew,
        }
    }

    fn told_as_one(&self) -> Vec<TableEvent<'static>> {
        match self.is_telling {
            true => vec![TableEvent::Changed],
            false => Vec::new(),
        }
    }
}

/// Which categories are open; of those that are as they were at first, too.
fn open_categories(outline: &Outline) -> HashMap<u64, bool> {
    let headings = outline.headings().map(|(_, entry)| entry.kind());
    let open = headings.filter_map(|kind| match kind {
        Kind::Heading {
            category, expanded, ..
        } => Some((category, expanded)),
        Kind::Leaf { .. } => None,
    });
    open.collect()
}

/// Takes out the rows that have changed, and puts in what they are now; the others are not read but for a comparison.
/// False where none of them was or is in the list.
fn take_in(
    outline: &mut Outline,
    plan: &Plan<'_>,
    changed: &[RowId],
    rows: &dyn Rows,
) -> Result<bool> {
    let properties = plan.properties();
    let mut items = Vec::new();
    for row in changed {
        items.extend(plan.items_of(rows, *row, &properties)?);
    }
    let has_changed = |entry: Entry| match entry.kind() {
        Kind::Leaf { row, .. } => changed.binary_search(&row).is_ok(),
        Kind::Heading { .. } => false,
    };
    let were_there = outline.remove(has_changed);
    if items.is_empty() && !were_there {
        return Ok(false);
    }
    let compared = plan.order.properties();
    for item in items {
        let mut goes_before = |entry: Entry| {
            let Kind::Leaf { row, instance, .. } = entry.kind() else {
                return Ok(true);
            };
            let facts = RowFacts::read(rows, row, &compared)?;
            let key = facts.map(|facts| plan.order.key(&facts, row, instance));
            // One that is gone will be told of itself.
            Ok(key.is_none_or(|key| key.bytes < item.key.bytes))
        };
        let headings = plan.headings(&item.key);
        outline.insert(item.leaf, &headings, &mut goes_before)?;
    }
    Ok(true)
}

/// Makes events of what is different.
struct Telling<'a> {
    showing: Showing<'a>,
}

impl<'a> Telling<'a> {
    fn new(showing: Showing<'a>) -> Self {
        Self { showing }
    }

    fn index(&self, name: Name) -> Property<'static> {
        Property::new(PR_INSTANCE_KEY, self.showing.instance_key(name))
    }

    fn gone(&self, name: Name) -> TableEvent<'static> {
        TableEvent::RowDeleted {
            index: self.index(name),
        }
    }

    fn shown(
        &self,
        name: Name,
        prior: Option<Name>,
        row: mapi_provider_abi::view::Row<'static>,
        is_new: bool,
    ) -> TableEvent<'static> {
        let index = self.index(name);
        let prior = prior.map(|prior| self.index(prior));
        match is_new {
            true => TableEvent::RowAdded { index, prior, row },
            false => TableEvent::RowModified { index, prior, row },
        }
    }

    /// What is gone first, then from the top what has come or changed: the row before each is in its place by then.
    fn all(&self, outline: &Outline, difference: &Difference) -> Result<Vec<TableEvent<'static>>> {
        let mut events: Vec<_> = difference
            .gone
            .iter()
            .map(|name| self.gone(*name))
            .collect();
        for shown in &difference.shown {
            let from = shown.position.saturating_sub(1);
            let mut around = outline.rows_at(from).take(2);
            let prior = match shown.position {
                0 => None,
                _ => around.next().map(|(_, entry)| entry.name()),
            };
            let Some((at, entry)) = around.next() else {
                continue;
            };
            let row = self.showing.entry(outline, at)?;
            events.push(self.shown(entry.name(), prior, row, shown.is_new));
        }
        Ok(events)
    }
}
