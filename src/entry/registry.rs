//! The stores that are open (ENTRY-04).

use std::ptr::{self, NonNull};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::identity::StoreIdentity;
use super::store::StoreObject;
use crate::object::{Object, ObjectRef};
use crate::sync::{MapiSync, SyncEngine};

/// The open stores of one provider object, without references to them: a store takes itself out when it
/// is dropped.
pub(super) struct Registry<L: MapiSync>(Mutex<Vec<Entry<L>>>);

struct Entry<L: MapiSync> {
    identity: StoreIdentity,
    spooler: bool,
    store: NonNull<Object<StoreObject<L>>>,
    engine: SyncEngine<L>,
}

// SAFETY: the pointer is followed under the lock only, and only as long as the entry is there.
unsafe impl<L: MapiSync> Send for Entry<L> {}

impl<L: MapiSync> Registry<L> {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// The open store of this identity, counted.
    pub(super) fn find(
        &self,
        identity: &StoreIdentity,
        spooler: bool,
    ) -> Option<ObjectRef<StoreObject<L>>> {
        find(&self.lock(), identity, spooler)
    }

    /// The engine of a store of this identity, the spooler's or not: both share it, for there is one
    /// run per store at a time (SYNC-15).
    pub(super) fn engine(&self, identity: &StoreIdentity) -> Option<SyncEngine<L>> {
        let entries = self.lock();
        let same = entries
            .iter()
            .find(|entry| entry.identity.is_same(identity) && !entry.engine.is_closed());
        same.map(|entry| entry.engine.clone())
    }

    /// Adds a store that has just been opened, or answers the one that another thread has opened
    /// meanwhile.
    pub(super) fn add(
        &self,
        store: &ObjectRef<StoreObject<L>>,
    ) -> Option<ObjectRef<StoreObject<L>>> {
        let mut entries = self.lock();
        let other = find(&entries, store.identity(), store.is_spooler());
        if other.is_none() {
            entries.push(Entry {
                identity: store.identity().clone(),
                spooler: store.is_spooler(),
                store: store.as_ptr(),
                engine: store.engine().clone(),
            });
        }
        other
    }

    /// Takes a store out that is being dropped. What its entry held is dropped after the lock.
    pub(super) fn remove(&self, store: *const StoreObject<L>) {
        let _removed: Vec<Entry<L>> = {
            let mut entries = self.lock();
            // Addresses only: the store is borrowed by its own drop.
            let is_it = |entry: &mut Entry<L>| ptr::eq(Object::value_at(entry.store), store);
            entries.extract_if(.., is_it).collect()
        };
    }

    /// The engines of all open stores.
    pub(super) fn engines(&self) -> Vec<SyncEngine<L>> {
        self.lock()
            .iter()
            .map(|entry| entry.engine.clone())
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Entry<L>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn find<L: MapiSync>(
    entries: &[Entry<L>],
    identity: &StoreIdentity,
    spooler: bool,
) -> Option<ObjectRef<StoreObject<L>>> {
    let mut same = entries
        .iter()
        .filter(|entry| entry.spooler == spooler && entry.identity.is_same(identity));
    // A store whose last reference has just gone is still in the list, but no longer to be had.
    // SAFETY: the memory of a store in the list is there: it takes itself out first.
    same.find_map(|entry| unsafe { ObjectRef::upgrade(entry.store) })
}
