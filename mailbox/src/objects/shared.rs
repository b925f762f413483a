//! What all objects of an open store share.

use std::collections::{HashMap, HashSet};
use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::SystemTime;

use mapi_provider_abi::mapi::{
    IMAPIAdviseSink, Interface, MAPI_E_NO_SUPPORT, MAPI_E_NOT_FOUND, MAPI_FOLDER, MAPI_MESSAGE,
    MAPI_STORE, NOTIFICATION, NotificationEvents,
};
use mapi_provider_abi::view::{
    Allocators, EntryId, MapiBuffer, Notification, ObjectEvent, ObjectNotification,
};

use super::events::Event;
use super::fault::{Fault, Result};
use super::identity::Identity;
use super::locks::Token;
use super::opened::Opened;
use super::support::Support;
use crate::database::{self, FolderId, MessageId, ObjectId, Reader, Store, Transaction};
use mapi_provider_table::table::object::Sinks;

/// What all objects of a logon share: the database, and MAPI behind it. Objects outlive the store that they were got
/// from; then they have no support object any more.
pub(super) struct StoreShared {
    opened: Arc<Opened>,
    /// Its database, as whoever has logged on: a client, or the logic.
    store: Store,
    pub(super) identity: Identity,
    pub(super) allocators: Allocators,
    /// The folder that is above all others.
    pub(super) root: FolderId,
    /// Until the last `Release` of the store.
    support: Mutex<Option<Support>>,
    /// By connection.
    subscriptions: Mutex<HashMap<usize, Subscription>>,
    /// Connections of tables' sinks.
    table_connections: Mutex<HashSet<usize>>,
    /// The spooler has logged on.
    pub(super) is_spooler: bool,
    /// STORE-34: the spooler is told once a session that there is something to send.
    pub(super) is_spooler_told: AtomicBool,
    /// What this logon is known by to those beside it.
    pub(super) token: Token,
}

/// What a sink wants to hear.
struct Subscription {
    /// The key that nobody else has: so each sink is told what is meant for it, and once.
    key: Vec<u8>,
    target: Target,
    events: NotificationEvents,
}

/// What a sink wants to hear of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// All that happens in the store.
    Store,
    /// An object, and what is in it.
    Object(ObjectId),
}

impl StoreShared {
    pub(super) fn new(
        opened: Arc<Opened>,
        identity: Identity,
        allocators: Allocators,
        support: Support,
        is_spooler: bool,
    ) -> Result<Arc<Self>> {
        let store = opened.store.clone();
        let shared = Self::of(opened, store, identity, allocators, Some(support))?;
        let shared = Arc::new(Self {
            is_spooler,
            ..shared
        });
        shared.opened.teller.add_logon(&shared);
        // Who sets criteria hears where there is no thread for it.
        let _ = shared.opened.search(&shared.identity);
        Ok(shared)
    }

    /// For the synchronisation logic: what it does is no local change (STORE-45), and there is no MAPI behind it, so that
    /// it hears of nothing.
    pub(super) fn for_logic(
        opened: Arc<Opened>,
        identity: Identity,
        allocators: Allocators,
    ) -> Result<Arc<Self>> {
        let store = opened.store.as_logic();
        Self::of(opened, store, identity, allocators, None).map(Arc::new)
    }

    fn of(
        opened: Arc<Opened>,
        store: Store,
        identity: Identity,
        allocators: Allocators,
        support: Option<Support>,
    ) -> Result<Self> {
        let special = database::Special::Root;
        let root = store.read(|reader| reader.special(special))?;
        Ok(Self {
            opened,
            store,
            identity,
            allocators,
            root,
            support: Mutex::new(support),
            subscriptions: Mutex::default(),
            table_connections: Mutex::default(),
            is_spooler: false,
            is_spooler_told: AtomicBool::new(false),
            token: Token::default(),
        })
    }

    /// The database. What is changed by it directly is told to nobody before the next poll: see [`write`](Self::write).
    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    pub(super) fn opened(&self) -> &Arc<Opened> {
        &self.opened
    }

