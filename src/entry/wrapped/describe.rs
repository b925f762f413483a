//! What the inner provider says of its own failures.

use windows_core::HRESULT;

use crate::error::LogonError;
use crate::status::Status;
use mapi_provider_abi::mapi::{MAPIERROR, UnicodeFlags};
use mapi_provider_abi::view::{Allocators, DescribedError, Limits};

/// The text of a MAPIERROR that the inner provider has left, which is freed.
///
/// # Safety
///
/// `error` is NULL or a root that is ours to free, with strings of the width that `flags` say.
pub(super) unsafe fn take_text(
    allocators: Allocators,
    error: *mut MAPIERROR,
    flags: UnicodeFlags,
) -> Option<String> {
    // SAFETY: the caller's word.
    let error = unsafe { allocators.adopt(error, 1) }?;
    // SAFETY: as above.
    let described = unsafe { DescribedError::read(error.as_ptr(), flags, &Limits::default()) };
    let text = described.ok()?.error?.to_string_lossy();
    (!text.is_empty()).then_some(text)
}

/// The failure of an inner call, with what the inner provider said of it.
pub(super) fn inner_failure(what: &str, code: HRESULT, said: Option<String>) -> LogonError {
    let text = match said {
        Some(said) => format!("{what}: {said}"),
        None => format!("{what}: {}", Status(code)),
    };
    LogonError::with_code(code, text)
}
