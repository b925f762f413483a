//! The thread that searches.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use mapi_provider_abi::mapi::{MAPI_E_NOT_ENOUGH_RESOURCES, SearchState};

use super::super::fault::{Fault, Result};
use super::super::identity::Identity;
use super::super::polling::Bell;
use super::super::shared::lock;
use super::step::Step;
use crate::database::{Advance, FolderId, Phase, Store};
use mapi_provider_table::table::Watcher;

/// How often it looks for what other processes have done (STORE-41).
const INTERVAL: Duration = Duration::from_millis(250);
/// How often what nobody needs any more is thrown away, where nothing else is to be done.
const TIDYING: Duration = Duration::from_secs(60);
/// After so many changes that change no hits, the search says nevertheless that it knows of them: the log is not kept for
/// ever.
const PATIENCE: u64 = 2000;

/// The searches of a database in this process. The thread ends with this.
///
/// It calls nobody: who wants to hear of what it finds is told by the thread that tells of other processes' changes. So it
/// can always be waited for.
#[derive(Default)]
pub(in super::super) struct Searching {
    signal: Arc<Signal>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What the thread waits for.
#[derive(Default)]
pub(in super::super) struct Signal {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    is_over: bool,
    is_called: bool,
}

impl Searching {
    /// Begins, if it has not. `told` is rung when something was found.
    ///
    /// # Errors
    ///
    /// There are no threads left: `MAPI_E_NOT_ENOUGH_RESOURCES`.
    pub(in super::super) fn begin(
        &self,
        store: &Store,
        identity: &Identity,
        told: &Arc<Bell>,
    ) -> Result<()> {
        let mut thread = lock(&self.thread);
        if thread.is_some() {
            return Ok(());
        }
        let worker = Worker {
            store: store.clone(),
            identity: identity.clone(),
            signal: Arc::clone(&self.signal),
            told: Arc::clone(told),
            seen: HashMap::new(),
            last: None,
            tidied: Instant::now(),
        };
        let started = thread::Builder::new()
            .name("mailbox search".to_owned())
            .spawn(move || worker.run());
        match started {
            Ok(started) => {
                *thread = Some(started);
                Ok(())
            }
            Err(_) => {
                let text = "there is no thread left that could search";
                Err(Fault::new(MAPI_E_NOT_ENOUGH_RESOURCES, text))
            }
        }
    }

    /// Who calls it when something was committed in this process.
    pub(in super::super) fn watcher(&self) -> Weak<dyn Watcher> {
        let watcher: Arc<dyn Watcher> = Arc::<Signal>::clone(&self.signal);
        Arc::downgrade(&watcher)
    }

    /// There is something to search.
    pub(in super::super) fn wake(&self) {
        self.signal.call();
    }
}

impl Drop for Searching {
    fn drop(&mut self) {
        lock(&self.signal.state).is_over = true;
        self.signal.changed.notify_all();
        let thread = self
            .thread
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(thread) = thread.take() {
            // A panic was told where it happened.
            let _ = thread.join();
        }
    }
}

impl Signal {
    fn call(&self) {
        lock(&self.state).is_called = true;
        self.changed.notify_all();
    }

    fn is_over(&self) -> bool {
        lock(&self.state).is_over
    }

    fn is_called(&self) -> bool {
        lock(&self.state).is_called
    }

    /// Waits until somebody calls, but not for long. False at the end.
    fn wait(&self, longest: Duration) -> bool {
        let state = lock(&self.state);
        let rests = |state: &mut State| !state.is_over && !state.is_called;
        let waited = self.changed.wait_timeout_while(state, longest, rests);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.is_called = false;
        !state.is_over
    }

    /// Leaves the processor to others for a while. False at the end.
    fn rest(&self, time: Duration) -> bool {
        let state = lock(&self.state);
        let is_on = |state: &mut State| !state.is_over;
        let waited = self.changed.wait_timeout_while(state, time, is_on);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        !state.is_over
    }
}

impl Watcher for Signal {
    fn changed(&self) {
        self.call();
    }
}

struct Worker {
    store: Store,
    identity: Identity,
    signal: Arc<Signal>,
    told: Arc<Bell>,
    /// How far searches are that nothing was written for: their step, and the last change that was looked at.
    seen: HashMap<FolderId, (u64, u64)>,
    /// The last change when there was nothing more to do.
    last: Option<u64>,
    /// When the file was last put in order.
    tidied: Instant,
}

/// How a search goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Next {
    /// There is nothing to do.
    Done,
    /// Another process is at it, or the store was busy: it is looked at again some time.
    Later,
    /// There is more to do.
    More,
}

/// Other processes go on when this one does not, however it ends.
struct Leave(Store);

