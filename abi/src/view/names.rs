//! Names of properties.

use std::borrow::Cow;

use super::buffer::MapiBuffer;
use super::builder::{Build, array_root};
use super::error::{BuildError, ViewError};
use super::memory::{Allocators, Root, counted};
use super::reader::{Reader, field};
use super::reading::View;
use super::text::{owned, terminated, utf16};
use crate::mapi::{GUID, MAPINAMEID, MAPINAMEID_Kind, MNID_ID, MNID_STRING};

/// The name of a property: a `MAPINAMEID`.
///
/// Methods pass arrays of pointers to names. Such an array is read as [`Option<PropName>`]s, with
/// `None` for a NULL pointer, which `GetNamesFromIDs` returns if an ID has no name.
///
/// ```
/// use mapi_provider::abi::{GUID, MAPINAMEID};
/// use mapi_provider::view::{Allocators, BuildError, MapiBuffer, NameId, PropName};
///
/// /// The array of names that `GetIDsFromNames` takes.
/// fn names(allocators: Allocators, set: GUID) -> Result<MapiBuffer<*mut MAPINAMEID>, BuildError> {
///     let flag = PropName { set, id: NameId::Number(0x8530) };
///     let keywords = PropName { set, id: NameId::from("Keywords") };
///     allocators.build(&[flag, keywords][..])
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PropName<'a> {
    /// The property set.
    pub set: GUID,
    /// The name within the set.
    pub id: NameId<'a>,
}

/// A name within a property set.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum NameId<'a> {
    /// `MNID_ID`: a number.
    Number(i32),
    /// `MNID_STRING`: UTF-16, perhaps ill-formed.
    Text(Cow<'a, [u16]>),
}

impl From<&str> for NameId<'static> {
    fn from(text: &str) -> Self {
        NameId::Text(utf16(text))
    }
}

impl From<i32> for NameId<'static> {
    fn from(number: i32) -> Self {
        NameId::Number(number)
    }
}

impl PropName<'_> {
    /// The name without a borrow.
    pub fn into_owned(self) -> PropName<'static> {
        let id = match self.id {
            NameId::Number(number) => NameId::Number(number),
            NameId::Text(text) => NameId::Text(owned(text)),
        };
        PropName { set: self.set, id }
    }
}

impl<'a> View<'a> for PropName<'a> {
    type Raw = MAPINAMEID;

    unsafe fn read_with(raw: *const MAPINAMEID, reader: &Reader<'_>) -> Result<Self, ViewError> {
        // SAFETY: the caller's word; the member that is read is the one for the kind.
        unsafe {
            let set = field!(raw, lpguid).cast_const();
            reader.present("MAPINAMEID::lpguid", set)?;
            let id = match field!(raw, ulKind) {
                MNID_ID => NameId::Number(field!(raw, Kind.lID)),
                MNID_STRING => {
                    let text = field!(raw, Kind.lpwstrName).cast_const();
                    NameId::Text(reader.string("MAPINAMEID::lpwstrName", text)?)
                }
                value => {
                    let what = "MAPINAMEID::ulKind";
                    return Err(ViewError::UnknownKind { what, value });
                }
            };
            let set = set.read_unaligned();
            Ok(Self { set, id })
        }
    }
}

impl<'a> View<'a> for Option<PropName<'a>> {
    type Raw = *mut MAPINAMEID;

    unsafe fn read_with(
        raw: *const *mut MAPINAMEID,
        reader: &Reader<'_>,
    ) -> Result<Self, ViewError> {
        // SAFETY: the caller's word.
        unsafe {
            let name = raw.read_unaligned();
            if name.is_null() {
                return Ok(None);
            }
            PropName::read_with(name, reader).map(Some)
        }
    }
}

impl Build for [PropName<'_>] {
    type Raw = *mut MAPINAMEID;

    fn build_with(
        &self,
        allocators: Allocators,
    ) -> Result<MapiBuffer<*mut MAPINAMEID>, BuildError> {
        build(allocators, self.len(), self.iter().map(Some))
    }
}

impl Build for [Option<PropName<'_>>] {
    type Raw = *mut MAPINAMEID;

    fn build_with(
        &self,
        allocators: Allocators,
    ) -> Result<MapiBuffer<*mut MAPINAMEID>, BuildError> {
        build(allocators, self.len(), self.iter().map(Option::as_ref))
    }
}

fn build<'n>(
    allocators: Allocators,
    length: usize,
    names: impl Iterator<Item = Option<&'n PropName<'n>>>,
) -> Result<MapiBuffer<*mut MAPINAMEID>, BuildError> {
    let count = counted("names", length)?;
    let root = array_root::<*mut MAPINAMEID>(allocators, length)?;
    let room = root.rest::<*mut MAPINAMEID>(0, length);
    for (index, name) in names.enumerate() {
        // Entries without a name stay NULL.
        if let Some(name) = name {
            room.set(index, in_memory(&root, name)?);
        }
    }
    Ok(MapiBuffer::of(root, count))
}

fn in_memory(root: &Root, name: &PropName<'_>) -> Result<*mut MAPINAMEID, BuildError> {
    let (kind, id) = match &name.id {
        NameId::Number(number) => {
            let mut id = nothing();
            id.lID = *number;
            (MNID_ID, id)
        }
        NameId::Text(text) => {
            let text = terminated(root, "MAPINAMEID::lpwstrName", text)?;
            (MNID_STRING, MAPINAMEID_Kind { lpwstrName: text })
        }
    };
    root.copy(&[MAPINAMEID {
        lpguid: root.copy(&[name.set])?,
        ulKind: kind,
        Kind: id,
    }])
}

fn nothing() -> MAPINAMEID_Kind {
    // SAFETY: all zeros is a value of every member.
    unsafe { std::mem::zeroed() }
}
