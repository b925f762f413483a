//! The stores that are open (ENTRY-04).

use std::ptr::{self, NonNull};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::attachment::Attachment;
use super::identity::StoreIdentity;
use crate::object::{Class, Object, ObjectRef};
use crate::sync::{BackgroundSync, LogonHandle};

/// The open stores of one provider object, without references to them: a store takes itself out when it
/// is dropped.
pub(super) struct Registry<S: Class>(Mutex<Stores<S>>);

struct Stores<S: Class> {
    open: Vec<Entry<S>>,
    /// The logons of this provider object, until nothing of theirs is left to be done: Shutdown ends and waits for
    /// those too whose store is gone already (SYNC-16).
    logons: Vec<LogonHandle>,
}

/// What tells one store from another.
#[derive(Clone, Copy)]
pub(super) struct Key<'a> {
    pub(super) identity: &'a StoreIdentity,
    /// The spooler's store, or everybody else's.
    pub(super) spooler: bool,
    /// The address of the store that it wraps, which is the same store whatever its entry ID looks like; 0 where it
    /// wraps none, or that isn't known yet.
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
        Self(Mutex::new(Stores {
            open: Vec::new(),
            logons: Vec::new(),
        }))
    }

    /// The store of an identity, open, counted (ENTRY-04).
    pub(super) fn look(&self, key: Key<'_>) -> Option<ObjectRef<S>> {
        look(&self.lock().open, key)
    }

    /// Adds a new store, unless another thread has opened it meanwhile: then that one is answered.
    ///
    /// `build` only puts the store together: it runs under the lock, so it calls nothing foreign
    /// (SYNC-19).
    pub(super) fn claim<L: BackgroundSync>(
        &self,
        key: Key<'_>,
        attachment: Attachment<L>,
        build: impl FnOnce(Attachment<L>) -> ObjectRef<S>,
    ) -> Result<ObjectRef<S>, ObjectRef<S>> {
        let mut stores = self.lock();
        if let Some(store) = look(&stores.open, key) {
            // What is not used is dropped after the lock: it may be the team's logic.
            drop(stores);
            return Err(store);
        }
        stores.logons.retain(|logon| !logon.is_over());
        stores.logons.push(attachment.logon().clone());
        let store = build(attachment);
        stores.open.push(Entry {
            identity: key.identity.clone(),
            spooler: key.spooler,
            inner: key.inner,
            store: store.as_ptr(),
        });
        drop(stores);
        Ok(store)
    }

    /// Takes a store out that is being dropped.
    pub(super) fn remove(&self, store: *const S) {
        // Addresses only: the store is borrowed by its own drop.
        let is_it = |entry: &Entry<S>| ptr::eq(Object::value_at(entry.store), store);
        self.lock().open.retain(|entry| !is_it(entry));
    }

    /// Ends all logons of this provider object, and waits for what they had asked for within one bound (SYNC-16).
    pub(super) fn stop_all(&self) {
        let logons = self.lock().logons.clone();
        let deadline = logons.first().and_then(LogonHandle::deadline);
        // All are told before any is waited for, so that they end side by side.
        let left: Vec<_> = logons.iter().map(|logon| (logon, logon.leave())).collect();
        for (logon, mark) in left {
            logon.wait_until(mark, deadline);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Stores<S>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn look<S: Class>(entries: &[Entry<S>], key: Key<'_>) -> Option<ObjectRef<S>> {
    let is_same = |entry: &&Entry<S>| {
        let inner = key.inner != 0 && entry.inner == key.inner;
        entry.spooler == key.spooler && (inner || entry.identity.is_same(key.identity))
    };
    // A store whose last reference has just gone is still in the list, but no longer to be had.
    // SAFETY: the memory of a store in the list is there: it takes itself out first.
    let upgrade = |entry: &Entry<S>| unsafe { ObjectRef::upgrade(entry.store) };
    entries.iter().filter(is_same).find_map(upgrade)
}
