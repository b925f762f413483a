//! Entry IDs, one by one and in lists.

use std::borrow::Cow;
use std::fmt;
use std::mem::offset_of;

use super::buffer::MapiBuffer;
use super::builder::Build;
use super::error::{BuildError, ViewError};
use super::limits::Limits;
use super::memory::{Allocators, Root, counted};
use super::reader::{Reader, field};
use super::reading::View;
use crate::mapi::{ENTRYID, FLATENTRYLIST, SBinary, SBinaryArray};

/// The bytes of an entry ID: four of flags, sixteen that identify the provider, and whatever that has
/// added.
///
/// ```
/// use mapi_provider::view::EntryId;
///
/// let bytes = [&[0; 4][..], &[7; 16], b"inbox"].concat();
/// let id = EntryId::from(&bytes[..]);
/// assert_eq!(id.provider(), Some([7; 16]));
/// assert_eq!(id.rest(), b"inbox");
/// assert_eq!(EntryId::from(&[0, 0xEF][..]).to_string(), "00EF");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct EntryId<'a>(pub Cow<'a, [u8]>);

/// Where the provider's identifier begins and ends.
const PROVIDER: std::ops::Range<usize> = 4..20;

impl<'a> EntryId<'a> {
    /// An entry ID as methods get it, as a count and a pointer. An empty one means the root, or the
    /// store.
    ///
    /// # Errors
    ///
    /// It is NULL with a length, or is longer than the limits allow.
    ///
    /// # Safety
    ///
    /// The pointer is NULL, or there are that many bytes, unchanged for `'a`, unless that is beyond
    /// the limits.
    pub unsafe fn read(
        count: u32,
        entry_id: *const ENTRYID,
        limits: &Limits,
    ) -> Result<Self, ViewError> {
        // SAFETY: the caller's word.
        unsafe { Self::read_with(count, entry_id, &Reader::new(limits)) }
    }

    /// # Safety
    ///
    /// That of [`EntryId::read`].
    pub(super) unsafe fn read_with(
        count: u32,
        entry_id: *const ENTRYID,
        reader: &Reader<'_>,
    ) -> Result<Self, ViewError> {
        // SAFETY: the caller's word.
        unsafe { reader.bytes("an entry ID", entry_id.cast(), count) }.map(Self)
    }

    /// The flags in front.
    pub fn flags(&self) -> Option<[u8; 4]> {
        self.0.first_chunk().copied()
    }

    /// The `MAPIUID` of the provider whose entry it is.
    pub fn provider(&self) -> Option<[u8; 16]> {
        self.0.get(PROVIDER)?.try_into().ok()
    }

    /// The provider's own bytes.
    pub fn rest(&self) -> &[u8] {
        self.0.get(PROVIDER.end..).unwrap_or_default()
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The entry ID without a borrow.
    pub fn into_owned(self) -> EntryId<'static> {
        EntryId(Cow::Owned(self.0.into_owned()))
    }

    /// A count, and a copy in a root's memory.
    pub(super) fn in_memory(&self, root: &Root) -> Result<(u32, *mut ENTRYID), BuildError> {
        let count = counted("an entry ID", self.0.len())?;
        Ok((count, root.copy(&self.0)?.cast()))
    }
}

/// In hexadecimal, two digits per byte.
impl fmt::Display for EntryId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

impl fmt::Debug for EntryId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EntryId({self})")
    }
}

impl<'a> From<&'a [u8]> for EntryId<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self(Cow::Borrowed(bytes))
    }
}

impl From<Vec<u8>> for EntryId<'static> {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Cow::Owned(bytes))
    }
}

/// The [`count`](MapiBuffer::count) of the result is the length in bytes.
impl Build for EntryId<'_> {
    type Raw = ENTRYID;

    fn build_with(&self, allocators: Allocators) -> Result<MapiBuffer<ENTRYID>, BuildError> {
        let count = counted("an entry ID", self.0.len())?;
        let root = allocators.root(self.0.len().max(size_of::<ENTRYID>()))?;
        root.rest(0, self.0.len()).copy_from(&self.0);
        Ok(MapiBuffer::of(root, count))
    }
}

