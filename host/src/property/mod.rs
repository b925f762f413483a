//! Properties as Rust values, to and from MAPI's structures.

mod array;
mod text;

use std::ptr::{self, NonNull};

use mapi_provider::abi::{
    CY, FILETIME, MAPI_E_NOT_FOUND, MAPI_E_TYPE_NO_SUPPORT, MAPI_E_UNEXPECTED_TYPE, PT_APPTIME,
    PT_BINARY, PT_BOOLEAN, PT_CLSID, PT_CURRENCY, PT_DOUBLE, PT_ERROR, PT_I2, PT_I8, PT_LONG,
    PT_R4, PT_STRING8, PT_SYSTIME, PT_UNICODE, PT_UNSPECIFIED, PropTag, SBinary, SPropValue,
    SPropValueUnion,
};
use windows_core::{GUID, HRESULT};

pub use self::array::PropertyArray;
pub(crate) use self::array::allocate_properties;
use self::text::bytes;
pub(crate) use self::text::{bytes_until_nul, wide_text};

/// The value of a property.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// `PT_I2`
    Short(i16),
    /// `PT_LONG`
    Long(i32),
    /// `PT_R4`
    Float(f32),
    /// `PT_DOUBLE`
    Double(f64),
    /// `PT_CURRENCY`, in ten-thousandths
    Currency(i64),
    /// `PT_APPTIME`
    AppTime(f64),
    /// `PT_ERROR`: missing, or not available; the status code says why
    Error(HRESULT),
    /// `PT_BOOLEAN`
    Boolean(bool),
    /// `PT_I8`
    LongLong(i64),
    /// `PT_STRING8`; read as Latin-1
    String8(Vec<u8>),
    /// `PT_UNICODE`
    Unicode(String),
    /// `PT_SYSTIME`, in steps of 100 ns since 1601
    Time(u64),
    /// `PT_CLSID`
    Guid(GUID),
    /// `PT_BINARY`
    Binary(Vec<u8>),
}

/// A property: its ID and its value, which determines the type.
#[derive(Clone, Debug, PartialEq)]
pub struct Property {
    /// The upper half of the tag.
    pub id: u16,
    /// The value.
    pub value: Value,
}

impl Value {
    /// The type: the lower half of a tag.
    pub fn kind(&self) -> u32 {
        match self {
            Self::Short(_) => PT_I2,
            Self::Long(_) => PT_LONG,
            Self::Float(_) => PT_R4,
            Self::Double(_) => PT_DOUBLE,
            Self::Currency(_) => PT_CURRENCY,
            Self::AppTime(_) => PT_APPTIME,
            Self::Error(_) => PT_ERROR,
            Self::Boolean(_) => PT_BOOLEAN,
            Self::LongLong(_) => PT_I8,
            Self::String8(_) => PT_STRING8,
            Self::Unicode(_) => PT_UNICODE,
            Self::Time(_) => PT_SYSTIME,
            Self::Guid(_) => PT_CLSID,
            Self::Binary(_) => PT_BINARY,
        }
    }

    /// The value as the requested type: strings are converted, everything else must match.
    pub fn to_kind(&self, kind: u32) -> Result<Self, HRESULT> {
        match (self, kind) {
            (_, PT_UNSPECIFIED) => Ok(self.clone()),
            (_, kind) if kind == self.kind() => Ok(self.clone()),
            (Self::String8(text), PT_UNICODE) => Ok(Self::Unicode(
                text.iter().copied().map(char::from).collect(),
            )),
            (Self::Unicode(text), PT_STRING8) => {
                Ok(Self::String8(text.chars().map(latin1).collect()))
            }
            _ => Err(MAPI_E_UNEXPECTED_TYPE),
        }
    }

    /// Reads MAPI's structure.
    ///
    /// # Safety
    ///
    /// The value has the type in the tag; pointers in it are valid or NULL.
    pub unsafe fn read(property: &SPropValue) -> Result<Self, HRESULT> {
        let value = &property.Value;
        // SAFETY: the tag says which field of the union is valid, by the caller's word.
        unsafe {
            Ok(match property.ulPropTag.prop_type() {
                PT_I2 => Self::Short(value.i),
                PT_LONG => Self::Long(value.l),
                PT_R4 => Self::Float(value.flt),
                PT_DOUBLE => Self::Double(value.dbl),
                PT_CURRENCY => Self::Currency(value.cur.int64),
                PT_APPTIME => Self::AppTime(value.at),
                PT_ERROR => Self::Error(HRESULT(value.err)),
                PT_BOOLEAN => Self::Boolean(value.b != 0),
                PT_I8 => Self::LongLong(value.li),
                PT_STRING8 => Self::String8(bytes_until_nul(value.lpszA).ok_or(MAPI_E_NOT_FOUND)?),
                PT_UNICODE => Self::Unicode(wide_text(value.lpszW).ok_or(MAPI_E_NOT_FOUND)?),
                PT_SYSTIME => Self::Time(
                    u64::from(value.ft.dwHighDateTime) << 32 | u64::from(value.ft.dwLowDateTime),
                ),
                PT_CLSID => Self::Guid(*value.lpguid.as_ref().ok_or(MAPI_E_NOT_FOUND)?),
                PT_BINARY => Self::Binary(bytes(value.bin.lpb, value.bin.cb as usize)),
                _ => return Err(MAPI_E_TYPE_NO_SUPPORT),
            })
        }
    }

