//! Properties of an object, by ID.

use std::borrow::Cow;
use std::sync::Arc;

use mapi_provider_abi::mapi::{PT_UNICODE, PropTag};
use mapi_provider_abi::view::{FileTime, MapiStr, PropValue};

use super::blob::Pin;
use super::id::BlobId;

/// A string or binary of more bytes than this does not lie beside the other values: [`Property::Large`] (STORE-12).
pub const LARGEST: usize = 8 * 1024;

/// The value of a property, or where a large one lies.
#[derive(Debug, Clone, PartialEq)]
pub enum Property {
    /// The value itself. Strings are UTF-16.
    Value(PropValue<'static>),
    /// A string or binary that is read by [`Store::read_blob`](super::Store::read_blob).
    Large(LargeValue),
}

/// A string or binary that lies apart, as the bytes that a stream gives: a string is UTF-16, without terminator.
#[derive(Debug, Clone)]
pub struct LargeValue {
    pub(crate) prop_type: u32,
    pub(crate) blob: BlobId,
    pub(crate) size: u64,
    /// Keeps it readable, whatever becomes of the object, as long as somebody has this.
    pub(crate) pin: Option<Arc<Pin>>,
}

impl LargeValue {
    /// The type: `PT_UNICODE` or `PT_BINARY` (or `PT_OBJECT`, of what was written as such).
    pub fn prop_type(&self) -> u32 {
        self.prop_type
    }

    /// Where it lies.
    pub fn blob(&self) -> BlobId {
        self.blob
    }

    /// How many bytes it has.
    pub fn size(&self) -> u64 {
        self.size
    }
}

impl PartialEq for LargeValue {
    fn eq(&self, other: &Self) -> bool {
        (self.prop_type, self.blob, self.size) == (other.prop_type, other.blob, other.size)
    }
}

impl Property {
    /// The type, a `PT_*`.
    pub fn prop_type(&self) -> u32 {
        match self {
            Self::Value(value) => value.prop_type(),
            Self::Large(large) => large.prop_type,
        }
    }

    /// The value, if it lies here.
    pub fn value(&self) -> Option<&PropValue<'static>> {
        match self {
            Self::Value(value) => Some(value),
            Self::Large(_) => None,
        }
    }

    /// How many bytes the value takes.
    pub fn size(&self) -> u64 {
        match self {
            Self::Value(value) => size(value) as u64,
            Self::Large(large) => large.size,
        }
    }
}

/// Properties by ID, in the order of the IDs. Strings are UTF-16, whatever they were set as (STORE-27).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PropertySet(Vec<(u16, Property)>);

impl PropertySet {
    /// A property by its ID.
    pub fn get(&self, id: u16) -> Option<&Property> {
        let place = self.place(id).ok()?;
        Some(&self.0[place].1)
    }

    /// The value of a property, if it is no large one.
    pub fn value(&self, id: u16) -> Option<&PropValue<'static>> {
        self.get(id)?.value()
    }

    /// Whether there is such a property.
    pub fn contains(&self, id: u16) -> bool {
        self.place(id).is_ok()
    }

    /// Sets a property, whatever type it had before; a string becomes UTF-16. Tells the one that it had.
    pub fn set(&mut self, id: u16, value: PropValue<'static>) -> Option<Property> {
        self.put(id, Property::Value(value))
    }

    /// Sets a property that may be a large one.
    pub fn put(&mut self, id: u16, property: Property) -> Option<Property> {
        let property = match property {
            Property::Value(value) => Property::Value(unicode(value)),
            large => large,
        };
        match self.place(id) {
            Ok(place) => Some(std::mem::replace(&mut self.0[place].1, property)),
            Err(place) => {
                self.0.insert(place, (id, property));
                None
            }
        }
    }

    /// Whether there is no text under a tag, or an empty one. One that lies apart is very long.
    pub(crate) fn lacks_text(&self, tag: PropTag) -> bool {
        match self.get(tag.id()) {
            None => true,
            Some(Property::Large(_)) => false,
            Some(Property::Value(value)) => value.to_text().is_none_or(|text| text.is_empty()),
        }
    }

    /// Sets the property of a tag's ID.
    pub fn set_tag(&mut self, tag: PropTag, value: impl Into<PropValue<'static>>) {
        self.set(tag.id(), value.into());
    }

    /// Takes a property out.
    pub fn remove(&mut self, id: u16) -> Option<Property> {
        let place = self.place(id).ok()?;
        Some(self.0.remove(place).1)
    }

    /// All properties, in the order of their IDs.
    pub fn iter(&self) -> impl Iterator<Item = (u16, &Property)> {
        self.0.iter().map(|(id, property)| (*id, property))
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (u16, &mut Property)> {
        self.0.iter_mut().map(|(id, property)| (*id, property))
    }

    /// How many properties there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The number in a `PT_LONG` or `PT_I2`.
    pub fn long(&self, tag: PropTag) -> Option<i32> {
        self.value(tag.id())?.as_long()
    }

    /// The text in a string; what isn't a character becomes U+FFFD.
    pub fn text(&self, tag: PropTag) -> Option<String> {
        self.value(tag.id())?.to_text()
    }

    /// The time in a `PT_SYSTIME`.
    pub fn time(&self, tag: PropTag) -> Option<FileTime> {
        self.value(tag.id())?.as_time()
    }

    /// How many bytes the properties take: 8 each, and what varies.
    pub fn size(&self) -> u64 {
        self.0.iter().map(|(_, property)| 8 + property.size()).sum()
    }

    /// The tags of all properties.
    pub fn tags(&self) -> impl Iterator<Item = PropTag> {
        let tag = |(id, property): &(u16, Property)| PropTag::new(*id, property.prop_type());
        self.0.iter().map(tag)
    }

    fn place(&self, id: u16) -> std::result::Result<usize, usize> {
        match self.0.last() {
            // What is read or copied comes in order.
            Some((last, _)) if *last < id => Err(self.0.len()),
            _ => self.0.binary_search_by_key(&id, |(id, _)| *id),
        }
    }
}

