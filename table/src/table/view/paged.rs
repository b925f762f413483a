//! A view whose source has its rows in order: it holds none of them (STORE-20).

use super::super::entry::{Entry, Name};
use super::super::facts::RowFacts;
use super::super::fault::Result;
use super::super::order::Order;
use super::super::outline::Outline;
use super::super::source::{Direction, Index, Key, Place, PropId, RowId, Rows, Values};
use super::listed::Listed;

/// A view whose source has its rows in order.
pub(super) struct Paged {
    index: Index,
    /// The properties of the index's columns.
    columns: Vec<PropId>,
    cursor: Cursor,
}

/// Where a cursor is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cursor {
    pub(super) place: Place,
    /// How many rows are before it, if that is known.
    number: Option<usize>,
}

impl Cursor {
    pub(super) const START: Self = Self {
        place: Place::Start,
        number: Some(0),
    };
    pub(super) const END: Self = Self {
        place: Place::End,
        number: None,
    };
}

impl Paged {
    pub(super) fn new(index: Index, order: &Order) -> Self {
        let columns = order.as_index().unwrap_or_default();
        Self {
            index,
            columns: columns.iter().map(|column| column.property).collect(),
            cursor: Cursor::START,
        }
    }

    pub(super) fn cursor(&self) -> &Cursor {
        &self.cursor
    }

    pub(super) fn set_cursor(&mut self, cursor: Cursor) {
        self.cursor = cursor;
    }

    /// All rows.
    pub(super) fn all(&self, rows: &dyn Rows) -> Result<Outline> {
        let mut entries = Vec::new();
        let mut add = |row, _| {
            entries.push(Entry::leaf(row, 0, false));
            Ok(())
        };
        let (start, forwards) = (Place::Start, Direction::Forwards);
        rows.page(self.index, &start, forwards, usize::MAX, &[], &mut add)?;
        Ok(Outline::new(entries))
    }

    /// The list that takes its place, where the index has not all rows in theirs any more. The cursor stays before its row,
    /// or where that was.
    pub(super) fn into_list(mut self, outline: Outline, rows: &dyn Rows) -> Result<Listed> {
        let found = match &self.cursor.place {
            Place::Before(key) => outline.find(Name::Leaf(key.row, 0)),
            Place::Start | Place::End => None,
        };
        self.cursor.number = None;
        let cursor = match found {
            Some((_, Some(position))) => position,
            _ => self.position(rows)?,
        };
        let mut listed = Listed::new(outline);
        listed.set_cursor(cursor);
        Ok(listed)
    }

    /// How many rows are before the cursor. It is counted only if rows came or went since it was known.
    pub(super) fn position(&mut self, rows: &dyn Rows) -> Result<usize> {
        if let Some(number) = self.cursor.number {
            return Ok(number);
        }
        let number = match &self.cursor.place {
            Place::Start => 0,
            Place::Before(key) => rows.position(self.index, key)?,
            Place::End => return rows.count(),
        };
        self.cursor.number = Some(number);
        Ok(number)
    }

    /// The key of a row; none where it is not there.
    pub(super) fn key(&self, row: RowId, rows: &dyn Rows) -> Result<Option<Key>> {
        let values = rows.read(row, &self.columns)?;
        Ok(values.map(|values| Key { values, row }))
    }

    /// The key of a row as it sorts among others; none where it is not there.
    pub(super) fn sort_key(
        &self,
        row: RowId,
        order: &Order,
        rows: &dyn Rows,
    ) -> Result<Option<Vec<u8>>> {
        let facts = RowFacts::read(rows, row, &self.columns)?;
        Ok(facts.map(|facts| order.key(&facts, row, 0).bytes))
    }

    /// The first row at a key or after it; none where there is none.
    pub(super) fn at(&self, key: Key, rows: &dyn Rows) -> Result<Option<RowId>> {
        let page = self.ids(&Place::Before(key), Direction::Forwards, 1, rows)?;
        Ok(page.first().copied())
    }

    /// How many columns the index has.
    pub(super) fn column_count(&self) -> usize {
        self.columns.len()
    }

    /// The cursor goes before a row.
    pub(super) fn go_before(&mut self, row: RowId, rows: &dyn Rows) -> Result<()> {
        self.cursor = self.before(row, None, rows)?;
        Ok(())
    }

    /// The row before one, in order; none where it is the first.
    pub(super) fn prior(&self, key: Key, rows: &dyn Rows) -> Result<Option<RowId>> {
        let page = self.ids(&Place::Before(key), Direction::Backwards, 1, rows)?;
        Ok(page.first().copied())
    }

    /// Up to so many rows from a cursor on, the nearest first.
    pub(super) fn page(
        &self,
        from: &Cursor,
        direction: Direction,
        count: usize,
        rows: &dyn Rows,
    ) -> Result<Vec<RowId>> {
        self.ids(&from.place, direction, count, rows)
    }