    /// The value as the union of MAPI's structure; what doesn't fit is put where `place` says.
    pub(super) fn write(
        &self,
        mut place: impl FnMut(&[u8]) -> Result<NonNull<u8>, HRESULT>,
    ) -> Result<SPropValueUnion, HRESULT> {
        // The whole union is written, also for 32-bit fields, so nothing in it is undefined.
        let mut out = SPropValueUnion {
            bin: SBinary {
                cb: 0,
                lpb: ptr::null_mut(),
            },
        };
        match self {
            Self::Short(value) => out.i = *value,
            Self::Long(value) => out.l = *value,
            Self::Float(value) => out.flt = *value,
            Self::Double(value) => out.dbl = *value,
            Self::Currency(value) => out.cur = CY { int64: *value },
            Self::AppTime(value) => out.at = *value,
            Self::Error(status) => out.err = status.0,
            Self::Boolean(value) => out.b = u16::from(*value),
            Self::LongLong(value) => out.li = *value,
            Self::Time(value) => {
                out.ft = FILETIME {
                    dwLowDateTime: *value as u32,
                    dwHighDateTime: (*value >> 32) as u32,
                };
            }
            Self::String8(text) => out.lpszA = place(&[text, &[0][..]].concat())?.as_ptr(),
            Self::Unicode(text) => {
                let bytes: Vec<u8> = text
                    .encode_utf16()
                    .chain([0])
                    .flat_map(u16::to_ne_bytes)
                    .collect();
                out.lpszW = place(&bytes)?.as_ptr().cast();
            }
            Self::Guid(guid) => out.lpguid = place(&guid_bytes(guid))?.as_ptr().cast(),
            Self::Binary(bytes) => {
                out.bin = SBinary {
                    cb: bytes.len() as u32,
                    lpb: place(bytes)?.as_ptr(),
                };
            }
        }
        Ok(out)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Unicode(text.to_owned())
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Self {
        Self::Long(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl Property {
    /// A property by its tag; the type in the tag is ignored, because the value determines
    /// it.
    pub fn new(tag: PropTag, value: impl Into<Value>) -> Self {
        Self::with_id(tag.id(), value)
    }

    /// A property by its ID.
    pub fn with_id(id: u16, value: impl Into<Value>) -> Self {
        Self {
            id,
            value: value.into(),
        }
    }

    /// The tag: ID and type.
    pub fn tag(&self) -> PropTag {
        PropTag::new(self.id, self.value.kind())
    }

    /// Reads `count` of MAPI's structures.
    ///
    /// # Safety
    ///
    /// `properties` points to `count` valid properties, or is NULL.
    pub unsafe fn read_all(
        count: u32,
        properties: *const SPropValue,
    ) -> Vec<Result<Self, HRESULT>> {
        if properties.is_null() {
            return Vec::new();
        }
        let read = |at: usize| {
            // On x86, C++ aligns what is on its stack to four bytes only.
            // SAFETY: the caller's word: there are so many.
            let property = unsafe { properties.add(at).read_unaligned() };
            // SAFETY: the caller's word.
            let value = unsafe { Value::read(&property) }?;
            Ok(Self {
                id: property.ulPropTag.id(),
                value,
            })
        };
        (0..count as usize).map(read).collect()
    }
}

fn latin1(character: char) -> u8 {
    u8::try_from(u32::from(character)).unwrap_or(b'?')
}

fn guid_bytes(guid: &GUID) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&guid.data1.to_ne_bytes());
    bytes[4..6].copy_from_slice(&guid.data2.to_ne_bytes());
    bytes[6..8].copy_from_slice(&guid.data3.to_ne_bytes());
    bytes[8..].copy_from_slice(&guid.data4);
    bytes
}

#[cfg(test)]
mod tests;
