//! What a verb can answer: done, this item only failed, or stop.

use std::fmt;

use crate::text::OneLine;

/// What a verb answers.
pub type Answer<T> = Result<T, Trouble>;

/// Why a verb was not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// This item only. The run goes on with the next one.
    #[error(transparent)]
    Item(#[from] ItemFailure),
    /// The run ends here, or begins again after [`Stop::Lost`]. Whether the verb took effect may be unknown.
    #[error(transparent)]
    Stop(#[from] Stop),
}

/// Why one item failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// It is not there any more. Said only by who knows: the server was asked for it and has none.
    Gone,
    /// It is not as it was when it was listed. The next run sees what it is now.
    Stale,
    /// It was refused for what it is: too large, not to be parsed, no permission. Asking again soon is of no use.
    Refused,
    /// There is no room. No other item is sent in this run.
    Full,
    /// There is no such verb.
    Unsupported,
    /// Anything else. It is tried again, less and less often.
    Failed,
}

/// One item failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemFailure {
    /// Why.
    pub kind: Failure,
    /// The same for people. No secrets: it gets into the log.
    pub text: String,
}

impl ItemFailure {
    /// A failure with a text for people.
    pub fn new(kind: Failure, text: impl Into<String>) -> Self {
        Self {
            kind,
            text: text.into(),
        }
    }
}

impl fmt::Display for ItemFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        OneLine(&self.text).fmt(f)
    }
}

impl std::error::Error for ItemFailure {}

/// Why a run ends early.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// Somebody asked for it.
    #[error("it was cancelled")]
    Cancelled,
    /// The connection is gone. The run connects again, a few times.
    #[error("the connection was lost: {0}")]
    Lost(String),
    /// The server refuses user or password. It is not asked again in this run.
    #[error("the server refuses the logon: {0}")]
    Logon(String),
    /// Nothing more can be done.
    #[error("{0}")]
    Fatal(String),
}

impl Trouble {
    /// This item only, for any reason.
    pub fn failed(text: impl Into<String>) -> Self {
        ItemFailure::new(Failure::Failed, text).into()
    }

    /// This item only: the server says no.
    pub fn refused(text: impl Into<String>) -> Self {
        ItemFailure::new(Failure::Refused, text).into()
    }

    /// This item only: it is gone.
    pub fn gone() -> Self {
        ItemFailure::new(Failure::Gone, "it is not there any more").into()
    }

    /// This item only: it has changed since it was listed.
    pub fn stale() -> Self {
        ItemFailure::new(Failure::Stale, "it has changed meanwhile").into()
    }

    /// There is no such verb.
    pub fn unsupported() -> Self {
        ItemFailure::new(Failure::Unsupported, "the server can't do that").into()
    }

    /// The connection is gone.
    pub fn lost(text: impl Into<String>) -> Self {
        Stop::Lost(text.into()).into()
    }
}

/// Takes apart what ends a run and what does not.
pub(crate) trait Settle<T> {
    /// What was done, or why this item failed; [`Stop`] is the error.
    fn settle(self) -> Result<Result<T, ItemFailure>, Stop>;
}

impl<T> Settle<T> for Answer<T> {
    fn settle(self) -> Result<Result<T, ItemFailure>, Stop> {
        match self {
            Ok(done) => Ok(Ok(done)),
            Err(Trouble::Item(failure)) => Ok(Err(failure)),
            Err(Trouble::Stop(stop)) => Err(stop),
        }
    }
}
