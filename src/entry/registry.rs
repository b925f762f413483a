//! The stores that are open (ENTRY-04).

use std::ptr::{self, NonNull};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::attachment::Attachment;
use super::identity::StoreIdentity;
use super::store::StoreObject;
use crate::abi::IMSLogon;
use crate::object::{Object, ObjectRef};
use crate::sync::{MapiSync, SyncEngine};

/// The open stores of one provider object, without references to them: a store takes itself out when it
/// is dropped.
pub(super) struct Registry<L: MapiSync>(Mutex<Vec<Entry<L>>>);

/// The two objects of a logon.
pub(super) struct Pair<L: MapiSync> {
    pub(super) store: ObjectRef<StoreObject<L>>,
    pub(super) logon: IMSLogon,
}

/// What there is of an identity.
pub(super) enum Place<L: MapiSync> {
    /// The store itself, open, counted (ENTRY-04).
    Taken(ObjectRef<StoreObject<L>>),
    /// The store of the other kind of logon, the spooler's or not: the engine is shared (SYNC-15).
    Shared(Attachment<L>),
    /// Nothing.
    Free,
}

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

    /// What there is of an identity. An engine is held from here on, so that it can't be logged off
    /// before the new logon has it.
    pub(super) fn look(&self, identity: &StoreIdentity, spooler: bool) -> Place<L> {
        look(&self.lock(), identity, spooler)
    }

    /// Adds a new store, unless another thread has opened it meanwhile: then that one is answered.
    ///
    /// `build` only puts the store together: it runs under the lock, so it calls nothing foreign
    /// (SYNC-19).
    pub(super) fn claim(
        &self,
        identity: &StoreIdentity,
        spooler: bool,
        attachment: Attachment<L>,
        build: impl FnOnce(Attachment<L>) -> Pair<L>,
    ) -> Result<Pair<L>, ObjectRef<StoreObject<L>>> {
        // What is not used is dropped after the lock: it may be the team's logic.
        let _unused;
        let mut entries = self.lock();
        let attachment = match look(&entries, identity, spooler) {
            Place::Taken(store) => {
                drop(entries);
                return Err(store);
            }
            // One engine per store, whoever came first (SYNC-15).
            Place::Shared(shared) => {
                _unused = attachment;
                shared
            }
            Place::Free => attachment,
        };
        let engine = attachment.engine().clone();
        let pair = build(attachment);
        entries.push(Entry {
            identity: identity.clone(),
            spooler,
            store: pair.store.as_ptr(),
            engine,
        });
        drop(entries);
        Ok(pair)
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

fn look<L: MapiSync>(entries: &[Entry<L>], identity: &StoreIdentity, spooler: bool) -> Place<L> {
    let same = || {
        entries
            .iter()
            .filter(|entry| entry.identity.is_same(identity))
    };
    // A store whose last reference has just gone is still in the list, but no longer to be had.
    // SAFETY: the memory of a store in the list is there: it takes itself out first.
    let upgrade = |entry: &Entry<L>| unsafe { ObjectRef::upgrade(entry.store) };
    let store = same()
        .filter(|entry| entry.spooler == spooler)
        .find_map(upgrade);
    let attachment = || same().find_map(|entry| Attachment::new(&entry.engine));
    match store {
        Some(store) => Place::Taken(store),
        None => attachment().map_or(Place::Free, Place::Shared),
    }
}
