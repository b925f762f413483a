//! The call itself: what `SynchronizeInBackground` checks, copies and answers.

use std::ffi::c_void;
use std::mem::offset_of;
use std::ptr;
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};
use std::time::Duration;

use mapi_provider::MapiObject;
use mapi_provider::abi::{
    IMAPIProviderShutdown, IMAPIProviderShutdown_Impl, IMAPISync, IMAPISyncProgressCallback,
    MAPI_E_INVALID_PARAMETER, MAPISIB, S_OK, SyncFlags,
};
use mapi_provider::object::{Object, ObjectRef, Query};
use mapi_provider::platform::Event;
use windows_core::{HRESULT, IUnknown, Interface};

use super::super::held::At;
use super::super::stage::{Halt, Played, Rig, Stage};
use crate::locks::lock;
use crate::objects::{CallKind, ProgressCallback, count};
use crate::status::Status;
use crate::store::SyncRequest;

/// What an out parameter holds before a call.
const RUBBISH: *mut c_void = ptr::without_provenance_mut(usize::MAX);
/// How long to wait for something that must not happen.
const A_MOMENT: Duration = Duration::from_millis(50);

/// A call that takes longer, twice, has done more than begin a run.
const AT_ONCE: Duration = Duration::from_secs(1);

/// A call by hand: the result, and what is in the place for the event.
fn call(sync: &IMAPISync, change: impl FnOnce(&mut MAPISIB)) -> (HRESULT, *mut c_void) {
    let mut event = RUBBISH;
    let mut block = MAPISIB {
        ulSize: size_of::<MAPISIB>() as u32,
        ulFlags: SyncFlags::empty(),
        psesSync: ptr::null_mut(),
        punkCallBack: ptr::null_mut(),
        phSyncDoneEvent: &raw mut event,
    };
    change(&mut block);
    // SAFETY: the structure is valid, or invalid in the way that the scenario is about.
    let answer = unsafe { sync.SynchronizeInBackground(&raw mut block) };
    (answer, event)
}

/// Waits for the run of a call by hand, if it was accepted.
fn settle(stage: &Stage<'_>, answer: HRESULT, event: *mut c_void) -> Played {
    if answer.is_err() || event.is_null() || event == RUBBISH {
        return Ok(());
    }
    // SAFETY: the event of a call that went well is the caller's to close.
    let event = unsafe { Event::from_raw(event) };
    stage.in_time(
        "SYNC-10",
        event.wait(Some(stage.soon())),
        "the run’s event was not signalled",
    )
}

pub(super) fn null(stage: &Stage<'_>) -> Played {
    let rig = stage.rig()?;
    let sync = rig.store.sync()?;
    stage.step("SYNC-01", "SynchronizeInBackground with NULL");
    // SAFETY: NULL is what this is about.
    let answer = unsafe { sync.SynchronizeInBackground(ptr::null_mut()) };
    let name = "SynchronizeInBackground with NULL";
    stage.answers("SYNC-01", name, answer, MAPI_E_INVALID_PARAMETER);
    drop(sync);
    stage.finish(rig);
    Ok(())
}

pub(super) fn sizes(stage: &Stage<'_>) -> Played {
    let rig = stage.rig()?;
    let sync = rig.store.sync()?;
    let callback = rig.host.callback(ProgressCallback::builder());
    let unknown = callback.to_unknown();
    let mut refused = true;
    for size in [0, 4, 8, size_of::<MAPISIB>() - 1] {
        let name = format!("SynchronizeInBackground with ulSize {size}");
        stage.step("SYNC-02", name.clone());
        let (answer, event) = call(&sync, |block| {
            block.ulSize = size as u32;
            block.punkCallBack = unknown.as_raw();
        });
        stage.answers("SYNC-02", &name, answer, MAPI_E_INVALID_PARAMETER);
        // If the size doesn't cover the field, nobody may write through it.
        let covered = size >= offset_of!(MAPISIB, phSyncDoneEvent) + size_of::<*mut c_void>();
        stage.expect(
            "SYNC-03",
            answer.is_ok() || event.is_null() == covered,
            || {
                let what = if covered { "left" } else { "wrote to" };
                format!("{name} {what} *phSyncDoneEvent")
            },
        );
        refused &= answer.is_err();
        settle(stage, answer, event)?;
    }
    if refused {
        thread::sleep(A_MOMENT);
        stage.expect("SYNC-10", callback.calls().is_empty(), || {
            "a request was refused for its ulSize, and its callback was called".to_owned()
        });
    }
    for size in [size_of::<MAPISIB>() + 8, 1 << 20] {
        let name = format!("SynchronizeInBackground with ulSize {size}");
        stage.step("SYNC-02", name.clone());
        let (answer, event) = call(&sync, |block| block.ulSize = size as u32);
        stage.answers("SYNC-02", &name, answer, S_OK);
        settle(stage, answer, event)?;
    }
    drop((sync, unknown, callback));
    stage.finish(rig);
    Ok(())
}

