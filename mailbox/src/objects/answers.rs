//! What methods that all objects with properties have answer.

use mapi_provider_abi::mapi::{
    HRESULT, MAPI_E_INVALID_PARAMETER, MAPI_E_NOT_ENOUGH_MEMORY, MAPI_E_NOT_FOUND,
    MAPI_E_UNEXPECTED_TYPE, MAPI_W_ERRORS_RETURNED, MV_FLAG, PT_ERROR, PT_STRING8, PropTag, S_OK,
    SPropProblem, SPropProblemArray, SPropTagArray, SPropValue, UnicodeFlags,
};
use mapi_provider_abi::view::{
    Allocators, PropProblem, PropProblems, PropTags, PropValue, Property,
};

use super::arguments;
use super::computed::{Properties, Shown};
use super::conversion::{asked_type, converted, is_convertible};
use super::fault::Result;
use crate::database::LARGEST;

/// The property under a tag as it is given to a caller: of the type asked for, or with the reason why not.
pub(super) fn property<'a>(
    value: Option<Shown<'a>>,
    asked: PropTag,
    unicode: bool,
) -> Property<'a> {
    let error = |status| Property::new(asked.with_type(PT_ERROR), PropValue::Error(status));
    let Some(shown) = value else {
        return error(MAPI_E_NOT_FOUND);
    };
    let wanted = asked_type(shown.prop_type(), asked.prop_type(), unicode);
    if !is_convertible(shown.prop_type(), wanted) && !is_list_of_strings(&shown, wanted) {
        return error(MAPI_E_UNEXPECTED_TYPE);
    }
    match shown {
        // STORE-12: a large one is read as a stream.
        Shown::Large(_) => error(MAPI_E_NOT_ENOUGH_MEMORY),
        Shown::Value(value) if is_large(&value) => error(MAPI_E_NOT_ENOUGH_MEMORY),
        Shown::Value(value) => match converted(value, wanted) {
            Some(value) => Property::with_id(asked.id(), value),
            None => error(MAPI_E_UNEXPECTED_TYPE),
        },
    }
}

fn is_list_of_strings(shown: &Shown<'_>, wanted: u32) -> bool {
    matches!(shown, Shown::Value(PropValue::MvUnicode(_))) && wanted == PT_STRING8 | MV_FLAG
}

/// What is not saved yet may be as large as what lies apart.
fn is_large(value: &PropValue<'_>) -> bool {
    let size = match value {
        PropValue::Unicode(text) => size_of_val(&**text),
        PropValue::String8(bytes) | PropValue::Binary(bytes) => bytes.len(),
        _ => 0,
    };
    size > LARGEST
}

fn is_error(property: &Property<'_>) -> bool {
    matches!(property.value, PropValue::Error(_))
}

/// `IMAPIProp::GetProps`.
///
/// # Safety
///
/// `tags` is NULL or an array; the others are valid for a write.
pub(super) unsafe fn get_props(
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
pub(super) unsafe fn get_prop_list(
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

/// What went wrong with single properties of a call.
#[derive(Default)]
pub(super) struct Problems(Vec<PropProblem>);

impl Problems {
    pub(super) fn add(&mut self, index: usize, tag: PropTag, status: HRESULT) {
        self.0.push(PropProblem {
            index: u32::try_from(index).unwrap_or(u32::MAX),
            tag,
            status,
        });
    }

    /// What went wrong first.
    #[cfg(test)]
    pub(super) fn first(&self) -> Option<HRESULT> {
        self.0.first().map(|problem| problem.status)
    }
}

/// Does something to properties, and tells the caller the problems, `most` of them, if there are any and the caller wants
/// them.
///
/// There is room for them before anything is done: what is done is never told as a failure for want of memory.
///
/// # Errors
///
/// There is no memory, and nothing was done; those of `work`.
///
/// # Safety
///
/// `out` is NULL or valid for a write.
pub(super) unsafe fn with_problems(
    allocators: Allocators,
    out: *mut *mut SPropProblemArray,
    most: usize,
    work: impl FnOnce() -> Result<Problems>,
) -> Result<HRESULT> {
    if out.is_null() {
        return work().map(|_| S_OK);
    }
    let empty = PropProblem {
        index: 0,
        tag: PropTag(0),
        status: S_OK,
    };
    let room = allocators.build(&PropProblems(vec![empty; most]))?;
    let problems = work()?.0;
    if problems.is_empty() {
        return Ok(S_OK);
    }
    let array = room.into_raw();
    // SAFETY: the array has room for `most` problems, and is ours until it is given; `out` is the caller's word.
    unsafe {
        let first = (&raw mut (*array).aProblem).cast::<SPropProblem>();
        let count = problems.len().min(most);
        for (place, problem) in problems.iter().take(count).enumerate() {
            first.add(place).write(SPropProblem {
                ulIndex: problem.index,
                ulPropTag: problem.tag,
                scode: problem.status.0,
            });
        }
        // No more than the array was built with.
        (*array).cProblem = count as u32;
        *out = array;
    }
    Ok(S_OK)
}
