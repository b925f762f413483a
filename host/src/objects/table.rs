//! A table with rows that never change.

use std::ptr::NonNull;
use std::sync::{Arc, Mutex};

use mapi_provider::MapiObject;
use mapi_provider::abi::{
    IMAPITable, IMAPITable_Impl, MAPI_E_INVALID_BOOKMARK, MAPI_E_INVALID_PARAMETER,
    MAPI_E_NOT_FOUND, MAPIERROR, PT_UNSPECIFIED, PropTag, QueryColumnsFlags, QueryRowsFlags, S_OK,
    SPropTagArray, SRow, SRowSet, TableFlags, UnicodeFlags,
};
use mapi_provider::object::{Object, ObjectRef};
use windows_core::HRESULT;

use super::registry::{Kind, Live};
use super::shared::Shared;
use super::tags::{allocate_tags, read_tags};
use crate::locks::lock;
use crate::memory::Ledger;
use crate::property::{Property, Value, allocate_properties};

/// The predefined bookmarks, by their numbers.
const BEGINNING: usize = 0;
const CURRENT: usize = 1;
const END: usize = 2;

/// A table with rows that never change: a service's providers, or a session's stores.
#[derive(MapiObject)]
#[mapi(implements(IMAPITable))]
pub struct Table {
    shared: Arc<Shared>,
    rows: Vec<Vec<Property>>,
    state: Mutex<State>,
    _live: Live,
}

struct State {
    columns: Vec<PropTag>,
    position: usize,
}

impl Table {
    /// A table; its columns are those of the first row, until `SetColumns`.
    pub(crate) fn open(shared: &Arc<Shared>, rows: Vec<Vec<Property>>) -> ObjectRef<Self> {
        let columns = rows
            .first()
            .map(|row| row.iter().map(Property::tag).collect())
            .unwrap_or_default();
        ObjectRef::new(Self {
            shared: Arc::clone(shared),
            rows,
            state: Mutex::new(State {
                columns,
                position: 0,
            }),
            _live: shared.registry.live(Kind::Table),
        })
    }

    /// Shows these columns, as after `SetColumns`.
    pub(crate) fn show(&self, columns: Vec<PropTag>) {
        lock(&self.state).columns = columns;
    }

    fn ledger(&self) -> &'static Ledger {
        self.shared.allocators.ledger()
    }
}

/// The values of a row for some columns.
fn cells(row: &[Property], columns: &[PropTag]) -> Vec<Property> {
    let cell = |tag: &PropTag| {
        let found = row.iter().find(|property| property.id == tag.id());
        let value = found
            .ok_or(MAPI_E_NOT_FOUND)
            .and_then(|property| property.value.to_kind(tag.prop_type()));
        Property {
            id: tag.id(),
            value: value.unwrap_or_else(Value::Error),
        }
    };
    columns.iter().map(cell).collect()
}

/// Rows in MAPI's memory: a root for the set and one for each row, as `FreeProws` needs it.
fn allocate_rows(ledger: &Ledger, rows: &[Vec<Property>]) -> Result<NonNull<SRowSet>, HRESULT> {
    const ORIGIN: &str = "IMAPITable::QueryRows";
    let head = std::mem::offset_of!(SRowSet, aRow);
    let size = size_of::<SRowSet>().max(head + size_of::<SRow>() * rows.len());
    let set = ledger.host_buffer(size, ORIGIN)?.cast::<SRowSet>();
    // SAFETY: the buffer has room for the count and the rows.
    let first = unsafe { set.cast::<u8>().add(head) }.cast::<SRow>();
    for (index, row) in rows.iter().enumerate() {
        let properties = allocate_properties(ledger, ORIGIN, row)?;
        let row = SRow {
            ulAdrEntryPad: 0,
            cValues: row.len() as u32,
            lpProps: properties.as_ptr(),
        };
        // SAFETY: as above.
        unsafe { first.add(index).write(row) };
    }
    // SAFETY: as above; the rest of the structure is written already.
    unsafe { set.cast::<u32>().write(rows.len() as u32) };
    Ok(set)
}

impl IMAPITable_Impl for Table {
    unsafe fn GetLastError(
        _: &Object<Self>,
        _: HRESULT,
        _: UnicodeFlags,
        _: *mut *mut MAPIERROR,
    ) -> HRESULT {
        S_OK // COM-08: nothing to say.
    }

    unsafe fn SetColumns(
        this: &Object<Self>,
        tags: *mut SPropTagArray,
        _flags: TableFlags,
    ) -> HRESULT {
        // SAFETY: the caller answers for the array.
        match unsafe { read_tags(tags) } {
            Some(tags) if tags.iter().any(|tag| tag.prop_type() == PT_UNSPECIFIED) => {
                MAPI_E_INVALID_PARAMETER
            }
            Some(tags) => {
                lock(&this.state).columns = tags;
                S_OK
            }
            None => MAPI_E_INVALID_PARAMETER,
        }
    }

    unsafe fn QueryColumns(
        this: &Object<Self>,
        _flags: QueryColumnsFlags,
        out: *mut *mut SPropTagArray,
    ) -> HRESULT {
        if out.is_null() {
            return MAPI_E_INVALID_PARAMETER;
        }
        match allocate_tags(
            this.ledger(),
            "IMAPITable::QueryColumns",
            &lock(&this.state).columns,
        ) {
            Ok(array) => {
                // SAFETY: not NULL, so the caller's to be written to.
                unsafe { *out = array.as_ptr() };
                S_OK
            }
            Err(status) => status,
        }
    }

    unsafe fn GetRowCount(this: &Object<Self>, _flags: u32, count: *mut u32) -> HRESULT {
        if count.is_null() {
            return MAPI_E_INVALID_PARAMETER;
        }
        // SAFETY: not NULL, so the caller's to be written to.
        unsafe { *count = this.rows.len() as u32 };
        S_OK
    }

    unsafe fn SeekRow(this: &Object<Self>, origin: usize, by: i32, sought: *mut i32) -> HRESULT {
        let mut state = lock(&this.state);
        let start = match origin {
            BEGINNING => 0,
            CURRENT => state.position,
            END => this.rows.len(),
            _ => return MAPI_E_INVALID_BOOKMARK,
        };
        let target = start
            .saturating_add_signed(by as isize)
            .min(this.rows.len());
        state.position = target;
        if !sought.is_null() {
            // SAFETY: not NULL, so the caller's to be written to.
            unsafe { *sought = target as i32 - start as i32 };
        }
        S_OK
    }

    unsafe fn QueryRows(
        this: &Object<Self>,
        count: i32,
        flags: QueryRowsFlags,
        out: *mut *mut SRowSet,
    ) -> HRESULT {
        if out.is_null() {
            return MAPI_E_INVALID_PARAMETER;
        }
        let mut state = lock(&this.state);
        let other = state
            .position
            .saturating_add_signed(count as isize)
            .min(this.rows.len());
        let range = state.position.min(other)..state.position.max(other);
        let rows: Vec<_> = this.rows[range]
            .iter()
            .map(|row| cells(row, &state.columns))
            .collect();
        match allocate_rows(this.ledger(), &rows) {
            Ok(set) => {
                if !flags.contains(QueryRowsFlags::TBL_NOADVANCE) {
                    state.position = other;
                }
                // SAFETY: not NULL, so the caller's to be written to.
                unsafe { *out = set.as_ptr() };
                S_OK
            }
            Err(status) => status,
        }
    }
}