pub(super) fn no_place(stage: &Stage<'_>) -> Played {
    let rig = stage.rig()?;
    let sync = rig.store.sync()?;
    let callback = rig.host.callback(ProgressCallback::builder());
    let unknown = callback.to_unknown();
    let name = "SynchronizeInBackground with a NULL phSyncDoneEvent";
    stage.step("SYNC-03", name);
    let (answer, _) = call(&sync, |block| {
        block.phSyncDoneEvent = ptr::null_mut();
        block.punkCallBack = unknown.as_raw();
    });
    stage.answers("SYNC-03", name, answer, MAPI_E_INVALID_PARAMETER);
    if answer.is_err() {
        thread::sleep(A_MOMENT);
        stage.expect("SYNC-10", callback.calls().is_empty(), || {
            format!("{name} failed, and its callback was called")
        });
    }
    drop((sync, unknown, callback));
    stage.finish(rig);
    Ok(())
}

pub(super) fn flags(stage: &Stage<'_>) -> Played {
    let rig = stage.rig()?;
    for flags in [0, 1, 0xC3, 0x2000_0000, 0x0200_0000, 0x8000_1C3C, u32::MAX] {
        stage.step("SYNC-04", format!("a run with ulFlags 0x{flags:08X}"));
        let request = SyncRequest::new(SyncFlags::from_bits_retain(flags));
        let run = rig.store.synchronize(&request);
        stage.expect("SYNC-04", run.status.is_ok(), || {
            format!("ulFlags 0x{flags:08X} was refused with {}", run.status)
        });
        if run.status.is_ok() {
            stage.wait("SYNC-04", &run)?;
        }
    }
    stage.finish(rig);
    Ok(())
}

pub(super) fn session(stage: &Stage<'_>) -> Played {
    let rig = stage.rig()?;
    stage.step("SYNC-05", "a run with a session");
    let before = rig.host.session_count();
    let held = stage.hold(&rig, At::FirstCall)?;
    let during = rig.host.session_count();
    if !held.on_caller {
        stage.expect("SYNC-05", during > before, || {
            "the session is used without a reference of the run’s own".to_owned()
        });
    }
    stage.let_go("SYNC-05", held)?;
    let after = rig.host.session_count();
    stage.expect("SYNC-05", after == before, || {
        format!("{before} references to the session before the run, {after} after it")
    });
    stage.step("SYNC-05", "a run without a session");
    let run = rig.store.synchronize(&SyncRequest::default());
    stage.answers("SYNC-05", "a request without a session", run.status.0, S_OK);
    if run.status.is_ok() {
        stage.wait("SYNC-05", &run)?;
    }
    drop(run);
    stage.finish(rig);
    Ok(())
}

pub(super) fn no_callback(stage: &Stage<'_>) -> Played {
    let rig = stage.rig()?;
    stage.step("SYNC-06", "a run without a callback");
    let run = rig.store.synchronize(&SyncRequest::default());
    stage.answers(
        "SYNC-06",
        "a request without a callback",
        run.status.0,
        S_OK,
    );
    if run.status.is_ok() {
        stage.wait("SYNC-06", &run)?;
    }
    stage.step("SYNC-06", "a run with an object that is not a callback");
    let other: IUnknown = ObjectRef::new(Nothing).into_unknown();
    let request = SyncRequest {
        other_callback: Some(other.clone()),
        ..SyncRequest::default()
    };
    let run = rig.store.synchronize(&request);
    let name = "a request with an object that is not a callback";
    stage.answers("SYNC-06", name, run.status.0, S_OK);
    if run.status.is_ok() {
        stage.wait("SYNC-06", &run)?;
    }
    drop((run, request));
    stage.expect("SYNC-06", count(&other) == 1, || {
        "an object that is not a callback was kept".to_owned()
    });
    stage.finish(rig);
    Ok(())
}

pub(super) fn asked_for(stage: &Stage<'_>) -> Played {
    let rig = stage.rig()?;
    stage.step("SYNC-06", "a callback that reports when it is asked for");
    let asked = Arc::<Mutex<Vec<ThreadId>>>::default();
    let target = rig.host.callback(ProgressCallback::builder());
    let teller = ObjectRef::new(Teller {
        asked: Arc::clone(&asked),
        target: target.clone(),
    });
    let request = SyncRequest {
        other_callback: Some(teller.to_unknown()),
        ..SyncRequest::default()
    };
    let run = rig.store.synchronize(&request);
    let at_return = lock(&asked).clone();
    run.started()?;
    let here = thread::current().id();
    stage.expect("SYNC-06", at_return.contains(&here), || {
        "QueryInterface for the callback was not called before the call returned".to_owned()
    });
    stage.wait("SYNC-06", &run)?;
    let elsewhere = lock(&asked).iter().any(|thread| *thread != here);
    stage.expect("SYNC-06", !elsewhere, || {
        "QueryInterface for the callback was not called on the caller’s thread".to_owned()
    });
    drop((run, request, teller, target));
    stage.finish(rig);
    Ok(())
}

