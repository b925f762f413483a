//! A table, call by call.

use std::ptr;

use mapi_provider::abi::{
    FindRowFlags, IMAPIAdviseSink, IMAPITable, NotificationEvents, PropTag, QueryColumnsFlags,
    QueryRowsFlags, SRowSet, TableFlags,
};
use mapi_provider::view::{
    Allocators, Limits, PropTags, PropValue, Restriction, Row, RowSet, SortDirection, SortOrder,
    SortOrderSet,
};
use windows_core::{HRESULT, Interface};

use super::calls::{Answer, built, done, senseless};

/// How many rows "all of them" are: no scenario makes as many.
const ALL: i32 = 1000;

/// Where a search or a step begins.
pub(super) const BEGINNING: usize = 0;
pub(super) const CURRENT: usize = 1;
pub(super) const END: usize = 2;

pub(super) struct Table {
    pub(super) table: IMAPITable,
    allocators: Allocators,
}

/// Where the cursor stands.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) row: u32,
    pub(super) numerator: u32,
    pub(super) denominator: u32,
}

/// A key of an order.
pub(super) fn by(tag: PropTag, direction: SortDirection) -> SortOrder {
    SortOrder { tag, direction }
}

/// An order without categories.
pub(super) fn order(orders: &[SortOrder]) -> SortOrderSet {
    SortOrderSet {
        orders: orders.to_vec(),
        ..SortOrderSet::default()
    }
}

impl Table {
    pub(super) fn new(table: IMAPITable, allocators: Allocators) -> Self {
        Self { table, allocators }
    }

    /// The same table, if a call answered what it should.
    pub(super) fn with_columns(self, tags: &[PropTag]) -> Answer<Self> {
        self.set_columns(tags)?;
        Ok(self)
    }

    pub(super) fn set_columns(&self, tags: &[PropTag]) -> Answer<()> {
        let tags = built(self.allocators.build(&PropTags::from(tags)))?;
        // SAFETY: the array is one.
        done("IMAPITable::SetColumns", unsafe {
            self.table.SetColumns(tags.as_ptr(), TableFlags::empty())
        })
    }

    pub(super) fn columns(&self, flags: QueryColumnsFlags) -> Answer<Vec<PropTag>> {
        const CALL: &str = "IMAPITable::QueryColumns";
        let mut tags = ptr::null_mut();
        // SAFETY: a live variable.
        done(CALL, unsafe { self.table.QueryColumns(flags, &mut tags) })?;
        // SAFETY: the call has succeeded, so this is an array of tags, and ours to free.
        let Some(tags) = (unsafe { self.allocators.adopt(tags, 1) }) else {
            return Err(senseless(CALL, "there are no tags"));
        };
        let read: PropTags = tags
            .read(&Limits::default())
            .map_err(|error| senseless(CALL, &error.to_string()))?;
        Ok(read.to_vec())
    }

    pub(super) fn restrict(&self, to: &Restriction<'_>) -> Answer<()> {
        let to = built(self.allocators.build(to))?;
        // SAFETY: the structure is one.
        done("IMAPITable::Restrict", unsafe {
            self.table.Restrict(to.as_ptr(), TableFlags::empty())
        })
    }

    pub(super) fn unrestrict(&self) -> Answer<()> {
        // SAFETY: NULL stands for no restriction.
        done("IMAPITable::Restrict with NULL", unsafe {
            self.table.Restrict(ptr::null_mut(), TableFlags::empty())
        })
    }

    pub(super) fn sort(&self, order: &SortOrderSet) -> Answer<()> {
        let order = built(self.allocators.build(order))?;
        // SAFETY: the structure is one.
        done("IMAPITable::SortTable", unsafe {
            self.table.SortTable(order.as_ptr(), TableFlags::empty())
        })
    }

