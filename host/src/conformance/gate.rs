//! A place where a run stops until the scenario lets it go on.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Holds up whoever passes it until it is opened, but never forever. Clones are the same gate.
#[derive(Clone)]
pub(super) struct Gate {
    shared: Arc<(Mutex<State>, Condvar)>,
    longest: Duration,
}

#[derive(Default)]
struct State {
    arrived: bool,
    open: bool,
    gave_up: bool,
}

impl Gate {
    /// A closed gate that holds nobody longer than this.
    pub(super) fn new(longest: Duration) -> Self {
        Self {
            shared: Arc::default(),
            longest,
        }
    }

    /// Arrives, and waits until the gate is open.
    pub(super) fn pass(&self) {
        self.with(|state| state.arrived = true);
        if !self.wait(self.longest, |state| state.open) {
            self.with(|state| (state.open, state.gave_up) = (true, true));
        }
    }

    /// Waits until somebody has arrived; false if nobody came in time.
    pub(super) fn wait_for_arrival(&self, timeout: Duration) -> bool {
        self.wait(timeout, |state| state.arrived)
    }

    /// How long it holds anybody.
    pub(super) fn longest(&self) -> Duration {
        self.longest
    }

    /// Lets everybody through from now on.
    pub(super) fn open(&self) {
        self.with(|state| state.open = true);
    }

    /// Whether somebody waited so long that the gate opened by itself.
    pub(super) fn gave_up(&self) -> bool {
        self.lock().gave_up
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.shared.1.notify_all();
    }

    fn wait(&self, timeout: Duration, enough: impl Fn(&State) -> bool) -> bool {
        let waited = self
            .shared
            .1
            .wait_timeout_while(self.lock(), timeout, |state| !enough(state));
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }
}
