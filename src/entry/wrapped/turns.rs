//! Logons of one store, one after another.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::super::identity::StoreIdentity;
use crate::platform::{ThreadId, current_thread};

/// How long a logon waits for another.
const PATIENCE: Duration = Duration::from_secs(10);

/// Who is opening which store. The inner provider has to be asked before it shows whether a store is open already,
/// so two logons at once would each take themselves for the first (ENTRY-04).
///
/// It is a turn, not a lock: a logon that is asked for within a logon goes ahead, and so does everybody who has waited
/// for long, for whoever opens the store may in turn be waiting for him (SYNC-19). Two that go ahead at once find
/// out when they put their stores into the list.
#[derive(Default)]
pub(super) struct Turns {
    taken: Mutex<Vec<(StoreIdentity, ThreadId)>>,
    changed: Condvar,
}

/// A turn; it ends on drop.
pub(super) struct Turn<'a> {
    turns: &'a Turns,
    identity: StoreIdentity,
    thread: ThreadId,
}

impl Turns {
    /// Waits for others who are opening this store, but not for ever.
    pub(super) fn take(&self, identity: &StoreIdentity) -> Turn<'_> {
        let me = current_thread();
        let is_others =
            |taken: &(StoreIdentity, ThreadId)| taken.0.is_same(identity) && taken.1 != me;
        let deadline = Instant::now() + PATIENCE;
        let mut taken = self.lock();
        while taken.iter().any(is_others) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left == Duration::ZERO {
                break;
            }
            let waited = self.changed.wait_timeout(taken, left);
            taken = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        taken.push((identity.clone(), me));
        Turn {
            turns: self,
            identity: identity.clone(),
            thread: me,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(StoreIdentity, ThreadId)>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut taken = self.turns.lock();
        let mine = |taken: &(StoreIdentity, ThreadId)| {
            taken.1 == self.thread && taken.0.is_same(&self.identity)
        };
        if let Some(place) = taken.iter().rposition(mine) {
            taken.swap_remove(place);
        }
        self.turns.changed.notify_all();
    }
}
