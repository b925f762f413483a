//! What the engine's shared state needs of the world: locks, threads, events. In one place, so that the model
//! checker can put its own there (`sync/interleave`).

pub(super) use std::sync::{Condvar, Mutex, MutexGuard};

pub(super) use crate::platform::{
    Bell, Event, LastWords, ProcessLock, ThreadId, WorkerScope, current_thread, spawn_worker,
};

use std::sync::PoisonError;
use std::time::{Duration, Instant};

/// How long a worker sleeps before it asks again for a lock that another process holds.
const ASK_AGAIN: Duration = Duration::from_millis(50);

/// Takes a lock. A thread that panicked with it has left nothing half done: every change is one step.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sleeps until somebody tells of a change.
pub(super) fn wait<'a, T>(changed: &Condvar, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
    changed.wait(guard).unwrap_or_else(PoisonError::into_inner)
}

/// Sleeps until somebody tells of a change, or until a point in time; `None` has no end.
pub(super) fn wait_until<'a, T>(
    changed: &Condvar,
    guard: MutexGuard<'a, T>,
    deadline: Option<Instant>,
) -> MutexGuard<'a, T> {
    match deadline {
        None => wait(changed, guard),
        Some(deadline) => {
            let left = deadline.saturating_duration_since(Instant::now());
            let woken = changed.wait_timeout(guard, left);
            woken.unwrap_or_else(PoisonError::into_inner).0
        }
    }
}

/// Sleeps for a moment: what is waited for happens in another process, which tells nobody.
pub(super) fn doze<'a, T>(changed: &Condvar, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
    let woken = changed.wait_timeout(guard, ASK_AGAIN);
    woken.unwrap_or_else(PoisonError::into_inner).0
}

/// Whether a point in time has come; one that there is none of never does.
pub(super) fn is_past(deadline: Option<Instant>) -> bool {
    deadline.is_some_and(|deadline| Instant::now() >= deadline)
}
