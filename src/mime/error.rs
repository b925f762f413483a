//! Why mail could not be put into a store.

use std::{error, fmt, io};

use mapi_provider_mime::NotMail;

use crate::store::StoreError;

/// Why octets could not be put into a store.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MimeError {
    /// There is nothing in them.
    NotMail(NotMail),
    /// The store can't do it.
    Store(StoreError),
}

impl fmt::Display for MimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotMail(error) => error.fmt(f),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl error::Error for MimeError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::NotMail(error) => Some(error),
            Self::Store(error) => Some(error),
        }
    }
}

impl From<NotMail> for MimeError {
    fn from(error: NotMail) -> Self {
        Self::NotMail(error)
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
        match error {
            MimeError::NotMail(error) => io::Error::new(io::ErrorKind::InvalidData, error),
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
