//! Values: how two compare, the single values of a list, how large one is, and how it is shown in a row.

use std::borrow::Cow;
use std::cmp::Ordering;

use mapi_provider_abi::mapi::{
    MAPI_E_NOT_FOUND, MV_FLAG, MV_INSTANCE, MVI_FLAG, PT_ERROR, PT_NULL, PT_STRING8, PT_UNICODE,
    PT_UNSPECIFIED, PropTag,
};
use mapi_provider_abi::view::{MapiStr, PropValue, Property};

use crate::text::{folded, units};

/// The most characters of a string that a row shows (STORE-12).
const MOST_CHARACTERS: usize = 255;
/// The most bytes of a binary value that a row shows (STORE-12).
const MOST_BYTES: usize = 510;

/// How two values compare; none where they are of different types. Text compares without regard to case,
/// whatever its width.
pub(super) fn compare(one: &PropValue<'_>, other: &PropValue<'_>) -> Option<Ordering> {
    if let (Some(one), Some(other)) = (one.as_str(), other.as_str()) {
        let text = |text: MapiStr<'_>| folded(&text.to_string_lossy());
        return Some(text(one).cmp(&text(other)));
    }
    if let (Some(one), Some(other)) = (one.as_long(), other.as_long()) {
        return Some(one.cmp(&other));
    }
    match (one, other) {
        (PropValue::I8(one), PropValue::I8(other)) => Some(one.cmp(other)),
        (PropValue::R4(one), PropValue::R4(other)) => one.partial_cmp(other),
        (PropValue::Double(one), PropValue::Double(other))
        | (PropValue::AppTime(one), PropValue::AppTime(other)) => one.partial_cmp(other),
        (PropValue::Currency(one), PropValue::Currency(other)) => Some(one.cmp(other)),
        (PropValue::Boolean(one), PropValue::Boolean(other)) => Some(one.cmp(other)),
        (PropValue::SysTime(one), PropValue::SysTime(other)) => Some(one.cmp(other)),
        (PropValue::Binary(one), PropValue::Binary(other)) => Some(one.cmp(other)),
        (PropValue::Clsid(one), PropValue::Clsid(other)) => {
            Some(one.to_u128().cmp(&other.to_u128()))
        }
        // Lists are the same or not.
        (one, other) if one == other => Some(Ordering::Equal),
        _ => None,
    }
}

/// The values of a list, one by one; none where the value is no list.
pub(super) fn instances<'v>(value: &'v PropValue<'_>) -> Option<Vec<PropValue<'v>>> {
    Some(match value {
        PropValue::MvI2(all) => all.iter().copied().map(PropValue::I2).collect(),
        PropValue::MvLong(all) => all.iter().copied().map(PropValue::Long).collect(),
        PropValue::MvR4(all) => all.iter().copied().map(PropValue::R4).collect(),
        PropValue::MvDouble(all) => all.iter().copied().map(PropValue::Double).collect(),
        PropValue::MvCurrency(all) => all.iter().copied().map(PropValue::Currency).collect(),
        PropValue::MvAppTime(all) => all.iter().copied().map(PropValue::AppTime).collect(),
        PropValue::MvI8(all) => all.iter().copied().map(PropValue::I8).collect(),
        PropValue::MvSysTime(all) => all.iter().copied().map(PropValue::SysTime).collect(),
        PropValue::MvClsid(all) => all.iter().copied().map(PropValue::Clsid).collect(),
        PropValue::MvString8(all) => borrowed(all, PropValue::String8),
        PropValue::MvUnicode(all) => borrowed(all, PropValue::Unicode),
        PropValue::MvBinary(all) => borrowed(all, PropValue::Binary),
        _ => return None,
    })
}

/// One value of a list; a single value is the only one of its list. The others are not looked at: a list of many would take
/// its square else.
pub(super) fn instance_of<'v>(value: &'v PropValue<'_>, number: usize) -> Option<PropValue<'v>> {
    match value {
        PropValue::MvI2(all) => all.get(number).copied().map(PropValue::I2),
        PropValue::MvLong(all) => all.get(number).copied().map(PropValue::Long),
        PropValue::MvR4(all) => all.get(number).copied().map(PropValue::R4),
        PropValue::MvDouble(all) => all.get(number).copied().map(PropValue::Double),
        PropValue::MvCurrency(all) => all.get(number).copied().map(PropValue::Currency),
        PropValue::MvAppTime(all) => all.get(number).copied().map(PropValue::AppTime),
        PropValue::MvI8(all) => all.get(number).copied().map(PropValue::I8),
        PropValue::MvSysTime(all) => all.get(number).copied().map(PropValue::SysTime),
        PropValue::MvClsid(all) => all.get(number).copied().map(PropValue::Clsid),
        PropValue::MvString8(all) => lent(all.get(number)?, PropValue::String8),
        PropValue::MvUnicode(all) => lent(all.get(number)?, PropValue::Unicode),
        PropValue::MvBinary(all) => lent(all.get(number)?, PropValue::Binary),
        single => (number == 0).then(|| single.clone().into_owned()),
    }
}

