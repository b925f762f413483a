//! Tables: a snapshot of the rows.

use std::sync::{Arc, Mutex};

use mapi_provider::MapiObject;
use mapi_provider::abi::{
    HRESULT, IMAPITable, IMAPITable_Impl, MAPI_E_TOO_COMPLEX, MAPIERROR, PropTag, QueryRowsFlags,
    S_OK, SPropTagArray, SRestriction, SRowSet, SSortOrderSet, TableFlags, UnicodeFlags,
};
use mapi_provider::object::Object;
use mapi_provider::view::{
    self, Limits, PropTags, RelOp, Restriction, RowSet, SortDirection, SortOrderSet,
};

use super::{Lie, State, World, lock};

#[derive(MapiObject)]
#[mapi(implements(IMAPITable))]
pub(super) struct Table {
    world: Arc<World>,
    inner: Mutex<Inner>,
}

struct Inner {
    columns: Vec<PropTag>,
    rows: Vec<State>,
    next: usize,
}

impl Table {
    pub(super) fn new(world: &Arc<World>, columns: &[PropTag], rows: Vec<State>) -> Self {
        world.object_made();
        Self {
            world: Arc::clone(world),
            inner: Mutex::new(Inner {
                columns: columns.to_vec(),
                rows,
                next: 0,
            }),
        }
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        self.world.object_gone();
    }
}

/// Whether a row meets a condition; `None` for conditions that the table doesn't know.
fn meets(row: &State, restriction: &Restriction<'_>) -> Option<bool> {
    match restriction {
        Restriction::Exist(tag) => Some(row.raw(*tag).is_some()),
        Restriction::Property {
            relop: RelOp::Eq,
            tag,
            property,
        } => Some(row.raw(*tag) == Some(&property.value)),
        _ => None,
    }
}

impl IMAPITable_Impl for Table {
    unsafe fn GetLastError(
        this: &Object<Self>,
        status: HRESULT,
        flags: UnicodeFlags,
        error: *mut *mut MAPIERROR,
    ) -> HRESULT {
        // SAFETY: the caller's variable.
        unsafe { super::thing::last_error(&this.world, status, flags, error) }
    }

    unsafe fn SetColumns(this: &Object<Self>, tags: *mut SPropTagArray, _: TableFlags) -> HRESULT {
        if let Some(Lie::Fail(status)) = this.world.called("SetColumns") {
            return status;
        }
        // SAFETY: the caller's array.
        let tags = unsafe { view::read::<PropTags>(tags, &Limits::default()) };
        match tags {
            Ok(tags) => lock(&this.inner).columns = tags.to_vec(),
            Err(error) => return error.status(),
        }
        S_OK
    }

    unsafe fn GetRowCount(this: &Object<Self>, _: u32, count: *mut u32) -> HRESULT {
        if let Some(Lie::Fail(status)) = this.world.called("GetRowCount") {
            return status;
        }
        // SAFETY: the caller's variable.
        unsafe { count.write(lock(&this.inner).rows.len() as u32) };
        S_OK
    }

    unsafe fn Restrict(
        this: &Object<Self>,
        restriction: *mut SRestriction,
        _: TableFlags,
    ) -> HRESULT {
        if let Some(Lie::Fail(status)) = this.world.called("Restrict") {
            return status;
        }
        // SAFETY: the caller's structure.
        let restriction = unsafe { view::read::<Restriction>(restriction, &Limits::default()) };
        let Ok(restriction) = restriction else {
            return MAPI_E_TOO_COMPLEX;
        };
        let mut inner = lock(&this.inner);
        let known = inner
            .rows
            .iter()
            .all(|row| meets(row, &restriction).is_some());
        if !known {
            return MAPI_E_TOO_COMPLEX;
        }
        inner
            .rows
            .retain(|row| meets(row, &restriction) == Some(true));
        S_OK
    }

    unsafe fn SortTable(this: &Object<Self>, order: *mut SSortOrderSet, _: TableFlags) -> HRESULT {
        if let Some(Lie::Fail(status)) = this.world.called("SortTable") {
            return status;
        }
        // SAFETY: the caller's structure.
        let order = unsafe { view::read::<SortOrderSet>(order, &Limits::default()) };
        let Ok(order) = order else {
            return MAPI_E_TOO_COMPLEX;
        };
        let mut inner = lock(&this.inner);
        for key in order.orders.iter().rev() {
            let text = |row: &State| row.raw(key.tag).and_then(|value| value.to_text());
            let number = |row: &State| row.raw(key.tag).and_then(|value| value.as_long());
            inner.rows.sort_by_key(|row| (text(row), number(row)));
            if key.direction == SortDirection::Descend {
                inner.rows.reverse();
            }
        }
        S_OK
    }

    unsafe fn QueryRows(
        this: &Object<Self>,
        count: i32,
        _: QueryRowsFlags,
        rows: *mut *mut SRowSet,
    ) -> HRESULT {
        let lie = this.world.called("QueryRows");
        match lie {
            Some(Lie::Fail(status)) => return status,
            Some(Lie::Nothing) => return S_OK,
            _ => {}
        }
        let mut inner = lock(&this.inner);
        let first = inner.next;
        let end = inner.rows.len().min(first + count as usize);
        inner.next = end;
        let found = inner.rows[first..end].iter();
        let found = RowSet(found.map(|row| row.row(&inner.columns)).collect());
        let set = match this.world.allocators.build(&found) {
            Ok(set) => set,
            Err(error) => return error.status(),
        };
        // SAFETY: the caller's variable; the set has just been built.
        unsafe {
            let set = set.into_raw();
            if lie == Some(Lie::More) {
                (&raw mut (*set).cRows).write_unaligned(u32::MAX);
            }
            rows.write(set);
        }
        S_OK
    }
}
