//! What a view keeps in memory.

use std::sync::Arc;

use mapi_provider_abi::mapi::{PR_IMPORTANCE, PR_INSTANCE_KEY};
use mapi_provider_abi::view::{SortDirection, SortOrder, SortOrderSet};

use super::super::{MemoryRow, MemoryRows, Table};

fn by_importance(categories: u32) -> SortOrderSet {
    SortOrderSet {
        orders: vec![SortOrder {
            tag: PR_IMPORTANCE,
            direction: SortDirection::Ascend,
        }],
        categories,
        expanded: categories,
    }
}

fn row(id: u64) -> (u64, Option<MemoryRow>) {
    let row = MemoryRow::new().with(PR_IMPORTANCE, (id % 50) as i32);
    (id, Some(row))
}

#[test]
fn store_20_a_list_takes_at_most_sixteen_bytes_a_row() {
    for categories in [0, 1] {
        let source = Arc::new(MemoryRows::new(vec![PR_INSTANCE_KEY]));
        source.change((0..3000).map(row));
        let mut table = Table::new(source.clone(), true).expect("a table");
        table.sort(by_importance(categories)).expect("an order");
        for more in 0..200 {
            let rows = table.row_count().expect("a count");
            let bytes = table.view.list_bytes().expect("a list");
            assert!(bytes <= 16 * rows, "{bytes} bytes for {rows} rows");
            source.change([row(5000 + more)]);
        }
    }
}

#[test]
fn store_20_a_table_that_an_index_orders_keeps_no_list() {
    let source = MemoryRows::new(vec![PR_INSTANCE_KEY]).with_index(vec![]);
    source.change((0..3000).map(row));
    let mut table = Table::new(Arc::new(source), true).expect("a table");
    table.query_rows(50, true).expect("rows");
    table.seek_row(1, 100).expect("a seek");
    table.query_position().expect("a position");
    table.seek_row_approx(1, 1).expect("a seek");
    assert_eq!(table.view.list_bytes(), None);
    // The middle is found in a list.
    table.seek_row_approx(1, 2).expect("a seek");
    assert_eq!(table.query_position().expect("a position").row, 1500);
    assert_eq!(table.view.list_bytes(), Some(12 * 3000));
}
