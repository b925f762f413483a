//! The display table: what the controls of the sheet are, row by row.
//!
//! Its rows never change. It has what a reader of all rows needs, and neither conditions nor orders.

use std::sync::{Mutex, MutexGuard, PoisonError};

use windows_core::HRESULT;

use super::layout::Control;
use crate::entry::limits;
use mapi_provider_abi::mapi::{
    BOOKMARK_BEGINNING, BOOKMARK_CURRENT, BOOKMARK_END, IMAPITable, IMAPITable_Impl,
    MAPI_E_INVALID_BOOKMARK, MAPI_E_INVALID_PARAMETER, MAPI_E_NOT_FOUND, MAPI_E_TOO_COMPLEX,
    MAPIERROR, NotificationEvents, PR_CONTROL_FLAGS, PR_CONTROL_ID, PR_CONTROL_STRUCTURE,
    PR_CONTROL_TYPE, PR_DELTAX, PR_DELTAY, PR_XPOS, PR_YPOS, PropTag, QueryColumnsFlags,
    QueryRowsFlags, S_OK, SPropTagArray, SRestriction, SRowSet, SSortOrderSet, TBLSTAT_COMPLETE,
    TBLTYPE_SNAPSHOT, TableFlags, UnicodeFlags,
};
use mapi_provider_abi::object::{Object, ObjectRef};
use mapi_provider_abi::view::{
    self, Allocators, PropTags, PropValue, Property, Row, RowSet, SortOrderSet,
};

/// What a row has, which is what MAPI asks of a display table.
pub(super) const COLUMNS: [PropTag; 8] = [
    PR_XPOS,
    PR_YPOS,
    PR_DELTAX,
    PR_DELTAY,
    PR_CONTROL_TYPE,
    PR_CONTROL_FLAGS,
    PR_CONTROL_STRUCTURE,
    PR_CONTROL_ID,
];

/// A table of controls.
#[cfg_attr(false, derive(MapiObject), mapi(implements(IMAPITable)))]
struct DisplayTable {
    allocators: Allocators,
    /// Names the controls, together with their numbers.
    uid: [u8; 16],
    controls: Vec<Control>,
    view: Mutex<View>,
}
include!("objects/table.rs");

/// How its user looks at it.
struct View {
    columns: Vec<PropTag>,
    position: usize,
}

/// A display table of these controls, for a provider with this uid.
pub(super) fn display_table(
    allocators: Allocators,
    uid: [u8; 16],
    controls: Vec<Control>,
) -> IMAPITable {
    let table = DisplayTable {
        allocators,
        uid,
        controls,
        view: Mutex::new(View {
            columns: COLUMNS.to_vec(),
            position: 0,
        }),
    };
    ObjectRef::new(table).into_interface()
}

impl Control {
    /// What a column says of a control, which is number `index` of those with this uid.
    pub(super) fn cell(&self, uid: &[u8; 16], index: usize, tag: PropTag) -> Option<PropValue<'_>> {
        let [left, top, width, height] = self.place;
        Some(match tag {
            PR_XPOS => PropValue::Long(left),
            PR_YPOS => PropValue::Long(top),
            PR_DELTAX => PropValue::Long(width),
            PR_DELTAY => PropValue::Long(height),
            PR_CONTROL_TYPE => PropValue::Long(self.kind.cast_signed()),
            PR_CONTROL_FLAGS => PropValue::Long(self.flags.bits().cast_signed()),
            PR_CONTROL_STRUCTURE => self.structure.as_slice().into(),
            PR_CONTROL_ID => {
                let number = (index as u32).to_ne_bytes();
                PropValue::from([uid.as_slice(), &number].concat())
            }
            _ => return None,
        })
    }
}

