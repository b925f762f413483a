//! A list of rows: all that a restriction lets through, in order, with the headings of categories. What is below a closed
//! heading is in the list too, and is not shown.

use super::entry::{Entry, Kind, Name};
use super::fault::Result;

/// A list of rows, shown and hidden.
#[derive(Clone, Default)]
pub(super) struct Outline {
    entries: Vec<Entry>,
    /// How many are shown.
    shown: usize,
    has_headings: bool,
}

/// Where a row is to go: how it compares with the row at an entry.
pub(super) type Compare<'a> = dyn FnMut(Entry) -> Result<bool> + 'a;

impl Outline {
    pub(super) fn new(mut entries: Vec<Entry>) -> Self {
        // STORE-20: no more memory than the rows take.
        entries.shrink_to_fit();
        let mut outline = Self {
            entries,
            ..Self::default()
        };
        outline.count();
        outline
    }

    fn count(&mut self) {
        self.has_headings = self.entries.iter().any(|entry| entry.is_heading());
        self.shown = match self.has_headings {
            true => self.rows().count(),
            false => self.entries.len(),
        };
    }

    /// How many rows are shown.
    pub(super) fn len(&self) -> usize {
        self.shown
    }

    /// All entries, shown and hidden.
    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// How many bytes the list takes.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.entries.capacity() * size_of::<Entry>()
    }

    pub(super) fn entry(&self, at: usize) -> Option<Entry> {
        self.entries.get(at).copied()
    }

    /// The rows that are shown, each with its place among all entries.
    pub(super) fn rows(&self) -> impl Iterator<Item = (usize, Entry)> + '_ {
        self.rows_from(0)
    }

    fn rows_from(&self, at: usize) -> impl Iterator<Item = (usize, Entry)> + '_ {
        let mut next = at;
        std::iter::from_fn(move || {
            let at = next;
            let entry = *self.entries.get(at)?;
            next = at
                + 1
                + if entry.is_collapsed() {
                    entry.below()
                } else {
                    0
                };
            Some((at, entry))
        })
    }

    /// The rows that are shown from a position on.
    pub(super) fn rows_at(&self, position: usize) -> impl Iterator<Item = (usize, Entry)> + '_ {
        let skipped = if self.has_headings { position } else { 0 };
        let start = if self.has_headings { 0 } else { position };
        self.rows_from(start).skip(skipped)
    }

    /// Where a row is: its entry, and its position if it is shown.
    pub(super) fn find(&self, name: Name) -> Option<(usize, Option<usize>)> {
        let at = self.entries.iter().position(|entry| entry.name() == name)?;
        if !self.has_headings {
            return Some((at, Some(at)));
        }
        let mut shown = self.rows().enumerate();
        let shown = shown.find(|(_, (entry, _))| *entry >= at);
        let position = shown.filter(|(_, (entry, _))| *entry == at);
        Some((at, position.map(|(position, _)| position)))
    }

    /// The headings above an entry, the outermost first.
    pub(super) fn above(&self, at: usize) -> Vec<usize> {
        let mut above = Vec::new();
        let mut next = 0;
        while next < at && self.has_headings {
            let end = next + 1 + self.entries[next].below();
            if at < end {
                above.push(next);
                next += 1;
            } else {
                next = end;
            }
        }
        above
    }

    /// The first leaf at or below an entry.
    pub(super) fn first_leaf(&self, at: usize) -> Option<Entry> {
        self.entries
            .get(at..)?
            .iter()
            .copied()
            .find(|entry| !entry.is_heading())
    }

    /// All leaves below a heading.
    pub(super) fn leaves(&self, heading: usize) -> impl Iterator<Item = Entry> + '_ {
        let below = self.entries.get(heading).map_or(0, |entry| entry.below());
        let below = &self.entries[heading + 1..heading + 1 + below];
        below.iter().copied().filter(|entry| !entry.is_heading())
    }

    /// How many leaves are below a heading, and how many of them are unread.
    pub(super) fn content(&self, heading: usize) -> (usize, usize) {
        let mut content = (0, 0);
        for leaf in self.leaves(heading) {
            content.0 += 1;
            content.1 += usize::from(matches!(leaf.kind(), Kind::Leaf { unread: true, .. }));
        }
        content
    }

    /// All headings.
    pub(super) fn headings(&self) -> impl Iterator<Item = (usize, Entry)> + '_ {
        let all = self.entries.iter().copied().enumerate();
        all.filter(|(_, entry)| entry.is_heading())
    }

    /// Opens or closes a heading, and tells how many rows came or went.
    pub(super) fn set_expanded(&mut self, heading: usize, expanded: bool) -> usize {
        let before = self.shown;
        if let Some(entry) = self.entries.get_mut(heading) {
            *entry = entry.with_expanded(expanded);
        }
        self.count();
        before.abs_diff(self.shown)
    }

    /// Opens and closes all headings, each as its category and level say.
    pub(super) fn open_as(&mut self, is_open: impl Fn(u64, usize) -> bool) {
        for entry in &mut self.entries {
            if let Kind::Heading {
                category, level, ..
            } = entry.kind()
            {
                *entry = entry.with_expanded(is_open(category, level));
            }
        }
        self.count();
    }

    /// Takes out the leaves of a kind, and the headings that nothing is below any more. Tells whether there were any.
    pub(super) fn remove(&mut self, mut is_gone: impl FnMut(Entry) -> bool) -> bool {
        let before = self.entries.len();
        // Headings that are still open in the walk: where they are now, and where they ended before.
        let mut open: Vec<(usize, usize)> = Vec::new();
        let mut kept = 0;
        for at in 0..self.entries.len() {
            self.close(&mut open, at, &mut kept);
            let entry = self.entries[at];
            if entry.is_heading() {
                open.push((kept, at + 1 + entry.below()));
            } else if is_gone(entry) {
                continue;
            }
            self.entries[kept] = entry;
            kept += 1;
        }
        self.close(&mut open, usize::MAX, &mut kept);
        self.entries.truncate(kept);
        self.count();
        kept < before
    }

    /// Ends the headings that end before an entry.
    fn close(&mut self, open: &mut Vec<(usize, usize)>, at: usize, kept: &mut usize) {
        while let Some((heading, _)) = open.pop_if(|(_, end)| *end <= at) {
            match *kept - heading - 1 {
                0 => *kept = heading,
                below => self.entries[heading] = self.entries[heading].with_below(below),
            }
        }
    }

    /// Puts a leaf into its place, below the categories that it is part of. `goes_before(entry)` says whether the row at a
    /// leaf goes before the new one; of a heading its first leaf is asked for.
    ///
    /// # Errors
    ///
    /// A row can't be compared. Nothing is changed then.
    pub(super) fn insert(
        &mut self,
        leaf: Entry,
        categories: &[Entry],
        goes_before: &mut Compare<'_>,
    ) -> Result<()> {
        let mut within = 0..self.entries.len();
        let mut above = Vec::new();
        let mut place = None;
        for category in categories {
            let siblings = self.siblings(within.clone());
            let same = |at: &&usize| self.entries[**at].name() == category.name();
            if let Some(at) = siblings.iter().find(same).copied() {
                above.push(at);
                within = at + 1..at + 1 + self.entries[at].below();
                continue;
            }
            let mut first_goes_before = |at: usize| match self.first_leaf(siblings[at]) {
                Some(leaf) => goes_before(leaf),
                None => Ok(true),
            };
            let sibling = lower_bound(0..siblings.len(), &mut first_goes_before)?;
            place = Some(siblings.get(sibling).copied().unwrap_or(within.end));
            break;
        }
        let place = match place {
            Some(place) => place,
            None => lower_bound(within, &mut |at| goes_before(self.entries[at]))?,
        };
        let new = &categories[above.len()..];
        let headings = new.iter().enumerate();
        let headings = headings.map(|(at, heading)| heading.with_below(new.len() - at));
        let added: Vec<Entry> = headings.chain([leaf]).collect();
        for at in above {
            let entry = self.entries[at];
            self.entries[at] = entry.with_below(entry.below() + added.len());
        }
        self.make_room(added.len());
        self.entries.splice(place..place, added);
        self.count();
        Ok(())
    }

    /// STORE-20: a vector that doubles could take more than sixteen bytes a row.
    fn make_room(&mut self, more: usize) {
        if self.entries.capacity() - self.entries.len() < more {
            self.entries.reserve_exact(more + self.entries.len() / 8);
        }
    }

    /// The entries of one level.
    fn siblings(&self, within: std::ops::Range<usize>) -> Vec<usize> {
        let mut siblings = Vec::new();
        let mut next = within.start;
        while next < within.end {
            siblings.push(next);
            next += 1 + self.entries[next].below();
        }
        siblings
    }
}