    /// `QueryRows`.
    pub(super) fn query(&self, count: i32, flags: QueryRowsFlags) -> Answer<Vec<Row<'static>>> {
        const CALL: &str = "IMAPITable::QueryRows";
        let mut rows: *mut SRowSet = ptr::null_mut();
        // SAFETY: a live variable.
        done(CALL, unsafe {
            self.table.QueryRows(count, flags, &mut rows)
        })?;
        if rows.is_null() {
            return Err(senseless(CALL, "there is no set of rows"));
        }
        // SAFETY: a row set, which begins with its count and need not be aligned.
        let told = unsafe { (&raw const (*rows).cRows).read_unaligned() };
        if told > count.unsigned_abs() {
            // Freeing a row set goes by its count, and this one can't be believed.
            return Err(senseless(CALL, "there are more rows than were asked for"));
        }
        // SAFETY: the call has succeeded, so this is a row set that is ours to free.
        let Some(rows) = (unsafe { self.allocators.adopt(rows, 1) }) else {
            return Err(senseless(CALL, "there is no set of rows"));
        };
        let read: RowSet<'_> = rows
            .read(&Limits::default())
            .map_err(|error| senseless(CALL, &error.to_string()))?;
        Ok(read.into_owned().0)
    }

    /// Rows from the cursor on.
    pub(super) fn next(&self, count: i32) -> Answer<Vec<Row<'static>>> {
        self.query(count, QueryRowsFlags::empty())
    }

    /// All rows, from the first on.
    pub(super) fn all(&self) -> Answer<Vec<Row<'static>>> {
        self.seek(BEGINNING, 0)?;
        self.next(ALL)
    }

    /// The texts of a column in all rows, from the first on; `-` where there is none.
    pub(super) fn texts(&self, tag: PropTag) -> Answer<Vec<String>> {
        Ok(texts(&self.all()?, tag))
    }

    /// The texts of a column in the rows from the cursor on.
    pub(super) fn next_texts(&self, tag: PropTag, count: i32) -> Answer<Vec<String>> {
        Ok(texts(&self.next(count)?, tag))
    }

    pub(super) fn count(&self) -> Answer<u32> {
        let mut count = u32::MAX;
        // SAFETY: a live variable.
        done("IMAPITable::GetRowCount", unsafe {
            self.table.GetRowCount(0, &mut count)
        })?;
        Ok(count)
    }

    /// `SeekRow`: how many rows were passed.
    pub(super) fn seek(&self, origin: usize, count: i32) -> Answer<i32> {
        let mut sought = 0;
        // SAFETY: a live variable.
        done("IMAPITable::SeekRow", unsafe {
            self.table.SeekRow(origin, count, &mut sought)
        })?;
        Ok(sought)
    }

    pub(super) fn position(&self) -> Answer<Position> {
        let (mut row, mut numerator, mut denominator) = (u32::MAX, u32::MAX, u32::MAX);
        // SAFETY: live variables.
        done("IMAPITable::QueryPosition", unsafe {
            self.table
                .QueryPosition(&mut row, &mut numerator, &mut denominator)
        })?;
        Ok(Position {
            row,
            numerator,
            denominator,
        })
    }

    /// `FindRow`: what it answers.
    pub(super) fn find(
        &self,
        what: &Restriction<'_>,
        origin: usize,
        flags: FindRowFlags,
    ) -> Answer<HRESULT> {
        let what = built(self.allocators.build(what))?;
        // SAFETY: the structure is one.
        Ok(unsafe { self.table.FindRow(what.as_ptr(), origin, flags) })
    }

    pub(super) fn bookmark(&self) -> Answer<usize> {
        let mut bookmark = 0;
        // SAFETY: a live variable.
        done("IMAPITable::CreateBookmark", unsafe {
            self.table.CreateBookmark(&mut bookmark)
        })?;
        Ok(bookmark)
    }

    /// `Advise`: the connection, which ends with this.
    pub(super) fn advise(&self, sink: &IMAPIAdviseSink) -> Answer<usize> {
        let mut connection = 0;
        let events = NotificationEvents::fnevTableModified;
        // SAFETY: a live sink and a live variable.
        done("IMAPITable::Advise", unsafe {
            self.table.Advise(events, sink.as_raw(), &mut connection)
        })?;
        Ok(connection)
    }

    /// `ExpandRow` of a heading: the rows that it gave, and how many it says that came.
    pub(super) fn expand(&self, key: &[u8], most: u32) -> Answer<(Vec<Row<'static>>, u32)> {
        const CALL: &str = "IMAPITable::ExpandRow";
        let mut key = key.to_vec();
        let (count, bytes) = (key.len() as u32, key.as_mut_ptr());
        let (mut rows, mut came) = (ptr::null_mut(), 0);
        // SAFETY: the bytes of the key, and live variables.
        done(CALL, unsafe {
            self.table
                .ExpandRow(count, bytes, most, 0, &mut rows, &mut came)
        })?;
        // SAFETY: the call has succeeded, so this is a row set that is ours to free.
        let Some(rows) = (unsafe { self.allocators.adopt(rows, 1) }) else {
            return Ok((Vec::new(), came));
        };
        let read: RowSet<'_> = rows
            .read(&Limits::default())
            .map_err(|error| senseless(CALL, &error.to_string()))?;
        Ok((read.into_owned().0, came))
    }

    /// `CollapseRow` of a heading: how many rows went.
    pub(super) fn collapse(&self, key: &[u8]) -> Answer<u32> {
        let mut key = key.to_vec();
        let (count, bytes) = (key.len() as u32, key.as_mut_ptr());
        let mut gone = u32::MAX;
        // SAFETY: the bytes of the key, and a live variable.
        done("IMAPITable::CollapseRow", unsafe {
            self.table.CollapseRow(count, bytes, 0, &mut gone)
        })?;
        Ok(gone)
    }
}

/// The texts of a column; `-` where there is none.
pub(super) fn texts(rows: &[Row<'static>], tag: PropTag) -> Vec<String> {
    let text = |row: &Row<'static>| {
        let text = row.get(tag).and_then(PropValue::to_text);
        text.unwrap_or_else(|| "-".to_owned())
    };
    rows.iter().map(text).collect()
}
