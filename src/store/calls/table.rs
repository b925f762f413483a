//! IMAPITable.

use std::ptr;

use super::{Call, Object, StoreError, Teller};
use mapi_provider_abi::mapi::{
    GetAttachmentTableFlags, GetContentsTableFlags, GetHierarchyTableFlags, GetRecipientTableFlags,
    IMAPIFolder, IMAPITable, IMessage, PropTag, QueryColumnsFlags, QueryRowsFlags, SRowSet,
    TableFlags,
};
use mapi_provider_abi::view::{Limits, PropTags, Restriction, Row, RowSet, SortOrderSet};

impl<'run> Object<'run, IMAPITable> {
    fn call(&self, operation: &'static str) -> Call<'_> {
        Call {
            operation,
            teller: Teller::Table(&self.interface),
            allocators: self.allocators,
        }
    }

    pub(in crate::store) fn set_columns(&self, tags: &[PropTag]) -> Result<(), StoreError> {
        let call = self.call("set the columns of a table");
        let tags = self.allocators.build(&PropTags::from(tags));
        let tags = tags.map_err(|error| call.unsayable(error))?;
        // SAFETY: the array is one.
        let result = unsafe {
            self.interface
                .SetColumns(tags.as_ptr(), TableFlags::empty())
        };
        call.done(result)
    }

    pub(in crate::store) fn restrict(
        &self,
        restriction: &Restriction<'_>,
    ) -> Result<(), StoreError> {
        let call = self.call("restrict a table");
        let restriction = self.allocators.build(restriction);
        let restriction = restriction.map_err(|error| call.unsayable(error))?;
        // SAFETY: the structure is one.
        let result = unsafe {
            self.interface
                .Restrict(restriction.as_ptr(), TableFlags::empty())
        };
        call.done(result)
    }

    pub(in crate::store) fn sort(&self, order: &SortOrderSet) -> Result<(), StoreError> {
        let call = self.call("sort a table");
        let order = self.allocators.build(order);
        let order = order.map_err(|error| call.unsayable(error))?;
        // SAFETY: the structure is one.
        let result = unsafe {
            self.interface
                .SortTable(order.as_ptr(), TableFlags::empty())
        };
        call.done(result)
    }

    pub(in crate::store) fn row_count(&self) -> Result<u32, StoreError> {
        let mut count = 0;
        // SAFETY: a live variable.
        let result = unsafe { self.interface.GetRowCount(0, &raw mut count) };
        self.call("count the rows of a table").done(result)?;
        Ok(count)
    }

    /// All columns that the table has.
    pub(in crate::store) fn query_columns(&self) -> Result<Vec<PropTag>, StoreError> {
        let call = self.call("ask for the columns of a table");
        let mut tags = ptr::null_mut();
        // SAFETY: a live variable.
        let result = unsafe {
            self.interface
                .QueryColumns(QueryColumnsFlags::TBL_ALL_COLUMNS, &raw mut tags)
        };
        call.done(result)?;
        // SAFETY: QueryColumns has answered NULL, or a root that is ours to free.
        unsafe { call.tags(tags) }
    }

    /// The next rows, so many at most; none at the end.
    pub(in crate::store) fn query_rows(&self, most: u16) -> Result<Vec<Row<'static>>, StoreError> {
        let call = self.call("read rows of a table");
        let mut rows: *mut SRowSet = ptr::null_mut();
        // SAFETY: a live variable.
        let result = unsafe {
            self.interface
                .QueryRows(i32::from(most), QueryRowsFlags::empty(), &raw mut rows)
        };
        call.done(result)?;
        if rows.is_null() {
            return Err(call.senseless("there is no set of rows"));
        }
        // SAFETY: a row set, which begins with its count and need not be aligned.
        let count = unsafe { (&raw const (*rows).cRows).read_unaligned() };
        if count > u32::from(most) {
            // Freeing a row set goes by its count, and this one can't be believed.
            return Err(call.senseless("there are more rows than were asked for"));
        }
        // SAFETY: QueryRows has answered a row set that is ours to free.
        let Some(rows) = (unsafe { self.allocators.adopt(rows, 1) }) else {
            return Err(call.senseless("there is no set of rows"));
        };
        let read = rows.read::<RowSet>(&Limits::default());
        let read = read.map_err(|error| call.unreadable(error))?;
        Ok(read.into_owned().0)
    }
}

/// A table of an object: what a query reads.
#[derive(Clone, Debug)]
pub(in crate::store) enum TableOf<'run> {
    Contents(Object<'run, IMAPIFolder>, GetContentsTableFlags),
    Hierarchy(Object<'run, IMAPIFolder>, GetHierarchyTableFlags),
    Recipients(Object<'run, IMessage>),
    Attachments(Object<'run, IMessage>),
}

impl<'run> TableOf<'run> {
    /// Opens the table.
    pub(in crate::store) fn open(&self) -> Result<Object<'run, IMAPITable>, StoreError> {
        let mut table = ptr::null_mut();
        let (call, result) = match self {
            Self::Contents(folder, flags) => {
                let flags = *flags | GetContentsTableFlags::MAPI_UNICODE;
                // SAFETY: a live variable.
                let result = unsafe { folder.interface.GetContentsTable(flags, &raw mut table) };
                (folder.call("open the contents table"), result)
            }
            Self::Hierarchy(folder, flags) => {
                let flags = *flags | GetHierarchyTableFlags::MAPI_UNICODE;
                // SAFETY: as above.
                let result = unsafe { folder.interface.GetHierarchyTable(flags, &raw mut table) };
                (folder.call("open the hierarchy table"), result)
            }
            Self::Recipients(message) => {
                let flags = GetRecipientTableFlags::MAPI_UNICODE;
                // SAFETY: as above.
                let result = unsafe { message.interface.GetRecipientTable(flags, &raw mut table) };
                (message.call("open the recipient table"), result)
            }
            Self::Attachments(message) => {
                let flags = GetAttachmentTableFlags::MAPI_UNICODE;
                // SAFETY: as above.
                let result = unsafe { message.interface.GetAttachmentTable(flags, &raw mut table) };
                (message.call("open the attachment table"), result)
            }
        };
        call.done(result)?;
        // SAFETY: the call has answered NULL, or a table with a reference.
        let table = unsafe { call.object(table) }?;
        Ok(Object::new(table, call.allocators))
    }
}
