//! A table: the rows that it shows, in its order, and the current position.

use std::collections::{HashMap, HashSet};

use mapi_provider::abi::{
    BOOKMARK_BEGINNING, BOOKMARK_CURRENT, BOOKMARK_END, MAPI_E_INVALID_BOOKMARK, PropTag,
};
use mapi_provider::view::{Restriction, SortOrderSet};

use super::matching;
use super::order;
use super::row::Row;
use super::source::Source;
use crate::db::{Identity, State};
use crate::fault::Result;

/// A table. It follows its source: [`refresh`](Self::refresh) brings it up to date.
pub(crate) struct Contents {
    source: Source,
    columns: Vec<PropTag>,
    restriction: Option<Restriction<'static>>,
    order: SortOrderSet,
    /// The version of the source to which the rows belong; `None` at first.
    version: Option<u64>,
    rows: Vec<Row>,
    /// The rows as last reported to advise sinks; `None` before there are any.
    told: Option<Vec<Row>>,
    position: usize,
    bookmarks: HashMap<usize, Bookmark>,
    next_bookmark: usize,
}

/// A place in the table: before a row, or at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Bookmark {
    position: usize,
    /// The row after it is gone.
    has_moved: bool,
}

/// A changed row.
pub(crate) enum Shift {
    /// It is new, after a row given by its key.
    Added(Row, Option<u32>),
    Modified(Row, Option<u32>),
    Deleted(u32),
}

impl Contents {
    pub(crate) fn new(source: Source, order: SortOrderSet) -> Self {
        let columns = source.columns().to_vec();
        Self {
            source,
            columns,
            restriction: None,
            order,
            version: None,
            rows: Vec::new(),
            told: None,
            position: 0,
            bookmarks: HashMap::new(),
            next_bookmark: BOOKMARK_END as usize + 1,
        }
    }

    /// Updates the rows. Cursor and bookmarks stay in front of the same rows, or of the next ones that
    /// are left.
    pub(crate) fn refresh(&mut self, state: &State, identity: &Identity) {
        let version = self.source.version(state);
        if self.version != Some(version) {
            self.version = Some(version);
            self.replace_rows(self.source.rows(state, identity), identity);
        }
    }

    /// Reads all rows of the source again.
    fn reload(&mut self, state: &State, identity: &Identity) {
        self.version = None;
        self.refresh(state, identity);
        // Rows that come and go because the view changed are not reported.
        if self.told.is_some() {
            self.told = Some(self.rows.clone());
        }
    }

    fn replace_rows(&mut self, rows: Vec<Row>, identity: &Identity) {
        let shown = rows
            .into_iter()
            .filter(|row| self.shows(row, identity))
            .collect();
        let new = order::sort(shown, identity, &self.order);
        let old = std::mem::replace(&mut self.rows, new);
        let places: HashMap<u32, usize> = if self.position == 0 && self.bookmarks.is_empty() {
            HashMap::new()
        } else {
            let rows = self.rows.iter().enumerate();
            rows.map(|(place, row)| (row.key(), place)).collect()
        };
        // Before the same row, or the first one after it that is left.
        let moved = |position: usize| -> (usize, bool) {
            let mut following = old.iter().skip(position);
            let same = following.next().map(|row| places.get(&row.key()));
            match same {
                Some(Some(place)) => (*place, false),
                Some(None) => {
                    let next = following.find_map(|row| places.get(&row.key()));
                    (next.copied().unwrap_or(self.rows.len()), true)
                }
                None => (self.rows.len(), false),
            }
        };
        if self.position > 0 {
            self.position = moved(self.position).0;
        }
        for bookmark in self.bookmarks.values_mut() {
            let (position, has_moved) = moved(bookmark.position);
            bookmark.position = position;
            bookmark.has_moved |= has_moved;
        }
    }

    fn shows(&self, row: &Row, identity: &Identity) -> bool {
        let restriction = self.restriction.as_ref();
        restriction.is_none_or(|restriction| matching::matches(row, identity, restriction))
    }

    /// From now on, changes are reported, if they weren't already.
    pub(crate) fn start_telling(&mut self) {
        if self.told.is_none() {
            self.told = Some(self.rows.clone());
        }
    }

    /// Nobody wants reports any more.
    pub(crate) fn stop_telling(&mut self) {
        self.told = None;
    }

