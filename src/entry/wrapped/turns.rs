//! Logons of one store, one after another.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::super::identity::StoreIdentity;
use crate::platform::{ThreadId, current_thread};

/// Who is opening which store. The inner provider has to be asked before it shows whether a store is open already,
/// so two logons at once would each take themselves for the first (ENTRY-04).
///
/// It is a turn, not a lock: whoever waits holds nothing, and a logon that is asked for within a logon goes ahead
/// (SYNC-19).
#[derive(Default)]
pub(super) struct Turns {
    taken: Mutex<Vec<(StoreIdentity, ThreadId)>>,
    changed: Condvar,
}

/// A turn; it ends on drop.
pub(super) struct Turn<'a> {
    turns: &'a Turns,
    identity: StoreIdentity,
}

impl Turns {
    /// Waits for others who are opening this store.
    pub(super) fn take(&self, identity: &StoreIdentity) -> Turn<'_> {
        let me = current_thread();
        let is_others =
            |taken: &(StoreIdentity, ThreadId)| taken.0.is_same(identity) && taken.1 != me;
        let mut taken = self.lock();
        while taken.iter().any(is_others) {
            let waited = self.changed.wait(taken);
            taken = waited.unwrap_or_else(PoisonError::into_inner);
        }
        taken.push((identity.clone(), me));
        Turn {
            turns: self,
            identity: identity.clone(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(StoreIdentity, ThreadId)>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut taken = self.turns.lock();
        let mine = |taken: &(StoreIdentity, ThreadId)| taken.0.is_same(&self.identity);
        if let Some(place) = taken.iter().rposition(mine) {
            taken.swap_remove(place);
        }
        self.turns.changed.notify_all();
    }
}
