//! Text for MAPI. Views refuse to build a string with a NUL inside, but the texts here have to go
//! through: names, messages and settings of the team's.

use std::borrow::Cow;

/// NUL-terminated UTF-16. A NUL in the text would cut it short, so it becomes U+FFFD.
pub(crate) fn to_utf16(text: &str) -> Vec<u16> {
    // There is room for it.
    let mut units = to_units(text);
    units.push(0);
    units
}

/// The same without the terminator.
pub(crate) fn to_units(text: &str) -> Vec<u16> {
    // Room for all of it: growing would leave copies behind of what may be a secret (ENTRY-11), and so would a text
    // without NULs.
    let mut units = Vec::with_capacity(text.len() + 1);
    let without_nul = |unit| if unit == 0 { 0xFFFD } else { unit };
    units.extend(text.encode_utf16().map(without_nul));
    units
}

/// A text whose reader does not take it to end before it does: each NUL in it becomes U+FFFD.
pub(crate) fn without_nul(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        Cow::Owned(text.replace('\0', "\u{FFFD}"))
    } else {
        Cow::Borrowed(text)
    }
}
