//! Who holds whom, and who is told when, for wrapped stores (ENTRY-05, ENTRY-09,
//! ENTRY-10).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mapi_provider::abi::{LogoffFlags, MAPI_E_BUSY, MAPI_E_USER_CANCEL, S_OK};
use mapi_provider_host::{ProgressCallback, Status, SyncRequest};

use crate::inner::Rig;
use crate::support::script::SHORT_WAIT;
use crate::support::script::{Script, Variant};
use crate::support::{Gate, SOON};

/// Logic that runs until it is cancelled.
fn endless() -> Script {
    Script::new(|job| {
        job.progress("Working", 0, 1)?;
        job.wait(SOON)
    })
}

#[test]
fn entry_05_the_last_release_of_the_store_ends_all_of_it() {
    let rig = Rig::new();
    let provider = rig.host.init().expect("MSProviderInit");
    let store = provider.logon().expect("Logon");
    let logon = store.logon().expect("a logon");
    let logoff = store.logoff();
    assert!(
        logoff.support.released,
        "the logon keeps the store, or the support object"
    );
    let order: Vec<String> = rig.inner.record().into_iter().rev().take(3).rev().collect();
    assert_eq!(order, ["StoreLogoff 2", "the store is gone", "Logoff"]);
    // And what there is left of it does no harm.
    let mut flags = 0;
    // SAFETY: a live variable.
    assert_eq!(unsafe { logon.Logoff(&raw mut flags) }, S_OK);
    drop(logon);
    assert_eq!(rig.inner.lines("the logon is gone").len(), 1);
    drop(provider);
    rig.finish();
}

#[test]
fn entry_05_provider_store_and_logon_go_in_any_order() {
    let rig = Rig::new();
    let provider = rig.host.init().expect("MSProviderInit");
    let store = provider.logon().expect("Logon");
    drop(provider);
    assert_eq!(rig.inner.lines("the provider is gone").len(), 1);
    drop(store);
    assert_eq!(rig.inner.lines("the store is gone").len(), 1);
    rig.finish();
}

#[test]
fn entry_09_transports_are_told_once_with_the_saved_flags() {
    let purge_quietly = LogoffFlags::LOGOFF_PURGE | LogoffFlags::LOGOFF_QUIET;
    for flags in [
        LogoffFlags::LOGOFF_ORDERLY,
        purge_quietly,
        LogoffFlags::empty(),
    ] {
        let rig = Rig::new();
        let provider = rig.host.init().expect("MSProviderInit");
        let store = provider.logon().expect("Logon");
        let logoff = store.logoff_with(flags);
        assert_eq!(logoff.status, Status(S_OK));
        assert_eq!(
            logoff.flags,
            LogoffFlags::LOGOFF_COMPLETE,
            "the inner store's answer"
        );
        // The inner store tells them too, with flags of its own, and is not heard.
        assert_eq!(logoff.support.logoff_transports, [flags]);
        let told = format!("StoreLogoff {:x}", flags.bits());
        assert_eq!(rig.inner.lines("StoreLogoff"), [told]);
        drop(provider);
        rig.finish();
    }
}

#[test]
fn entry_09_without_store_logoff_it_is_abort() {
    let rig = Rig::new();
    let provider = rig.host.init().expect("MSProviderInit");
    let store = provider.logon().expect("Logon");
    let second = provider.logon().expect("Logon");
    drop(second);
    assert_eq!(
        store.support().logoff_transports,
        [],
        "not before the last Release"
    );
    let support = store.release();
    assert_eq!(support.logoff_transports, [LogoffFlags::LOGOFF_ABORT]);
    drop(provider);
    rig.finish();
}

#[test]
fn entry_09_what_the_inner_store_answers_to_store_logoff_comes_back() {
    let rig = Rig::new();
    rig.inner.order("store-logoff=8004010b");
    let provider = rig.host.init().expect("MSProviderInit");
    let store = provider.logon().expect("Logon");
    let logoff = store.logoff();
    assert_eq!(logoff.status, Status(MAPI_E_BUSY));
    drop(provider);
    rig.finish();
}

#[test]
fn entry_10_fast_shutdown_ends_a_run_and_then_it_is_the_inner_providers_turn() {
    let gate = Gate::default();
    let opened = gate.clone();
    let rig = Rig::with(Script::new(move |job| {
        opened.pass();
        let ended = job.wait(SOON);
        // The place is saved before the process goes.
        job.save_cursor("place")?;
        ended
    }));
    let provider = rig.host.init().expect("MSProviderInit");
    let store = provider.logon().expect("Logon");
    let callback = rig.host.callback(ProgressCallback::builder());
    let run = store.synchronize(&SyncRequest::default().callback(&callback));
    gate.wait_for_arrival();
    gate.open();
    provider.fast_shutdown().expect("DoFastShutdown");
    assert!(run.started().expect("accepted").wait(SOON));
    assert_eq!(run.result(), Some(Status(MAPI_E_USER_CANCEL)));
    let told = [
        "QueryFastShutdown",
        "NotifyProcessShutdown",
        "DoFastShutdown",
    ];
    let record = rig.inner.record();
    let heard: Vec<&str> = record.iter().map(String::as_str).collect();
    let heard: Vec<&str> = heard
        .into_iter()
        .filter(|line| told.contains(line))
        .collect();
    assert_eq!(heard, told);
    drop((run, callback, store, provider));
    rig.finish();
}

