//! What a caller's thread waits for.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Instant;

/// Rung when something has changed; a ring that nobody has heard yet is not lost. For one listener.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    rung: Mutex<bool>,
    changed: Condvar,
}

impl Bell {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn ring(&self) {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_one();
    }

    /// Waits for a ring until a point in time; false if there was none.
    pub(crate) fn wait_until(&self, deadline: Option<Instant>) -> bool {
        let mut rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        while !*rung {
            rung = match deadline {
                None => self
                    .changed
                    .wait(rung)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return false;
                    }
                    let woken = self.changed.wait_timeout(rung, left);
                    woken.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
        *rung = false;
        true
    }
}