    fn ids(
        &self,
        from: &Place,
        direction: Direction,
        count: usize,
        rows: &dyn Rows,
    ) -> Result<Vec<RowId>> {
        let mut ids = Vec::new();
        let mut add = |row, _| {
            ids.push(row);
            Ok(())
        };
        rows.page(self.index, from, direction, count, &[], &mut add)?;
        Ok(ids)
    }

    fn before(&self, row: RowId, number: Option<usize>, rows: &dyn Rows) -> Result<Cursor> {
        let key = self.key(row, rows)?;
        Ok(match key {
            Some(key) => Cursor {
                place: Place::Before(key),
                number,
            },
            None => Cursor::END,
        })
    }

    /// The cursor so many rows further, and how many there were.
    pub(super) fn step(
        &self,
        from: &Cursor,
        direction: Direction,
        count: usize,
        rows: &dyn Rows,
    ) -> Result<(Cursor, usize)> {
        if count == 0 {
            return Ok((from.clone(), 0));
        }
        let mut seen = 0;
        let mut count_row = |_, _: Values| seen += 1;
        let cursor = self.walk((from, direction, count), &[], rows, &mut count_row)?;
        Ok((cursor, seen))
    }

    /// What `QueryRows` gives, with properties of each row, and where the cursor is then (STORE-13). `show` makes of a row
    /// and its values, behind which there may be more, what is given. All of it is one look at the index.
    pub(super) fn query<R>(
        &self,
        backwards: bool,
        count: usize,
        advance: bool,
        properties: &[PropId],
        rows: &dyn Rows,
        mut show: impl FnMut(RowId, Values) -> R,
    ) -> Result<(Vec<R>, Cursor)> {
        let direction = match backwards {
            true => Direction::Backwards,
            false => Direction::Forwards,
        };
        let mut page = Vec::new();
        let mut add = |row, values| page.push(show(row, values));
        let from = &self.cursor;
        let cursor = match advance != backwards {
            true => self.walk((from, direction, count), properties, rows, &mut add)?,
            false => {
                let mut add = |row, values| {
                    add(row, values);
                    Ok(())
                };
                let place = &from.place;
                rows.page(self.index, place, direction, count, properties, &mut add)?;
                from.clone()
            }
        };
        if backwards {
            page.reverse();
        }
        Ok((page, cursor))
    }

    /// Goes so many rows from a cursor, visits them with some properties, and tells where the cursor is then. Where there is
    /// no row it stays: one that comes later is then seen.
    fn walk(
        &self,
        (from, direction, count): (&Cursor, Direction, usize),
        properties: &[PropId],
        rows: &dyn Rows,
        visit: &mut dyn FnMut(RowId, Values),
    ) -> Result<Cursor> {
        // What the cursor is made of, behind what is shown.
        let all: Vec<PropId> = properties.iter().chain(&self.columns).copied().collect();
        // One more tells whether there is a row to stand before.
        let most = count.saturating_add(1);
        let before = match direction {
            Direction::Forwards => count,
            Direction::Backwards => count.saturating_sub(1),
        };
        let (mut seen, mut key) = (0, None);
        let mut look = |row, values: Values| {
            if seen == before {
                let values = values[properties.len()..].to_vec();
                key = Some(Key { values, row });
            }
            if seen < count {
                visit(row, values);
            }
            seen += 1;
            Ok(())
        };
        rows.page(self.index, &from.place, direction, most, &all, &mut look)?;
        let number = match direction {
            Direction::Forwards => from.number.map(|number| number + count),
            Direction::Backwards => from.number.and_then(|number| number.checked_sub(count)),
        };
        Ok(match (key, direction) {
            _ if seen == 0 => from.clone(),
            (Some(key), _) if seen > count => Cursor {
                place: Place::Before(key),
                number,
            },
            (_, Direction::Forwards) => Cursor::END,
            (_, Direction::Backwards) => Cursor::START,
        })
    }

    /// Rows have come, gone or changed: the cursor stays before its row, or before the next one that is left.
    pub(super) fn follow(
        &mut self,
        has_changed: impl Fn(RowId) -> bool,
        rows: &dyn Rows,
    ) -> Result<()> {
        let Place::Before(key) = &self.cursor.place else {
            return Ok(());
        };
        let row = match has_changed(key.row) {
            false => Some(key.row),
            true if rows.read(key.row, &[])?.is_some() => Some(key.row),
            true => {
                let next = self.page(&self.cursor, Direction::Forwards, 1, rows)?;
                next.first().copied()
            }
        };
        self.cursor = match row {
            Some(row) => self.before(row, None, rows)?,
            None => Cursor::END,
        };
        Ok(())
    }
}
