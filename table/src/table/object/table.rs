//! `IMAPITable`.

#![allow(
    non_snake_case,
    reason = "parameters have the names of MAPI's reference"
)]

use std::ffi::c_void;
use std::sync::Arc;

use mapi_provider_abi::mapi::{
    BOOKMARK_BEGINNING, BOOKMARK_CURRENT, FindRowFlags, HRESULT, IMAPIAdviseSink, IMAPITable,
    IMAPITable_Impl, Interface, MAPI_E_INVALID_PARAMETER, MAPI_W_POSITION_CHANGED, MAPIERROR,
    NotificationEvents, QueryColumnsFlags, QueryRowsFlags, S_OK, SPropTagArray, SRestriction,
    SRowSet, SSortOrderSet, TBLSTAT_COMPLETE, TBLTYPE_DYNAMIC, TableFlags, UnicodeFlags,
};
use mapi_provider_abi::object::{Object, ObjectRef, Query, select_unicode};
use mapi_provider_abi::view::{Allocators, EntryId, PropTags, Row, RowSet, TableEvent};

use super::super::fault::{Fault, Result};
use super::super::handle::Table;
use super::super::source::Source;
use super::arguments;
use super::last_fault::LastFault;
use super::sinks::Sinks;
use super::table_core::Core;

/// The most rows that `QueryRows` gives at once; who wants more asks again.
const MOST_ROWS: u32 = 1 << 18;

/// A table, as its interface.
#[cfg_attr(false, derive(MapiObject), mapi(implements(IMAPITable), query_interface = query))]
struct TableObject {
    core: Arc<Core>,
    /// It is an address book's.
    knows_unicode: bool,
    last: LastFault,
}
include!("objects/table.rs");

/// Opens a table of a source, as its interface. `is_unicode` (`MAPI_UNICODE` of the call that opens it) is the width of
/// strings where a column does not say. What the table gives to its callers comes from the allocators (COM-07).
///
/// # Errors
///
/// The source's own order is none that tables have.
pub fn open(
    source: Arc<dyn Source>,
    sinks: Arc<dyn Sinks>,
    allocators: Allocators,
    is_unicode: bool,
) -> Result<IMAPITable> {
    let knows_unicode = source.abilities().names;
    let table = Table::new(source, is_unicode)?;
    let object = TableObject {
        knows_unicode,
        core: Core::new(table, sinks, allocators),
        last: LastFault::default(),
    };
    Ok(ObjectRef::new(object).into_interface())
}

/// AB-02: an address book's table says that it knows Unicode.
fn query(this: &Object<TableObject>, query: &mut Query<'_>) {
    if this.knows_unicode {
        select_unicode(this, query);
    }
}

impl Drop for TableObject {
    fn drop(&mut self) {
        self.core.close();
    }
}

impl TableObject {
    /// Works with the table, and answers.
    fn answer(&self, work: impl FnOnce(&mut Table) -> Result<HRESULT>) -> HRESULT {
        self.last.answer(self.core.with_rows(work))
    }

    /// The same of something that may be asked for asynchronously. It has been done at once, and that is told (STORE-19).
    fn answer_at_once(
        &self,
        flags: TableFlags,
        done: TableEvent<'static>,
        work: impl FnOnce(&mut Table) -> Result<()>,
    ) -> HRESULT {
        let result = self.core.with(work);
        if flags.contains(TableFlags::TBL_ASYNC) && result.is_ok() {
            self.core.tell(done);
        }
        self.last.answer(result.map(|()| S_OK))
    }

    /// Rows as MAPI has them, each a root of its own (STORE-13).
    fn row_set(&self, rows: Vec<Row<'static>>) -> Result<*mut SRowSet> {
        Ok(self.core.allocators.build(&RowSet(rows))?.into_raw())
    }

    /// AB-21, STORE-13: there is no count whose size is none.
    fn query_rows(&self, count: i32, advance: bool) -> Result<*mut SRowSet> {
        let most = count.unsigned_abs().min(MOST_ROWS).cast_signed();
        let count = if count < 0 { -most } else { most };
        let rows = self
            .core
            .with_rows(|table| table.query_rows(count, advance))?;
        let moved = match (count < 0, advance) {
            (false, true) => rows.len() as i32,
            (true, false) => -(rows.len() as i32),
            _ => 0,
        };
        self.row_set(rows).inspect_err(|_| {
            // What nobody got was not read. The rows are there still, or the failure is another's.
            let origin = BOOKMARK_CURRENT as usize;
            let _ = self.core.with(|table| table.seek_row(origin, -moved));
        })
    }

