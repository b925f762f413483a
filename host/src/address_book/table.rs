//! A table of an address book, call by call.

use std::mem::{ManuallyDrop, offset_of};
use std::ptr;
use std::sync::Arc;

use mapi_provider::abi::{
    FindRowFlags, IMAPITable, MAPI_E_CALL_FAILED, PropTag, QueryColumnsFlags, QueryRowsFlags, SRow,
    SRowSet, TableFlags,
};
use mapi_provider::view::{Limits, PropTags, Restriction, SortOrderSet};
use windows_core::HRESULT;

use crate::base::Core;
use crate::property::Property;
use crate::status::Failure;

/// How many rows are asked for at once where all are wanted.
const BATCH: i32 = 100;

/// A table of an address book. Released on drop.
pub struct BookTable {
    core: Arc<Core>,
    table: ManuallyDrop<IMAPITable>,
}

fn done(call: &'static str, status: HRESULT) -> Result<(), Failure> {
    match status.is_ok() {
        true => Ok(()),
        false => Err(Failure::new(call, status)),
    }
}

impl BookTable {
    pub(super) fn new(core: &Arc<Core>, table: IMAPITable) -> Self {
        Self {
            core: Arc::clone(core),
            table: ManuallyDrop::new(table),
        }
    }

    /// The interface, for calls by hand.
    pub fn interface(&self) -> &IMAPITable {
        &self.table
    }

    /// Sets the columns.
    ///
    /// # Errors
    ///
    /// What `SetColumns` answers.
    pub fn set_columns(&self, tags: &[PropTag]) -> Result<(), Failure> {
        self.set_columns_with(tags, TableFlags::empty())
    }

    /// Sets the columns; `TBL_BATCH` lets it wait.
    ///
    /// # Errors
    ///
    /// What `SetColumns` answers.
    pub fn set_columns_with(&self, tags: &[PropTag], flags: TableFlags) -> Result<(), Failure> {
        const CALL: &str = "IMAPITable::SetColumns";
        let longs = PropTags::from(tags).to_longs();
        let mut longs = longs.map_err(|_| Failure::new(CALL, MAPI_E_CALL_FAILED))?;
        // SAFETY: the tags are a count and as many tags.
        done(CALL, unsafe {
            self.table.SetColumns(longs.as_mut_ptr().cast(), flags)
        })
    }

    /// The columns that the table has.
    ///
    /// # Errors
    ///
    /// What `QueryColumns` answers.
    pub fn columns(&self, flags: QueryColumnsFlags) -> Result<Vec<PropTag>, Failure> {
        const CALL: &str = "IMAPITable::QueryColumns";
        let mut tags = ptr::null_mut();
        // SAFETY: the place is a local.
        done(CALL, unsafe {
            self.table.QueryColumns(flags, &raw mut tags)
        })?;
        let senseless = || Failure::new(CALL, MAPI_E_CALL_FAILED);
        // SAFETY: the call has succeeded, so this is an array of tags, and ours to free.
        let tags = unsafe { self.core.shared.allocators.for_views().adopt(tags, 1) };
        let tags = tags.ok_or_else(senseless)?;
        let read: PropTags = tags.read(&Limits::default()).map_err(|_| senseless())?;
        Ok(read.to_vec())
    }

    /// Restricts the table; nothing lifts a restriction.
    ///
    /// # Errors
    ///
    /// What `Restrict` answers.
    pub fn restrict(&self, to: Option<&Restriction<'_>>) -> Result<(), Failure> {
        self.with(to, |to| {
            // SAFETY: the structure is one, or NULL.
            done("IMAPITable::Restrict", unsafe {
                self.table.Restrict(to, TableFlags::empty())
            })
        })
    }

    /// Looks for a row from a bookmark on: what `FindRow` answers.
    pub fn find(&self, what: &Restriction<'_>, origin: usize, flags: FindRowFlags) -> HRESULT {
        let found = self.with(Some(what), |what| {
            // SAFETY: the structure is one.
            Ok(unsafe { self.table.FindRow(what, origin, flags) })
        });
        found.unwrap_or_else(|failure| failure.status.0)
    }

    fn with<T>(
        &self,
        restriction: Option<&Restriction<'_>>,
        call: impl FnOnce(*mut mapi_provider::abi::SRestriction) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let Some(restriction) = restriction else {
            return call(ptr::null_mut());
        };
        let built = self.core.shared.allocators.for_views().build(restriction);
        let unsayable = |_| Failure::new("MAPIAllocateBuffer", MAPI_E_CALL_FAILED);
        call(built.map_err(unsayable)?.as_ptr())
    }

