//! Requests that arrive during a run (SYNC-15, SYNC-17).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;

use mapi_provider::abi::{MAPI_E_BUSY, MAPI_E_NOT_ENOUGH_RESOURCES, S_OK, SyncFlags};
use mapi_provider_host::{Status, SyncRequest, SyncRun};

use crate::support::script::{Script, Variant};
use crate::support::{Gate, Orders, SOON, contract_tests, done_order};

/// As many as may wait during a run: with the one that it serves, 64 have not had their Done.
const PLACES: usize = 63;

contract_tests! {
    fn sync_15_a_request_during_a_run_has_its_own_event_and_done(backend) {
        let rig = backend.rig(Orders::steps(1));
        let gate = Gate::default();
        let held = rig.gated_callback(&gate);
        let first = rig.ask(&held);
        gate.wait_for_arrival();
        let callbacks: Vec<_> = (0..5).map(|_| rig.callback()).collect();
        let runs: Vec<SyncRun> = callbacks.iter().map(|callback| rig.ask(callback)).collect();
        let events = std::iter::once(&first).chain(&runs).map(|run| run.event().expect("accepted").as_raw() as usize);
        let mut events: Vec<usize> = events.collect();
        events.sort_unstable();
        events.dedup();
        assert_eq!(events.len(), 6, "each has its own");
        assert!(callbacks.iter().all(|callback| callback.calls().is_empty()), "not before their turn");
        gate.open();
        assert!(first.wait(SOON) && runs.iter().all(|run| run.wait(SOON)));
        for (run, callback) in runs.iter().zip(&callbacks) {
            assert_eq!(run.result(), Some(Status(S_OK)));
            done_order(callback, 1);
            assert_eq!(callback.calls().len(), 3, "all are told of the run that serves them");
        }
        drop((first, runs, callbacks, held));
        rig.finish();
    }

    fn sync_15_one_callback_may_wait_more_than_once(backend) {
        let rig = backend.rig(Orders::steps(1));
        let gate = Gate::default();
        let callback = rig.gated_callback(&gate);
        let runs: Vec<SyncRun> = (0..4).map(|_| rig.ask(&callback)).collect();
        gate.open();
        assert!(runs.iter().all(|run| run.wait(SOON)));
        assert!(runs.iter().all(|run| run.result() == Some(Status(S_OK))));
        assert_eq!(callback.results().len(), 4);
        drop((runs, callback));
        rig.finish();
    }

    fn sync_15_sixty_four_are_without_their_done_and_the_next_is_refused(backend) {
        let rig = backend.rig(Orders::steps(1));
        let gate = Gate::default();
        let held = rig.gated_callback(&gate);
        let first = rig.ask(&held);
        gate.wait_for_arrival();
        let callbacks: Vec<_> = (0..=PLACES).map(|_| rig.callback()).collect();
        let mut runs: Vec<SyncRun> = callbacks.iter().map(|callback| rig.ask(callback)).collect();
        let refused = runs.pop().expect("one too many");
        assert!(runs.iter().all(|run| run.started().is_ok()));
        assert_eq!(refused.status, Status(MAPI_E_NOT_ENOUGH_RESOURCES));
        assert!(refused.event().is_none());
        gate.open();
        assert!(first.wait(SOON) && runs.iter().all(|run| run.wait(SOON)));
        assert_eq!(callbacks[PLACES].calls(), [], "no Done for what was refused");
        assert!(callbacks[..PLACES].iter().all(|callback| callback.results() == [Status(S_OK)]));
        assert_eq!(rig.run(), Status(S_OK), "there is room again");
        drop((first, runs, refused, callbacks, held));
        rig.finish();
    }
}