    /// Looks at the store as it is at one moment.
    ///
    /// # Errors
    ///
    /// Those of [`Store::read`].
    pub(super) fn read<T>(
        &self,
        look: impl FnOnce(&Reader<'_>) -> database::Result<T>,
    ) -> Result<T> {
        Ok(self.store().read(look)?)
    }

    /// Changes the store, and tells those who want to hear of it, after the commit and with nothing locked (STORE-39).
    ///
    /// # Errors
    ///
    /// Those of [`Store::write`].
    pub(super) fn write<T>(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> database::Result<T>,
    ) -> Result<T> {
        let done = self.store().write(change)?;
        self.tell_all();
        Ok(done)
    }

    /// The same, and a power failure can't undo it.
    ///
    /// # Errors
    ///
    /// Those of [`Store::write_durably`].
    pub(super) fn write_durably<T>(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> database::Result<T>,
    ) -> Result<T> {
        let done = self.store().write_durably(change)?;
        self.tell_all();
        Ok(done)
    }

    /// Tells what has happened. Nothing may be locked.
    pub(super) fn tell_all(&self) {
        self.opened.teller.tell();
    }

    /// The support object, as long as the store is there.
    pub(super) fn support(&self) -> Option<Support> {
        lock(&self.support).clone()
    }

    /// Takes the support object at the store's end, with all subscriptions.
    pub(super) fn take_support(&self) -> Option<Support> {
        let support = lock(&self.support).take()?;
        let left = std::mem::take(&mut *lock(&self.subscriptions));
        let of_tables = std::mem::take(&mut *lock(&self.table_connections));
        for connection in left.into_keys().chain(of_tables) {
            // Whoever forgot to unadvise hears no more, whatever this answers.
            let _ = support.unsubscribe(connection);
        }
        // Whoever is just telling something has a reference too, until he is done.
        self.opened.teller.rest();
        Some(support)
    }

    /// Subscribes a sink.
    ///
    /// # Errors
    ///
    /// MAPI can't, or the store is closed.
    ///
    /// # Safety
    ///
    /// `sink` is an advise sink.
    pub(super) unsafe fn subscribe(
        &self,
        target: Target,
        events: NotificationEvents,
        sink: *mut c_void,
    ) -> Result<usize> {
        let support = self.support().ok_or_else(closed)?;
        let key = new_key();
        // What happened before is not for it.
        self.tell_all();
        // SAFETY: the caller's word.
        let connection = unsafe { support.subscribe(&key, events, sink) }?;
        let subscription = Subscription {
            key,
            target,
            events,
        };
        lock(&self.subscriptions).insert(connection, subscription);
        self.check_open(&support, connection, || {
            lock(&self.subscriptions).remove(&connection).is_some()
        })?;
        self.opened.listen();
        Ok(connection)
    }

    /// Ends a subscription that was made while the store was closed: whoever closed it may not have seen it.
    ///
    /// # Errors
    ///
    /// The store is closed.
    fn check_open(
        &self,
        support: &Support,
        connection: usize,
        forget: impl FnOnce() -> bool,
    ) -> Result<()> {
        if self.support().is_some() {
            return Ok(());
        }
        if forget() {
            let _ = support.unsubscribe(connection);
        }
        Err(closed())
    }

    /// Ends a subscription.
    ///
    /// # Errors
    ///
    /// There is none of this number.
    pub(super) fn unsubscribe(&self, connection: usize) -> Result<()> {
        if lock(&self.subscriptions).remove(&connection).is_none() {
            return Err(MAPI_E_NOT_FOUND.into());
        }
        match self.support() {
            Some(support) => support.unsubscribe(connection),
            None => Ok(()),
        }
    }

    pub(super) fn has_sinks(&self) -> bool {
        !lock(&self.subscriptions).is_empty()
    }

    /// The messages that sinks have named.
    pub(super) fn named_messages(&self) -> Vec<MessageId> {
        let subscriptions = lock(&self.subscriptions);
        let message = |one: &Subscription| match one.target {
            Target::Object(ObjectId::Message(id)) => Some(id),
            _ => None,
        };
        subscriptions.values().filter_map(message).collect()
    }

    /// The keys of those who want to hear of an event of some targets.
    pub(super) fn keys(&self, event: NotificationEvents, of: &[Target]) -> Vec<Vec<u8>> {
        let subscriptions = lock(&self.subscriptions);
        let interested = subscriptions
            .values()
            .filter(|one| one.events.contains(event) && of.contains(&one.target));
        interested.map(|one| one.key.clone()).collect()
    }

    /// Tells an event to those who have subscribed to the object, to what it is in, or to the store.
    pub(super) fn tell(&self, event: &Event) {
        let object = |id: Option<ObjectId>| id.map(Target::Object);
        let folder = |id: Option<FolderId>| object(id.map(ObjectId::Folder));
        let targets = [
            Some(Target::Store),
            object(event.object),
            folder(event.parent),
            folder(
                event
                    .old_parent
                    .filter(|_| event.what == ObjectEvent::Moved),
            ),
        ];
        let targets: Vec<Target> = targets.into_iter().flatten().collect();
        let keys = self.keys(flag_of(event.what), &targets);
        let Some(support) = self.support().filter(|_| !keys.is_empty()) else {
            return;
        };
        // Without memory nobody hears of it: the change itself is done.
        if let Ok(notification) = self.notification(event) {
            keys.iter()
                .for_each(|key| support.notify(key, &notification));
        }
    }

    fn notification(&self, event: &Event) -> Result<MapiBuffer<NOTIFICATION>> {
        let identity = &self.identity;
        let entry_id = |id: ObjectId| EntryId::from(identity.entry_id(id));
        let optional = |id: Option<ObjectId>| id.map(entry_id).unwrap_or_default();
        let store = || EntryId::from(identity.store_entry_id.clone());
        let object = ObjectNotification {
            entry_id: event.object.map_or_else(store, entry_id),
            object_type: match event.object {
                None => MAPI_STORE,
                Some(ObjectId::Folder(_)) => MAPI_FOLDER,
                Some(ObjectId::Message(_)) => MAPI_MESSAGE,
            },
            parent_id: optional(event.parent.map(ObjectId::Folder)),
            old_id: optional(event.old),
            old_parent_id: optional(event.old_parent.map(ObjectId::Folder)),
            ..ObjectNotification::default()
        };
        let notification = Notification::Object {
            event: event.what,
            object: Box::new(object),
        };
        Ok(self.allocators.build(&[notification][..])?)
    }
}

fn closed() -> Fault {
    Fault::new(MAPI_E_NO_SUPPORT, "the store is closed")
}

fn flag_of(event: ObjectEvent) -> NotificationEvents {
    match event {
        ObjectEvent::Created => NotificationEvents::fnevObjectCreated,
        ObjectEvent::Deleted => NotificationEvents::fnevObjectDeleted,
        ObjectEvent::Modified => NotificationEvents::fnevObjectModified,
        ObjectEvent::Moved => NotificationEvents::fnevObjectMoved,
        ObjectEvent::Copied => NotificationEvents::fnevObjectCopied,
        ObjectEvent::SearchComplete => NotificationEvents::fnevSearchComplete,
    }
}

/// STORE-39: a key that no other subscription has, of this process or another: MAPI may tell all processes.
fn new_key() -> Vec<u8> {
    static PROCESS: OnceLock<[u8; 16]> = OnceLock::new();
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let process = PROCESS.get_or_init(|| {
        let started = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let nanoseconds = started.unwrap_or_default().as_nanos();
        (nanoseconds << 32 | u128::from(std::process::id())).to_le_bytes()
    });
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    [&process[..], &number.to_le_bytes()].concat()
}

pub(super) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Tables' sinks are kept by MAPI, as long as the store is there.
impl Sinks for StoreShared {
    fn subscribe(&self, key: &[u8; 16], sink: &IMAPIAdviseSink) -> Result<usize> {
        let support = self.support().ok_or_else(closed)?;
        let events = NotificationEvents::fnevTableModified;
        // SAFETY: a live sink.
        let connection = unsafe { support.subscribe(key, events, sink.as_raw()) }?;
        lock(&self.table_connections).insert(connection);
        self.check_open(&support, connection, || {
            lock(&self.table_connections).remove(&connection)
        })?;
        self.opened.listen();
        Ok(connection)
    }

