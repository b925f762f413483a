//! Names as `IProfAdmin` and `IMsgServiceAdmin` take them: `LPTSTR`, whose width a flag of the call says.

use mapi_provider_abi::internal::{ansi_to_string, string_to_ansi};

use super::super::text::to_utf16;
use mapi_provider_abi::mapi::TCHAR;

/// The longest name of a profile, in characters.
const LONGEST: usize = 64;

/// A name with its NUL. Outlook knows names in the ANSI code page best: only one that has no form there is UTF-16.
pub(super) enum Name {
    Ansi(Vec<u8>),
    Wide(Vec<u16>),
}

impl Name {
    pub(super) fn new(text: &str) -> Self {
        let mut ansi = string_to_ansi(text);
        if ansi.contains(&0) || ansi_to_string(&ansi) != text {
            return Self::Wide(to_utf16(text));
        }
        ansi.push(0);
        Self::Ansi(ansi)
    }

    /// A name that has to be as wide as another one.
    pub(super) fn wide(text: &str) -> Self {
        Self::Wide(to_utf16(text))
    }

    /// Whether the call has to say `MAPI_UNICODE`.
    pub(super) fn is_wide(&self) -> bool {
        matches!(self, Self::Wide(_))
    }

    /// The text as MAPI takes it, there for as long as this. MAPI does not write to it.
    pub(super) fn as_ptr(&self) -> *mut TCHAR {
        match self {
            Self::Ansi(bytes) => bytes.as_ptr().cast_mut(),
            Self::Wide(units) => units.as_ptr().cast::<TCHAR>().cast_mut(),
        }
    }
}

/// What keeps a text from being the name of a new profile.
pub(super) fn wrong_with(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        return Some("it is empty");
    }
    if name.chars().count() > LONGEST {
        return Some("it has more than 64 characters");
    }
    if name.starts_with(' ') || name.ends_with(' ') {
        return Some("it begins or ends with a space");
    }
    // Where profiles are kept a backslash begins another one.
    if name.chars().any(|c| c.is_control() || c == '\\') {
        return Some("it has a backslash or a control character in it");
    }
    // CreateProfile has no flag for another width.
    Name::new(name)
        .is_wide()
        .then_some("it has characters that the ANSI code page of this Windows lacks")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_ansi_if_it_can_be() {
        assert!(matches!(Name::new("Outlook"), Name::Ansi(bytes) if bytes == b"Outlook\0"));
        assert!(Name::new("メール").is_wide());
    }

    #[test]
    fn names_that_no_profile_may_have_are_told() {
        assert_eq!(wrong_with("Outlook 2"), None);
        for wrong in ["", " a", "a ", "a\\b", "a\nb", "メール", &"a".repeat(65)] {
            assert!(wrong_with(wrong).is_some(), "{wrong:?}");
        }
    }
}
