//! The value of a property.

use std::borrow::Cow;

use super::scalar::{Currency, FileTime};
use super::text::{MapiStr, ansi, owned, utf16};
use crate::mapi::{
    GUID, HRESULT, PT_APPTIME, PT_BINARY, PT_BOOLEAN, PT_CLSID, PT_CURRENCY, PT_DOUBLE, PT_ERROR,
    PT_I2, PT_I8, PT_LONG, PT_MV_APPTIME, PT_MV_BINARY, PT_MV_CLSID, PT_MV_CURRENCY, PT_MV_DOUBLE,
    PT_MV_I2, PT_MV_I8, PT_MV_LONG, PT_MV_R4, PT_MV_STRING8, PT_MV_SYSTIME, PT_MV_UNICODE, PT_NULL,
    PT_OBJECT, PT_R4, PT_STRING8, PT_SYSTIME, PT_UNICODE, PT_UNSPECIFIED,
};

/// The value of a property, with one variant for each MAPI type.
///
/// Data that was read is borrowed from MAPI's memory, or copied if it is not aligned for Rust.
/// Strings have no terminators.
///
/// ```
/// use mapi_provider::abi::PT_UNICODE;
/// use mapi_provider::view::PropValue;
///
/// let value = PropValue::from("Inbox");
/// assert_eq!(value.prop_type(), PT_UNICODE);
/// assert_eq!(value.to_text().as_deref(), Some("Inbox"));
/// assert_eq!(PropValue::Long(7).as_long(), Some(7));
/// assert_eq!(PropValue::Long(7).as_bool(), None);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum PropValue<'a> {
    /// `PT_UNSPECIFIED`: no value.
    Unspecified,
    /// `PT_NULL`: no value.
    Null,
    /// `PT_I2`.
    I2(i16),
    /// `PT_LONG`.
    Long(i32),
    /// `PT_R4`.
    R4(f32),
    /// `PT_DOUBLE`.
    Double(f64),
    /// `PT_CURRENCY`.
    Currency(Currency),
    /// `PT_APPTIME`: days since 30 December 1899, in whatever time zone the property uses.
    AppTime(f64),
    /// `PT_ERROR`: why there is no value.
    Error(HRESULT),
    /// `PT_BOOLEAN`; anything but 0 is true.
    Boolean(bool),
    /// `PT_OBJECT`: there is an object; get it with `OpenProperty`.
    Object,
    /// `PT_I8`.
    I8(i64),
    /// `PT_STRING8`: text in the ANSI code page.
    String8(Cow<'a, [u8]>),
    /// `PT_UNICODE`: UTF-16, perhaps ill-formed.
    Unicode(Cow<'a, [u16]>),
    /// `PT_SYSTIME`.
    SysTime(FileTime),
    /// `PT_CLSID`.
    Clsid(GUID),
    /// `PT_BINARY`.
    Binary(Cow<'a, [u8]>),
    /// `PT_MV_I2`.
    MvI2(Cow<'a, [i16]>),
    /// `PT_MV_LONG`.
    MvLong(Cow<'a, [i32]>),
    /// `PT_MV_R4`.
    MvR4(Cow<'a, [f32]>),
    /// `PT_MV_DOUBLE`.
    MvDouble(Cow<'a, [f64]>),
    /// `PT_MV_CURRENCY`.
    MvCurrency(Cow<'a, [Currency]>),
    /// `PT_MV_APPTIME`.
    MvAppTime(Cow<'a, [f64]>),
    /// `PT_MV_I8`.
    MvI8(Cow<'a, [i64]>),
    /// `PT_MV_STRING8`.
    MvString8(Vec<Cow<'a, [u8]>>),
    /// `PT_MV_UNICODE`.
    MvUnicode(Vec<Cow<'a, [u16]>>),
    /// `PT_MV_SYSTIME`.
    MvSysTime(Cow<'a, [FileTime]>),
    /// `PT_MV_CLSID`.
    MvClsid(Cow<'a, [GUID]>),
    /// `PT_MV_BINARY`.
    MvBinary(Vec<Cow<'a, [u8]>>),
}

impl<'a> PropValue<'a> {
    /// The type, a `PT_*`.
    pub fn prop_type(&self) -> u32 {
        match self {
            Self::Unspecified => PT_UNSPECIFIED,
            Self::Null => PT_NULL,
            Self::I2(_) => PT_I2,
            Self::Long(_) => PT_LONG,
            Self::R4(_) => PT_R4,
            Self::Double(_) => PT_DOUBLE,
            Self::Currency(_) => PT_CURRENCY,
            Self::AppTime(_) => PT_APPTIME,
            Self::Error(_) => PT_ERROR,
            Self::Boolean(_) => PT_BOOLEAN,
            Self::Object => PT_OBJECT,
            Self::I8(_) => PT_I8,
            Self::String8(_) => PT_STRING8,
            Self::Unicode(_) => PT_UNICODE,
            Self::SysTime(_) => PT_SYSTIME,
            Self::Clsid(_) => PT_CLSID,
            Self::Binary(_) => PT_BINARY,
            Self::MvI2(_) => PT_MV_I2,
            Self::MvLong(_) => PT_MV_LONG,
            Self::MvR4(_) => PT_MV_R4,
            Self::MvDouble(_) => PT_MV_DOUBLE,
            Self::MvCurrency(_) => PT_MV_CURRENCY,
            Self::MvAppTime(_) => PT_MV_APPTIME,
            Self::MvI8(_) => PT_MV_I8,
            Self::MvString8(_) => PT_MV_STRING8,
            Self::MvUnicode(_) => PT_MV_UNICODE,
            Self::MvSysTime(_) => PT_MV_SYSTIME,
            Self::MvClsid(_) => PT_MV_CLSID,
            Self::MvBinary(_) => PT_MV_BINARY,
        }
    }

    /// Text in the ANSI code page; characters that it doesn't have are replaced.
    pub fn ansi(text: &str) -> PropValue<'static> {
        PropValue::String8(ansi(text))
    }

    /// The string in the value, of either width.
    pub fn as_str(&self) -> Option<MapiStr<'_>> {
        match self {
            Self::String8(bytes) => Some(MapiStr::Ansi(Cow::Borrowed(bytes))),
            Self::Unicode(units) => Some(MapiStr::Wide(Cow::Borrowed(units))),
            _ => None,
        }
    }

    /// The string in the value, of either width, as a Rust string; what isn't a character
    /// becomes U+FFFD.
    pub fn to_text(&self) -> Option<String> {
        Some(self.as_str()?.to_string_lossy())
    }

    /// The number in a `PT_LONG` or `PT_I2`.
    pub fn as_long(&self) -> Option<i32> {
        match self {
            Self::Long(number) => Some(*number),
            Self::I2(number) => Some(i32::from(*number)),
            _ => None,
        }
    }

    /// The boolean in a `PT_BOOLEAN`.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Boolean(truth) => Some(*truth),
            _ => None,
        }
    }

    /// The bytes in a `PT_BINARY`.
    pub fn as_binary(&self) -> Option<&[u8]> {
        match self {
            Self::Binary(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The time in a `PT_SYSTIME`.
    pub fn as_time(&self) -> Option<FileTime> {
        match self {
            Self::SysTime(time) => Some(*time),
            _ => None,
        }
    }

    /// The value without a borrow.
    pub fn into_owned(self) -> PropValue<'static> {
        match self {
            Self::Unspecified => PropValue::Unspecified,
            Self::Null => PropValue::Null,
            Self::I2(value) => PropValue::I2(value),
            Self::Long(value) => PropValue::Long(value),
            Self::R4(value) => PropValue::R4(value),
            Self::Double(value) => PropValue::Double(value),
            Self::Currency(value) => PropValue::Currency(value),
            Self::AppTime(value) => PropValue::AppTime(value),
            Self::Error(value) => PropValue::Error(value),
            Self::Boolean(value) => PropValue::Boolean(value),
            Self::Object => PropValue::Object,
            Self::I8(value) => PropValue::I8(value),
            Self::String8(value) => PropValue::String8(owned(value)),
            Self::Unicode(value) => PropValue::Unicode(owned(value)),
            Self::SysTime(value) => PropValue::SysTime(value),
            Self::Clsid(value) => PropValue::Clsid(value),
            Self::Binary(value) => PropValue::Binary(owned(value)),
            Self::MvI2(values) => PropValue::MvI2(owned(values)),
            Self::MvLong(values) => PropValue::MvLong(owned(values)),
            Self::MvR4(values) => PropValue::MvR4(owned(values)),
            Self::MvDouble(values) => PropValue::MvDouble(owned(values)),
            Self::MvCurrency(values) => PropValue::MvCurrency(owned(values)),
            Self::MvAppTime(values) => PropValue::MvAppTime(owned(values)),
            Self::MvI8(values) => PropValue::MvI8(owned(values)),
            Self::MvString8(values) => PropValue::MvString8(all_owned(values)),
            Self::MvUnicode(values) => PropValue::MvUnicode(all_owned(values)),
            Self::MvSysTime(values) => PropValue::MvSysTime(owned(values)),
            Self::MvClsid(values) => PropValue::MvClsid(owned(values)),
            Self::MvBinary(values) => PropValue::MvBinary(all_owned(values)),
        }
    }
}

fn all_owned<T: Clone>(values: Vec<Cow<'_, [T]>>) -> Vec<Cow<'static, [T]>> {
    values.into_iter().map(owned).collect()
}

/// Makes a value from Rust's type for it.
macro_rules! from {
    ($($of:ty => $variant:ident),+ $(,)?) => {
        $(impl From<$of> for PropValue<'static> {
            fn from(value: $of) -> Self {
                PropValue::$variant(value)
            }
        })+
    };
}

from! {
    i16 => I2, i32 => Long, f32 => R4, f64 => Double, Currency => Currency, HRESULT => Error, bool => Boolean,
    i64 => I8, FileTime => SysTime, GUID => Clsid,
}

/// `PT_UNICODE`.
impl From<&str> for PropValue<'static> {
    fn from(text: &str) -> Self {
        PropValue::Unicode(utf16(text))
    }
}

/// Of the string's own width.
impl<'a> From<MapiStr<'a>> for PropValue<'a> {
    fn from(text: MapiStr<'a>) -> Self {
        match text {
            MapiStr::Ansi(bytes) => PropValue::String8(bytes),
            MapiStr::Wide(units) => PropValue::Unicode(units),
        }
    }
}

/// `PT_BINARY`.
impl<'a> From<&'a [u8]> for PropValue<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        PropValue::Binary(Cow::Borrowed(bytes))
    }
}

/// `PT_BINARY`.
impl From<Vec<u8>> for PropValue<'static> {
    fn from(bytes: Vec<u8>) -> Self {
        PropValue::Binary(Cow::Owned(bytes))
    }
}
