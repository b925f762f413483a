//! The ends of logons: of one, and of all that a provider object has (SYNC-16).

use std::time::Instant;

use super::crew::Crew;
use super::state::{Mark, Number};
use super::world::{Mutex, lock};
use crate::log;
use crate::platform::deadline;

/// A logon to a store: what its end needs, for whoever has to end it without knowing the logic.
#[derive(Debug, Clone)]
pub(crate) struct LogonHandle {
    pub(super) crew: Crew,
    pub(super) logon: Number,
}

impl LogonHandle {
    /// Until when a logoff waits that begins now: the manifest's bound (SYNC-16).
    pub(crate) fn deadline(&self) -> Option<Instant> {
        deadline(self.crew.logoff_wait)
    }

    /// Cancels what the logon has asked for; it may ask for more later.
    pub(crate) fn cancel(&self) -> Mark {
        self.crew.cancel(self.logon, false)
    }

    /// Ends the logon: what it has asked for is cancelled, and it asks for nothing more.
    pub(crate) fn leave(&self) -> Mark {
        self.crew.cancel(self.logon, true)
    }

    /// Waits for the end of what the logon had asked for before a mark, until a point in time, and not at all on one
    /// of our own threads (SYNC-16).
    pub(crate) fn wait_until(&self, mark: Mark, deadline: Option<Instant>) {
        if !self.crew.line.wait(self.logon, mark, deadline) {
            log::warn!("the sync logic did not end in time; the store is logged off without it");
        }
    }

    /// Whether it has left, and nothing of what it asked for is still to be done.
    fn is_over(&self) -> bool {
        self.crew.line.is_over(self.logon)
    }
}

/// The logons of one provider object, until nothing of theirs is left to be done: `Shutdown` ends and waits for those
/// too whose store is gone already.
#[derive(Debug, Default)]
pub(crate) struct Logons(Mutex<Vec<LogonHandle>>);

impl Logons {
    /// One logon more.
    pub(crate) fn add(&self, logon: LogonHandle) {
        let mut logons = lock(&self.0);
        logons.retain(|logon| !logon.is_over());
        logons.push(logon);
    }

    /// Until when `Shutdown` waits that begins now; every logon has the same bound.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        lock(&self.0).first().and_then(LogonHandle::deadline)
    }

    /// Ends all logons, and waits for what they had asked for until a point in time.
    pub(crate) fn end_all(&self, deadline: Option<Instant>) {
        let logons = lock(&self.0).clone();
        // All are told before any is waited for, so that they end side by side.
        let left: Vec<_> = logons.iter().map(|logon| (logon, logon.leave())).collect();
        for (logon, mark) in left {
            logon.wait_until(mark, deadline);
        }
    }
}
