//! The answers of methods that all objects with properties share.

use mapi_provider::abi::{
    HRESULT, MAPI_E_INVALID_PARAMETER, MAPI_E_NOT_ENOUGH_MEMORY, MAPI_E_NOT_FOUND,
    MAPI_E_UNEXPECTED_TYPE, MAPI_W_ERRORS_RETURNED, PT_ERROR, PropTag, S_OK, SPropProblemArray,
    SPropTagArray, SPropValue, UnicodeFlags,
};
use mapi_provider::view::{Allocators, PropProblem, PropProblems, PropTags, PropValue, Property};

use crate::arguments;
use crate::computed::Properties;
use crate::db::{asked_type, converted, size};
use crate::fault::Result;

/// The largest string or binary value that `GetProps` and tables give; larger ones are read through streams.
const LARGEST: usize = 8 << 10;

/// The property with a tag, as a caller gets it: with the requested type, or with the reason why not.
pub(crate) fn property<'a>(
    value: Option<PropValue<'a>>,
    asked: PropTag,
    unicode: bool,
) -> Property<'a> {
    let error = |status| Property::new(asked.with_type(PT_ERROR), PropValue::Error(status));
    let Some(value) = value else {
        return error(MAPI_E_NOT_FOUND);
    };
    let is_of_bytes = matches!(
        value,
        PropValue::Unicode(_) | PropValue::String8(_) | PropValue::Binary(_)
    );
    if is_of_bytes && size(&value) > LARGEST {
        return error(MAPI_E_NOT_ENOUGH_MEMORY);
    }
    let wanted = asked_type(value.prop_type(), asked.prop_type(), unicode);
    match converted(value, wanted) {
        Some(value) => Property::with_id(asked.id(), value),
        None => error(MAPI_E_UNEXPECTED_TYPE),
    }
}

fn is_error(property: &Property<'_>) -> bool {
    matches!(property.value, PropValue::Error(_))
}

/// `IMAPIProp::GetProps`.
///
/// # Safety
///
/// `tags` is NULL or an array; the others are valid for a write.
pub(crate) unsafe fn get_props(
    object: &dyn Properties,
    allocators: Allocators,
    tags: *const SPropTagArray,
    flags: UnicodeFlags,
    count: *mut u32,
    out: *mut *mut SPropValue,
) -> Result<HRESULT> {
    let unicode = flags.contains(UnicodeFlags::MAPI_UNICODE);
    // SAFETY: the caller's word.
    let asked = unsafe { arguments::tags(tags) }?;
    let asked = match asked {
        Some(tags) if tags.is_empty() => return Err(MAPI_E_INVALID_PARAMETER.into()),
        Some(tags) => tags,
        None => listed(object, unicode),
    };
    let properties: Vec<Property<'_>> = asked
        .iter()
        .map(|tag| property(object.value(tag.id()), *tag, unicode))
        .collect();
    let buffer = allocators.build(&properties[..])?;
    // SAFETY: the caller's word.
    unsafe {
        *count = buffer.count();
        *out = buffer.into_raw();
    }
    if properties.iter().any(is_error) {
        Ok(MAPI_W_ERRORS_RETURNED)
    } else {
        Ok(S_OK)
    }
}

/// All tags of an object, strings of the width that the flags ask for.
fn listed(object: &dyn Properties, unicode: bool) -> Vec<PropTag> {
    let tags = object.tags().into_iter();
    tags.map(|tag| if unicode { tag } else { tag.ansi() })
        .collect()
}

/// `IMAPIProp::GetPropList`.
///
/// # Safety
///
/// `out` is valid for a write.
pub(crate) unsafe fn get_prop_list(
    object: &dyn Properties,
    allocators: Allocators,
    flags: UnicodeFlags,
    out: *mut *mut SPropTagArray,
) -> Result<HRESULT> {
    let tags = listed(object, flags.contains(UnicodeFlags::MAPI_UNICODE));
    let tags = allocators.build(&PropTags::from(tags))?;
    // SAFETY: the caller's word.
    unsafe { *out = tags.into_raw() };
    Ok(S_OK)
}

/// Problems with single properties of a call.
#[derive(Default)]
pub(crate) struct Problems(Vec<PropProblem>);

impl Problems {
    pub(crate) fn add(&mut self, index: usize, tag: PropTag, status: HRESULT) {
        self.0.push(PropProblem {
            index: u32::try_from(index).unwrap_or(u32::MAX),
            tag,
            status,
        });
    }

    /// What went wrong first.
    pub(crate) fn first(&self) -> Option<HRESULT> {
        self.0.first().map(|problem| problem.status)
    }

    /// Gives the problems to the caller, if there are any and the caller wants them.
    ///
    /// # Safety
    ///
    /// `out` is NULL or valid for a write.
    pub(crate) unsafe fn give(
        self,
        allocators: Allocators,
        out: *mut *mut SPropProblemArray,
    ) -> Result<HRESULT> {
        if !self.0.is_empty() && !out.is_null() {
            let problems = allocators.build(&PropProblems(self.0))?;
            // SAFETY: not NULL.
            unsafe { *out = problems.into_raw() };
        }
        Ok(S_OK)
    }
}
