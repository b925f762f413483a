//! The logons of a provider object, for Shutdown.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// Logons, of which none is kept by being here.
pub(super) struct Logons<T>(Mutex<Vec<Weak<T>>>);

impl<T> Default for Logons<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Logons<T> {
    pub(super) fn add(&self, logon: &Arc<T>) {
        let mut all = self.lock();
        all.retain(|one| one.strong_count() > 0);
        all.push(Arc::downgrade(logon));
    }

    /// Those that are there still. The lock is not held while something is done with them (SYNC-19).
    pub(super) fn all(&self) -> Vec<Arc<T>> {
        self.lock().iter().filter_map(Weak::upgrade).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Weak<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
