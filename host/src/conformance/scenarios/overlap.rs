//! Requests that arrive during a run.

use std::thread;
use std::time::Duration;

use mapi_provider::abi::{MAPI_E_BUSY, MAPI_E_NOT_ENOUGH_RESOURCES};

use super::super::held::At;
use super::super::stage::{Played, Rig, Stage};
use crate::objects::ProgressCallback;
use crate::run::SyncRun;
use crate::store::SyncRequest;

/// How long is waited for something that must not happen.
const A_MOMENT: Duration = Duration::from_millis(100);
/// So many requests may wait for a store's next run.
const PLACES: usize = 64;

pub(super) fn overlap(stage: &Stage<'_>) -> Played {
    let rig = stage.rig()?;
    let held = stage.hold(&rig, At::FirstCall)?;
    if held.on_caller {
        stage.skip("SYNC-15", "the run is over when the call returns");
        stage.let_go("SYNC-15", held)?;
        stage.finish(rig);
        return Ok(());
    }
    stage.step("SYNC-15", "a request during a run");
    let callback = rig.host.callback(ProgressCallback::builder());
    let request = SyncRequest::default()
        .session(&rig.host)
        .callback(&callback);
    let second = rig.store.synchronize(&request);
    if second.status.0 == MAPI_E_BUSY {
        thread::sleep(A_MOMENT);
        stage.expect("SYNC-15", callback.calls().is_empty(), || {
            "a request was refused with MAPI_E_BUSY, and its callback was called".to_owned()
        });
        stage.skip("SYNC-17", "requests during a run are refused: none waits");
        drop((second, request, callback));
        stage.let_go("SYNC-15", held)?;
        stage.finish(rig);
        return Ok(());
    }
    stage.expect("SYNC-15", second.status.is_ok(), || {
        format!(
            "a request during a run was answered with {}, neither S_OK nor MAPI_E_BUSY",
            second.status
        )
    });
    thread::sleep(A_MOMENT);
    stage.expect("SYNC-15", callback.calls().is_empty(), || {
        "a second run began while the first was at work".to_owned()
    });
    let waiting = if second.status.is_ok() {
        fill(stage, &rig)
    } else {
        Vec::new()
    };
    stage.step("SYNC-15", "the following run, for all that waited");
    held.gate.open();
    stage.wait("SYNC-15", &held.run)?;
    if second.status.is_ok() {
        stage.wait("SYNC-15", &second)?;
        stage.expect("SYNC-15", callback.results().len() == 1, || {
            format!(
                "a request that waited got {} Done, not one",
                callback.results().len()
            )
        });
    }
    for run in &waiting {
        stage.wait("SYNC-15", run)?;
    }
    drop((second, request, callback, waiting, held));
    stage.finish(rig);
    Ok(())
}

/// Fills the places that are left behind a run with one that waits; the next request is refused.
fn fill(stage: &Stage<'_>, rig: &Rig) -> Vec<SyncRun> {
    let ask = || rig.store.synchronize(&SyncRequest::default());
    stage.step("SYNC-17", "as many requests as may wait, and one more");
    let mut waiting = Vec::new();
    for number in 2..=PLACES {
        let run = ask();
        if !run.status.is_ok() {
            let status = run.status;
            stage.broken(
                "SYNC-17",
                format!("request {number} of {PLACES} that may wait was refused with {status}"),
            );
            return waiting;
        }
        waiting.push(run);
    }
    // A refused request's handle is looked at by the host (SYNC-03).
    let refused = ask();
    stage.answers(
        "SYNC-17",
        "one more request than may wait",
        refused.status.0,
        MAPI_E_NOT_ENOUGH_RESOURCES,
    );
    if refused.status.is_ok() {
        waiting.push(refused);
    }
    waiting
}

pub(super) fn many(stage: &Stage<'_>) -> Played {
    const THREADS: usize = 4;
    const TIMES: usize = 8;
    let rig = stage.rig()?;
    stage.step("SYNC-15", "requests from four threads");
    let runs: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|_| scope.spawn(|| requests(&rig, TIMES)))
            .collect();
        threads
            .into_iter()
            .filter_map(|thread| thread.join().ok())
            .flatten()
            .collect()
    });
    for (run, callback) in &runs {
        let status = run.status;
        let allowed =
            status.is_ok() || [MAPI_E_BUSY, MAPI_E_NOT_ENOUGH_RESOURCES].contains(&status.0);
        stage.expect("SYNC-15", allowed, || {
            format!("a request among many was answered with {status}")
        });
        if status.is_ok() {
            stage.wait("SYNC-15", run)?;
        }
        let dones = callback.results().len();
        stage.expect("SYNC-10", dones == usize::from(status.is_ok()), || {
            format!("a request among many, answered with {status}, got {dones} Done")
        });
    }
    drop(runs);
    stage.finish(rig);
    Ok(())
}

type Asked = (SyncRun, mapi_provider::object::ObjectRef<ProgressCallback>);

fn requests(rig: &Rig, times: usize) -> Vec<Asked> {
    let ask = |_| {
        let callback = rig.host.callback(ProgressCallback::builder());
        let request = SyncRequest::default()
            .session(&rig.host)
            .callback(&callback);
        (rig.store.synchronize(&request), callback)
    };
    (0..times).map(ask).collect()
}