#[test]
fn sync_15_one_following_run_serves_all_with_the_union_of_their_flags() {
    let (gate, seen) = (Gate::default(), Arc::<Mutex<Vec<u32>>>::default());
    let (held, log) = (gate.clone(), Arc::clone(&seen));
    let rig = Script::new(move |job| {
        log.lock().expect("not poisoned").push(job.raw_flags());
        held.pass();
        job.progress("serving", 1, 1)
    })
    .rig();
    let first = rig
        .store
        .synchronize(&SyncRequest::new(SyncFlags::BACKGROUND));
    gate.wait_for_arrival();
    let callbacks: Vec<_> = (0..3).map(|_| rig.callback()).collect();
    let flags = [
        SyncFlags::UPLOAD_HIERARCHY,
        SyncFlags::DOWNLOAD_CONTENTS,
        SyncFlags::from_bits_retain(0x4000_0000),
    ];
    let ask = |(flags, callback)| {
        rig.store
            .synchronize(&SyncRequest::new(flags).callback(callback))
    };
    let runs: Vec<SyncRun> = flags.into_iter().zip(&callbacks).map(ask).collect();
    gate.open();
    assert!(first.wait(SOON) && runs.iter().all(|run| run.wait(SOON)));
    assert_eq!(*seen.lock().expect("not poisoned"), [0x1000, 0x4000_0081]);
    assert!(
        callbacks.iter().all(|callback| callback.calls().len() == 2),
        "its progress and Done reach all of them"
    );
    drop((first, runs, callbacks));
    rig.finish();
}

#[test]
fn sync_15_the_first_session_given_serves_a_merged_run() {
    let gate = Gate::default();
    let held = gate.clone();
    let sessions = Arc::<Mutex<Vec<bool>>>::default();
    let log = Arc::clone(&sessions);
    let rig = Script::new(move |job| {
        held.pass();
        log.lock()
            .expect("not poisoned")
            .push(job.session().is_some());
        Ok(())
    })
    .rig();
    let first = rig.store.synchronize(&SyncRequest::default());
    gate.wait_for_arrival();
    let without = rig.store.synchronize(&SyncRequest::default());
    let with = rig
        .store
        .synchronize(&SyncRequest::default().session(&rig.host));
    gate.open();
    assert!(
        [&first, &without, &with]
            .into_iter()
            .all(|run| run.wait(SOON))
    );
    assert_eq!(*sessions.lock().expect("not poisoned"), [false, true]);
    drop((first, without, with));
    rig.finish();
}

/// Counts how many are inside, and keeps the highest number.
#[derive(Default)]
struct Highest {
    now: AtomicUsize,
    ever: AtomicUsize,
}

impl Highest {
    fn enter(&self) {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.ever.fetch_max(now, Ordering::SeqCst);
        // Anybody who might come in at the same time gets the chance.
        thread::yield_now();
        self.now.fetch_sub(1, Ordering::SeqCst);
    }
}

#[test]
fn sync_15_one_run_at_a_time() {
    let highest = Arc::new(Highest::default());
    let inside = Arc::clone(&highest);
    let rig = Script::new(move |_| {
        (0..50).for_each(|_| inside.enter());
        Ok(())
    })
    .rig();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    let run = rig.store.synchronize(&SyncRequest::default());
                    assert!(run.started().expect("accepted").wait(SOON));
                }
            });
        }
    });
    rig.finish();
    assert_eq!(highest.ever.load(Ordering::SeqCst), 1);
}

#[test]
fn sync_15_the_spoolers_store_shares_the_runs_of_the_clients() {
    let (gate, highest) = (Gate::default(), Arc::new(Highest::default()));
    let (held, inside) = (gate.clone(), Arc::clone(&highest));
    let rig = Script::new(move |_| {
        held.pass();
        inside.enter();
        Ok(())
    })
    .rig();
    let spooler = rig.provider.spooler_logon().expect("SpoolerLogon");
    let first = rig.store.synchronize(&SyncRequest::default());
    gate.wait_for_arrival();
    let second = spooler.synchronize(&SyncRequest::default());
    let refused = (0..PLACES)
        .map(|_| spooler.synchronize(&SyncRequest::default()))
        .filter(|run| run.started().is_err());
    assert_eq!(refused.count(), 1, "they share the places too");
    gate.open();
    assert!(first.wait(SOON) && second.wait(SOON));
    drop((first, second, spooler));
    rig.finish();
    assert_eq!(highest.ever.load(Ordering::SeqCst), 1);
}

