//! Errors of a message store.

use std::error::Error;
use std::{fmt, io};

use crate::status::Status;
use mapi_provider_abi::mapi::{
    HRESULT, MAPI_E_CALL_FAILED, MAPI_E_COLLISION, MAPI_E_NO_ACCESS, MAPI_E_NOT_ENOUGH_DISK,
    MAPI_E_NOT_ENOUGH_MEMORY, MAPI_E_NOT_FOUND, MAPI_E_OBJECT_CHANGED, MAPI_E_OBJECT_DELETED,
    MAPI_E_TIMEOUT, MAPI_W_PARTIAL_COMPLETION, STG_E_ACCESSDENIED, STG_E_MEDIUMFULL,
};
use mapi_provider_abi::view::{BuildError, PropProblem, ViewError};

/// Why a store could not do what it was asked for.
///
/// `?` turns it into a [`SyncError`](crate::SyncError) or [`LogonError`](crate::LogonError), which keep its
/// status.
///
/// ```
/// use mapi_provider::store::{EntryId, Store, StoreError};
///
/// /// Whether there still is a message; any other failure is one.
/// fn exists(store: &Store, id: &EntryId) -> Result<bool, StoreError> {
///     match store.open_message(id) {
///         Ok(_) => Ok(true),
///         Err(error) if error.is_not_found() => Ok(false),
///         Err(error) => Err(error),
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreError {
    status: HRESULT,
    operation: &'static str,
    text: Option<String>,
    problems: Vec<PropProblem>,
}

impl StoreError {
    /// A call that answered a status; a text if the object has told more of it.
    pub(crate) fn new(operation: &'static str, status: HRESULT, text: Option<String>) -> Self {
        Self {
            status,
            operation,
            text,
            problems: Vec::new(),
        }
    }

    /// A success that isn't one: the answer makes no sense.
    pub(crate) fn senseless(operation: &'static str, text: &str) -> Self {
        Self::new(operation, MAPI_E_CALL_FAILED, Some(text.to_owned()))
    }

    /// An answer that can't be read.
    pub(super) fn unreadable(operation: &'static str, error: ViewError) -> Self {
        Self::new(operation, error.status(), Some(error.to_string()))
    }

    /// A call that can't be made: MAPI has no memory, or a value doesn't match its tag.
    pub(super) fn unsayable(operation: &'static str, error: BuildError) -> Self {
        Self::new(operation, error.status(), Some(error.to_string()))
    }

    /// Properties that were refused. The status is that of the first.
    pub(crate) fn refused(operation: &'static str, problems: Vec<PropProblem>) -> Self {
        let first = problems.first().map(|problem| problem.status);
        let status = first.filter(|status| status.is_err());
        Self {
            status: status.unwrap_or(MAPI_E_CALL_FAILED),
            operation,
            text: None,
            problems,
        }
    }

    /// The status code that the store answered; `MAPI_E_CALL_FAILED` if its answer made no sense.
    ///
    /// It is a success code, `MAPI_W_PARTIAL_COMPLETION`, if only part was done: see
    /// [`is_partial`](Self::is_partial).
    pub fn status(&self) -> HRESULT {
        self.status
    }

    /// What was tried, in words: `open a message`.
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// What the object itself says about the error (`GetLastError`), if anything.
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// The properties that were refused, if it was about properties. `index` is the position among the
    /// call’s properties.
    pub fn problems(&self) -> &[PropProblem] {
        &self.problems
    }

    /// Whether the thing doesn’t exist, or no longer.
    pub fn is_not_found(&self) -> bool {
        matches!(self.status, MAPI_E_NOT_FOUND | MAPI_E_OBJECT_DELETED)
    }

    /// Whether there already is something with that name.
    pub fn is_collision(&self) -> bool {
        self.status == MAPI_E_COLLISION
    }

    /// Whether the store doesn't allow it.
    pub fn is_no_access(&self) -> bool {
        matches!(self.status, MAPI_E_NO_ACCESS | STG_E_ACCESSDENIED)
    }

