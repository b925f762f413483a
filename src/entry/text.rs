//! Text in MAPI's two widths: UTF-16 where `MAPI_UNICODE` is set, else the ANSI code page.

use windows_core::HRESULT;

use super::allocators::Root;
use crate::abi::{TCHAR, UnicodeFlags};
use crate::platform::{ansi_to_string, string_to_ansi};

/// The most characters that are looked at for a string's end.
const MAX_TEXT: usize = 1 << 20;

/// Whether a call's flags ask for UTF-16.
pub(crate) fn is_unicode(flags: UnicodeFlags) -> bool {
    flags.contains(UnicodeFlags::MAPI_UNICODE)
}

/// NUL-terminated UTF-16. A NUL in the text would cut it short, so it becomes U+FFFD.
pub(crate) fn to_utf16(text: &str) -> Vec<u16> {
    let units = text
        .encode_utf16()
        .map(|unit| if unit == 0 { 0xFFFD } else { unit });
    units.chain([0]).collect()
}

/// NUL-terminated text in the ANSI code page.
pub(crate) fn to_ansi(text: &str) -> Vec<u8> {
    let mut bytes = string_to_ansi(text);
    bytes.retain(|byte| *byte != 0);
    bytes.push(0);
    bytes
}

/// A copy of a text with a root's memory, in the width that a call's flags ask for.
pub(crate) fn copy_tstring(
    root: &Root,
    text: &str,
    flags: UnicodeFlags,
) -> Result<*mut TCHAR, HRESULT> {
    if is_unicode(flags) {
        Ok(root.copy(&to_utf16(text))?.cast())
    } else {
        root.copy(&to_ansi(text))
    }
}

/// The text at a pointer to NUL-terminated UTF-16; none for NULL, or where no end is in sight.
///
/// # Safety
///
/// `text` is NULL or NUL-terminated.
pub(crate) unsafe fn from_utf16(text: *const u16) -> Option<String> {
    // SAFETY: the caller's word.
    let units = unsafe { until_nul(text) }?;
    Some(String::from_utf16_lossy(units))
}

/// The text at a pointer to NUL-terminated text in the ANSI code page.
///
/// # Safety
///
/// `text` is NULL or NUL-terminated.
pub(crate) unsafe fn from_ansi(text: *const u8) -> Option<String> {
    // SAFETY: the caller's word.
    let bytes = unsafe { until_nul(text) }?;
    Some(ansi_to_string(bytes))
}

/// What lies before the terminator.
///
/// # Safety
///
/// `text` is NULL or terminated by a zero; the slice is used before the caller's memory goes.
unsafe fn until_nul<'a, T: Copy + Default + PartialEq>(text: *const T) -> Option<&'a [T]> {
    if text.is_null() {
        return None;
    }
    // SAFETY: nothing beyond the terminator is read.
    let length = (0..MAX_TEXT).find(|index| unsafe { *text.add(*index) } == T::default())?;
    // SAFETY: all of these have just been read.
    Some(unsafe { std::slice::from_raw_parts(text, length) })
}
