//! The errors of sync logic and logons.

use std::error::Error;
use std::fmt;
use std::io;

use windows_core::HRESULT;

use crate::status::Status;
use crate::store::StoreError;
use mapi_provider_abi::mapi::{
    MAPI_E_CALL_FAILED, MAPI_E_DISK_ERROR, MAPI_E_FAILONEPROVIDER, MAPI_E_LOGON_FAILED,
    MAPI_E_NETWORK_ERROR, MAPI_E_NO_ACCESS, MAPI_E_NOT_ENOUGH_DISK, MAPI_E_NOT_ENOUGH_MEMORY,
    MAPI_E_NOT_FOUND, MAPI_E_TIMEOUT, MAPI_E_UNCONFIGURED, MAPI_E_USER_CANCEL,
};
use mapi_provider_abi::view::{BuildError, ViewError};

/// Why a synchronisation failed. `?` turns any error into one.
///
/// It can't be a [`std::error::Error`] itself: then `?` could not take every error.
pub struct SyncError {
    code: HRESULT,
    text: String,
}

impl SyncError {
    /// An error with its own status code. A success code becomes `MAPI_E_CALL_FAILED`.
    pub fn new(code: HRESULT, text: impl Into<String>) -> Self {
        let code = if code.is_err() {
            code
        } else {
            MAPI_E_CALL_FAILED
        };
        Self {
            code,
            text: text.into(),
        }
    }

    /// The run was cancelled: what [`SyncJob::progress`](crate::SyncJob::progress) answers then.
    pub fn cancelled() -> Self {
        Self::new(MAPI_E_USER_CANCEL, "cancelled")
    }

    /// Whether the run was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.code == MAPI_E_USER_CANCEL
    }

    /// The status code that Outlook gets.
    pub fn code(&self) -> HRESULT {
        self.code
    }

    /// The text that Outlook gets.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl<E: Error + 'static> From<E> for SyncError {
    fn from(error: E) -> Self {
        Self {
            code: code_of(&error),
            text: describe(&error),
        }
    }
}

impl fmt::Debug for SyncError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for SyncError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", Status(self.code), self.text)
    }
}

/// Why a logon failed. `?` turns any error into one.
///
/// Outlook gets one of the four codes that don't disable the whole service (ENTRY-06); the error's own
/// code and text go to the logon's MAPIERROR.
pub struct LogonError {
    answer: HRESULT,
    code: HRESULT,
    text: String,
}

impl LogonError {
    /// Settings are missing or wrong: MAPI asks the user to configure the service, and tries again.
    pub fn unconfigured(text: impl Into<String>) -> Self {
        Self::with(MAPI_E_UNCONFIGURED, text)
    }

    /// The server refused the user.
    pub fn logon_failed(text: impl Into<String>) -> Self {
        Self::with(MAPI_E_LOGON_FAILED, text)
    }

    /// The user gave up.
    pub fn user_cancelled() -> Self {
        Self::with(MAPI_E_USER_CANCEL, "cancelled by the user")
    }

    /// Anything else: the store can't be opened now, and the rest of the service goes on.
    pub fn other(text: impl Into<String>) -> Self {
        Self::with(MAPI_E_FAILONEPROVIDER, text)
    }

    /// Anything else, with its real status code.
    pub fn with_code(code: HRESULT, text: impl Into<String>) -> Self {
        Self {
            answer: tolerated(code),
            code,
            text: text.into(),
        }
    }

    fn with(answer: HRESULT, text: impl Into<String>) -> Self {
        Self {
            answer,
            code: answer,
            text: text.into(),
        }
    }

    /// The code that MAPI gets.
    pub fn answer(&self) -> HRESULT {
        self.answer
    }

    /// The real code.
    pub fn code(&self) -> HRESULT {
        self.code
    }

    /// What happened.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// ENTRY-06: the codes that fail one provider's logon without disabling the service.
fn tolerated(code: HRESULT) -> HRESULT {
    match code {
        MAPI_E_UNCONFIGURED | MAPI_E_LOGON_FAILED | MAPI_E_USER_CANCEL => code,
        _ => MAPI_E_FAILONEPROVIDER,
    }
}

impl<E: Error + 'static> From<E> for LogonError {
    fn from(error: E) -> Self {
        Self::with_code(code_of(&error), describe(&error))
    }
}

impl fmt::Debug for LogonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for LogonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", Status(self.code), self.text)
    }
}

/// An error with its causes: `can't open the mailbox: file not found`.
fn describe(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    for error in causes(error) {
        let inner = error.to_string();
        // Some errors print their cause themselves.
        if !text.ends_with(&inner) {
            text.push_str(": ");
            text.push_str(&inner);
        }
    }
    text
}

/// The most causes of an error that are followed, because an error may be its own cause.
const MOST_CAUSES: usize = 64;

/// The causes of an error, the nearest first.
fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    let next = |error: &&'e (dyn Error + 'static)| (*error).source();
    std::iter::successors(error.source(), next).take(MOST_CAUSES)
}

