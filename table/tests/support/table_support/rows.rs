//! Rows and tables of a few words, for the rules one by one.

use std::sync::Arc;

use mapi_provider_abi::mapi::*;
use mapi_provider_abi::view::{
    PropValue, Property, RelOp, Restriction, Row, SortDirection, SortOrder, SortOrderSet,
};
use mapi_provider_table::table::{MemoryRow, MemoryRows, Result, RowId, Source, Table};

pub(crate) const CURRENT: usize = BOOKMARK_CURRENT as usize;
pub(crate) const BEGINNING: usize = BOOKMARK_BEGINNING as usize;
pub(crate) const END: usize = BOOKMARK_END as usize;

pub(crate) fn row(subject: &str) -> MemoryRow {
    MemoryRow::new().with(PR_SUBJECT_W, subject)
}

pub(crate) fn rows(rows: impl IntoIterator<Item = (RowId, MemoryRow)>) -> Arc<MemoryRows> {
    let source = MemoryRows::new(vec![PR_INSTANCE_KEY, PR_SUBJECT_W]);
    source.change(rows.into_iter().map(|(id, row)| (id, Some(row))));
    Arc::new(source)
}

pub(crate) fn table(source: Arc<dyn Source>) -> Table {
    Table::new(source, true).expect("a table")
}

/// The IDs of all rows, with the cursor left at the beginning.
pub(crate) fn ids(table: &mut Table) -> Vec<RowId> {
    table.seek_row(BEGINNING, 0).expect("a seek");
    let rows = table.query_rows(i32::MAX, false).expect("rows");
    rows.iter().map(id_of).collect()
}

pub(crate) fn id_of(row: &Row<'_>) -> RowId {
    let key = row.get(PR_INSTANCE_KEY).and_then(PropValue::as_binary);
    let key = key.and_then(|key| key.first_chunk::<8>());
    u64::from_le_bytes(*key.expect("an instance key"))
}

pub(crate) fn by(columns: &[(PropTag, SortDirection)]) -> SortOrderSet {
    let orders = columns.iter();
    SortOrderSet {
        orders: orders
            .map(|(tag, direction)| SortOrder {
                tag: *tag,
                direction: *direction,
            })
            .collect(),
        ..SortOrderSet::default()
    }
}

pub(crate) fn status<T: std::fmt::Debug>(result: Result<T>) -> HRESULT {
    result.expect_err("it is refused").status
}

pub(crate) fn equals(tag: PropTag, value: impl Into<PropValue<'static>>) -> Restriction<'static> {
    Restriction::property(RelOp::Eq, Property::new(tag, value))
}

pub(crate) fn contains(text: &'static str, fuzzy_level: u32) -> Restriction<'static> {
    Restriction::Content {
        fuzzy_level,
        tag: PR_SUBJECT_W,
        property: Property::new(PR_SUBJECT_W, text),
    }
}
