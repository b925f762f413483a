//! Sending on a worker thread, one message after another (XP-20).
//!
//! The thread is there for as long as there is something to send. It has the logic and values of ours, nothing of MAPI's.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::error::SendError;
use super::job::{Ended, Job};
use super::logic::MailTransport;
use super::queue::Report;
use super::receiving::Teller;
use super::retrying::{Retrying, UNUSABLE};
use crate::log;
use crate::manifest::Unload;
use crate::platform::{Bell, LastWords, WorkerScope, spawn_worker};
use mapi_provider_abi::internal::quietly;

/// What a logon sends with.
#[derive(Debug)]
pub(super) struct Worker<L> {
    logic: Arc<L>,
    line: Arc<Line>,
    /// The queue, if there is one: then the thread is there for as long as the logon.
    retrying: Option<Arc<Retrying>>,
    unload: Unload,
    is_service: bool,
}

/// What waits, and whether somebody serves it.
#[derive(Debug, Default)]
pub(super) struct Line {
    state: Mutex<LineState>,
    idle: Condvar,
}

#[derive(Debug, Default)]
struct LineState {
    waiting: VecDeque<Arc<Job>>,
    /// What is being sent; there is a worker as long as this is here.
    running: Option<Arc<Job>>,
    has_worker: bool,
    closed: bool,
    /// Whether the queue may be tried (XP-06).
    is_on: bool,
    /// Nothing in the queue waits for its time (XP-30).
    is_hurried: bool,
    /// When something in the queue is due.
    due: Option<Instant>,
    /// Rung when the worker is gone.
    bell: Option<Arc<Bell>>,
}

/// What the worker does next.
enum Work {
    Job(Arc<Job>),
    /// The queue's turn; whether it is to hurry.
    Queue(bool),
    End,
}

impl Line {
    /// One that is on.
    #[cfg(test)]
    pub(super) fn on() -> Self {
        let line = Self::default();
        line.lock().is_on = true;
        line
    }

    fn lock(&self) -> MutexGuard<'_, LineState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is next; at its end the worker is gone. What somebody waits for comes before what lies in the queue.
    fn next(&self, has_queue: bool) -> Work {
        let mut state = self.lock();
        loop {
            state.running = state.waiting.pop_front();
            if let Some(job) = &state.running {
                return Work::Job(Arc::clone(job));
            }
            if state.closed || !has_queue {
                state.has_worker = false;
                return Work::End;
            }
            let now = Instant::now();
            let due = state.due.filter(|_| state.is_on);
            if state.is_on && (state.is_hurried || due.is_some_and(|due| due <= now)) {
                // What is put in from now on says so itself.
                state.due = None;
                return Work::Queue(std::mem::take(&mut state.is_hurried));
            }
            state = match due {
                Some(due) => {
                    let waited = self.idle.wait_timeout(state, due - now);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None => {
                    let waited = self.idle.wait(state);
                    waited.unwrap_or_else(PoisonError::into_inner)
                }
            };
        }
    }

    /// The worker is gone.
    fn is_left(&self) {
        let bell = self.lock().bell.clone();
        if let Some(bell) = bell {
            bell.ring();
        }
    }

    /// Whether nothing is to be hurried that was not.
    fn is_calm(&self) -> bool {
        !self.lock().is_hurried
    }

    /// Something in the queue is due then.
    pub(super) fn due(&self, at: Instant) {
        {
            let mut state = self.lock();
            state.due = Some(state.due.map_or(at, |due| due.min(at)));
        }
        self.idle.notify_all();
    }

    /// A message of the queue's is being sent; it is cancelled at once if all is over.
    pub(super) fn run(&self, job: &Arc<Job>) {
        let mut state = self.lock();
        state.running = Some(Arc::clone(job));
        if state.closed || !state.is_on {
            job.cancel.cancel();
        }
    }
}

impl<L: MailTransport> Worker<L> {
    pub(super) fn new(
        logic: Arc<L>,
        retrying: Option<Arc<Retrying>>,
        is_on: bool,
        unload: Unload,
        is_service: bool,
    ) -> Self {
        let line = Line::default();
        line.lock().is_on = is_on;
        Self {
            logic,
            line: Arc::new(line),
            retrying,
            unload,
            is_service,
        }
    }

    /// Has a message sent; the job says when that is over. False if nothing is sent any more, or there is no thread.
    pub(super) fn send(&self, job: &Arc<Job>) -> bool {
        {
            let mut state = self.line.lock();
            if state.closed {
                return false;
            }
            state.waiting.push_back(Arc::clone(job));
            if std::mem::replace(&mut state.has_worker, true) {
                drop(state);
                self.line.idle.notify_all();
                return true;
            }
        }
        self.spawn(None)
    }

    /// Begins with what lies in the queue, if there is one.
    pub(super) fn begin(&self, teller: &Arc<dyn Teller>) {
        if self.retrying.is_none() {
            return;
        }
        {
            let mut state = self.line.lock();
            state.due = Some(Instant::now());
            if state.closed || std::mem::replace(&mut state.has_worker, true) {
                return;
            }
        }
        self.spawn(Some(Arc::clone(teller)));
    }

