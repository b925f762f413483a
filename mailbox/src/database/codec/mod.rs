//! How properties lie in the file: packed, little-endian, and read back with every count checked.
//!
//! A set is a version, a count, and for each property how far its ID is from the one before, what kind of value it is,
//! and the value. Text is UTF-8 where it is well-formed, and UTF-16 as it was where it is not (STORE-27).

mod decoder;
mod restriction;

use mapi_provider_abi::mapi::GUID;
use mapi_provider_abi::view::PropValue;

use self::decoder::Decoder;
pub use self::restriction::{decode_restriction, encode_restriction};
use super::error::{Error, Result};
use super::property::{LargeValue, Property, PropertySet};

/// The form of what is written.
const VERSION: u8 = 1;

/// Stands where a type would: the value lies apart. No `PT_*` has it in its lower byte.
const LARGE: u16 = 0xFFFF;

/// The bytes of a set of properties.
pub fn encode(set: &PropertySet) -> Vec<u8> {
    let mut to = Encoder(Vec::with_capacity(256));
    to.0.push(VERSION);
    to.count(set.len());
    let mut before = 0;
    for (id, property) in set.iter() {
        to.number(u64::from(id - before));
        before = id;
        match property {
            Property::Value(value) => to.value(value),
            Property::Large(large) => to.large(large),
        }
    }
    to.0
}

/// The properties of some bytes.
///
/// # Errors
///
/// They are none, or damaged.
pub fn decode(bytes: &[u8]) -> Result<PropertySet> {
    decoded(bytes, |_| true).ok_or_else(damaged)
}

/// Those of the properties that have one of some IDs, which are in order. The others are passed over, which is much
/// faster than reading them.
///
/// # Errors
///
/// The bytes are none of a set, or damaged. What is passed over is not looked at closely.
pub fn decode_some(bytes: &[u8], ids: &[u16]) -> Result<PropertySet> {
    decoded(bytes, |id| ids.binary_search(&id).is_ok()).ok_or_else(damaged)
}

fn damaged() -> Error {
    Error::Corrupt("the properties of an object make no sense".into())
}

fn decoded(bytes: &[u8], is_wanted: impl Fn(u16) -> bool) -> Option<PropertySet> {
    let mut from = Decoder(bytes);
    let [version] = from.take()?;
    if version != VERSION {
        return None;
    }
    let mut set = PropertySet::default();
    let mut id = 0_u16;
    for _ in 0..from.count()? {
        id = id.checked_add(u16::try_from(from.number()?).ok()?)?;
        if is_wanted(id) {
            set.put(id, from.property()?);
        } else {
            from.pass()?;
        }
    }
    from.0.is_empty().then_some(set)
}

/// Adds a text as UTF-8; none where it is ill-formed, and then a part of it may be there. Most text is ASCII for long
/// stretches, of which many units are looked at at once.
fn put_utf8(to: &mut Vec<u8>, text: &[u16]) -> Option<()> {
    to.reserve(text.len());
    let mut rest = text;
    loop {
        while let Some((some, more)) = rest.split_first_chunk::<16>()
            && some.iter().fold(0, |all, unit| all | unit) < 0x80
        {
            to.extend_from_slice(&some.map(|unit| unit as u8));
            rest = more;
        }
        let Some(one) = char::decode_utf16(rest.iter().copied()).next() else {
            return Some(());
        };
        let one = one.ok()?;
        to.extend(one.encode_utf8(&mut [0; 4]).as_bytes());
        rest = &rest[one.len_utf16()..];
    }
}

/// Bytes that are being put together.
struct Encoder(Vec<u8>);

/// Numbers near zero, of either sign, become small ones.
fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

impl Encoder {
    /// Seven bits a byte, the lowest first.
    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    fn signed(&mut self, number: i64) {
        self.number(zigzag(number));
    }

    fn count(&mut self, count: usize) {
        self.number(count as u64);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.0.extend(bytes);
    }

