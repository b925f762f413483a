//! Locks that outlive a panic: a test's hook may panic while it is called, and the report is
//! still wanted.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, whether or not somebody panicked with the lock held.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
