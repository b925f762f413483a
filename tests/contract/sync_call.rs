//! The call itself: what SynchronizeInBackground checks, copies and answers (SYNC-01 to SYNC-09).

use std::ffi::c_void;
use std::mem::offset_of;
use std::ptr;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use mapi_provider::MapiObject;
use mapi_provider::abi::{
    HRESULT, IMAPIProviderShutdown, IMAPIProviderShutdown_Impl, IMAPISync,
    IMAPISyncProgressCallback, MAPI_E_INVALID_PARAMETER, MAPI_E_NOT_ENOUGH_RESOURCES, MAPISIB,
    S_OK, SyncFlags,
};
use mapi_provider::object::{Object, ObjectRef, Query};
use mapi_provider::platform::Event;
use mapi_provider_host::{ProgressCallback, Status, SyncRequest, SyncRun, callback_count, count};
use windows_core::{IUnknown, Interface};

use crate::support::script::Script;
use crate::support::{Gate, Orders, Rig, SOON, contract_tests, wait_for_done};

/// What an out parameter holds before a call.
const RUBBISH: *mut c_void = ptr::without_provenance_mut(usize::MAX);

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
    // SAFETY: the structure is valid, or invalid in the way that the test is about.
    let result = unsafe { sync.SynchronizeInBackground(&raw mut block) };
    (result, event)
}

/// Takes the event of a call that went well, and waits for it.
#[track_caller]
fn wait(event: *mut c_void) {
    // SAFETY: an event that is the caller's to close.
    assert!(unsafe { Event::from_raw(event) }.wait(Some(SOON)));
}

/// Fills the 64 places to wait behind a run that is held at a gate.
fn fill(rig: &Rig, gate: &Gate) -> Vec<SyncRun> {
    let first = rig.ask(&rig.gated_callback(gate));
    gate.wait_for_arrival();
    let waiting = (0..63).map(|_| rig.store.synchronize(&SyncRequest::default()));
    std::iter::once(first).chain(waiting).collect()
}

