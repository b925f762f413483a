//! Who tells what has happened in a database, whoever did it (STORE-39, STORE-41).

use std::sync::{Arc, Condvar, Mutex, Weak};
use std::thread::{self, ThreadId};
use std::time::Duration;

use super::events::{events, missed};
use super::fault::Result;
use super::shared::{StoreShared, lock};
use crate::database::{Changes, Feed, Store};
use mapi_provider_table::table::Watcher;

/// How long the end of a store waits for sinks that are being called.
const PATIENCE: Duration = Duration::from_millis(500);

/// Tells the logons of this process what was committed, in its order, each change once.
pub(super) struct Teller {
    store: Store,
    feed: Mutex<Feed>,
    turn: Mutex<Turn>,
    turn_ended: Condvar,
    audience: Mutex<Audience>,
}

/// One thread at a time tells: so events come in order.
#[derive(Default)]
struct Turn {
    /// Who tells.
    holder: Option<ThreadId>,
    /// More has happened meanwhile.
    again: bool,
}

#[derive(Default)]
struct Audience {
    logons: Vec<Weak<StoreShared>>,
    watchers: Vec<Weak<dyn Watcher>>,
}

impl Teller {
    /// Tells what happens from now on.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub(super) fn new(store: &Store) -> Result<Self> {
        Ok(Self {
            store: store.clone(),
            feed: Mutex::new(store.feed()?),
            turn: Mutex::default(),
            turn_ended: Condvar::new(),
            audience: Mutex::default(),
        })
    }

    /// A logon whose sinks want to hear.
    pub(super) fn add_logon(&self, logon: &Arc<StoreShared>) {
        let mut audience = lock(&self.audience);
        audience.logons.retain(|known| known.strong_count() > 0);
        audience.logons.push(Arc::downgrade(logon));
    }

    /// Somebody who wants to hear of each commit, as long as he is there.
    pub(super) fn add_watcher(&self, watcher: Weak<dyn Watcher>) {
        let mut audience = lock(&self.audience);
        audience.watchers.retain(|known| known.strong_count() > 0);
        audience.watchers.push(watcher);
    }

    /// Tells what has been committed and was not told yet. Where another thread is telling, that one does it.
    ///
    /// To ask where nothing has happened costs some microseconds.
    pub(super) fn tell(&self) {
        {
            let mut turn = lock(&self.turn);
            if turn.holder.is_some() {
                turn.again = true;
                return;
            }
            turn.holder = Some(thread::current().id());
        }
        // A sink that panics must not silence all others for good.
        let back = GiveBack(self);
        loop {
            // What can't be read is told the next time.
            let polled = lock(&self.feed).poll();
            if let Ok(changes) = polled {
                self.tell_changes(&changes);
            }
            let mut turn = lock(&self.turn);
            if !turn.again {
                // Under the same lock: who comes now tells by himself.
                turn.holder = None;
                drop(turn);
                self.turn_ended.notify_all();
                std::mem::forget(back);
                return;
            }
            turn.again = false;
        }
    }

    /// What a process has locked that has ended is locked no more, which is told too (STORE-35).
    pub(super) fn tell_ended_locks(&self) {
        // What can't be written now is written the next time.
        if self.store.end_dead_locks().unwrap_or(false) {
            self.tell();
        }
    }

    /// Waits until nobody is being told any more, so that what was needed for it has been let go: at a store's end. Not
    /// for long, since a sink may wait for whoever ends the store; and not for itself.
    pub(super) fn rest(&self) {
        let me = thread::current().id();
        let turn = lock(&self.turn);
        let is_other = |turn: &mut Turn| turn.holder.is_some_and(|holder| holder != me);
        let _ = self.turn_ended.wait_timeout_while(turn, PATIENCE, is_other);
    }

    // SYNC-19: sinks are foreign code, so nothing is locked here.
    fn tell_changes(&self, changes: &Changes) {
        if changes.list.is_empty() && !changes.lost {
            return;
        }
        let logons: Vec<Arc<StoreShared>> = self.logons();
        if logons.iter().any(|logon| logon.has_sinks()) {
            // STORE-39: what the log has no more can't be told one by one.
            let missed = if changes.lost {
                let named = logons.iter().flat_map(|logon| logon.named_messages());
                missed(&self.store, &named.collect())
            } else {
                Vec::new()
            };
            let told = events(&self.store, &changes.list);
            for event in missed.iter().chain(&told) {
                logons.iter().for_each(|logon| logon.tell(event));
            }
        }
        let watchers: Vec<_> = lock(&self.audience).watchers.clone();
        let watchers = watchers.iter().filter_map(Weak::upgrade);
        watchers.for_each(|watcher| watcher.changed());
    }

    fn logons(&self) -> Vec<Arc<StoreShared>> {
        let audience = lock(&self.audience);
        audience.logons.iter().filter_map(Weak::upgrade).collect()
    }
}

/// Lets others tell, however this one ends.
struct GiveBack<'t>(&'t Teller);

impl Drop for GiveBack<'_> {
    fn drop(&mut self) {
        lock(&self.0.turn).holder = None;
        self.0.turn_ended.notify_all();
    }
}
