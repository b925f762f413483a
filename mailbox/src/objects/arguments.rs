//! Where raw pointers end: what callers give, as values.

use mapi_provider_abi::mapi::{
    ENTRYID, GUID, HRESULT, MAPI_E_INTERFACE_NOT_SUPPORTED, MAPI_E_INVALID_PARAMETER,
    MAPI_E_TOO_BIG, PT_STRING8, PT_UNICODE, PropTag, SPropTagArray, SPropValue, SPropValueUnion,
    TCHAR,
};
use mapi_provider_abi::view::{self, EntryId, Limits, PropTags, PropValue, Property};

use super::fault::{Fault, Result};

/// The most properties of a call.
const MOST: u32 = 1 << 16;

/// How much of a caller's memory is believed in.
pub(super) fn limits() -> Limits {
    Limits::default().with_elements(MOST)
}

/// A string of the width that a flag tells, as text; none at NULL.
///
/// # Safety
///
/// That of [`text_value`].
pub(super) unsafe fn text(text: *const TCHAR, is_unicode: bool) -> Result<Option<String>> {
    // SAFETY: the caller's word.
    let value = unsafe { text_value(text, is_unicode) }?;
    Ok(value.and_then(|value| value.to_text()))
}

/// A string of the width that a flag tells, as it is; none at NULL.
///
/// # Safety
///
/// NULL, or a string of that width with its NUL.
pub(super) unsafe fn text_value(
    text: *const TCHAR,
    is_unicode: bool,
) -> Result<Option<PropValue<'static>>> {
    if text.is_null() {
        return Ok(None);
    }
    let (prop_type, value) = if is_unicode {
        let wide = text.cast::<u16>().cast_mut();
        (PT_UNICODE, SPropValueUnion { lpszW: wide })
    } else {
        let narrow = text.cast_mut();
        (PT_STRING8, SPropValueUnion { lpszA: narrow })
    };
    let property = SPropValue {
        ulPropTag: PropTag::new(1, prop_type),
        dwAlignPad: 0,
        Value: value,
    };
    let limits = Limits::default().with_bytes(1 << 20);
    // SAFETY: a property of ours, with the caller's string in it.
    let property: Property = unsafe { view::read(&raw const property, &limits) }?;
    Ok(Some(property.value.into_owned()))
}

/// The bytes of an entry ID; none where there are no bytes.
///
/// # Safety
///
/// NULL, or as many bytes as the count says.
pub(super) unsafe fn entry_id(count: u32, entry_id: *const ENTRYID) -> Result<Option<Vec<u8>>> {
    let limits = Limits::default().with_bytes(1 << 16);
    // SAFETY: the caller's word.
    let id = unsafe { EntryId::read(count, entry_id, &limits) }?;
    let bytes = id.as_bytes();
    Ok((!bytes.is_empty()).then(|| bytes.to_vec()))
}

/// Tags; none at NULL.
///
/// # Safety
///
/// NULL, or an array with as many tags as it says.
pub(super) unsafe fn tags(tags: *const SPropTagArray) -> Result<Option<Vec<PropTag>>> {
    // SAFETY: the caller's word.
    let tags = unsafe { view::read_optional::<PropTags>(tags, &limits()) }?;
    Ok(tags.map(|tags| tags.to_vec()))
}

/// Tags of which there must be some: those that `DeleteProps` is given.
///
/// # Errors
///
/// There are none: `MAPI_E_INVALID_PARAMETER`.
///
/// # Safety
///
/// That of [`tags`].
pub(super) unsafe fn some_tags(raw: *const SPropTagArray) -> Result<Vec<PropTag>> {
    // SAFETY: the caller's word.
    let tags = unsafe { tags(raw) }?;
    let none = || Fault::new(MAPI_E_INVALID_PARAMETER, "there are no tags");
    tags.filter(|tags| !tags.is_empty()).ok_or_else(none)
}

/// A property of a call, or what is wrong with it.
pub(super) struct Given {
    pub(super) tag: PropTag,
    pub(super) value: Result<PropValue<'static>, HRESULT>,
}

/// Properties, each by itself: the others don't suffer for one that is malformed.
///
/// # Safety
///
/// NULL, or as many properties as the count says, whose values are what their tags say.
pub(super) unsafe fn properties(count: u32, first: *const SPropValue) -> Result<Vec<Given>> {
    if count > MOST {
        return Err(MAPI_E_TOO_BIG.into());
    }
    if first.is_null() && count > 0 {
        return Err(MAPI_E_INVALID_PARAMETER.into());
    }
    let limits = limits();
    let one = |index| {
        // SAFETY: the caller's word. A structure of a 32-bit caller need not be aligned.
        let (tag, property) = unsafe {
            let raw = first.add(index);
            let tag = (&raw const (*raw).ulPropTag).read_unaligned();
            (tag, view::read::<Property>(raw, &limits))
        };
        let value = property.map(|property| property.value.into_owned());
        Given {
            tag,
            value: value.map_err(|error| error.status()),
        }
    };
    Ok((0..count as usize).map(one).collect())
}

/// Refuses an interface that an object does not have; NULL stands for its usual one.
///
/// # Safety
///
/// NULL, or a GUID.
pub(super) unsafe fn check_interface(asked: *const GUID, has: &[GUID]) -> Result<()> {
    // SAFETY: the caller's word.
    let asked = unsafe { asked.as_ref() };
    match asked {
        Some(asked) if !has.contains(asked) => Err(Fault::new(
            MAPI_E_INTERFACE_NOT_SUPPORTED,
            format!("there is no interface {asked:?}"),
        )),
        _ => Ok(()),
    }
}