    /// What is different from the rows last reported.
    pub(crate) fn shifts(&mut self) -> Vec<Shift> {
        let Some(told) = &mut self.told else {
            return Vec::new();
        };
        let old = std::mem::replace(told, self.rows.clone());
        let before: HashMap<u32, &Row> = old.iter().map(|row| (row.key(), row)).collect();
        let now: HashSet<u32> = self.rows.iter().map(Row::key).collect();
        let gone = old.iter().map(Row::key).filter(|key| !now.contains(key));
        let mut shifts: Vec<Shift> = gone.map(Shift::Deleted).collect();
        let mut prior = None;
        for row in &self.rows {
            match before.get(&row.key()) {
                None => shifts.push(Shift::Added(row.clone(), prior)),
                Some(old) if !old.is_same(row) => shifts.push(Shift::Modified(row.clone(), prior)),
                Some(_) => {}
            }
            prior = Some(row.key());
        }
        shifts
    }

    pub(crate) fn columns(&self) -> &[PropTag] {
        &self.columns
    }

    pub(crate) fn set_columns(&mut self, columns: Vec<PropTag>) {
        self.columns = columns;
    }

    /// All columns that a row may have a value for.
    pub(crate) fn all_columns(&self, identity: &Identity) -> Vec<PropTag> {
        let mut columns: Vec<PropTag> = self.source.columns().to_vec();
        columns.extend(self.rows.iter().flat_map(|row| row.tags(identity)));
        columns.sort_unstable();
        columns.dedup();
        columns
    }

    /// Shows only rows that match a restriction, from the first one on. Bookmarks become invalid.
    pub(crate) fn restrict(
        &mut self,
        restriction: Option<Restriction<'static>>,
        state: &State,
        identity: &Identity,
    ) {
        self.restriction = restriction;
        self.rewind();
        self.reload(state, identity);
    }

    /// Sorts the rows, and goes to the first one. Bookmarks become invalid.
    ///
    /// # Errors
    ///
    /// Tables don't have such an order.
    pub(crate) fn sort(
        &mut self,
        order: SortOrderSet,
        state: &State,
        identity: &Identity,
    ) -> Result<()> {
        order::check(&order)?;
        self.order = order;
        self.rewind();
        self.reload(state, identity);
        Ok(())
    }

    fn rewind(&mut self) {
        self.position = 0;
        self.bookmarks.clear();
    }

    pub(crate) fn order(&self) -> &SortOrderSet {
        &self.order
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn position(&self) -> usize {
        self.position.min(self.rows.len())
    }

    pub(crate) fn set_position(&mut self, position: usize) {
        self.position = position.min(self.rows.len());
    }

    pub(crate) fn create_bookmark(&mut self) -> usize {
        let number = self.next_bookmark;
        self.next_bookmark += 1;
        self.bookmarks.insert(
            number,
            Bookmark {
                position: self.position(),
                has_moved: false,
            },
        );
        number
    }

    /// # Errors
    ///
    /// There is no such bookmark.
    pub(crate) fn free_bookmark(&mut self, number: usize) -> Result<()> {
        let freed = self.bookmarks.remove(&number);
        freed
            .map(drop)
            .ok_or_else(|| MAPI_E_INVALID_BOOKMARK.into())
    }

    /// Where a bookmark is, and whether its row is gone.
    ///
    /// # Errors
    ///
    /// There is no such bookmark.
    pub(crate) fn place(&self, bookmark: usize) -> Result<(usize, bool)> {
        match u32::try_from(bookmark) {
            Ok(BOOKMARK_BEGINNING) => return Ok((0, false)),
            Ok(BOOKMARK_CURRENT) => return Ok((self.position(), false)),
            Ok(BOOKMARK_END) => return Ok((self.rows.len(), false)),
            _ => {}
        }
        let bookmark = self.bookmarks.get(&bookmark);
        let bookmark = bookmark.ok_or(MAPI_E_INVALID_BOOKMARK)?;
        Ok((bookmark.position.min(self.rows.len()), bookmark.has_moved))
    }

    /// The first row from a place on that matches a restriction: forwards beginning with the row there,
    /// backwards with the row before.
    pub(crate) fn find(
        &self,
        from: usize,
        backward: bool,
        restriction: &Restriction<'_>,
        identity: &Identity,
    ) -> Option<usize> {
        let is_it = |place: &usize| {
            let row = self.rows.get(*place);
            row.is_some_and(|row| matching::matches(row, identity, restriction))
        };
        if backward {
            (0..from.min(self.rows.len())).rev().find(is_it)
        } else {
            (from..self.rows.len()).find(is_it)
        }
    }

    /// At most that many rows from the cursor on; backwards if the count is negative, and then the
    /// cursor ends in front of them. They are always in the table's order.
    pub(crate) fn query(&mut self, count: i32, advance: bool) -> Vec<Row> {
        let position = self.position();
        let wanted = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
        let (from, to) = if count < 0 {
            (position.saturating_sub(wanted), position)
        } else {
            (
                position,
                position.saturating_add(wanted).min(self.rows.len()),
            )
        };
        if advance {
            self.position = if count < 0 { from } else { to };
        }
        self.rows[from..to].to_vec()
    }
}
