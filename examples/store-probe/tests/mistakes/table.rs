//! Contents tables.

use std::ffi::c_void;
use std::slice;
use std::time::Duration;

use mapi_provider::MapiObject;
use mapi_provider::abi::*;
use mapi_provider::object::{Object, ObjectRef};

use super::{Mistake, props};

/// `MVI_FLAG`: a row for each value.
const MVI: u32 = 0x3000;

/// How long a row takes where each message is opened.
const A_ROW: Duration = Duration::from_micros(500);

#[derive(MapiObject)]
#[mapi(forwards(IMAPITable = inner))]
struct Table {
    inner: IMAPITable,
    mistake: Mistake,
}

/// Wraps the table that is in this place.
pub(crate) unsafe fn wrap(out: *mut *mut c_void, mistake: Mistake) {
    unsafe {
        let inner = IMAPITable::from_raw(*out);
        let wrapper = ObjectRef::new(Table { inner, mistake });
        *out = wrapper.into_interface::<IMAPITable>().into_raw();
    }
}

impl IMAPITable_Forward for Table {
    unsafe fn SetColumns(
        this: &Object<Self>,
        tags: *mut SPropTagArray,
        flags: TableFlags,
    ) -> HRESULT {
        unsafe {
            let first = (&raw const (*tags).aulPropTag).cast::<PropTag>();
            let asked = slice::from_raw_parts(first, (*tags).cValues as usize);
            let mut asked: Vec<u32> = asked.iter().map(|tag| tag.0).collect();
            match this.mistake {
                Mistake::LosesAColumn if asked.len() > 1 => asked.truncate(asked.len() - 1),
                Mistake::SplitsNoList => asked.iter_mut().for_each(|tag| {
                    if *tag & MVI == MVI {
                        *tag &= !0x2000;
                    }
                }),
                _ => {}
            }
            let mut array = vec![asked.len() as u32];
            array.extend(asked);
            this.inner.SetColumns(array.as_mut_ptr().cast(), flags)
        }
    }

    unsafe fn QueryRows(
        this: &Object<Self>,
        count: i32,
        mut flags: QueryRowsFlags,
        out: *mut *mut SRowSet,
    ) -> HRESULT {
        if this.mistake == Mistake::AlwaysAdvances {
            flags = QueryRowsFlags::empty();
        }
        unsafe {
            let status = this.inner.QueryRows(count, flags, out);
            if status.is_ok() && this.mistake == Mistake::ShowsOtherValues {
                let first = (&raw mut (**out).aRow).cast::<SRow>();
                for index in 0..(**out).cRows as usize {
                    let row = first.add(index);
                    props::spoil(this.mistake, (*row).lpProps, (*row).cValues);
                }
            }
            status
        }
    }

    unsafe fn SortTable(
        this: &Object<Self>,
        order: *mut SSortOrderSet,
        flags: TableFlags,
    ) -> HRESULT {
        if this.mistake == Mistake::SortsNothing {
            return S_OK;
        }
        if this.mistake == Mistake::SortsSlowly {
            let mut rows = 0;
            let _ = unsafe { this.inner.GetRowCount(0, &mut rows) };
            std::thread::sleep(A_ROW * rows);
        }
        unsafe { this.inner.SortTable(order, flags) }
    }

    unsafe fn Restrict(this: &Object<Self>, to: *mut SRestriction, flags: TableFlags) -> HRESULT {
        if this.mistake == Mistake::RestrictsNothing {
            return S_OK;
        }
        unsafe { this.inner.Restrict(to, flags) }
    }

    unsafe fn FindRow(
        this: &Object<Self>,
        what: *mut SRestriction,
        origin: usize,
        flags: FindRowFlags,
    ) -> HRESULT {
        if this.mistake == Mistake::FindsEverything {
            return S_OK;
        }
        unsafe { this.inner.FindRow(what, origin, flags) }
    }

    unsafe fn CollapseRow(
        this: &Object<Self>,
        count: u32,
        key: *mut u8,
        flags: u32,
        gone: *mut u32,
    ) -> HRESULT {
        if this.mistake == Mistake::CollapsesNothing {
            return S_OK;
        }
        unsafe { this.inner.CollapseRow(count, key, flags, gone) }
    }

    unsafe fn Advise(
        this: &Object<Self>,
        events: NotificationEvents,
        sink: *mut c_void,
        connection: *mut usize,
    ) -> HRESULT {
        if this.mistake == Mistake::TellsNoRows {
            unsafe { *connection = 1 };
            return S_OK;
        }
        unsafe { this.inner.Advise(events, sink, connection) }
    }
}
