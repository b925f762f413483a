//! SPropValue to [`Property`].

use std::borrow::Cow;

use super::super::entries::binary;
use super::super::error::ViewError;
use super::super::reader::{Reader, field};
use super::super::reading::View;
use super::super::scalar::Currency;
use super::super::value::PropValue;
use super::{Property, Tagged, value_type};
use crate::mapi::{
    HRESULT, PT_ACTIONS, PT_APPTIME, PT_BINARY, PT_BOOLEAN, PT_CLSID, PT_CURRENCY, PT_DOUBLE,
    PT_ERROR, PT_FILE_HANDLE, PT_I2, PT_I8, PT_LONG, PT_MV_APPTIME, PT_MV_BINARY, PT_MV_CLSID,
    PT_MV_CURRENCY, PT_MV_DOUBLE, PT_MV_I2, PT_MV_I8, PT_MV_LONG, PT_MV_R4, PT_MV_STRING8,
    PT_MV_SYSTIME, PT_MV_UNICODE, PT_NULL, PT_OBJECT, PT_R4, PT_SRESTRICTION, PT_STRING8,
    PT_SYSTIME, PT_UNICODE, PT_UNSPECIFIED, PropTag, SPropValue,
};

impl<'a> View<'a> for Property<'a> {
    type Raw = SPropValue;

    unsafe fn read_with(raw: *const SPropValue, reader: &Reader<'_>) -> Result<Self, ViewError> {
        // SAFETY: the caller's word.
        unsafe {
            let tag = field!(raw, ulPropTag);
            let value = value(raw, tag, reader)?;
            Ok(Self { tag, value })
        }
    }
}

impl<'a> View<'a> for Tagged<'a> {
    type Raw = SPropValue;

    unsafe fn read_with(raw: *const SPropValue, reader: &Reader<'_>) -> Result<Self, ViewError> {
        // SAFETY: the caller's word.
        unsafe {
            let tag = field!(raw, ulPropTag);
            let value = value(raw, tag, reader);
            Ok(Self { tag, value })
        }
    }
}

/// The value of a property.
///
/// # Safety
///
/// That of [`View::read_with`].
unsafe fn value<'a>(
    raw: *const SPropValue,
    tag: PropTag,
    reader: &Reader<'_>,
) -> Result<PropValue<'a>, ViewError> {
    let prop_type = value_type(tag).ok_or(ViewError::UnknownType(tag))?;
    // SAFETY: the caller's word; the member that is read is the one for the type.
    unsafe {
        Ok(match prop_type {
            PT_UNSPECIFIED => PropValue::Unspecified,
            PT_NULL => PropValue::Null,
            PT_I2 => PropValue::I2(field!(raw, Value.i)),
            PT_LONG => PropValue::Long(field!(raw, Value.l)),
            PT_R4 => PropValue::R4(field!(raw, Value.flt)),
            PT_DOUBLE => PropValue::Double(field!(raw, Value.dbl)),
            PT_CURRENCY => {
                let amount = (&raw const (*raw).Value.cur).cast::<Currency>();
                PropValue::Currency(amount.read_unaligned())
            }
            PT_APPTIME => PropValue::AppTime(field!(raw, Value.at)),
            PT_ERROR => PropValue::Error(HRESULT(field!(raw, Value.err))),
            PT_BOOLEAN => PropValue::Boolean(field!(raw, Value.b) != 0),
            PT_OBJECT => PropValue::Object,
            PT_I8 => PropValue::I8(field!(raw, Value.li)),
            PT_STRING8 => {
                let text = field!(raw, Value.lpszA).cast_const();
                PropValue::String8(reader.string("SPropValue::lpszA", text)?)
            }
            PT_UNICODE => {
                let text = field!(raw, Value.lpszW).cast_const();
                PropValue::Unicode(reader.string("SPropValue::lpszW", text)?)
            }
            PT_SYSTIME => PropValue::SysTime(field!(raw, Value.ft).into()),
            PT_CLSID => {
                let guid = field!(raw, Value.lpguid).cast_const();
                reader.present("SPropValue::lpguid", guid)?;
                PropValue::Clsid(guid.read_unaligned())
            }
            PT_BINARY => PropValue::Binary(binary(&raw const (*raw).Value.bin, reader)?),
            PT_SRESTRICTION | PT_ACTIONS | PT_FILE_HANDLE => {
                return Err(ViewError::UnsupportedType(tag));
            }
            _ => list(raw, prop_type, reader)?.ok_or(ViewError::UnknownType(tag))?,
        })
    }
}

/// Reads an array of numbers and the like: its member, its pointer, and what that is in MAPI's reference.
macro_rules! plain {
    ($reader:ident, $raw:ident, $list:ident, $first:ident, $what:literal) => {
        $reader.array(
            $what,
            field!($raw, Value.$list.$first).cast_const().cast(),
            field!($raw, Value.$list.cValues),
        )?
    };
}