/// The status code that fits an error best; it or one of its causes may be an I/O error.
fn code_of(error: &(dyn Error + 'static)) -> HRESULT {
    for error in std::iter::once(error).chain(causes(error)) {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            // What a stream of the store’s has failed with is inside.
            let inner = error.get_ref().and_then(|inner| store_code(inner));
            return inner.unwrap_or_else(|| io_code(error.kind()));
        }
        if let Some(code) = store_code(error) {
            return code;
        }
        if let Some(error) = error.downcast_ref::<windows_core::Error>() {
            return error.code();
        }
        if let Some(error) = error.downcast_ref::<ViewError>() {
            return error.status();
        }
        if let Some(error) = error.downcast_ref::<BuildError>() {
            return error.status();
        }
    }
    MAPI_E_CALL_FAILED
}

/// The status of an error of a message store.
fn store_code(error: &(dyn Error + 'static)) -> Option<HRESULT> {
    let status = error.downcast_ref::<StoreError>()?.status();
    // A part that was done is a success to MAPI, and an error to whoever wanted the whole.
    Some(if status.is_err() {
        status
    } else {
        MAPI_E_CALL_FAILED
    })
}

pub(crate) fn io_code(kind: io::ErrorKind) -> HRESULT {
    use io::ErrorKind;
    match kind {
        ErrorKind::NotFound => MAPI_E_NOT_FOUND,
        ErrorKind::PermissionDenied => MAPI_E_NO_ACCESS,
        ErrorKind::TimedOut => MAPI_E_TIMEOUT,
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => MAPI_E_NOT_ENOUGH_DISK,
        ErrorKind::OutOfMemory => MAPI_E_NOT_ENOUGH_MEMORY,
        ErrorKind::ReadOnlyFilesystem => MAPI_E_DISK_ERROR,
        ErrorKind::ConnectionRefused
        | ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::NotConnected
        | ErrorKind::BrokenPipe
        | ErrorKind::HostUnreachable
        | ErrorKind::NetworkUnreachable
        | ErrorKind::NetworkDown
        | ErrorKind::AddrNotAvailable => MAPI_E_NETWORK_ERROR,
        _ => MAPI_E_CALL_FAILED,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mapi_provider_abi::mapi::{MAPI_E_NO_SUPPORT, S_OK, status_name};

    /// Every code of the generated module, by its text: name and value.
    fn all_codes() -> Vec<(&'static str, u32)> {
        let text = include_str!("../abi/src/generated/status.rs");
        let constants = text.lines().filter_map(|line| {
            let (name, value) = line
                .strip_prefix("pub const ")?
                .split_once(": HRESULT = HRESULT(0x")?;
            Some((name, u32::from_str_radix(value.get(..8)?, 16).ok()?))
        });
        constants.collect()
    }

    #[test]
    fn every_code_has_a_name_and_its_neighbours_have_none() {
        let codes = all_codes();
        assert!(codes.len() > 90, "{} codes", codes.len());
        let values: Vec<u32> = codes.iter().map(|(_, value)| *value).collect();
        for (_, value) in &codes {
            // The first name of a value is the one that is told.
            let first = codes.iter().find(|(_, other)| other == value);
            let name = status_name(HRESULT(*value as i32));
            assert_eq!(name, first.map(|(name, _)| *name));
            for near in [
                value.wrapping_sub(1),
                value.wrapping_add(1),
                value ^ 0x8000_0000,
            ] {
                if !values.contains(&near) {
                    assert_eq!(status_name(HRESULT(near as i32)), None, "{near:#X}");
                }
            }
        }
    }

    #[test]
    fn an_error_keeps_its_meaning() {
        let error: SyncError = io::Error::from(io::ErrorKind::ConnectionRefused).into();
        assert_eq!(error.code(), MAPI_E_NETWORK_ERROR);
        assert_eq!(SyncError::new(S_OK, "").code(), MAPI_E_CALL_FAILED);
        let error: SyncError = BuildError::NoMemory.into();
        assert_eq!(error.code(), MAPI_E_NOT_ENOUGH_MEMORY);
        let error: SyncError = ViewError::TooDeep.into();
        assert_eq!(error.code(), ViewError::TooDeep.status());
    }

    #[test]
    fn an_error_that_is_its_own_cause_comes_to_an_end() {
        #[derive(Debug)]
        struct Ring(std::sync::atomic::AtomicU32);
        impl fmt::Display for Ring {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let told = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                write!(f, "{told}")
            }
        }
        impl Error for Ring {
            fn source(&self) -> Option<&(dyn Error + 'static)> {
                Some(self)
            }
        }
        let error: SyncError = Ring(Default::default()).into();
        assert_eq!(error.code(), MAPI_E_CALL_FAILED);
        assert!(error.text().starts_with("0: 1: 2: "), "{error}");
    }

    #[test]
    fn entry_06_only_four_codes_reach_mapi() {
        assert_eq!(
            LogonError::with_code(MAPI_E_NO_SUPPORT, "").answer(),
            MAPI_E_FAILONEPROVIDER
        );
        assert_eq!(
            LogonError::with_code(MAPI_E_LOGON_FAILED, "").answer(),
            MAPI_E_LOGON_FAILED
        );
        assert_eq!(LogonError::unconfigured("").answer(), MAPI_E_UNCONFIGURED);
        let missing: LogonError = io::Error::from(io::ErrorKind::NotFound).into();
        assert_eq!(
            (missing.answer(), missing.code()),
            (MAPI_E_FAILONEPROVIDER, MAPI_E_NOT_FOUND)
        );
    }
}
