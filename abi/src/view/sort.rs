//! Sort orders.

use std::mem::offset_of;

use super::buffer::MapiBuffer;
use super::builder::{Build, headed_root};
use super::error::{BuildError, ViewError};
use super::memory::Allocators;
use super::reader::{Reader, field};
use super::reading::View;
use crate::mapi::{
    PropTag, SSortOrder, SSortOrderSet, TABLE_SORT_ASCEND, TABLE_SORT_CATEG_MAX,
    TABLE_SORT_CATEG_MIN, TABLE_SORT_COMBINE, TABLE_SORT_DESCEND,
};

/// A column to sort by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SortOrder {
    /// The column.
    pub tag: PropTag,
    /// How.
    pub direction: SortDirection,
}

/// How a column sorts: `TABLE_SORT_*`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SortDirection {
    /// `TABLE_SORT_ASCEND`: smallest first.
    Ascend,
    /// `TABLE_SORT_DESCEND`: largest first.
    Descend,
    /// `TABLE_SORT_COMBINE`: one category with the column before.
    Combine,
    /// `TABLE_SORT_CATEG_MAX`: the category before sorts by its largest value of this column.
    CategoryMax,
    /// `TABLE_SORT_CATEG_MIN`: the category before sorts by its smallest value of this column.
    CategoryMin,
}

impl SortDirection {
    /// MAPI's number for it.
    pub fn code(self) -> u32 {
        match self {
            Self::Ascend => TABLE_SORT_ASCEND,
            Self::Descend => TABLE_SORT_DESCEND,
            Self::Combine => TABLE_SORT_COMBINE,
            Self::CategoryMax => TABLE_SORT_CATEG_MAX,
            Self::CategoryMin => TABLE_SORT_CATEG_MIN,
        }
    }

    /// The meaning of MAPI's number; `None` if it is not a `TABLE_SORT_*`.
    pub fn from_code(code: u32) -> Option<Self> {
        Some(match code {
            TABLE_SORT_ASCEND => Self::Ascend,
            TABLE_SORT_DESCEND => Self::Descend,
            TABLE_SORT_COMBINE => Self::Combine,
            TABLE_SORT_CATEG_MAX => Self::CategoryMax,
            TABLE_SORT_CATEG_MIN => Self::CategoryMin,
            _ => return None,
        })
    }
}

/// How a table is sorted: an `SSortOrderSet`. The first columns may be categories.
///
/// ```
/// use mapi_provider::abi::{PR_DISPLAY_NAME_W, PR_OBJECT_TYPE};
/// use mapi_provider::view::{SortDirection, SortOrder, SortOrderSet};
///
/// let by_type_then_name = SortOrderSet {
///     orders: vec![
///         SortOrder { tag: PR_OBJECT_TYPE, direction: SortDirection::Ascend },
///         SortOrder { tag: PR_DISPLAY_NAME_W, direction: SortDirection::Ascend },
///     ],
///     categories: 1,
///     expanded: 0,
/// };
/// # assert!(by_type_then_name.categories < 2);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SortOrderSet {
    /// The columns, the most important first.
    pub orders: Vec<SortOrder>,
    /// How many of them are categories.
    pub categories: u32,
    /// How many of the categories are expanded at first.
    pub expanded: u32,
}

impl SortOrderSet {
    /// The number that contradicts the rest, if one does.
    fn contradiction(&self) -> Option<&'static str> {
        let has_categories = usize::try_from(self.categories)
            .is_ok_and(|categories| categories <= self.orders.len());
        if !has_categories {
            Some("SSortOrderSet::cCategories")
        } else if self.expanded > self.categories {
            Some("SSortOrderSet::cExpanded")
        } else {
            None
        }
    }
}

impl View<'_> for SortOrderSet {
    type Raw = SSortOrderSet;

    unsafe fn read_with(raw: *const SSortOrderSet, reader: &Reader<'_>) -> Result<Self, ViewError> {
        // SAFETY: the caller's word: counts, and as many orders after them as the first says.
        let set = unsafe {
            let first = (&raw const (*raw).aSort).cast::<SSortOrder>();
            let count = field!(raw, cSorts);
            let order =
                |raw: *const SSortOrder| order(field!(raw, ulPropTag), field!(raw, ulOrder));
            Self {
                orders: reader.each("SSortOrderSet::cSorts", first, count, order)?,
                categories: field!(raw, cCategories),
                expanded: field!(raw, cExpanded),
            }
        };
        match set.contradiction() {
            Some(what) => Err(ViewError::Contradiction { what }),
            None => Ok(set),
        }
    }
}

fn order(tag: PropTag, value: u32) -> Result<SortOrder, ViewError> {
    let what = "SSortOrder::ulOrder";
    let direction = SortDirection::from_code(value);
    let direction = direction.ok_or(ViewError::UnknownKind { what, value })?;
    Ok(SortOrder { tag, direction })
}

impl Build for SortOrderSet {
    type Raw = SSortOrderSet;

    fn build_with(&self, allocators: Allocators) -> Result<MapiBuffer<SSortOrderSet>, BuildError> {
        if let Some(what) = self.contradiction() {
            return Err(BuildError::Contradiction { what });
        }
        let offset = offset_of!(SSortOrderSet, aSort);
        let root = headed_root::<SSortOrderSet, SSortOrder>(
            allocators,
            "SSortOrderSet::cSorts",
            offset,
            self.orders.len(),
        )?;
        root.put(offset_of!(SSortOrderSet, cCategories), self.categories);
        root.put(offset_of!(SSortOrderSet, cExpanded), self.expanded);
        let room = root.rest(offset, self.orders.len());
        for (index, order) in self.orders.iter().enumerate() {
            room.set(
                index,
                SSortOrder {
                    ulPropTag: order.tag,
                    ulOrder: order.direction.code(),
                },
            );
        }
        Ok(MapiBuffer::of(root, 1))
    }
}

#[cfg(test)]
mod tests {
    use super::SortDirection;

    #[test]
    fn codes_come_back() {
        let known = (0..=16).filter_map(SortDirection::from_code);
        let codes: Vec<u32> = known.map(SortDirection::code).collect();
        assert_eq!(codes, [0, 1, 2, 4, 8]);
    }
}
