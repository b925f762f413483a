//! Text for MAPI.

use std::borrow::Cow;

/// NUL-terminated UTF-16. A NUL in the text would cut it short, so it becomes U+FFFD.
pub(crate) fn to_utf16(text: &str) -> Vec<u16> {
    without_nul(text).encode_utf16().chain([0]).collect()
}

/// A text whose reader does not take it to end before it does: each NUL in it becomes U+FFFD.
pub(crate) fn without_nul(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        Cow::Owned(text.replace('\0', "\u{FFFD}"))
    } else {
        Cow::Borrowed(text)
    }
}
