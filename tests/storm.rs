//! Sixteen threads that all want to synchronise one store.
//!
//! A separate program, because it counts the handles of the process.

mod support;

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use mapi_provider::abi::{MAPI_E_NOT_ENOUGH_RESOURCES, S_OK, SyncFlags};
use mapi_provider_host::{CallKind, ProgressCallback, Status, SyncRequest};

use support::handles::open_handles;
use support::script::Script;
use support::{Backend, Orders, Rig};

const THREADS: usize = 16;
const REQUESTS: usize = 1000;
const PATIENCE: Duration = Duration::from_secs(120);

/// The tests in this file count for the whole process, so they run one after another.
static ALONE: Mutex<()> = Mutex::new(());

/// One thread's requests. Each is either accepted, and gets its event signalled and its Done once, or
/// refused because there is no place. Returns how many were accepted.
fn ask_often(rig: &Rig) -> usize {
    let callback = rig.host.callback(ProgressCallback::builder());
    let (mut accepted, mut open) = (0, Vec::new());
    for _ in 0..REQUESTS {
        let run = rig.store.synchronize(
            &SyncRequest::new(SyncFlags::UPLOAD_HIERARCHY)
                .session(&rig.host)
                .callback(&callback),
        );
        match run.status {
            Status(S_OK) => open.push(run),
            refused => assert_eq!(refused, Status(MAPI_E_NOT_ENOUGH_RESOURCES)),
        }
        // Some wait, so requests pile up; not all, because the process has only so many handles.
        if open.len() >= 12 {
            accepted += open.len();
            open.drain(..)
                .for_each(|run| assert!(run.wait(PATIENCE), "an event was not signalled"));
        }
    }
    accepted += open.len();
    open.iter()
        .for_each(|run| assert!(run.wait(PATIENCE), "an event was not signalled"));
    let results = callback.results();
    assert_eq!(results.len(), accepted, "one Done each");
    assert!(results.iter().all(|result| *result == Status(S_OK)));
    assert!(
        open.iter().all(|run| run.result().is_some()),
        "each with its own handle"
    );
    drop(open);
    assert_eq!(
        mapi_provider_host::callback_count(&callback),
        1,
        "a reference is left"
    );
    accepted
}

/// The storm. It leaves nothing; returns how many requests were accepted.
fn storm(rig: Rig) -> usize {
    // What is made once and kept.
    rig.run();
    let before = open_handles();
    let accepted: Vec<usize> = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|_| scope.spawn(|| ask_often(&rig)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic"))
            .collect()
    });
    assert!(accepted.iter().sum::<usize>() > THREADS, "{accepted:?}");
    assert_eq!(rig.run(), Status(S_OK));
    rig.store
        .cancel()
        .expect("StoreLogoff waits for the last worker");
    assert_eq!(rig.host.session_count(), 1);
    assert_eq!(open_handles(), before, "handles are left");
    rig.finish();
    accepted.iter().sum()
}

fn alone() -> impl Drop {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn sync_17_sync_10_linked_every_request_of_a_storm_is_refused_or_done() {
    let _alone = alone();
    storm(Backend::Linked.rig(Orders::steps(1)));
}

#[test]
fn sync_17_sync_10_library_every_request_of_a_storm_is_refused_or_done() {
    let _alone = alone();
    storm(Backend::Library.rig(Orders::steps(1)));
}

#[test]
fn sync_15_a_storm_makes_one_run_at_a_time() {
    let _alone = alone();
    let inside = AtomicUsize::new(0);
    let runs = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&runs);
    let rig = Script::new(move |job| {
        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "two runs at once");
        count.fetch_add(1, Ordering::Relaxed);
        assert_eq!(job.raw_flags() & !1, 0);
        thread::yield_now();
        assert_eq!(inside.fetch_sub(1, Ordering::SeqCst), 1);
        Ok(())
    })
    .rig();
    let accepted = storm(rig);
    assert!(
        runs.load(Ordering::Relaxed) <= accepted + 2,
        "more runs than requests"
    );
}

#[test]
fn sync_16_a_storm_with_cancellations_ends_every_request_once() {
    let _alone = alone();
    let rig = Script::new(|job| job.wait(Duration::from_micros(200))).rig();
    rig.run();
    let before = open_handles();
    thread::scope(|scope| {
        for thread in 0..8 {
            let rig = &rig;
            scope.spawn(move || {
                let callback = rig.host.callback(ProgressCallback::builder());
                for request in 0..200 {
                    let run = rig.store.synchronize(
                        &SyncRequest::new(SyncFlags::UPLOAD_HIERARCHY).callback(&callback),
                    );
                    if (request + thread) % 16 == 0 {
                        rig.store.cancel().expect("StoreLogoff");
                    }
                    assert!(run.started().expect("there is a place").wait(PATIENCE));
                }
                let mut dones = HashMap::<usize, usize>::new();
                for call in callback.kinds() {
                    if let CallKind::Done { event, .. } = call {
                        *dones.entry(event).or_default() += 1;
                    }
                }
                assert_eq!(dones.values().sum::<usize>(), 200, "one Done each");
            });
        }
    });
    rig.store.cancel().expect("StoreLogoff");
    assert_eq!(open_handles(), before, "handles are left");
    rig.finish();
}
