//! The engine of one store: takes requests, owns the logic, and starts workers.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use windows_core::HRESULT;

use super::cursor::CursorStore;
use super::queue::{Admission, Queue, Refusal, wait_for};
use super::request::Request;
use super::{BackgroundSync, worker};
use crate::entry::OpenStore;
use crate::error::SyncError;
use crate::manifest::{Manifest, Overlap, Unload};
use crate::platform::{Latch, spawn_worker};

/// Runs the sync logic of one store. Clones share it.
///
/// The worker holds what is in here: the logic and the profile section, never the store object, whose
/// last Release has to cancel the run, and never the support object (SYNC-21).
pub struct SyncEngine<L>(Arc<Shared<L>>);

/// What the store's side and its worker share.
pub(super) struct Shared<L> {
    pub(super) logic: L,
    pub(super) cursor: CursorStore,
    options: EngineOptions,
    queue: Mutex<Queue>,
    last_failure: Mutex<Option<(HRESULT, String)>>,
    /// The inner stores of a wrapped store: the clients' and the spooler's.
    stores: Mutex<InnerStores>,
    /// Workers of an engine that this one follows: the same store, logged off before they had ended.
    predecessors: Mutex<Vec<Arc<Latch>>>,
}

/// The inner stores that are open, and the number of the one that a run uses.
#[derive(Default)]
struct InnerStores {
    open: Vec<Arc<OpenStore>>,
    in_use: Option<u64>,
}

/// What the manifest says about running.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EngineOptions {
    pub(crate) overlap: Overlap,
    pub(crate) unload: Unload,
    pub(crate) logoff_wait: Duration,
}

impl From<&Manifest> for EngineOptions {
    fn from(manifest: &Manifest) -> Self {
        let Manifest {
            overlap,
            unload,
            logoff_wait,
            ..
        } = *manifest;
        Self {
            overlap,
            unload,
            logoff_wait,
        }
    }
}

impl<L: BackgroundSync> SyncEngine<L> {
    /// An engine that runs nothing yet.
    pub(crate) fn new(logic: L, cursor: CursorStore, options: EngineOptions) -> Self {
        Self(Arc::new(Shared {
            logic,
            cursor,
            options,
            queue: Mutex::default(),
            last_failure: Mutex::default(),
            stores: Mutex::default(),
            predecessors: Mutex::default(),
        }))
    }

    /// The sync logic.
    pub fn logic(&self) -> &L {
        &self.0.logic
    }

    /// Takes a request: it waits for the run that goes on, or a worker is started for it. Returns at
    /// once (SYNC-09).
    pub(crate) fn submit(&self, request: Request) -> Result<(), Refusal> {
        // What is refused is dropped when the lock is not held: it has references of the caller's
        // (SYNC-19).
        let (refusal, _request) = {
            let mut queue = self.0.queue();
            match queue.admit(request, self.0.options.overlap) {
                Ok(Admission::Waits) => return Ok(()),
                // Under the lock, so that nobody joins a queue that no worker will come for.
                Ok(Admission::NeedsWorker(latch)) => {
                    let shared = Arc::clone(&self.0);
                    let worker_latch = Arc::clone(&latch);
                    let body = move || worker::work(shared, &worker_latch);
                    match spawn_worker(self.0.options.unload, body) {
                        Ok(()) => return Ok(()),
                        Err(error) => {
                            tracing::error!(%error, "no worker could be started");
                            (Refusal::NoResources, queue.withdraw(&latch)) // SYNC-17
                        }
                    }
                }
                Err((refusal, request)) => (refusal, Some(request)),
            }
        };
        Err(refusal)
    }

    /// What the last run that failed said, if it failed with this status: for the store's GetLastError
    /// (COM-08).
    pub(crate) fn last_failure(&self, status: HRESULT) -> Option<String> {
        let failure = self
            .0
            .last_failure
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        failure
            .as_ref()
            .filter(|(code, _)| *code == status)
            .map(|(_, text)| text.clone())
    }

    /// An inner store that runs may use from now on.
    #[cfg(feature = "store")]
    pub(crate) fn open_store(&self, store: OpenStore) {
        self.0.stores().open.push(Arc::new(store));
    }

