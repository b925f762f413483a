//! Reading back what was packed.

use std::borrow::Cow;

use mapi_provider_abi::mapi::{
    GUID, HRESULT, PT_APPTIME, PT_BINARY, PT_BOOLEAN, PT_CLSID, PT_CURRENCY, PT_DOUBLE, PT_ERROR,
    PT_I2, PT_I8, PT_LONG, PT_MV_APPTIME, PT_MV_BINARY, PT_MV_CLSID, PT_MV_CURRENCY, PT_MV_DOUBLE,
    PT_MV_I2, PT_MV_I8, PT_MV_LONG, PT_MV_R4, PT_MV_SYSTIME, PT_MV_UNICODE, PT_NULL, PT_OBJECT,
    PT_R4, PT_SYSTIME, PT_UNICODE, PT_UNSPECIFIED,
};
use mapi_provider_abi::view::{Currency, FileTime, PropValue};

use super::super::id::BlobId;
use super::super::property::{LargeValue, Property};
use super::LARGE;
use mapi_provider_table::text::units;

/// Bytes that are being read; none where they end too early or make no sense.
pub(super) struct Decoder<'a>(pub(super) &'a [u8]);

fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

impl Decoder<'_> {
    pub(super) fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*first)
    }

    pub(super) fn number(&mut self) -> Option<u64> {
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

    pub(super) fn signed(&mut self) -> Option<i64> {
        self.number().map(unzigzag)
    }

    /// A count of elements that take a byte or more each: there are not more than bytes are left.
    pub(super) fn count(&mut self) -> Option<usize> {
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
            return Some(units(text));
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

    pub(super) fn property(&mut self) -> Option<Property> {
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

    pub(super) fn value(&mut self, prop_type: u32) -> Option<PropValue<'static>> {
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

    /// Passes over a property.
    pub(super) fn pass(&mut self) -> Option<()> {
        let prop_type = u16::try_from(self.number()?).ok()?;
        if prop_type == LARGE {
            self.pass_numbers(3)
        } else {
            self.pass_value(u32::from(prop_type))
        }
    }

    fn pass_value(&mut self, prop_type: u32) -> Option<()> {
        match prop_type {
            PT_UNSPECIFIED | PT_NULL | PT_OBJECT => Some(()),
            PT_I2 | PT_LONG | PT_CURRENCY | PT_I8 => self.pass_numbers(1),
            PT_BOOLEAN => self.pass_bytes(1),
            PT_R4 | PT_ERROR => self.pass_bytes(4),
            PT_DOUBLE | PT_APPTIME | PT_SYSTIME => self.pass_bytes(8),
            PT_CLSID => self.pass_bytes(16),
            PT_UNICODE => self.pass_text(),
            PT_BINARY => {
                let length = self.count()?;
                self.pass_bytes(length)
            }
            PT_MV_I2 | PT_MV_LONG | PT_MV_CURRENCY | PT_MV_I8 => {
                let count = self.count()?;
                self.pass_numbers(count)
            }
            PT_MV_R4 => self.pass_all(|from| from.pass_bytes(4)),
            PT_MV_DOUBLE | PT_MV_APPTIME | PT_MV_SYSTIME => {
                self.pass_all(|from| from.pass_bytes(8))
            }
            PT_MV_CLSID => self.pass_all(|from| from.pass_bytes(16)),
            PT_MV_UNICODE => self.pass_all(Self::pass_text),
            PT_MV_BINARY => self.pass_all(|from| from.pass_value(PT_BINARY)),
            _ => None,
        }
    }

    fn pass_all(&mut self, one: impl Fn(&mut Self) -> Option<()>) -> Option<()> {
        (0..self.count()?)
            .try_for_each(|_| one(self).ok_or(()))
            .ok()
    }

    fn pass_bytes(&mut self, length: usize) -> Option<()> {
        self.slice(length).map(drop)
    }

    fn pass_numbers(&mut self, count: usize) -> Option<()> {
        (0..count).try_for_each(|_| self.number().map(drop))
    }

    fn pass_text(&mut self) -> Option<()> {
        let form = self.number()?;
        let length = usize::try_from(form >> 1).ok()?;
        let bytes = if form & 1 == 0 {
            Some(length)
        } else {
            length.checked_mul(2)
        };
        self.pass_bytes(bytes?)
    }
}
