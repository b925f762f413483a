//! Results as a person reads them.

use std::fmt;

use mapi_provider::abi::{S_OK, status_name};
use windows_core::HRESULT;

use crate::untrusted::Untrusted;

/// A result that is displayed by name and number: `MAPI_E_USER_CANCEL (0x80040113)`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Status(pub HRESULT);

impl Status {
    /// `S_OK`
    pub const OK: Self = Self(S_OK);

    /// The name of the result in Microsoft's headers, if it has one.
    pub fn name(self) -> Option<&'static str> {
        status_name(self.0)
    }

    /// Whether the result is a success or a warning.
    pub fn is_ok(self) -> bool {
        self.0.is_ok()
    }
}

impl From<HRESULT> for Status {
    fn from(result: HRESULT) -> Self {
        Self(result)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.0.0;
        match self.name() {
            Some(name) => write!(f, "{name} (0x{number:08X})"),
            None => write!(f, "0x{number:08X}"),
        }
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A call into the provider that failed: which, with what, and what the provider said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The function or method that was called.
    pub call: &'static str,
    /// What it answered.
    pub status: Status,
    /// The text of its `MAPIERROR`, if it gave one.
    pub text: Option<String>,
    /// The low-level error of its `MAPIERROR`, if that has one: the provider's own code.
    pub low_level: Option<Status>,
}

impl Failure {
    /// A failure without a text.
    pub fn new(call: &'static str, status: HRESULT) -> Self {
        Self {
            call,
            status: Status(status),
            text: None,
            low_level: None,
        }
    }

    /// The same failure with what the provider said about it.
    pub fn with_text(self, text: Option<String>) -> Self {
        Self { text, ..self }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} failed with {}", self.call, self.status)?;
        match &self.text {
            Some(text) => write!(f, ": {}", Untrusted::from(text.as_str())),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use mapi_provider::abi::MAPI_E_USER_CANCEL;

    use super::*;

    #[test]
    fn a_status_shows_name_and_number() {
        assert_eq!(
            Status(MAPI_E_USER_CANCEL).to_string(),
            "MAPI_E_USER_CANCEL (0x80040113)"
        );
        assert_eq!(Status(HRESULT(0x0DED_C0DE)).to_string(), "0x0DEDC0DE");
    }

    #[test]
    fn a_failure_says_what_the_provider_said() {
        let failure = Failure::new("IMSProvider::Logon", MAPI_E_USER_CANCEL);
        assert_eq!(
            failure.to_string(),
            "IMSProvider::Logon failed with MAPI_E_USER_CANCEL (0x80040113)"
        );
        let failure = failure.with_text(Some("no".to_owned()));
        assert!(failure.to_string().ends_with(": no"));
        let failure = failure.with_text(Some("no\n\u{1B}[2J".to_owned()));
        assert!(failure.to_string().ends_with(r": no\n\u{1b}[2J"));
    }
}
