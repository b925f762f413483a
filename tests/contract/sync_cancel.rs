//! Cancellation and logoff (SYNC-16).

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use mapi_provider::abi::{
    HRESULT, IMAPIProviderShutdown, LOGOFF_ORDERLY, LogoffFlags, MAPI_E_USER_CANCEL, S_OK,
};
use mapi_provider_host::{
    Host, LogonOptions, Profile, ProgressCallback, SectionUid, Status, SyncRequest, SyncRun,
};
use windows_core::Interface;

use crate::support::script::{SHORT_WAIT, Script, Variant};
use crate::support::{
    Backend, Gate, Orders, Rig, SOON, bare_ask, bare_logon, contract_tests, progress_only,
    wait_for_call, wait_for_done,
};

/// Longer than calls that don't wait, shorter than the manifest's bound, which is five seconds.
const AT_ONCE: Duration = Duration::from_secs(3);

const CANCELLED: Status = Status(MAPI_E_USER_CANCEL);

/// Ends a run by `end`, with two requests that wait: all three are told, and `end` waited for the worker.
#[track_caller]
fn cancels(backend: Backend, end: impl FnOnce(&Rig)) -> Rig {
    let rig = backend.rig(Orders::until_cancelled());
    let callbacks: Vec<_> = (0..3).map(|_| rig.callback()).collect();
    let first = rig.ask(&callbacks[0]);
    wait_for_call(&callbacks[0]);
    let runs = [first, rig.ask(&callbacks[1]), rig.ask(&callbacks[2])];
    let begin = Instant::now();
    end(&rig);
    assert!(begin.elapsed() < AT_ONCE, "the worker had left long before");
    assert!(
        runs.iter().all(|run| run.result() == Some(CANCELLED)),
        "it was waited for"
    );
    assert!(runs.iter().all(|run| run.wait(SOON)));
    assert!(
        callbacks
            .iter()
            .all(|callback| callback.results() == [CANCELLED] && callback.errors().is_empty())
    );
    assert_eq!(callbacks[1].calls().len(), 1, "no run for what was waiting");
    rig
}

/// Asks for a run that may be refused.
fn ask(rig: &Rig) -> SyncRun {
    rig.change(Orders::steps(1));
    rig.store.synchronize(&SyncRequest::default())
}

