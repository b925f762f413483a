//! What goes wrong in a table, with a text for `GetLastError`.

use std::borrow::Cow;
use std::fmt;

use mapi_provider_abi::mapi::HRESULT;
use mapi_provider_abi::view::{BuildError, ViewError};

/// A failure: a status code, and what there is to say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What the method answers.
    pub status: HRESULT,
    /// What `GetLastError` tells; empty where the code says it all.
    pub text: Cow<'static, str>,
}

/// The result of what a table does.
pub type Result<T, E = Fault> = std::result::Result<T, E>;

impl Fault {
    /// A failure with a text.
    pub fn new(status: HRESULT, text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            text: text.into(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.status.0;
        match &*self.text {
            "" => write!(f, "0x{code:08X}"),
            text => write!(f, "{text} (0x{code:08X})"),
        }
    }
}

impl std::error::Error for Fault {}

impl From<HRESULT> for Fault {
    fn from(status: HRESULT) -> Self {
        Self::new(status, "")
    }
}

impl From<ViewError> for Fault {
    fn from(error: ViewError) -> Self {
        Self::new(error.status(), error.to_string())
    }
}

impl From<BuildError> for Fault {
    fn from(error: BuildError) -> Self {
        Self::new(error.status(), error.to_string())
    }
}
