//! A provider object's open stores (ENTRY-04).

use std::ptr::{self, NonNull};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mapi_provider::abi::{IMsgStore, Interface};
use mapi_provider::object::{Object, ObjectRef};

use super::store::StoreObject;

/// Which store of ours wraps which of the engine's, without references to them: ours takes itself out when it is dropped.
#[derive(Default)]
pub(super) struct Registry(Mutex<Vec<Entry>>);

struct Entry {
    /// The address of the engine's store. Ours holds that one, so no other store has it.
    inner: usize,
    store: NonNull<Object<StoreObject>>,
}

// SAFETY: the pointer is followed under the lock only, and only as long as the entry is there.
unsafe impl Send for Entry {}

impl Registry {
    /// The store that wraps one of the engine's: that which does so already, or else a new one.
    pub(super) fn wrap(self: &Arc<Self>, inner: IMsgStore) -> ObjectRef<StoreObject> {
        let address = inner.as_raw() as usize;
        let mut entries = self.lock();
        let same = entries.iter().filter(|entry| entry.inner == address);
        // A store whose last reference has just gone is still in the list, but no longer to be had.
        // SAFETY: the memory of a store in the list is there: it takes itself out first.
        let mut living = same.filter_map(|entry| unsafe { ObjectRef::upgrade(entry.store) });
        let found = living.next();
        drop(living);
        found.unwrap_or_else(|| {
            let store = ObjectRef::new(StoreObject::new(inner, Arc::clone(self)));
            entries.push(Entry {
                inner: address,
                store: store.as_ptr(),
            });
            store
        })
    }

    /// Takes out a store that is being dropped.
    pub(super) fn remove(&self, store: *const StoreObject) {
        // Addresses only: the store is borrowed by its own drop.
        let is_it = |entry: &Entry| ptr::eq(Object::value_at(entry.store), store);
        self.lock().retain(|entry| !is_it(entry));
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