fn lent<'v, T: Clone>(
    one: &'v [T],
    value: fn(Cow<'v, [T]>) -> PropValue<'v>,
) -> Option<PropValue<'v>> {
    Some(value(Cow::Borrowed(one)))
}

fn borrowed<'v, T: Clone>(
    all: &'v [Cow<'_, [T]>],
    value: fn(Cow<'v, [T]>) -> PropValue<'v>,
) -> Vec<PropValue<'v>> {
    all.iter().map(|one| value(Cow::Borrowed(&**one))).collect()
}

/// How many bytes a value takes, as `RES_SIZE` counts: a string without its terminator.
pub(super) fn size(value: &PropValue<'_>) -> usize {
    match value {
        PropValue::String8(text) => text.len(),
        PropValue::Unicode(text) => size_of_val(&**text),
        PropValue::Binary(bytes) => bytes.len(),
        PropValue::I2(_) | PropValue::Boolean(_) => 2,
        PropValue::Long(_) | PropValue::R4(_) | PropValue::Error(_) => 4,
        PropValue::Clsid(_) => 16,
        PropValue::Unspecified | PropValue::Null | PropValue::Object => 0,
        list => match instances(list) {
            Some(all) => all.iter().map(size).sum(),
            None => 8,
        },
    }
}

/// A type without what makes a row for each value.
pub(super) fn without_instances(prop_type: u32) -> u32 {
    prop_type & !MV_INSTANCE
}

/// Whether a tag asks for a row for each value.
pub(super) fn has_instances(tag: PropTag) -> bool {
    tag.prop_type() & MVI_FLAG == MVI_FLAG
}

/// One type for strings of both widths.
pub(super) fn widened(prop_type: u32) -> u32 {
    PropTag::new(0, prop_type).unicode().prop_type()
}

/// Whether a value may stand under a type; `PT_UNSPECIFIED` takes all.
pub(super) fn fits(value: &PropValue<'_>, prop_type: u32) -> bool {
    let prop_type = without_instances(prop_type);
    prop_type == PT_UNSPECIFIED || widened(value.prop_type()) == widened(prop_type)
}

/// How a table shows values.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    /// Strings of no width are wide.
    pub(super) is_unicode: bool,
    /// Long values are cut (STORE-12).
    pub(super) cuts: bool,
}

/// A value as a row shows it under a tag: of the type asked for, and perhaps cut. What is not there, or is of another type, is
/// `MAPI_E_NOT_FOUND` and nothing else (STORE-11).
///
/// `instance` is the number of the value in its list where the row is one of several.
pub(super) fn shown(
    value: Option<PropValue<'static>>,
    asked: PropTag,
    style: Style,
    instance: Option<usize>,
) -> Property<'static> {
    let cut = |value| match style.cuts {
        true => cut(value),
        false => value,
    };
    let value = match (value, instance) {
        // Most are, and need no more than to be cut.
        (Some(value), None) if value.prop_type() == asked.prop_type() => {
            return Property::new(asked, cut(value));
        }
        (value, _) => value,
    };
    if asked.prop_type() == PT_NULL {
        return Property::new(asked, PropValue::Null);
    }
    let found = value.and_then(|value| match instance {
        Some(number) => instance_of(&value, number).map(PropValue::into_owned),
        None => Some(value),
    });
    let one = match instance {
        Some(_) => asked.with_type(asked.prop_type() & !MVI_FLAG),
        None => asked.with_type(without_instances(asked.prop_type())),
    };
    let given = found.and_then(|value| as_type(value, one.prop_type(), style.is_unicode));
    match given {
        Some(value) => {
            let tag = match instance {
                Some(_) => asked.with_type(value.prop_type() | MVI_FLAG),
                None => asked.with_type(value.prop_type()),
            };
            Property::new(tag, cut(value))
        }
        None => Property::new(asked.with_type(PT_ERROR), MAPI_E_NOT_FOUND),
    }
}

