//! Rows of tables, and address lists, which are laid out alike.

use std::mem::offset_of;
use std::ops::{Deref, DerefMut};

use super::buffer::MapiBuffer;
use super::builder::{Build, headed_root};
use super::error::{BuildError, ViewError};
use super::memory::{Allocators, counted};
use super::property::{Property, properties_root};
use super::reader::{Reader, field};
use super::reading::View;
use super::value::PropValue;
use crate::mapi::{ADRLIST, PropTag, SRow, SRowSet};

/// A row of a table, or an entry of an address list: properties in the order of the columns.
///
/// ```
/// use mapi_provider::abi::{PR_DISPLAY_NAME_W, PR_ENTRYID};
/// use mapi_provider::view::{PropValue, Property, Row};
///
/// let row = Row::from(vec![Property::new(PR_DISPLAY_NAME_W, "Inbox")]);
/// assert_eq!(row.get(PR_DISPLAY_NAME_W), Some(&PropValue::from("Inbox")));
/// assert_eq!(row.get(PR_ENTRYID), None);
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Row<'a> {
    /// The properties.
    pub properties: Vec<Property<'a>>,
}

impl<'a> Row<'a> {
    /// The value with this tag. The width of strings matters, and a `PT_ERROR` is a different type.
    pub fn get(&self, tag: PropTag) -> Option<&PropValue<'a>> {
        let found = self.properties.iter().find(|property| property.tag == tag);
        found.map(|property| &property.value)
    }

    /// The row without a borrow.
    pub fn into_owned(self) -> Row<'static> {
        let properties = self.properties.into_iter();
        Row {
            properties: properties.map(Property::into_owned).collect(),
        }
    }
}

impl<'a> From<Vec<Property<'a>>> for Row<'a> {
    fn from(properties: Vec<Property<'a>>) -> Self {
        Self { properties }
    }
}

impl<'a> View<'a> for Row<'a> {
    type Raw = SRow;

    unsafe fn read_with(raw: *const SRow, reader: &Reader<'_>) -> Result<Self, ViewError> {
        // SAFETY: the caller's word.
        let properties = unsafe {
            let first = field!(raw, lpProps).cast_const();
            reader.views("SRow::lpProps", first, field!(raw, cValues))?
        };
        Ok(Self { properties })
    }
}

/// Declares a counted set of rows.
macro_rules! row_set {
    ($(#[$doc:meta])+ $name:ident, $raw:ty) => {
        $(#[$doc])+
        #[derive(Debug, Clone, PartialEq, Default)]
        pub struct $name<'a>(pub Vec<Row<'a>>);

        impl $name<'_> {
            /// The same without a borrow.
            pub fn into_owned(self) -> $name<'static> {
                $name(self.0.into_iter().map(Row::into_owned).collect())
            }
        }

        impl<'a> Deref for $name<'a> {
            type Target = Vec<Row<'a>>;

            fn deref(&self) -> &Vec<Row<'a>> {
                &self.0
            }
        }

        impl DerefMut for $name<'_> {
            fn deref_mut(&mut self) -> &mut Self::Target {
                &mut self.0
            }
        }

        impl<'a> View<'a> for $name<'a> {
            type Raw = $raw;

            unsafe fn read_with(raw: *const $raw, reader: &Reader<'_>) -> Result<Self, ViewError> {
                // SAFETY: the caller's word, and both sets have one layout.
                unsafe { rows_of(raw.cast(), reader) }.map(Self)
            }
        }

        impl Build for $name<'_> {
            type Raw = $raw;

            fn build_with(&self, allocators: Allocators) -> Result<MapiBuffer<$raw>, BuildError> {
                let set = build(allocators, &self.0)?;
                // SAFETY: a row set that was just built, passed on; both sets have one layout.
                let set = unsafe { allocators.adopt(set.into_raw().cast::<$raw>(), 1) };
                set.ok_or(BuildError::NoMemory)
            }
        }
    };
}

row_set! {
    /// Rows of a table: an `SRowSet`. Each row is a separate allocation, as `FreeProws` requires.
    ///
    /// ```
    /// use mapi_provider::abi::{PR_DISPLAY_NAME_W, SRowSet};
    /// use mapi_provider::view::{Allocators, BuildError, MapiBuffer, Property, Row, RowSet};
    ///
    /// fn query_rows(allocators: Allocators) -> Result<MapiBuffer<SRowSet>, BuildError> {
    ///     let inbox = Row::from(vec![Property::new(PR_DISPLAY_NAME_W, "Inbox")]);
    ///     allocators.build(&RowSet(vec![inbox]))
    /// }
    /// ```
    RowSet, SRowSet
}

row_set! {
    /// Recipients: an `ADRLIST`. Each entry is a separate allocation, as `FreePadrlist` requires.
    ///
    /// ```
    /// use mapi_provider::abi::PR_DISPLAY_NAME_W;
    /// use mapi_provider::view::{AddressList, Property, Row};
    ///
    /// let list = AddressList(vec![Row::from(vec![Property::new(PR_DISPLAY_NAME_W, "Ann")])]);
    /// assert_eq!(list.len(), 1);
    /// ```
    AddressList, ADRLIST
}

/// # Safety
///
/// That of [`View::read_with`].
unsafe fn rows_of<'a>(raw: *const SRowSet, reader: &Reader<'_>) -> Result<Vec<Row<'a>>, ViewError> {
    // SAFETY: the caller's word: a count, and as many rows after it.
    unsafe {
        let first = (&raw const (*raw).aRow).cast();
        reader.views("SRowSet::cRows", first, field!(raw, cRows))
    }
}

fn build(allocators: Allocators, rows: &[Row<'_>]) -> Result<MapiBuffer<SRowSet>, BuildError> {
    let what = "SRowSet::cRows";
    let offset = offset_of!(SRowSet, aRow);
    let root = headed_root::<SRowSet, SRow>(allocators, what, offset, rows.len())?;
    // From here on, the rows so far are freed with the set; more are added one by one.
    root.put(0, 0_u32);
    let set = MapiBuffer::of(root, 1);
    for (index, row) in rows.iter().enumerate() {
        let row = in_memory(allocators, row)?;
        set.root().rest(offset, rows.len()).set(index, row);
        set.root().put(0, counted(what, index + 1)?);
    }
    Ok(set)
}

/// A row, with its properties in their own root; NULL if there are none.
fn in_memory(allocators: Allocators, row: &Row<'_>) -> Result<SRow, BuildError> {
    let count = counted("SRow::cValues", row.properties.len())?;
    let properties = match count {
        0 => std::ptr::null_mut(),
        _ => properties_root(allocators, &row.properties)?.give_away(),
    };
    Ok(SRow {
        ulAdrEntryPad: 0,
        cValues: count,
        lpProps: properties,
    })
}
