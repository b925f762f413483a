//! The rows of tables: hierarchies, contents, details.

use std::collections::HashSet;
use std::sync::Arc;

use super::directory::Answer;
use super::tree::Branch;
use super::values::Book;
use mapi_provider_abi::mapi::{
    PR_AB_PROVIDER_ID, PR_ADDRTYPE_W, PR_COMMENT_W, PR_CONTAINER_FLAGS, PR_DEPTH,
    PR_DISPLAY_NAME_W, PR_DISPLAY_TYPE, PR_DISPLAY_TYPE_EX, PR_EMAIL_ADDRESS_W, PR_ENTRYID,
    PR_INSTANCE_KEY, PR_OBJECT_TYPE, PR_RECORD_KEY, PR_SEARCH_KEY, PR_SEND_RICH_INFO,
    PR_SMTP_ADDRESS_W, PR_STATUS, PR_TRANSMITABLE_DISPLAY_NAME_W, PropTag,
};
use mapi_provider_abi::view::{Property, SortDirection, SortOrder, SortOrderSet};
use mapi_provider_table::table::{Abilities, MemoryRow, MemoryRows, RowId};

/// AB-12
const HIERARCHY: [PropTag; 10] = [
    PR_DISPLAY_NAME_W,
    PR_ENTRYID,
    PR_INSTANCE_KEY,
    PR_DEPTH,
    PR_DISPLAY_TYPE,
    PR_OBJECT_TYPE,
    PR_CONTAINER_FLAGS,
    PR_STATUS,
    PR_COMMENT_W,
    PR_AB_PROVIDER_ID,
];

/// AB-15
const CONTENTS: [PropTag; 13] = [
    PR_DISPLAY_NAME_W,
    PR_ENTRYID,
    PR_INSTANCE_KEY,
    PR_ADDRTYPE_W,
    PR_EMAIL_ADDRESS_W,
    PR_SMTP_ADDRESS_W,
    PR_DISPLAY_TYPE,
    PR_DISPLAY_TYPE_EX,
    PR_OBJECT_TYPE,
    PR_RECORD_KEY,
    PR_SEARCH_KEY,
    PR_SEND_RICH_INFO,
    PR_TRANSMITABLE_DISPLAY_NAME_W,
];

/// What tables of an address book can do.
pub(super) const ABILITIES: Abilities = Abilities {
    bookmarks: true,
    notifications: false, // AB-31
    categories: true,
    names: true, // AB-17
};

/// The rows of containers, in the order of the tree (AB-12).
pub(crate) fn hierarchy(
    book: &Book,
    branches: &[Branch],
    is_large: impl Fn(&str) -> bool,
) -> MemoryRows {
    let rows = MemoryRows::new(HIERARCHY.to_vec()).with_abilities(ABILITIES);
    rows.change((0_u64..).zip(branches).map(|(number, branch)| {
        let properties = book.of_container(Some(branch), is_large(&branch.key));
        (number, Some(row_of(properties)))
    }));
    rows
}

/// No rows, with the columns of contents: the root has none of its own (AB-11).
pub(crate) fn no_contents() -> MemoryRows {
    let rows = MemoryRows::new(contents_columns());
    rows.with_abilities(ABILITIES).with_order(contents_order())
}

/// The rows of entries.
pub(super) fn contents<'a>(
    book: &Book,
    answers: impl IntoIterator<Item = &'a Arc<Answer>>,
) -> MemoryRows {
    let rows = no_contents();
    let mut numbers = HashSet::new();
    let mut keys = HashSet::new();
    let entries = answers.into_iter().flat_map(|answer| &answer.entries);
    let entries: Vec<_> = entries
        .filter(|entry| keys.insert(entry.key().to_owned()))
        .map(|entry| {
            let number = number_of(entry.key(), &mut numbers);
            (number, Some(row_of(book.of_entry(entry))))
        })
        .collect();
    rows.change(entries);
    rows
}

/// Rows that nobody computes any more, such as those of a sheet.
pub(crate) fn fixed(
    columns: Vec<PropTag>,
    rows: impl IntoIterator<Item = Vec<Property<'static>>>,
) -> MemoryRows {
    let all = MemoryRows::new(columns).with_abilities(ABILITIES);
    let rows = (0_u64..).zip(rows);
    all.change(rows.map(|(number, properties)| (number, Some(row_of(properties)))));
    all
}

pub(super) fn contents_columns() -> Vec<PropTag> {
    CONTENTS.to_vec()
}

/// AB-19: by their names.
pub(super) fn contents_order() -> SortOrderSet {
    SortOrderSet {
        orders: vec![SortOrder {
            tag: PR_DISPLAY_NAME_W,
            direction: SortDirection::Ascend,
        }],
        ..SortOrderSet::default()
    }
}

fn row_of(properties: Vec<Property<'static>>) -> MemoryRow {
    let properties = properties.into_iter();
    properties.fold(MemoryRow::new(), |row, one| row.with(one.tag, one.value))
}

/// A number for the row of a key: the same in every table, unless two keys want one (FNV-1a).
fn number_of(key: &str, taken: &mut HashSet<RowId>) -> RowId {
    let mut number = key.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    });
    while !taken.insert(number) {
        number = number.wrapping_add(1);
    }
    number
}