/// Entry IDs, usually of messages: an `ENTRYLIST`, which is an `SBinaryArray`.
///
/// ```
/// use mapi_provider::abi::SBinaryArray;
/// use mapi_provider::view::{self, EntryList, Limits};
///
/// let nothing = SBinaryArray { cValues: 0, lpbin: std::ptr::null_mut() };
/// // SAFETY: an array without elements.
/// let list: EntryList = unsafe { view::read(&raw const nothing, &Limits::default()) }?;
/// assert!(list.0.is_empty());
/// # Ok::<(), view::ViewError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EntryList<'a>(pub Vec<EntryId<'a>>);

impl<'a> View<'a> for EntryList<'a> {
    type Raw = SBinaryArray;

    unsafe fn read_with(raw: *const SBinaryArray, reader: &Reader<'_>) -> Result<Self, ViewError> {
        // SAFETY: the caller's word.
        let ids = unsafe {
            let first = field!(raw, lpbin).cast_const();
            let count = field!(raw, cValues);
            reader.each("SBinaryArray::lpbin", first, count, |one| {
                binary(one, reader).map(EntryId)
            })
        };
        ids.map(Self)
    }
}

impl Build for EntryList<'_> {
    type Raw = SBinaryArray;

    fn build_with(&self, allocators: Allocators) -> Result<MapiBuffer<SBinaryArray>, BuildError> {
        let count = counted("SBinaryArray::cValues", self.0.len())?;
        let root = allocators.root(size_of::<SBinaryArray>())?;
        let room = root.room(self.0.len())?;
        for (index, id) in self.0.iter().enumerate() {
            room.set(index, binary_in(&root, &id.0)?);
        }
        let list = SBinaryArray {
            cValues: count,
            lpbin: room.as_ptr(),
        };
        root.put(0, list);
        Ok(MapiBuffer::of(root, 1))
    }
}

/// Entry IDs in one piece, one after another, each aligned to 4: a `FLATENTRYLIST`.
/// `PR_REPLY_RECIPIENT_ENTRIES` has this form; [`parse`](Self::parse) takes its bytes.
///
/// ```
/// use mapi_provider::view::{EntryId, FlatEntryList, Limits};
///
/// let list = FlatEntryList(vec![EntryId::from(vec![1, 2, 3, 4, 5])]);
/// let bytes = list.to_bytes()?;
/// assert_eq!(bytes.len(), 8 + 4 + 5 + 3);
/// assert_eq!(FlatEntryList::parse(&bytes, &Limits::default()), Ok(list));
/// # Ok::<(), mapi_provider::view::BuildError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FlatEntryList<'a>(pub Vec<EntryId<'a>>);

impl<'a> FlatEntryList<'a> {
    /// The entry IDs in the bytes of a list.
    ///
    /// # Errors
    ///
    /// The bytes end before the list does, or it is longer than the limits allow.
    pub fn parse(bytes: &'a [u8], limits: &Limits) -> Result<Self, ViewError> {
        let what = "FLATENTRYLIST::cbEntries";
        let cut_short = ViewError::Contradiction { what };
        let (count, rest) = split_count(bytes).ok_or(cut_short)?;
        let (length, rest) = split_count(rest).ok_or(cut_short)?;
        if length > limits.bytes() {
            let count = length;
            return Err(ViewError::TooMany { what, count });
        }
        let entries = usize::try_from(length)
            .ok()
            .and_then(|length| rest.get(..length))
            .ok_or(cut_short)?;
        Self::entries(count, entries, limits)
    }

