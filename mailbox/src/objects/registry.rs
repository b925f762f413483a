//! The stores of a provider object that are open (ENTRY-04).

use std::ptr::NonNull;
use std::sync::Mutex;

use mapi_provider_abi::object::{Object, ObjectRef};

use super::opened::Key;
use super::shared::lock;
use super::store::StoreObject;

/// The open stores of one provider object, without references to them: a store takes itself out when it is
/// dropped.
#[derive(Default)]
pub(super) struct Registry(Mutex<Vec<Entry>>);

struct Entry {
    key: Key,
    spooler: bool,
    /// Tells this entry from all others.
    number: u64,
    store: NonNull<Object<StoreObject>>,
}

// SAFETY: the pointer is followed under the lock only, and only as long as the entry is there.
unsafe impl Send for Entry {}

impl Registry {
    /// The store of a database that is open already, counted.
    pub(super) fn find(&self, key: &Key, spooler: bool) -> Option<ObjectRef<StoreObject>> {
        find(&lock(&self.0), key, spooler)
    }

    /// Adds a new store, unless another thread has opened it meanwhile: then that one is answered.
    pub(super) fn claim(
        &self,
        key: &Key,
        spooler: bool,
        number: u64,
        store: &ObjectRef<StoreObject>,
    ) -> Option<ObjectRef<StoreObject>> {
        let mut entries = lock(&self.0);
        if let Some(other) = find(&entries, key, spooler) {
            return Some(other);
        }
        entries.push(Entry {
            key: key.clone(),
            spooler,
            number,
            store: store.as_ptr(),
        });
        None
    }

    /// Takes out a store that is being dropped.
    pub(super) fn remove(&self, number: u64) {
        lock(&self.0).retain(|entry| entry.number != number);
    }
}

fn find(entries: &[Entry], key: &Key, spooler: bool) -> Option<ObjectRef<StoreObject>> {
    let same = entries
        .iter()
        .filter(|entry| entry.spooler == spooler && entry.key == *key);
    // A store whose last reference has just gone is still in the list, but no longer to be had.
    // SAFETY: the memory of a store in the list is there: it takes itself out first.
    same.into_iter()
        .find_map(|entry| unsafe { ObjectRef::upgrade(entry.store) })
}
