//! How much has been read to understand a message.

use std::cell::Cell;

/// Counts the octets that are looked at, so that tests can say how many those are at most: bad input must never cost
/// more than a fixed number of looks at each of its octets.
#[derive(Debug, Default)]
pub(crate) struct Work(Cell<u64>);

impl Work {
    /// Some octets are looked at.
    pub(crate) fn count(&self, octets: usize) {
        self.0.set(self.0.get().saturating_add(octets as u64));
    }

    /// How many octets were looked at until now.
    #[cfg(test)]
    pub(crate) fn done(&self) -> u64 {
        self.0.get()
    }
}