    fn expand_row(&self, key: &[u8], count: u32) -> Result<(Option<*mut SRowSet>, u32)> {
        let count = count.min(MOST_ROWS) as usize;
        let (rows, come, before) = self.core.with_rows(|table| {
            let before = table.query_position()?.row;
            let (rows, come) = table.expand_row(key, count)?;
            Ok((rows, come, before))
        })?;
        let rows = (count > 0).then(|| self.row_set(rows)).transpose();
        let rows = rows.inspect_err(|_| {
            // What nobody got was not opened.
            let _ = self.core.with(|table| {
                if come > 0 {
                    table.collapse_row(key)?;
                }
                table.seek_row(
                    BOOKMARK_BEGINNING as usize,
                    i32::try_from(before).unwrap_or(i32::MAX),
                )
            });
        })?;
        Ok((rows, number(come)))
    }
}

impl IMAPITable_Impl for TableObject {
    unsafe fn GetLastError(
        this: &Object<Self>,
        hResult: HRESULT,
        ulFlags: UnicodeFlags,
        lppMAPIError: *mut *mut MAPIERROR,
    ) -> HRESULT {
        let allocators = this.core.allocators;
        // SAFETY: the thunk has checked that it is not NULL.
        unsafe { this.last.tell(hResult, ulFlags, allocators, lppMAPIError) }
    }

    unsafe fn Advise(
        this: &Object<Self>,
        _ulEventMask: NotificationEvents,
        lpAdviseSink: *mut c_void,
        lpulConnection: *mut usize,
    ) -> HRESULT {
        // A table has one kind of event, whatever is asked for.
        // SAFETY: a sink, by the caller's word.
        let sink = unsafe { IMAPIAdviseSink::from_raw_borrowed(&lpAdviseSink) };
        let sink = sink.ok_or_else(|| Fault::from(MAPI_E_INVALID_PARAMETER));
        let connection = sink.and_then(|sink| this.core.advise(sink));
        this.last.answer(connection.map(|connection| {
            // SAFETY: the thunk has checked that it is not NULL.
            unsafe { *lpulConnection = connection };
            S_OK
        }))
    }

    unsafe fn Unadvise(this: &Object<Self>, ulConnection: usize) -> HRESULT {
        let done = this.core.unadvise(ulConnection);
        this.last.answer(done.map(|()| S_OK))
    }

    unsafe fn GetStatus(
        _: &Object<Self>,
        lpulTableStatus: *mut u32,
        lpulTableType: *mut u32,
    ) -> HRESULT {
        // SAFETY: the thunk has checked that neither is NULL.
        unsafe {
            *lpulTableStatus = TBLSTAT_COMPLETE;
            *lpulTableType = TBLTYPE_DYNAMIC;
        }
        S_OK
    }

    unsafe fn SetColumns(
        this: &Object<Self>,
        lpPropTagArray: *mut SPropTagArray,
        ulFlags: TableFlags,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        let tags = unsafe { arguments::tags(lpPropTagArray) };
        let put_off = ulFlags.contains(TableFlags::TBL_BATCH);
        this.answer_at_once(ulFlags, TableEvent::SetColumnsDone, |table| {
            table.set_columns(tags?, put_off)
        })
    }

    unsafe fn QueryColumns(
        this: &Object<Self>,
        ulFlags: QueryColumnsFlags,
        lpPropTagArray: *mut *mut SPropTagArray,
    ) -> HRESULT {
        let all = ulFlags.contains(QueryColumnsFlags::TBL_ALL_COLUMNS);
        let columns = this.core.with_rows(|table| table.query_columns(all));
        let built =
            columns.and_then(|columns| Ok(this.core.allocators.build(&PropTags::from(columns))?));
        this.last.answer(built.map(|columns| {
            // SAFETY: the thunk has checked that it is not NULL.
            unsafe { *lpPropTagArray = columns.into_raw() };
            S_OK
        }))
    }

