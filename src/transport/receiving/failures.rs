//! How often a message could not be saved, over rounds (XP-26).

use std::collections::VecDeque;

/// Of so many messages it is known.
const MOST: usize = 64;

/// Messages whose round was over before they were: the mark of each, and how often it could not be saved.
#[derive(Debug, Default)]
pub(super) struct Failures(VecDeque<(u64, u32)>);

impl Failures {
    /// How often a message has failed in rounds before this one. It is this round's to count from now on.
    pub(super) fn take(&mut self, mark: u64) -> u32 {
        let found = self.0.iter().position(|(known, _)| *known == mark);
        let found = found.and_then(|place| self.0.remove(place));
        found.map_or(0, |(_, failures)| failures)
    }

    /// Notes how often a message has failed that comes again in another round.
    pub(super) fn note(&mut self, mark: u64, failures: u32) {
        if failures == 0 {
            return;
        }
        if self.0.len() == MOST {
            self.0.pop_front();
        }
        self.0.push_back((mark, failures));
    }
}
