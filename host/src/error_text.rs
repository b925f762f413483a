//! What a `MAPIERROR` says.

use mapi_provider::abi::MAPIERROR;

use crate::objects::Shared;
use crate::property::{bytes_until_nul, wide_text};

/// Reads a `MAPIERROR` and frees it; `None` for NULL or without a text.
///
/// # Safety
///
/// The pointer is NULL or to an error in MAPI's memory that the caller has to free, with strings of the
/// width that `unicode` says.
pub(crate) unsafe fn take_error(
    shared: &Shared,
    error: *mut MAPIERROR,
    unicode: bool,
) -> Option<String> {
    // SAFETY: the caller's word.
    let found = unsafe { error.as_ref() }?;
    let text = if unicode {
        // SAFETY: the caller's word.
        unsafe { wide_text(found.lpszError.cast()) }
    } else {
        // SAFETY: the caller's word.
        unsafe { bytes_until_nul(found.lpszError) }
            .map(|text| text.into_iter().map(char::from).collect())
    };
    // SAFETY: nobody looks at it any more.
    unsafe { shared.allocators.free(error.cast()) };
    text.filter(|text| !text.is_empty())
}