    fn entries(count: u32, mut bytes: &'a [u8], limits: &Limits) -> Result<Self, ViewError> {
        let what = "FLATENTRYLIST::cEntries";
        if count > limits.elements().min(limits.nodes()) {
            return Err(ViewError::TooMany { what, count });
        }
        let mut ids = Vec::new();
        for _ in 0..count {
            let (id, rest) = split_entry(bytes).ok_or(ViewError::Contradiction { what })?;
            ids.push(EntryId(Cow::Borrowed(id)));
            bytes = rest;
        }
        Ok(Self(ids))
    }

    /// The bytes of the list.
    ///
    /// # Errors
    ///
    /// There is more than can be counted.
    pub fn to_bytes(&self) -> Result<Vec<u8>, BuildError> {
        let what = "FLATENTRYLIST::cbEntries";
        let mut entries = Vec::new();
        for id in &self.0 {
            entries.extend(counted("FLATENTRY::cb", id.0.len())?.to_ne_bytes());
            entries.extend(&*id.0);
            entries.resize(entries.len().next_multiple_of(4), 0);
        }
        let mut bytes = Vec::from(counted(what, self.0.len())?.to_ne_bytes());
        bytes.extend(counted(what, entries.len())?.to_ne_bytes());
        bytes.append(&mut entries);
        Ok(bytes)
    }
}

/// The count at the beginning, and what follows it.
fn split_count(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (count, rest) = bytes.split_first_chunk()?;
    Some((u32::from_ne_bytes(*count), rest))
}

/// The FLATENTRY at the beginning, and what follows it and its padding, which the last one need not
/// have.
fn split_entry(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (count, rest) = split_count(bytes)?;
    let count = usize::try_from(count).ok()?;
    let (id, rest) = rest.split_at_checked(count)?;
    let padding = count.next_multiple_of(4) - count;
    Some((id, rest.get(padding..).unwrap_or_default()))
}

impl<'a> View<'a> for FlatEntryList<'a> {
    type Raw = FLATENTRYLIST;

    unsafe fn read_with(raw: *const FLATENTRYLIST, reader: &Reader<'_>) -> Result<Self, ViewError> {
        // SAFETY: the caller's word: two counts, and as many bytes as the second says. Bytes can be
        // borrowed.
        let (count, bytes) = unsafe {
            let first = (&raw const (*raw).abEntries).cast();
            let length = field!(raw, cbEntries);
            let bytes = reader.borrowed("FLATENTRYLIST::cbEntries", first, length)?;
            (field!(raw, cEntries), bytes)
        };
        Self::entries(count, bytes, reader.limits())
    }
}

impl Build for FlatEntryList<'_> {
    type Raw = FLATENTRYLIST;

    fn build_with(&self, allocators: Allocators) -> Result<MapiBuffer<FLATENTRYLIST>, BuildError> {
        const { assert!(offset_of!(FLATENTRYLIST, abEntries) == 8) };
        let bytes = self.to_bytes()?;
        let root = allocators.root(bytes.len().max(size_of::<FLATENTRYLIST>()))?;
        root.rest(0, bytes.len()).copy_from(&bytes);
        Ok(MapiBuffer::of(root, 1))
    }
}

/// The bytes of an `SBinary`.
///
/// # Safety
///
/// That of [`View::read_with`].
pub(super) unsafe fn binary<'a>(
    raw: *const SBinary,
    reader: &Reader<'_>,
) -> Result<Cow<'a, [u8]>, ViewError> {
    // SAFETY: the caller's word.
    unsafe {
        let first = field!(raw, lpb).cast_const();
        reader.bytes("SBinary::lpb", first, field!(raw, cb))
    }
}

/// An `SBinary` with a copy in a root's memory.
pub(super) fn binary_in(root: &Root, bytes: &[u8]) -> Result<SBinary, BuildError> {
    Ok(SBinary {
        cb: counted("SBinary::cb", bytes.len())?,
        lpb: root.copy(bytes)?,
    })
}
