//! What an object in the spooler's hands answers of its properties.

use mapi_provider::abi::{
    MAPI_E_NOT_FOUND, MAPI_W_ERRORS_RETURNED, PropTag, S_OK, SPropTagArray, SPropValue,
};
use windows_core::HRESULT;

use crate::objects::Shared;
use crate::objects::tags::allocate_tags;
use crate::property::{Property, Value, allocate_properties};

/// `GetProps`: an error stands where there is no value.
///
/// # Safety
///
/// Both places are the caller's to be written to.
pub(super) unsafe fn get(
    shared: &Shared,
    object: &'static str,
    properties: &[Property],
    tags: &[PropTag],
    count: *mut u32,
    out: *mut *mut SPropValue,
) -> HRESULT {
    let mut answer = S_OK;
    let value = |tag: &PropTag| {
        let found = properties.iter().find(|one| one.id == tag.id());
        let value = found
            .ok_or(MAPI_E_NOT_FOUND)
            .and_then(|one| match one.value {
                Value::Error(status) => Err(status),
                _ => one.value.to_kind(tag.prop_type()),
            });
        let value = value.unwrap_or_else(|status| {
            answer = MAPI_W_ERRORS_RETURNED;
            Value::Error(status)
        });
        let id = tag.id();
        Property { id, value }
    };
    let values: Vec<Property> = tags.iter().map(value).collect();
    match allocate_properties(shared.allocators.ledger(), object, &values) {
        Ok(array) => {
            // SAFETY: the caller's word.
            unsafe {
                *count = values.len() as u32;
                *out = array.as_ptr();
            }
            answer
        }
        Err(status) => status,
    }
}

/// `GetPropList`
///
/// # Safety
///
/// The place is the caller's to be written to.
pub(super) unsafe fn list(
    shared: &Shared,
    object: &'static str,
    properties: &[Property],
    out: *mut *mut SPropTagArray,
) -> HRESULT {
    let tags: Vec<PropTag> = properties.iter().map(Property::tag).collect();
    match allocate_tags(shared.allocators.ledger(), object, &tags) {
        Ok(array) => {
            // SAFETY: the caller's word.
            unsafe { *out = array.as_ptr() };
            S_OK
        }
        Err(status) => status,
    }
}
