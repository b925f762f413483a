//! Strings of both widths.

use std::borrow::Cow;
use std::fmt;

use super::error::BuildError;
use super::memory::Root;
use super::scalar::Plain;
use crate::mapi::{TCHAR, UnicodeFlags};
use crate::platform::{ansi_to_string, string_to_ansi};

/// A string as MAPI has it, without its terminator: bytes in the ANSI code page, or UTF-16.
///
/// UTF-16 may be ill-formed; it is kept as it is. `MAPI_UNICODE` in a call's flags says which of the two
/// a caller wants.
///
/// ```
/// use mapi_provider::abi::UnicodeFlags;
/// use mapi_provider::view::MapiStr;
///
/// let name = MapiStr::with_flags("Entwürfe", UnicodeFlags::MAPI_UNICODE);
/// assert_eq!(name, MapiStr::wide("Entwürfe"));
/// assert_eq!(name.to_string_lossy(), "Entwürfe");
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum MapiStr<'a> {
    /// In the ANSI code page.
    Ansi(Cow<'a, [u8]>),
    /// UTF-16.
    Wide(Cow<'a, [u16]>),
}

impl MapiStr<'_> {
    /// A string in UTF-16.
    pub fn wide(text: &str) -> MapiStr<'static> {
        MapiStr::Wide(utf16(text))
    }

    /// A string in the ANSI code page; characters that it doesn't have are replaced.
    pub fn ansi(text: &str) -> MapiStr<'static> {
        MapiStr::Ansi(ansi(text))
    }

    /// A string with the width that a call's flags ask for.
    pub fn with_flags(text: &str, flags: UnicodeFlags) -> MapiStr<'static> {
        if flags.contains(UnicodeFlags::MAPI_UNICODE) {
            Self::wide(text)
        } else {
            Self::ansi(text)
        }
    }

    /// The string as a Rust string; what isn't a character becomes U+FFFD.
    pub fn to_string_lossy(&self) -> String {
        match self {
            Self::Ansi(bytes) => ansi_to_string(bytes),
            Self::Wide(units) => String::from_utf16_lossy(units),
        }
    }

    /// Whether it is UTF-16.
    pub fn is_wide(&self) -> bool {
        matches!(self, Self::Wide(_))
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Ansi(bytes) => bytes.is_empty(),
            Self::Wide(units) => units.is_empty(),
        }
    }

    /// The string without a borrow.
    pub fn into_owned(self) -> MapiStr<'static> {
        match self {
            Self::Ansi(bytes) => MapiStr::Ansi(owned(bytes)),
            Self::Wide(units) => MapiStr::Wide(owned(units)),
        }
    }

    /// A copy in a root's memory.
    pub(super) fn build(&self, root: &Root, what: &'static str) -> Result<*mut TCHAR, BuildError> {
        match self {
            Self::Ansi(bytes) => terminated(root, what, bytes),
            Self::Wide(units) => Ok(terminated(root, what, units)?.cast()),
        }
    }
}

impl fmt::Debug for MapiStr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = if self.is_wide() { "Wide" } else { "Ansi" };
        write!(f, "{width}({:?})", self.to_string_lossy())
    }
}

/// UTF-16.
impl From<&str> for MapiStr<'static> {
    fn from(text: &str) -> Self {
        MapiStr::wide(text)
    }
}

/// UTF-16. Most text is ASCII for long stretches, of which many bytes are looked at at once.
pub(super) fn utf16(text: &str) -> Cow<'static, [u16]> {
    if text.is_ascii() {
        return Cow::Owned(text.bytes().map(u16::from).collect());
    }
    let mut units = Vec::with_capacity(text.len());
    let mut rest = text;
    loop {
        while let Some(some) = rest.as_bytes().first_chunk::<16>()
            && some.is_ascii()
        {
            units.extend_from_slice(&some.map(u16::from));
            rest = &rest[some.len()..];
        }
        let mut letters = rest.chars();
        let Some(one) = letters.next() else {
            break;
        };
        units.extend_from_slice(one.encode_utf16(&mut [0; 2]));
        rest = letters.as_str();
    }
    if units.len() < text.len() {
        units.shrink_to_fit();
    }
    Cow::Owned(units)
}

pub(super) fn ansi(text: &str) -> Cow<'static, [u8]> {
    Cow::Owned(string_to_ansi(text))
}

/// The same, without the borrow.
pub(super) fn owned<T: Clone>(values: Cow<'_, [T]>) -> Cow<'static, [T]> {
    Cow::Owned(values.into_owned())
}

/// A terminated copy in a root's memory.
pub(super) fn terminated<T: Plain + Default + PartialEq>(
    root: &Root,
    what: &'static str,
    text: &[T],
) -> Result<*mut T, BuildError> {
    let end = T::default();
    if text.contains(&end) {
        return Err(BuildError::InteriorNul { what });
    }
    let room = root.room(text.len() + 1)?;
    room.copy_from(text);
    room.set(text.len(), end);
    Ok(room.as_ptr())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_choose_the_width() {
        assert!(!MapiStr::with_flags("x", UnicodeFlags::empty()).is_wide());
        assert!(MapiStr::with_flags("x", UnicodeFlags::MAPI_UNICODE).is_wide());
        assert!(MapiStr::ansi("").is_empty());
    }

    #[test]
    fn utf_16_is_the_same_whatever_stands_side_by_side() {
        for part in ["", "a", "ä", "😀", "日本語"] {
            for length in 0..40 {
                let text = format!("{part}{}{part}", "x".repeat(length));
                let plain: Vec<u16> = text.encode_utf16().collect();
                assert_eq!(*utf16(&text), *plain, "{text}");
            }
        }
    }

    #[test]
    fn half_a_pair_is_kept() {
        let text = MapiStr::Wide(vec![0xD800, 0x41].into());
        assert_eq!(text.to_string_lossy(), "\u{FFFD}A");
        assert_eq!(text.clone().into_owned(), text);
        assert_eq!(format!("{text:?}"), "Wide(\"\u{FFFD}A\")");
    }
}