pub(super) fn structure_is_gone(stage: &Stage<'_>) -> Played {
    let rig = stage.rig()?;
    // The structure is overwritten and freed as soon as the call returns.
    stage.step(
        "SYNC-07",
        "runs whose MAPISIB is gone when the call returns",
    );
    for _ in 0..3 {
        let (run, callback) = stage.start(&rig)?;
        stage.wait("SYNC-07", &run)?;
        stage.expect("SYNC-07", callback.results().len() == 1, || {
            "Done didn’t come for a request whose MAPISIB was gone".to_owned()
        });
    }
    stage.finish(rig);
    Ok(())
}

pub(super) fn event(stage: &Stage<'_>) -> Played {
    let rig = stage.rig()?;
    stage.step("SYNC-08", "the event before and after a run’s end");
    let held = stage.hold(&rig, At::FirstCall)?;
    let early = held
        .run
        .event()
        .is_some_and(|event| event.wait(Some(A_MOMENT)));
    stage.expect("SYNC-08", held.on_caller || !early, || {
        "the event was signalled while the run went on".to_owned()
    });
    held.gate.open();
    stage.wait("SYNC-08", &held.run)?;
    let stays = (0..3).all(|_| held.run.wait(Duration::ZERO));
    stage.expect("SYNC-08", stays, || {
        "the event doesn’t stay signalled: it is not a manual-reset event".to_owned()
    });
    drop(held);
    stage.finish(rig);
    Ok(())
}

pub(super) fn event_is_closed(stage: &Stage<'_>) -> Played {
    let rig = stage.rig()?;
    stage.step("SYNC-08", "an event that its owner closes during the run");
    let mut held = stage.hold(&rig, At::FirstCall)?;
    drop(held.run.take_event());
    // It gets the number of the closed handle.
    let bystander =
        Event::create().map_err(|_| Halt::Unplayable("no event could be created".to_owned()))?;
    held.gate.open();
    wait_for_done(stage, &held.callback)?;
    thread::sleep(A_MOMENT);
    stage.expect("SYNC-08", !bystander.wait(Some(Duration::ZERO)), || {
        "after its owner had closed the event, somebody else’s was signalled: signal a duplicate".to_owned()
    });
    bystander.signal();
    stage.expect("SYNC-08", bystander.wait(Some(A_MOMENT)), || {
        "after its owner had closed the event, somebody else’s was closed".to_owned()
    });
    drop(held);

    stage.step("SYNC-08", "a run after that");
    stage.run("SYNC-08", &rig)?;
    // If the provider has closed the caller's handle, nobody can wait for it a second time.
    let (run, callback) = stage.start(&rig)?;
    stage.wait("SYNC-08", &run)?;
    thread::sleep(A_MOMENT);
    stage.expect("SYNC-08", run.wait(Duration::ZERO), || {
        "the provider closed the event, which is the caller’s".to_owned()
    });
    drop((run, callback));
    stage.finish(rig);
    Ok(())
}

fn wait_for_done(stage: &Stage<'_>, callback: &ProgressCallback) -> Played {
    let done = callback.wait_until(stage.soon(), |calls| {
        calls
            .iter()
            .any(|call| matches!(call.kind, CallKind::Done { .. }))
    });
    stage.in_time("SYNC-10", done, "Done was not called")
}

pub(super) fn at_once(stage: &Stage<'_>) -> Played {
    let rig = stage.rig()?;
    stage.step("SYNC-09", "a request whose callback is held");
    let held = stage.hold(&rig, At::FirstCall)?;
    stage.expect("SYNC-09", !held.on_caller, || {
        "the callback was called on the thread that asked for the run".to_owned()
    });
    stage.expect("SYNC-09", !held.gate.gave_up(), || {
        "the call returned only after its callback had".to_owned()
    });
    let mut took = held.took;
    stage.let_go("SYNC-09", held)?;
    if took >= AT_ONCE {
        // This machine may have been busy.
        let again = stage.hold(&rig, At::FirstCall)?;
        took = took.min(again.took);
        stage.let_go("SYNC-09", again)?;
    }
    stage.expect("SYNC-09", took < AT_ONCE, || {
        format!(
            "the call took {:.1} s: the run’s work belongs to the worker",
            took.as_secs_f32()
        )
    });
    stage.finish(rig);
    Ok(())
}

/// An object that is not a callback.
#[derive(MapiObject)]
#[mapi(implements(IMAPIProviderShutdown))]
struct Nothing;

impl IMAPIProviderShutdown_Impl for Nothing {}

/// An object that records on which thread it is asked for a callback.
#[derive(MapiObject)]
#[mapi(implements(IMAPIProviderShutdown), query_interface = note_thread)]
struct Teller {
    asked: Arc<Mutex<Vec<ThreadId>>>,
    target: ObjectRef<ProgressCallback>,
}

impl IMAPIProviderShutdown_Impl for Teller {}

fn note_thread(this: &Object<Teller>, query: &mut Query<'_>) {
    query.answer::<IMAPISyncProgressCallback>(|| {
        lock(&this.asked).push(thread::current().id());
        Some(this.target.to_interface())
    });
}

/// How an undisturbed run of a rig ends, for comparison.
pub(super) fn plain_result(stage: &Stage<'_>, rig: &Rig) -> Result<Status, Halt> {
    stage.run("SYNC-10", rig)
}
