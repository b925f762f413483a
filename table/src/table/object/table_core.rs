//! What is behind a table object: the table, and the events that have to be told in their order.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use mapi_provider_abi::mapi::{IMAPIAdviseSink, MAPI_E_NOT_FOUND};
use mapi_provider_abi::view::{Allocators, Notification, Restriction, TableEvent};

use super::super::fault::Result;
use super::super::handle::Table;
use super::super::source::{Source, Watcher};
use super::sinks::Sinks;

/// A table with those who are told of it.
pub(super) struct Core {
    table: Mutex<Table>,
    sinks: Arc<dyn Sinks>,
    pub(super) allocators: Allocators,
    /// What the table's sinks have subscribed to.
    key: [u8; 16],
    /// Connections of the table's sinks, which end with it. Locked before the table, never after.
    connections: Mutex<Vec<usize>>,
    is_watching: AtomicBool,
    delivery: Mutex<Delivery>,
}

/// Events that have to be told, one thread at a time.
#[derive(Default)]
struct Delivery {
    waiting: VecDeque<TableEvent<'static>>,
    is_under_way: bool,
}

impl Core {
    pub(super) fn new(table: Table, sinks: Arc<dyn Sinks>, allocators: Allocators) -> Arc<Self> {
        Arc::new(Self {
            table: Mutex::new(table),
            sinks,
            allocators,
            key: new_key(),
            connections: Mutex::default(),
            is_watching: AtomicBool::new(false),
            delivery: Mutex::default(),
        })
    }

    /// The same of something that needs rows: its source has them first, with nothing locked (AB-33).
    pub(super) fn with_rows<T>(&self, work: impl FnOnce(&mut Table) -> Result<T>) -> Result<T> {
        let mut work = Some(work);
        let mut source = Arc::clone(lock(&self.table).source());
        loop {
            source.ready()?;
            let done = self.with(|table| {
                if !Arc::ptr_eq(&source, table.source()) {
                    // Somebody has restricted the table meanwhile, or lifted that: other rows, which have to be ready too.
                    source = Arc::clone(table.source());
                    return Ok(None);
                }
                work.take().map(|work| work(table)).transpose()
            })?;
            if let Some(done) = done {
                return Ok(done);
            }
        }
    }

    /// What is looked through while a restriction holds, if that is something else. Nothing is locked meanwhile (AB-33).
    pub(super) fn narrowed(
        &self,
        restriction: &Restriction<'_>,
    ) -> Result<Option<Arc<dyn Source>>> {
        let whole = {
            let table = lock(&self.table);
            table.check(restriction)?;
            Arc::clone(table.whole())
        };
        whole.narrowed(restriction)
    }

    /// Works with the table, and tells what there is to be told then.
    pub(super) fn with<T>(&self, work: impl FnOnce(&mut Table) -> Result<T>) -> Result<T> {
        let result = self.locked(work);
        self.deliver();
        result
    }

    fn locked<T>(&self, work: impl FnOnce(&mut Table) -> Result<T>) -> Result<T> {
        let mut table = lock(&self.table);
        let result = work(&mut table);
        // In the order in which the table saw them: the queue is filled before anybody else has the table.
        lock(&self.delivery).waiting.extend(table.take_events());
        result
    }

    /// Tells sinks of something that is not a change of rows, if there are any.
    pub(super) fn tell(&self, event: TableEvent<'static>) {
        if !lock(&self.connections).is_empty() {
            lock(&self.delivery).waiting.push_back(event);
            self.deliver();
        }
    }

    /// Tells what waits, with nothing locked (SYNC-19). Who finds somebody at it leaves his events to him: they stay in
    /// their order, and a sink that calls into the table is not called from within itself.
    fn deliver(&self) {
        loop {
            let mut delivery = lock(&self.delivery);
            if delivery.is_under_way || delivery.waiting.is_empty() {
                return;
            }
            delivery.is_under_way = true;
            let events: Vec<TableEvent<'static>> = delivery.waiting.drain(..).collect();
            drop(delivery);
            let _ended = UnderWay(&self.delivery);
            let events = events.into_iter().map(Notification::TableModified);
            let events: Vec<Notification<'_>> = events.collect();
            let whole = self.allocators.build(&events[..]);
            let changed = || {
                // What can't be told one by one is told as one: never nothing.
                let event = Notification::TableModified(TableEvent::Changed);
                self.allocators.build(&[event][..])
            };
            if let Ok(events) = whole.or_else(|_| changed()) {
                self.sinks.notify(&self.key, &events);
            }
        }
    }

    /// `Advise`.
    pub(super) fn advise(self: &Arc<Self>, sink: &IMAPIAdviseSink) -> Result<usize> {
        self.locked(|table| table.check_telling())?;
        let connection = self.sinks.subscribe(&self.key, sink)?;
        // What is told from now on is what is different from now on.
        let started = {
            let mut connections = lock(&self.connections);
            let started = self.locked(Table::start_telling);
            if started.is_ok() {
                connections.push(connection);
            }
            started
        };
        if let Err(fault) = started {
            // The first failure is the one to be told.
            let _ = self.sinks.unsubscribe(connection);
            return Err(fault);
        }
        if !self.is_watching.swap(true, Ordering::Relaxed) {
            let watcher: Arc<dyn Watcher> = Arc::<Self>::clone(self);
            let watcher: Weak<dyn Watcher> = Arc::downgrade(&watcher);
            let source = Arc::clone(lock(&self.table).source());
            source.watch(watcher);
        }
        // What was committed while nobody watched is taken in.
        self.changed();
        Ok(connection)
    }

    /// `Unadvise`.
    pub(super) fn unadvise(&self, connection: usize) -> Result<()> {
        let mut connections = lock(&self.connections);
        let place = connections.iter().position(|one| *one == connection);
        let place = place.ok_or(MAPI_E_NOT_FOUND)?;
        connections.remove(place);
        if connections.is_empty() {
            lock(&self.table).stop_telling();
            lock(&self.delivery).waiting.clear();
        }
        drop(connections);
        self.sinks.unsubscribe(connection)
    }

    /// Ends all subscriptions: whoever forgot to unadvise hears no more.
    pub(super) fn close(&self) {
        let connections = std::mem::take(&mut *lock(&self.connections));
        for connection in connections {
            let _ = self.sinks.unsubscribe(connection);
        }
    }
}

impl Watcher for Core {
    fn changed(&self) {
        if lock(&self.connections).is_empty() {
            return;
        }
        // A failure is told as a change of everything, and the next call meets it itself.
        let _ = self.with(Table::refresh);
    }
}

/// A delivery that ends whatever happens in it.
struct UnderWay<'a>(&'a Mutex<Delivery>);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        lock(self.0).is_under_way = false;
    }
}

/// Sixteen bytes that are nobody else's: a hash of nothing, with keys that are new each time.
fn new_key() -> [u8; 16] {
    let part = || RandomState::new().hash_one(()).to_ne_bytes();
    let mut key = [0; 16];
    key[..8].copy_from_slice(&part());
    key[8..].copy_from_slice(&part());
    key
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
