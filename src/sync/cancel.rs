//! Cancellation: a flag that can be waited for.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::world::{AtomicBool, Condvar, Mutex, is_past, lock, wait_until};
use crate::platform::deadline;

/// Whether a run has been cancelled. Clones share it, and it may be used on any thread.
#[derive(Debug, Clone, Default)]
pub struct CancelToken(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    cancelled: AtomicBool,
    /// There is something else for the worker to do: a request has left the run.
    nudged: AtomicBool,
    lock: Mutex<()>,
    changed: Condvar,
}

/// Why a wait has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Woken {
    Cancelled,
    Nudged,
    /// The time is over.
    Late,
}

impl CancelToken {
    /// Cancels; whoever waits wakes up.
    pub(crate) fn cancel(&self) {
        self.set(&self.0.cancelled);
    }

    /// Wakes the worker, so it checks who has left its run.
    pub(super) fn nudge(&self) {
        self.set(&self.0.nudged);
    }

    fn set(&self, flag: &AtomicBool) {
        // Under the lock, so that no waiter misses it between its look and its sleep.
        let _guard = lock(&self.0.lock);
        flag.store(true, Ordering::Release);
        self.0.changed.notify_all();
    }

    /// Whether the run has been cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::Acquire)
    }

    /// Whether there was a nudge since the last question.
    pub(super) fn take_nudge(&self) -> bool {
        // Asked often, and mostly for nothing.
        self.0.nudged.load(Ordering::Acquire) && self.0.nudged.swap(false, Ordering::AcqRel)
    }

    /// Sleeps, but not beyond a cancellation; true if there was one.
    pub fn wait(&self, duration: Duration) -> bool {
        let end = deadline(duration);
        let mut guard = lock(&self.0.lock);
        while !self.is_cancelled() {
            if is_past(end) {
                return false;
            }
            guard = wait_until(&self.0.lock, &self.0.changed, guard, end);
        }
        true
    }

    /// Sleeps until something concerns the worker, or a point in time comes.
    pub(super) fn wait_for_anything(&self, end: Option<std::time::Instant>) -> Woken {
        let mut guard = lock(&self.0.lock);
        loop {
            if self.is_cancelled() {
                return Woken::Cancelled;
            }
            if self.0.nudged.load(Ordering::Acquire) {
                return Woken::Nudged;
            }
            if is_past(end) {
                return Woken::Late;
            }
            guard = wait_until(&self.0.lock, &self.0.changed, guard, end);
        }
    }
}
