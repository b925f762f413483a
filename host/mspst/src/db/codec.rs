//! How values are stored in the file: little-endian, counted, and read back with every count checked.

use std::borrow::Cow;

use mapi_provider::abi::{
    GUID, HRESULT, PT_APPTIME, PT_BINARY, PT_BOOLEAN, PT_CLSID, PT_CURRENCY, PT_DOUBLE, PT_ERROR,
    PT_I2, PT_I8, PT_LONG, PT_MV_APPTIME, PT_MV_BINARY, PT_MV_CLSID, PT_MV_CURRENCY, PT_MV_DOUBLE,
    PT_MV_I2, PT_MV_I8, PT_MV_LONG, PT_MV_R4, PT_MV_STRING8, PT_MV_SYSTIME, PT_MV_UNICODE, PT_NULL,
    PT_OBJECT, PT_R4, PT_STRING8, PT_SYSTIME, PT_UNICODE, PT_UNSPECIFIED,
};
use mapi_provider::view::{Currency, FileTime, NameId, PropName, PropValue};

use super::props::PropSet;

/// Bytes that are being written.
#[derive(Default)]
pub(crate) struct Encoder(pub(crate) Vec<u8>);

/// Bytes that are being read; `None` if they end too early or make no sense.
pub(crate) struct Decoder<'a>(&'a [u8]);

impl Encoder {
    pub(crate) fn byte(&mut self, value: u8) {
        self.0.push(value);
    }

    pub(crate) fn long(&mut self, value: u32) {
        self.0.extend(value.to_le_bytes());
    }

    pub(crate) fn quad(&mut self, value: u64) {
        self.0.extend(value.to_le_bytes());
    }

    /// Nothing in memory has 2³² elements or more.
    pub(crate) fn count(&mut self, count: usize) {
        self.long(u32::try_from(count).unwrap_or(u32::MAX));
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.0.extend(bytes);
    }

    pub(crate) fn wide(&mut self, text: &[u16]) {
        self.count(text.len());
        text.iter()
            .for_each(|unit| self.0.extend(unit.to_le_bytes()));
    }

    fn guid(&mut self, guid: &GUID) {
        self.0.extend(guid.to_u128().to_le_bytes());
    }

    fn all<T>(&mut self, values: &[T], one: impl Fn(&mut Self, &T)) {
        self.count(values.len());
        values.iter().for_each(|value| one(self, value));
    }

    pub(crate) fn props(&mut self, props: &PropSet) {
        self.count(props.len());
        for (id, value) in props.iter() {
            self.0.extend(id.to_le_bytes());
            self.value(value);
        }
    }

    pub(crate) fn name(&mut self, name: &PropName<'_>) {
        self.guid(&name.set);
        match &name.id {
            NameId::Number(number) => {
                self.byte(0);
                self.long(*number as u32);
            }
            NameId::Text(text) => {
                self.byte(1);
                self.wide(text);
            }
        }
    }

