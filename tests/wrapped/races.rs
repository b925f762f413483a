//! Logons at the same time (ENTRY-04).

use std::sync::Barrier;
use std::thread;

use mapi_provider_host::{Store, SyncRequest};
use windows_core::{IUnknown, Interface};

use crate::inner::Rig;
use crate::support::SOON;

fn identity(store: &Store) -> IUnknown {
    store.interface().cast().expect("IUnknown")
}

#[test]
fn entry_04_logons_at_once_open_one_store() {
    const THREADS: usize = 8;
    for _ in 0..10 {
        let rig = Rig::new();
        let provider = rig.host.init().expect("MSProviderInit");
        let meeting = Barrier::new(THREADS);
        let stores: Vec<Store> = thread::scope(|scope| {
            let log_on = || {
                meeting.wait();
                provider.logon().expect("Logon")
            };
            let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(log_on)).collect();
            let joined = threads.into_iter().map(|thread| thread.join());
            joined.map(|store| store.expect("no panic")).collect()
        });
        assert!(
            stores
                .iter()
                .all(|store| identity(store) == identity(&stores[0]))
        );
        let logons = stores.iter().filter(|store| store.logon().is_some());
        assert_eq!(logons.count(), 1);
        assert_eq!(
            rig.inner.lines("Logon").len(),
            1,
            "the inner provider is asked once"
        );
        drop((stores, provider));
        rig.finish();
    }
}

#[test]
fn entry_04_logons_runs_and_releases_at_once_leave_nothing() {
    let rig = Rig::new();
    let provider = rig.host.init().expect("MSProviderInit");
    let log_on = |spooler: bool| {
        let store = if spooler {
            provider.spooler_logon()
        } else {
            provider.logon()
        };
        let store = store.expect("logged on");
        let run = store.synchronize(&SyncRequest::default());
        assert!(run.started().expect("accepted").wait(SOON));
    };
    thread::scope(|scope| {
        for number in 0..4 {
            let log_on = &log_on;
            scope.spawn(move || (0..50).for_each(|round| log_on((number + round) % 2 == 0)));
        }
    });
    drop(provider);
    rig.finish();
}
