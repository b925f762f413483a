//! Property tags.

use core::fmt;

#[cfg(feature = "tags")]
use crate::generated::TAG_NAMES;
use crate::generated::{MV_FLAG, MV_INSTANCE, PT_STRING8, PT_UNICODE};

/// A property tag: the ID of a property and the type of its value, in one number.
///
/// To C it is a `ULONG`: the ID in the upper 16 bits, a `PT_*` in the lower. Properties whose values are
/// strings have two tags, one for each width; [`ansi`](Self::ansi) and [`unicode`](Self::unicode) lead from
/// one to the other.
///
/// ```
/// use mapi_provider::abi::{PR_DISPLAY_NAME_A, PR_DISPLAY_NAME_W, PT_UNICODE, PropTag};
///
/// let tag = PropTag::new(0x3001, PT_UNICODE);
/// assert_eq!(tag, PR_DISPLAY_NAME_W);
/// assert_eq!(tag.ansi(), PR_DISPLAY_NAME_A);
/// assert_eq!(tag.to_string(), "0x3001001F");
/// ```
///
/// [Microsoft’s page](https://learn.microsoft.com/office/client-developer/outlook/mapi/mapi-property-tags)
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct PropTag(pub u32);

impl PropTag {
    /// The tag with an ID and a type, a `PT_*`, of which only the lower 16 bits count (`PROP_TAG`).
    pub const fn new(id: u16, prop_type: u32) -> Self {
        Self(((id as u32) << 16) | (prop_type & 0xFFFF))
    }

    /// The ID (`PROP_ID`).
    pub const fn id(self) -> u16 {
        (self.0 >> 16) as u16
    }

    /// The type, a `PT_*` (`PROP_TYPE`).
    pub const fn prop_type(self) -> u32 {
        self.0 & 0xFFFF
    }

    /// The same property with another type (`CHANGE_PROP_TYPE`).
    #[must_use]
    pub const fn with_type(self, prop_type: u32) -> Self {
        Self::new(self.id(), prop_type)
    }

    /// Whether a value is an array of values.
    pub const fn is_multi_valued(self) -> bool {
        self.0 & MV_FLAG != 0
    }

    /// Whether the property has a name instead of a fixed ID: 0x8000 and above.
    pub const fn is_named(self) -> bool {
        self.id() >= 0x8000
    }

    /// The same with strings in the ANSI code page, if the tag has UTF-16 strings; otherwise the tag itself.
    #[must_use]
    pub const fn ansi(self) -> Self {
        self.twin(PT_UNICODE, PT_STRING8)
    }

    /// The same with strings in UTF-16, if the tag has ANSI strings; otherwise the tag itself.
    #[must_use]
    pub const fn unicode(self) -> Self {
        self.twin(PT_STRING8, PT_UNICODE)
    }

    /// The name of the tag in MAPI’s headers, such as `PR_SUBJECT_W`; `None` if they have none. If several share
    /// a value, such as properties of profiles and of messages, it is the most common one. The type counts: a
    /// tag with another type has another name or none.
    ///
    /// ```
    /// use mapi_provider::abi::PropTag;
    ///
    /// assert_eq!(PropTag(0x0037001F).name(), Some("PR_SUBJECT_W"));
    /// assert_eq!(PropTag(0x8001001F).name(), None);
    /// ```
    #[cfg(feature = "tags")]
    pub fn name(self) -> Option<&'static str> {
        let place = TAG_NAMES.binary_search_by_key(&self.0, |(tag, _)| *tag);
        let (_, name) = TAG_NAMES.get(place.ok()?)?;
        Some(name)
    }

    /// The tag with type `to` if it has type `from`, multi-valued or not.
    const fn twin(self, from: u32, to: u32) -> Self {
        let flags = self.prop_type() & (MV_FLAG | MV_INSTANCE);
        if self.prop_type() == from | flags {
            self.with_type(to | flags)
        } else {
            self
        }
    }
}

impl From<u32> for PropTag {
    fn from(tag: u32) -> Self {
        Self(tag)
    }
}

impl From<PropTag> for u32 {
    fn from(tag: PropTag) -> Self {
        tag.0
    }
}

impl fmt::Display for PropTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{:08X}", self.0)
    }
}

impl fmt::Debug for PropTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PropTag(0x{:08X})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::PropTag;
    use crate::generated::{MV_FLAG, PT_LONG, PT_STRING8, PT_UNICODE};
    use proptest::prelude::*;

    #[test]
    fn a_type_of_more_than_16_bits_does_not_touch_the_id() {
        assert_eq!(PropTag::new(0x3001, 0xFFFF_001F).0, 0x3001_001F);
    }

    #[test]
    fn twins_of_lists_are_lists() {
        let narrow = PropTag::new(0x3A58, MV_FLAG | PT_STRING8);
        assert_eq!(narrow.unicode(), PropTag::new(0x3A58, MV_FLAG | PT_UNICODE));
        assert!(narrow.unicode().is_multi_valued());
        let number = PropTag::new(0x0E07, PT_LONG);
        assert_eq!((number.ansi(), number.unicode()), (number, number));
    }

    #[cfg(feature = "tags")]
    #[test]
    fn every_name_is_found_by_its_tag() {
        use crate::generated::TAG_NAMES;

        assert!(TAG_NAMES.is_sorted_by(|(one, _), (next, _)| one < next));
        for (tag, name) in TAG_NAMES {
            assert_eq!(PropTag(tag).name(), Some(name));
        }
    }

    proptest! {
        #[test]
        fn id_and_type_make_the_tag_again(bits: u32) {
            let tag = PropTag(bits);
            prop_assert_eq!(PropTag::new(tag.id(), tag.prop_type()), tag);
        }

        #[test]
        fn there_and_back_is_nothing(bits: u32) {
            let tag = PropTag(bits);
            prop_assert_eq!(tag.unicode().ansi(), tag.ansi());
            prop_assert_eq!(tag.ansi().unicode(), tag.unicode());
            prop_assert_eq!(tag.ansi().id(), tag.id());
        }
    }
}