    fn value(&mut self, value: &PropValue<'_>) {
        self.0.extend((value.prop_type() as u16).to_le_bytes());
        match value {
            PropValue::I2(value) => self.0.extend(value.to_le_bytes()),
            PropValue::Long(value) => self.0.extend(value.to_le_bytes()),
            PropValue::R4(value) => self.0.extend(value.to_le_bytes()),
            PropValue::Double(value) | PropValue::AppTime(value) => {
                self.0.extend(value.to_le_bytes());
            }
            PropValue::Currency(value) => self.0.extend(value.ten_thousandths().to_le_bytes()),
            PropValue::Error(value) => self.0.extend(value.0.to_le_bytes()),
            PropValue::Boolean(value) => self.byte(u8::from(*value)),
            PropValue::I8(value) => self.0.extend(value.to_le_bytes()),
            PropValue::String8(text) => self.bytes(text),
            PropValue::Unicode(text) => self.wide(text),
            PropValue::SysTime(time) => self.quad(time.ticks()),
            PropValue::Clsid(guid) => self.guid(guid),
            PropValue::Binary(bytes) => self.bytes(bytes),
            PropValue::MvI2(all) => self.all(all, |to, one| to.0.extend(one.to_le_bytes())),
            PropValue::MvLong(all) => self.all(all, |to, one| to.0.extend(one.to_le_bytes())),
            PropValue::MvR4(all) => self.all(all, |to, one| to.0.extend(one.to_le_bytes())),
            PropValue::MvDouble(all) | PropValue::MvAppTime(all) => {
                self.all(all, |to, one| to.0.extend(one.to_le_bytes()));
            }
            PropValue::MvCurrency(all) => {
                self.all(all, |to, one| {
                    to.0.extend(one.ten_thousandths().to_le_bytes())
                });
            }
            PropValue::MvI8(all) => self.all(all, |to, one| to.0.extend(one.to_le_bytes())),
            PropValue::MvString8(all) | PropValue::MvBinary(all) => {
                self.all(all, |to, one| to.bytes(one));
            }
            PropValue::MvUnicode(all) => self.all(all, |to, one| to.wide(one)),
            PropValue::MvSysTime(all) => self.all(all, |to, one| to.quad(one.ticks())),
            PropValue::MvClsid(all) => self.all(all, |to, one| to.guid(one)),
            // The others have no value.
            _ => {}
        }
    }
}

