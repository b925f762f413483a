//! Tag arrays and property problems: MAPI's arrays that begin with their count.

use std::ptr::NonNull;
use std::slice;

use mapi_provider::abi::{PropTag, SPropProblem, SPropProblemArray, SPropTagArray};
use windows_core::HRESULT;

use crate::memory::Ledger;

/// The tags of an array; none for NULL.
///
/// # Safety
///
/// The pointer is NULL or to an array with as many tags as it says.
pub(crate) unsafe fn read_tags(array: *const SPropTagArray) -> Option<Vec<PropTag>> {
    if array.is_null() {
        return None;
    }
    // SAFETY: the caller's word; the tags follow the count.
    let tags = unsafe {
        slice::from_raw_parts(
            (&raw const (*array).aulPropTag).cast::<PropTag>(),
            (*array).cValues as usize,
        )
    };
    Some(tags.to_vec())
}

/// An array of tags in MAPI's memory.
pub(crate) fn allocate_tags(
    ledger: &Ledger,
    origin: &'static str,
    tags: &[PropTag],
) -> Result<NonNull<SPropTagArray>, HRESULT> {
    let array = ledger.host_buffer(
        size_of::<SPropTagArray>().max(4 + size_of_val(tags)),
        origin,
    )?;
    let words = array.cast::<u32>();
    // SAFETY: the buffer has room for the count and the tags.
    unsafe {
        words.write(tags.len() as u32);
        words
            .add(1)
            .copy_from_nonoverlapping(NonNull::from(tags).cast(), tags.len());
    }
    Ok(array.cast())
}

/// An array of problems in MAPI's memory.
pub(crate) fn allocate_problems(
    ledger: &Ledger,
    origin: &'static str,
    problems: &[SPropProblem],
) -> Result<NonNull<SPropProblemArray>, HRESULT> {
    let array = ledger.host_buffer(
        size_of::<SPropProblemArray>().max(4 + size_of_val(problems)),
        origin,
    )?;
    // SAFETY: the buffer has room for the count and the problems.
    unsafe {
        array.cast::<u32>().write(problems.len() as u32);
        array
            .add(4)
            .cast::<SPropProblem>()
            .copy_from_nonoverlapping(NonNull::from(problems).cast(), problems.len());
    }
    Ok(array.cast())
}
