//! Threads for a line: the worker that serves requests, and the one that tells what a busy worker can't.

use std::sync::Arc;
use std::time::Duration;

use super::batch::Batch;
use super::line::{Hand, Line, Next};
use super::request::Request;
use super::state::{MOST_REQUESTS, Mark, Number, Refusal, Telling};
use super::world::{LastWords, WorkerScope, spawn_worker};
use crate::log;
use crate::manifest::Unload;
use crate::platform::deadline;
use mapi_provider_abi::internal::quietly;
use mapi_provider_abi::mapi::MAPI_E_USER_CANCEL;

/// How many panics of our own code in a row end a worker. Its requests are ended then, and the next one gets a new
/// worker (SYNC-22).
const PATIENCE: usize = 16;

/// A teller gives the thread before it this share of the bound of SYNC-16, so even if every `Done` is stuck, the last
/// one is called in time.
const SHARES: u32 = 2 * MOST_REQUESTS as u32;

/// What serves a batch: the engine with its logic.
pub(super) trait Service: Send + Sync + 'static {
    /// Serves the requests of a batch with one run, and ends them; their events are left to be signalled.
    fn serve(&self, batch: Batch, events: &mut LastWords);
}

/// What is needed to start a thread for an engine.
#[derive(Debug, Clone)]
pub(super) struct Crew {
    pub(super) line: Arc<Line>,
    pub(super) engine: Number,
    pub(super) unload: Unload,
    /// The bound of SYNC-16.
    pub(super) logoff_wait: Duration,
    /// MAPI has been initialised in a service (SYNC-20).
    pub(super) is_service: bool,
}

impl Crew {
    /// Takes a request: it waits for the current run, or a worker is started for it. Returns at once (SYNC-09).
    pub(super) fn submit(
        &self,
        service: &Arc<impl Service>,
        logon: Number,
        request: Request,
    ) -> Result<(), Refusal> {
        // What is refused is dropped here, without the lock, because it has the caller's references (SYNC-19).
        let admission = self.line.admit(self.engine, logon, request);
        let admission = admission.map_err(|(refusal, _request)| refusal)?;
        if !admission.needs_worker {
            return Ok(());
        }
        // SYNC-19: this takes the loader's lock. Anybody who asks meanwhile starts another thread; the first one to
        // arrive serves them all.
        let (crew, service) = (self.clone(), Arc::clone(service));
        let Err(error) = spawn_worker(self.unload, move || crew.work(service)) else {
            return Ok(());
        };
        let withdrawn = self.line.withdraw(admission.number);
        log::error!(%error, "no worker could be started");
        match withdrawn {
            Some(_request) => Err(Refusal::NoResources), // SYNC-17
            None => Ok(()),
        }
    }

    /// Cancels what a logon has requested so far (SYNC-16), and with `leave` ends the logon.
    pub(super) fn cancel(&self, logon: Number, leave: bool) -> Mark {
        let (mark, needs_teller) = self.line.cancel(self.engine, logon, leave);
        if needs_teller {
            self.start_teller(self.logoff_wait / 2);
        }
        mark
    }

    /// Starts a thread that tells what is cancelled, after it has given the other threads this much time.
    fn start_teller(&self, patience: Duration) {
        let crew = self.clone();
        if let Err(error) = spawn_worker(self.unload, move || crew.tell(patience)) {
            log::warn!(%error, "cancelled requests are told by the worker only");
        }
    }

    /// The body of a worker thread. What it returns is signalled when nothing else of it is left (SYNC-11).
    fn work(self, service: Arc<impl Service>) -> LastWords {
        let mut events = LastWords::default();
        let Some(hand) = self.line.enter(self.engine) else {
            quietly(|| drop(service));
            return events;
        };
        let scope = quietly(|| WorkerScope::enter(self.is_service)); // SYNC-20
        for _ in 0..PATIENCE {
            // Nothing in there panics but, perhaps, a subscriber of the log. Requests that are lost with it end by
            // themselves, and the others are served.
            if quietly(|| self.serve_all(&hand, &*service, &mut events)).is_some() {
                break;
            }
        }
        // The logic may be dropped here, and that is user code (COM-04).
        quietly(|| drop(service));
        quietly(|| scope.map(WorkerScope::leave));
        // Whoever waits for this worker goes on from here; the events come last.
        drop(hand);
        events
    }

    /// The body of a thread that tells: half the bound is the worker's, the other half is ours.
    fn tell(self, patience: Duration) -> LastWords {
        let hand = self.line.enter_to_tell(self.engine);
        let end = deadline(patience);
        let mut scope = None;
        while let Some(telling) = self.line.next_to_tell(self.engine, &hand, end) {
            if scope.is_none() {
                scope = Some(quietly(|| WorkerScope::enter(self.is_service)));
            }
            // At once: the next Done may never come back.
            self.tell_one(telling, &mut LastWords::default());
        }
        quietly(|| scope.flatten().map(WorkerScope::leave));
        LastWords::default()
    }

    /// Serves what there is, until nothing is left. The caller signals the last events.
    fn serve_all(&self, hand: &Hand, service: &impl Service, events: &mut LastWords) {
        loop {
            let next = self.line.next(hand);
            if let Next::Leave = next {
                return;
            }
            // What follows may take long: whoever waits for what has ended need not wait for that too.
            events.signal();
            match next {
                Next::Tell(telling) => self.tell_one(telling, events),
                Next::Run(begun, held) => {
                    let batch = Batch::new(&self.line, hand.number, begun);
                    service.serve(batch, events);
                    drop(held);
                }
                Next::Leave => {}
            }
        }
    }

    /// Tells a request that it is cancelled. If others are to be told too, somebody else must be there for them: this
    /// one's `Done` may never come back (SYNC-16).
    fn tell_one(&self, telling: Telling, events: &mut LastWords) {
        if telling.needs_teller {
            self.start_teller(self.logoff_wait / SHARES);
        }
        self.line.tell(telling.ticket.number);
        events.push(telling.ticket.request.finish(MAPI_E_USER_CANCEL));
    }
}
