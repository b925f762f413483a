//! A list of rows is made of what a source has: matched, sorted, grouped.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

use mapi_provider_abi::mapi::PR_MESSAGE_FLAGS;

use super::entry::Entry;
use super::facts::{Facts, RowFacts};
use super::fault::Result;
use super::matching::{Condition, Counters};
use super::order::{Dependence, Order, RowKey};
use super::outline::Outline;
use super::source::{PropId, RowId, Rows};

/// The bit of `PR_MESSAGE_FLAGS` that says that a message was read.
const MSGFLAG_READ: u32 = 1;

/// Which rows a table shows, and in which order.
pub(super) struct Plan<'a> {
    pub(super) order: &'a Order,
    pub(super) condition: Option<&'a Condition>,
    /// Whether a category is open, of those that are not as they are at first.
    pub(super) is_expanded: &'a dyn Fn(u64) -> Option<bool>,
}

/// A leaf that is to be shown, with its place.
pub(super) struct Item {
    pub(super) key: RowKey,
    pub(super) leaf: Entry,
    /// What it says to the place of its categories, for each level.
    extremes: Vec<Vec<u8>>,
}

impl Plan<'_> {
    /// The properties that rows have to be read for.
    pub(super) fn properties(&self) -> Vec<PropId> {
        let condition = self.condition.map_or(&[][..], Condition::properties);
        let mut all = self.order.properties();
        all.extend(condition);
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Makes the list.
    ///
    /// # Errors
    ///
    /// The rows can't be read.
    pub(super) fn build(&self, rows: &dyn Rows) -> Result<Outline> {
        if let (None, Some(columns)) = (self.condition, self.order.as_index())
            && let Some(sorted) = rows.in_order(columns)?
        {
            let leaves = sorted.into_iter().map(|row| Entry::leaf(row, 0, false));
            return Ok(Outline::new(leaves.collect()));
        }
        let properties = self.properties();
        let candidates = match self.condition.and_then(Condition::text) {
            Some((property, text)) => rows.candidates(property, &text)?,
            None => None,
        };
        let mut counters = self.condition.map(Condition::counters);
        let mut items = Vec::new();
        let mut visit = |row, values| {
            let facts = RowFacts::new(rows, row, &properties, values);
            // STORE-15: the condition is asked, whoever found the row.
            if self.shows(&facts, counters.as_mut())? {
                self.add_items(&facts, row, &mut items);
            }
            Ok(())
        };
        // A row's count depends on all that come before it.
        let depends = self.condition.is_some_and(Condition::depends_on_others);
        let among = candidates.as_deref().filter(|_| !depends);
        rows.scan(among, &properties, &mut visit)?;
        Ok(self.arranged(items))
    }

    /// Sorts and groups leaves.
    pub(super) fn arranged(&self, mut items: Vec<Item>) -> Outline {
        items.sort_unstable_by(|one, other| one.key.bytes.cmp(&other.key.bytes));
        let mut entries = Vec::with_capacity(items.len());
        self.lay_out(&items, 0, &mut entries);
        Outline::new(entries)
    }

    fn shows(&self, facts: &dyn Facts, counters: Option<&mut Counters>) -> Result<bool> {
        match (self.condition, counters) {
            (Some(condition), Some(counters)) => condition.holds(facts, counters),
            _ => Ok(true),
        }
    }

    /// The leaves of a row as it is now; none where it is not shown or not there.
    ///
    /// # Errors
    ///
    /// The row can't be read.
    pub(super) fn items_of(
        &self,
        rows: &dyn Rows,
        row: RowId,
        properties: &[PropId],
    ) -> Result<Vec<Item>> {
        let mut items = Vec::new();
        let Some(facts) = RowFacts::read(rows, row, properties)? else {
            return Ok(items);
        };
        let mut counters = self.condition.map(Condition::counters);
        if self.shows(&facts, counters.as_mut())? {
            self.add_items(&facts, row, &mut items);
        }
        Ok(items)
    }

    /// STORE-18: one for each value of a list that the order makes rows of.
    fn add_items(&self, facts: &dyn Facts, row: RowId, items: &mut Vec<Item>) {
        let unread = !self.order.levels().is_empty() && is_unread(facts);
        let extremes = self.order.levels().iter();
        let extremes: Vec<Vec<u8>> = match self.order.dependence() != Dependence::None {
            true => extremes
                .map(|level| {
                    level
                        .extreme
                        .map_or(Vec::new(), |extreme| extreme.of(facts))
                })
                .collect(),
            false => Vec::new(),
        };
        for instance in 0..self.order.instance_count(facts) {
            items.push(Item {
                key: self.order.key(facts, row, instance),
                leaf: Entry::leaf(row, instance, unread),
                extremes: extremes.clone(),
            });
        }
    }

    /// Lays out the items of one category: its own categories, each with its heading, or its leaves.
    fn lay_out(&self, items: &[Item], level: usize, entries: &mut Vec<Entry>) {
        let Some(shape) = self.order.levels().get(level) else {
            entries.extend(items.iter().map(|item| item.leaf));
            return;
        };
        let mut groups: Vec<Range<usize>> = Vec::new();
        for (at, item) in items.iter().enumerate() {
            match groups.last_mut() {
                Some(group) if items[group.start].key.starts_as(&item.key, level) => {
                    group.end = at + 1;
                }
                _ => groups.push(at..at + 1),
            }
        }
        if let Some(extreme) = shape.extreme {
            groups.sort_by_cached_key(|group| {
                let words = items[group.clone()]
                    .iter()
                    .map(|item| &item.extremes[level]);
                let best = words.reduce(|best, word| match extreme.prefers(word, best) {
                    true => word,
                    false => best,
                });
                (best.cloned(), group.start)
            });
        }
        for group in groups {
            let at = entries.len();
            entries.push(self.heading(&items[group.start].key, level));
            self.lay_out(&items[group], level + 1, entries);
            entries[at] = entries[at].with_below(entries.len() - at - 1);
        }
    }

    /// The headings of an item's categories, the outermost first.
    pub(super) fn headings(&self, key: &RowKey) -> Vec<Entry> {
        let levels = 0..self.order.levels().len();
        levels.map(|level| self.heading(key, level)).collect()
    }

    fn heading(&self, key: &RowKey, level: usize) -> Entry {
        let category = key.category(level);
        let at_first = self.order.levels()[level].expanded;
        let expanded = (self.is_expanded)(category).unwrap_or(at_first);
        Entry::heading(category, level, expanded)
    }
}

impl RowKey {
    /// Whether two rows are in the same category of a level.
    fn starts_as(&self, other: &Self, level: usize) -> bool {
        self.bytes[..self.ends[level]] == other.bytes[..other.ends[level]]
    }

    /// What tells a category from others, in every table of the same order.
    pub(super) fn category(&self, level: usize) -> u64 {
        let mut hasher = DefaultHasher::new();
        (level, &self.bytes[..self.ends[level]]).hash(&mut hasher);
        hasher.finish()
    }
}

fn is_unread(facts: &dyn Facts) -> bool {
    let flags = facts.value(PR_MESSAGE_FLAGS.id());
    let flags = flags.and_then(|flags| flags.as_long());
    flags.is_some_and(|flags| flags as u32 & MSGFLAG_READ == 0)
}
