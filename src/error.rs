//! The errors of sync logic and logons.

mod failure;

use std::error::Error;
use std::fmt;

use windows_core::HRESULT;

use self::failure::Failure;
use crate::status::Status;
use mapi_provider_abi::mapi::{
    MAPI_E_FAILONEPROVIDER, MAPI_E_LOGON_FAILED, MAPI_E_UNCONFIGURED, MAPI_E_USER_CANCEL,
};

pub(crate) use self::failure::io_code;

/// Why a synchronisation failed.
///
/// `?` makes one from any error: whatever implements [`Error`], a `Box<dyn Error + Send + Sync>`, an `anyhow::Error`, a
/// text. It keeps the error as its [`source`](Self::source). An I/O error, and one of this crate's or of `windows-core`,
/// keeps its meaning as a status code, however deep it lies; any other is `MAPI_E_CALL_FAILED`.
///
/// ```
/// use mapi_provider::SyncError;
///
/// fn revision(answer: &[u8]) -> Result<u64, SyncError> {
///     let number = std::str::from_utf8(answer)?.parse()?;
///     if number == 0 {
///         return Err("the server has no revision yet".into());
///     }
///     Ok(number)
/// }
///
/// assert_eq!(revision(b"0").unwrap_err().text(), "the server has no revision yet");
/// ```
///
/// It does not implement [`Error`], because then `?` could not take every error. It becomes one by
/// [`into_boxed`](Self::into_boxed), and with the feature `anyhow` an `anyhow::Error` by `?`; made of that again, it is
/// what it was.
pub struct SyncError(Failure);

impl SyncError {
    /// An error with a status code and a text, which is what Outlook gets. A code that says success becomes
    /// `MAPI_E_CALL_FAILED`.
    pub fn new(code: HRESULT, text: impl Into<String>) -> Self {
        Self(Failure::new(code, text.into()))
    }

    /// The run was cancelled: what [`SyncJob::progress`](crate::SyncJob::progress) answers then.
    pub fn cancelled() -> Self {
        Self::new(MAPI_E_USER_CANCEL, "cancelled")
    }

    /// Code and text alone, which is all that MAPI gets. The source is the team's, and its destructor may panic: this is
    /// for the barrier around the team's code (SYNC-22).
    pub(crate) fn without_source(self) -> Self {
        Self(self.0.without_source())
    }

    /// The same with the error that it comes from, for your own log; code and text stay as they are.
    pub fn with_source(self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(self.0.with_source(source.into()))
    }

    /// Whether the run was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.code() == MAPI_E_USER_CANCEL
    }

    /// The status code that Outlook gets.
    pub fn code(&self) -> HRESULT {
        self.0.code()
    }

    /// The text that Outlook gets.
    pub fn text(&self) -> &str {
        self.0.text()
    }

    /// The error that it was made of, or was given by [`with_source`](Self::with_source).
    pub fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.cause()
    }

    /// As an error for functions that return such. A `SyncError` made of it by `?` has the same code, text and source.
    pub fn into_boxed(self) -> Box<dyn Error + Send + Sync> {
        self.0.into_boxed()
    }
}

impl<E: Into<Box<dyn Error + Send + Sync>> + 'static> From<E> for SyncError {
    fn from(error: E) -> Self {
        Self(Failure::of(error))
    }
}

impl From<SyncError> for Box<dyn Error> {
    fn from(error: SyncError) -> Self {
        error.into_boxed()
    }
}

#[cfg(feature = "anyhow")]
impl From<SyncError> for anyhow::Error {
    fn from(error: SyncError) -> Self {
        Self::new(error.0)
    }
}

impl fmt::Debug for SyncError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for SyncError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", Status(self.code()), self.text())
    }
}

/// Why a logon failed. `?` makes one from any error, as it makes a [`SyncError`].
///
/// Outlook gets one of the four codes that don't disable the whole service (ENTRY-06); the error's own
/// code and text go to the logon's MAPIERROR.
pub struct LogonError(Failure);

impl LogonError {
    /// An error with its real status code, and a text. A code that says success becomes `MAPI_E_CALL_FAILED`.
    pub fn new(code: HRESULT, text: impl Into<String>) -> Self {
        Self(Failure::new(code, text.into()))
    }

    /// Settings are missing or wrong: MAPI asks the user to configure the service, and tries again.
    pub fn unconfigured(text: impl Into<String>) -> Self {
        Self::new(MAPI_E_UNCONFIGURED, text)
    }

    /// The server refused the user.
    pub fn logon_failed(text: impl Into<String>) -> Self {
        Self::new(MAPI_E_LOGON_FAILED, text)
    }

    /// The user gave up.
    pub fn user_cancelled() -> Self {
        Self::new(MAPI_E_USER_CANCEL, "cancelled by the user")
    }

    /// Anything else: the store can't be opened now, and the rest of the service goes on.
    pub fn other(text: impl Into<String>) -> Self {
        Self::new(MAPI_E_FAILONEPROVIDER, text)
    }

    /// Code and text alone, which is all that MAPI gets. The source is the team's, and its destructor may panic: this is
    /// for the barrier around the team's code (SYNC-22).
    pub(crate) fn without_source(self) -> Self {
        Self(self.0.without_source())
    }

    /// The same with the error that it comes from, for your own log; code and text stay as they are.
    pub fn with_source(self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(self.0.with_source(source.into()))
    }

    /// The code that MAPI gets.
    pub fn answer(&self) -> HRESULT {
        tolerated(self.code())
    }

    /// The real code.
    pub fn code(&self) -> HRESULT {
        self.0.code()
    }

    /// What happened.
    pub fn text(&self) -> &str {
        self.0.text()
    }

    /// The error that it was made of, or was given by [`with_source`](Self::with_source).
    pub fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.cause()
    }

    /// As an error for functions that return such. A `LogonError` made of it by `?` has the same code, text and source.
    pub fn into_boxed(self) -> Box<dyn Error + Send + Sync> {
        self.0.into_boxed()
    }
}

/// ENTRY-06: the codes that fail one provider's logon without disabling the service.
fn tolerated(code: HRESULT) -> HRESULT {
    match code {
        MAPI_E_UNCONFIGURED | MAPI_E_LOGON_FAILED | MAPI_E_USER_CANCEL => code,
        _ => MAPI_E_FAILONEPROVIDER,
    }
}

impl<E: Into<Box<dyn Error + Send + Sync>> + 'static> From<E> for LogonError {
    fn from(error: E) -> Self {
        Self(Failure::of(error))
    }
}

impl From<LogonError> for Box<dyn Error> {
    fn from(error: LogonError) -> Self {
        error.into_boxed()
    }
}

#[cfg(feature = "anyhow")]
impl From<LogonError> for anyhow::Error {
    fn from(error: LogonError) -> Self {
        Self::new(error.0)
    }
}

impl fmt::Debug for LogonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for LogonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", Status(self.code()), self.text())
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use mapi_provider_abi::mapi::{
        MAPI_E_CALL_FAILED, MAPI_E_NETWORK_ERROR, MAPI_E_NO_SUPPORT, MAPI_E_NOT_ENOUGH_MEMORY,
        MAPI_E_NOT_FOUND, S_OK, status_name,
    };
    use mapi_provider_abi::view::{BuildError, ViewError};

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
            LogonError::new(MAPI_E_NO_SUPPORT, "").answer(),
            MAPI_E_FAILONEPROVIDER
        );
        assert_eq!(
            LogonError::new(MAPI_E_LOGON_FAILED, "").answer(),
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
