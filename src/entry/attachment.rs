//! A logon's hold on the sync engine: store object and logon object share it.

use std::sync::OnceLock;
use std::time::Instant;

use crate::sync::{BackgroundSync, LogonHandle, SyncEngine};

/// What store and logon of one logon share. The logon never holds the store (ENTRY-05), so this is how
/// it reaches the run.
///
/// When one of the two ends, both do: they act as one object with two interfaces.
pub(super) struct Attachment<L: BackgroundSync> {
    engine: SyncEngine<L>,
    logon: LogonHandle,
    /// The deadline of the first wait.
    deadline: OnceLock<Option<Instant>>,
}

impl<L: BackgroundSync> Attachment<L> {
    /// The hold of a logon that the engine knows.
    pub(super) fn new(engine: SyncEngine<L>) -> Self {
        Self {
            logon: engine.logon(),
            engine,
            deadline: OnceLock::new(),
        }
    }

    pub(super) fn engine(&self) -> &SyncEngine<L> {
        &self.engine
    }

    pub(super) fn logon(&self) -> &LogonHandle {
        &self.logon
    }

    /// StoreLogoff: cancels what this logon has requested and waits for its end, within bounds (SYNC-16). The store
    /// may have other clients, so it stays open.
    pub(super) fn cancel(&self) {
        let mark = self.logon.cancel();
        self.logon.wait_until(mark, self.logon.deadline());
    }

    /// The last Release of the store: cancels what this logon has requested, without waiting (SYNC-16).
    pub(super) fn release(&self) {
        self.engine.leave();
    }

    /// Logoff: cancels what this logon has requested and waits for its end, within bounds (SYNC-16). The store's
    /// last Release and the Logoff that follows it wait only once.
    pub(super) fn log_off(&self) {
        let deadline = *self.deadline.get_or_init(|| self.logon.deadline());
        let mark = self.engine.leave();
        self.logon.wait_until(mark, deadline);
    }
}

/// A hold without a logon ends by itself.
impl<L: BackgroundSync> Drop for Attachment<L> {
    fn drop(&mut self) {
        self.release();
    }
}
