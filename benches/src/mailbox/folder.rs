//! A folder of mail, as a client has it by MAPI, and by hand.

use std::error::Error;
use std::path::Path;
use std::ptr;

use mapi_provider::abi::{
    GetContentsTableFlags, IMAPIFolder, IMAPITable, PR_DISPLAY_TO_W, PR_ENTRYID, PR_HASATTACH,
    PR_IMPORTANCE, PR_INSTANCE_KEY, PR_MESSAGE_CLASS_W, PR_MESSAGE_DELIVERY_TIME, PR_MESSAGE_FLAGS,
    PR_MESSAGE_SIZE, PR_SENT_REPRESENTING_NAME_W, PR_SUBJECT_W, PropTag, QueryRowsFlags,
    SPropTagArray, SRestriction, SSortOrderSet, TableFlags,
};
use mapi_provider::view::{MapiBuffer, PropTags, SortDirection, SortOrder, SortOrderSet};
use mapi_provider_mailbox::database::Store;
use mapi_provider_mailbox::logic::Mailbox;
use windows_core::Interface;

use crate::bare::Bare;
use crate::face::Session;

/// What a list of mail shows; `bare::SHOWN` is what these are made of.
const COLUMNS: [PropTag; 11] = [
    PR_INSTANCE_KEY,
    PR_ENTRYID,
    PR_SUBJECT_W,
    PR_SENT_REPRESENTING_NAME_W,
    PR_DISPLAY_TO_W,
    PR_MESSAGE_CLASS_W,
    PR_MESSAGE_DELIVERY_TIME,
    PR_MESSAGE_SIZE,
    PR_MESSAGE_FLAGS,
    PR_HASATTACH,
    PR_IMPORTANCE,
];
/// How many rows a page has.
pub(crate) const PAGE: u32 = 50;
/// How many pages are scrolled.
pub(crate) const PAGES: u32 = 100;

/// A folder of mail, by MAPI and by hand.
pub(crate) struct Folder<'s> {
    pub(crate) session: &'s Session,
    folder: IMAPIFolder,
    pub(crate) bare: Bare,
    columns: MapiBuffer<SPropTagArray>,
}

impl<'s> Folder<'s> {
    /// A folder of the subtree, by its name.
    pub(crate) fn open(
        session: &'s Session,
        path: &Path,
        name: &str,
    ) -> Result<Self, Box<dyn Error>> {
        let mailbox = Mailbox::new(Store::open(path)?);
        let id = mailbox.folder_at(name)?.ok_or("there is no such folder")?;
        let columns = session.allocators().build(&PropTags::from(&COLUMNS[..]))?;
        Ok(Self {
            bare: Bare::new(path, i64::try_from(id.number())?)?,
            folder: session.folder(mailbox.store().uid(), id)?,
            session,
            columns,
        })
    }

    pub(crate) fn order(
        &self,
        tag: PropTag,
        direction: SortDirection,
        categories: u32,
    ) -> MapiBuffer<SSortOrderSet> {
        let set = SortOrderSet {
            orders: vec![SortOrder { tag, direction }],
            categories,
            expanded: 0,
        };
        self.session.allocators().build(&set).expect("memory")
    }

    pub(crate) fn newest_first(&self) -> MapiBuffer<SSortOrderSet> {
        self.order(PR_MESSAGE_DELIVERY_TIME, SortDirection::Descend, 0)
    }

    /// `GetContentsTable`.
    pub(crate) fn table(&self) -> IMAPITable {
        let mut out = ptr::null_mut();
        // SAFETY: a live variable; what comes is a table, counted.
        unsafe {
            let flags = GetContentsTableFlags::MAPI_UNICODE;
            let opened = self.folder.GetContentsTable(flags, &raw mut out);
            opened.ok().expect("a table");
            IMAPITable::from_raw(out)
        }
    }

    /// `GetContentsTable`, `SetColumns` and `SortTable`.
    pub(crate) fn sorted(&self, order: &MapiBuffer<SSortOrderSet>) -> IMAPITable {
        let table = self.table();
        let flags = TableFlags::empty();
        // SAFETY: what MAPI's memory holds is well-formed.
        unsafe {
            let set = table.SetColumns(self.columns.as_ptr(), flags);
            set.ok().expect("columns");
            table.SortTable(order.as_ptr(), flags).ok().expect("sorted");
        }
        table
    }

    /// `QueryRows`, and the rows freed.
    pub(crate) fn rows(&self, table: &IMAPITable, count: i32) -> usize {
        let mut rows = ptr::null_mut();
        // SAFETY: a live variable; what comes is the caller's, and adopted by it.
        unsafe {
            let queried = table.QueryRows(count, QueryRowsFlags::empty(), &raw mut rows);
            queried.ok().expect("rows");
            let rows = self.session.allocators().adopt(rows, 1).expect("rows");
            (*rows.as_ptr()).cRows as usize
        }
    }

    pub(crate) fn row_count(&self, table: &IMAPITable) -> u32 {
        let mut count = 0;
        // SAFETY: a live variable.
        unsafe { table.GetRowCount(0, &raw mut count) }
            .ok()
            .expect("a number");
        count
    }

    pub(crate) fn first_page(&self, order: &MapiBuffer<SSortOrderSet>) {
        let table = self.sorted(order);
        assert_eq!(self.rows(&table, PAGE as i32), PAGE as usize);
    }

    pub(crate) fn scroll(&self, table: &IMAPITable) -> usize {
        // SAFETY: no pointers.
        unsafe { table.SeekRow(0, 0, ptr::null_mut()) }
            .ok()
            .expect("the first row");
        (0..PAGES).map(|_| self.rows(table, PAGE as i32)).sum()
    }

    pub(crate) fn restricted(
        &self,
        order: &MapiBuffer<SSortOrderSet>,
        to: &MapiBuffer<SRestriction>,
    ) -> (u32, usize) {
        let table = self.sorted(order);
        // SAFETY: what MAPI's memory holds is well-formed.
        unsafe { table.Restrict(to.as_ptr(), TableFlags::empty()) }
            .ok()
            .expect("restricted");
        (self.row_count(&table), self.rows(&table, PAGE as i32))
    }

    /// All headings of a table of closed categories.
    pub(crate) fn grouped(
        &self,
        order: &MapiBuffer<SSortOrderSet>,
        columns: &MapiBuffer<SPropTagArray>,
    ) -> usize {
        let table = self.table();
        let flags = TableFlags::empty();
        // SAFETY: what MAPI's memory holds is well-formed.
        unsafe {
            let set = table.SetColumns(columns.as_ptr(), flags);
            set.ok().expect("columns");
            table.SortTable(order.as_ptr(), flags).ok().expect("sorted");
        }
        self.rows(&table, i32::MAX)
    }
}
