//! Status codes as people read them.

use std::fmt;

use windows_core::HRESULT;

use mapi_provider_abi::mapi::status_name;

/// A status code as people read it: `MAPI_E_USER_CANCEL (0x80040113)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Status(pub HRESULT);

impl From<HRESULT> for Status {
    fn from(code: HRESULT) -> Self {
        Self(code)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(code) = self;
        match status_name(*code) {
            Some(name) => write!(f, "{name} (0x{:08X})", code.0),
            None => write!(f, "0x{:08X}", code.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mapi_provider_abi::mapi::MAPI_E_USER_CANCEL;

    #[test]
    fn a_status_prints_its_name() {
        assert_eq!(
            Status(MAPI_E_USER_CANCEL).to_string(),
            "MAPI_E_USER_CANCEL (0x80040113)"
        );
        assert_eq!(Status(HRESULT(0x1234)).to_string(), "0x00001234");
    }
}
