//! Logons of one store, one after another.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::super::identity::StoreIdentity;
use crate::platform::{Bell, ThreadId, current_thread, deadline};

/// How long a logon waits for another.
const PATIENCE: Duration = Duration::from_secs(10);

/// Who is opening which store. The inner provider has to be asked before it shows whether a store is open already,
/// so two logons at once would each take themselves for the first (ENTRY-04).
///
/// It is a turn, not a lock: a logon within a logon goes ahead, and so does one that has waited for long, because the
/// one that opens the store may in turn be waiting for it (SYNC-19). Two that go ahead at once find out when they put
/// their stores into the list.
#[derive(Default)]
pub(super) struct Turns(Mutex<State>);

#[derive(Default)]
struct State {
    taken: Vec<(StoreIdentity, ThreadId)>,
    bells: Vec<Arc<Bell>>,
}

/// A turn; it ends on drop.
pub(super) struct Turn<'a> {
    turns: &'a Turns,
    identity: StoreIdentity,
    thread: ThreadId,
}

impl Turns {
    /// Waits for others that are opening this store, but not forever. Messages that are sent to the thread are
    /// answered meanwhile: the other one may be waiting for that (SYNC-16).
    pub(super) fn take(&self, identity: &StoreIdentity) -> Turn<'_> {
        let thread = current_thread();
        let turn = || Turn {
            turns: self,
            identity: identity.clone(),
            thread,
        };
        let mut bell = None;
        let end = deadline(PATIENCE);
        loop {
            {
                let mut state = self.lock();
                let late = bell.as_ref().is_some_and(|(_, rung)| !rung);
                if late || !state.is_with_another(identity, thread) {
                    state.taken.push((identity.clone(), thread));
                    if let Some((bell, _)) = &bell {
                        state.bells.retain(|known| !Arc::ptr_eq(known, bell));
                    }
                    return turn();
                }
                if bell.is_none() {
                    let new = Arc::new(Bell::new());
                    state.bells.push(Arc::clone(&new));
                    bell = Some((new, true));
                }
            }
            if let Some((bell, rung)) = &mut bell {
                *rung = bell.wait_until(end);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_with_another(&self, identity: &StoreIdentity, thread: ThreadId) -> bool {
        let mut taken = self.taken.iter();
        taken.any(|(of, by)| of.is_same(identity) && *by != thread)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut state = self.turns.lock();
        let mine = |taken: &(StoreIdentity, ThreadId)| {
            taken.1 == self.thread && taken.0.is_same(&self.identity)
        };
        if let Some(place) = state.taken.iter().rposition(mine) {
            state.taken.swap_remove(place);
        }
        state.bells.iter().for_each(|bell| bell.ring());
    }
}
