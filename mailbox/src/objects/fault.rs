//! What goes wrong, with a text for `GetLastError`.

use std::sync::Mutex;

use mapi_provider_abi::mapi::{HRESULT, MAPIERROR, S_OK, UnicodeFlags};
use mapi_provider_abi::view::{Allocators, BuildError, DescribedError};

use super::shared::{StoreShared, lock};
use crate::database;

pub use mapi_provider_table::table::{Fault, Result};

/// A failure as `GetLastError` and `Logon` tell it.
///
/// # Errors
///
/// There is no memory for it.
pub(super) fn to_mapi(
    fault: &Fault,
    component: &str,
    allocators: Allocators,
    flags: UnicodeFlags,
) -> Result<*mut MAPIERROR, BuildError> {
    let error = DescribedError::new(&fault.text, component, flags);
    Ok(allocators.build(&error)?.into_raw())
}

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
        match to_mapi(
            &fault,
            &shared.identity.provider_name,
            shared.allocators,
            flags,
        ) {
            Ok(error) => {
                // SAFETY: the caller's word.
                unsafe { *out = error };
                S_OK
            }
            Err(error) => error.status(),
        }
    }
}
