//! The worker: what it keeps, and how it is initialised.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use mapi_provider::abi::S_OK;
use windows_core::{HRESULT, IUnknown};

use super::super::held::At;
use super::super::stage::{Played, Rig, Stage};
use crate::locks::lock;
use crate::objects::{CallKind, ProgressCallback, count};
use crate::status::Status;
use crate::store::SyncRequest;

/// How long the worker has to leave the library after it has signalled the event.
const AFTERMATH: Duration = Duration::from_millis(300);

pub(super) fn unload(stage: &Stage<'_>) -> Played {
    if stage.subject.is_linked() {
        stage.skip(
            "SYNC-18",
            "the provider is linked in: there is nothing to unload",
        );
        return Ok(());
    }
    let Rig {
        store,
        provider,
        host,
    } = stage.rig()?;
    let gate = stage.gate();
    let held = gate.clone();
    // Not the host's own: it outlives the host.
    let callback = ProgressCallback::builder()
        .hook(move |_| {
            held.pass();
            S_OK
        })
        .build();
    let mut run = store.synchronize(&SyncRequest::default().callback(&callback));
    run.started()?;
    stage.arrived(false, &gate)?;
    let event = run.take_event();
    drop(run);
    stage.step("SYNC-18", "FreeLibrary during a run");
    drop(store);
    // It may still be busy with the run, which doesn't matter here.
    let _ = provider.shutdown();
    drop(provider);
    drop(host.finish());
    let stood_still = !gate.gave_up();
    gate.open();
    let is_done = |kind: &CallKind| matches!(kind, CallKind::Done { .. });
    let done = callback.wait_until(stage.soon(), |calls| {
        calls.iter().any(|call| is_done(&call.kind))
    });
    stage.in_time("SYNC-18", done, "after FreeLibrary, Done was not called")?;
    let ended = event.is_some_and(|event| event.wait(Some(stage.soon())));
    stage.in_time(
        "SYNC-18",
        ended,
        "after FreeLibrary, the event was not signalled",
    )?;
    std::thread::sleep(AFTERMATH);
    if stood_still {
        stage.expect("SYNC-18", true, String::new);
    } else {
        stage.skip(
            "SYNC-18",
            "logoff and shutdown waited until the run went on: nothing could be unloaded during it",
        );
    }
    Ok(())
}

pub(super) fn store_is_not_held(stage: &Stage<'_>) -> Played {
    let rig = stage.rig()?;
    stage.step("SYNC-21", "references to the store during a run");
    let store: IUnknown = rig.store.interface().clone().into();
    let before = count(&store);
    let held = stage.hold(&rig, At::FirstCall)?;
    let during = count(&store);
    if held.on_caller {
        stage.skip("SYNC-21", "the run is over when the call returns");
    } else {
        stage.expect("SYNC-21", during == before, || {
            format!("{before} references to the store before the run, {during} during it: its last Release will not cancel")
        });
    }
    stage.let_go("SYNC-21", held)?;
    drop(store);
    stage.finish(rig);
    Ok(())
}

/// `CoGetApartmentType`
type ApartmentType = unsafe extern "system" fn(*mut i32, *mut i32) -> HRESULT;

/// `APTTYPE_MTA`
const MULTITHREADED: i32 = 1;

pub(super) fn com(stage: &Stage<'_>) -> Played {
    // SAFETY: a system library, if there is such a system.
    let Ok(ole) = (unsafe { libloading::Library::new("ole32.dll") }) else {
        stage.skip("SYNC-20", "there is no COM on this system");
        return Ok(());
    };
    // SAFETY: the function's type, as its page has it.
    let Ok(function) = (unsafe { ole.get::<ApartmentType>("CoGetApartmentType") }) else {
        stage.skip("SYNC-20", "this system can’t say how COM is initialised");
        return Ok(());
    };
    let function = *function;
    let rig = stage.rig()?;
    stage.step("SYNC-20", "COM on the worker");
    let seen = Arc::new(Mutex::new(None));
    let told = Arc::clone(&seen);
    let callback = rig
        .host
        .callback(ProgressCallback::builder().hook(move |call| {
            // In Done the run is over, and COM may already be gone.
            if !matches!(call, CallKind::Done { .. }) {
                let (mut kind, mut qualifier) = (-1, -1);
                // SAFETY: live variables; the library stays.
                let answer = unsafe { function(&mut kind, &mut qualifier) };
                lock(&told).get_or_insert((answer, kind));
            }
            S_OK
        }));
    let run = rig
        .store
        .synchronize(&SyncRequest::default().callback(&callback));
    run.started()?;
    stage.wait("SYNC-20", &run)?;
    match *lock(&seen) {
        None => stage.skip("SYNC-20", "the run calls neither Progress nor Error"),
        Some((answer, kind)) => {
            stage.expect("SYNC-20", answer == S_OK && kind == MULTITHREADED, || {
                if answer == S_OK {
                    format!(
                        "the worker is in an apartment of type {kind}, not in the multithreaded one"
                    )
                } else {
                    format!("COM is not initialised on the worker: {}", Status(answer))
                }
            })
        }
    }
    drop((run, callback));
    stage.finish(rig);
    // The callback may still be in use, as far as we know.
    std::mem::forget(ole);
    Ok(())
}
