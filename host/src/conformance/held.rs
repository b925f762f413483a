//! A run that is held in its callback while something else happens.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use mapi_provider::abi::S_OK;
use mapi_provider::object::ObjectRef;

use super::gate::Gate;
use super::stage::{Halt, Played, Rig, Stage};
use crate::host::Host;
use crate::objects::{CallKind, CallbackBuilder, ProgressCallback};
use crate::run::SyncRun;
use crate::status::Status;
use crate::store::{Store, SyncRequest};

/// A run that is held in the first call of its callback.
pub(super) struct Held {
    pub(super) run: SyncRun,
    pub(super) callback: ObjectRef<ProgressCallback>,
    pub(super) gate: Gate,
    /// How long it took to answer the request.
    pub(super) took: Duration,
    /// Whether the callback was called on the thread that asked for the run.
    pub(super) on_caller: bool,
}

/// Where to hold a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// In the first call, whichever it is.
    FirstCall,
    /// In `Done`.
    Done,
}

impl Stage<'_> {
    /// A gate that holds a run longer than anything else may take, including a logoff that waits for the run (SYNC-16).
    pub(super) fn gate(&self) -> Gate {
        Gate::new(self.soon() * 2)
    }

    /// Asks for a run and waits until it is held.
    pub(super) fn hold(&self, rig: &Rig, at: At) -> Result<Held, Halt> {
        let request = SyncRequest::default().session(&rig.host);
        self.hold_on(&rig.host, &rig.store, request, at)
    }

    /// Asks a store for a run and waits until it is held.
    pub(super) fn hold_on(
        &self,
        host: &Host,
        store: &Store,
        request: SyncRequest,
        at: At,
    ) -> Result<Held, Halt> {
        let gate = self.gate();
        let on_caller = Arc::new(AtomicBool::new(false));
        let callback = host.callback(holding(&gate, &on_caller, at));
        let begin = Instant::now();
        let run = store.synchronize(&request.callback(&callback));
        let took = begin.elapsed();
        run.started()?;
        let held = Held {
            run,
            callback,
            gate,
            took,
            on_caller: on_caller.load(Ordering::Relaxed),
        };
        self.arrived(held.on_caller, &held.gate)?;
        Ok(held)
    }

    /// Waits until a run is held.
    pub(super) fn arrived(&self, on_caller: bool, gate: &Gate) -> Played {
        let came = on_caller || gate.wait_for_arrival(self.soon());
        self.in_time(
            "SYNC-10",
            came,
            "no call of the callback’s came, not even Done,",
        )
    }

    /// Lets a run go on, and waits for its end.
    pub(super) fn let_go(&self, rule: &str, held: Held) -> Result<Option<Status>, Halt> {
        held.gate.open();
        self.wait(rule, &held.run)?;
        Ok(held.run.result())
    }
}

impl Held {
    /// Whether the run is held in `Progress`, and can be cancelled.
    pub(super) fn in_progress(&self) -> bool {
        let first = self.callback.kinds().into_iter().next();
        !self.on_caller && matches!(first, Some(CallKind::Progress { .. }))
    }

    /// Whether the run is held in `Done`: it has nothing more to do, and a request that comes now may be served at
    /// once.
    pub(super) fn in_done(&self) -> bool {
        let first = self.callback.kinds().into_iter().next();
        matches!(first, Some(CallKind::Done { .. }))
    }

    /// How often `Progress` has been called.
    pub(super) fn progress_calls(&self) -> usize {
        progress_calls(&self.callback)
    }
}

/// How often a callback's `Progress` has been called.
pub(super) fn progress_calls(callback: &ProgressCallback) -> usize {
    let is_progress = |kind: &CallKind| matches!(kind, CallKind::Progress { .. });
    let kinds = callback.kinds();
    kinds.iter().filter(|kind| is_progress(kind)).count()
}

/// A callback that is held at the gate, but never on the caller's thread, which has to open it.
fn holding(gate: &Gate, on_caller: &Arc<AtomicBool>, at: At) -> CallbackBuilder {
    let (gate, on_caller, caller) = (gate.clone(), Arc::clone(on_caller), thread::current().id());
    ProgressCallback::builder().hook(move |call| {
        if thread::current().id() == caller {
            on_caller.store(true, Ordering::Relaxed);
        } else if at == At::FirstCall || matches!(call, CallKind::Done { .. }) {
            gate.pass();
        }
        S_OK
    })
}

/// For scenarios that need a run held in `Progress`: says so if it isn't.
pub(super) fn needs_progress(stage: &Stage<'_>, rules: &[&str], held: Held) -> Played {
    for rule in rules {
        stage.skip(
            rule,
            "the run never calls Progress, so it can't be held there",
        );
    }
    stage.let_go("SYNC-10", held).map(drop)
}
