//! Why a message was not sent.

use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

/// Why a message was not sent to everybody. It speaks of those recipients of whom nothing else was said.
///
/// `?` makes one of any error: those recipients are left, and the message comes again. One with an I/O error in it is
/// told to Outlook as a trouble of the network.
pub struct SendError {
    pub(super) kind: Kind,
    text: String,
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
        let text = text.into();
        Self { kind, text }
    }

    /// What happened.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl<E: Into<Box<dyn Error + Send + Sync>> + 'static> From<E> for SendError {
    fn from(error: E) -> Self {
        let error = error.into();
        match is_network(&*error) {
            true => Self::network(error.to_string()),
            false => Self::later(error.to_string()),
        }
    }
}

/// Whether there is an I/O error somewhere behind it.
fn is_network(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    // A chain that leads back into itself is nobody's to follow for ever.
    for _ in 0..32 {
        let Some(error) = next else { return false };
        if error.is::<io::Error>() {
            return true;
        }
        next = error.source();
    }
    false
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
}