    /// Sorts the table: what `SortTable` answers.
    pub fn sort(&self, order: &SortOrderSet) -> HRESULT {
        let built = self.core.shared.allocators.for_views().build(order);
        let Ok(order) = built else {
            return MAPI_E_CALL_FAILED;
        };
        // SAFETY: the structure is one.
        unsafe { self.table.SortTable(order.as_ptr(), TableFlags::empty()) }
    }

    /// Asks for rows.
    ///
    /// # Errors
    ///
    /// What `QueryRows` answers.
    pub fn query(&self, count: i32, flags: QueryRowsFlags) -> Result<Vec<Vec<Property>>, Failure> {
        const CALL: &str = "IMAPITable::QueryRows";
        let mut rows: *mut SRowSet = ptr::null_mut();
        // SAFETY: the place is a local.
        done(CALL, unsafe {
            self.table.QueryRows(count, flags, &raw mut rows)
        })?;
        if rows.is_null() {
            let what = format!("{CALL} succeeded without a set of rows");
            self.core.shared.violated("COM-05", what);
            return Err(Failure::new(CALL, MAPI_E_CALL_FAILED));
        }
        // SAFETY: the call has succeeded, so this is a set of rows, and ours to free.
        let read = unsafe { self.take(rows) };
        read.map_err(|status| Failure::new(CALL, status))
    }

    /// Reads a set of rows, and frees it as `FreeProws` does: each row, then the set.
    ///
    /// # Safety
    ///
    /// A set of rows that nobody else uses any more.
    unsafe fn take(&self, rows: *mut SRowSet) -> Result<Vec<Vec<Property>>, HRESULT> {
        let allocators = &self.core.shared.allocators;
        let mut read = Vec::new();
        // SAFETY: the caller's word.
        unsafe {
            let count = (*rows).cRows as usize;
            let first = rows.byte_add(offset_of!(SRowSet, aRow)).cast::<SRow>();
            for index in 0..count {
                let row = first.add(index).read_unaligned();
                let properties = Property::read_all(row.cValues, row.lpProps);
                read.push(properties.into_iter().collect());
                if !row.lpProps.is_null() {
                    allocators.free(row.lpProps.cast());
                }
            }
            allocators.free(rows.cast());
        }
        read.into_iter().collect()
    }

    /// All rows from the first on.
    ///
    /// # Errors
    ///
    /// What the table answers.
    pub fn all(&self) -> Result<Vec<Vec<Property>>, Failure> {
        self.seek(0, 0)?;
        let mut all = Vec::new();
        loop {
            let rows = self.query(BATCH, QueryRowsFlags::empty())?;
            if rows.is_empty() {
                return Ok(all);
            }
            all.extend(rows);
        }
    }

    /// Steps from a bookmark, and answers how far.
    ///
    /// # Errors
    ///
    /// What `SeekRow` answers.
    pub fn seek(&self, origin: usize, by: i32) -> Result<i32, Failure> {
        let mut sought = 0;
        // SAFETY: the place is a local.
        done("IMAPITable::SeekRow", unsafe {
            self.table.SeekRow(origin, by, &raw mut sought)
        })?;
        Ok(sought)
    }

    /// Goes to a fraction of the table.
    ///
    /// # Errors
    ///
    /// What `SeekRowApprox` answers.
    pub fn seek_approx(&self, numerator: u32, denominator: u32) -> Result<(), Failure> {
        // SAFETY: a call without pointers.
        done("IMAPITable::SeekRowApprox", unsafe {
            self.table.SeekRowApprox(numerator, denominator)
        })
    }

    /// The row that the cursor is at, and the fraction of the table that this is.
    ///
    /// # Errors
    ///
    /// What `QueryPosition` answers.
    pub fn position(&self) -> Result<(u32, u32, u32), Failure> {
        let (mut row, mut numerator, mut denominator) = (u32::MAX, u32::MAX, u32::MAX);
        // SAFETY: the places are locals.
        done("IMAPITable::QueryPosition", unsafe {
            self.table
                .QueryPosition(&raw mut row, &raw mut numerator, &raw mut denominator)
        })?;
        Ok((row, numerator, denominator))
    }

    /// How many rows there are.
    ///
    /// # Errors
    ///
    /// What `GetRowCount` answers.
    pub fn count(&self) -> Result<u32, Failure> {
        let mut count = u32::MAX;
        // SAFETY: the place is a local.
        done("IMAPITable::GetRowCount", unsafe {
            self.table.GetRowCount(0, &raw mut count)
        })?;
        Ok(count)
    }
}

impl Drop for BookTable {
    fn drop(&mut self) {
        // SAFETY: taken once, here.
        let table = unsafe { ManuallyDrop::take(&mut self.table) };
        self.core.release("IMAPITable", table);
    }
}
