//! The end of a worker, to be waited for.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::{ThreadId, current_thread};

/// Opens once, when a worker has let go of everything but the events it signals last.
#[derive(Debug, Default)]
pub(crate) struct Latch {
    state: Mutex<State>,
    opened: Condvar,
}

#[derive(Debug, Default)]
struct State {
    worker: Option<ThreadId>,
    open: bool,
}

impl Latch {
    /// Notes that the calling thread is the worker.
    pub(crate) fn enter(&self) {
        self.lock().worker = Some(current_thread());
    }

    /// Whether the calling thread is the worker.
    pub(crate) fn is_worker(&self) -> bool {
        self.lock().worker == Some(current_thread())
    }

    /// The worker has ended.
    pub(crate) fn open(&self) {
        self.lock().open = true;
        self.opened.notify_all();
    }

    pub(crate) fn is_open(&self) -> bool {
        self.lock().open
    }

    /// Waits for the worker's end until a point in time; false where it has not come by then.
    pub(crate) fn wait_until(&self, deadline: Instant) -> bool {
        let mut state = self.lock();
        while !state.open {
            let left = deadline.saturating_duration_since(Instant::now());
            if left == Duration::ZERO {
                return false;
            }
            state = self
                .opened
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        true
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
