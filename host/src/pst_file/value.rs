//! Values of a PST file as values of MAPI.

use std::borrow::Cow;

use mapi_provider::abi::{GUID, PR_SUBJECT_PREFIX_W, PR_SUBJECT_W};
use mapi_provider::view::{Currency, FileTime, PropValue, Property};
use outlook_pst::ltp::prop_context::{GuidValue, PropertyValue};

/// A property by its ID, with the type of its value.
pub(super) fn property(id: u16, value: PropValue<'static>) -> Property<'static> {
    Property::with_id(id, value)
}

/// The value; none where it is none that could be set: an object, an error, nothing.
pub(super) fn value_of(value: &PropertyValue) -> Option<PropValue<'static>> {
    let times = |all: &[i64]| all.iter().copied().map(time).collect::<Vec<_>>();
    Some(match value {
        PropertyValue::Integer16(value) => PropValue::I2(*value),
        PropertyValue::Integer32(value) => PropValue::Long(*value),
        PropertyValue::Floating32(value) => PropValue::R4(*value),
        PropertyValue::Floating64(value) => PropValue::Double(*value),
        PropertyValue::Currency(value) => PropValue::Currency(money(*value)),
        PropertyValue::FloatingTime(value) => PropValue::AppTime(*value),
        PropertyValue::Boolean(value) => PropValue::Boolean(*value),
        PropertyValue::Integer64(value) => PropValue::I8(*value),
        PropertyValue::String8(text) => PropValue::String8(until_nul(text.buffer())),
        PropertyValue::Unicode(text) => PropValue::Unicode(until_nul(text.buffer())),
        PropertyValue::Time(value) => PropValue::SysTime(time(*value)),
        PropertyValue::Guid(value) => PropValue::Clsid(guid(value)),
        PropertyValue::Binary(value) => PropValue::from(value.buffer().to_vec()),
        PropertyValue::MultipleInteger16(all) => PropValue::MvI2(all.clone().into()),
        PropertyValue::MultipleInteger32(all) => PropValue::MvLong(all.clone().into()),
        PropertyValue::MultipleFloating32(all) => PropValue::MvR4(all.clone().into()),
        PropertyValue::MultipleFloating64(all) => PropValue::MvDouble(all.clone().into()),
        PropertyValue::MultipleCurrency(all) => {
            PropValue::MvCurrency(all.iter().copied().map(money).collect())
        }
        PropertyValue::MultipleFloatingTime(all) => PropValue::MvAppTime(all.clone().into()),
        PropertyValue::MultipleInteger64(all) => PropValue::MvI8(all.clone().into()),
        PropertyValue::MultipleString8(all) => {
            PropValue::MvString8(all.iter().map(|text| until_nul(text.buffer())).collect())
        }
        PropertyValue::MultipleUnicode(all) => {
            PropValue::MvUnicode(all.iter().map(|text| until_nul(text.buffer())).collect())
        }
        PropertyValue::MultipleTime(all) => PropValue::MvSysTime(times(all).into()),
        PropertyValue::MultipleGuid(all) => PropValue::MvClsid(all.iter().map(guid).collect()),
        PropertyValue::MultipleBinary(all) => {
            let bytes = all.iter().map(|value| Cow::Owned(value.buffer().to_vec()));
            PropValue::MvBinary(bytes.collect())
        }
        PropertyValue::Null | PropertyValue::ErrorCode(_) | PropertyValue::Object(_) => {
            return None;
        }
    })
}

/// A string ends at its NUL, wherever that is.
fn until_nul<T: Copy + Default + PartialEq>(text: &[T]) -> Cow<'static, [T]> {
    let end = T::default();
    text.iter()
        .copied()
        .take_while(|unit| *unit != end)
        .collect()
}

fn time(ticks: i64) -> FileTime {
    FileTime::from_ticks(ticks as u64)
}

fn money(amount: i64) -> Currency {
    Currency::from_ten_thousandths(amount)
}

pub(super) fn guid(value: &GuidValue) -> GUID {
    GUID {
        data1: value.data1(),
        data2: value.data2(),
        data3: value.data3(),
        data4: *value.data4(),
    }
}

/// What a subject in a PST file begins with where it says how long its prefix is.
const MARK: u16 = 1;

/// Takes the mark off the subject, and sets the prefix that it tells. The character after the mark is the
/// length of the prefix and of itself.
pub(super) fn cut_subject(properties: &mut Vec<Property<'static>>) {
    let is_subject = |property: &&mut Property<'static>| property.tag.id() == PR_SUBJECT_W.id();
    let Some(subject) = properties.iter_mut().find(is_subject) else {
        return;
    };
    let (prefix, rest) = match &subject.value {
        PropValue::Unicode(units) => match &**units {
            [MARK, length, rest @ ..] => {
                let prefix = rest.get(..usize::from(*length).saturating_sub(1));
                let prefix = prefix.unwrap_or_default().to_vec();
                (
                    PropValue::Unicode(prefix.into()),
                    PropValue::Unicode(rest.to_vec().into()),
                )
            }
            _ => return,
        },
        PropValue::String8(bytes) => match &**bytes {
            [1, length, rest @ ..] => {
                let prefix = rest.get(..usize::from(*length).saturating_sub(1));
                let prefix = prefix.unwrap_or_default().to_vec();
                (
                    PropValue::String8(prefix.into()),
                    PropValue::String8(rest.to_vec().into()),
                )
            }
            _ => return,
        },
        _ => return,
    };
    subject.value = rest;
    properties.retain(|property| property.tag.id() != PR_SUBJECT_PREFIX_W.id());
    properties.push(Property::with_id(PR_SUBJECT_PREFIX_W.id(), prefix));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(subject: &str) -> Vec<String> {
        let mut properties = vec![Property::new(PR_SUBJECT_W, subject)];
        cut_subject(&mut properties);
        let texts = properties.iter().map(|property| property.value.to_text());
        texts.map(|text| text.expect("text")).collect()
    }

    #[test]
    fn the_subject_s_mark_tells_its_prefix() {
        assert_eq!(cut("\u{1}\u{5}RE: Lunch"), ["RE: Lunch", "RE: "]);
        assert_eq!(cut("\u{1}\u{1}Lunch"), ["Lunch", ""]);
        assert_eq!(cut("\u{1}\u{FF}Lunch"), ["Lunch", ""], "longer than it is");
        assert_eq!(cut("Lunch"), ["Lunch"]);
        assert_eq!(cut("\u{1}"), ["\u{1}"]);
    }

    #[test]
    fn objects_are_no_values() {
        assert_eq!(value_of(&PropertyValue::Null), None);
        assert_eq!(value_of(&PropertyValue::ErrorCode(5)), None);
        assert_eq!(
            value_of(&PropertyValue::Integer32(5)),
            Some(PropValue::Long(5))
        );
        assert_eq!(
            value_of(&PropertyValue::MultipleTime(vec![7])),
            Some(PropValue::MvSysTime(vec![FileTime::from_ticks(7)].into()))
        );
    }
}
