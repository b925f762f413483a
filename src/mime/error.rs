//! Why mail could not be put into a store, or taken out.

use std::{error, fmt, io};

use mapi_provider_mime::{NotMail, TooDeep, TooLarge};

use crate::store::StoreError;

/// Why octets could not be put into a store, or a message could not become octets.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MimeError {
    /// There is nothing in the octets.
    NotMail(NotMail),
    /// Too many messages lie in one another.
    TooDeep(TooDeep),
    /// The message is too large for mail.
    TooLarge(TooLarge),
    /// The store can't do it.
    Store(StoreError),
}

impl fmt::Display for MimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotMail(error) => error.fmt(f),
            Self::TooDeep(error) => error.fmt(f),
            Self::TooLarge(error) => error.fmt(f),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl error::Error for MimeError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::NotMail(error) => Some(error),
            Self::TooDeep(error) => Some(error),
            Self::TooLarge(error) => Some(error),
            Self::Store(error) => Some(error),
        }
    }
}

impl From<NotMail> for MimeError {
    fn from(error: NotMail) -> Self {
        Self::NotMail(error)
    }
}

impl From<TooDeep> for MimeError {
    fn from(error: TooDeep) -> Self {
        Self::TooDeep(error)
    }
}

impl From<TooLarge> for MimeError {
    fn from(error: TooLarge) -> Self {
        Self::TooLarge(error)
    }
}

impl From<StoreError> for MimeError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The kind is the one that fits best; the error itself is inside.
impl From<MimeError> for io::Error {
    fn from(error: MimeError) -> Self {
        let kind = io::ErrorKind::InvalidData;
        match error {
            MimeError::NotMail(error) => io::Error::new(kind, error),
            MimeError::TooDeep(error) => io::Error::new(kind, error),
            MimeError::TooLarge(error) => io::Error::new(kind, error),
            MimeError::Store(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::SyncError;

    #[test]
    fn what_is_no_message_is_invalid_data() {
        let error = MimeError::from(NotMail);
        assert_eq!(error.to_string(), "this is not a message: it is empty");
        assert_eq!(
            io::Error::from(error.clone()).kind(),
            io::ErrorKind::InvalidData
        );
        assert!(SyncError::from(error).text().contains("not a message"));
    }
}
