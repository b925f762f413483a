//! Asks the logic, on threads of its own, and waits no longer than is allowed (AB-32).
//!
//! ```text
//! caller ─ ask ─→ Ticket ─ waiting ─→ worker: logic ─→ Ticket.put ─┐
//!    ↑ waits, no lock held, until its deadline                     │ taken if anybody still waits
//!    └─────────────────────────────────────────────────────────────┘
//! ```
//!
//! A ticket belongs to caller and worker both: an answer that is late is dropped with it, on the worker's thread.

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::log;
use crate::manifest::Unload;
use crate::platform::{LastWords, WorkerScope, spawn_worker};
use crate::sync::CancelToken;
use mapi_provider_abi::internal::{panicked, quietly};

/// How many lookups may go on that nobody waits for any more, and so how many go on at once: the others stand in line.
const MOST_LEFT: usize = 16;

/// How many workers wait for something to do; those that are more end.
const MOST_IDLE: usize = 2;

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The logic could not look, is too slow, or too much of it is under way.
    Network,
    /// It has panicked.
    Panicked,
    /// The logon is over.
    LoggedOff,
}

/// A team's logic, with the threads that it is asked on.
pub(super) struct Asker<L> {
    /// Until the drop.
    logic: Option<Arc<L>>,
    line: Arc<Line<L>>,
    unload: Unload,
    is_service: bool,
}

/// What the callers and the workers share.
struct Line<L> {
    state: Mutex<State<L>>,
    changed: Condvar,
}

struct State<L> {
    waiting: VecDeque<Task<L>>,
    /// Whoever may have to be cancelled.
    open: Vec<Arc<Ticket>>,
    /// All workers, and those of them that wait for something to do.
    workers: usize,
    idle: usize,
    is_closed: bool,
}

impl<L> State<L> {
    /// Nobody looks for this any more, or has ever begun to.
    fn forget(&mut self, ticket: &Arc<Ticket>) {
        self.open.retain(|one| !Arc::ptr_eq(one, ticket));
    }

    /// Takes a question out of the line that nobody has begun with. The answer is to be dropped with nothing locked.
    fn withdraw(&mut self, ticket: &Arc<Ticket>) -> Option<Task<L>> {
        let mut all = self.waiting.iter();
        let place = all.position(|one| Arc::ptr_eq(&one.ticket, ticket))?;
        self.forget(ticket);
        self.waiting.remove(place)
    }
}

/// What is done for a question, with the logic.
type Asks<L> = Box<dyn FnOnce(&L, &CancelToken) -> Box<dyn Any + Send> + Send>;

/// A question, as a worker has it.
struct Task<L> {
    ticket: Arc<Ticket>,
    ask: Asks<L>,
}

/// Where an answer is put.
struct Ticket {
    cancel: CancelToken,
    state: Mutex<Stage>,
    changed: Condvar,
}

enum Stage {
    Waiting,
    /// There is an answer.
    Done(Box<dyn Any + Send>),
    Failed(Trouble),
    /// Nobody waits for it any more.
    Left,
}

