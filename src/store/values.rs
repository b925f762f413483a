//! Values as bytes of a stream.

use std::borrow::Cow;

use mapi_provider_abi::mapi::{PT_BINARY, PT_STRING8, PT_UNICODE, PropTag};
use mapi_provider_abi::view::{BuildError, PropValue, Property};

/// From this size on, a value goes through a stream: a store need not accept more in one call.
const LARGE: usize = 8 * 1024;

/// Whether values of a type are bytes that a stream can have.
pub(super) fn is_of_bytes(prop_type: u32) -> bool {
    matches!(prop_type, PT_STRING8 | PT_UNICODE | PT_BINARY)
}

/// Whether a value is bytes that a stream can have.
pub(super) fn has_bytes(property: &Property<'_>) -> bool {
    is_of_bytes(property.value.prop_type())
}

/// Whether a value goes through a stream.
pub(super) fn is_large(property: &Property<'_>) -> bool {
    let length = match &property.value {
        PropValue::String8(text) => text.len(),
        PropValue::Unicode(text) => text.len().saturating_mul(2),
        PropValue::Binary(bytes) => bytes.len(),
        _ => 0,
    };
    length > LARGE
}

/// The bytes of a value, strings without a terminator.
pub(super) fn to_bytes<'p>(property: &'p Property<'_>) -> Result<Cow<'p, [u8]>, BuildError> {
    let tag = property.tag;
    if !property.is_consistent() {
        let value = property.value.prop_type();
        return Err(BuildError::TypeMismatch { tag, value });
    }
    // A string that one call could not take either; a reader may stop there.
    let nul = BuildError::InteriorNul { what: "a string" };
    match &property.value {
        PropValue::Unicode(text) if text.contains(&0) => Err(nul),
        PropValue::Unicode(text) => Ok(text.iter().flat_map(|unit| unit.to_le_bytes()).collect()),
        PropValue::String8(text) if text.contains(&0) => Err(nul),
        PropValue::String8(text) => Ok(Cow::Borrowed(text)),
        PropValue::Binary(bytes) => Ok(Cow::Borrowed(bytes)),
        value => Err(BuildError::TypeMismatch {
            tag,
            value: value.prop_type(),
        }),
    }
}

/// The value whose bytes a stream had. Some stores write a terminator, which is no part of the string.
pub(super) fn from_bytes(tag: PropTag, mut bytes: Vec<u8>) -> PropValue<'static> {
    match tag.prop_type() {
        PT_UNICODE => {
            let units = bytes.chunks_exact(2);
            let units = units.map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
            let mut units: Vec<u16> = units.collect();
            units.pop_if(|last| *last == 0);
            PropValue::Unicode(Cow::Owned(units))
        }
        PT_STRING8 => {
            bytes.pop_if(|last| *last == 0);
            PropValue::String8(Cow::Owned(bytes))
        }
        _ => PropValue::Binary(Cow::Owned(bytes)),
    }
}

/// The same property, borrowing what is large in it.
pub(super) fn borrowed<'p>(property: &'p Property<'_>) -> Property<'p> {
    let value = match &property.value {
        PropValue::String8(text) => PropValue::String8(Cow::Borrowed(text)),
        PropValue::Unicode(text) => PropValue::Unicode(Cow::Borrowed(text)),
        PropValue::Binary(bytes) => PropValue::Binary(Cow::Borrowed(bytes)),
        other => other.clone(),
    };
    Property {
        tag: property.tag,
        value,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use mapi_provider_abi::mapi::{PR_BODY_W, PR_HTML, PR_SUBJECT_W};

    #[test]
    fn a_terminator_is_no_part_of_a_string() {
        let text = from_bytes(PR_BODY_W, vec![0x41, 0, 0, 0]);
        assert_eq!(text, PropValue::from("A"));
        let text = from_bytes(PR_BODY_W.ansi(), vec![0x41, 0]);
        assert_eq!(text, PropValue::ansi("A"));
        // Bytes are what they are.
        let bytes = from_bytes(PR_HTML, vec![0x41, 0]);
        assert_eq!(bytes, PropValue::from(vec![0x41, 0]));
    }

    #[test]
    fn half_a_character_at_the_end_is_cut_off() {
        let text = from_bytes(PR_BODY_W, vec![0x41, 0, 0x42]);
        assert_eq!(text, PropValue::from("A"));
    }

    #[test]
    fn what_does_not_go_with_its_tag_is_refused() {
        let property = Property::new(PR_BODY_W, vec![0; LARGE + 1]);
        assert!(is_large(&property));
        assert!(matches!(
            to_bytes(&property),
            Err(BuildError::TypeMismatch { .. })
        ));
        let property = Property::new(PR_SUBJECT_W, "a\0b");
        assert!(matches!(
            to_bytes(&property),
            Err(BuildError::InteriorNul { .. })
        ));
    }

    proptest! {
        #[test]
        fn values_come_back(text in "[^\0]{0,40}", bytes: Vec<u8>) {
            let property = Property::new(PR_BODY_W, &*text);
            let there = to_bytes(&property).expect("it goes with its tag");
            prop_assert_eq!(from_bytes(PR_BODY_W, there.into_owned()), property.value.clone());
            let property = Property::new(PR_HTML, bytes);
            let there = to_bytes(&property).expect("it goes with its tag");
            prop_assert_eq!(from_bytes(PR_HTML, there.into_owned()), property.value.clone());
        }
    }
}
