//! Sending on a worker thread, one message after another (XP-20).
//!
//! The thread is there for as long as there is something to send. It has the logic and values of ours, nothing of MAPI's.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::delivery::{Delivery, Fate, Fates};
use super::error::{Kind, SendError};
use super::logic::MailTransport;
use super::mail::Mail;
use crate::log;
use crate::manifest::Unload;
use crate::platform::{LastWords, WorkerScope, spawn_worker};
use crate::sync::CancelToken;
use mapi_provider_abi::internal::{panic_text, panicked, quietly};

/// A message on its way: what is sent, and what has become of it so far.
#[derive(Debug)]
pub(super) struct Job {
    mail: Mail,
    pub(super) fates: Fates,
    pub(super) cancel: CancelToken,
    ended: Mutex<Option<Ended>>,
    end: Condvar,
}

/// How the logic came back.
#[derive(Debug, Clone)]
pub(super) enum Ended {
    /// It has said what became of everybody.
    Done,
    /// Some are left, for this reason.
    Failed(Kind, String),
    /// It panicked (XP-36).
    Panicked,
}

impl Job {
    pub(super) fn new(mail: Mail, fates: Fates, cancel: CancelToken) -> Arc<Self> {
        Arc::new(Self {
            mail,
            fates,
            cancel,
            ended: Mutex::default(),
            end: Condvar::new(),
        })
    }

    /// One that was over before it began: nobody is left to send to.
    pub(super) fn over(mail: Mail, fates: Fates) -> Arc<Self> {
        let job = Self::new(mail, fates, CancelToken::default());
        job.finish(Ended::Done);
        job
    }

    /// How it ended, if it has.
    pub(super) fn ended(&self) -> Option<Ended> {
        self.lock().clone()
    }

    /// Waits for its end, at most so long.
    pub(super) fn wait(&self, most: Duration) -> Option<Ended> {
        let guard = self.lock();
        let waited = self
            .end
            .wait_timeout_while(guard, most, |ended| ended.is_none());
        let (guard, _) = waited.unwrap_or_else(PoisonError::into_inner);
        guard.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Ended>> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn finish(&self, ended: Ended) {
        *self.lock() = Some(ended);
        self.end.notify_all();
    }

    /// Calls the logic behind the barrier, and notes what it says of everybody.
    fn run<L: MailTransport>(&self, logic: &L) {
        if self.cancel.is_cancelled() {
            // XP-12: a cancel that comes before the logic begins is not lost.
            let cancelled = SendError::cancelled();
            self.finish(Ended::Failed(cancelled.kind, cancelled.text().to_owned()));
            return;
        }
        let delivery = Delivery {
            cancel: &self.cancel,
            fates: &self.fates,
        };
        // What the logic's error is made of goes with it, inside the barrier.
        let send = || {
            let sent = logic.send(&self.mail, &delivery);
            sent.map_err(|error| (error.kind, error.text().to_owned()))
        };
        let ended = match catch_unwind(AssertUnwindSafe(send)) {
            Ok(Ok(())) => {
                self.say_of_the_rest(&Fate::Accepted);
                Ended::Done
            }
            Ok(Err((Kind::Refused, text))) => {
                self.say_of_the_rest(&Fate::Refused(text));
                Ended::Done
            }
            Ok(Err((kind, text))) => Ended::Failed(kind, text),
            Err(payload) => {
                log::error!(text = panic_text(&*payload), "sending a message panicked");
                panicked(payload);
                Ended::Panicked
            }
        };
        self.finish(ended);
    }

    fn say_of_the_rest(&self, fate: &Fate) {
        for to in self.mail.envelope() {
            self.fates.say(&to.key, fate.clone());
        }
    }
}

/// What a logon sends with.
#[derive(Debug)]
pub(super) struct Worker<L> {
    logic: Arc<L>,
    line: Arc<Line>,
    unload: Unload,
    is_service: bool,
}

/// What waits, and whether somebody serves it.
#[derive(Debug, Default)]
struct Line {
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
}

impl Line {
    fn lock(&self) -> MutexGuard<'_, LineState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next message; without one the worker is gone.
    fn next(&self) -> Option<Arc<Job>> {
        let mut state = self.lock();
        state.running = state.waiting.pop_front();
        let next = state.running.clone();
        if next.is_none() {
            state.has_worker = false;
        }
        next
    }
}

impl<L: MailTransport> Worker<L> {
    pub(super) fn new(logic: Arc<L>, unload: Unload, is_service: bool) -> Self {
        Self {
            logic,
            line: Arc::default(),
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
                return true;
            }
        }
        let (logic, line) = (Arc::clone(&self.logic), Arc::clone(&self.line));
        let is_service = self.is_service;
        // SYNC-19: a new thread takes the loader's lock, so ours is not held.
        let spawned = spawn_worker(self.unload, move || work(logic, &line, is_service));
        if let Err(error) = &spawned {
            log::error!(%error, "no worker could be started");
            let mut state = self.line.lock();
            state.has_worker = false;
            state.waiting.clear();
            drop(state);
            self.line.idle.notify_all();
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
            job.finish(Ended::Failed(left.kind, left.text().to_owned()));
        }
    }

    /// Cancels all messages, and waits for the worker's end, at most so long (XP-33, SYNC-16).
    pub(super) fn close(&self, most: Duration) {
        let end = Instant::now().checked_add(most);
        let mut state = self.line.lock();
        state.closed = true;
        for job in state.waiting.iter().chain(&state.running) {
            job.cancel.cancel();
        }
        while state.has_worker {
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            let left = left.unwrap_or(most);
            if left.is_zero() {
                log::warn!("the transport still sends: nobody waits for it any more");
                return;
            }
            let waited = self.line.idle.wait_timeout(state, left);
            (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Cancels all messages without waiting.
    pub(super) fn cancel(&self) {
        let state = self.line.lock();
        for job in state.waiting.iter().chain(&state.running) {
            job.cancel.cancel();
        }
    }
}

fn work<L: MailTransport>(logic: Arc<L>, line: &Line, is_service: bool) -> LastWords {
    let scope = quietly(|| WorkerScope::enter(is_service)); // SYNC-20
    while let Some(job) = line.next() {
        if quietly(|| job.run(&*logic)).is_none() {
            // Only a subscriber of the log can panic in there.
            job.finish(Ended::Panicked);
        }
    }
    // The logic may be dropped here, and that is user code (COM-04).
    quietly(|| drop(logic));
    quietly(|| scope.map(WorkerScope::leave));
    line.idle.notify_all();
    LastWords::default()
}
