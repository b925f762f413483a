//! Tables of the store: which there are, and how they are opened.

use std::ffi::c_void;
use std::sync::Arc;

use mapi_provider_abi::mapi::{
    Interface, PR_ENTRYID, PR_INSTANCE_KEY, PR_MESSAGE_CLASS_W, PR_RECORD_KEY, PR_ROWID,
};
use mapi_provider_abi::view::SortOrderSet;

use super::computed::long;
use super::fault::Result;
use super::rows::{StoreRows, columns};
use super::shared::StoreShared;
use crate::database::FolderId;
use mapi_provider_table::table::object::{self, Sinks};
use mapi_provider_table::table::{MemoryRow, MemoryRows, Source, Table};

/// What a table of the store is of, of those that show what changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    /// The messages of a folder, or its associated messages.
    Contents {
        /// The folder.
        folder: FolderId,
        /// Which of its messages.
        associated: bool,
    },
    /// The folders in a folder.
    Hierarchy {
        /// The folder.
        folder: FolderId,
        /// With all folders below those (`CONVENIENT_DEPTH`).
        deep: bool,
    },
    /// What waits to be sent.
    Outgoing,
}

/// A table, as its interface.
///
/// # Errors
///
/// The store can't be read.
pub(super) fn open(shared: &Arc<StoreShared>, which: Which, unicode: bool) -> Result<*mut c_void> {
    of_source(shared, Arc::new(StoreRows::new(shared, which)?), unicode)
}

/// A table of any rows, as its interface.
///
/// # Errors
///
/// The source's own order is none that tables have.
pub(super) fn of_source(
    shared: &Arc<StoreShared>,
    source: Arc<dyn Source>,
    unicode: bool,
) -> Result<*mut c_void> {
    let sinks: Arc<dyn Sinks> = Arc::<StoreShared>::clone(shared);
    let table = object::open(source, sinks, shared.allocators, unicode)?;
    Ok(table.into_raw())
}

/// A table of what a store never has: messages or folders that were deleted softly (STORE-33).
///
/// # Errors
///
/// None.
pub(super) fn empty(
    shared: &Arc<StoreShared>,
    folders: bool,
    unicode: bool,
) -> Result<*mut c_void> {
    let columns = if folders {
        columns::HIERARCHY.to_vec()
    } else {
        columns::CONTENTS.to_vec()
    };
    of_source(shared, Arc::new(MemoryRows::new(columns)), unicode)
}

/// The table of receive folders, as they are now (STORE-08).
///
/// # Errors
///
/// The store can't be read.
pub(super) fn receive(shared: &Arc<StoreShared>, unicode: bool) -> Result<*mut c_void> {
    let columns = vec![
        PR_ENTRYID,
        PR_INSTANCE_KEY,
        PR_RECORD_KEY,
        PR_MESSAGE_CLASS_W,
        PR_ROWID,
    ];
    let rows = MemoryRows::new(columns);
    let all = shared.read(|reader| reader.receive_folders())?;
    rows.change((1_u32..).zip(all).map(|(number, one)| {
        let id = shared.identity.entry_id(one.folder);
        let row = MemoryRow::new()
            .with(PR_ENTRYID, id.clone())
            .with(PR_RECORD_KEY, id)
            .with(PR_MESSAGE_CLASS_W, &*one.class)
            .with(PR_ROWID, long(number));
        (u64::from(number), Some(row))
    }));
    of_source(shared, Arc::new(rows), unicode)
}

/// Refuses an order that tables don't have.
///
/// # Errors
///
/// `MAPI_E_TOO_COMPLEX`.
pub(super) fn check_order(order: &SortOrderSet) -> Result<()> {
    let rows = MemoryRows::new(columns::CONTENTS.to_vec()).with_order(order.clone());
    Table::new(Arc::new(rows), true).map(drop)
}
