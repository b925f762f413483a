//! What a stream holds: the bytes of a value, in bounded memory (STORE-30).

use std::borrow::Cow;

use mapi_provider_abi::mapi::{MAPI_E_NOT_FOUND, PT_BINARY, PT_OBJECT, PT_STRING8, PT_UNICODE};
use mapi_provider_abi::view::PropValue;

use super::conversion::converted;
use super::fault::{Fault, Result};
use super::stream_text;
use crate::database::{self, LargeValue, Property, StagedBlob, Store};

/// More bytes than this are not kept in memory; and no more are at a time, where bytes are copied.
pub(super) const PIECE: usize = 64 * 1024;

/// The bytes of a value.
#[derive(Debug)]
pub(super) enum Bytes {
    /// A few.
    Here(Vec<u8>),
    /// Those of a large value, which stays as it is.
    Stored(LargeValue),
    /// Many, some of them new.
    Staged(StagedBlob),
}

impl Bytes {
    /// The bytes of a property, as a stream of a type has them.
    ///
    /// # Errors
    ///
    /// The property is of another type, or the store can't be read.
    pub(super) fn of(store: &Store, property: &Property, prop_type: u32) -> Result<Self> {
        match property {
            Property::Value(value) => {
                let value = converted(borrowed(value), asked(value.prop_type(), prop_type));
                let bytes = value.and_then(bytes_of).ok_or_else(other_type)?;
                Ok(Self::Here(bytes))
            }
            Property::Large(large) => match (large.prop_type(), prop_type) {
                (own, wanted) if own == asked(own, wanted) => Ok(Self::Stored(large.clone())),
                (PT_UNICODE, PT_STRING8) => Ok(Self::Staged(stream_text::narrowed(store, large)?)),
                _ => Err(other_type()),
            },
        }
    }

    /// How many there are.
    pub(super) fn size(&self) -> u64 {
        match self {
            Self::Here(bytes) => bytes.len() as u64,
            Self::Stored(large) => large.size(),
            Self::Staged(staged) => staged.size(),
        }
    }

    /// Reads bytes from an offset on; fewer than there is room for only at the end.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub(super) fn read(
        &mut self,
        store: &Store,
        offset: u64,
        to: &mut [u8],
    ) -> database::Result<usize> {
        match self {
            Self::Here(bytes) => {
                let from = usize::try_from(offset).unwrap_or(usize::MAX);
                let rest = bytes.get(from..).unwrap_or_default();
                let count = rest.len().min(to.len());
                to[..count].copy_from_slice(&rest[..count]);
                Ok(count)
            }
            Self::Stored(large) => store.read_blob(large, offset, to),
            Self::Staged(staged) => staged.read_at(offset, to),
        }
    }

    /// Writes bytes at an offset. What lies between the end and the offset becomes zeros.
    ///
    /// # Errors
    ///
    /// There is no room for them.
    pub(super) fn write(
        &mut self,
        store: &Store,
        offset: u64,
        bytes: &[u8],
    ) -> database::Result<()> {
        let end = offset.saturating_add(bytes.len() as u64);
        match self {
            Self::Here(here) if end <= PIECE as u64 => {
                // No more than a piece, so it can be addressed.
                let (offset, end) = (offset as usize, end as usize);
                here.resize(here.len().max(end), 0);
                here[offset..end].copy_from_slice(bytes);
                Ok(())
            }
            _ => self.staged(store)?.write_at(offset, bytes),
        }
    }

    /// Cuts the bytes, or makes them more with zeros.
    ///
    /// # Errors
    ///
    /// There is no room for them.
    pub(super) fn resize(&mut self, store: &Store, size: u64) -> database::Result<()> {
        match self {
            Self::Here(here) if size <= PIECE as u64 => {
                here.resize(size as usize, 0);
                Ok(())
            }
            _ => self.staged(store)?.set_size(size),
        }
    }

    /// The bytes as they are written to.
    fn staged(&mut self, store: &Store) -> database::Result<&mut StagedBlob> {
        let staged = match self {
            Self::Staged(_) => None,
            Self::Stored(large) => Some(store.edit_blob(large)?),
            Self::Here(bytes) => {
                let mut staged = store.new_blob()?;
                staged.write_at(0, bytes)?;
                Some(staged)
            }
        };
        if let Some(staged) = staged {
            *self = Self::Staged(staged);
        }
        match self {
            Self::Staged(staged) => Ok(staged),
            _ => Err(database::Error::Invalid("the bytes are not being written")),
        }
    }

    /// The property that the bytes are, of the type of the stream: strings become UTF-16.
    ///
    /// # Errors
    ///
    /// The store can't be read or written.
    pub(super) fn property(&mut self, store: &Store, prop_type: u32) -> database::Result<Property> {
        if prop_type == PT_OBJECT {
            return match self {
                Self::Stored(large) if large.prop_type() == PT_OBJECT => {
                    Ok(Property::Large(large.clone()))
                }
                _ => self.staged(store)?.property(PT_OBJECT),
            };
        }
        if self.size() <= PIECE as u64 {
            return self.all(store).map(|bytes| value_of(prop_type, &bytes));
        }
        match (&mut *self, prop_type) {
            (Self::Stored(large), _) if large.prop_type() == prop_type => {
                Ok(Property::Large(large.clone()))
            }
            (_, PT_STRING8) => {
                let staged = self.staged(store)?;
                stream_text::widened(store, staged)?.property(PT_UNICODE)
            }
            (_, PT_UNICODE) => {
                let staged = self.staged(store)?;
                stream_text::end(staged)?;
                staged.property(PT_UNICODE)
            }
            _ => self.staged(store)?.property(prop_type),
        }
    }

    /// What was told by [`property`](Self::property) does not change any more: who writes on gets a copy.
    pub(super) fn settle(&mut self, property: &Property, prop_type: u32) {
        if let (Self::Staged(_), Property::Large(large)) = (&*self, property)
            && prop_type != PT_STRING8
        {
            *self = Self::Stored(large.clone());
        }
    }

    /// All bytes, which are few.
    fn all(&mut self, store: &Store) -> database::Result<Vec<u8>> {
        let mut bytes = vec![0; self.size() as usize];
        let count = self.read(store, 0, &mut bytes)?;
        bytes.truncate(count);
        Ok(bytes)
    }
}

