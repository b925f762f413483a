//! The worker and what it holds: its library (SYNC-18), no lock (SYNC-19), no store (SYNC-21).

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use mapi_provider::abi::{
    HRESULT, LOGOFF_ORDERLY, LogoffFlags, MAPI_E_NETWORK_ERROR, MAPI_E_USER_CANCEL, S_OK,
};
use mapi_provider_host::{
    CallKind, Host, Profile, ProgressCallback, ProviderLibrary, Status, Store, SyncRequest,
    SyncRun, count,
};
use windows_core::IUnknown;

use crate::support::module::is_loaded;
use crate::support::script::{Script, Variant};
use crate::support::{
    Gate, Orders, SOON, bare_ask, bare_logon, contract_tests, library_path, wait_for_done,
};

/// A copy of the probe, so nobody else keeps it loaded.
fn own_copy() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let original = library_path();
    let name = format!(
        "copy-{}",
        original
            .file_name()
            .and_then(|name| name.to_str())
            .expect("a name")
    );
    let copy = folder.path().join(name);
    std::fs::copy(original, &copy).expect("a copy");
    (folder, copy)
}

/// If nothing ever unloads such a library, there is nothing to wait for.
const UNLOADS: bool = cfg!(windows);

#[test]
fn sync_18_the_library_stays_while_a_run_goes_on() {
    let given = Orders::steps(1).give();
    let (folder, copy) = own_copy();
    let host = Host::new(
        ProviderLibrary::load(&copy).expect("the probe"),
        Profile::in_memory(),
    )
    .expect("allocators");
    let provider = host.init().expect("MSProviderInit");
    let (store, logon) = bare_logon(provider.interface());
    let gate = Gate::default();
    let held = gate.clone();
    let callback = ProgressCallback::builder()
        .hook(move |_| {
            held.pass();
            S_OK
        })
        .build();
    let event = bare_ask(&store, &callback);
    gate.wait_for_arrival();
    drop((store, logon, provider));
    // Unloads, as far as the host is concerned.
    drop(host.finish());
    assert!(is_loaded(&copy), "the worker is in it");
    gate.open();
    wait_for_done(&callback);
    assert!(event.wait(Some(SOON)));
    assert_eq!(callback.results(), [Status(MAPI_E_USER_CANCEL)]);
    let begin = Instant::now();
    while UNLOADS && is_loaded(&copy) {
        assert!(
            begin.elapsed() < SOON,
            "nothing of it is left, and it is still loaded"
        );
        thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(is_loaded(&copy), !UNLOADS);
    drop((folder, given));
}

#[test]
fn sync_18_a_module_that_stays_runs_as_well() {
    let rig = Script::new(|job| job.progress("", 1, 1)).rig_in(Variant::Pinned);
    for _ in 0..3 {
        assert_eq!(rig.run(), Status(S_OK));
    }
    rig.finish();
}

/// A call of the callback in which to make trouble.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Progress,
    Error,
    Done,
}

impl Place {
    const ALL: [Self; 3] = [Self::Progress, Self::Error, Self::Done];

    fn is(self, call: &CallKind) -> bool {
        let here = match call {
            CallKind::Progress { .. } => Self::Progress,
            CallKind::Error { .. } => Self::Error,
            CallKind::Done { .. } => Self::Done,
        };
        here == self
    }
}

/// A run that makes one Progress, one Error and one Done.
const ALL_CALLS: Orders = Orders {
    steps: 0,
    step_ms: 0,
    fail: Some(0x8004_0115),
    panic: false,
};

/// What a callback does the first time that it is called in a place.
fn once_in(
    place: Place,
    what: impl FnOnce() + Send + 'static,
) -> mapi_provider_host::CallbackBuilder {
    let what = Mutex::new(Some(what));
    ProgressCallback::builder().hook(move |call| {
        if place.is(call)
            && let Some(what) = what.lock().expect("not poisoned").take()
        {
            what();
        }
        S_OK
    })
}

