//! Failures, with a text for `GetLastError`.

use std::borrow::Cow;
use std::io::{Error, ErrorKind};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use mapi_provider::abi::{
    HRESULT, MAPI_E_DISK_ERROR, MAPI_E_NO_ACCESS, MAPI_E_NOT_ENOUGH_DISK, MAPI_E_NOT_FOUND,
    MAPIERROR, S_OK, UnicodeFlags,
};
use mapi_provider::view::{Allocators, BuildError, DescribedError, ViewError};

/// The component that reports it.
const COMPONENT: &str = "Personal Folders";

/// A failure: a status code, and what there is to say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) status: HRESULT,
    pub(crate) text: Cow<'static, str>,
}

pub(crate) type Result<T, E = Fault> = std::result::Result<T, E>;

impl Fault {
    pub(crate) fn new(status: HRESULT, text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            text: text.into(),
        }
    }

    /// What the file system says about the file of a store.
    pub(crate) fn of_file(error: &Error, doing: &str, path: &Path) -> Self {
        let status = match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidFilename => {
                MAPI_E_NOT_FOUND
            }
            ErrorKind::PermissionDenied
            | ErrorKind::ReadOnlyFilesystem
            | ErrorKind::IsADirectory => MAPI_E_NO_ACCESS,
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                MAPI_E_NOT_ENOUGH_DISK
            }
            _ => MAPI_E_DISK_ERROR,
        };
        let text = format!("can't {doing} the store {}: {error}", path.display());
        Self::new(status, text)
    }

    /// The failure as `GetLastError` and `Logon` report it.
    pub(crate) fn to_mapi(
        &self,
        allocators: Allocators,
        flags: UnicodeFlags,
    ) -> std::result::Result<*mut MAPIERROR, BuildError> {
        let error = DescribedError::new(&self.text, COMPONENT, flags);
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

/// The last failure of an object that had more to say than its status.
#[derive(Debug, Default)]
pub(crate) struct LastFault(Mutex<Option<Fault>>);

impl LastFault {
    /// A method's answer; a failure is kept for `GetLastError`.
    pub(crate) fn answer(&self, result: Result<HRESULT>) -> HRESULT {
        match result {
            Ok(status) => status,
            Err(fault) => {
                let status = fault.status;
                *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(fault);
                status
            }
        }
    }

    /// `GetLastError`: a description, if there is one for this result.
    ///
    /// # Safety
    ///
    /// `out` is valid for a write.
    pub(crate) unsafe fn tell(
        &self,
        status: HRESULT,
        flags: UnicodeFlags,
        allocators: Allocators,
        out: *mut *mut MAPIERROR,
    ) -> HRESULT {
        let fault = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let told = fault.filter(|fault| fault.status == status && !fault.text.is_empty());
        let Some(fault) = told else {
            return S_OK;
        };
        match fault.to_mapi(allocators, flags) {
            Ok(error) => {
                // SAFETY: the caller's word.
                unsafe { *out = error };
                S_OK
            }
            Err(error) => error.status(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_system_s_errors_have_codes() {
        let code =
            |kind: ErrorKind| Fault::of_file(&Error::from(kind), "open", Path::new("x.pst")).status;
        assert_eq!(code(ErrorKind::NotFound), MAPI_E_NOT_FOUND);
        assert_eq!(code(ErrorKind::PermissionDenied), MAPI_E_NO_ACCESS);
        assert_eq!(code(ErrorKind::StorageFull), MAPI_E_NOT_ENOUGH_DISK);
        assert_eq!(code(ErrorKind::BrokenPipe), MAPI_E_DISK_ERROR);
    }
}