    /// XP-06: the direction begins or ends. What is being sent is finished; what lies in the queue rests.
    pub(super) fn turn(&self, is_on: bool) {
        self.line.lock().is_on = is_on;
        self.line.idle.notify_all();
    }

    /// XP-30: what lies in the queue does not wait for its time.
    pub(super) fn hurry(&self) {
        self.line.lock().is_hurried = true;
        self.line.idle.notify_all();
    }

    /// The queue has a message that is due then.
    pub(super) fn queued(&self, at: Instant) {
        self.line.due(at);
    }

    /// What became of a message that the queue has taken over while it was being sent.
    pub(super) fn tried(&self, job: &Arc<Job>, ended: &Ended) {
        if let Some(retrying) = &self.retrying {
            retrying.tried(job, ended);
        }
    }

    /// A report of the queue's is ready for the spooler.
    pub(super) fn come_in(&self, report: &Report) {
        if let Some(retrying) = &self.retrying {
            retrying.come_in(std::slice::from_ref(report));
        }
    }

    fn spawn(&self, teller: Option<Arc<dyn Teller>>) -> bool {
        let (logic, line) = (Arc::clone(&self.logic), Arc::clone(&self.line));
        let (retrying, is_service) = (self.retrying.clone(), self.is_service);
        // SYNC-19: a new thread takes the loader's lock, so ours is not held.
        let spawned = spawn_worker(self.unload, move || {
            work(
                logic,
                &line,
                retrying.as_deref(),
                teller.as_deref(),
                is_service,
            )
        });
        if let Err(error) = &spawned {
            log::error!(%error, "no worker could be started");
            let mut state = self.line.lock();
            state.has_worker = false;
            state.waiting.clear();
            drop(state);
            self.line.is_left();
        }
        spawned.is_ok()
    }

    /// Takes a message back that the worker has not begun with.
    pub(super) fn withdraw(&self, job: &Arc<Job>) {
        let mut state = self.line.lock();
        let before = state.waiting.len();
        state.waiting.retain(|waiting| !Arc::ptr_eq(waiting, job));
        let was_waiting = state.waiting.len() < before;
        drop(state);
        if was_waiting {
            let left = SendError::later("others were sent first");
            job.finish(Ended::of(&left));
        }
    }

    /// Cancels all messages, and waits for the worker's end, at most so long (XP-33, SYNC-16). False if it is still there.
    pub(super) fn close(&self, most: Duration) -> bool {
        let end = Instant::now().checked_add(most);
        // XP-33: messages that are sent to this thread are answered meanwhile (SYNC-16).
        let bell = Arc::new(Bell::new());
        {
            let mut state = self.line.lock();
            state.closed = true;
            state.bell = Some(Arc::clone(&bell));
            for job in state.waiting.iter().chain(&state.running) {
                job.cancel.cancel();
            }
            if !state.has_worker {
                return true;
            }
        }
        self.line.idle.notify_all();
        while bell.wait_until(end) {
            if !self.line.lock().has_worker {
                return true;
            }
        }
        log::warn!("the transport still sends: nobody waits for it any more");
        false
    }

    /// Cancels all messages without waiting.
    pub(super) fn cancel(&self) {
        let mut state = self.line.lock();
        state.is_on = false;
        for job in state.waiting.iter().chain(&state.running) {
            job.cancel.cancel();
        }
    }
}

fn work<L: MailTransport>(
    logic: Arc<L>,
    line: &Line,
    retrying: Option<&Retrying>,
    teller: Option<&dyn Teller>,
    is_service: bool,
) -> LastWords {
    let scope = quietly(|| WorkerScope::enter(is_service)); // SYNC-20
    loop {
        match line.next(retrying.is_some()) {
            Work::Job(job) => {
                // Only a subscriber of the log can panic in there.
                let ended = quietly(|| job.run(&*logic)).unwrap_or(Ended::Panicked);
                if let (true, Some(retrying)) = (job.finish(ended.clone()), retrying) {
                    quietly(|| retrying.tried(&job, &ended));
                }
            }
            Work::Queue(is_hurried) => {
                let turn = || retrying.map(|retrying| retrying.turn(&*logic, line, is_hurried));
                let turned = quietly(turn);
                if turned.is_none() {
                    // It has panicked before it could say when the next turn is.
                    line.due(Instant::now() + UNUSABLE);
                }
                let is_empty = turned.flatten().unwrap_or_default();
                if let (true, Some(teller)) = (is_empty && line.is_calm(), teller) {
                    quietly(|| teller.sent());
                }
            }
            Work::End => break,
        }
    }
    // The last chance: the next session knows what is in the file, and nothing else.
    quietly(|| retrying.map(Retrying::write_down));
    // The logic may be dropped here, and that is user code (COM-04).
    quietly(|| drop(logic));
    quietly(|| scope.map(WorkerScope::leave));
    line.is_left();
    LastWords::default()
}
