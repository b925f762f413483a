//! An order of rows, understood: its columns, the categories that they make, and a row's key in it.

use mapi_provider_abi::mapi::{
    MAPI_E_TOO_COMPLEX, MVI_FLAG, PR_MESSAGE_FLAGS, PT_APPTIME, PT_BINARY, PT_BOOLEAN, PT_CLSID,
    PT_CURRENCY, PT_DOUBLE, PT_I2, PT_I8, PT_LONG, PT_R4, PT_STRING8, PT_SYSTIME, PT_UNICODE,
    PT_UNSPECIFIED, PropTag,
};
use mapi_provider_abi::view::{SortDirection, SortOrder, SortOrderSet};

use super::encode::{put, put_id};
use super::facts::Facts;
use super::fault::{Fault, Result};
use super::source::{PropId, RowId, SOURCE_ORDER, SortColumn};
use super::value::{self, has_instances, instances, widened};

/// The most columns of an order (STORE-14).
const MOST_COLUMNS: usize = 8;

/// An order of rows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Order {
    /// As it was asked for.
    set: SortOrderSet,
    /// The categories, the outermost first.
    levels: Vec<Level>,
    /// The columns that sort rows in the innermost category.
    columns: Vec<SortColumn>,
    /// The property that has a row for each value (STORE-18).
    instances: Option<PropId>,
}

/// A level of categories.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Level {
    /// Its columns; more than one where they are combined.
    pub(super) columns: Vec<SortColumn>,
    /// What sorts the categories, where that isn't their own columns.
    pub(super) extreme: Option<Extreme>,
    /// Whether its categories are open at first.
    pub(super) expanded: bool,
}

/// Categories sort by the largest or smallest value within them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extreme {
    pub(super) property: PropId,
    pub(super) largest: bool,
    pub(super) descending: bool,
}

/// How a row's place depends on what else is in its categories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dependence {
    /// Its key says all.
    None,
    /// The outermost categories have their places by what is in them.
    Outermost,
    /// Inner ones have.
    Anywhere,
}

/// A row's key in an order, as bytes; a category's rows have the same bytes up to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RowKey {
    pub(super) bytes: Vec<u8>,
    /// Where each level ends in them.
    pub(super) ends: Vec<usize>,
}

impl Order {
    /// Understands an order.
    ///
    /// # Errors
    ///
    /// Tables don't have it: `MAPI_E_TOO_COMPLEX` (STORE-14, STORE-17).
    pub(super) fn new(set: SortOrderSet) -> Result<Self> {
        if set.orders.len() > MOST_COLUMNS {
            return too_complex(format!("tables sort by at most {MOST_COLUMNS} columns"));
        }
        let mut order = Self {
            levels: Vec::new(),
            columns: Vec::new(),
            instances: None,
            set,
        };
        for (place, one) in order.set.orders.clone().into_iter().enumerate() {
            order.add(place, one)?;
        }
        Ok(order)
    }

    /// The order of an index.
    pub(super) fn of_columns(columns: &[SortColumn]) -> Self {
        Self {
            set: SortOrderSet::default(),
            levels: Vec::new(),
            columns: columns.to_vec(),
            instances: None,
        }
    }

    fn add(&mut self, place: usize, one: SortOrder) -> Result<()> {
        let categories = self.set.categories as usize;
        let in_categories = place < categories;
        let expanded = place < self.set.expanded as usize;
        self.check_column(one.tag)?;
        let property = one.tag.id();
        let descending = one.direction == SortDirection::Descend;
        let column = SortColumn {
            property,
            descending,
        };
        match (one.direction, self.levels.last_mut()) {
            (SortDirection::Ascend | SortDirection::Descend, _) if in_categories => {
                self.levels.push(Level {
                    columns: vec![column],
                    extreme: None,
                    expanded,
                });
            }
            (SortDirection::Ascend | SortDirection::Descend, _) => self.columns.push(column),
            (SortDirection::Combine, Some(level)) if in_categories && level.extreme.is_none() => {
                // The category sorts one way.
                let descending = level.columns[0].descending;
                level.columns.push(SortColumn {
                    property,
                    descending,
                });
                level.expanded = expanded;
            }
            (SortDirection::CategoryMax | SortDirection::CategoryMin, Some(level))
                if place <= categories && level.extreme.is_none() && !has_instances(one.tag) =>
            {
                level.extreme = Some(Extreme {
                    property,
                    largest: one.direction == SortDirection::CategoryMax,
                    descending: level.columns[0].descending,
                });
                level.expanded &= expanded || !in_categories;
            }
            _ => return too_complex(format!("{} makes no category here", one.tag)),
        }
        Ok(())
    }

    /// STORE-14: any scalar property sorts, and a list by its single values (STORE-18).
    fn check_column(&mut self, tag: PropTag) -> Result<()> {
        let has_instances = has_instances(tag);
        let single = match has_instances {
            true => tag.prop_type() & !MVI_FLAG,
            false => tag.prop_type(),
        };
        let sorts = matches!(
            single,
            PT_I2
                | PT_LONG
                | PT_R4
                | PT_DOUBLE
                | PT_CURRENCY
                | PT_APPTIME
                | PT_BOOLEAN
                | PT_I8
                | PT_STRING8
                | PT_UNICODE
                | PT_SYSTIME
                | PT_CLSID
                | PT_BINARY
                | PT_UNSPECIFIED
        );
        if !sorts {
            return too_complex(format!("tables don't sort by {tag}"));
        }
        if has_instances
            && self
                .instances
                .replace(tag.id())
                .is_some_and(|id| id != tag.id())
        {
            return too_complex("only one column of an order can have a row for each value");
        }
        Ok(())
    }