/// A value of the type asked for; none where it is of another one.
fn as_type(value: PropValue<'static>, asked: u32, is_unicode: bool) -> Option<PropValue<'static>> {
    let own = PropTag::new(0, value.prop_type());
    let wanted = match (asked, is_unicode) {
        (PT_UNSPECIFIED, true) => own.unicode().prop_type(),
        (PT_UNSPECIFIED, false) => own.ansi().prop_type(),
        (asked, _) => asked,
    };
    const MV_NARROW: u32 = MV_FLAG | PT_STRING8;
    const MV_WIDE: u32 = MV_FLAG | PT_UNICODE;
    match (value, wanted) {
        (value, wanted) if wanted == own.prop_type() => Some(value),
        (PropValue::Unicode(text), PT_STRING8) => {
            Some(PropValue::ansi(&String::from_utf16_lossy(&text)))
        }
        (PropValue::String8(text), PT_UNICODE) => {
            Some(PropValue::from(&*MapiStr::Ansi(text).to_string_lossy()))
        }
        (PropValue::MvUnicode(texts), MV_NARROW) => Some(PropValue::MvString8(
            texts.into_iter().map(|text| narrow(&text)).collect(),
        )),
        (PropValue::MvString8(texts), MV_WIDE) => {
            Some(PropValue::MvUnicode(texts.into_iter().map(wide).collect()))
        }
        _ => None,
    }
}

fn narrow(text: &[u16]) -> Cow<'static, [u8]> {
    match PropValue::ansi(&String::from_utf16_lossy(text)) {
        PropValue::String8(text) => text,
        _ => Cow::Borrowed(&[]),
    }
}