/// The first place at which `goes_before` no longer holds.
///
/// # Errors
///
/// Those of `goes_before`.
pub(super) fn lower_bound(
    mut within: std::ops::Range<usize>,
    goes_before: &mut dyn FnMut(usize) -> Result<bool>,
) -> Result<usize> {
    while !within.is_empty() {
        let middle = within.start + within.len() / 2;
        if goes_before(middle)? {
            within.start = middle + 1;
        } else {
            within.end = middle;
        }
    }
    Ok(within.start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(row: u64) -> Entry {
        Entry::leaf(row, 0, row % 2 == 1)
    }

    fn heading(category: u64, level: usize, expanded: bool, below: usize) -> Entry {
        Entry::heading(category, level, expanded).with_below(below)
    }

    /// 1 (open): 10, 11; 2 (closed): 20, 3 (open): 30.
    fn outline() -> Outline {
        Outline::new(vec![
            heading(1, 0, true, 2),
            leaf(10),
            leaf(11),
            heading(2, 0, false, 1),
            leaf(20),
            heading(3, 0, true, 1),
            leaf(30),
        ])
    }

    fn shown(outline: &Outline) -> Vec<Name> {
        outline.rows().map(|(_, entry)| entry.name()).collect()
    }

    #[test]
    fn store_17_what_is_below_a_closed_heading_is_not_shown() {
        let mut outline = outline();
        let expected = [
            Name::Heading(1),
            Name::Leaf(10, 0),
            Name::Leaf(11, 0),
            Name::Heading(2),
            Name::Heading(3),
            Name::Leaf(30, 0),
        ];
        assert_eq!(shown(&outline), expected);
        assert_eq!(outline.len(), 6);
        assert_eq!(outline.find(Name::Leaf(20, 0)), Some((4, None)));
        assert_eq!(outline.find(Name::Leaf(30, 0)), Some((6, Some(5))));
        assert_eq!(outline.content(0), (2, 1));
        assert_eq!(outline.set_expanded(3, true), 1);
        assert_eq!(outline.find(Name::Leaf(20, 0)), Some((4, Some(4))));
        assert_eq!(outline.above(4), [3]);
    }

    #[test]
    fn a_category_goes_with_its_last_row() {
        let mut outline = outline();
        outline.remove(|entry| matches!(entry.name(), Name::Leaf(11 | 20, _)));
        let expected = [
            Name::Heading(1),
            Name::Leaf(10, 0),
            Name::Heading(3),
            Name::Leaf(30, 0),
        ];
        assert_eq!(shown(&outline), expected);
        assert_eq!(outline.content(0), (1, 0));
    }

    #[test]
    fn a_row_goes_into_its_category_or_makes_one() {
        let mut outline = outline();
        let mut insert = |row, category| {
            let categories = [Entry::heading(category, 0, true)];
            let mut goes_before =
                |entry: Entry| Ok(matches!(entry.name(), Name::Leaf(other, _) if other < row));
            outline.insert(leaf(row), &categories, &mut goes_before)
        };
        insert(21, 2).expect("it compares");
        insert(25, 4).expect("it compares");
        insert(5, 5).expect("it compares");
        let all: Vec<Name> = outline.entries.iter().map(|entry| entry.name()).collect();
        let expected = [
            Name::Heading(5),
            Name::Leaf(5, 0),
            Name::Heading(1),
            Name::Leaf(10, 0),
            Name::Leaf(11, 0),
            Name::Heading(2),
            Name::Leaf(20, 0),
            Name::Leaf(21, 0),
            Name::Heading(4),
            Name::Leaf(25, 0),
            Name::Heading(3),
            Name::Leaf(30, 0),
        ];
        assert_eq!(all, expected);
        assert_eq!(outline.content(5), (2, 1));
    }
}