    /// The order as it is told to clients: what a source has for itself is not.
    pub(super) fn told(&self) -> SortOrderSet {
        let is_own = |one: &SortOrder| one.tag.id() == SOURCE_ORDER;
        if self.set.orders.iter().any(is_own) {
            return SortOrderSet::default();
        }
        self.set.clone()
    }

    pub(super) fn levels(&self) -> &[Level] {
        &self.levels
    }

    /// The property that has a row for each value.
    pub(super) fn instances(&self) -> Option<PropId> {
        self.instances
    }

    /// Whether an order makes the column of a tag one of single values.
    pub(super) fn has_instances_of(&self, tag: PropTag) -> bool {
        has_instances(tag) && self.instances == Some(tag.id())
    }

    /// How a row's place depends on what else is in its categories.
    pub(super) fn dependence(&self) -> Dependence {
        let mut levels = self.levels.iter().map(|level| level.extreme.is_some());
        match (
            levels.next().unwrap_or(false),
            levels.any(|depends| depends),
        ) {
            (_, true) => Dependence::Anywhere,
            (true, false) => Dependence::Outermost,
            (false, false) => Dependence::None,
        }
    }

    /// The order as an index may have it; none where it has more to it.
    pub(super) fn as_index(&self) -> Option<&[SortColumn]> {
        let is_plain = self.levels.is_empty() && self.instances.is_none();
        is_plain.then_some(&*self.columns)
    }

    /// The column that sorts all rows before any other does; none where there are categories, or rows for single values.
    pub(super) fn first_column(&self) -> Option<SortColumn> {
        self.as_index()?.first().copied()
    }

    /// The properties that a row's key is made of.
    pub(super) fn properties(&self) -> Vec<PropId> {
        let levels = self.levels.iter();
        let extremes = levels.clone().filter_map(|level| level.extreme);
        let columns = levels.flat_map(|level| &level.columns).chain(&self.columns);
        let mut all: Vec<PropId> = columns.map(|column| column.property).collect();
        all.extend(extremes.map(|extreme| extreme.property));
        if !self.levels.is_empty() {
            // Headings count what is unread.
            all.push(PR_MESSAGE_FLAGS.id());
        }
        all.sort_unstable();
        all.dedup();
        all
    }

    /// How many rows a row of the source is: one, or one for each value (STORE-18). A list without values is one row.
    pub(super) fn instance_count(&self, facts: &dyn Facts) -> usize {
        let value = self.instances.and_then(|property| facts.value(property));
        let values = value.as_deref().and_then(instances);
        values.map_or(1, |values| values.len().max(1))
    }

    /// The key of a row, or of one of its instances.
    pub(super) fn key(&self, facts: &dyn Facts, row: RowId, instance: usize) -> RowKey {
        let mut bytes = Vec::with_capacity(32);
        let mut ends = Vec::with_capacity(self.levels.len());
        for level in &self.levels {
            level
                .columns
                .iter()
                .for_each(|column| self.put_column(&mut bytes, facts, *column, instance));
            ends.push(bytes.len());
        }
        for column in &self.columns {
            self.put_column(&mut bytes, facts, *column, instance);
        }
        // STORE-14: ties are in the order of the ID, in the direction of the first column.
        put_id(&mut bytes, row, self.is_descending());
        bytes.extend((instance as u32).to_be_bytes());
        RowKey { bytes, ends }
    }

    fn put_column(
        &self,
        bytes: &mut Vec<u8>,
        facts: &dyn Facts,
        column: SortColumn,
        instance: usize,
    ) {
        let value = facts.value(column.property);
        let value = value.as_deref();
        if self.instances == Some(column.property) {
            let single = value.and_then(|list| value::instance_of(list, instance));
            put(bytes, single.as_ref(), column.descending);
        } else {
            put(bytes, value, column.descending);
        }
    }

    fn is_descending(&self) -> bool {
        let outermost = self.levels.first().and_then(|level| level.columns.first());
        let first = outermost.or(self.columns.first());
        first.is_some_and(|column| column.descending)
    }
}

impl Extreme {
    /// What a row says to the order of its category; the category's is the largest of them, or the smallest.
    pub(super) fn of(self, facts: &dyn Facts) -> Vec<u8> {
        let mut bytes = Vec::new();
        put(
            &mut bytes,
            facts.value(self.property).as_deref(),
            self.descending,
        );
        bytes
    }

    /// Whether one row's word goes before another's in the same category. What is missing says nothing.
    pub(super) fn prefers(self, one: &[u8], other: &[u8]) -> bool {
        let missing = |bytes: &[u8]| bytes.first() == Some(&0xFF);
        match (missing(one), missing(other)) {
            (true, _) => false,
            (false, true) => true,
            // Downwards the bytes of the largest are the smallest.
            (false, false) if self.largest != self.descending => one > other,
            (false, false) => one < other,
        }
    }
}

/// Whether two tags name the same column, strings of both widths.
pub(super) fn same_column(one: PropTag, other: PropTag) -> bool {
    one.id() == other.id() && widened(one.prop_type()) == widened(other.prop_type())
}

fn too_complex<T>(text: impl Into<std::borrow::Cow<'static, str>>) -> Result<T> {
    Err(Fault::new(MAPI_E_TOO_COMPLEX, text))
}
