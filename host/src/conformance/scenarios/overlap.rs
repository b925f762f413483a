//! Requests that arrive during a run.

use std::thread;
use std::time::{Duration, Instant};

use mapi_provider::abi::{MAPI_E_BUSY, MAPI_E_NOT_ENOUGH_RESOURCES};
use mapi_provider::object::ObjectRef;

use super::super::held::{At, needs_progress};
use super::super::stage::{Played, Rig, Stage};
use crate::objects::{Call, CallKind, ProgressCallback};
use crate::run::SyncRun;
use crate::store::SyncRequest;

/// How long to wait for something that must not happen.
const A_MOMENT: Duration = Duration::from_millis(100);
/// How many requests of a store may be without their `Done`, including those of the current run.
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
    if held.in_done() {
        needs_progress(stage, &["SYNC-15", "SYNC-17"], held)?;
        stage.finish(rig);
        return Ok(());
    }
    stage.step("SYNC-15", "a request during a run");
    let callback = rig.host.callback(ProgressCallback::builder());
    let request = SyncRequest::default()
        .session(&rig.host)
        .callback(&callback);
    let second = rig.store.synchronize(&request);
    if held.gate.gave_up() {
        stage.broken(
            "SYNC-19",
            "a request during a run waited until its callback returned: a lock is held across the callback",
        );
        return Err(stage.stuck());
    }
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
    let other = rig.host.callback(ProgressCallback::builder());
    let waiting = if second.status.is_ok() {
        fill(stage, &rig, &other)
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
    if !waiting.is_empty() {
        let apart = are_apart(&callback.calls(), &other.calls());
        stage.expect("SYNC-15", !apart, || {
            "of two requests that waited for the same run, one’s callback heard Progress after the other’s Done: each had a \
             run of its own"
                .to_owned()
        });
    }
    drop((second, request, callback, other, waiting, held));
    stage.finish(rig);
    Ok(())
}

/// Whether two callbacks have heard of two runs: one heard Progress after the other heard Done.
fn are_apart(one: &[Call], other: &[Call]) -> bool {
    let done = |calls: &[Call]| {
        let done = calls
            .iter()
            .find(|call| matches!(call.kind, CallKind::Done { .. }));
        done.map(|call| call.at)
    };
    let progress = |calls: &[Call]| {
        let progress = |call: &&Call| matches!(call.kind, CallKind::Progress { .. });
        calls.iter().filter(progress).map(|call| call.at).max()
    };
    let after = |progress: Option<Instant>, done: Option<Instant>| matches!((progress, done), (Some(progress), Some(done)) if progress > done);
    after(progress(one), done(other)) || after(progress(other), done(one))
}

/// Fills the places that a run and one request that waits have left; the next request is refused.
fn fill(stage: &Stage<'_>, rig: &Rig, first: &ObjectRef<ProgressCallback>) -> Vec<SyncRun> {
    let ask = || rig.store.synchronize(&SyncRequest::default());
    stage.step("SYNC-17", "as many requests as may wait, and one more");
    let mut waiting = Vec::new();
    for number in 3..=PLACES {
        let run = match number {
            3 => rig
                .store
                .synchronize(&SyncRequest::default().callback(first)),
            _ => ask(),
        };
        if !run.status.is_ok() {
            let status = run.status;
            stage.broken(
                "SYNC-17",
                format!("request {number} of {PLACES} that may be without their Done was refused with {status}"),
            );
            return waiting;
        }
        waiting.push(run);
    }
    // The host checks a refused request's handle (SYNC-03).
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

type Asked = (SyncRun, ObjectRef<ProgressCallback>);

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::Status;

    #[test]
    fn runs_are_told_apart_by_what_comes_after_done() {
        let begin = Instant::now();
        let call = |number: u64, is_done: bool| Call {
            kind: if is_done {
                CallKind::Done {
                    event: 1,
                    status: Status::OK,
                }
            } else {
                CallKind::Progress {
                    text: String::new(),
                    index: 0,
                    max: 0,
                }
            },
            thread: thread::current().id(),
            at: begin + Duration::from_millis(number),
        };
        let one = [call(1, false), call(3, true)];
        assert!(!are_apart(&one, &[call(2, false), call(4, true)]));
        assert!(are_apart(&one, &[call(5, false), call(6, true)]));
        assert!(are_apart(&[call(5, false), call(6, true)], &one));
        // Without Progress, nobody knows.
        assert!(!are_apart(&one, &[call(6, true)]));
    }
}
