//! The table object: IMAPITable.

use std::ffi::c_void;
use std::sync::{Arc, Mutex};

use mapi_provider::MapiObject;
use mapi_provider::abi::{
    BOOKMARK_END, FindRowFlags, HRESULT, IMAPITable, IMAPITable_Impl, Interface,
    MAPI_E_INVALID_PARAMETER, MAPI_E_NOT_FOUND, MAPI_E_TOO_BIG, MAPI_E_TOO_COMPLEX,
    MAPI_W_POSITION_CHANGED, MAPIERROR, MV_INSTANCE, NotificationEvents, QueryColumnsFlags,
    QueryRowsFlags, S_OK, SPropTagArray, SRestriction, SRowSet, SSortOrderSet, TBLSTAT_COMPLETE,
    TBLTYPE_DYNAMIC, TableFlags, UnicodeFlags,
};
use mapi_provider::object::{Object, ObjectRef};
use mapi_provider::view::{self, Notification, PropTags, Restriction, SortOrderSet, TableEvent};

use super::shared::{StoreShared, lock};
use super::table_core::TableCore;
use crate::arguments;
use crate::db::Watcher;
use crate::fault::{Fault, LastFault, Result};
use crate::table::{Contents, Source, check};

/// A table of messages, folders, recipients or attachments.
#[derive(MapiObject)]
#[mapi(implements(IMAPITable))]
pub(super) struct TableObject {
    core: Arc<TableCore>,
    last: LastFault,
    /// Connections of advise sinks, which end with the table.
    connections: Mutex<Vec<usize>>,
}

/// The most rows that `QueryRows` returns at once.
const MOST_ROWS: usize = 1 << 20;

impl TableObject {
    /// A table, as its interface.
    pub(super) fn open(shared: &Arc<StoreShared>, source: Source, is_unicode: bool) -> *mut c_void {
        Self::open_sorted(shared, source, SortOrderSet::default(), is_unicode)
    }

    /// The same, in an order that tables have.
    pub(super) fn open_sorted(
        shared: &Arc<StoreShared>,
        source: Source,
        order: SortOrderSet,
        is_unicode: bool,
    ) -> *mut c_void {
        let core = TableCore::new(shared, source, order, is_unicode);
        let table = ObjectRef::new(Self {
            core: Arc::new(core),
            last: LastFault::default(),
            connections: Mutex::default(),
        });
        table.into_interface::<IMAPITable>().into_raw()
    }
}

impl Drop for TableObject {
    fn drop(&mut self) {
        for connection in std::mem::take(&mut *lock(&self.connections)) {
            // Sinks that were never unadvised hear no more, whatever this answers.
            let _ = self.core.shared.unsubscribe(connection);
        }
    }
}

impl IMAPITable_Impl for TableObject {
    unsafe fn GetLastError(
        this: &Object<Self>,
        hResult: HRESULT,
        ulFlags: UnicodeFlags,
        lppMAPIError: *mut *mut MAPIERROR,
    ) -> HRESULT {
        let allocators = this.core.shared.allocators;
        // SAFETY: the thunk has checked that it is not NULL.
        unsafe { this.last.tell(hResult, ulFlags, allocators, lppMAPIError) }
    }

    unsafe fn Advise(
        this: &Object<Self>,
        _ulEventMask: NotificationEvents,
        lpAdviseSink: *mut c_void,
        lpulConnection: *mut usize,
    ) -> HRESULT {
        if lpAdviseSink.is_null() || lpulConnection.is_null() {
            return MAPI_E_INVALID_PARAMETER;
        }
        let core = &this.core;
        // A table has one kind of event, whatever is asked for.
        let events = NotificationEvents::fnevTableModified;
        // SAFETY: the caller's word.
        let connection = unsafe {
            core.shared
                .subscribe(core.key.to_vec(), events, lpAdviseSink)
        };
        this.last.answer(connection.map(|connection| {
            // From now on, only new differences are reported.
            core.with(Contents::start_telling);
            let mut connections = lock(&this.connections);
            connections.push(connection);
            if connections.len() == 1 {
                let core = Arc::clone(core);
                let watcher: Arc<dyn Watcher> = core;
                this.core.shared.db.watch(Arc::downgrade(&watcher));
            }
            // SAFETY: not NULL.
            unsafe { *lpulConnection = connection };
            S_OK
        }))
    }

