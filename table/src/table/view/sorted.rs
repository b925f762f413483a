//! `FindRow` by the column that the table is sorted by, as a user types the beginning of a name (AB-19): the row is found
//! by halving, not by looking at all before it.

use mapi_provider_abi::mapi::{
    BOOKMARK_BEGINNING, MAPI_E_NOT_FOUND, MV_FLAG, PT_APPTIME, PT_DOUBLE, PT_R4, PT_UNSPECIFIED,
};
use mapi_provider_abi::view::{PropValue, RelOp, Restriction};

use super::super::encode::put;
use super::super::entry::Kind;
use super::super::facts::{Facts, RowFacts};
use super::super::fault::Result;
use super::super::matching::Condition;
use super::super::outline::lower_bound;
use super::super::source::{Key, RowId, Rows, SortColumn};
use super::super::value::fits;
use super::find::is_so;
use super::{Body, View};

/// A search for the first row whose value of the first column is not before another value.
pub(super) struct SortedSearch {
    column: SortColumn,
    prop_type: u32,
    value: PropValue<'static>,
}

/// What stands at the place where the value would be.
enum Landed {
    /// It is what was looked for.
    Here,
    /// It is not, and so nothing behind it is.
    Nowhere,
    /// It has a value of another type, which nobody can say more about: all rows have to be looked at.
    Unclear,
}

impl View {
    /// The search that a restriction asks for, if rows that it holds for lie together in the order of the view.
    pub(super) fn sorted_search(&self, restriction: &Restriction<'_>) -> Option<SortedSearch> {
        let Restriction::Property {
            relop,
            tag,
            property,
        } = restriction
        else {
            return None;
        };
        let column = self.order.first_column()?;
        let prop_type = tag.prop_type();
        // Among floating-point numbers some are neither smaller nor larger.
        let is_ordered = prop_type & MV_FLAG == 0
            && !matches!(prop_type, PT_UNSPECIFIED | PT_R4 | PT_DOUBLE | PT_APPTIME);
        let goes_on = match relop {
            RelOp::Eq => true,
            RelOp::Ge => !column.descending,
            RelOp::Le => column.descending,
            _ => false,
        };
        let is_it = column.property == tag.id() && is_ordered && goes_on;
        is_it.then(|| SortedSearch {
            column,
            prop_type,
            value: property.value.clone().into_owned(),
        })
    }

    /// Searches in the source's index, from the beginning on. None where that can't tell.
    pub(super) fn find_in_index(
        &mut self,
        search: &SortedSearch,
        condition: &Condition,
        origin: usize,
        rows: &dyn Rows,
    ) -> Result<Option<Result<bool>>> {
        let Body::Paged(paged) = &mut self.body else {
            return Ok(None);
        };
        if origin != BOOKMARK_BEGINNING as usize || paged.column_count() != 1 {
            return Ok(None);
        }
        let first = Key {
            values: vec![Some(search.value.clone())],
            // Before all rows of the same value.
            row: if search.column.descending {
                RowId::MAX
            } else {
                0
            },
        };
        let Some(row) = paged.at(first, rows)? else {
            return Ok(Some(Err(MAPI_E_NOT_FOUND.into())));
        };
        Ok(match search.landed(row, condition, rows)? {
            Landed::Here => {
                paged.go_before(row, rows)?;
                Some(Ok(false))
            }
            Landed::Nowhere => Some(Err(MAPI_E_NOT_FOUND.into())),
            Landed::Unclear => None,
        })
    }

    /// Searches in the view's own list, from a position on.
    pub(super) fn find_in_order(
        &self,
        search: &SortedSearch,
        condition: &Condition,
        from: usize,
        rows: &dyn Rows,
    ) -> Result<Option<usize>> {
        let Body::Listed(listed) = &self.body else {
            return Ok(None);
        };
        let outline = listed.outline();
        let key = search.key();
        let properties = self.order.properties();
        let mut goes_before = |at: usize| {
            let Some(Kind::Leaf { row, .. }) = outline.entry(at).map(|entry| entry.kind()) else {
                return Ok(true);
            };
            let facts = RowFacts::read(rows, row, &properties)?;
            Ok(facts.is_none_or(|facts| self.order.key(&facts, row, 0).bytes < key))
        };
        let place = lower_bound(0..outline.len(), &mut goes_before)?.max(from);
        let Some(Kind::Leaf { row, .. }) = outline.entry(place).map(|entry| entry.kind()) else {
            return Ok(None);
        };
        match search.landed(row, condition, rows)? {
            Landed::Here => Ok(Some(place)),
            Landed::Nowhere => Ok(None),
            Landed::Unclear => self.find_in_list(condition, from, false, rows),
        }
    }
}

impl SortedSearch {
    /// What the keys of rows begin with that have the value.
    fn key(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        put(&mut bytes, Some(&self.value), self.column.descending);
        bytes
    }

    fn landed(&self, row: RowId, condition: &Condition, rows: &dyn Rows) -> Result<Landed> {
        if is_so(condition, row, 0, false, rows)? {
            return Ok(Landed::Here);
        }
        let properties = [self.column.property];
        let facts = RowFacts::read(rows, row, &properties)?;
        let value = facts
            .as_ref()
            .and_then(|facts| facts.value(self.column.property));
        Ok(match value {
            Some(value) if !fits(&value, self.prop_type) => Landed::Unclear,
            _ => Landed::Nowhere,
        })
    }
}
