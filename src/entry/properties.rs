//! Properties: our values as MAPI's, and MAPI's as ours.

use std::borrow::Cow;

use windows_core::HRESULT;

use super::text::{to_units, without_nul};
use crate::settings::Secret;
use mapi_provider_abi::internal::wipe;
use mapi_provider_abi::mapi::{
    MAPI_E_NOT_FOUND, MAPI_W_ERRORS_RETURNED, PT_BINARY, PT_BOOLEAN, PT_LONG, PT_STRING8,
    PT_UNICODE, PT_UNSPECIFIED, PropTag, S_OK, SPropValue,
};
use mapi_provider_abi::view::{Allocators, PropValue, Property};

/// A value that is kept. A [`PropValue`] would not do: it can be any of MAPI's, borrows, is not wiped and
/// prints itself.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// Perhaps a secret, so it is wiped (ENTRY-11).
    Text(Secret),
    Long(i32),
    Boolean(bool),
    /// Perhaps a secret too, because a profile may have bytes where a text should be. The value wipes them when it
    /// goes.
    Binary(Vec<u8>),
}

impl Drop for Value {
    fn drop(&mut self) {
        // ENTRY-11
        if let Self::Binary(bytes) = self {
            wipe(bytes);
        }
    }
}

impl Value {
    /// The value in a view; `None` for an error, and for types that we have no use for.
    pub(crate) fn new(value: &PropValue<'_>) -> Option<Self> {
        Some(match value {
            PropValue::Long(number) => Self::Long(*number),
            PropValue::Boolean(yes) => Self::Boolean(*yes),
            PropValue::Binary(bytes) => Self::Binary(bytes.to_vec()),
            PropValue::Unicode(units) => Self::Text(Secret::of_utf16(units)),
            PropValue::String8(bytes) => Self::Text(Secret::of_ansi(bytes)),
            _ => return None,
        })
    }

    /// The type of the property that has it.
    pub(super) fn prop_type(&self) -> u32 {
        match self {
            Self::Text(_) => PT_UNICODE,
            Self::Long(_) => PT_LONG,
            Self::Boolean(_) => PT_BOOLEAN,
            Self::Binary(_) => PT_BINARY,
        }
    }

    /// The value as the requested type: text comes in two widths, and without a request it is returned as it is.
    /// `None` if it has another type.
    fn as_type(&self, asked: u32) -> Option<PropValue<'_>> {
        let value = match self {
            Self::Text(text) if asked == PT_STRING8 => PropValue::ansi(&without_nul(text.expose())),
            Self::Text(text) => PropValue::Unicode(Cow::Owned(to_units(text.expose()))),
            Self::Long(number) => PropValue::Long(*number),
            Self::Boolean(yes) => PropValue::Boolean(*yes),
            Self::Binary(bytes) => bytes.as_slice().into(),
        };
        (asked == PT_UNSPECIFIED || asked == value.prop_type()).then_some(value)
    }
}

/// GetProps: the requested properties, in one allocation root. A missing one becomes a `PT_ERROR`, and then the
/// answer is `MAPI_W_ERRORS_RETURNED`.
///
/// # Errors
///
/// There is no memory left.
pub(crate) fn get_props(
    allocators: Allocators,
    tags: &[PropTag],
    find: impl Fn(PropTag) -> Option<Value>,
) -> Result<(HRESULT, *mut SPropValue), HRESULT> {
    let found: Vec<Option<Value>> = tags.iter().map(|asked| find(*asked)).collect();
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
    let values = allocators.properties(&properties);
    // ENTRY-11: one of them may be a secret.
    properties.into_iter().for_each(wipe_copy);
    Ok((result, values?.into_raw()))
}

/// Overwrites the copy of a value that was made to hand it over.
fn wipe_copy(property: Property<'_>) {
    match property.value {
        PropValue::Unicode(Cow::Owned(mut units)) => wipe(&mut units),
        PropValue::String8(Cow::Owned(mut bytes)) => wipe(&mut bytes),
        _ => {}
    }
}