contract_tests! {
    fn sync_19_a_callback_may_ask_for_another_run(backend) {
        for place in Place::ALL {
            let rig = backend.rig(ALL_CALLS);
            let host = rig.host;
            let store = Arc::new(rig.store);
            let second = host.callback(ProgressCallback::builder());
            let asked = Arc::<Mutex<Option<SyncRun>>>::default();
            let (inner, heard, answer) = (Arc::clone(&store), second.clone(), Arc::clone(&asked));
            let callback = host.callback(once_in(place, move || {
                let run = inner.synchronize(&SyncRequest::default().callback(&heard));
                *answer.lock().expect("not poisoned") = Some(run);
            }));
            let run = store.synchronize(&SyncRequest::default().callback(&callback));
            assert!(run.started().expect("accepted").wait(SOON), "{place:?}");
            wait_for_done(&second);
            let again = asked.lock().expect("not poisoned").take().expect("asked");
            assert!(again.started().expect("accepted").wait(SOON), "{place:?}");
            assert_eq!(again.result(), Some(Status(MAPI_E_NETWORK_ERROR)));
            assert_eq!(callback.results(), [Status(MAPI_E_NETWORK_ERROR)]);
            drop((run, again, callback, second, asked));
            Arc::into_inner(store).expect("nobody else has it").logoff();
            drop(rig.provider);
            host.finish().assert_clean();
            drop(rig.given);
        }
    }

    fn sync_19_a_callback_may_release_the_store(backend) {
        for place in Place::ALL {
            let rig = backend.rig(ALL_CALLS);
            let kept = Arc::new(Mutex::new(None::<Store>));
            let last = Arc::clone(&kept);
            let gate = Gate::default();
            let ready = gate.clone();
            let callback = rig.host.callback(once_in(place, move || {
                ready.pass();
                let store = last.lock().expect("not poisoned").take();
                drop(store.expect("there"));
            }));
            let run = rig.ask(&callback);
            *kept.lock().expect("not poisoned") = Some(rig.store);
            let begin = Instant::now();
            gate.open();
            assert!(run.wait(SOON), "{place:?}");
            assert!(begin.elapsed() < Duration::from_secs(3), "{place:?}: the worker waited for itself (SYNC-16)");
            assert_eq!(callback.results().len(), 1);
            drop((run, callback));
            drop(rig.provider);
            rig.host.finish().assert_clean();
            drop(rig.given);
        }
    }

    fn sync_19_a_callback_may_log_off(backend) {
        for place in Place::ALL {
            let rig = backend.rig(ALL_CALLS);
            let store = rig.store.interface().clone();
            let callback = rig.host.callback(once_in(place, move || {
                let mut flags = LogoffFlags::LOGOFF_ORDERLY;
                // SAFETY: a live variable.
                assert_eq!(unsafe { store.StoreLogoff(&raw mut flags) }, S_OK);
            }));
            end_of(&rig.ask(&callback), place);
            drop(callback);
            rig.finish();
        }
    }

    fn sync_19_a_callback_may_log_the_logon_off(backend) {
        for place in Place::ALL {
            let rig = backend.rig(ALL_CALLS);
            let logon = rig.store.logon().expect("a logon");
            let callback = rig.host.callback(once_in(place, move || {
                let mut flags = LOGOFF_ORDERLY;
                // SAFETY: a live variable.
                assert_eq!(unsafe { logon.Logoff(&raw mut flags) }, S_OK);
            }));
            end_of(&rig.ask(&callback), place);
            drop(callback);
            rig.finish();
        }
    }

    fn sync_19_a_callback_may_shut_the_provider_down(backend) {
        for place in Place::ALL {
            let rig = backend.rig(ALL_CALLS);
            let provider = rig.provider.interface().clone();
            let callback = rig.host.callback(once_in(place, move || {
                let mut flags = 0;
                // SAFETY: a live variable.
                assert_eq!(unsafe { provider.Shutdown(&raw mut flags) }, S_OK);
            }));
            end_of(&rig.ask(&callback), place);
            drop(callback);
            rig.finish();
        }
    }

    fn sync_21_a_run_does_not_count_on_the_store(backend) {
        let rig = backend.rig(Orders::steps(1));
        let gate = Gate::default();
        let unknown = IUnknown::from(rig.store.interface().clone());
        let before = count(&unknown);
        let run = rig.ask(&rig.gated_callback(&gate));
        gate.wait_for_arrival();
        assert_eq!(count(&unknown), before);
        gate.open();
        assert!(run.wait(SOON));
        drop((run, unknown));
        rig.finish();
    }
}

/// The run ends, whatever its callback did.
#[track_caller]
fn end_of(run: &SyncRun, place: Place) {
    let begin = Instant::now();
    assert!(
        run.started().expect("accepted").wait(SOON),
        "{place:?}: a deadlock"
    );
    assert!(
        begin.elapsed() < Duration::from_secs(3),
        "{place:?}: the worker waited for itself (SYNC-16)"
    );
    assert!(run.result().is_some());
}

#[test]
fn sync_19_a_callback_is_released_where_no_lock_is_held() {
    // The last reference to a store hangs on the callback, which is released by the worker.
    let rig = Script::new(|job| job.progress("", 1, 1)).rig();
    let gate = Gate::default();
    let held = gate.clone();
    let kept = Arc::new(Mutex::new(None::<Store>));
    let last = Arc::clone(&kept);
    let callback = ProgressCallback::builder()
        .on_progress(move |_, _, _| -> HRESULT {
            let _kept_as_long_as_the_callback = &last;
            held.pass();
            S_OK
        })
        .build();
    let run = rig.ask(&callback);
    *kept.lock().expect("not poisoned") = Some(rig.store);
    drop((kept, callback));
    gate.open();
    assert!(run.wait(SOON));
    drop((run, rig.provider));
    rig.host.finish().assert_clean();
}

#[test]
fn sync_21_the_stores_last_release_destroys_it_during_a_run() {
    let gate = Gate::default();
    let deaf = gate.clone();
    let closed = Gate::default();
    closed.open();
    let end = closed.clone();
    let rig = Script::new(move |_| {
        deaf.pass();
        Ok(())
    })
    .on_close(move || end.pass())
    .rig_in(Variant::Hasty);
    let callback = rig.callback();
    let run = rig.ask(&callback);
    gate.wait_for_arrival();
    let logoff = rig.store.logoff();
    // ENTRY-05 and SYNC-21: store and support object are gone; the worker has neither.
    assert!(logoff.support.released, "the run keeps the support object");
    assert_eq!(
        logoff.support.logoff_transports.len(),
        1,
        "the run keeps the store"
    );
    assert!(!run.wait(Duration::ZERO), "while the run goes on");
    gate.open();
    assert!(run.wait(SOON));
    // The logic went with the worker, before the event was signalled.
    closed.wait_for_arrival();
    drop((run, callback, rig.provider));
    rig.host.finish().assert_clean();
}