impl FromIterator<(u16, PropValue<'static>)> for PropertySet {
    fn from_iter<I: IntoIterator<Item = (u16, PropValue<'static>)>>(values: I) -> Self {
        let mut set = Self::default();
        for (id, value) in values {
            set.set(id, value);
        }
        set
    }
}

/// The bytes of a value that vary.
pub(crate) fn size(value: &PropValue<'_>) -> usize {
    match value {
        PropValue::String8(text) => text.len(),
        PropValue::Unicode(text) => size_of_val(&**text),
        PropValue::Binary(bytes) => bytes.len(),
        PropValue::MvI2(all) => size_of_val(&**all),
        PropValue::MvLong(all) => size_of_val(&**all),
        PropValue::MvR4(all) => size_of_val(&**all),
        PropValue::MvDouble(all) | PropValue::MvAppTime(all) => size_of_val(&**all),
        PropValue::MvCurrency(all) => size_of_val(&**all),
        PropValue::MvI8(all) => size_of_val(&**all),
        PropValue::MvSysTime(all) => size_of_val(&**all),
        PropValue::MvClsid(all) => size_of_val(&**all),
        PropValue::MvString8(all) | PropValue::MvBinary(all) => {
            all.iter().map(|one| one.len()).sum()
        }
        PropValue::MvUnicode(all) => all.iter().map(|one| size_of_val(&**one)).sum(),
        PropValue::I2(_) | PropValue::Boolean(_) => 2,
        PropValue::Long(_) | PropValue::R4(_) | PropValue::Error(_) => 4,
        PropValue::Clsid(_) => 16,
        _ => 8,
    }
}

/// The bytes of a value that is to lie apart, if it is one: strings as UTF-16.
pub(crate) fn large_bytes<'v>(value: &'v PropValue<'static>) -> Option<Cow<'v, [u8]>> {
    match value {
        PropValue::Binary(bytes) if bytes.len() > LARGEST => Some(Cow::Borrowed(bytes)),
        PropValue::Unicode(text) if size_of_val(&**text) > LARGEST => {
            Some(text.iter().flat_map(|unit| unit.to_le_bytes()).collect())
        }
        _ => None,
    }
}

/// The value of the bytes of a large one; none where there is no memory for it.
pub(crate) fn from_bytes(prop_type: u32, bytes: Vec<u8>) -> Option<PropValue<'static>> {
    if prop_type != PT_UNICODE {
        return Some(PropValue::from(bytes));
    }
    let (pairs, _) = bytes.as_chunks::<2>();
    let mut units = Vec::new();
    units.try_reserve_exact(pairs.len()).ok()?;
    units.extend(pairs.iter().map(|pair| u16::from_le_bytes(*pair)));
    Some(PropValue::Unicode(units.into()))
}

/// A string as UTF-16; all else as it is.
pub(super) fn unicode(value: PropValue<'static>) -> PropValue<'static> {
    match value {
        PropValue::String8(text) => wide(text),
        PropValue::MvString8(texts) => {
            let wide = texts.into_iter().map(|text| match wide(text) {
                PropValue::Unicode(units) => units,
                _ => Cow::Borrowed(&[][..]),
            });
            PropValue::MvUnicode(wide.collect())
        }
        other => other,
    }
}

fn wide(text: Cow<'_, [u8]>) -> PropValue<'static> {
    PropValue::from(MapiStr::wide(&MapiStr::Ansi(text).to_string_lossy()))
}

#[cfg(test)]
mod tests {
    use mapi_provider_abi::mapi::{PR_SUBJECT_A, PR_SUBJECT_W};

    use super::*;

    #[test]
    fn store_27_strings_are_kept_as_unicode() {
        let mut set = PropertySet::default();
        set.set_tag(PR_SUBJECT_A, PropValue::ansi("Grüße"));
        let kept = set.value(PR_SUBJECT_W.id());
        assert_eq!(kept, Some(&PropValue::from("Grüße")));
    }

    #[test]
    fn store_26_a_new_type_under_an_id_replaces_the_old() {
        let mut set = PropertySet::default();
        set.set(9, PropValue::Long(1));
        let old = set.set(9, PropValue::from("ab"));
        assert_eq!(old, Some(Property::Value(PropValue::Long(1))));
        set.set(3, PropValue::Boolean(true));
        assert_eq!(set.iter().map(|(id, _)| id).collect::<Vec<_>>(), [3, 9]);
        assert_eq!(set.size(), 8 + 2 + 8 + 4);
        assert!(set.remove(9).is_some());
        assert_eq!((set.len(), set.contains(9)), (1, false));
    }
}
