//! Values as bytes that compare as the values do. A row's place in an order is the comparison of two byte strings,
//! whatever its columns are, and a category is what begins alike.

use mapi_provider_abi::view::PropValue;

use crate::text::folded;

/// What a value that is there begins with.
const PRESENT: u8 = 1;
/// STORE-14: rows without the property are last, in both directions.
const MISSING: u8 = 0xFF;

/// Adds a value. Text is folded; what sorts by no order (a list, an error) counts as missing.
pub(super) fn put(bytes: &mut Vec<u8>, value: Option<&PropValue<'_>>, descending: bool) {
    let start = bytes.len();
    bytes.push(PRESENT);
    let is_there = value.is_some_and(|value| put_ascending(bytes, value));
    if !is_there {
        bytes.truncate(start);
        bytes.push(MISSING);
    } else if descending {
        bytes[start + 1..]
            .iter_mut()
            .for_each(|byte| *byte = !*byte);
    }
}

/// Adds a number that tells rows apart that are alike otherwise.
pub(super) fn put_id(bytes: &mut Vec<u8>, id: u64, descending: bool) {
    let id = if descending { !id } else { id };
    bytes.extend(id.to_be_bytes());
}

/// The kind of value first, so that values of different kinds under one ID have an order too.
fn put_ascending(bytes: &mut Vec<u8>, value: &PropValue<'_>) -> bool {
    if let Some(text) = value.to_text() {
        bytes.push(7);
        put_escaped(bytes, folded(&text).as_bytes());
        return true;
    }
    if let Some(number) = value.as_long() {
        put_number(bytes, 1, i64::from(number));
        return true;
    }
    match value {
        PropValue::I8(number) => put_number(bytes, 1, *number),
        PropValue::R4(number) => put_float(bytes, f64::from(*number)),
        PropValue::Double(number) | PropValue::AppTime(number) => put_float(bytes, *number),
        PropValue::Currency(amount) => put_number(bytes, 3, amount.ten_thousandths()),
        PropValue::Boolean(truth) => bytes.extend([4, u8::from(*truth)]),
        PropValue::SysTime(time) => {
            bytes.push(5);
            bytes.extend(time.ticks().to_be_bytes());
        }
        PropValue::Clsid(guid) => {
            bytes.push(6);
            bytes.extend(guid.to_u128().to_be_bytes());
        }
        PropValue::Binary(all) => {
            bytes.push(8);
            put_escaped(bytes, all);
        }
        _ => return false,
    }
    true
}

fn put_number(bytes: &mut Vec<u8>, kind: u8, number: i64) {
    bytes.push(kind);
    // With the sign turned over, negative numbers come first.
    bytes.extend((number as u64 ^ 1 << 63).to_be_bytes());
}

fn put_float(bytes: &mut Vec<u8>, number: f64) {
    // There are two zeros, and they are the same.
    let bits = (number + 0.0).to_bits();
    let ordered = if bits >> 63 == 1 {
        !bits
    } else {
        bits ^ 1 << 63
    };
    bytes.push(2);
    bytes.extend(ordered.to_be_bytes());
}

/// A zero byte becomes two, and two of another kind end it: what is shorter comes first.
fn put_escaped(bytes: &mut Vec<u8>, all: &[u8]) {
    for byte in all {
        bytes.push(*byte);
        if *byte == 0 {
            bytes.push(0xFF);
        }
    }
    bytes.extend([0, 0]);
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use mapi_provider_abi::view::FileTime;
    use proptest::prelude::*;

    use super::super::value::compare;
    use super::*;

    fn encoded(value: Option<&PropValue<'_>>, descending: bool) -> Vec<u8> {
        let mut bytes = Vec::new();
        put(&mut bytes, value, descending);
        // What follows must not matter.
        bytes.extend([0x80, 0x00]);
        bytes
    }

    fn value() -> impl Strategy<Value = PropValue<'static>> {
        prop_oneof![
            any::<i32>().prop_map(PropValue::Long),
            any::<i64>().prop_map(PropValue::I8),
            any::<bool>().prop_map(PropValue::Boolean),
            (-4.0..4.0).prop_map(PropValue::Double),
            any::<u64>().prop_map(|ticks| PropValue::SysTime(FileTime::from_ticks(ticks))),
            prop::collection::vec(0..3_u8, 0..5).prop_map(PropValue::from),
            "[a-cA-C\u{0}]{0,4}".prop_map(|text| PropValue::from(&*text)),
        ]
    }

    proptest! {
        #[test]
        fn store_14_bytes_compare_as_values_do(one in value(), other in value()) {
            let Some(ordering) = compare(&one, &other) else { return Ok(()) };
            let up = encoded(Some(&one), false).cmp(&encoded(Some(&other), false));
            let down = encoded(Some(&one), true).cmp(&encoded(Some(&other), true));
            prop_assert_eq!((up, down), (ordering, ordering.reverse()));
        }

        #[test]
        fn store_14_what_is_missing_is_last(one in value(), descending: bool) {
            let there = encoded(Some(&one), descending);
            prop_assert_eq!(there.cmp(&encoded(None, descending)), Ordering::Less);
        }
    }
}
