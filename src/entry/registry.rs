//! The stores that are open (ENTRY-04).

use std::ptr::{self, NonNull};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::attachment::Attachment;
use super::identity::StoreIdentity;
use crate::object::{Class, Object, ObjectRef};
use crate::platform::Latch;
use crate::sync::{BackgroundSync, SyncEngine};

/// The open stores of one provider object, without references to them: a store takes itself out when it
/// is dropped.
pub(super) struct Registry<L: BackgroundSync, S: Class>(Mutex<Stores<L, S>>);

struct Stores<L: BackgroundSync, S: Class> {
    open: Vec<Entry<L, S>>,
    /// Workers of stores that were closed before they had ended.
    left: Vec<Left>,
}

/// What a store has left behind: whoever opens it again has to wait for these before he runs (SYNC-15).
struct Left {
    identity: StoreIdentity,
    inner: usize,
    workers: Vec<Arc<Latch>>,
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

/// What there is of an identity.
pub(super) enum Place<L: BackgroundSync, S: Class> {
    /// The store itself, open, counted (ENTRY-04).
    Taken(ObjectRef<S>),
    /// The store of the other kind of logon, the spooler's or not: the engine is shared (SYNC-15).
    Shared(Attachment<L>),
    /// Nothing.
    Free,
}

struct Entry<L: BackgroundSync, S: Class> {
    identity: StoreIdentity,
    spooler: bool,
    inner: usize,
    store: NonNull<Object<S>>,
    engine: SyncEngine<L>,
}

// SAFETY: the pointer is followed under the lock only, and only as long as the entry is there.
unsafe impl<L: BackgroundSync, S: Class> Send for Entry<L, S> {}

impl<L: BackgroundSync, S: Class> Registry<L, S> {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Stores {
            open: Vec::new(),
            left: Vec::new(),
        }))
    }

    /// What there is of an identity. An engine is held from here on, so that it can't be logged off
    /// before the new logon has it.
    pub(super) fn look(&self, key: Key<'_>) -> Place<L, S> {
        look(&self.lock().open, key)
    }

    /// Adds a new store, unless another thread has opened it meanwhile: then that one is answered.
    ///
    /// `build` only puts the store together: it runs under the lock, so it calls nothing foreign
    /// (SYNC-19).
    pub(super) fn claim(
        &self,
        key: Key<'_>,
        attachment: Attachment<L>,
        build: impl FnOnce(Attachment<L>) -> ObjectRef<S>,
    ) -> Result<ObjectRef<S>, ObjectRef<S>> {
        // What is not used is dropped after the lock: it may be the team's logic.
        let _unused;
        let mut stores = self.lock();
        let attachment = match look(&stores.open, key) {
            Place::Taken(store) => {
                drop(stores);
                return Err(store);
            }
            // One engine per store, whoever came first (SYNC-15).
            Place::Shared(shared) => {
                _unused = attachment;
                shared
            }
            Place::Free => {
                attachment.engine().follow(stores.left(key));
                attachment
            }
        };
        let engine = attachment.engine().clone();
        let store = build(attachment);
        stores.open.push(Entry {
            identity: key.identity.clone(),
            spooler: key.spooler,
            inner: key.inner,
            store: store.as_ptr(),
            engine,
        });
        drop(stores);
        Ok(store)
    }

    /// Takes a store out that is being dropped. What its entry held is dropped after the lock.
    pub(super) fn remove(&self, store: *const S) {
        let _removed: Vec<Entry<L, S>> = {
            let mut stores = self.lock();
            // Addresses only: the store is borrowed by its own drop.
            let is_it = |entry: &mut Entry<L, S>| ptr::eq(Object::value_at(entry.store), store);
            let removed: Vec<Entry<L, S>> = stores.open.extract_if(.., is_it).collect();
            for entry in &removed {
                stores.left.push(Left {
                    identity: entry.identity.clone(),
                    inner: entry.inner,
                    workers: entry.engine.unfinished(),
                });
            }
            removed
        };
    }

    /// Cancels the runs of all open stores, and waits for them within bounds (SYNC-16).
    pub(super) fn stop_all(&self) {
        let engines: Vec<SyncEngine<L>> = {
            let open = &self.lock().open;
            open.iter().map(|entry| entry.engine.clone()).collect()
        };
        // All are told before any is waited for, so that they end side by side, within one bound.
        engines.iter().for_each(SyncEngine::cancel);
        if let Some(deadline) = engines.first().map(SyncEngine::deadline) {
            engines
                .iter()
                .for_each(|engine| engine.stop_by(true, deadline));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Stores<L, S>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<L: BackgroundSync, S: Class> Stores<L, S> {
    /// Workers that a store of this identity has left behind and that have not ended yet.
    fn left(&mut self, key: Key<'_>) -> Vec<Arc<Latch>> {
        for left in &mut self.left {
            left.workers.retain(|worker| !worker.is_open());
        }
        self.left.retain(|left| !left.workers.is_empty());
        let same = self.left.iter().filter(|left| {
            let inner = key.inner != 0 && left.inner == key.inner;
            inner || left.identity.is_same(key.identity)
        });
        same.flat_map(|left| left.workers.iter().cloned()).collect()
    }
}

fn look<L: BackgroundSync, S: Class>(entries: &[Entry<L, S>], key: Key<'_>) -> Place<L, S> {
    let is_same = |entry: &&Entry<L, S>| {
        let inner = key.inner != 0 && entry.inner == key.inner;
        inner || entry.identity.is_same(key.identity)
    };
    let same = || entries.iter().filter(is_same);
    // A store whose last reference has just gone is still in the list, but no longer to be had.
    // SAFETY: the memory of a store in the list is there: it takes itself out first.
    let upgrade = |entry: &Entry<L, S>| unsafe { ObjectRef::upgrade(entry.store) };
    let store = same()
        .filter(|entry| entry.spooler == key.spooler)
        .find_map(upgrade);
    let attachment = || same().find_map(|entry| Attachment::new(&entry.engine));
    match store {
        Some(store) => Place::Taken(store),
        None => attachment().map_or(Place::Free, Place::Shared),
    }
}