    unsafe fn GetRowCount(this: &Object<Self>, _ulFlags: u32, lpulCount: *mut u32) -> HRESULT {
        this.answer(|table| {
            let count = number(table.row_count()?);
            // SAFETY: the thunk has checked that it is not NULL.
            unsafe { *lpulCount = count };
            Ok(S_OK)
        })
    }

    unsafe fn SeekRow(
        this: &Object<Self>,
        bkOrigin: usize,
        lRowCount: i32,
        lplRowsSought: *mut i32,
    ) -> HRESULT {
        this.answer(|table| {
            let sought = table.seek_row(bkOrigin, lRowCount)?;
            if !lplRowsSought.is_null() {
                // SAFETY: not NULL, so the caller's to be written to.
                unsafe { *lplRowsSought = sought.rows };
            }
            Ok(position_status(sought.has_moved))
        })
    }

    unsafe fn SeekRowApprox(this: &Object<Self>, ulNumerator: u32, ulDenominator: u32) -> HRESULT {
        this.answer(|table| {
            table.seek_row_approx(ulNumerator, ulDenominator)?;
            Ok(S_OK)
        })
    }

    unsafe fn QueryPosition(
        this: &Object<Self>,
        lpulRow: *mut u32,
        lpulNumerator: *mut u32,
        lpulDenominator: *mut u32,
    ) -> HRESULT {
        this.answer(|table| {
            let position = table.query_position()?;
            // SAFETY: the thunk has checked that none is NULL.
            unsafe {
                *lpulRow = number(position.row);
                *lpulNumerator = number(position.row);
                *lpulDenominator = number(position.of);
            }
            Ok(S_OK)
        })
    }

    unsafe fn FindRow(
        this: &Object<Self>,
        lpRestriction: *mut SRestriction,
        bkOrigin: usize,
        ulFlags: FindRowFlags,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        let restriction = unsafe { arguments::restriction(lpRestriction) };
        let backwards = ulFlags.contains(FindRowFlags::DIR_BACKWARD);
        this.answer(|table| {
            let restriction = restriction?.ok_or(MAPI_E_INVALID_PARAMETER)?;
            let has_moved = table.find_row(&restriction, bkOrigin, backwards)?;
            Ok(position_status(has_moved))
        })
    }

    unsafe fn Restrict(
        this: &Object<Self>,
        lpRestriction: *mut SRestriction,
        ulFlags: TableFlags,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        let restriction = unsafe { arguments::restriction(lpRestriction) };
        let restriction = match restriction {
            Ok(restriction) => restriction,
            Err(fault) => return this.last.answer(Err(fault)),
        };
        let narrowed = restriction.as_ref().map(|one| this.core.narrowed(one));
        this.answer_at_once(ulFlags, TableEvent::RestrictDone, |table| {
            table.restrict_to(narrowed.transpose()?.flatten(), restriction.as_ref())
        })
    }

    unsafe fn CreateBookmark(this: &Object<Self>, lpbkPosition: *mut usize) -> HRESULT {
        this.answer(|table| {
            let bookmark = table.create_bookmark()?;
            // SAFETY: the thunk has checked that it is not NULL.
            unsafe { *lpbkPosition = bookmark };
            Ok(S_OK)
        })
    }

    unsafe fn FreeBookmark(this: &Object<Self>, bkPosition: usize) -> HRESULT {
        this.answer(|table| {
            table.free_bookmark(bkPosition)?;
            Ok(S_OK)
        })
    }

    unsafe fn SortTable(
        this: &Object<Self>,
        lpSortCriteria: *mut SSortOrderSet,
        ulFlags: TableFlags,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        let order = unsafe { arguments::order(lpSortCriteria) };
        this.answer_at_once(ulFlags, TableEvent::SortDone, |table| table.sort(order?))
    }

    unsafe fn QuerySortOrder(
        this: &Object<Self>,
        lppSortCriteria: *mut *mut SSortOrderSet,
    ) -> HRESULT {
        let order = this.core.with_rows(Table::sort_order);
        let built = order.and_then(|order| Ok(this.core.allocators.build(&order)?));
        this.last.answer(built.map(|order| {
            // SAFETY: the thunk has checked that it is not NULL.
            unsafe { *lppSortCriteria = order.into_raw() };
            S_OK
        }))
    }

