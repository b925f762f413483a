//! What a search has found so far.

use super::error::LookupError;
use super::logic::Entry;
use crate::sync::CancelToken;

/// Takes the entries that a search finds.
///
/// They belong to the lookup, not to the call of Outlook's that waits for it: one that is left behind writes nowhere else
/// (AB-32).
#[derive(Debug)]
pub struct Found<'a> {
    cancel: &'a CancelToken,
    limit: usize,
    entries: Vec<Entry>,
    is_incomplete: bool,
}

impl<'a> Found<'a> {
    pub(super) fn new(cancel: &'a CancelToken, limit: usize) -> Self {
        Self {
            cancel,
            limit,
            entries: Vec::new(),
            is_incomplete: false,
        }
    }

    /// One more entry.
    ///
    /// # Errors
    ///
    /// It is enough, or nobody waits any more: return.
    pub fn push(&mut self, entry: Entry) -> Result<(), LookupError> {
        self.check()?;
        if self.entries.len() >= self.limit {
            self.is_incomplete = true;
            return Err(LookupError::stopped());
        }
        self.entries.push(entry);
        Ok(())
    }

    /// The server has more than it told.
    pub fn incomplete(&mut self) {
        self.is_incomplete = true;
    }

    /// Whether anybody still waits.
    ///
    /// # Errors
    ///
    /// Nobody does: return.
    pub fn check(&self) -> Result<(), LookupError> {
        match self.cancel.is_cancelled() {
            true => Err(LookupError::stopped()),
            false => Ok(()),
        }
    }

    /// What says whether anybody still waits: to wait with, or for another thread.
    pub fn cancel_token(&self) -> &CancelToken {
        self.cancel
    }

    /// The entries, and whether there are more than these.
    pub(super) fn into_parts(self) -> (Vec<Entry>, bool) {
        (self.entries, self.is_incomplete)
    }
}