/// The values of a multi-valued property; `None` for other types.
///
/// # Safety
///
/// That of [`View::read_with`].
unsafe fn list<'a>(
    raw: *const SPropValue,
    prop_type: u32,
    reader: &Reader<'_>,
) -> Result<Option<PropValue<'a>>, ViewError> {
    // SAFETY: as above.
    unsafe {
        Ok(Some(match prop_type {
            PT_MV_I2 => PropValue::MvI2(plain!(reader, raw, MVi, lpi, "SShortArray::lpi")),
            PT_MV_LONG => PropValue::MvLong(plain!(reader, raw, MVl, lpl, "SLongArray::lpl")),
            PT_MV_R4 => PropValue::MvR4(plain!(reader, raw, MVflt, lpflt, "SRealArray::lpflt")),
            PT_MV_DOUBLE => {
                PropValue::MvDouble(plain!(reader, raw, MVdbl, lpdbl, "SDoubleArray::lpdbl"))
            }
            PT_MV_CURRENCY => {
                PropValue::MvCurrency(plain!(reader, raw, MVcur, lpcur, "SCurrencyArray::lpcur"))
            }
            PT_MV_APPTIME => {
                PropValue::MvAppTime(plain!(reader, raw, MVat, lpat, "SAppTimeArray::lpat"))
            }
            PT_MV_SYSTIME => {
                PropValue::MvSysTime(plain!(reader, raw, MVft, lpft, "SDateTimeArray::lpft"))
            }
            PT_MV_CLSID => {
                PropValue::MvClsid(plain!(reader, raw, MVguid, lpguid, "SGuidArray::lpguid"))
            }
            PT_MV_I8 => {
                PropValue::MvI8(plain!(reader, raw, MVli, lpli, "SLargeIntegerArray::lpli"))
            }
            PT_MV_STRING8 => PropValue::MvString8(strings8(raw, reader)?),
            PT_MV_UNICODE => PropValue::MvUnicode(strings16(raw, reader)?),
            PT_MV_BINARY => PropValue::MvBinary(binaries(raw, reader)?),
            _ => return Ok(None),
        }))
    }
}

/// # Safety
///
/// That of [`View::read_with`].
unsafe fn strings8<'a>(
    raw: *const SPropValue,
    reader: &Reader<'_>,
) -> Result<Vec<Cow<'a, [u8]>>, ViewError> {
    let what = "SLPSTRArray::lppszA";
    // SAFETY: as above.
    unsafe {
        let count = field!(raw, Value.MVszA.cValues);
        let first = field!(raw, Value.MVszA.lppszA).cast_const();
        reader.each(what, first, count, |text| {
            reader.string(what, text.read_unaligned().cast_const())
        })
    }
}

/// # Safety
///
/// That of [`View::read_with`].
unsafe fn strings16<'a>(
    raw: *const SPropValue,
    reader: &Reader<'_>,
) -> Result<Vec<Cow<'a, [u16]>>, ViewError> {
    let what = "SWStringArray::lppszW";
    // SAFETY: as above.
    unsafe {
        let count = field!(raw, Value.MVszW.cValues);
        let first = field!(raw, Value.MVszW.lppszW).cast_const();
        reader.each(what, first, count, |text| {
            reader.string(what, text.read_unaligned().cast_const())
        })
    }
}

/// # Safety
///
/// That of [`View::read_with`].
unsafe fn binaries<'a>(
    raw: *const SPropValue,
    reader: &Reader<'_>,
) -> Result<Vec<Cow<'a, [u8]>>, ViewError> {
    // SAFETY: as above.
    unsafe {
        let count = field!(raw, Value.MVbin.cValues);
        let first = field!(raw, Value.MVbin.lpbin).cast_const();
        reader.each("SBinaryArray::lpbin", first, count, |one| {
            binary(one, reader)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::ptr;

    use super::*;
    use crate::mapi::SPropValueUnion;
    use crate::view::{Limits, read_array};

    fn raw(tag: u32, set: impl FnOnce(&mut SPropValueUnion)) -> SPropValue {
        // SAFETY: all zeros is a value of every field.
        let mut value: SPropValueUnion = unsafe { std::mem::zeroed() };
        set(&mut value);
        SPropValue {
            ulPropTag: PropTag(tag),
            dwAlignPad: 0,
            Value: value,
        }
    }

    /// Copies of three properties, the second one malformed, four bytes away from their proper
    /// alignment.
    fn packed(values: &[SPropValue; 3]) -> (Vec<u8>, usize) {
        let mut bytes = vec![0_u8; size_of_val(values) + 16];
        let offset = bytes.as_ptr().align_offset(8) + 4;
        // SAFETY: there is room for all of them after the offset.
        unsafe {
            let to = bytes.as_mut_ptr().add(offset);
            to.copy_from_nonoverlapping(values.as_ptr().cast(), size_of_val(values));
        }
        (bytes, offset)
    }

    #[test]
    fn a_malformed_property_keeps_its_tag_and_its_neighbours() {
        let values = [
            raw(0x6601_0003, |value| value.l = 7),
            raw(0x6602_001F, |value| value.lpszW = ptr::null_mut()),
            raw(0x6603_000B, |value| value.b = 1),
        ];
        let (bytes, offset) = packed(&values);
        let first = bytes[offset..].as_ptr().cast::<SPropValue>();
        // SAFETY: three of them, not aligned.
        let tagged: Vec<Tagged> = unsafe { read_array(3, first, &Limits::default()) }.expect("all");
        let tags: Vec<u32> = tagged.iter().map(|one| one.tag.0).collect();
        assert_eq!(tags, [0x6601_0003, 0x6602_001F, 0x6603_000B]);
        let values: Vec<_> = tagged.into_iter().map(|one| one.value).collect();
        let what = "SPropValue::lpszW";
        let expected = [
            Ok(PropValue::Long(7)),
            Err(ViewError::Null { what }),
            Ok(PropValue::Boolean(true)),
        ];
        assert_eq!(values, expected);
        // SAFETY: three of them, or refused.
        let all = unsafe { read_array::<Property>(3, first, &Limits::default()) };
        assert_eq!(all, Err(ViewError::Null { what }));
    }
}
