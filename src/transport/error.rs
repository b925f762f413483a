//! Why a message was not sent.

use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

use crate::error::SyncError;
use mapi_provider_abi::mapi::{MAPI_E_NETWORK_ERROR, MAPI_E_TIMEOUT};

type Boxed = Box<dyn Error + Send + Sync>;

/// Why a message was not sent to everybody. It speaks of those recipients of whom nothing else was said.
///
/// `?` makes one of any error, as it makes a [`SyncError`], and of a `SyncError` too: those recipients are left, and the
/// message comes again. It keeps the error as its [`source`](Self::source). One with an I/O error in it is told to Outlook
/// as a trouble of the network, and one that says that the user has cancelled is a cancellation.
///
/// ```
/// use mapi_provider::SyncError;
/// use mapi_provider::transport::SendError;
///
/// fn size(answer: &str) -> Result<u64, SendError> {
///     if answer.is_empty() {
///         return Err(SendError::refused("the server says nothing"));
///     }
///     Ok(answer.parse()?)
/// }
///
/// assert!(size("many").unwrap_err().source().is_some());
/// assert_eq!(SendError::from(SyncError::cancelled()).text(), "cancelled");
/// ```
///
/// Like a `SyncError` it does not implement [`Error`]. It becomes one by [`into_boxed`](Self::into_boxed), and with the
/// feature `anyhow` an `anyhow::Error` by `?`; made of that again, it means what it meant.
pub struct SendError {
    pub(super) kind: Kind,
    text: String,
    source: Option<Boxed>,
}

/// What the error means for the recipients that are left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Another try may do. It is the network's fault or not; how long to wait, if that is known.
    Later {
        network: bool,
        after: Option<Duration>,
    },
    /// They are refused for good.
    Refused,
    /// The whole transport is of no use in this session.
    Broken,
    /// Outlook has cancelled.
    Cancelled,
}

impl SendError {
    /// It failed for now: the message comes again.
    pub fn later(text: impl Into<String>) -> Self {
        let kind = Kind::Later {
            network: false,
            after: None,
        };
        Self::new(kind, text)
    }

    /// The server can't be reached now: the message comes again.
    pub fn network(text: impl Into<String>) -> Self {
        let kind = Kind::Later {
            network: true,
            after: None,
        };
        Self::new(kind, text)
    }

    /// The same with how long to wait, if the server says. It changes nothing else.
    #[must_use]
    pub fn after(mut self, wait: Duration) -> Self {
        if let Kind::Later { after, .. } = &mut self.kind {
            *after = Some(wait);
        }
        self
    }

    /// The message is refused for good: the sender gets a report with this text.
    pub fn refused(text: impl Into<String>) -> Self {
        Self::new(Kind::Refused, text)
    }

    /// The whole transport is of no use in this session, whatever is sent: its spooler is told so, once.
    pub fn broken(text: impl Into<String>) -> Self {
        Self::new(Kind::Broken, text)
    }

    /// Outlook has cancelled: what [`Delivery::check`](super::Delivery::check) answers then.
    pub fn cancelled() -> Self {
        Self::new(Kind::Cancelled, "cancelled")
    }

    fn new(kind: Kind, text: impl Into<String>) -> Self {
        Self {
            kind,
            text: text.into(),
            source: None,
        }
    }

    /// The same with the error that it comes from, for your own log; what it means and its text stay as they are.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The error that it was made of, or was given by [`with_source`](Self::with_source).
    pub fn source(&self) -> Option<&(dyn Error + 'static)> {
        let source = self.source.as_deref();
        source.map(|source| source as &(dyn Error + 'static))
    }

    /// As an error for functions that return such. A `SendError` made of it by `?` means the same, and has the same text.
    pub fn into_boxed(self) -> Box<dyn Error + Send + Sync> {
        Box::new(Told(self))
    }

    /// What happened.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl<E: Into<Box<dyn Error + Send + Sync>> + 'static> From<E> for SendError {
    fn from(error: E) -> Self {
        Self::from(SyncError::from(error))
    }
}

impl From<SyncError> for SendError {
    fn from(error: SyncError) -> Self {
        let (text, code) = (error.text().to_owned(), error.code());
        let is_cancelled = error.is_cancelled();
        let source = error.into_boxed();
        let known = causes(&*source).find_map(|cause| cause.downcast_ref::<Told>());
        let network = [MAPI_E_NETWORK_ERROR, MAPI_E_TIMEOUT].contains(&code)
            || causes(&*source).any(|cause| cause.is::<io::Error>());
        let kind = match known {
            // It has been one before.
            Some(Told(known)) => known.kind,
            None if is_cancelled => Kind::Cancelled,
            None => Kind::Later {
                network,
                after: None,
            },
        };
        Self {
            kind,
            text,
            source: Some(source),
        }
    }
}

impl From<SendError> for Box<dyn Error> {
    fn from(error: SendError) -> Self {
        error.into_boxed()
    }
}

#[cfg(feature = "anyhow")]
impl From<SendError> for anyhow::Error {
    fn from(error: SendError) -> Self {
        Self::new(Told(error))
    }
}

/// A `SendError` as an error.
#[derive(Debug)]
struct Told(SendError);

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)
    }
}

impl Error for Told {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

/// An error and what it comes from. A chain that leads back into itself is nobody's to follow for ever.
fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    let next = |error: &&'e (dyn Error + 'static)| (*error).source();
    std::iter::successors(Some(error), next).take(32)
}

impl fmt::Debug for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.kind, self.text)
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_an_io_error_in_it_is_the_network_s_fault() {
        let broken = io::Error::from(io::ErrorKind::ConnectionReset);
        let network = Kind::Later {
            network: true,
            after: None,
        };
        assert_eq!(SendError::from(broken).kind, network);
        let other = SendError::from("busy").after(Duration::from_secs(7));
        let later = Kind::Later {
            network: false,
            after: Some(Duration::from_secs(7)),
        };
        assert_eq!((other.kind, other.text()), (later, "busy"));
    }

    #[test]
    fn an_error_is_kept_and_comes_back_as_it_was() {
        let missing = io::Error::from(io::ErrorKind::ConnectionReset);
        let error = SendError::from(missing);
        assert!(
            error
                .source()
                .is_some_and(|source| source.is::<io::Error>())
        );

        let wait = Duration::from_secs(7);
        let error = SendError::later("busy").after(wait).with_source("4.3.2");
        let back = SendError::from(error.into_boxed());
        let later = Kind::Later {
            network: false,
            after: Some(wait),
        };
        assert_eq!((back.kind, back.text().starts_with("busy")), (later, true));
        for error in [
            SendError::refused("no"),
            SendError::broken("no"),
            SendError::cancelled(),
        ] {
            let kind = error.kind;
            assert_eq!(SendError::from(error.into_boxed()).kind, kind);
        }
    }

    #[test]
    fn the_errors_of_synchronising_are_taken() {
        fn fails(error: SyncError) -> Result<(), SendError> {
            Err(error)?;
            Ok(())
        }
        let network = SyncError::new(MAPI_E_NETWORK_ERROR, "nobody listens");
        let error = fails(network).expect_err("an error");
        let kind = Kind::Later {
            network: true,
            after: None,
        };
        assert_eq!((error.kind, error.text()), (kind, "nobody listens"));
        let error = fails(SyncError::cancelled()).expect_err("an error");
        assert_eq!(error.kind, Kind::Cancelled);
        let error = SendError::from(anyhow::anyhow!("the account {} is gone", 7));
        assert_eq!(error.text(), "the account 7 is gone");
    }
}
