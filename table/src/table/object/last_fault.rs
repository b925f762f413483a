//! What `GetLastError` tells (COM-08).

use std::sync::{Mutex, PoisonError};

use mapi_provider_abi::mapi::{HRESULT, MAPIERROR, S_OK, UnicodeFlags};
use mapi_provider_abi::view::{Allocators, DescribedError};

use super::super::fault::{Fault, Result};

/// Who says so.
const COMPONENT: &str = "Mailbox table";

/// The last failure of an object that had more to say than its status.
#[derive(Debug, Default)]
pub(super) struct LastFault(Mutex<Option<Fault>>);

impl LastFault {
    /// A method's answer; a failure is kept for `GetLastError`.
    pub(super) fn answer(&self, result: Result<HRESULT>) -> HRESULT {
        result.unwrap_or_else(|fault| {
            let status = fault.status;
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(fault);
            status
        })
    }

    /// A description, where there is one of this very result.
    ///
    /// # Errors
    ///
    /// There is no memory for it.
    pub(super) fn described(
        &self,
        status: HRESULT,
        flags: UnicodeFlags,
        allocators: Allocators,
    ) -> Result<Option<*mut MAPIERROR>> {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let told = last.clone();
        drop(last);
        let told = told.filter(|fault| fault.status == status && !fault.text.is_empty());
        let Some(fault) = told else {
            return Ok(None);
        };
        let error = DescribedError::new(&fault.text, COMPONENT, flags);
        Ok(Some(allocators.build(&error)?.into_raw()))
    }

    /// `GetLastError`.
    ///
    /// # Safety
    ///
    /// `out` is valid for a write.
    pub(super) unsafe fn tell(
        &self,
        status: HRESULT,
        flags: UnicodeFlags,
        allocators: Allocators,
        out: *mut *mut MAPIERROR,
    ) -> HRESULT {
        match self.described(status, flags, allocators) {
            Ok(Some(error)) => {
                // SAFETY: the caller's word.
                unsafe { *out = error };
                S_OK
            }
            Ok(None) => S_OK,
            Err(fault) => fault.status,
        }
    }
}