/// The type to look for: binary values and those of objects are the same bytes.
fn asked(own: u32, prop_type: u32) -> u32 {
    match (own, prop_type) {
        (PT_BINARY | PT_OBJECT, PT_BINARY | PT_OBJECT) => own,
        _ => prop_type,
    }
}

fn other_type() -> Fault {
    Fault::new(
        MAPI_E_NOT_FOUND,
        "the property has a value of another type, which is no stream",
    )
}

fn borrowed<'a>(value: &'a PropValue<'static>) -> PropValue<'a> {
    match value {
        PropValue::Unicode(units) => PropValue::Unicode(Cow::Borrowed(units)),
        PropValue::Binary(bytes) => PropValue::Binary(Cow::Borrowed(bytes)),
        other => other.clone(),
    }
}

/// The bytes of a value, if it is one of bytes.
fn bytes_of(value: PropValue<'_>) -> Option<Vec<u8>> {
    match value {
        PropValue::Unicode(units) => {
            Some(units.iter().flat_map(|unit| unit.to_le_bytes()).collect())
        }
        PropValue::String8(bytes) | PropValue::Binary(bytes) => Some(bytes.into_owned()),
        _ => None,
    }
}

/// The property of a few bytes. A string ends at a NUL, as everywhere else.
fn value_of(prop_type: u32, bytes: &[u8]) -> Property {
    Property::Value(match prop_type {
        PT_UNICODE => {
            let units = bytes
                .chunks_exact(2)
                .map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
            PropValue::Unicode(units.take_while(|unit| *unit != 0).collect())
        }
        PT_STRING8 => {
            let text = bytes.iter().copied().take_while(|byte| *byte != 0);
            PropValue::String8(text.collect())
        }
        _ => PropValue::from(bytes.to_vec()),
    })
}

#[cfg(test)]
mod tests {
    use crate::database::Options;

    use super::*;

    fn store() -> Store {
        Store::in_memory(Options::new()).expect("memory")
    }

    fn read(store: &Store, bytes: &mut Bytes) -> Vec<u8> {
        let mut all = vec![0; usize::try_from(bytes.size()).expect("few")];
        let count = bytes.read(store, 0, &mut all).expect("read");
        assert_eq!(count, all.len());
        all
    }

    #[test]
    fn store_30_few_bytes_become_many_and_few_again() {
        let store = store();
        let mut bytes = Bytes::Here(b"abc".to_vec());
        bytes.write(&store, 5, b"x").expect("written");
        assert_eq!(read(&store, &mut bytes), b"abc\0\0x");
        let far = PIECE as u64;
        bytes.write(&store, far, b"end").expect("written");
        assert!(matches!(bytes, Bytes::Staged(_)));
        assert_eq!(bytes.size(), far + 3);
        bytes.resize(&store, 4).expect("cut");
        let property = bytes.property(&store, PT_BINARY).expect("a value");
        let expected = PropValue::from(b"abc\0".to_vec());
        assert_eq!(property, Property::Value(expected));
        assert!(bytes.write(&store, u64::MAX, b"x").is_err());
        assert!(bytes.resize(&store, u64::MAX).is_err());
        assert_eq!(bytes.size(), 4);
    }

    #[test]
    fn store_30_what_was_settled_stays() {
        let store = store();
        let mut bytes = Bytes::Here(Vec::new());
        let first = vec![1; 2 * PIECE];
        bytes.write(&store, 0, &first).expect("written");
        let property = bytes.property(&store, PT_BINARY).expect("a value");
        bytes.settle(&property, PT_BINARY);
        bytes.write(&store, 7, b"new").expect("written");
        let mut settled = Bytes::of(&store, &property, PT_BINARY).expect("bytes");
        assert_eq!(read(&store, &mut settled), first);
        assert_ne!(read(&store, &mut bytes), first);
    }

    #[test]
    fn store_30_other_types_are_no_streams() {
        let store = store();
        let number = Property::Value(PropValue::Long(1));
        for prop_type in [PT_BINARY, PT_UNICODE, PT_STRING8, PT_OBJECT] {
            let status = Bytes::of(&store, &number, prop_type).map_err(|fault| fault.status);
            assert_eq!(status.err(), Some(MAPI_E_NOT_FOUND));
        }
        let text = Property::Value(PropValue::from("a"));
        assert!(Bytes::of(&store, &text, PT_BINARY).is_err());
    }
}
