//! What all objects of an open store share.

use std::collections::HashMap;
use std::ffi::c_void;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mapi_provider::abi::{
    MAPI_E_NO_SUPPORT, MAPI_FOLDER, MAPI_MESSAGE, NOTIFICATION, NotificationEvents,
};
use mapi_provider::view::{
    Allocators, EntryId, MapiBuffer, Notification, ObjectEvent, ObjectNotification,
};

use crate::db::{Change, Event, Id, Identity, OpenDatabase, State, What};
use crate::fault::{Fault, Result};
use crate::support::Support;

/// What all objects of an open store share: the database, and MAPI behind it. Objects may outlive their
/// store; then they have no support object.
pub(crate) struct StoreShared {
    pub(crate) db: OpenDatabase,
    pub(crate) identity: Identity,
    pub(crate) allocators: Allocators,
    /// Until the last `Release` of the store.
    support: Mutex<Option<Support>>,
    /// The keys of our subscriptions, by connection.
    subscriptions: Mutex<HashMap<usize, Vec<u8>>>,
}

impl StoreShared {
    pub(crate) fn new(
        db: OpenDatabase,
        identity: Identity,
        allocators: Allocators,
        support: Support,
    ) -> Arc<Self> {
        Arc::new(Self {
            db,
            identity,
            allocators,
            support: Mutex::new(Some(support)),
            subscriptions: Mutex::default(),
        })
    }

    /// The support object, as long as the store exists.
    pub(crate) fn support(&self) -> Option<Support> {
        lock(&self.support).clone()
    }

    /// Takes the support object at the store's end, with all subscriptions.
    pub(crate) fn take_support(&self) -> Option<Support> {
        let support = lock(&self.support).take()?;
        let left: Vec<usize> = lock(&self.subscriptions).keys().copied().collect();
        for connection in left {
            self.forget(connection);
            // Sinks that were never unadvised hear no more, whatever this answers.
            let _ = support.unsubscribe(connection);
        }
        Some(support)
    }

    /// Changes the store, and tells those who want to hear of it.
    ///
    /// # Errors
    ///
    /// Those of [`Database::commit`](crate::db::Database::commit).
    pub(crate) fn commit<T>(
        &self,
        plan: impl FnOnce(&State) -> Result<(Vec<Change>, T)>,
    ) -> Result<T> {
        let (value, events) = self.db.commit(plan)?;
        self.announce(&events);
        Ok(value)
    }

    /// Tells those who want to hear of it what has happened. No lock is held.
    pub(crate) fn announce(&self, events: &[Event]) {
        if events.is_empty() {
            return;
        }
        events.iter().for_each(|event| self.tell(event));
        let watchers = self.db.watchers();
        watchers.iter().for_each(|watcher| watcher.changed());
    }

    /// Subscribes a sink to events of an object, or of the whole store.
    ///
    /// # Errors
    ///
    /// MAPI can't.
    ///
    /// # Safety
    ///
    /// `sink` is an advise sink.
    pub(crate) unsafe fn subscribe(
        &self,
        key: Vec<u8>,
        events: NotificationEvents,
        sink: *mut c_void,
    ) -> Result<usize> {
        let gone = || Fault::new(MAPI_E_NO_SUPPORT, "the store is closed");
        let support = self.support().ok_or_else(gone)?;
        // SAFETY: the caller's word.
        let connection = unsafe { support.subscribe(&key, events, sink) }?;
        self.db.subscribe(&key);
        lock(&self.subscriptions).insert(connection, key);
        Ok(connection)
    }

    /// Ends a subscription.
    ///
    /// # Errors
    ///
    /// There is none with this number.
    pub(crate) fn unsubscribe(&self, connection: usize) -> Result<()> {
        if !self.forget(connection) {
            return Err(mapi_provider::abi::MAPI_E_NOT_FOUND.into());
        }
        match self.support() {
            Some(support) => support.unsubscribe(connection),
            None => Ok(()),
        }
    }

    fn forget(&self, connection: usize) -> bool {
        let key = lock(&self.subscriptions).remove(&connection);
        if let Some(key) = &key {
            self.db.unsubscribe(key);
        }
        key.is_some()
    }

    /// Tells an event to those who have subscribed to the object, to what it is in, or to the store.
    fn tell(&self, event: &Event) {
        let mut keys = vec![self.identity.store_key(), self.identity.entry_id(event.id)];
        if event.what != What::Modified {
            keys.push(self.identity.entry_id(event.parent));
        }
        if let What::Moved { from } = event.what {
            keys.push(self.identity.entry_id(from));
        }
        let keys = self.db.subscribed(keys);
        let Some(support) = self.support().filter(|_| !keys.is_empty()) else {
            return;
        };
        // Without memory nobody hears of it, but the change itself is done.
        if let Ok(notification) = self.notification(event) {
            keys.iter()
                .for_each(|key| support.notify(key, &notification));
        }
    }

    fn notification(&self, event: &Event) -> Result<MapiBuffer<NOTIFICATION>> {
        let entry_id = |id: Id| EntryId::from(self.identity.entry_id(id));
        let object_type = if event.id.is_folder() {
            MAPI_FOLDER
        } else {
            MAPI_MESSAGE
        };
        let mut object = ObjectNotification {
            entry_id: entry_id(event.id),
            object_type,
            parent_id: entry_id(event.parent),
            ..ObjectNotification::default()
        };
        let what = match event.what {
            What::Created => ObjectEvent::Created,
            What::Deleted => ObjectEvent::Deleted,
            What::Modified => ObjectEvent::Modified,
            What::Moved { from } => {
                object.old_id = entry_id(event.id);
                object.old_parent_id = entry_id(from);
                ObjectEvent::Moved
            }
        };
        let notification = Notification::Object {
            event: what,
            object: Box::new(object),
        };
        Ok(self.allocators.build(&[notification][..])?)
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
