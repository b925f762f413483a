//! A value in the type that a caller asks for (STORE-27).

use std::borrow::Cow;

use mapi_provider_abi::mapi::{MV_FLAG, PT_STRING8, PT_UNICODE, PT_UNSPECIFIED};
use mapi_provider_abi::view::{MapiStr, PropValue};

/// A value as the type that is asked for: strings of either width, all else as it is. None where it is of another type.
pub(crate) fn converted(value: PropValue<'_>, asked: u32) -> Option<PropValue<'_>> {
    let own = value.prop_type();
    match (value, asked) {
        (value, PT_UNSPECIFIED) => Some(value),
        (value, asked) if asked == own => Some(value),
        (PropValue::Unicode(text), PT_STRING8) => Some(PropValue::String8(narrow(&text))),
        (PropValue::String8(text), PT_UNICODE) => Some(wide(text)),
        (PropValue::MvUnicode(texts), asked) if asked == PT_STRING8 | MV_FLAG => Some(
            PropValue::MvString8(texts.iter().map(|text| narrow(text)).collect()),
        ),
        _ => None,
    }
}

/// The type that a caller means who names none: strings are of the width of the call's flags.
pub(crate) fn asked_type(own: u32, asked: u32, unicode: bool) -> u32 {
    match asked {
        PT_UNSPECIFIED if !unicode && own & !MV_FLAG == PT_UNICODE => own & MV_FLAG | PT_STRING8,
        PT_UNSPECIFIED => own,
        asked => asked,
    }
}

/// Whether a value of one type can be told as another.
pub(crate) fn is_convertible(own: u32, asked: u32) -> bool {
    let is_text = |prop_type| matches!(prop_type, PT_STRING8 | PT_UNICODE);
    asked == PT_UNSPECIFIED || own == asked || is_text(own) && is_text(asked)
}

fn wide(text: Cow<'_, [u8]>) -> PropValue<'static> {
    PropValue::from(MapiStr::wide(&MapiStr::Ansi(text).to_string_lossy()))
}

fn narrow(text: &[u16]) -> Cow<'static, [u8]> {
    match MapiStr::ansi(&String::from_utf16_lossy(text)) {
        MapiStr::Ansi(bytes) => bytes,
        MapiStr::Wide(_) => Cow::Borrowed(&[]),
    }
}

#[cfg(test)]
mod tests {
    use mapi_provider_abi::mapi::PT_LONG;

    use super::*;

    #[test]
    fn store_27_a_string_is_given_in_the_width_asked_for() {
        let value = || PropValue::from("Grüße");
        assert_eq!(
            converted(value(), PT_STRING8),
            Some(PropValue::ansi("Grüße"))
        );
        assert_eq!(
            converted(PropValue::ansi("Grüße"), PT_UNICODE),
            Some(value())
        );
        assert_eq!(converted(value(), PT_LONG), None);
        assert_eq!(asked_type(PT_UNICODE, PT_UNSPECIFIED, false), PT_STRING8);
        assert_eq!(asked_type(PT_UNICODE, PT_UNSPECIFIED, true), PT_UNICODE);
        assert_eq!(
            asked_type(PT_UNICODE | MV_FLAG, PT_UNSPECIFIED, false),
            PT_STRING8 | MV_FLAG
        );
        assert!(is_convertible(PT_UNICODE, PT_STRING8) && !is_convertible(PT_UNICODE, PT_LONG));
    }
}