    /// The length tells the form: even lengths are of UTF-8, odd ones of UTF-16.
    fn text(&mut self, text: &[u16]) {
        let start = self.0.len();
        if put_utf8(&mut self.0, text).is_some() {
            let end = self.0.len();
            self.number(((end - start) as u64) << 1);
            // The length is known when the text is there, and stands before it.
            let length = self.0.len() - end;
            self.0[start..].rotate_right(length);
            return;
        }
        self.0.truncate(start);
        self.number((text.len() as u64) << 1 | 1);
        self.0
            .extend(text.iter().flat_map(|unit| unit.to_le_bytes()));
    }

    fn guid(&mut self, guid: &GUID) {
        self.0.extend(guid.to_u128().to_le_bytes());
    }

    fn all<T>(&mut self, values: &[T], one: impl Fn(&mut Self, &T)) {
        self.count(values.len());
        values.iter().for_each(|value| one(self, value));
    }

    fn large(&mut self, large: &LargeValue) {
        self.number(u64::from(LARGE));
        self.number(u64::from(large.prop_type));
        self.number(large.blob.number());
        self.number(large.size);
    }

    fn value(&mut self, value: &PropValue<'_>) {
        self.number(u64::from(value.prop_type()));
        match value {
            PropValue::I2(value) => self.signed(i64::from(*value)),
            PropValue::Long(value) => self.signed(i64::from(*value)),
            PropValue::R4(value) => self.0.extend(value.to_le_bytes()),
            PropValue::Double(value) | PropValue::AppTime(value) => {
                self.0.extend(value.to_le_bytes());
            }
            PropValue::Currency(value) => self.signed(value.ten_thousandths()),
            PropValue::Error(value) => self.0.extend(value.0.to_le_bytes()),
            PropValue::Boolean(value) => self.0.push(u8::from(*value)),
            PropValue::I8(value) => self.signed(*value),
            PropValue::Unicode(text) => self.text(text),
            PropValue::SysTime(time) => self.0.extend(time.ticks().to_le_bytes()),
            PropValue::Clsid(guid) => self.guid(guid),
            PropValue::Binary(bytes) => self.bytes(bytes),
            PropValue::MvI2(all) => self.all(all, |to, one| to.signed(i64::from(*one))),
            PropValue::MvLong(all) => self.all(all, |to, one| to.signed(i64::from(*one))),
            PropValue::MvR4(all) => self.all(all, |to, one| to.0.extend(one.to_le_bytes())),
            PropValue::MvDouble(all) | PropValue::MvAppTime(all) => {
                self.all(all, |to, one| to.0.extend(one.to_le_bytes()));
            }
            PropValue::MvCurrency(all) => {
                self.all(all, |to, one| to.signed(one.ten_thousandths()));
            }
            PropValue::MvI8(all) => self.all(all, |to, one| to.signed(*one)),
            PropValue::MvBinary(all) => self.all(all, |to, one| to.bytes(one)),
            PropValue::MvUnicode(all) => self.all(all, |to, one| to.text(one)),
            PropValue::MvSysTime(all) => {
                self.all(all, |to, one| to.0.extend(one.ticks().to_le_bytes()));
            }
            PropValue::MvClsid(all) => self.all(all, |to, one| to.guid(one)),
            // The others have no value, or no place in a set: it has no STRING8.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use mapi_provider_abi::mapi::{HRESULT, PT_BINARY};
    use mapi_provider_abi::view::{Currency, FileTime};
    use proptest::prelude::*;

    use crate::database::BlobId;

    use super::*;

    fn samples() -> PropertySet {
        let values = [
            PropValue::I2(-2),
            PropValue::Long(i32::MIN),
            PropValue::R4(1.5),
            PropValue::Double(-2.5),
            PropValue::AppTime(3.25),
            PropValue::Currency(Currency::from_ten_thousandths(-12_345)),
            PropValue::Boolean(true),
            PropValue::I8(i64::MIN),
            PropValue::from("Ünïcode 🦀"),
            PropValue::Unicode(Cow::Borrowed(&[0xD800, 65])),
            PropValue::from(
                "A stretch of ASCII, then Größe, then another one, and 🦀 at its end 🦀",
            ),
            PropValue::Unicode(Cow::Owned(
                [vec![65; 40], vec![0xDC00], vec![66; 40]].concat(),
            )),
            PropValue::SysTime(FileTime::from_ticks(0x0123_4567_89AB_CDEF)),
            PropValue::Clsid(GUID::from_u128(0x5024a386_2d44_486a_81a8_8f0ecb6071dd)),
            PropValue::from(vec![0, 1, 255]),
            PropValue::Error(HRESULT(-1)),
            PropValue::Object,
            PropValue::MvI2(Cow::Borrowed(&[1, -1])),
            PropValue::MvLong(Cow::Borrowed(&[7])),
            PropValue::MvR4(Cow::Borrowed(&[0.5])),
            PropValue::MvDouble(Cow::Borrowed(&[])),
            PropValue::MvAppTime(Cow::Borrowed(&[9.0])),
            PropValue::MvCurrency(Cow::Owned(vec![Currency::from_ten_thousandths(5)])),
            PropValue::MvI8(Cow::Borrowed(&[-1])),
            PropValue::MvUnicode(vec![Cow::Borrowed(&[65, 0xDC00]), Cow::Borrowed(&[])]),
            PropValue::MvBinary(vec![Cow::Borrowed(&[1])]),
            PropValue::MvSysTime(Cow::Owned(vec![FileTime::from_ticks(9)])),
            PropValue::MvClsid(Cow::Owned(vec![GUID::from_u128(5)])),
        ];
        let mut set: PropertySet = (0x3001..).step_by(37).zip(values).collect();
        let large = LargeValue {
            prop_type: PT_BINARY,
            blob: BlobId::new(77),
            size: 1 << 40,
            pin: None,
        };
        set.put(0xFFFE, Property::Large(large));
        set
    }

    #[test]
    fn store_27_every_type_comes_back_as_it_was_lone_surrogates_too() {
        assert_eq!(decode(&encode(&samples())).expect("whole"), samples());
    }

    #[test]
    fn what_is_cut_short_is_not_read() {
        let bytes = encode(&samples());
        for end in 0..bytes.len() {
            assert!(decode(&bytes[..end]).is_err(), "{end} bytes");
        }
        assert!(decode(&[&bytes[..], &[0]].concat()).is_err());
    }

    #[test]
    fn some_properties_are_read_as_if_all_were() {
        let (all, bytes) = (samples(), encode(&samples()));
        let ids: Vec<u16> = all.iter().map(|(id, _)| id).collect();
        for (number, id) in ids.iter().enumerate() {
            let two = [*id, ids[ids.len() - 1 - number / 2].max(*id)];
            let some = decode_some(&bytes, &two).expect("whole");
            for id in &ids {
                let expected = all.get(*id).filter(|_| two.contains(id));
                assert_eq!(some.get(*id), expected);
            }
        }
        for end in 0..bytes.len() {
            assert!(decode_some(&bytes[..end], &[]).is_err(), "{end} bytes");
        }
    }

    #[test]
    fn a_common_property_takes_few_bytes() {
        let one: PropertySet = [(0x0E07, PropValue::Long(1))].into_iter().collect();
        assert_eq!(encode(&one).len(), 6);
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(mut bytes: Vec<u8>) {
            let _ = (decode(&bytes), decode_some(&bytes, &[1, 7]));
            bytes.insert(0, VERSION);
            let _ = (decode(&bytes), decode_some(&bytes, &[1, 7]));
        }

        #[test]
        fn numbers_come_back(number: i64) {
            let mut to = Encoder(Vec::new());
            to.signed(number);
            prop_assert_eq!(Decoder(&to.0).signed(), Some(number));
        }
    }
}