    /// Whether somebody else has changed the object since it was opened.
    pub fn is_changed(&self) -> bool {
        self.status == MAPI_E_OBJECT_CHANGED
    }

    /// Whether only part was done, for example because messages are open elsewhere.
    pub fn is_partial(&self) -> bool {
        self.status == MAPI_W_PARTIAL_COMPLETION
    }

    /// Whether the store doesn't know, or doesn't offer, what was asked of it.
    pub(super) fn is_any_of(&self, statuses: &[HRESULT]) -> bool {
        statuses.contains(&self.status)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "can’t {}: {}", self.operation, Status(self.status))?;
        if let Some(text) = &self.text {
            write!(f, ": {text}")?;
        }
        for (number, problem) in self.problems.iter().enumerate() {
            let separator = if number == 0 { ": " } else { ", " };
            write!(f, "{separator}{} {}", problem.tag, Status(problem.status))?;
        }
        Ok(())
    }
}

impl Error for StoreError {}

/// The kind is the one that fits best; the error itself is inside.
impl From<StoreError> for io::Error {
    fn from(error: StoreError) -> Self {
        let kind = match error.status {
            MAPI_E_NOT_FOUND | MAPI_E_OBJECT_DELETED => io::ErrorKind::NotFound,
            MAPI_E_NO_ACCESS | STG_E_ACCESSDENIED => io::ErrorKind::PermissionDenied,
            MAPI_E_NOT_ENOUGH_MEMORY => io::ErrorKind::OutOfMemory,
            MAPI_E_NOT_ENOUGH_DISK | STG_E_MEDIUMFULL => io::ErrorKind::StorageFull,
            MAPI_E_TIMEOUT => io::ErrorKind::TimedOut,
            _ => io::ErrorKind::Other,
        };
        io::Error::new(kind, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::SyncError;
    use mapi_provider_abi::mapi::{MAPI_E_COMPUTED, PR_ENTRYID, PR_MESSAGE_FLAGS};

    #[test]
    fn an_error_says_what_was_tried_and_why_not() {
        let text = Some("The folder is gone.".to_owned());
        let error = StoreError::new("open a message", MAPI_E_NOT_FOUND, text);
        assert_eq!(
            error.to_string(),
            "can’t open a message: MAPI_E_NOT_FOUND (0x8004010F): The folder is gone."
        );
        assert!(error.is_not_found() && !error.is_collision());
    }

    #[test]
    fn properties_that_were_refused_are_listed() {
        let problem = |index, tag| PropProblem {
            index,
            tag,
            status: MAPI_E_COMPUTED,
        };
        let problems = vec![problem(0, PR_ENTRYID), problem(3, PR_MESSAGE_FLAGS)];
        let error = StoreError::refused("set properties", problems);
        assert_eq!(error.status(), MAPI_E_COMPUTED);
        assert_eq!(
            error.to_string(),
            "can’t set properties: MAPI_E_COMPUTED (0x8004011A): 0x0FFF0102 MAPI_E_COMPUTED (0x8004011A), \
             0x0E070003 MAPI_E_COMPUTED (0x8004011A)"
        );
    }

    #[test]
    fn the_meaning_is_kept() {
        let error = StoreError::new("save a message", MAPI_E_OBJECT_CHANGED, None);
        assert!(error.is_changed());
        assert_eq!(SyncError::from(error.clone()).code(), MAPI_E_OBJECT_CHANGED);
        // By way of a reader, too.
        let error = io::Error::from(error);
        assert_eq!(SyncError::from(error).code(), MAPI_E_OBJECT_CHANGED);
        // A part that was done is no success for the run.
        let error = StoreError::new("delete messages", MAPI_W_PARTIAL_COMPLETION, None);
        assert!(error.is_partial());
        assert_eq!(SyncError::from(error).code(), MAPI_E_CALL_FAILED);
    }
}