contract_tests! {
    fn sync_16_store_logoff_cancels_and_the_store_can_go_on(backend) {
        let rig = cancels(backend, |rig| rig.store.cancel().expect("StoreLogoff"));
        assert!(ask(&rig).started().expect("the store is open").wait(SOON));
        rig.finish();
    }

    fn sync_16_the_logons_logoff_cancels_for_good(backend) {
        let rig = cancels(backend, |rig| {
            let (logon, mut flags) = (rig.store.logon().expect("a logon"), LOGOFF_ORDERLY);
            // SAFETY: a live variable.
            assert_eq!(unsafe { logon.Logoff(&raw mut flags) }, S_OK);
        });
        assert!(ask(&rig).started().is_err());
        rig.finish();
    }

    fn sync_16_shutdown_cancels_for_good(backend) {
        let rig = cancels(backend, |rig| rig.provider.shutdown().expect("Shutdown"));
        assert!(ask(&rig).started().is_err());
        rig.finish();
    }

    fn sync_16_fast_shutdown_cancels_for_good(backend) {
        let rig = cancels(backend, |rig| rig.provider.fast_shutdown().expect("fast shutdown"));
        assert!(ask(&rig).started().is_err());
        rig.finish();
    }

    fn sync_16_asking_about_fast_shutdown_cancels_nothing(backend) {
        let rig = backend.rig(Orders::until_cancelled());
        let callback = rig.callback();
        let run = rig.ask(&callback);
        wait_for_call(&callback);
        let shutdown: IMAPIProviderShutdown = rig.provider.interface().cast().expect("it knows of it");
        // SAFETY: calls without pointers.
        let answers = unsafe { (shutdown.QueryFastShutdown(), shutdown.NotifyProcessShutdown()) };
        assert_eq!(answers, (S_OK, S_OK));
        drop(shutdown);
        assert!(!run.wait(Duration::from_millis(50)));
        rig.store.cancel().expect("StoreLogoff");
        drop((run, callback));
        rig.finish();
    }

    fn sync_16_the_last_release_cancels_and_does_not_wait(backend) {
        let rig = backend.rig(Orders::until_cancelled());
        // No support object, so nobody else logs off.
        let other = rig.host.init().expect("another provider object");
        let (store, logon) = bare_logon(other.interface());
        let callback = rig.callback();
        let event = bare_ask(&store, &callback);
        wait_for_call(&callback);
        let waiting = rig.callback();
        let second = bare_ask(&store, &waiting);
        drop(store);
        assert!(event.wait(Some(SOON)) && second.wait(Some(SOON)));
        assert_eq!((callback.results(), waiting.results()), (vec![CANCELLED], vec![CANCELLED]));
        drop((logon, other, callback, waiting));
        rig.finish();
    }

    fn sync_16_a_store_goes_with_its_run_as_mapi_ends_it(backend) {
        let rig = backend.rig(Orders::until_cancelled());
        let callback = rig.callback();
        let run = rig.ask(&callback);
        wait_for_call(&callback);
        let begin = Instant::now();
        // The last Release, and then the logon's Logoff by the support object's last Release.
        drop(rig.store);
        assert!(begin.elapsed() < AT_ONCE);
        assert_eq!(run.result(), Some(CANCELLED), "it was waited for");
        assert!(run.wait(SOON));
        drop((run, callback, rig.provider));
        rig.host.finish().assert_clean();
    }

    fn sync_16_on_the_worker_nobody_waits(backend) {
        let rig = backend.rig(Orders::steps(3));
        let (store, took) = (rig.store.interface().clone(), Arc::<Mutex<Vec<Duration>>>::default());
        let log = Arc::clone(&took);
        let callback = rig.host.callback(progress_only(move || {
            let (begin, mut flags) = (Instant::now(), LogoffFlags::LOGOFF_ORDERLY);
            // SAFETY: a live variable.
            let answer = unsafe { store.StoreLogoff(&raw mut flags) };
            log.lock().expect("not poisoned").push(begin.elapsed());
            answer
        }));
        assert_eq!(rig.run_with(&callback), CANCELLED);
        let took = took.lock().expect("not poisoned").clone();
        assert!(took.len() == 1 && took[0] < AT_ONCE, "{took:?}");
        drop(callback);
        rig.finish();
    }

    fn sync_16_a_progress_that_answers_cancel_cancels(backend) {
        let rig = backend.rig(Orders::steps(3));
        let callback = rig.host.callback(progress_only(|| MAPI_E_USER_CANCEL));
        assert_eq!(rig.run_with(&callback), CANCELLED);
        assert_eq!(callback.calls().len(), 2, "one Progress, and Done");
        drop(callback);
        rig.finish();
    }

    fn sync_16_a_run_for_two_goes_on_until_both_have_cancelled(backend) {
        let rig = backend.rig(Orders::steps(3));
        for (answers, result) in [([true, false], Status(S_OK)), ([true, true], CANCELLED)] {
            let gate = Gate::default();
            let held = rig.gated_callback(&gate);
            let first = rig.ask(&held);
            gate.wait_for_arrival();
            let answer = |cancels| if cancels { MAPI_E_USER_CANCEL } else { S_OK };
            let callbacks = answers.map(|cancels| rig.host.callback(progress_only(move || answer(cancels))));
            // A waiting request without a callback doesn't count.
            let silent = rig.store.synchronize(&SyncRequest::default());
            let runs = [rig.ask(&callbacks[0]), rig.ask(&callbacks[1])];
            gate.open();
            assert!(first.wait(SOON) && silent.wait(SOON) && runs.iter().all(|run| run.wait(SOON)));
            assert!(runs.iter().all(|run| run.result() == Some(result)), "{answers:?}");
            drop((first, silent, runs, callbacks, held));
        }
        rig.finish();
    }

    fn sync_16_another_answer_of_progress_does_not_cancel(backend) {
        let rig = backend.rig(Orders::steps(3));
        for answer in [0x8004_0114_u32, 0x8000_4005, 1, 0x0004_0380] {
            let callback = rig.host.callback(progress_only(move || HRESULT(answer as i32)));
            assert_eq!(rig.run_with(&callback), Status(S_OK), "{answer:08X}");
        }
        rig.finish();
    }

    fn sync_16_a_logoff_without_a_run_is_quick(backend) {
        let rig = backend.rig(Orders::steps(1));
        assert_eq!(rig.run(), Status(S_OK));
        let begin = Instant::now();
        rig.store.cancel().expect("StoreLogoff");
        rig.finish();
        assert!(begin.elapsed() < AT_ONCE);
    }

    fn sync_16_an_earlier_cancellation_does_not_touch_later_runs(backend) {
        let rig = backend.rig(Orders::steps(1));
        for _ in 0..5 {
            rig.store.cancel().expect("StoreLogoff");
            assert_eq!(rig.run(), Status(S_OK));
        }
        rig.finish();
    }
}