impl Ticket {
    fn lock(&self) -> MutexGuard<'_, Stage> {
        lock(&self.state)
    }

    /// Puts an answer, if somebody still waits for it; else it comes back.
    fn put(&self, answer: Stage) -> Option<Stage> {
        let mut stage = self.lock();
        if !matches!(*stage, Stage::Waiting) {
            return Some(answer);
        }
        *stage = answer;
        drop(stage);
        self.changed.notify_all();
        None
    }

    /// Waits for the answer until the deadline. After that nobody does.
    fn wait(&self, end: Instant) -> Result<Box<dyn Any + Send>, Trouble> {
        let mut stage = self.lock();
        while matches!(*stage, Stage::Waiting) {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let waited = self.changed.wait_timeout(stage, left);
            (stage, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
        match std::mem::replace(&mut *stage, Stage::Left) {
            Stage::Done(answer) => Ok(answer),
            Stage::Failed(trouble) => Err(trouble),
            Stage::Waiting | Stage::Left => {
                drop(stage); // SYNC-19
                self.cancel.cancel();
                log::warn!("the address book was too slow: nobody waits for it any more");
                Err(Trouble::Network)
            }
        }
    }

    fn is_left(&self) -> bool {
        matches!(*self.lock(), Stage::Left)
    }
}

impl<L: Send + Sync + 'static> Asker<L> {
    pub(super) fn new(logic: L, unload: Unload, is_service: bool) -> Self {
        let state = State {
            waiting: VecDeque::new(),
            open: Vec::new(),
            workers: 0,
            idle: 0,
            is_closed: false,
        };
        Self {
            logic: Some(Arc::new(logic)),
            line: Arc::new(Line {
                state: Mutex::new(state),
                changed: Condvar::new(),
            }),
            unload,
            is_service,
        }
    }

    /// Asks something, and waits for the answer until the deadline. Several callers are served side by side (AB-33).
    ///
    /// # Errors
    ///
    /// There is none in time.
    pub(super) fn ask<T: Send + 'static>(
        &self,
        end: Instant,
        ask: impl FnOnce(&L, &CancelToken) -> T + Send + 'static,
    ) -> Result<T, Trouble> {
        // AB-32: a call whose time is over asks nothing more.
        if Instant::now() >= end {
            return Err(Trouble::Network);
        }
        let ticket = Arc::new(Ticket {
            cancel: CancelToken::default(),
            state: Mutex::new(Stage::Waiting),
            changed: Condvar::new(),
        });
        let task = Task {
            ticket: Arc::clone(&ticket),
            ask: Box::new(move |logic, cancel| Box::new(ask(logic, cancel))),
        };
        if self.hand_in(task)? {
            self.spawn(&ticket);
        }
        let answer = ticket.wait(end).inspect_err(|_| {
            // What has not begun is not left behind.
            let withdrawn = self.line.lock().withdraw(&ticket);
            drop(withdrawn);
        })?;
        // It is what the question was made to answer.
        let answer = answer.downcast().map_err(|_| Trouble::Panicked)?;
        Ok(*answer)
    }

    /// Puts a question into the line; whether a worker has to be made for it.
    fn hand_in(&self, task: Task<L>) -> Result<bool, Trouble> {
        let mut state = self.line.lock();
        if state.is_closed {
            return Err(Trouble::LoggedOff);
        }
        let left = state.open.iter().filter(|one| one.is_left()).count();
        // AB-32: those whom nobody waits for any more are not allowed to become ever more.
        if left >= MOST_LEFT {
            return Err(Trouble::Network);
        }
        state.open.push(Arc::clone(&task.ticket));
        state.waiting.push_back(task);
        // AB-32: no more begin than may be left behind.
        let is_short = state.idle < state.waiting.len() && state.workers < MOST_LEFT;
        state.workers += usize::from(is_short);
        drop(state);
        self.line.changed.notify_one();
        Ok(is_short)
    }

    fn spawn(&self, ticket: &Arc<Ticket>) {
        let Some(logic) = self.logic.clone() else {
            return;
        };
        let (line, is_service) = (Arc::clone(&self.line), self.is_service);
        // SYNC-19: a new thread takes the loader's lock, so ours is not held.
        let spawned = spawn_worker(self.unload, move || work(logic, &line, is_service));
        if let Err(error) = spawned {
            log::error!(%error, "no worker could be started");
            self.line.lock().workers -= 1;
            ticket.put(Stage::Failed(Trouble::Network));
        }
    }

    /// Cancels all lookups and ends the workers, without waiting (AB-34). Whoever waits hears so at once.
    pub(super) fn close(&self) {
        let open = {
            let mut state = self.line.lock();
            state.is_closed = true;
            state.waiting.clear();
            std::mem::take(&mut state.open)
        };
        self.line.changed.notify_all();
        for ticket in open {
            ticket.cancel.cancel();
            ticket.put(Stage::Failed(Trouble::LoggedOff));
        }
    }
}

impl<L> Line<L> {
    fn lock(&self) -> MutexGuard<'_, State<L>> {
        lock(&self.state)
    }

    /// The next question; none when the worker may go.
    fn next(&self) -> Option<Task<L>> {
        let mut state = self.lock();
        loop {
            if let Some(task) = state.waiting.pop_front() {
                return Some(task);
            }
            if state.is_closed || state.idle >= MOST_IDLE {
                state.workers -= 1;
                return None;
            }
            state.idle += 1;
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
    }
}

fn work<L>(logic: Arc<L>, line: &Line<L>, is_service: bool) -> LastWords {
    let scope = quietly(|| WorkerScope::enter(is_service)); // SYNC-20
    while let Some(Task { ticket, ask }) = line.next() {
        // Who has given up before it began is not asked for.
        let answer = match ticket.is_left() {
            true => None,
            false => Some(answer(&*logic, &ticket.cancel, ask)),
        };
        // Before whoever waits goes on: what he has is not left behind.
        line.lock().forget(&ticket);
        let late = answer.and_then(|answer| ticket.put(answer));
        // AB-32: a late answer ends here. It may be user code that drops it.
        quietly(|| drop(late));
    }
    // The logic may be dropped here, and that is user code (COM-04).
    quietly(|| drop(logic));
    quietly(|| scope.map(WorkerScope::leave));
    LastWords::default()
}

fn answer<L>(logic: &L, cancel: &CancelToken, ask: Asks<L>) -> Stage {
    match catch_unwind(AssertUnwindSafe(|| ask(logic, cancel))) {
        Ok(answer) => Stage::Done(answer),
        Err(payload) => {
            log::error!("the address book's logic panicked");
            panicked(payload);
            Stage::Failed(Trouble::Panicked)
        }
    }
}

impl<L> Drop for Asker<L> {
    fn drop(&mut self) {
        // Idle workers would wait for ever.
        let mut state = self.line.lock();
        state.is_closed = true;
        drop(state);
        self.line.changed.notify_all();
        // It may be dropped here, and that is user code (COM-04).
        quietly(|| drop(self.logic.take()));
    }
}

impl<L> std::fmt::Debug for Asker<L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asker").finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