    fn unsubscribe(&self, connection: usize) -> Result<()> {
        let is_known = lock(&self.table_connections).remove(&connection);
        match self.support().filter(|_| is_known) {
            Some(support) => support.unsubscribe(connection),
            // It ended with the store.
            None => Ok(()),
        }
    }

    fn notify(&self, key: &[u8; 16], events: &MapiBuffer<NOTIFICATION>) {
        if let Some(support) = self.support() {
            support.notify(key, events);
        }
    }
}

#[cfg(test)]
mod tests {
    use mapi_provider_abi::mapi::{MAPI_E_NO_SUPPORT, PR_COMMENT_W};

    use super::super::testing::{CONNECTION, Stage};
    use super::*;

    #[test]
    fn store_39_who_subscribes_while_the_store_is_closed_is_not_left_behind() {
        for is_table in [false, true] {
            let stage = Stage::new();
            let shared = Arc::clone(&stage.shared);
            let close = move || drop(shared.take_support());
            *lock(&stage.meanwhile) = Some(Box::new(close));
            // Any object stands for the sink: nobody calls it.
            let support = stage.shared.support().expect("open");
            let raw = support.interface().as_raw();
            let subscribed = if is_table {
                // SAFETY: it lives as long as the call, and no method of it is called.
                let sink = unsafe { IMAPIAdviseSink::from_raw_borrowed(&raw) };
                Sinks::subscribe(&*stage.shared, &[1; 16], sink.expect("not NULL"))
            } else {
                let events = NotificationEvents::fnevObjectCreated;
                // SAFETY: as above.
                unsafe { stage.shared.subscribe(Target::Store, events, raw) }
            };
            assert_eq!(
                subscribed.map_err(|fault| fault.status),
                Err(MAPI_E_NO_SUPPORT)
            );
            assert_eq!(*lock(&stage.ended), [CONNECTION]);
            assert!(!stage.shared.has_sinks());
        }
    }