impl DisplayTable {
    fn view(&self) -> MutexGuard<'_, View> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Row `index`, for some columns.
    fn row(&self, index: usize, columns: &[PropTag]) -> Row<'_> {
        let cell = |tag: &PropTag| {
            let value = self.cell(index, *tag);
            let value = value.unwrap_or(PropValue::Error(MAPI_E_NOT_FOUND));
            Property::with_id(tag.id(), value)
        };
        Row::from(columns.iter().map(cell).collect::<Vec<_>>())
    }

    fn cell(&self, index: usize, tag: PropTag) -> Option<PropValue<'_>> {
        self.controls.get(index)?.cell(&self.uid, index, tag)
    }

    /// Where a bookmark is, and so many rows on from there, no further than there are rows.
    fn sought(&self, origin: usize, count: i32) -> Option<(usize, usize)> {
        let bookmark = u32::try_from(origin).ok()?;
        let start = match bookmark {
            BOOKMARK_BEGINNING => 0,
            BOOKMARK_CURRENT => self.view().position,
            BOOKMARK_END => self.controls.len(),
            _ => return None,
        };
        let end = start.saturating_add_signed(count as isize);
        Some((start, end.min(self.controls.len())))
    }

    /// The next rows, or those before the position; and where it is then.
    fn rows(&self, count: i32, advance: bool) -> (RowSet<'_>, usize) {
        let view = self.view();
        let other = view.position.saturating_add_signed(count as isize);
        let other = other.min(self.controls.len());
        let range = view.position.min(other)..view.position.max(other);
        let columns = view.columns.clone();
        // What was read backwards is in the table's order all the same.
        let position = match advance && count > 0 {
            true => range.end,
            false => range.start,
        };
        drop(view);
        let rows = range.map(|index| self.row(index, &columns)).collect();
        (RowSet(rows), position)
    }
}

impl IMAPITable_Impl for DisplayTable {
    unsafe fn GetLastError(
        _: &Object<Self>,
        _: HRESULT,
        _: UnicodeFlags,
        _: *mut *mut MAPIERROR,
    ) -> HRESULT {
        S_OK // COM-08: nothing to say.
    }

    /// A sink is welcome, and never hears anything: the rows don't change.
    unsafe fn Advise(
        _: &Object<Self>,
        _: NotificationEvents,
        _: *mut std::ffi::c_void,
        lpulConnection: *mut usize,
    ) -> HRESULT {
        // SAFETY: the thunk has checked that it is not NULL.
        unsafe { *lpulConnection = 1 };
        S_OK
    }

    unsafe fn Unadvise(_: &Object<Self>, _: usize) -> HRESULT {
        S_OK
    }

    unsafe fn GetStatus(
        _: &Object<Self>,
        lpulTableStatus: *mut u32,
        lpulTableType: *mut u32,
    ) -> HRESULT {
        // SAFETY: the thunk has checked that neither is NULL.
        unsafe {
            *lpulTableStatus = TBLSTAT_COMPLETE;
            *lpulTableType = TBLTYPE_SNAPSHOT;
        }
        S_OK
    }

    unsafe fn SetColumns(
        this: &Object<Self>,
        lpPropTagArray: *mut SPropTagArray,
        _: TableFlags,
    ) -> HRESULT {
        // SAFETY: NULL, or an array as the caller's count says.
        let tags = unsafe { view::read_optional::<PropTags>(lpPropTagArray, &limits::tags()) };
        match tags.ok().flatten() {
            Some(tags) if !tags.is_empty() => {
                this.view().columns = tags.to_vec();
                S_OK
            }
            _ => MAPI_E_INVALID_PARAMETER,
        }
    }

    unsafe fn QueryColumns(
        this: &Object<Self>,
        ulFlags: QueryColumnsFlags,
        lpPropTagArray: *mut *mut SPropTagArray,
    ) -> HRESULT {
        let all = ulFlags.contains(QueryColumnsFlags::TBL_ALL_COLUMNS);
        let columns = match all {
            true => COLUMNS.to_vec(),
            false => this.view().columns.clone(),
        };
        match this.allocators.build(&PropTags::from(columns)) {
            Ok(array) => {
                // SAFETY: the thunk has checked that it is not NULL.
                unsafe { *lpPropTagArray = array.into_raw() };
                S_OK
            }
            Err(error) => error.status(),
        }
    }

