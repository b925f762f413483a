//! The open stores (ENTRY-04).

use std::ptr::{self, NonNull};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::attachment::Attachment;
use super::identity::StoreIdentity;
use crate::sync::{BackgroundSync, Logons};
use mapi_provider_abi::object::{Class, Object, ObjectRef};

/// The open stores of one provider object, without references to them: a store takes itself out when it
/// is dropped.
pub(super) struct Registry<S: Class> {
    open: Mutex<Vec<Entry<S>>>,
    logons: Logons,
}

/// What tells one store from another.
#[derive(Clone, Copy)]
pub(super) struct Key<'a> {
    pub(super) identity: &'a StoreIdentity,
    /// The spooler's store, or everybody else's.
    pub(super) spooler: bool,
    /// The address of the store that it wraps, which is the same store whatever its entry ID looks like; 0 if it
    /// wraps none, or if that isn't known yet.
    pub(super) inner: usize,
}

struct Entry<S: Class> {
    identity: StoreIdentity,
    spooler: bool,
    inner: usize,
    store: NonNull<Object<S>>,
}

// SAFETY: the pointer is followed under the lock only, and only as long as the entry is there.
unsafe impl<S: Class> Send for Entry<S> {}

impl<S: Class> Registry<S> {
    pub(super) fn new() -> Self {
        Self {
            open: Mutex::default(),
            logons: Logons::default(),
        }
    }

    /// The store of an identity, open, counted (ENTRY-04).
    pub(super) fn look(&self, key: Key<'_>) -> Option<ObjectRef<S>> {
        look(&self.lock(), key)
    }

    /// Adds a new store, unless another thread has opened it meanwhile: then returns that one.
    ///
    /// `build` only puts the store together: it runs under the lock, so it calls nothing foreign
    /// (SYNC-19).
    pub(super) fn claim<L: BackgroundSync>(
        &self,
        key: Key<'_>,
        attachment: Attachment<L>,
        build: impl FnOnce(Attachment<L>) -> ObjectRef<S>,
    ) -> Result<ObjectRef<S>, ObjectRef<S>> {
        let mut open = self.lock();
        if let Some(store) = look(&open, key) {
            // What is not used is dropped after the lock: it may be the team's logic.
            drop(open);
            return Err(store);
        }
        self.logons.add(attachment.logon().clone());
        let store = build(attachment);
        open.push(Entry {
            identity: key.identity.clone(),
            spooler: key.spooler,
            inner: key.inner,
            store: store.as_ptr(),
        });
        drop(open);
        Ok(store)
    }

    /// Removes a store that is being dropped.
    pub(super) fn remove(&self, store: *const S) {
        // Addresses only: the store is borrowed by its own drop.
        let is_it = |entry: &Entry<S>| ptr::eq(Object::value_at(entry.store), store);
        self.lock().retain(|entry| !is_it(entry));
    }

    /// Ends all logons of this provider object, and waits for what they had requested, within one time limit
    /// (SYNC-16).
    pub(super) fn stop_all(&self) {
        self.logons.end_all(self.logons.deadline());
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Entry<S>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn look<S: Class>(entries: &[Entry<S>], key: Key<'_>) -> Option<ObjectRef<S>> {
    let is_same = |entry: &&Entry<S>| {
        let inner = key.inner != 0 && entry.inner == key.inner;
        entry.spooler == key.spooler && (inner || entry.identity.is_same(key.identity))
    };
    // A store whose last reference is just gone is still in the list, but no longer available.
    // SAFETY: the memory of a store in the list is there: it takes itself out first.
    let upgrade = |entry: &Entry<S>| unsafe { ObjectRef::upgrade(entry.store) };
    entries.iter().filter(is_same).find_map(upgrade)
}
