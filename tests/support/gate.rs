//! A place where a run stops until the test lets it go on.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

use super::SOON;

/// Holds up whoever passes it until it is opened. Clones are the same gate.
#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<(Mutex<State>, Condvar)>);

#[derive(Default)]
struct State {
    arrivals: usize,
    open: bool,
}

impl Gate {
    /// Arrives, and waits until the gate is open.
    pub(crate) fn pass(&self) {
        self.with(|state| state.arrivals += 1);
        self.wait(|state| state.open);
    }

    /// Waits until somebody has arrived.
    #[track_caller]
    pub(crate) fn wait_for_arrival(&self) {
        self.wait_for_arrivals(1);
    }

    /// Waits until that many have arrived.
    #[track_caller]
    pub(crate) fn wait_for_arrivals(&self, count: usize) {
        assert!(
            self.wait(|state| state.arrivals >= count),
            "nobody came to the gate"
        );
    }

    /// Lets everybody through from now on.
    pub(crate) fn open(&self) {
        self.with(|state| state.open = true);
    }

    pub(crate) fn is_open(&self) -> bool {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).open
    }

    fn with(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.0.0.lock().unwrap_or_else(PoisonError::into_inner));
        self.0.1.notify_all();
    }

    fn wait(&self, enough: impl Fn(&State) -> bool) -> bool {
        let state = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self
            .0
            .1
            .wait_timeout_while(state, SOON, |state| !enough(state));
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }
}