impl<'a> Decoder<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*first)
    }

    pub(crate) fn byte(&mut self) -> Option<u8> {
        self.take().map(u8::from_le_bytes)
    }

    pub(crate) fn long(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    pub(crate) fn quad(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    /// A count of elements that take at least a byte each: it can't exceed the bytes that are left.
    pub(crate) fn count(&mut self) -> Option<usize> {
        let count = usize::try_from(self.long()?).ok()?;
        (count <= self.0.len()).then_some(count)
    }

    pub(crate) fn bytes(&mut self) -> Option<Vec<u8>> {
        let count = self.count()?;
        let (bytes, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(bytes.to_vec())
    }

    pub(crate) fn wide(&mut self) -> Option<Vec<u16>> {
        let count = self.count()?;
        (0..count)
            .map(|_| self.take().map(u16::from_le_bytes))
            .collect()
    }

    fn guid(&mut self) -> Option<GUID> {
        self.take().map(u128::from_le_bytes).map(GUID::from_u128)
    }

    fn all<T: Clone>(&mut self, one: impl Fn(&mut Self) -> Option<T>) -> Option<Cow<'static, [T]>> {
        let count = self.count()?;
        let all: Option<Vec<T>> = (0..count).map(|_| one(self)).collect();
        all.map(Cow::Owned)
    }

    pub(crate) fn props(&mut self) -> Option<PropSet> {
        let count = self.count()?;
        let one = |from: &mut Self| Some((u16::from_le_bytes(from.take()?), from.value()?));
        (0..count).map(|_| one(self)).collect()
    }

    pub(crate) fn name(&mut self) -> Option<PropName<'static>> {
        let set = self.guid()?;
        let id = match self.byte()? {
            0 => NameId::Number(self.long()? as i32),
            1 => NameId::Text(Cow::Owned(self.wide()?)),
            _ => return None,
        };
        Some(PropName { set, id })
    }

    fn value(&mut self) -> Option<PropValue<'static>> {
        let short = |from: &mut Self| from.take().map(i16::from_le_bytes);
        let long = |from: &mut Self| from.take().map(i32::from_le_bytes);
        let real = |from: &mut Self| from.take().map(f32::from_le_bytes);
        let double = |from: &mut Self| from.take().map(f64::from_le_bytes);
        let quad = |from: &mut Self| from.take().map(i64::from_le_bytes);
        let money = |from: &mut Self| quad(from).map(Currency::from_ten_thousandths);
        let time = |from: &mut Self| from.quad().map(FileTime::from_ticks);
        let prop_type = u32::from(u16::from_le_bytes(self.take()?));
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
            PT_ERROR => PropValue::Error(HRESULT(long(self)?)),
            PT_BOOLEAN => PropValue::Boolean(self.byte()? != 0),
            PT_I8 => PropValue::I8(quad(self)?),
            PT_STRING8 => PropValue::String8(Cow::Owned(self.bytes()?)),
            PT_UNICODE => PropValue::Unicode(Cow::Owned(self.wide()?)),
            PT_SYSTIME => PropValue::SysTime(time(self)?),
            PT_CLSID => PropValue::Clsid(self.guid()?),
            PT_BINARY => PropValue::Binary(Cow::Owned(self.bytes()?)),
            PT_MV_I2 => PropValue::MvI2(self.all(short)?),
            PT_MV_LONG => PropValue::MvLong(self.all(long)?),
            PT_MV_R4 => PropValue::MvR4(self.all(real)?),
            PT_MV_DOUBLE => PropValue::MvDouble(self.all(double)?),
            PT_MV_APPTIME => PropValue::MvAppTime(self.all(double)?),
            PT_MV_CURRENCY => PropValue::MvCurrency(self.all(money)?),
            PT_MV_I8 => PropValue::MvI8(self.all(quad)?),
            PT_MV_STRING8 => PropValue::MvString8(self.lists(Self::bytes)?),
            PT_MV_BINARY => PropValue::MvBinary(self.lists(Self::bytes)?),
            PT_MV_UNICODE => PropValue::MvUnicode(self.lists(Self::wide)?),
            PT_MV_SYSTIME => PropValue::MvSysTime(self.all(time)?),
            PT_MV_CLSID => PropValue::MvClsid(self.all(Self::guid)?),
            _ => return None,
        })
    }

    fn lists<T: Clone>(
        &mut self,
        one: impl Fn(&mut Self) -> Option<Vec<T>>,
    ) -> Option<Vec<Cow<'static, [T]>>> {
        let count = self.count()?;
        (0..count).map(|_| one(self).map(Cow::Owned)).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn samples() -> PropSet {
        let values = [
            PropValue::I2(-2),
            PropValue::Long(-70_000),
            PropValue::R4(1.5),
            PropValue::Double(-2.5),
            PropValue::AppTime(3.25),
            PropValue::Currency(Currency::from_ten_thousandths(-12_345)),
            PropValue::Boolean(true),
            PropValue::I8(i64::MIN),
            PropValue::from("Ünïcode 🦀"),
            PropValue::SysTime(FileTime::from_ticks(0x0123_4567_89AB_CDEF)),
            PropValue::Clsid(GUID::from_u128(0x5024a386_2d44_486a_81a8_8f0ecb6071dd)),
            PropValue::from(vec![0, 1, 255]),
            PropValue::MvI2(Cow::Borrowed(&[1, -1])),
            PropValue::MvLong(Cow::Borrowed(&[7])),
            PropValue::MvDouble(Cow::Borrowed(&[])),
            PropValue::MvI8(Cow::Borrowed(&[-1])),
            PropValue::MvUnicode(vec![Cow::Borrowed(&[65, 66]), Cow::Borrowed(&[])]),
            PropValue::MvBinary(vec![Cow::Borrowed(&[1])]),
            PropValue::MvSysTime(Cow::Owned(vec![FileTime::from_ticks(9)])),
            PropValue::MvClsid(Cow::Owned(vec![GUID::from_u128(5)])),
        ];
        values
            .into_iter()
            .enumerate()
            .map(|(id, value)| (id as u16, value))
            .collect()
    }

    #[test]
    fn every_type_comes_back_as_it_was() {
        let mut encoder = Encoder::default();
        encoder.props(&samples());
        let mut decoder = Decoder::new(&encoder.0);
        assert_eq!(decoder.props(), Some(samples()));
        assert!(decoder.is_at_end());
    }

    #[test]
    fn what_is_cut_short_is_not_read() {
        let mut encoder = Encoder::default();
        encoder.props(&samples());
        for end in 0..encoder.0.len() {
            assert_eq!(Decoder::new(&encoder.0[..end]).props(), None, "{end} bytes");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes: Vec<u8>) {
            let _ = Decoder::new(&bytes).props();
            let _ = Decoder::new(&bytes).name();
        }
    }
}