    unsafe fn Unadvise(this: &Object<Self>, ulConnection: usize) -> HRESULT {
        let mut connections = lock(&this.connections);
        let place = connections.iter().position(|one| *one == ulConnection);
        let Some(place) = place else {
            return MAPI_E_NOT_FOUND;
        };
        connections.remove(place);
        if connections.is_empty() {
            lock(&this.core.contents).stop_telling();
        }
        drop(connections);
        let done = this.core.shared.unsubscribe(ulConnection);
        this.last.answer(done.map(|()| S_OK))
    }

    unsafe fn GetStatus(
        _: &Object<Self>,
        lpulTableStatus: *mut u32,
        lpulTableType: *mut u32,
    ) -> HRESULT {
        // SAFETY: the thunk has checked the required ones; an optional one is looked at.
        unsafe {
            if !lpulTableStatus.is_null() {
                *lpulTableStatus = TBLSTAT_COMPLETE;
            }
            if !lpulTableType.is_null() {
                *lpulTableType = TBLTYPE_DYNAMIC;
            }
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
        this.last.answer(tags.and_then(|tags| {
            let tags = tags.filter(|tags| !tags.is_empty());
            let tags = tags.ok_or(MAPI_E_INVALID_PARAMETER)?;
            if tags
                .iter()
                .any(|tag| tag.prop_type() & MV_INSTANCE == MV_INSTANCE)
            {
                let text = "a row for each value of a list is not supported";
                return Err(Fault::new(MAPI_E_TOO_COMPLEX, text));
            }
            lock(&this.core.contents).set_columns(tags);
            this.done(ulFlags, TableEvent::SetColumnsDone);
            Ok(S_OK)
        }))
    }

    unsafe fn QueryColumns(
        this: &Object<Self>,
        ulFlags: QueryColumnsFlags,
        lpPropTagArray: *mut *mut SPropTagArray,
    ) -> HRESULT {
        let core = &this.core;
        let columns = core.with(|contents| {
            if ulFlags.contains(QueryColumnsFlags::TBL_ALL_COLUMNS) {
                contents.all_columns(&core.shared.identity)
            } else {
                contents.columns().to_vec()
            }
        });
        let built = core.shared.allocators.build(&PropTags::from(columns));
        this.last.answer(built.map_err(Fault::from).map(|columns| {
            // SAFETY: the thunk has checked that it is not NULL.
            unsafe { *lpPropTagArray = columns.into_raw() };
            S_OK
        }))
    }

    unsafe fn GetRowCount(this: &Object<Self>, _ulFlags: u32, lpulCount: *mut u32) -> HRESULT {
        let count = this.core.with(|contents| contents.len());
        // SAFETY: the thunk has checked that it is not NULL.
        unsafe { *lpulCount = u32::try_from(count).unwrap_or(u32::MAX) };
        S_OK
    }

    unsafe fn SeekRow(
        this: &Object<Self>,
        bkOrigin: usize,
        lRowCount: i32,
        lplRowsSought: *mut i32,
    ) -> HRESULT {
        this.last.answer(this.core.with(|contents| {
            let (from, has_moved) = contents.place(bkOrigin)?;
            let count = lRowCount.unsigned_abs() as usize;
            let to = if lRowCount < 0 {
                from.saturating_sub(count)
            } else {
                from.saturating_add(count).min(contents.len())
            };
            contents.set_position(to);
            let sought = i64::try_from(to).unwrap_or(0) - i64::try_from(from).unwrap_or(0);
            if !lplRowsSought.is_null() {
                // SAFETY: not NULL, so the caller's to be written to. No further than was asked for, so it fits.
                unsafe { *lplRowsSought = sought as i32 };
            }
            Ok(position_status(has_moved))
        }))
    }

    unsafe fn SeekRowApprox(this: &Object<Self>, ulNumerator: u32, ulDenominator: u32) -> HRESULT {
        if ulDenominator == 0 {
            return MAPI_E_INVALID_PARAMETER;
        }
        this.core.with(|contents| {
            let part = u64::from(ulNumerator.min(ulDenominator)) * contents.len() as u64;
            contents.set_position((part / u64::from(ulDenominator)) as usize);
        });
        S_OK
    }

    unsafe fn QueryPosition(
        this: &Object<Self>,
        lpulRow: *mut u32,
        lpulNumerator: *mut u32,
        lpulDenominator: *mut u32,
    ) -> HRESULT {
        let (position, count) = this
            .core
            .with(|contents| (contents.position(), contents.len()));
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        // SAFETY: the thunk has checked that none is NULL.
        unsafe {
            *lpulRow = number(position);
            *lpulNumerator = number(position);
            *lpulDenominator = number(count).max(1);
        }
        S_OK
    }

    unsafe fn FindRow(
        this: &Object<Self>,
        lpRestriction: *mut SRestriction,
        bkOrigin: usize,
        ulFlags: FindRowFlags,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        let restriction = unsafe { read_restriction(lpRestriction) };
        let core = &this.core;
        this.last.answer(restriction.and_then(|restriction| {
            let restriction = restriction.ok_or(MAPI_E_INVALID_PARAMETER)?;
            let backward = ulFlags.contains(FindRowFlags::DIR_BACKWARD);
            core.with(|contents| {
                let (from, has_moved) = contents.place(bkOrigin)?;
                let found = contents.find(from, backward, &restriction, &core.shared.identity);
                contents.set_position(found.ok_or(MAPI_E_NOT_FOUND)?);
                Ok(position_status(has_moved))
            })
        }))
    }

    unsafe fn Restrict(
        this: &Object<Self>,
        lpRestriction: *mut SRestriction,
        ulFlags: TableFlags,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        let restriction = unsafe { read_restriction(lpRestriction) };
        let core = &this.core;
        this.last.answer(restriction.map(|restriction| {
            core.with_state(|contents, state| {
                contents.restrict(restriction, state, &core.shared.identity);
            });
            this.done(ulFlags, TableEvent::RestrictDone);
            S_OK
        }))
    }

    unsafe fn CreateBookmark(this: &Object<Self>, lpbkPosition: *mut usize) -> HRESULT {
        let bookmark = this.core.with(Contents::create_bookmark);
        // SAFETY: the thunk has checked that it is not NULL.
        unsafe { *lpbkPosition = bookmark };
        S_OK
    }

    unsafe fn FreeBookmark(this: &Object<Self>, bkPosition: usize) -> HRESULT {
        if bkPosition <= BOOKMARK_END as usize {
            return S_OK; // The three that are always there.
        }
        let freed = lock(&this.core.contents).free_bookmark(bkPosition);
        this.last.answer(freed.map(|()| S_OK))
    }

    unsafe fn SortTable(
        this: &Object<Self>,
        lpSortCriteria: *mut SSortOrderSet,
        ulFlags: TableFlags,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        let order = unsafe { view::read_optional(lpSortCriteria, &arguments::limits()) };
        let core = &this.core;
        this.last
            .answer(order.map_err(Fault::from).and_then(|order| {
                let order: SortOrderSet = order.unwrap_or_default();
                core.with_state(|contents, state| {
                    contents.sort(order, state, &core.shared.identity)
                })?;
                this.done(ulFlags, TableEvent::SortDone);
                Ok(S_OK)
            }))
    }

    unsafe fn QuerySortOrder(
        this: &Object<Self>,
        lppSortCriteria: *mut *mut SSortOrderSet,
    ) -> HRESULT {
        let order = lock(&this.core.contents).order().clone();
        let built = this.core.shared.allocators.build(&order);
        this.last.answer(built.map_err(Fault::from).map(|order| {
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
        let core = &this.core;
        let (rows, columns) = core.with(|contents| {
            let before = contents.position();
            let rows = contents.query(lRowCount, advance);
            if rows.len() > MOST_ROWS {
                contents.set_position(before);
            }
            (rows, contents.columns().to_vec())
        });
        if rows.len() > MOST_ROWS {
            return MAPI_E_TOO_BIG;
        }
        this.last.answer(core.row_set(&rows, &columns).map(|rows| {
            // SAFETY: the thunk has checked that it is not NULL.
            unsafe { *lppRows = rows };
            S_OK
        }))
    }

    unsafe fn Abort(_: &Object<Self>) -> HRESULT {
        S_OK // Everything is done when its call returns.
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
}

impl TableObject {
    /// Reports the end of an asynchronous request, which has been done at once.
    fn done(&self, flags: TableFlags, event: TableEvent<'_>) {
        if flags.contains(TableFlags::TBL_ASYNC) && !lock(&self.connections).is_empty() {
            self.core.tell(&[Notification::TableModified(event)]);
        }
    }
}

fn position_status(has_moved: bool) -> HRESULT {
    if has_moved {
        MAPI_W_POSITION_CHANGED
    } else {
        S_OK
    }
}

/// A restriction that can be evaluated; `None` for NULL.
///
/// # Safety
///
/// NULL, or a restriction with all that hangs from it.
unsafe fn read_restriction(raw: *const SRestriction) -> Result<Option<Restriction<'static>>> {
    // SAFETY: the caller's word.
    let restriction = unsafe { view::read_optional::<Restriction>(raw, &arguments::limits()) }?;
    restriction.as_ref().map_or(Ok(()), check)?;
    Ok(restriction.map(Restriction::into_owned))
}
