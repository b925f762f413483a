//! A logon's hold on the sync engine: store object and logon object share it.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use crate::sync::{BackgroundSync, SyncEngine};

/// What store and logon of one logon share. The logon never holds the store (ENTRY-05), so this is how
/// it reaches the run.
///
/// The first of the two that ends, ends both: they act as one object with two interfaces.
pub(super) struct Attachment<L: BackgroundSync> {
    engine: SyncEngine<L>,
    ended: AtomicBool,
    /// Of the first wait.
    deadline: OnceLock<Instant>,
}

impl<L: BackgroundSync> Attachment<L> {
    /// A hold on an engine; none where it has been logged off for good.
    pub(super) fn new(engine: &SyncEngine<L>) -> Option<Self> {
        engine.attach().then(|| Self {
            engine: engine.clone(),
            ended: AtomicBool::new(false),
            deadline: OnceLock::new(),
        })
    }

    /// The first hold on a new engine.
    pub(super) fn first(engine: SyncEngine<L>) -> Self {
        engine.attach();
        Self {
            engine,
            ended: AtomicBool::new(false),
            deadline: OnceLock::new(),
        }
    }

    pub(super) fn engine(&self) -> &SyncEngine<L> {
        &self.engine
    }

    /// The last Release of the store: the run is cancelled, and not waited for (SYNC-16).
    pub(super) fn release(&self) {
        if self.end() {
            self.engine.cancel();
        }
    }

    /// Logoff: the run is cancelled and waited for, within bounds (SYNC-16).
    pub(super) fn log_off(&self) {
        self.log_off_by(self.deadline());
    }

    /// Logoff of a wrapped store, by its number: the run that uses it is waited for, and where nobody else is logged on
    /// any run. Both waits have one bound (SYNC-16).
    #[cfg(feature = "store")]
    pub(super) fn log_off_store(&self, number: u64) {
        let deadline = self.deadline();
        self.engine.close_store(number, deadline);
        self.log_off_by(deadline);
    }

    /// Until when a logoff waits: the store's last Release and the Logoff that MAPI lets follow wait once.
    fn deadline(&self) -> Instant {
        *self.deadline.get_or_init(|| self.engine.deadline())
    }

    fn log_off_by(&self, deadline: Instant) {
        // The wait is due also where the store's last Release came first, as it does with MAPI.
        if self.end() || self.engine.is_closed() {
            self.engine.stop_by(true, deadline);
        }
    }

    /// Ends the logon; true where no other one uses the store.
    fn end(&self) -> bool {
        !self.ended.swap(true, Ordering::AcqRel) && self.engine.detach()
    }
}

/// A hold that no logon came of ends by itself.
impl<L: BackgroundSync> Drop for Attachment<L> {
    fn drop(&mut self) {
        self.release();
    }
}