#[test]
fn sync_16_shutdown_logoff_and_the_last_release_cancel_a_run() {
    type End = fn(&mapi_provider_host::Provider, mapi_provider_host::Store);
    let ends: [End; 4] = [
        |provider, store| {
            provider.shutdown().expect("Shutdown");
            drop(store);
        },
        |_, store| drop(store.logoff()),
        |_, store| drop(store),
        |_, store| {
            let mut flags = 0;
            let logon = store.logon().expect("a logon");
            // SAFETY: a live variable.
            assert_eq!(unsafe { logon.Logoff(&raw mut flags) }, S_OK);
            drop(store);
        },
    ];
    for end in ends {
        let rig = Rig::with(endless());
        let provider = rig.host.init().expect("MSProviderInit");
        let store = provider.logon().expect("Logon");
        let callback = rig.host.callback(ProgressCallback::builder());
        let run = store.synchronize(&SyncRequest::default().callback(&callback));
        assert!(callback.wait_until(SOON, |calls| !calls.is_empty()));
        end(&provider, store);
        assert!(run.started().expect("accepted").wait(SOON));
        assert_eq!(run.result(), Some(Status(MAPI_E_USER_CANCEL)));
        drop((run, callback, provider));
        rig.finish();
    }
}

#[test]
fn sync_16_the_inner_store_goes_with_ours_where_the_run_can_be_waited_for() {
    let rig = Rig::with(endless());
    let provider = rig.host.init().expect("MSProviderInit");
    let store = provider.logon().expect("Logon");
    let callback = rig.host.callback(ProgressCallback::builder());
    let run = store.synchronize(&SyncRequest::default().callback(&callback));
    assert!(callback.wait_until(SOON, |calls| !calls.is_empty()));
    let support = store.release();
    assert!(support.released, "nobody holds the support object");
    assert_eq!(rig.inner.lines("the store is gone").len(), 1);
    drop((run, callback, provider));
    rig.finish();
}

#[test]
fn sync_16_a_run_that_does_not_end_in_time_keeps_the_inner_store_and_nothing_else() {
    let gate = Gate::default();
    let stubborn = gate.clone();
    let script = Script::new(move |_| {
        stubborn.pass();
        Ok(())
    });
    let rig = Rig::of(Variant::HastyWrapped, script);
    let provider = rig.host.init().expect("MSProviderInit");
    let store = provider.logon().expect("Logon");
    let run = store.synchronize(&SyncRequest::default());
    gate.wait_for_arrival();
    let support = store.release();
    assert_eq!(
        support.logoff_transports.len(),
        1,
        "told at our own last Release (ENTRY-09)"
    );
    assert!(
        rig.inner.lines("the store is gone").is_empty(),
        "the run holds it (SYNC-21)"
    );
    gate.open();
    assert!(run.started().expect("accepted").wait(SOON));
    assert_eq!(rig.inner.lines("the store is gone").len(), 1);
    drop((run, provider));
    rig.finish();
}

#[test]
fn sync_15_a_store_that_is_opened_again_waits_for_the_run_that_it_left_behind() {
    let (gate, runs) = (Gate::default(), Arc::new(AtomicUsize::new(0)));
    let (stubborn, count) = (gate.clone(), Arc::clone(&runs));
    let script = Script::new(move |_| {
        assert_eq!(count.fetch_add(1, Ordering::SeqCst), 0, "one run at a time");
        stubborn.pass();
        count.fetch_sub(1, Ordering::SeqCst);
        Ok(())
    });
    let rig = Rig::of(Variant::HastyWrapped, script);
    let provider = rig.host.init().expect("MSProviderInit");
    let store = provider.logon().expect("Logon");
    let first = store.synchronize(&SyncRequest::default());
    gate.wait_for_arrival();
    drop(store);
    let store = provider.logon().expect("Logon");
    let callback = rig.host.callback(ProgressCallback::builder());
    let second = store.synchronize(&SyncRequest::default().callback(&callback));
    assert!(
        !second.started().expect("accepted").wait(SHORT_WAIT),
        "it has not begun"
    );
    gate.open();
    assert!(first.started().expect("accepted").wait(SOON));
    assert!(second.wait(SOON));
    assert_eq!(second.result(), Some(Status(S_OK)));
    drop((first, second, callback, store, provider));
    rig.finish();
}

#[test]
fn sync_16_the_end_of_the_clients_logon_ends_a_run_though_the_spooler_is_there() {
    let rig = Rig::with(endless());
    let provider = rig.host.init().expect("MSProviderInit");
    let store = provider.logon().expect("Logon");
    let spooler = provider.spooler_logon().expect("SpoolerLogon");
    let callback = rig.host.callback(ProgressCallback::builder());
    let run = store.synchronize(&SyncRequest::default().callback(&callback));
    assert!(callback.wait_until(SOON, |calls| !calls.is_empty()));
    let support = store.release();
    assert!(support.released, "nobody holds the support object");
    assert!(run.started().expect("accepted").wait(SOON));
    assert_eq!(run.result(), Some(Status(MAPI_E_USER_CANCEL)));
    drop((run, callback, spooler, provider));
    rig.finish();
}
