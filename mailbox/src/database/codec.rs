//! How properties lie in the file: packed, little-endian, and read back with every count checked.
//!
//! A set is a version, a count, and for each property how far its ID is from the one before, what kind of value it is,
//! and the value. Text is UTF-8 where it is well-formed, and UTF-16 as it was where it is not (STORE-27).

use std::borrow::Cow;

use mapi_provider_abi::mapi::{
    GUID, HRESULT, PT_APPTIME, PT_BINARY, PT_BOOLEAN, PT_CLSID, PT_CURRENCY, PT_DOUBLE, PT_ERROR,
    PT_I2, PT_I8, PT_LONG, PT_MV_APPTIME, PT_MV_BINARY, PT_MV_CLSID, PT_MV_CURRENCY, PT_MV_DOUBLE,
    PT_MV_I2, PT_MV_I8, PT_MV_LONG, PT_MV_R4, PT_MV_SYSTIME, PT_MV_UNICODE, PT_NULL, PT_OBJECT,
    PT_R4, PT_SYSTIME, PT_UNICODE, PT_UNSPECIFIED,
};
use mapi_provider_abi::view::{Currency, FileTime, PropValue};

use super::error::{Error, Result};
use super::id::BlobId;
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
    decoded(bytes).ok_or_else(|| Error::Corrupt("the properties of an object make no sense".into()))
}

fn decoded(bytes: &[u8]) -> Option<PropertySet> {
    let mut from = Decoder(bytes);
    let [version] = from.take()?;
    if version != VERSION {
        return None;
    }
    let mut set = PropertySet::default();
    let mut id = 0_u16;
    for _ in 0..from.count()? {
        id = id.checked_add(u16::try_from(from.number()?).ok()?)?;
        set.put(id, from.property()?);
    }
    from.0.is_empty().then_some(set)
}

/// Bytes that are being put together.
struct Encoder(Vec<u8>);

/// Bytes that are being read; none where they end too early or make no sense.
struct Decoder<'a>(&'a [u8]);

/// Numbers near zero, of either sign, become small ones.
fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
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
        match String::from_utf16(text) {
            Ok(text) => {
                self.number((text.len() as u64) << 1);
                self.0.extend(text.as_bytes());
            }
            Err(_) => {
                self.number((text.len() as u64) << 1 | 1);
                self.0
                    .extend(text.iter().flat_map(|unit| unit.to_le_bytes()));
            }
        }
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