#[test]
fn sync_15_client_and_spooler_that_log_on_at_once_share_their_runs() {
    for _ in 0..20 {
        // Both openings overlap, where two of them are made.
        let meeting = Arc::new(Barrier::new(2));
        let opened = Arc::new(AtomicUsize::new(0));
        let (gate, highest) = (Gate::default(), Arc::new(Highest::default()));
        let (held, inside, count) = (gate.clone(), Arc::clone(&highest), Arc::clone(&opened));
        let registered = Script::new(move |_| {
            held.pass();
            inside.enter();
            Ok(())
        })
        .on_open(move |_| {
            count.fetch_add(1, Ordering::SeqCst);
            Ok(())
        })
        .register();
        let host = registered.host();
        let provider = host.init().expect("MSProviderInit");
        let log_on = |spooler: bool| {
            meeting.wait();
            if spooler {
                provider.spooler_logon()
            } else {
                provider.logon()
            }
            .expect("logged on")
        };
        let (client, spooler) = thread::scope(|scope| {
            let client = scope.spawn(|| log_on(false));
            let spooler = scope.spawn(|| log_on(true));
            (
                client.join().expect("no panic"),
                spooler.join().expect("no panic"),
            )
        });
        let runs = [
            client.synchronize(&SyncRequest::default()),
            spooler.synchronize(&SyncRequest::default()),
        ];
        gate.wait_for_arrival();
        gate.open();
        assert!(
            runs.iter()
                .all(|run| run.started().expect("accepted").wait(SOON))
        );
        drop((runs, client, spooler, provider));
        host.finish().assert_clean();
        assert_eq!(
            highest.ever.load(Ordering::SeqCst),
            1,
            "{opened:?} openings"
        );
    }
}

#[test]
fn sync_15_busy_refuses_during_a_run_and_accepts_after_it() {
    let gate = Gate::default();
    let held = gate.clone();
    let rig = Script::new(move |_| {
        held.pass();
        Ok(())
    })
    .rig_in(Variant::Busy);
    let first = rig.store.synchronize(&SyncRequest::default());
    gate.wait_for_arrival();
    let callback = rig.callback();
    let refused = rig.store.synchronize(
        &SyncRequest::default()
            .session(&rig.host)
            .callback(&callback),
    );
    assert_eq!(refused.status, Status(MAPI_E_BUSY));
    assert!(refused.event().is_none());
    assert_eq!(
        (
            rig.host.session_count(),
            mapi_provider_host::callback_count(&callback)
        ),
        (1, 1)
    );
    gate.open();
    assert!(first.wait(SOON));
    assert_eq!(callback.calls(), []);
    // Whoever has waited for the event may ask again.
    for _ in 0..50 {
        assert_eq!(rig.run(), Status(S_OK));
    }
    drop((first, refused, callback));
    rig.finish();
}

#[test]
fn sync_15_two_provider_objects_of_one_section_share_their_runs() {
    let (gate, highest) = (Gate::default(), Arc::new(Highest::default()));
    let (held, inside) = (gate.clone(), Arc::clone(&highest));
    let opened = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&opened);
    let registered = Script::new(move |_| {
        held.pass();
        inside.enter();
        Ok(())
    })
    .on_open(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        Ok(())
    })
    .register();
    let host = registered.host();
    let providers = [(); 2].map(|()| host.init().expect("MSProviderInit"));
    let stores = providers.each_ref().map(|p| p.logon().expect("Logon"));
    assert!(
        stores.iter().all(|store| store.logon().is_some()),
        "a store each"
    );
    let first = stores[0].synchronize(&SyncRequest::default());
    gate.wait_for_arrival();
    let merged = [&stores[0], &stores[1]].map(|s| s.synchronize(&SyncRequest::default()));
    gate.open();
    assert!(first.wait(SOON) && merged.iter().all(|run| run.wait(SOON)));
    assert_eq!(opened.load(Ordering::SeqCst), 1, "the logic is opened once");
    // The first session goes; the other one's runs go on, with its own section.
    let [one, two] = stores;
    one.logoff();
    let last = two.synchronize(&SyncRequest::default());
    assert!(last.started().expect("it is open").wait(SOON));
    two.logoff();
    drop((first, merged, last, providers));
    host.finish().assert_clean();
    assert_eq!(highest.ever.load(Ordering::SeqCst), 1);
}