    /// No run that begins later uses an inner store. One that goes on with it is cancelled and waited for, until a point
    /// in time (SYNC-16); it holds the store until its end (SYNC-21).
    #[cfg(feature = "store")]
    pub(crate) fn close_store(&self, number: u64, deadline: Instant) {
        let (closed, is_in_use) = {
            let mut stores = self.0.stores();
            let place = stores
                .open
                .iter()
                .position(|store| store.number() == number);
            let closed = place.map(|place| stores.open.swap_remove(place));
            (closed, stores.in_use == Some(number))
        };
        // After the lock: it may be the last reference (SYNC-19).
        drop(closed);
        if is_in_use {
            self.stop_by(false, deadline);
        }
    }

    /// The workers that have not left yet.
    pub(crate) fn unfinished(&self) -> Vec<Arc<Latch>> {
        self.0.queue().unfinished()
    }

    /// The first run waits for these: one run per store at a time, also where the store was logged off and on again
    /// meanwhile (SYNC-15).
    pub(crate) fn follow(&self, workers: Vec<Arc<Latch>>) {
        self.0.predecessors().extend(workers);
    }

    /// One logon more uses the store; false where it has been logged off meanwhile.
    pub(crate) fn attach(&self) -> bool {
        self.0.queue().attach()
    }

    /// One logon less uses the store; true where none is left.
    pub(crate) fn detach(&self) -> bool {
        self.0.queue().detach()
    }

    /// Whether the store has been logged off for good.
    pub(crate) fn is_closed(&self) -> bool {
        self.0.queue().is_closed()
    }

    /// Cancels the run and all that wait for good, and does not wait for them: what the store's last
    /// Release does (SYNC-16).
    pub(crate) fn cancel(&self) {
        self.0.queue().cancel(true);
    }

    /// Cancels the run and all that wait, and waits for the worker, but not for longer than the
    /// manifest's bound, and not on the worker itself (SYNC-16). With `close`, requests are refused
    /// from now on.
    pub(crate) fn stop(&self, close: bool) {
        self.stop_by(close, self.deadline());
    }

    /// Until when a logoff waits that begins now.
    pub(crate) fn deadline(&self) -> Instant {
        Instant::now() + self.0.options.logoff_wait
    }

    /// As [`stop`](Self::stop), until a point in time: one bound for several stores.
    pub(crate) fn stop_by(&self, close: bool, deadline: Instant) {
        let workers = {
            let mut queue = self.0.queue();
            queue.cancel(close);
            queue.workers()
        };
        if !wait_for(&workers, deadline) {
            tracing::warn!(
                "the sync logic did not end in time; the store is logged off without it"
            );
        }
    }
}

impl<L> Shared<L> {
    pub(super) fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stores(&self) -> MutexGuard<'_, InnerStores> {
        self.stores.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn predecessors(&self) -> MutexGuard<'_, Vec<Arc<Latch>>> {
        let predecessors = self.predecessors.lock();
        predecessors.unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the workers that this engine follows, as long as somebody waits for a run.
    pub(super) fn wait_for_predecessors(&self) {
        const SLICE: Duration = Duration::from_millis(50);
        let predecessors = std::mem::take(&mut *self.predecessors());
        for worker in predecessors {
            while !worker.wait_until(Instant::now() + SLICE) && self.queue().is_waited_for() {}
        }
    }

    /// The inner store that a run uses from now on: a client's where there is one.
    pub(super) fn use_inner_store(&self) -> Option<Arc<OpenStore>> {
        let mut stores = self.stores();
        let open = stores.open.iter();
        let store = open.min_by_key(|store| store.is_spooler()).cloned();
        stores.in_use = store.as_ref().map(|store| store.number());
        store
    }

    /// The run has ended.
    pub(super) fn leave_inner_store(&self) {
        self.stores().in_use = None;
    }

    /// Notes why a run failed.
    pub(super) fn set_last_failure(&self, error: &SyncError) {
        let failure = (error.code(), error.text().to_owned());
        *self
            .last_failure
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(failure);
    }
}

impl<L> Clone for SyncEngine<L> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<L> fmt::Debug for SyncEngine<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SyncEngine")
            .field("options", &self.0.options)
            .finish_non_exhaustive()
    }
}