impl Drop for Leave {
    fn drop(&mut self) {
        // Where this can't be written, the end of the session says it.
        let _ = self.0.write(|tx| tx.leave_searches());
    }
}

impl Worker {
    fn run(mut self) {
        let _leave = Leave(self.store.clone());
        while self.signal.wait(INTERVAL) {
            let before = self.last;
            self.search();
            // Nothing has happened since the last time.
            let is_idle = before.is_some() && self.last == before;
            if is_idle && self.tidied.elapsed() >= TIDYING {
                self.tidy();
            }
        }
    }

    /// Throws away what nobody needs any more, a little at a time, until somebody wants something.
    fn tidy(&mut self) {
        self.tidied = Instant::now();
        // What can't be done now is done some time.
        while self.store.maintain().unwrap_or(false) && self.signal.rest(INTERVAL) {
            if self.signal.is_called() {
                return;
            }
        }
    }

    /// Searches until nothing is left to do.
    fn search(&mut self) {
        // To ask costs some microseconds.
        let Ok(now) = self.store.read(|reader| reader.last_change()) else {
            return;
        };
        if self.last == Some(now) {
            return;
        }
        loop {
            match self.round() {
                Next::Done => {
                    self.last = Some(now);
                    return;
                }
                Next::Later => {
                    self.last = None;
                    return;
                }
                Next::More if self.signal.is_over() => return,
                Next::More => {}
            }
        }
    }

    /// One step of each search that is not done; of those in the background only where no other is.
    fn round(&mut self) -> Next {
        let Ok(running) = self.running() else {
            return Next::Later;
        };
        let mut best = Next::Done;
        let mut is_urgent = false;
        for (folder, is_foreground) in running {
            if is_urgent && !is_foreground {
                break;
            }
            let began = Instant::now();
            let next = self.step(folder).unwrap_or(Next::Later);
            best = best.max(next);
            let goes_on = next == Next::More;
            is_urgent |= goes_on && is_foreground;
            if goes_on && !is_foreground && !self.signal.rest(began.elapsed()) {
                break;
            }
        }
        best
    }

    /// The searches that run, those in the foreground first.
    fn running(&self) -> Result<Vec<(FolderId, bool)>> {
        let mut running: Vec<(FolderId, bool)> = self.store.read(|reader| {
            let mut running = Vec::new();
            for folder in reader.searches()? {
                let state = reader.search(folder)?.map_or(0, |search| search.state);
                let state = SearchState::from_bits_retain(state);
                if state.contains(SearchState::SEARCH_RUNNING) {
                    running.push((folder, state.contains(SearchState::SEARCH_FOREGROUND)));
                }
            }
            Ok(running)
        })?;
        running.sort_by_key(|(_, is_foreground)| !is_foreground);
        Ok(running)
    }

    /// Takes a step: looks without keeping anybody waiting, then writes what was found.
    fn step(&mut self, folder: FolderId) -> Result<Next> {
        let seen = self.seen.get(&folder).copied();
        let taken = self.store.read(|reader| {
            let (Some(search), Some(mut progress)) =
                (reader.search(folder)?, reader.search_progress(folder)?)
            else {
                return Ok(None);
            };
            if search.state & SearchState::SEARCH_RUNNING.bits() == 0 {
                return Ok(None);
            }
            let last = reader.last_change()?;
            let before = progress.clone();
            // What was looked at and changed nothing is not looked at again.
            if let Some((step, seq)) = seen
                && step == progress.step
            {
                progress.seq = progress.seq.max(seq);
            }
            if progress.phase == Phase::Following && progress.seq == last {
                return Ok(None);
            }
            if !reader.may_search(&progress)? {
                return Ok(Some(None));
            }
            let step = Step::new(reader, &self.identity, folder, &search, &progress)?;
            Ok(Some(Some((before, step.take()?, last))))
        })?;
        let (before, found, last) = match taken {
            None => return Ok(Next::Done),
            // STORE-42: one process does the work.
            Some(None) => return Ok(Next::Later),
            Some(Some(taken)) => taken,
        };
        let is_done = found.phase == Phase::Following && found.seq == last;
        let changes_hits = !found.add.is_empty() || !found.remove.is_empty();
        let is_late = found.seq.saturating_sub(before.seq) > PATIENCE;
        if changes_hits || is_late || found.phase != before.phase {
            self.write(folder, before.step, &found)?;
        } else {
            self.seen.insert(folder, (before.step, found.seq));
            if is_done {
                return Ok(Next::Done);
            }
        }
        // What was written is a change too.
        Ok(Next::More)
    }

    fn write(&mut self, folder: FolderId, step: u64, found: &Advance) -> Result<()> {
        let wrote = self
            .store
            .write(|tx| tx.advance_search(folder, step, found))?;
        if wrote {
            self.told.ring();
        }
        Ok(())
    }
}