contract_tests! {
    fn sync_01_null_is_refused_and_nothing_starts(backend) {
        let rig = backend.rig(Orders::steps(1));
        let sync = rig.store.sync().expect("IMAPISync");
        // SAFETY: NULL is what the test is about.
        assert_eq!(unsafe { sync.SynchronizeInBackground(ptr::null_mut()) }, MAPI_E_INVALID_PARAMETER);
        drop(sync);
        assert_eq!(rig.run(), Status(S_OK));
        rig.finish();
    }

    fn sync_02_a_smaller_structure_is_refused(backend) {
        let rig = backend.rig(Orders::steps(1));
        let sync = rig.store.sync().expect("IMAPISync");
        let callback = rig.callback();
        let unknown = callback.to_unknown();
        for size in [0, 4, 8, size_of::<MAPISIB>() - 1] {
            let (result, event) = call(&sync, |block| {
                block.ulSize = size as u32;
                block.punkCallBack = unknown.as_raw();
            });
            assert_eq!(result, MAPI_E_INVALID_PARAMETER, "size {size}");
            // If the size doesn't cover the field, nobody may write through it (SYNC-03).
            let covered = size >= offset_of!(MAPISIB, phSyncDoneEvent) + size_of::<*mut c_void>();
            assert_eq!(event.is_null(), covered, "size {size}");
        }
        drop((sync, unknown));
        assert_eq!(callback.calls(), []);
        drop(callback);
        rig.finish();
    }

    fn sync_02_nothing_is_read_beyond_a_small_size(backend) {
        let rig = backend.rig(Orders::steps(1));
        let sync = rig.store.sync().expect("IMAPISync");
        // Four bytes on the heap: a sanitizer sees a read beyond them.
        let mut size = Box::new(4_u32);
        // SAFETY: as much of a structure as its size says.
        let result = unsafe { sync.SynchronizeInBackground((&raw mut *size).cast()) };
        assert_eq!(result, MAPI_E_INVALID_PARAMETER);
        drop(sync);
        rig.finish();
    }

    fn sync_02_a_larger_structure_is_accepted_and_only_the_known_fields_are_read(backend) {
        #[repr(C)]
        struct Larger {
            block: MAPISIB,
            unknown: [usize; 8],
        }
        let rig = backend.rig(Orders::steps(1));
        let sync = rig.store.sync().expect("IMAPISync");
        let mut event = ptr::null_mut();
        let mut larger = Larger {
            block: MAPISIB {
                ulSize: size_of::<Larger>() as u32,
                ulFlags: SyncFlags::empty(),
                psesSync: ptr::null_mut(),
                punkCallBack: ptr::null_mut(),
                phSyncDoneEvent: &raw mut event,
            },
            unknown: [0xDEAD; 8],
        };
        // SAFETY: a structure with more fields than are known.
        assert_eq!(unsafe { sync.SynchronizeInBackground((&raw mut larger).cast()) }, S_OK);
        assert_eq!(larger.unknown, [0xDEAD; 8]);
        wait(event);
        // A size alone is no reason to read, because the memory ends where the known fields do.
        let (result, event) = call(&sync, |block| block.ulSize = 1 << 20);
        assert_eq!(result, S_OK);
        wait(event);
        drop(sync);
        rig.finish();
    }

    fn sync_03_no_place_for_the_event_is_refused(backend) {
        let rig = backend.rig(Orders::steps(1));
        let sync = rig.store.sync().expect("IMAPISync");
        let callback = rig.callback();
        let unknown = callback.to_unknown();
        let (result, _) = call(&sync, |block| {
            block.phSyncDoneEvent = ptr::null_mut();
            block.punkCallBack = unknown.as_raw();
        });
        assert_eq!(result, MAPI_E_INVALID_PARAMETER);
        drop((sync, unknown));
        assert_eq!(rig.run(), Status(S_OK));
        assert_eq!(callback.calls(), [], "nothing was started");
        drop(callback);
        rig.finish();
    }

    fn sync_03_a_refused_request_leaves_no_handle(backend) {
        let rig = backend.rig(Orders::steps(1));
        let gate = Gate::default();
        let runs = fill(&rig, &gate);
        let sync = rig.store.sync().expect("IMAPISync");
        let (result, event) = call(&sync, |_| ());
        assert_eq!((result, event), (MAPI_E_NOT_ENOUGH_RESOURCES, ptr::null_mut()));
        gate.open();
        assert!(runs.iter().all(|run| run.wait(SOON)));
        drop((runs, sync));
        rig.finish();
    }

    fn sync_03_a_store_that_is_logged_off_leaves_no_handle(backend) {
        let rig = backend.rig(Orders::steps(1));
        let logon = rig.store.logon().expect("a logon");
        let mut flags = 0;
        // SAFETY: a live variable.
        assert_eq!(unsafe { logon.Logoff(&raw mut flags) }, S_OK);
        drop(logon);
        let sync = rig.store.sync().expect("IMAPISync");
        let (result, event) = call(&sync, |_| ());
        assert!(result.is_err());
        assert_eq!(event, ptr::null_mut());
        drop(sync);
        rig.finish();
    }

    fn sync_05_the_session_is_counted_before_the_call_returns_and_released_once(backend) {
        let rig = backend.rig(Orders::steps(1));
        let gate = Gate::default();
        let callback = rig.gated_callback(&gate);
        let before = rig.host.session_count();
        let run = rig.store.synchronize(&SyncRequest::default().session(&rig.host).callback(&callback));
        // The request is gone: what is counted beyond is the provider's.
        assert_eq!(rig.host.session_count(), before + 1);
        gate.wait_for_arrival();
        assert_eq!(rig.host.session_count(), before + 1);
        gate.open();
        assert!(run.wait(SOON));
        assert_eq!(rig.host.session_count(), before);
        drop((run, callback));
        rig.finish();
    }

    fn sync_05_a_refused_request_keeps_no_session(backend) {
        let rig = backend.rig(Orders::steps(1));
        let gate = Gate::default();
        let runs = fill(&rig, &gate);
        let before = rig.host.session_count();
        let callback = rig.callback();
        let refused = rig.store.synchronize(&SyncRequest::default().session(&rig.host).callback(&callback));
        assert_eq!(refused.status, Status(MAPI_E_NOT_ENOUGH_RESOURCES));
        assert_eq!((rig.host.session_count(), callback_count(&callback)), (before, 1));
        gate.open();
        assert!(runs.iter().all(|run| run.wait(SOON)));
        drop((runs, refused, callback));
        rig.finish();
    }

    fn sync_05_without_a_session_there_is_a_run(backend) {
        let rig = backend.rig(Orders::steps(1));
        assert_eq!(rig.run(), Status(S_OK));
        rig.finish();
    }

    fn sync_06_without_a_callback_the_run_is_silent(backend) {
        let rig = backend.rig(Orders::steps(3));
        let run = rig.store.synchronize(&SyncRequest::default());
        assert!(run.started().expect("accepted").wait(SOON));
        drop(run);
        rig.finish();
    }

    fn sync_06_an_object_that_is_no_callback_makes_the_run_silent(backend) {
        let rig = backend.rig(Orders::steps(3));
        let other: IUnknown = ObjectRef::new(Nothing).into_unknown();
        let request = SyncRequest { other_callback: Some(other.clone()), ..SyncRequest::default() };
        let run = rig.store.synchronize(&request);
        assert!(run.started().expect("accepted").wait(SOON));
        drop((run, request));
        assert_eq!(count(&other), 1, "nothing of it is kept");
        rig.finish();
    }

    fn sync_06_the_callback_is_asked_for_on_the_callers_thread(backend) {
        let rig = backend.rig(Orders::steps(1));
        let asked = Arc::<Mutex<Vec<thread::ThreadId>>>::default();
        let target = ProgressCallback::recording();
        let teller = ObjectRef::new(Teller { asked: Arc::clone(&asked), target: target.clone() });
        let request = SyncRequest { other_callback: Some(teller.to_unknown()), ..SyncRequest::default() };
        let run = rig.store.synchronize(&request);
        let at_return = asked.lock().expect("not poisoned").clone();
        assert_eq!(at_return, [thread::current().id()], "asked once, and before the call returned");
        assert!(run.wait(SOON));
        assert_eq!(asked.lock().expect("not poisoned").len(), 1, "never asked again");
        assert_eq!(target.results(), [Status(S_OK)]);
        drop((run, request));
        rig.finish();
    }

    fn sync_07_the_structure_is_not_looked_at_after_the_call(backend) {
        // The host overwrites the structure and drops its references when the call returns.
        let rig = backend.rig(Orders::steps(1));
        let gate = Gate::default();
        let callback = rig.gated_callback(&gate);
        let ask = |flags| SyncRequest::new(flags).session(&rig.host).callback(&callback);
        let first = rig.store.synchronize(&ask(SyncFlags::ON_DEMAND));
        let second = rig.store.synchronize(&ask(SyncFlags::UPLOAD_HIERARCHY));
        gate.wait_for_arrival();
        gate.open();
        for run in [&first, &second] {
            assert!(run.wait(SOON));
            assert_eq!(run.result(), Some(Status(S_OK)));
        }
        drop((first, second, callback));
        rig.finish();
    }

    fn sync_08_the_event_is_manual_reset_and_not_signalled_before_the_end(backend) {
        let rig = backend.rig(Orders::steps(1));
        let gate = Gate::default();
        let run = rig.ask(&rig.gated_callback(&gate));
        gate.wait_for_arrival();
        let event = run.event().expect("an event");
        assert!(!event.wait(Some(Duration::ZERO)));
        gate.open();
        assert!((0..3).all(|_| event.wait(Some(SOON))), "it stays signalled");
        drop(run);
        rig.finish();
    }

    fn sync_08_an_event_that_is_closed_inside_done_harms_nobody(backend) {
        let rig = backend.rig(Orders::steps(1));
        let closing = || {
            ProgressCallback::builder().on_done(|event, _| {
                // SAFETY: the caller's event, which nobody else closes in this test.
                drop(unsafe { Event::from_raw(event) });
                S_OK
            })
        };
        let callbacks = [rig.host.callback(closing()), rig.host.callback(closing())];
        for callback in &callbacks {
            let mut run = rig.ask(callback);
            // The callback closes it.
            std::mem::forget(run.take_event());
            wait_for_done(callback);
        }
        drop(callbacks);
        // The handle that replaced the closed one was not touched: runs go on as usual.
        assert_eq!(rig.run(), Status(S_OK));
        rig.finish();
    }

    fn sync_08_an_event_that_is_closed_before_the_end_harms_nobody(backend) {
        let rig = backend.rig(Orders::steps(1));
        let gate = Gate::default();
        let callback = rig.gated_callback(&gate);
        drop(rig.ask(&callback));
        // Takes the number of the handle that was closed.
        let bystander = Event::create().expect("an event");
        gate.open();
        wait_for_done(&callback);
        drop(callback);
        assert_eq!(rig.run(), Status(S_OK));
        assert!(!bystander.wait(Some(Duration::ZERO)), "somebody else's event was signalled");
        rig.finish();
    }

    fn sync_09_the_call_returns_while_the_run_is_held_up(backend) {
        let rig = backend.rig(Orders::steps(1));
        let gate = Gate::default();
        let callback = rig.gated_callback(&gate);
        // Were the logic run by the caller, the gate would never open.
        let run = rig.ask(&callback);
        assert_eq!(run.result(), None);
        gate.open();
        assert!(run.wait(SOON));
        assert!(callback.calls().iter().all(|call| call.thread != thread::current().id()));
        drop((run, callback));
        rig.finish();
    }
}

