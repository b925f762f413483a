//! The rows of one of MAPI's small tables: providers, services, profiles.

use std::ffi::c_void;
use std::ptr;

use windows_core::{HRESULT, Interface};

use mapi_provider_abi::mapi::{
    IMAPITable, MAPI_E_CALL_FAILED, MAPI_E_NOT_FOUND, PropTag, QueryRowsFlags, SRowSet, TableFlags,
};
use mapi_provider_abi::view::{Allocators, Limits, PropTags, Row, RowSet};

/// As many rows as are asked for at once.
const AT_ONCE: i32 = 64;

/// No profile has more services, and no user more profiles: a table that goes on beyond has no end.
const MOST: usize = 4096;

/// Makes something of each row of a table that a call has answered, and lets the table go. Rows that make nothing are
/// passed over. Once `enough` are made, no more rows are asked for.
///
/// # Errors
///
/// There is no table, it can't be read, or it has no end.
///
/// # Safety
///
/// `table` is NULL or an IMAPITable, and the reference is ours.
pub(super) unsafe fn each_row<T>(
    table: *mut c_void,
    columns: &[PropTag],
    allocators: Allocators,
    enough: usize,
    make: impl Fn(&Row<'_>) -> Option<T>,
) -> Result<Vec<T>, HRESULT> {
    if table.is_null() {
        return Err(MAPI_E_NOT_FOUND);
    }
    // SAFETY: a table, and the reference is ours.
    let table = unsafe { IMAPITable::from_raw(table) };
    let mut columns = PropTags::from(columns).to_longs()?;
    // SAFETY: the columns are a count and its tags.
    let set = unsafe { table.SetColumns(columns.as_mut_ptr().cast(), TableFlags::empty()) };
    checked(set)?;
    let (mut made, mut seen) = (Vec::new(), 0);
    let at_once = i32::try_from(enough).map_or(AT_ONCE, |enough| AT_ONCE.min(enough));
    loop {
        let mut rows: *mut SRowSet = ptr::null_mut();
        // SAFETY: a live variable.
        let result = unsafe { table.QueryRows(at_once, QueryRowsFlags::empty(), &raw mut rows) };
        checked(result)?;
        // SAFETY: QueryRows has answered a row set that is ours.
        let rows = unsafe { allocators.adopt(rows, 1) }.ok_or(MAPI_E_CALL_FAILED)?;
        let rows: RowSet = rows
            .read(&Limits::default())
            .map_err(|_| MAPI_E_CALL_FAILED)?;
        if rows.is_empty() {
            return Ok(made);
        }
        seen += rows.len();
        if seen > MOST {
            return Err(MAPI_E_CALL_FAILED);
        }
        made.extend(rows.iter().filter_map(&make));
        if made.len() >= enough {
            return Ok(made);
        }
    }
}

/// A result as Rust has it; what is no failure is none.
pub(super) fn checked(result: HRESULT) -> Result<(), HRESULT> {
    if result.is_err() { Err(result) } else { Ok(()) }
}