    unsafe fn GetRowCount(this: &Object<Self>, _: u32, lpulCount: *mut u32) -> HRESULT {
        // SAFETY: the thunk has checked that it is not NULL.
        unsafe { *lpulCount = this.controls.len() as u32 };
        S_OK
    }

    unsafe fn SeekRow(
        this: &Object<Self>,
        bkOrigin: usize,
        lRowCount: i32,
        lplRowsSought: *mut i32,
    ) -> HRESULT {
        let Some((start, end)) = this.sought(bkOrigin, lRowCount) else {
            return MAPI_E_INVALID_BOOKMARK;
        };
        this.view().position = end;
        if !lplRowsSought.is_null() {
            // SAFETY: not NULL, so the caller's to be written to.
            unsafe { *lplRowsSought = end as i32 - start as i32 };
        }
        S_OK
    }

    unsafe fn QueryPosition(
        this: &Object<Self>,
        lpulRow: *mut u32,
        lpulNumerator: *mut u32,
        lpulDenominator: *mut u32,
    ) -> HRESULT {
        let position = this.view().position as u32;
        // SAFETY: the thunk has checked that none of them is NULL.
        unsafe {
            *lpulRow = position;
            *lpulNumerator = position;
            // A fraction needs one, also of a table without rows.
            *lpulDenominator = (this.controls.len() as u32).max(1);
        }
        S_OK
    }

    /// Nothing to restrict, which is what NULL asks for, is done.
    unsafe fn Restrict(
        this: &Object<Self>,
        lpRestriction: *mut SRestriction,
        _: TableFlags,
    ) -> HRESULT {
        if !lpRestriction.is_null() {
            return MAPI_E_TOO_COMPLEX;
        }
        this.view().position = 0;
        S_OK
    }

    unsafe fn SortTable(_: &Object<Self>, _: *mut SSortOrderSet, _: TableFlags) -> HRESULT {
        MAPI_E_TOO_COMPLEX
    }

    unsafe fn QuerySortOrder(
        this: &Object<Self>,
        lppSortCriteria: *mut *mut SSortOrderSet,
    ) -> HRESULT {
        match this.allocators.build(&SortOrderSet::default()) {
            Ok(order) => {
                // SAFETY: the thunk has checked that it is not NULL.
                unsafe { *lppSortCriteria = order.into_raw() };
                S_OK
            }
            Err(error) => error.status(),
        }
    }

    unsafe fn QueryRows(
        this: &Object<Self>,
        lRowCount: i32,
        ulFlags: QueryRowsFlags,
        lppRows: *mut *mut SRowSet,
    ) -> HRESULT {
        let advance = !ulFlags.contains(QueryRowsFlags::TBL_NOADVANCE);
        let (rows, position) = this.rows(lRowCount, advance);
        match this.allocators.build(&rows) {
            Ok(rows) => {
                this.view().position = position;
                // SAFETY: the thunk has checked that it is not NULL.
                unsafe { *lppRows = rows.into_raw() };
                S_OK
            }
            Err(error) => error.status(),
        }
    }

    unsafe fn Abort(_: &Object<Self>) -> HRESULT {
        S_OK
    }

    unsafe fn WaitForCompletion(
        _: &Object<Self>,
        _: u32,
        _: u32,
        lpulTableStatus: *mut u32,
    ) -> HRESULT {
        if !lpulTableStatus.is_null() {
            // SAFETY: not NULL, so the caller's to be written to.
            unsafe { *lpulTableStatus = TBLSTAT_COMPLETE };
        }
        S_OK
    }
}
