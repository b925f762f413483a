//! What the inner provider says of its own failures.

use windows_core::HRESULT;

use crate::error::LogonError;
use crate::status::Status;

/// The failure of an inner call, with what the inner provider said of it.
pub(super) fn inner_failure(what: &str, code: HRESULT, said: Option<String>) -> LogonError {
    let text = match said {
        Some(said) => format!("{what}: {said}"),
        None => format!("{what}: {}", Status(code)),
    };
    LogonError::new(code, text)
}
