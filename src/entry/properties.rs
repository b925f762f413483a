//! Properties: values of ours as MAPI's, and MAPI's as ours.

use windows_core::HRESULT;

use super::text::without_nul;
use crate::abi::{
    MAPI_E_INVALID_PARAMETER, MAPI_E_NOT_FOUND, MAPI_W_ERRORS_RETURNED, PT_STRING8, PT_UNSPECIFIED,
    PropTag, S_OK, SPropTagArray, SPropValue, SPropValueUnion,
};
use crate::settings::Secret;
use crate::view::{self, Allocators, Limits, PropTags, PropValue, Property};

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
    /// The value as the type that was asked for: text comes in two widths, and whoever does not say takes
    /// what there is. None where it is of another type.
    fn as_type(&self, asked: u32) -> Option<PropValue<'_>> {
        let value = match self {
            Self::Text(text) if asked == PT_STRING8 => PropValue::ansi(&without_nul(text.expose())),
            Self::Text(text) => without_nul(text.expose()).as_ref().into(),
            Self::Long(number) => PropValue::Long(*number),
            Self::Boolean(yes) => PropValue::Boolean(*yes),
            Self::Binary(bytes) => bytes.as_slice().into(),
        };
        (asked == PT_UNSPECIFIED || asked == value.prop_type()).then_some(value)
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
    let found: Vec<Option<Value>> = tags.iter().map(|asked| find(asked.id())).collect();
    let mut result = S_OK;
    let mut properties = Vec::with_capacity(tags.len());
    for (asked, found) in tags.iter().zip(&found) {
        let value = found
            .as_ref()
            .and_then(|value| value.as_type(asked.prop_type()));
        let value = value.unwrap_or_else(|| {
            result = MAPI_W_ERRORS_RETURNED;
            PropValue::Error(MAPI_E_NOT_FOUND)
        });
        properties.push(Property::with_id(asked.id(), value));
    }
    let values = allocators.properties(&properties)?;
    Ok((result, values.into_raw()))
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
    // SAFETY: the caller's word.
    let tags = unsafe { view::read_optional::<PropTags>(array, &Limits::default()) };
    let tags = tags.map_err(|_| MAPI_E_INVALID_PARAMETER)?;
    Ok(tags.map(|tags| tags.to_vec()))
}

/// The value in a property; none for an error, and for types that we have no use for.
///
/// # Safety
///
/// The value is what the tag's type says.
pub(crate) unsafe fn value_of(property: &SPropValue) -> Option<Value> {
    // SAFETY: the caller's word.
    let property: Property = unsafe { view::read(property, &Limits::default()) }.ok()?;
    match property.value {
        PropValue::Long(number) => Some(Value::Long(number)),
        PropValue::Boolean(yes) => Some(Value::Boolean(yes)),
        PropValue::Binary(bytes) => Some(Value::Binary(bytes.into_owned())),
        value => Some(Value::Text(Secret::new(value.to_text()?))),
    }
}
