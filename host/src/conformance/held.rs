//! A run that stands still in its callback, so that something can happen meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use mapi_provider::abi::S_OK;
use mapi_provider::object::ObjectRef;

use super::gate::Gate;
use super::stage::{Halt, Played, Rig, Stage};
use crate::host::Host;
use crate::objects::{CallKind, CallbackBuilder, ProgressCallback};
use crate::run::SyncRun;
use crate::status::Status;
use crate::store::{Store, SyncRequest};

/// A run that stands still in the first call of its callback.
pub(super) struct Held {
    pub(super) run: SyncRun,
    pub(super) callback: ObjectRef<ProgressCallback>,
    pub(super) gate: Gate,
    /// Whether the callback was called on the thread that asked for the run.
    pub(super) on_caller: bool,
}

/// Where a run is to stand still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// In the first call, whichever it is.
    FirstCall,
    /// In `Done`.
    Done,
}

impl Stage<'_> {
    /// A gate that holds nobody for longer than anything may take.
    pub(super) fn gate(&self) -> Gate {
        Gate::new(self.soon())
    }

    /// Asks for a run and waits until it stands still.
    pub(super) fn hold(&self, rig: &Rig, at: At) -> Result<Held, Halt> {
        let request = SyncRequest::default().session(&rig.host);
        self.hold_on(&rig.host, &rig.store, request, at)
    }

    /// Asks a store for a run and waits until it stands still.
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
        let run = store.synchronize(&request.callback(&callback));
        run.started()?;
        let held = Held {
            run,
            callback,
            gate,
            on_caller: on_caller.load(Ordering::Relaxed),
        };
        if held.on_caller || held.gate.wait_for_arrival() {
            return Ok(held);
        }
        self.broken("SYNC-10", "no call of the callback’s came at all");
        Err(Halt::Stuck)
    }

    /// Lets a run go on, and waits for its end.
    pub(super) fn let_go(&self, rule: &str, held: Held) -> Result<Option<Status>, Halt> {
        held.gate.open();
        self.wait(rule, &held.run)?;
        Ok(held.run.result())
    }
}

impl Held {
    /// Whether the run stands still in `Progress`, and can be cancelled.
    pub(super) fn in_progress(&self) -> bool {
        let first = self.callback.kinds().into_iter().next();
        !self.on_caller && matches!(first, Some(CallKind::Progress { .. }))
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

/// A callback that is held at the gate: never on the caller's thread, which is the one to open it.
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

/// Whatever needs a run that stands still in `Progress` says so, where it doesn't.
pub(super) fn needs_progress(stage: &Stage<'_>, rules: &[&str], held: Held) -> Played {
    for rule in rules {
        stage.skip(
            rule,
            "the run calls no Progress that it could be held up in",
        );
    }
    stage.let_go("SYNC-10", held).map(drop)
}
