//! Who runs, who waits, who is turned away (SYNC-15, 16, 17).

use std::sync::Arc;
use std::time::Instant;

use super::cancel::CancelToken;
use super::request::Request;
use crate::manifest::Overlap;
use crate::platform::Latch;

/// How many requests may wait for one store (SYNC-15).
pub(super) const MAX_WAITING: usize = 64;

/// The state of an engine, always behind its lock. Nothing foreign is called from here (SYNC-19).
#[derive(Default)]
pub(super) struct Queue {
    /// The run that goes on, from the moment its worker is started.
    running: Option<CancelToken>,
    /// Requests that the next run serves, all together.
    waiting: Vec<Request>,
    /// Requests that were waiting when the run was cancelled: they get their `Done` without a run.
    cancelled: Vec<Request>,
    /// No request is accepted any more.
    closed: bool,
    /// How many logons use the store: one, and the spooler's.
    logons: usize,
    /// Workers that may not have left yet, for logoff to wait for.
    workers: Vec<Arc<Latch>>,
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// A run goes on, and the manifest says `overlap = "busy"`.
    Busy,
    /// Too many wait, or there is no thread to be had (SYNC-17).
    NoResources,
    /// The store has been logged off.
    LoggedOff,
}

/// What becomes of a request that was accepted.
pub(super) enum Admission {
    /// It waits for the run that goes on.
    Waits,
    /// It is the first: a worker has to be started, which opens this latch when it leaves.
    NeedsWorker(Arc<Latch>),
}

/// What a worker does next.
pub(super) enum Next {
    /// Serve these, together; then come again.
    Work {
        batch: Vec<Request>,
        cancelled: Vec<Request>,
        token: CancelToken,
    },
    /// Leave: there is nothing left, and the next request gets a new worker.
    Leave,
}

impl Queue {
    /// Accepts a request or refuses it.
    pub(super) fn admit(
        &mut self,
        request: Request,
        overlap: Overlap,
    ) -> Result<Admission, (Refusal, Request)> {
        if self.closed {
            return Err((Refusal::LoggedOff, request));
        }
        if self.running.is_none() {
            let latch = Arc::new(Latch::default());
            self.waiting.push(request.accept());
            self.running = Some(CancelToken::default());
            self.workers.retain(|worker| !worker.is_open());
            self.workers.push(Arc::clone(&latch));
            return Ok(Admission::NeedsWorker(latch));
        }
        match overlap {
            Overlap::Busy => Err((Refusal::Busy, request)),
            Overlap::Merge if self.waiting.len() >= MAX_WAITING => {
                Err((Refusal::NoResources, request))
            }
            Overlap::Merge => {
                self.waiting.push(request.accept());
                Ok(Admission::Waits)
            }
        }
    }

    /// Takes back an admission for which no worker could be started.
    pub(super) fn withdraw(&mut self, latch: &Arc<Latch>) -> Option<Request> {
        self.running = None;
        self.workers.retain(|worker| !Arc::ptr_eq(worker, latch));
        self.waiting.pop().map(Request::refuse)
    }

    /// What the worker does next; every run has a token of its own.
    pub(super) fn next(&mut self) -> Next {
        let batch = std::mem::take(&mut self.waiting);
        let cancelled = std::mem::take(&mut self.cancelled);
        if batch.is_empty() && cancelled.is_empty() {
            self.running = None;
            return Next::Leave;
        }
        // The token of the first run was made with the worker: it may have been cancelled since.
        let token = CancelToken::default();
        self.running = Some(token.clone());
        Next::Work {
            batch,
            cancelled,
            token,
        }
    }

    /// Cancels the run that goes on and all that wait (SYNC-16). They are told on the worker.
    pub(super) fn cancel(&mut self, close: bool) {
        self.closed |= close;
        if let Some(token) = &self.running {
            token.cancel();
        }
        self.cancelled.append(&mut self.waiting);
    }

    /// One logon more; false where the store has been logged off meanwhile.
    pub(super) fn attach(&mut self) -> bool {
        if !self.closed {
            self.logons += 1;
        }
        !self.closed
    }

    /// One logon less; true where none is left, and with it the store is logged off for good.
    pub(super) fn detach(&mut self) -> bool {
        self.logons = self.logons.saturating_sub(1);
        self.closed |= self.logons == 0;
        self.logons == 0
    }

    /// Whether the store has been logged off.
    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    /// The workers that logoff waits for: none where it is called on one of them (SYNC-16).
    pub(super) fn workers(&self) -> Vec<Arc<Latch>> {
        if self.workers.iter().any(|worker| worker.is_worker()) {
            return Vec::new();
        }
        self.unfinished()
    }

    /// The workers that have not left yet.
    pub(super) fn unfinished(&self) -> Vec<Arc<Latch>> {
        let workers = self.workers.iter();
        workers
            .filter(|worker| !worker.is_open())
            .cloned()
            .collect()
    }

    /// Whether there are requests for a run: none of them has been cancelled.
    pub(super) fn is_waited_for(&self) -> bool {
        !self.waiting.is_empty()
    }

    #[cfg(test)]
    pub(super) fn is_idle(&self) -> bool {
        self.running.is_none() && self.waiting.is_empty() && self.cancelled.is_empty()
    }
}

/// Waits for workers to leave, all together until one point in time.
pub(super) fn wait_for(workers: &[Arc<Latch>], deadline: Instant) -> bool {
    workers.iter().all(|worker| worker.wait_until(deadline))
}
