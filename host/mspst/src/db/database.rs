//! An open store: its state, its file, and who wants to hear of changes.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::SystemTime;

use mapi_provider::abi::{MAPI_E_CALL_FAILED, MAPI_E_CORRUPT_STORE, MAPI_E_NOT_ENOUGH_RESOURCES};
use mapi_provider::view::FileTime;

use super::change::{self, Change, Event};
use super::id::{FIRST_FREE, Id, Kind};
use super::initial;
use super::journal::{Journal, Opened};
use super::state::State;
use super::uid::new_uid;
use crate::fault::{Fault, Result};

/// Somebody who follows the changes: a table that has advise sinks.
pub(crate) trait Watcher: Send + Sync {
    /// The store has changed. No database lock is held.
    fn changed(&self);
}

/// An open store.
pub(crate) struct Database {
    path: PathBuf,
    uid: [u8; 16],
    inner: Mutex<Inner>,
    next_number: AtomicU32,
    watchers: Mutex<Vec<Weak<dyn Watcher>>>,
    /// How many subscriptions there are to each key.
    subscribed: Mutex<HashMap<Vec<u8>, usize>>,
}

struct Inner {
    state: State,
    journal: Journal,
}

/// A file that is smaller than this is not worth rewriting.
const WORTHWHILE: u64 = 1 << 20;
/// How many times longer than necessary a file may become.
const SLACK: u64 = 4;

impl Database {
    /// Opens the store in a file; creates one if there is none.
    ///
    /// # Errors
    ///
    /// The file can't be opened, is in use, or is not a store's.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let Opened {
            journal,
            uid,
            records,
        } = Journal::open(path, new_uid())?;
        let state = replay(&records).ok_or_else(|| {
            let text = format!("the store {} is damaged", path.display());
            Fault::new(MAPI_E_CORRUPT_STORE, text)
        })?;
        let numbers = state.folders.keys().chain(state.places.keys());
        let last = numbers.map(|id| id.number()).max().unwrap_or(0);
        let next_number = last.saturating_add(1).max(FIRST_FREE);
        let mut inner = Inner { state, journal };
        if inner.state.folders.is_empty() {
            inner.commit(initial::changes(now()), &mut Vec::new())?;
        }
        Ok(Self {
            path: path.to_owned(),
            uid,
            inner: Mutex::new(inner.compact(&uid)),
            next_number: AtomicU32::new(next_number),
            watchers: Mutex::default(),
            subscribed: Mutex::default(),
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// `PR_RECORD_KEY` of the store.
    pub(crate) fn uid(&self) -> [u8; 16] {
        self.uid
    }

    /// Reads the state. No foreign code is called meanwhile.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.lock().state)
    }

    /// Changes the store: `plan` says how, given the current state; all of it happens, or
    /// nothing.
    ///
    /// # Errors
    ///
    /// Those of `plan`, or the changes can't be written to the file. Nothing has happened then.
    pub(crate) fn commit<T>(
        &self,
        plan: impl FnOnce(&State) -> Result<(Vec<Change>, T)>,
    ) -> Result<(T, Vec<Event>)> {
        let mut inner = self.lock();
        let (changes, value) = plan(&inner.state)?;
        let mut events = Vec::new();
        inner.commit(changes, &mut events)?;
        Ok((value, events))
    }

    /// A number for a new object.
    ///
    /// # Errors
    ///
    /// All are used up.
    pub(crate) fn new_id(&self, kind: Kind) -> Result<Id> {
        let number = self.next_number.fetch_add(1, Ordering::Relaxed);
        let text = "the store has no numbers left for new objects";
        Id::new(kind, number).ok_or_else(|| Fault::new(MAPI_E_NOT_ENOUGH_RESOURCES, text))
    }

    /// Tells a watcher of changes from now on, as long as it lives.
    pub(crate) fn watch(&self, watcher: Weak<dyn Watcher>) {
        lock(&self.watchers).push(watcher);
    }

    /// The watchers that are alive.
    pub(crate) fn watchers(&self) -> Vec<Arc<dyn Watcher>> {
        let mut watchers = lock(&self.watchers);
        watchers.retain(|watcher| watcher.strong_count() > 0);
        watchers.iter().filter_map(Weak::upgrade).collect()
    }

    /// Counts a subscription to a key.
    pub(crate) fn subscribe(&self, key: &[u8]) {
        *lock(&self.subscribed).entry(key.to_vec()).or_default() += 1;
    }

    /// Counts a subscription to a key no more.
    pub(crate) fn unsubscribe(&self, key: &[u8]) {
        let mut subscribed = lock(&self.subscribed);
        if let Some(count) = subscribed.get_mut(key) {
            *count -= 1;
            if *count == 0 {
                subscribed.remove(key);
            }
        }
    }

    /// The keys among these that somebody has subscribed to.
    pub(crate) fn subscribed(&self, keys: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        let subscribed = lock(&self.subscribed);
        let mut keys = keys;
        keys.retain(|key| subscribed.contains_key(key));
        keys
    }

    /// Acts as if the disk were full beyond this length of the file.
    #[cfg(test)]
    pub(super) fn set_limit(&self, bytes: u64) {
        self.lock().journal.set_limit(bytes);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        lock(&self.inner)
    }
}

impl Inner {
    /// Writes changes to the file, and then applies them.
    fn commit(&mut self, changes: Vec<Change>, events: &mut Vec<Event>) -> Result<()> {
        if changes.is_empty() {
            return Ok(());
        }
        self.journal.append(&change::encode(&changes))?;
        for change in changes {
            // Whoever plans changes has read the state, so a change that doesn't fit would be
            // our mistake.
            let applied = self.state.apply(change, events);
            applied.map_err(|_| Fault::new(MAPI_E_CALL_FAILED, "the change does not fit"))?;
        }
        Ok(())
    }

    /// Rewrites the file if most of it is outdated. If that fails, everything stays as it is.
    fn compact(self, uid: &[u8; 16]) -> Self {
        let Self { state, journal } = self;
        if journal.length() < WORTHWHILE {
            return Self { state, journal };
        }
        let record = change::encode(&state.changes());
        if journal.length() < SLACK * record.len() as u64 {
            return Self { state, journal };
        }
        let journal = journal
            .rewrite(uid, &record)
            .unwrap_or_else(|(journal, _)| journal);
        Self { state, journal }
    }
}

/// The state that records make; `None` if one of them doesn't fit the others.
fn replay(records: &[Vec<u8>]) -> Option<State> {
    let mut state = State::default();
    let mut events = Vec::new();
    for record in records {
        for change in change::decode(record)? {
            state.apply(change, &mut events).ok()?;
        }
        events.clear();
    }
    Some(state)
}

/// The time, as properties have it.
pub(crate) fn now() -> FileTime {
    FileTime::try_from(SystemTime::now()).unwrap_or_default()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
