//! What goes wrong, with a text for `GetLastError`.

use std::borrow::Cow;
use std::sync::Mutex;

use mapi_provider_abi::mapi::{HRESULT, MAPIERROR, S_OK, UnicodeFlags};
use mapi_provider_abi::view::{Allocators, BuildError, DescribedError, ViewError};

use super::shared::{StoreShared, lock};
use crate::database;

/// A failure: a status code, and what there is to say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What the method answers.
    pub status: HRESULT,
    /// What `GetLastError` tells; empty where the code says it all.
    pub text: Cow<'static, str>,
}

/// What a call of an object comes to.
pub type Result<T, E = Fault> = std::result::Result<T, E>;

impl Fault {
    /// A failure with a text.
    pub fn new(status: HRESULT, text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            text: text.into(),
        }
    }

    /// The failure as `GetLastError` and `Logon` tell it.
    pub(super) fn to_mapi(
        &self,
        component: &str,
        allocators: Allocators,
        flags: UnicodeFlags,
    ) -> std::result::Result<*mut MAPIERROR, BuildError> {
        let error = DescribedError::new(&self.text, component, flags);
        Ok(allocators.build(&error)?.into_raw())
    }
}

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

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let code = self.status.0;
        match &*self.text {
            "" => write!(f, "0x{code:08X}"),
            text => write!(f, "{text} (0x{code:08X})"),
        }
    }
}

impl std::error::Error for Fault {}

// STORE-43: the database's errors come with their codes and texts.
impl From<database::Error> for Fault {
    fn from(error: database::Error) -> Self {
        match error {
            database::Error::Refused { status, text } => Self { status, text },
            other => Self::new(other.status(), other.to_string()),
        }
    }
}

/// What stops a transaction.
impl From<Fault> for database::Error {
    fn from(fault: Fault) -> Self {
        Self::refused(fault.status, fault.text)
    }
}

/// The last failure of an object that had more to say than its status.
#[derive(Debug, Default)]
pub(super) struct LastFault(Mutex<Option<Fault>>);

impl LastFault {
    /// A method's answer; a failure is kept for `GetLastError`.
    pub(super) fn answer(&self, result: Result<HRESULT>) -> HRESULT {
        match result {
            Ok(status) => status,
            Err(fault) => {
                let status = fault.status;
                *lock(&self.0) = Some(fault);
                status
            }
        }
    }

    /// `GetLastError`: a description, where there is one of this very result.
    ///
    /// # Safety
    ///
    /// `out` is valid for a write.
    pub(super) unsafe fn tell(
        &self,
        status: HRESULT,
        flags: UnicodeFlags,
        shared: &StoreShared,
        out: *mut *mut MAPIERROR,
    ) -> HRESULT {
        let fault = lock(&self.0).clone();
        let told = fault.filter(|fault| fault.status == status && !fault.text.is_empty());
        let Some(fault) = told else {
            return S_OK;
        };
        match fault.to_mapi(&shared.identity.provider_name, shared.allocators, flags) {
            Ok(error) => {
                // SAFETY: the caller's word.
                unsafe { *out = error };
                S_OK
            }
            Err(error) => error.status(),
        }
    }
}