    #[test]
    fn store_39_nothing_is_told_after_unadvise_has_returned() {
        let stage = Stage::new();
        let (shared, listeners) = (&stage.shared, &stage.listeners);
        // Any object stands for the sink: nobody calls it.
        let raw = shared.support().expect("open").interface().as_raw();
        let events = NotificationEvents::fnevObjectModified;
        // SAFETY: it lives as long as the call.
        let connection =
            unsafe { shared.subscribe(Target::Store, events, raw) }.expect("subscribed");
        let change = || {
            let changed = shared.write(|tx| {
                let folder = tx.special(database::Special::Inbox)?;
                let number = listeners.told.load(Ordering::Relaxed).to_string();
                tx.change_folder(folder, |props| {
                    props.set_tag(PR_COMMENT_W, &*number);
                    Ok(())
                })
            });
            changed.map(drop).expect("changed");
            // The thread that looks for others' changes may be at it.
            shared.opened().teller.rest();
        };
        change();
        assert_eq!(listeners.told.load(Ordering::Relaxed), 1);
        // Just before it is told the next time, on another thread: which waits for nobody, so nothing is locked.
        let others = Arc::clone(shared);
        *lock(&listeners.meanwhile) = Some(Box::new(move || {
            let other = std::thread::spawn(move || others.unsubscribe(connection));
            let ended = other.join().expect("it does not panic");
            assert_eq!(ended.map_err(|fault| fault.status), Ok(()));
        }));
        change();
        assert!(
            lock(&listeners.meanwhile).is_none(),
            "it was about to be told"
        );
        assert_eq!(listeners.told.load(Ordering::Relaxed), 1);
        assert_eq!(*lock(&stage.ended), [connection]);
    }
}