impl Decoder<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let [byte] = self.take()?;
            let bits = u64::from(byte & 0x7F);
            if shift == 63 && bits > 1 {
                return None;
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i64> {
        self.number().map(unzigzag)
    }

    /// A count of elements that take a byte or more each: there are not more than bytes are left.
    fn count(&mut self) -> Option<usize> {
        let count = usize::try_from(self.number()?).ok()?;
        (count <= self.0.len()).then_some(count)
    }

    fn slice(&mut self, length: usize) -> Option<&[u8]> {
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    fn bytes(&mut self) -> Option<Vec<u8>> {
        let length = self.count()?;
        self.slice(length).map(<[u8]>::to_vec)
    }

    fn text(&mut self) -> Option<Vec<u16>> {
        let form = self.number()?;
        let length = usize::try_from(form >> 1).ok()?;
        if form & 1 == 0 {
            let text = std::str::from_utf8(self.slice(length)?).ok()?;
            return Some(text.encode_utf16().collect());
        }
        let units = self.slice(length.checked_mul(2)?)?.chunks_exact(2);
        Some(
            units
                .map(|unit| u16::from_le_bytes([unit[0], unit[1]]))
                .collect(),
        )
    }

    fn guid(&mut self) -> Option<GUID> {
        self.take().map(u128::from_le_bytes).map(GUID::from_u128)
    }

    fn all<T: Clone>(&mut self, one: impl Fn(&mut Self) -> Option<T>) -> Option<Cow<'static, [T]>> {
        let count = self.count()?;
        let all: Option<Vec<T>> = (0..count).map(|_| one(self)).collect();
        all.map(Cow::Owned)
    }

    fn lists<T: Clone>(
        &mut self,
        one: impl Fn(&mut Self) -> Option<Vec<T>>,
    ) -> Option<Vec<Cow<'static, [T]>>> {
        let count = self.count()?;
        (0..count).map(|_| one(self).map(Cow::Owned)).collect()
    }

    fn property(&mut self) -> Option<Property> {
        let prop_type = u16::try_from(self.number()?).ok()?;
        if prop_type != LARGE {
            return self.value(u32::from(prop_type)).map(Property::Value);
        }
        Some(Property::Large(LargeValue {
            prop_type: u32::from(u16::try_from(self.number()?).ok()?),
            blob: BlobId::from_number(self.number()?)?,
            size: self.number()?,
            pin: None,
        }))
    }

    fn value(&mut self, prop_type: u32) -> Option<PropValue<'static>> {
        let short = |from: &mut Self| i16::try_from(from.signed()?).ok();
        let long = |from: &mut Self| i32::try_from(from.signed()?).ok();
        let real = |from: &mut Self| from.take().map(f32::from_le_bytes);
        let double = |from: &mut Self| from.take().map(f64::from_le_bytes);
        let money = |from: &mut Self| from.signed().map(Currency::from_ten_thousandths);
        let time = |from: &mut Self| {
            let ticks = from.take().map(u64::from_le_bytes);
            ticks.map(FileTime::from_ticks)
        };
        Some(match prop_type {
            PT_UNSPECIFIED => PropValue::Unspecified,
            PT_NULL => PropValue::Null,
            PT_OBJECT => PropValue::Object,
            PT_I2 => PropValue::I2(short(self)?),
            PT_LONG => PropValue::Long(long(self)?),
            PT_R4 => PropValue::R4(real(self)?),
            PT_DOUBLE => PropValue::Double(double(self)?),
            PT_APPTIME => PropValue::AppTime(double(self)?),
            PT_CURRENCY => PropValue::Currency(money(self)?),
            PT_ERROR => PropValue::Error(HRESULT(i32::from_le_bytes(self.take()?))),
            PT_BOOLEAN => PropValue::Boolean(self.take::<1>()? != [0]),
            PT_I8 => PropValue::I8(self.signed()?),
            PT_UNICODE => PropValue::Unicode(Cow::Owned(self.text()?)),
            PT_SYSTIME => PropValue::SysTime(time(self)?),
            PT_CLSID => PropValue::Clsid(self.guid()?),
            PT_BINARY => PropValue::Binary(Cow::Owned(self.bytes()?)),
            PT_MV_I2 => PropValue::MvI2(self.all(short)?),
            PT_MV_LONG => PropValue::MvLong(self.all(long)?),
            PT_MV_R4 => PropValue::MvR4(self.all(real)?),
            PT_MV_DOUBLE => PropValue::MvDouble(self.all(double)?),
            PT_MV_APPTIME => PropValue::MvAppTime(self.all(double)?),
            PT_MV_CURRENCY => PropValue::MvCurrency(self.all(money)?),
            PT_MV_I8 => PropValue::MvI8(self.all(Self::signed)?),
            PT_MV_BINARY => PropValue::MvBinary(self.lists(Self::bytes)?),
            PT_MV_UNICODE => PropValue::MvUnicode(self.lists(Self::text)?),
            PT_MV_SYSTIME => PropValue::MvSysTime(self.all(time)?),
            PT_MV_CLSID => PropValue::MvClsid(self.all(Self::guid)?),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
    fn a_common_property_takes_few_bytes() {
        let one: PropertySet = [(0x0E07, PropValue::Long(1))].into_iter().collect();
        assert_eq!(encode(&one).len(), 6);
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(mut bytes: Vec<u8>) {
            let _ = decode(&bytes);
            bytes.insert(0, VERSION);
            let _ = decode(&bytes);
        }

        #[test]
        fn numbers_come_back(number: i64) {
            let mut to = Encoder(Vec::new());
            to.signed(number);
            prop_assert_eq!(Decoder(&to.0).signed(), Some(number));
        }
    }
}