#[test]
fn sync_16_logoff_waits_for_the_logic_to_end() {
    let (arrived, ended) = (Gate::default(), Arc::new(AtomicBool::new(false)));
    arrived.open();
    let (here, end) = (arrived.clone(), Arc::clone(&ended));
    let rig = Script::new(move |job| {
        here.pass();
        let cancelled = job.wait(SOON);
        // What it takes to leave in order.
        thread::sleep(Duration::from_millis(200));
        end.store(true, Ordering::SeqCst);
        cancelled
    })
    .rig();
    let run = rig.store.synchronize(&SyncRequest::default());
    arrived.wait_for_arrival();
    rig.store.cancel().expect("StoreLogoff");
    assert!(ended.load(Ordering::SeqCst), "StoreLogoff did not wait");
    assert!(run.wait(SOON));
    drop(run);
    rig.finish();
}

#[test]
fn sync_16_logoff_waits_no_longer_than_the_bound() {
    type End = fn(&Rig);
    let ends: [(&str, End); 3] = [
        ("StoreLogoff", |rig| {
            rig.store.cancel().expect("StoreLogoff")
        }),
        ("Shutdown", |rig| rig.provider.shutdown().expect("Shutdown")),
        ("DoFastShutdown", |rig| {
            rig.provider.fast_shutdown().expect("fast shutdown")
        }),
    ];
    for (name, end) in ends {
        let gate = Gate::default();
        let deaf = gate.clone();
        let rig = Script::new(move |_| {
            deaf.pass();
            Ok(())
        })
        .rig_in(Variant::Hasty);
        let callback = rig.callback();
        let run = rig.ask(&callback);
        gate.wait_for_arrival();
        let begin = Instant::now();
        end(&rig);
        let took = begin.elapsed();
        assert!(took >= SHORT_WAIT, "{name} waited for {took:?} only");
        assert!(took < SOON / 2, "{name} waited for {took:?}");
        assert!(
            !run.wait(Duration::ZERO),
            "{name}: the logic did not hear of it"
        );
        gate.open();
        assert!(run.wait(SOON));
        // It has not checked for cancellation, so it ended as usual.
        assert_eq!(run.result(), Some(Status(S_OK)));
        drop((run, callback));
        rig.finish();
    }
}

#[test]
fn sync_16_several_stores_are_shut_down_side_by_side() {
    let gate = Gate::default();
    let deaf = gate.clone();
    let registered = Script::new(move |_| {
        deaf.pass();
        Ok(())
    })
    .register();
    let rig = Rig::open(Variant::Hasty.library(), registered.profile());
    // Stores of other sections are other stores.
    let others: Vec<_> = (1..=5_u8)
        .map(|id| {
            let section = SectionUid([id; 16]);
            registered.configure_in(rig.host.profile(), section);
            let options = LogonOptions {
                section,
                ..Default::default()
            };
            rig.provider.logon_with(&options).expect("another store")
        })
        .collect();
    let stores = std::iter::once(&rig.store).chain(&others);
    let runs: Vec<SyncRun> = stores
        .map(|store| store.synchronize(&SyncRequest::default()))
        .collect();
    gate.wait_for_arrivals(6);
    let begin = Instant::now();
    rig.provider.shutdown().expect("Shutdown");
    assert!(begin.elapsed() < SOON / 2);
    gate.open();
    assert!(runs.iter().all(|run| run.wait(SOON)));
    drop((runs, others));
    rig.finish();
}

#[test]
fn sync_16_a_cancellation_wakes_the_logic_and_every_question_tells_it() {
    let arrived = Gate::default();
    arrived.open();
    let here = arrived.clone();
    let rig = Script::new(move |job| {
        let token = job.cancellation();
        assert!(!job.is_cancelled() && job.check().is_ok() && !token.is_cancelled());
        assert!(job.wait(Duration::from_millis(1)).is_ok());
        here.pass();
        // On a thread of the logic's own.
        let heard = thread::spawn(move || token.wait(SOON))
            .join()
            .expect("no panic");
        assert!(heard && job.is_cancelled());
        for answer in [job.check(), job.wait(SOON), job.progress("", 0, 0)] {
            assert!(answer.is_err_and(|error| error.is_cancelled()));
        }
        job.check()
    })
    .rig();
    let callback = rig.callback();
    let run = rig.ask(&callback);
    arrived.wait_for_arrival();
    rig.store.cancel().expect("StoreLogoff");
    assert!(run.wait(SOON));
    assert_eq!(
        (run.result(), callback.calls().len()),
        (Some(CANCELLED), 1),
        "{:?}",
        callback.calls()
    );
    drop((run, callback));
    rig.finish();
}