#[test]
fn sync_04_known_and_unknown_bits_reach_the_logic() {
    let seen = Arc::<Mutex<Vec<u32>>>::default();
    let log = Arc::clone(&seen);
    let rig = Script::new(move |job| {
        log.lock().expect("not poisoned").push(job.raw_flags());
        assert_eq!(job.flags().bits(), job.raw_flags());
        Ok(())
    })
    .rig();
    let flags = [
        0,
        1,
        0x40,
        0xC3,
        0x2000_0000,
        0x0200_0000,
        0x8000_0000,
        0x0000_1C3C,
        u32::MAX,
    ];
    for flags in flags {
        let flags = SyncFlags::from_bits_retain(flags);
        let run = rig.store.synchronize(&SyncRequest::new(flags));
        assert!(run.started().expect("no bit is refused").wait(SOON));
    }
    rig.finish();
    assert_eq!(*seen.lock().expect("not poisoned"), flags);
}

#[test]
fn sync_04_bits_are_typed() {
    let seen = Arc::<Mutex<Vec<[bool; 4]>>>::default();
    let log = Arc::clone(&seen);
    let rig = Script::new(move |job| {
        let views = [
            job.uploads(),
            job.downloads(),
            job.headers_only(),
            job.on_demand(),
        ];
        log.lock().expect("not poisoned").push(views);
        Ok(())
    })
    .rig();
    // None, upload hierarchy, upload contents, download hierarchy, download contents, headers, both ways and
    // on demand, headers with contents, bits that say nothing of a direction.
    for flags in [
        0,
        1,
        0x40,
        2,
        0x80,
        0x0200_0000,
        0x2000_0081,
        0x0200_0080,
        0x8000_1200,
    ] {
        let flags = SyncFlags::from_bits_retain(flags);
        assert!(rig.store.synchronize(&SyncRequest::new(flags)).wait(SOON));
    }
    rig.finish();
    let (no, yes) = (false, true);
    let expected = [
        [yes, yes, no, no],
        [yes, no, no, no],
        [yes, no, no, no],
        [no, yes, no, no],
        [no, yes, no, no],
        [no, yes, yes, no],
        [yes, yes, no, yes],
        [no, yes, yes, no],
        [yes, yes, no, no],
    ];
    assert_eq!(*seen.lock().expect("not poisoned"), expected);
}

#[test]
fn sync_05_the_logic_gets_the_session() {
    let rig = Script::new(|job| {
        assert!(job.session().is_some());
        Ok(())
    })
    .rig();
    let callback = rig.callback();
    let run = rig.store.synchronize(
        &SyncRequest::default()
            .session(&rig.host)
            .callback(&callback),
    );
    assert!(run.wait(SOON));
    assert_eq!(run.result(), Some(Status(S_OK)));
    drop((run, callback));
    rig.finish();
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
    asked: Arc<Mutex<Vec<thread::ThreadId>>>,
    target: ObjectRef<ProgressCallback>,
}

impl IMAPIProviderShutdown_Impl for Teller {}

fn note_thread(this: &Object<Teller>, query: &mut Query<'_>) {
    query.answer::<IMAPISyncProgressCallback>(|| {
        let mut asked = this.asked.lock().expect("not poisoned");
        asked.push(thread::current().id());
        Some(this.target.to_interface())
    });
}