fn wide(text: Cow<'static, [u8]>) -> Cow<'static, [u16]> {
    let text = MapiStr::Ansi(text).to_string_lossy();
    Cow::Owned(units(&text))
}

/// STORE-12: what a row shows of a long value. A string ends at a NUL, as its reader would take it.
fn cut(value: PropValue<'static>) -> PropValue<'static> {
    match value {
        PropValue::Unicode(text) => PropValue::Unicode(cut_wide(text)),
        PropValue::String8(text) => PropValue::String8(cut_narrow(text)),
        PropValue::Binary(bytes) => PropValue::Binary(shortened(bytes, MOST_BYTES)),
        PropValue::MvUnicode(all) => PropValue::MvUnicode(all.into_iter().map(cut_wide).collect()),
        PropValue::MvString8(all) => {
            PropValue::MvString8(all.into_iter().map(cut_narrow).collect())
        }
        PropValue::MvBinary(all) => {
            let all = all.into_iter().map(|one| shortened(one, MOST_BYTES));
            PropValue::MvBinary(all.collect())
        }
        other => other,
    }
}

fn cut_wide(text: Cow<'static, [u16]>) -> Cow<'static, [u16]> {
    // Without a branch, so that many units are looked at at once.
    let has_end = text.iter().fold(false, |any, unit| any | (*unit == 0));
    if !has_end && text.len() <= MOST_CHARACTERS {
        return text;
    }
    let end = text.iter().position(|unit| *unit == 0);
    let length = end.unwrap_or(text.len()).min(MOST_CHARACTERS);
    let is_upper_half = |at: usize| matches!(text.get(at), Some(0xD800..=0xDBFF));
    let is_lower_half = |at: usize| matches!(text.get(at), Some(0xDC00..=0xDFFF));
    // Half a pair is no character.
    let splits = length > 0 && is_upper_half(length - 1) && is_lower_half(length);
    shortened(text, length - usize::from(splits))
}

fn cut_narrow(text: Cow<'static, [u8]>) -> Cow<'static, [u8]> {
    let end = text.iter().position(|byte| *byte == 0);
    let length = end.unwrap_or(text.len()).min(MOST_CHARACTERS);
    shortened(text, length)
}

fn shortened<T: Clone>(all: Cow<'static, [T]>, most: usize) -> Cow<'static, [T]> {
    match all.get(..most) {
        Some(first) if first.len() < all.len() => Cow::Owned(first.to_vec()),
        _ => all,
    }
}

#[cfg(test)]
mod tests {
    use mapi_provider_abi::mapi::{PR_NULL, PR_SUBJECT_A, PR_SUBJECT_W, PT_LONG};

    use super::*;

    const WIDE: Style = Style {
        is_unicode: true,
        cuts: true,
    };
    const NARROW: Style = Style {
        is_unicode: false,
        cuts: true,
    };

    #[test]
    fn store_12_a_row_shows_the_beginning_of_a_long_value() {
        let text = "x".repeat(300);
        let row = shown(Some(PropValue::from(&*text)), PR_SUBJECT_W, WIDE, None);
        assert_eq!(row.value, PropValue::from(&*"x".repeat(255)));
        let row = shown(Some(PropValue::from(&*text)), PR_SUBJECT_A, WIDE, None);
        assert_eq!(row.value, PropValue::ansi(&"x".repeat(255)));
        let tag = PropTag(0x0FFF_0102);
        let row = shown(Some(PropValue::from(vec![7; 600])), tag, WIDE, None);
        assert_eq!(row.value.as_binary().map(<[u8]>::len), Some(510));
    }

    #[test]
    fn ab_06_a_table_that_does_not_cut_shows_long_values_whole() {
        let style = Style {
            cuts: false,
            ..WIDE
        };
        let tag = PropTag(0x0FFF_0102);
        let row = shown(Some(PropValue::from(vec![7; 600])), tag, style, None);
        assert_eq!(row.value.as_binary().map(<[u8]>::len), Some(600));
    }

    #[test]
    fn store_12_no_character_is_cut_in_half() {
        let text = format!("{}😀", "x".repeat(254));
        let row = shown(Some(PropValue::from(&*text)), PR_SUBJECT_W, WIDE, None);
        assert_eq!(row.value, PropValue::from(&*"x".repeat(254)));
    }

    #[test]
    fn store_11_what_is_not_there_is_not_found() {
        for value in [None, Some(PropValue::Long(1))] {
            let row = shown(value, PR_SUBJECT_W, WIDE, None);
            assert_eq!(row.tag, PR_SUBJECT_W.with_type(PT_ERROR));
            assert_eq!(row.value, PropValue::Error(MAPI_E_NOT_FOUND));
        }
        assert_eq!(shown(None, PR_NULL, WIDE, None).value, PropValue::Null);
    }

    #[test]
    fn the_width_of_a_string_is_the_callers() {
        let tag = PR_SUBJECT_W.with_type(PT_UNSPECIFIED);
        let value = || Some(PropValue::from("ä"));
        assert_eq!(shown(value(), tag, WIDE, None).tag, PR_SUBJECT_W);
        assert_eq!(shown(value(), tag, NARROW, None).tag, PR_SUBJECT_A);
    }

    #[test]
    fn an_instance_is_one_value_of_a_list() {
        let tag = PropTag::new(0x8001, PT_LONG | MVI_FLAG);
        let list = || Some(PropValue::MvLong(Cow::Owned(vec![5, 6])));
        let row = shown(list(), tag, WIDE, Some(1));
        assert_eq!((row.tag, row.value.clone()), (tag, PropValue::Long(6)));
        assert!(row.is_consistent());
        let row = shown(list(), tag, WIDE, Some(2));
        assert_eq!(row.value, PropValue::Error(MAPI_E_NOT_FOUND));
    }

    #[test]
    fn store_18_each_value_of_a_list_is_found_by_its_number() {
        let lists = [
            PropValue::MvI2(vec![1, 2].into()),
            PropValue::MvLong(vec![1, 2].into()),
            PropValue::MvR4(vec![1.0, 2.0].into()),
            PropValue::MvDouble(vec![1.0, 2.0].into()),
            PropValue::MvAppTime(vec![1.0, 2.0].into()),
            PropValue::MvI8(vec![1, 2].into()),
            PropValue::MvString8(vec![vec![1].into(), vec![].into()]),
            PropValue::MvUnicode(vec![vec![1].into(), vec![].into()]),
            PropValue::MvBinary(vec![vec![1].into(), vec![].into()]),
            PropValue::MvLong(vec![].into()),
        ];
        for list in &lists {
            let all = instances(list).expect("a list");
            let found: Vec<_> = (0..)
                .map_while(|number| instance_of(list, number))
                .collect();
            assert_eq!(found, all);
        }
        let single = PropValue::Long(7);
        assert_eq!(instance_of(&single, 0), Some(PropValue::Long(7)));
        assert_eq!(instance_of(&single, 1), None);
    }

    #[test]
    fn sizes_are_those_of_the_bytes() {
        assert_eq!(size(&PropValue::from("ab")), 4);
        assert_eq!(size(&PropValue::MvI2(Cow::Owned(vec![1, 2, 3]))), 6);
        assert_eq!(size(&PropValue::Double(0.0)), 8);
    }
}
