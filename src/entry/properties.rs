//! Properties: values of ours as MAPI's, and MAPI's as ours.

use windows_core::HRESULT;

use super::allocators::{Allocators, Root};
use super::counted::counted;
use super::text::{from_ansi, from_utf16, to_ansi, to_utf16};
use crate::abi::{
    MAPI_E_INVALID_PARAMETER, MAPI_E_NOT_FOUND, MAPI_W_ERRORS_RETURNED, PT_BINARY, PT_BOOLEAN,
    PT_ERROR, PT_LONG, PT_STRING8, PT_UNICODE, PT_UNSPECIFIED, PropTag, S_OK, SBinary,
    SPropTagArray, SPropValue, SPropValueUnion,
};
use crate::settings::Secret;

/// A value of a property.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// Perhaps a secret, so it is wiped (ENTRY-11).
    Text(Secret),
    Long(i32),
    Boolean(bool),
    Binary(Vec<u8>),
}

impl Value {
    /// The type that the value has by itself.
    fn own_type(&self) -> u32 {
        match self {
            Self::Text(_) => PT_UNICODE,
            Self::Long(_) => PT_LONG,
            Self::Boolean(_) => PT_BOOLEAN,
            Self::Binary(_) => PT_BINARY,
        }
    }

    /// Whether it can be given as a type: text comes in two widths.
    fn comes_as(&self, property_type: u32) -> bool {
        property_type == self.own_type()
            || (property_type == PT_STRING8 && matches!(self, Self::Text(_)))
    }
}

/// An SPropValue; all of it that the tag does not use is zero.
pub(crate) fn property(tag: PropTag, set: impl FnOnce(&mut SPropValueUnion)) -> SPropValue {
    // SAFETY: all zeros is a value of every field.
    let mut value: SPropValueUnion = unsafe { std::mem::zeroed() };
    set(&mut value);
    SPropValue {
        ulPropTag: tag,
        dwAlignPad: 0,
        Value: value,
    }
}

/// A property that can't be had, and why.
pub(crate) fn missing(id: u16, why: HRESULT) -> SPropValue {
    property(PropTag::new(id, PT_ERROR), |value| value.err = why.0)
}

/// A value with a root's memory, as the type that was asked for.
fn with_root(
    root: &Root,
    id: u16,
    property_type: u32,
    value: &Value,
) -> Result<SPropValue, HRESULT> {
    let tag = PropTag::new(id, property_type);
    Ok(match value {
        Value::Text(text) if property_type == PT_STRING8 => {
            let text = root.copy(&to_ansi(text.expose()))?;
            property(tag, |value| value.lpszA = text)
        }
        Value::Text(text) => {
            let text = root.copy(&to_utf16(text.expose()))?;
            property(tag, |value| value.lpszW = text)
        }
        Value::Long(number) => property(tag, |value| value.l = *number),
        Value::Boolean(yes) => property(tag, |value| value.b = u16::from(*yes)),
        Value::Binary(bytes) => {
            let bin = SBinary {
                cb: bytes.len() as u32,
                lpb: root.copy(bytes)?,
            };
            property(tag, |value| value.bin = bin)
        }
    })
}

/// GetProps: the properties asked for, one allocation root. What there is not becomes a `PT_ERROR`, and
/// the answer is then `MAPI_W_ERRORS_RETURNED`.
///
/// # Errors
///
/// There is no memory left.
pub(crate) fn get_props(
    allocators: Allocators,
    tags: &[PropTag],
    find: impl Fn(u16) -> Option<Value>,
) -> Result<(HRESULT, *mut SPropValue), HRESULT> {
    let root = allocators.root(size_of::<SPropValue>().saturating_mul(tags.len().max(1)))?;
    let mut result = S_OK;
    for (index, asked) in tags.iter().enumerate() {
        let (id, property_type) = (asked.id(), asked.prop_type());
        let value = match find(id) {
            Some(value) if property_type == PT_UNSPECIFIED => {
                with_root(&root, id, value.own_type(), &value)?
            }
            Some(value) if value.comes_as(property_type) => {
                with_root(&root, id, property_type, &value)?
            }
            _ => {
                result = MAPI_W_ERRORS_RETURNED;
                missing(id, MAPI_E_NOT_FOUND)
            }
        };
        // SAFETY: the root has room for as many values as there are tags.
        unsafe { root.as_ptr::<SPropValue>().add(index).write(value) };
    }
    Ok((result, root.give_away()))
}

/// The tags in an array; none where there is no array.
///
/// # Errors
///
/// The count makes no sense.
///
/// # Safety
///
/// `array` is NULL, or its count is followed by as many tags.
pub(crate) unsafe fn tags_of(array: *const SPropTagArray) -> Result<Option<Vec<PropTag>>, HRESULT> {
    if array.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller's word.
    let tags = unsafe {
        let first = (&raw const (*array).aulPropTag).cast::<PropTag>();
        counted(first, (*array).cValues)
    };
    tags.map(Some).ok_or(MAPI_E_INVALID_PARAMETER)
}

/// The value in a property; none for an error, and for types that we have no use for.
///
/// # Safety
///
/// The value is what the tag's type says.
pub(crate) unsafe fn value_of(property: &SPropValue) -> Option<Value> {
    let value = &property.Value;
    // SAFETY: each field is read only where the tag says that it holds.
    unsafe {
        match property.ulPropTag.prop_type() {
            PT_UNICODE => from_utf16(value.lpszW).map(text_value),
            PT_STRING8 => from_ansi(value.lpszA).map(text_value),
            PT_LONG => Some(Value::Long(value.l)),
            PT_BOOLEAN => Some(Value::Boolean(value.b != 0)),
            PT_BINARY => bytes_of(&value.bin).map(Value::Binary),
            _ => None,
        }
    }
}

fn text_value(text: String) -> Value {
    Value::Text(Secret::new(text))
}

/// # Safety
///
/// `lpb` is NULL or points to as many bytes as `cb` says.
unsafe fn bytes_of(binary: &SBinary) -> Option<Vec<u8>> {
    // SAFETY: the caller's word.
    unsafe { counted(binary.lpb.cast_const(), binary.cb) }
}