    unsafe fn QueryRows(
        this: &Object<Self>,
        lRowCount: i32,
        ulFlags: QueryRowsFlags,
        lppRows: *mut *mut SRowSet,
    ) -> HRESULT {
        let advance = !ulFlags.contains(QueryRowsFlags::TBL_NOADVANCE);
        let rows = this.query_rows(lRowCount, advance);
        this.last.answer(rows.map(|rows| {
            // SAFETY: the thunk has checked that it is not NULL.
            unsafe { *lppRows = rows };
            S_OK
        }))
    }

    unsafe fn Abort(_: &Object<Self>) -> HRESULT {
        S_OK // STORE-19: everything is done when its call returns.
    }

    unsafe fn ExpandRow(
        this: &Object<Self>,
        cbInstanceKey: u32,
        pbInstanceKey: *mut u8,
        ulRowCount: u32,
        _ulFlags: u32,
        lppRows: *mut *mut SRowSet,
        lpulMoreRows: *mut u32,
    ) -> HRESULT {
        if lppRows.is_null() && ulRowCount > 0 {
            return MAPI_E_INVALID_PARAMETER;
        }
        // SAFETY: the caller's word.
        let key = unsafe { arguments::bytes(cbInstanceKey, pbInstanceKey) };
        let expanded = key.and_then(|key| this.expand_row(&key, ulRowCount));
        this.last.answer(expanded.map(|(rows, come)| {
            if let Some(rows) = rows {
                // SAFETY: rows were asked for, so it is not NULL.
                unsafe { *lppRows = rows };
            }
            // SAFETY: the thunk has checked that it is not NULL.
            unsafe { *lpulMoreRows = come };
            S_OK
        }))
    }

    unsafe fn CollapseRow(
        this: &Object<Self>,
        cbInstanceKey: u32,
        pbInstanceKey: *mut u8,
        _ulFlags: u32,
        lpulRowCount: *mut u32,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        let key = unsafe { arguments::bytes(cbInstanceKey, pbInstanceKey) };
        this.answer(|table| {
            let gone = table.collapse_row(&key?)?;
            // SAFETY: the thunk has checked that it is not NULL.
            unsafe { *lpulRowCount = number(gone) };
            Ok(S_OK)
        })
    }

    unsafe fn WaitForCompletion(
        _: &Object<Self>,
        _ulFlags: u32,
        _ulTimeout: u32,
        lpulTableStatus: *mut u32,
    ) -> HRESULT {
        if !lpulTableStatus.is_null() {
            // SAFETY: not NULL, so the caller's to be written to.
            unsafe { *lpulTableStatus = TBLSTAT_COMPLETE };
        }
        S_OK
    }

    unsafe fn GetCollapseState(
        this: &Object<Self>,
        _ulFlags: u32,
        cbInstanceKey: u32,
        lpbInstanceKey: *mut u8,
        lpcbCollapseState: *mut u32,
        lppbCollapseState: *mut *mut u8,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        let key = unsafe { arguments::bytes(cbInstanceKey, lpbInstanceKey) };
        let state = key.and_then(|key| this.core.with_rows(|table| table.collapse_state(&key)));
        let built = state.and_then(|state| {
            // Bytes in MAPI's memory, which is what an entry ID is too.
            Ok(this.core.allocators.build(&EntryId::from(state))?)
        });
        this.last.answer(built.map(|state| {
            // SAFETY: the thunk has checked that neither is NULL.
            unsafe {
                *lpcbCollapseState = state.count();
                *lppbCollapseState = state.into_raw().cast();
            }
            S_OK
        }))
    }

    unsafe fn SetCollapseState(
        this: &Object<Self>,
        _ulFlags: u32,
        cbCollapseState: u32,
        pbCollapseState: *mut u8,
        lpbkLocation: *mut usize,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        let state = unsafe { arguments::bytes(cbCollapseState, pbCollapseState) };
        this.answer(|table| {
            let bookmark = table.set_collapse_state(&state?)?;
            // SAFETY: the thunk has checked that it is not NULL.
            unsafe { *lpbkLocation = bookmark };
            Ok(S_OK)
        })
    }
}

fn position_status(has_moved: bool) -> HRESULT {
    if has_moved {
        MAPI_W_POSITION_CHANGED
    } else {
        S_OK
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