#[test]
fn sync_16_what_was_cancelled_does_not_wait_for_the_next_run() {
    let (first_gate, second_gate) = (Gate::default(), Gate::default());
    let gates = Mutex::new(vec![second_gate.clone(), first_gate.clone()]);
    let rig = Script::new(move |_| {
        let gate = gates.lock().expect("not poisoned").pop();
        gate.iter().for_each(Gate::pass);
        Ok(())
    })
    .rig_in(Variant::Hasty);
    let first = rig.store.synchronize(&SyncRequest::default());
    first_gate.wait_for_arrival();
    let cancelled = rig.store.synchronize(&SyncRequest::default());
    rig.store.cancel().expect("StoreLogoff");
    let next = rig.store.synchronize(&SyncRequest::default());
    first_gate.open();
    second_gate.wait_for_arrival();
    assert!(
        cancelled.wait(SOON / 4),
        "its event waits for a run that it has nothing to do with"
    );
    second_gate.open();
    assert!(first.wait(SOON) && next.wait(SOON));
    drop((first, cancelled, next));
    rig.finish();
}

#[test]
fn sync_16_a_spoolers_release_leaves_the_clients_run_alone() {
    let gate = Gate::default();
    let held = gate.clone();
    let rig = Script::new(move |job| {
        held.pass();
        job.check()
    })
    .rig();
    let spooler = rig.provider.spooler_logon().expect("SpoolerLogon");
    let callback = rig.host.callback(ProgressCallback::builder());
    let run = rig.ask(&callback);
    gate.wait_for_arrival();
    drop(spooler);
    gate.open();
    wait_for_done(&callback);
    assert!(run.wait(SOON));
    assert_eq!(run.result(), Some(Status(S_OK)));
    drop((run, callback));
    rig.finish();
}

#[test]
fn sync_16_shutdown_waits_for_what_a_bare_release_has_left() {
    let given = Orders::until_cancelled().give();
    let library = Backend::Linked.provider();
    let host = Host::new(library, Profile::in_memory()).expect("a set of allocators");
    let provider = host.init().expect("MSProviderInit");
    let ended = Arc::new(AtomicBool::new(false));
    let end = Arc::clone(&ended);
    let callback = host.callback(ProgressCallback::builder().on_done(move |_, _| {
        // What it takes to hear of it.
        thread::sleep(Duration::from_millis(200));
        end.store(true, Ordering::SeqCst);
        S_OK
    }));
    let (store, logon) = bare_logon(provider.interface());
    let event = bare_ask(&store, &callback);
    wait_for_call(&callback);
    // No support object, so nobody calls Logoff.
    drop((store, logon));
    provider.shutdown().expect("Shutdown");
    assert!(ended.load(Ordering::SeqCst), "Shutdown did not wait");
    assert!(event.wait(Some(SOON)));
    assert_eq!(callback.results(), [CANCELLED]);
    drop((callback, provider, host, given));
}

#[test]
fn sync_16_a_clients_logoff_beside_the_spooler_cancels_its_own_run_and_waits_for_it() {
    let (arrived, ended) = (Gate::default(), Arc::new(AtomicBool::new(false)));
    arrived.open();
    let (here, end) = (arrived.clone(), Arc::clone(&ended));
    let rig = Script::new(move |job| {
        here.pass();
        let cancelled = job.wait(SOON);
        end.store(true, Ordering::SeqCst);
        cancelled
    })
    .rig();
    let spooler = rig.provider.spooler_logon().expect("SpoolerLogon");
    let run = rig.store.synchronize(&SyncRequest::default());
    arrived.wait_for_arrival();
    let (logon, mut flags) = (rig.store.logon().expect("a logon"), LOGOFF_ORDERLY);
    // SAFETY: a live variable.
    assert_eq!(unsafe { logon.Logoff(&raw mut flags) }, S_OK);
    assert!(ended.load(Ordering::SeqCst), "it was not waited for");
    assert!(run.wait(SOON));
    let again = rig.store.synchronize(&SyncRequest::default());
    assert!(again.started().is_err(), "the client has left");
    drop((run, logon, spooler));
    rig.finish();
}
