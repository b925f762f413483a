//! How two values compare.

use std::cmp::Ordering;

use mapi_provider::view::PropValue;

use super::text::folded;

/// How two values compare; `None` if they have different types. Text compares without regard to case,
/// whatever its width.
pub(super) fn compare(one: &PropValue<'_>, other: &PropValue<'_>) -> Option<Ordering> {
    if let (Some(one), Some(other)) = (one.as_str(), other.as_str()) {
        let text = |text: mapi_provider::view::MapiStr<'_>| folded(&text.to_string_lossy());
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
        (PropValue::Error(one), PropValue::Error(other)) => Some(one.0.cmp(&other.0)),
        // Lists are the same or not.
        (one, other) if one == other => Some(Ordering::Equal),
        _ => None,
    }
}

/// The values of a list, one by one; a single value is itself.
pub(super) fn instances<'v>(value: &'v PropValue<'_>) -> Vec<PropValue<'v>> {
    match value {
        PropValue::MvI2(all) => all.iter().copied().map(PropValue::I2).collect(),
        PropValue::MvLong(all) => all.iter().copied().map(PropValue::Long).collect(),
        PropValue::MvR4(all) => all.iter().copied().map(PropValue::R4).collect(),
        PropValue::MvDouble(all) => all.iter().copied().map(PropValue::Double).collect(),
        PropValue::MvCurrency(all) => all.iter().copied().map(PropValue::Currency).collect(),
        PropValue::MvAppTime(all) => all.iter().copied().map(PropValue::AppTime).collect(),
        PropValue::MvI8(all) => all.iter().copied().map(PropValue::I8).collect(),
        PropValue::MvSysTime(all) => all.iter().copied().map(PropValue::SysTime).collect(),
        PropValue::MvClsid(all) => all.iter().copied().map(PropValue::Clsid).collect(),
        PropValue::MvString8(all) => all
            .iter()
            .map(|one| PropValue::String8((&**one).into()))
            .collect(),
        PropValue::MvUnicode(all) => all
            .iter()
            .map(|one| PropValue::Unicode((&**one).into()))
            .collect(),
        PropValue::MvBinary(all) => all
            .iter()
            .map(|one| PropValue::Binary((&**one).into()))
            .collect(),
        single => vec![single.clone()],
    }
}
