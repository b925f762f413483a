//! The worker that receives: a thread of its own for as long as the logon, which calls the logic round by round.

use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::inbox::Inbox;
use super::ready::{Next, Ready};
use crate::log;
use crate::manifest::Unload;
use crate::platform::{LastWords, WorkerScope, spawn_worker};
use crate::sync::CancelToken;
use crate::transport::MailTransport;
use mapi_provider_abi::internal::{panic_text, panicked, quietly};

/// What workers tell MAPI, on their threads. Nothing happens where the logon is gone.
pub(crate) trait Teller: Send + Sync {
    /// `SpoolerNotify(NOTIFY_NEWMAIL)` (XP-29)
    fn new_mail(&self);
    /// Nothing is left to be received: the flush is over (XP-30).
    fn received(&self);
    /// Nothing is left to be sent: the flush is over (XP-30).
    fn sent(&self);
}

/// What a logon receives with.
#[derive(Debug)]
pub(in crate::transport) struct Receiver<L> {
    logic: Arc<L>,
    pub(in crate::transport) ready: Arc<Ready>,
    /// Whether anything may come in, if only a report.
    receives: bool,
    /// How often the logic is called; never, if there is none.
    every: Option<Duration>,
    unload: Unload,
    is_service: bool,
}

impl<L: MailTransport> Receiver<L> {
    pub(in crate::transport) fn new(
        logic: &Arc<L>,
        ready: Arc<Ready>,
        receives: bool,
        every: Option<Duration>,
        unload: Unload,
        is_service: bool,
    ) -> Self {
        Self {
            logic: Arc::clone(logic),
            ready,
            receives,
            every,
            unload,
            is_service,
        }
    }

    /// Starts the worker, if there is anything for it to do.
    pub(in crate::transport) fn begin(&self, teller: Arc<dyn Teller>) {
        if !self.receives || !self.ready.enter() {
            return;
        }
        let every = self.every;
        let (logic, ready) = (Arc::clone(&self.logic), Arc::clone(&self.ready));
        let is_service = self.is_service;
        let spawned = spawn_worker(self.unload, move || {
            work(logic, &ready, every, &*teller, is_service)
        });
        if let Err(error) = spawned {
            log::error!(%error, "no worker could be started: nothing is received");
            self.ready.leave();
        }
    }

    /// Whether the logic is called when somebody asks for it.
    pub(in crate::transport) fn has_rounds(&self) -> bool {
        self.receives && self.every.is_some() && self.ready.is_on()
    }

    /// Waits for the worker's end, after [`Ready::close`], at most until then (XP-33, SYNC-16).
    pub(in crate::transport) fn wait(&self, end: Option<Instant>) {
        if !self.ready.wait_for_leave(end) {
            log::warn!("the transport still receives: nobody waits for it any more");
        }
    }
}

fn work<L: MailTransport>(
    logic: Arc<L>,
    ready: &Ready,
    every: Option<Duration>,
    teller: &dyn Teller,
    is_service: bool,
) -> LastWords {
    let scope = quietly(|| WorkerScope::enter(is_service)); // SYNC-20
    let mut at = every.map(|_| Instant::now());
    while let Next::Round(cancel) = ready.next_round(at, teller) {
        quietly(|| round(&*logic, ready, &cancel, teller));
        at = every.and_then(|every| Instant::now().checked_add(every));
        if ready.round_over() {
            quietly(|| teller.received());
        }
    }
    // The logic may be dropped here, and that is user code (COM-04).
    quietly(|| drop(logic));
    quietly(|| scope.map(WorkerScope::leave));
    ready.leave();
    LastWords::default()
}

/// XP-36: a panic ends the round, and nothing else.
fn round<L: MailTransport>(logic: &L, ready: &Ready, cancel: &CancelToken, teller: &dyn Teller) {
    let inbox = Inbox {
        ready,
        cancel,
        teller,
        one_thread: PhantomData,
    };
    // What the logic's error is made of goes with it, inside the barrier.
    let receive = || {
        let received = logic.receive(&inbox);
        received.map_err(|error| error.text().to_owned())
    };
    match catch_unwind(AssertUnwindSafe(receive)) {
        Ok(Ok(())) => {}
        Ok(Err(text)) if cancel.is_cancelled() => {
            log::info!(text, "receiving was stopped");
        }
        Ok(Err(text)) => log::warn!(text, "not everything was received"),
        Err(payload) => {
            log::error!(text = panic_text(&*payload), "receiving panicked");
            panicked(payload);
        }
    }
}
