//! Why a lookup failed.

use std::error::Error;
use std::fmt;

/// Why the logic could not look. `?` makes one of any error.
pub struct LookupError {
    pub(super) kind: Failing,
    text: String,
}

/// Whether anything has failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failing {
    /// The server can't be asked.
    Failed,
    /// Nothing has: nobody wants more, or nobody waits any more.
    Stopped,
}

impl LookupError {
    /// The server can't be asked; the text goes to the log.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            kind: Failing::Failed,
            text: text.into(),
        }
    }

    /// It is enough: what [`Found::push`](super::Found::push) answers then.
    pub(super) fn stopped() -> Self {
        Self {
            kind: Failing::Stopped,
            text: "nobody wants more".to_owned(),
        }
    }

    /// What happened.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl<E: Into<Box<dyn Error + Send + Sync>> + 'static> From<E> for LookupError {
    fn from(error: E) -> Self {
        Self::new(error.into().to_string())
    }
}

impl fmt::Debug for LookupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.kind, self.text)
    }
}

impl fmt::Display for LookupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
