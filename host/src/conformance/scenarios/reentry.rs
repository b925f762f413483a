//! Callbacks that call back in.

use std::sync::{Arc, Mutex};

use mapi_provider::abi::{LogoffFlags, S_OK};
use mapi_provider::object::ObjectRef;

use super::super::gate::Gate;
use super::super::held::At;
use super::super::stage::{Played, Rig, Stage};
use crate::host::Host;
use crate::locks::lock;
use crate::objects::{CallKind, ProgressCallback};
use crate::run::SyncRun;
use crate::store::{Store, SyncRequest};

/// A callback that does something once.
fn once(host: &Host, at: At, what: impl FnOnce() + Send + 'static) -> ObjectRef<ProgressCallback> {
    let what = Mutex::new(Some(what));
    host.callback(ProgressCallback::builder().hook(move |call| {
        if at == At::Done && !matches!(call, CallKind::Done { .. }) {
            return S_OK;
        }
        let what = lock(&what).take();
        if let Some(what) = what {
            what();
        }
        S_OK
    }))
}

/// The run ends: nothing waits for a lock that its callback holds.
fn ends(stage: &Stage<'_>, run: &SyncRun) -> Played {
    stage.in_time(
        "SYNC-19",
        run.wait(stage.soon()),
        "a deadlock: the run’s event was not signalled",
    )
}

fn done_once(stage: &Stage<'_>, callback: &ProgressCallback) {
    let dones = callback.results().len();
    stage.expect("SYNC-19", dones == 1, || {
        format!("Done was called {dones} times, not once")
    });
}

/// A run whose callback does something; the run must still end.
fn run_with(stage: &Stage<'_>, rig: &Rig, what: impl FnOnce() + Send + 'static) -> Played {
    let callback = once(&rig.host, At::FirstCall, what);
    let run = rig
        .store
        .synchronize(&SyncRequest::default().callback(&callback));
    run.started()?;
    ends(stage, &run)?;
    done_once(stage, &callback);
    Ok(())
}

pub(super) fn asks_again(stage: &Stage<'_>) -> Played {
    asks_again_at(stage, At::FirstCall, "its first call")
}

/// Another place where a lock may be held, and a queue that may just be closing.
pub(super) fn asks_again_in_done(stage: &Stage<'_>) -> Played {
    asks_again_at(stage, At::Done, "Done")
}

fn asks_again_at(stage: &Stage<'_>, at: At, place: &str) -> Played {
    let Rig {
        store,
        provider,
        host,
    } = stage.rig()?;
    let what = format!("a callback that calls SynchronizeInBackground in {place}");
    stage.step("SYNC-19", what);
    let store = Arc::new(store);
    let second = host.callback(ProgressCallback::builder());
    let asked = Arc::new(Mutex::new(None));
    let (inner, heard, answer) = (Arc::clone(&store), second.clone(), Arc::clone(&asked));
    let callback = once(&host, at, move || {
        let run = inner.synchronize(&SyncRequest::default().callback(&heard));
        *lock(&answer) = Some(run);
    });
    let run = store.synchronize(&SyncRequest::default().callback(&callback));
    run.started()?;
    ends(stage, &run)?;
    let again = lock(&asked).take();
    if let Some(again) = again.filter(|again| again.status.is_ok()) {
        stage.wait("SYNC-19", &again)?;
    }
    drop((run, callback, second));
    let Some(store) = Arc::into_inner(store) else {
        stage.broken(
            "SYNC-11",
            "the event was signalled, and the callback not yet released",
        );
        return Err(stage.stuck());
    };
    stage.finish(Rig {
        store,
        provider,
        host,
    });
    Ok(())
}

pub(super) fn logs_off(stage: &Stage<'_>) -> Played {
    let rig = stage.rig()?;
    stage.step("SYNC-19", "a callback that calls StoreLogoff");
    let store = rig.store.interface().clone();
    run_with(stage, &rig, move || {
        let mut flags = LogoffFlags::LOGOFF_ORDERLY;
        // SAFETY: a live variable. Whatever it answers, the run must end.
        let _ = unsafe { store.StoreLogoff(&raw mut flags) };
    })?;
    stage.finish(rig);
    Ok(())
}

pub(super) fn shuts_down(stage: &Stage<'_>) -> Played {
    let rig = stage.rig()?;
    stage.step("SYNC-19", "a callback that calls Shutdown");
    let provider = rig.provider.interface().clone();
    run_with(stage, &rig, move || {
        let mut flags = 0;
        // SAFETY: a live variable. Whatever it answers, the run must end.
        let _ = unsafe { provider.Shutdown(&raw mut flags) };
    })?;
    stage.finish_after_shutdown(rig);
    Ok(())
}

pub(super) fn releases(stage: &Stage<'_>) -> Played {
    let Rig {
        store,
        provider,
        host,
    } = stage.rig()?;
    stage.step(
        "SYNC-19",
        "a callback that gives up the last reference to the store",
    );
    let kept = Arc::new(Mutex::new(None::<Store>));
    let ready = Gate::new(stage.soon());
    let (last, gate) = (Arc::clone(&kept), ready.clone());
    let callback = once(&host, At::FirstCall, move || {
        gate.pass();
        let store = lock(&last).take();
        drop(store);
    });
    let run = store.synchronize(&SyncRequest::default().callback(&callback));
    run.started()?;
    *lock(&kept) = Some(store);
    ready.open();
    ends(stage, &run)?;
    done_once(stage, &callback);
    drop((run, callback));
    // If the callback was never called, the store is still here.
    let store = lock(&kept).take();
    drop(store);
    provider.shutdown()?;
    drop(provider);
    stage.end(host);
    Ok(())
}
