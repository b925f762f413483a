//! What ends a run early, and how long that may take.

use std::thread;
use std::time::{Duration, Instant};

use mapi_provider::abi::{LOGOFF_ORDERLY, MAPI_E_USER_CANCEL, S_OK};

use super::super::held::{At, Held, needs_progress, progress_calls};
use super::super::stage::{Halt, Played, Rig, Stage};
use crate::objects::ProgressCallback;
use crate::status::Status;
use crate::store::SyncRequest;

const CANCELLED: Status = Status(MAPI_E_USER_CANCEL);
/// How long a run is held after it was asked to end.
const A_MOMENT: Duration = Duration::from_millis(100);
/// How long a logoff may wait for a run by default, with some time to spare.
const USUAL_BOUND: Duration = Duration::from_millis(5500);
const LOST: &str = "the run ended before it could see the cancellation";

/// A run that is held in `Progress`, and its rig.
fn held(stage: &Stage<'_>) -> Result<(Rig, Held), Halt> {
    let rig = stage.rig()?;
    let held = stage.hold(&rig, At::FirstCall)?;
    Ok((rig, held))
}

/// Opens the gate a moment later: meanwhile the run is asked to end, and somebody may wait for it.
fn open_soon(held: &Held) {
    let gate = held.gate.clone();
    thread::spawn(move || {
        thread::sleep(A_MOMENT);
        gate.open();
    });
}

/// The run ended as cancelled, unless it couldn't know.
fn cancelled(stage: &Stage<'_>, held: Held, by: &str, before: usize) -> Played {
    stage.wait("SYNC-16", &held.run)?;
    let result = held.run.result();
    let further = held.progress_calls() - before;
    if result.is_some_and(Status::is_ok) && further == 0 {
        stage.skip("SYNC-16", LOST);
        return Ok(());
    }
    if fails_anyway(stage, result)? {
        return Ok(());
    }
    stage.expect("SYNC-16", result == Some(CANCELLED), || match result {
        Some(status) => format!(
            "after {by} the run went on, with {further} more calls of Progress, and ended with {status}, not {CANCELLED}"
        ),
        None => format!("after {by} the run never called Done"),
    });
    let errors = held.callback.errors();
    stage.expect(
        "SYNC-12",
        errors.iter().all(|(status, _)| status.is_ok()),
        || format!("a cancelled run reported an error: {}", errors[0].0),
    );
    Ok(())
}

/// Whether a run ends like this with the check's settings even if nobody cancels it. Then there is nothing to see.
fn fails_anyway(stage: &Stage<'_>, result: Option<Status>) -> Result<bool, Halt> {
    let Some(status) = result.filter(|status| !status.is_ok() && *status != CANCELLED) else {
        return Ok(false);
    };
    let rig = stage.rig()?;
    let fails = stage.run("SYNC-16", &rig)? == status;
    stage.finish(rig);
    if fails {
        let why = format!("with these settings every run fails, with {status}");
        stage.skip("SYNC-16", why);
    }
    Ok(fails)
}

/// Cancels a run by a call, which may wait for it, and finishes.
fn by<'a>(
    stage: &Stage<'a>,
    name: &str,
    finish: fn(&Stage<'a>, Rig),
    end: impl FnOnce(&Rig) -> Played,
) -> Played {
    let (rig, held) = held(stage)?;
    if !held.in_progress() {
        needs_progress(stage, &["SYNC-16"], held)?;
        stage.finish(rig);
        return Ok(());
    }
    stage.step("SYNC-16", format!("{name} during a run"));
    let before = held.progress_calls();
    open_soon(&held);
    end(&rig)?;
    cancelled(stage, held, name, before)?;
    finish(stage, rig);
    Ok(())
}

pub(super) fn by_store_logoff(stage: &Stage<'_>) -> Played {
    let (rig, held) = held(stage)?;
    if !held.in_progress() {
        needs_progress(stage, &["SYNC-16"], held)?;
        stage.finish(rig);
        return Ok(());
    }
    let callback = rig.host.callback(ProgressCallback::builder());
    let waiting = rig
        .store
        .synchronize(&SyncRequest::default().callback(&callback));
    stage.step("SYNC-16", "StoreLogoff during a run");
    let before = held.progress_calls();
    open_soon(&held);
    rig.store.cancel()?;
    cancelled(stage, held, "StoreLogoff", before)?;
    if waiting.status.is_ok() {
        stage.wait("SYNC-16", &waiting)?;
        let result = waiting.result();
        stage.expect("SYNC-16", result == Some(CANCELLED), || match result {
            Some(status) => {
                format!("a request that waited when StoreLogoff came got {status} in Done, not {CANCELLED}")
            }
            None => "a request that waited when StoreLogoff came never got a Done".to_owned(),
        });
    }
    drop((waiting, callback));
    stage.finish(rig);
    Ok(())
}

pub(super) fn by_logoff(stage: &Stage<'_>) -> Played {
    by(stage, "IMSLogon::Logoff", Stage::finish, |rig| {
        let Some(logon) = rig.store.logon() else {
            return Err(Halt::Unplayable(
                "the store was opened without a logon".to_owned(),
            ));
        };
        let mut flags = LOGOFF_ORDERLY;
        // SAFETY: a live variable.
        let answer = unsafe { logon.Logoff(&raw mut flags) };
        stage.answers("SYNC-16", "IMSLogon::Logoff", answer, S_OK);
        Ok(())
    })
}

pub(super) fn by_shutdown(stage: &Stage<'_>) -> Played {
    let finish = Stage::finish_after_shutdown;
    by(stage, "IMSProvider::Shutdown", finish, |rig| {
        Ok(rig.provider.shutdown()?)
    })
}

pub(super) fn by_fast_shutdown(stage: &Stage<'_>) -> Played {
    let finish = Stage::finish_after_shutdown;
    by(stage, "DoFastShutdown", finish, |rig| {
        if let Err(failure) = rig.provider.fast_shutdown() {
            stage.broken("ENTRY-10", failure.to_string());
            // Nothing else ends the run.
            rig.store.cancel()?;
        }
        Ok(())
    })
}

pub(super) fn by_last_release(stage: &Stage<'_>) -> Played {
    let (rig, held) = held(stage)?;
    let Rig {
        store,
        provider,
        host,
    } = rig;
    if !held.in_progress() {
        drop(store);
        return needs_progress(stage, &["SYNC-16"], held);
    }
    stage.step("SYNC-16", "the store’s last Release during a run");
    let before = held.progress_calls();
    open_soon(&held);
    drop(store);
    cancelled(stage, held, "the store’s last Release", before)?;
    provider.shutdown()?;
    drop(provider);
    stage.end(host);
    Ok(())
}

pub(super) fn by_progress(stage: &Stage<'_>) -> Played {
    let rig = stage.rig()?;
    stage.step("SYNC-16", "a Progress that answers MAPI_E_USER_CANCEL");
    let callback = rig
        .host
        .callback(ProgressCallback::builder().on_progress(|_, _, _| MAPI_E_USER_CANCEL));
    let run = rig
        .store
        .synchronize(&SyncRequest::default().callback(&callback));
    run.started()?;
    stage.wait("SYNC-16", &run)?;
    let (result, calls) = (run.result(), callback.calls().len());
    let asked = progress_calls(&callback);
    match result {
        _ if asked == 0 => stage.skip("SYNC-16", "the run calls no Progress"),
        Some(status) if status.is_ok() && asked == 1 => stage.skip("SYNC-16", LOST),
        _ if fails_anyway(stage, result)? => {}
        _ => stage.expect("SYNC-16", result == Some(CANCELLED), || match result {
            Some(status) => format!(
                "Progress answered MAPI_E_USER_CANCEL, {calls} calls came, and the run ended with {status}"
            ),
            None => "Progress answered MAPI_E_USER_CANCEL, and Done was never called".to_owned(),
        }),
    }
    let errors = callback.errors();
    let cancelled = result == Some(CANCELLED);
    stage.expect(
        "SYNC-12",
        !cancelled || errors.iter().all(|(status, _)| status.is_ok()),
        || format!("a cancelled run reported an error: {}", errors[0].0),
    );
    drop((run, callback));
    stage.finish(rig);
    Ok(())
}

/// A logoff doesn't wait forever, and what is logged off is gone although the run is still held.
pub(super) fn bound(stage: &Stage<'_>) -> Played {
    let (rig, held) = held(stage)?;
    let why = if held.on_caller {
        Some("the run is over when the call returns")
    } else if stage.gate().longest() <= USUAL_BOUND {
        Some("the time limit is too short: a logoff may wait for 5 s")
    } else {
        None
    };
    if let Some(why) = why {
        stage.skip("SYNC-16", why);
        stage.skip("SYNC-21", why);
        stage.let_go("SYNC-16", held)?;
        stage.finish(rig);
        return Ok(());
    }
    let Rig {
        store,
        provider,
        host,
    } = rig;
    stage.step("SYNC-16", "the store’s last Release while the run is held");
    let begin = Instant::now();
    let support = store.release();
    let took = begin.elapsed();
    stage.expect("SYNC-16", !held.gate.gave_up(), || {
        format!(
            "the store’s last Release waited for as long as the run stood still, {:.1} s: it must give up after a while, by \
             default 5 s (to see that of a longer one, give a longer time limit)",
            took.as_secs_f32()
        )
    });
    // The run of a wrapped store holds the inner store, and everything that the inner store holds.
    if !held.gate.gave_up() && stage.subject.stores.is_none() {
        stage.expect("SYNC-21", support.released, || {
            "a run that goes on keeps the store or its support object".to_owned()
        });
    }
    held.gate.open();
    stage.wait("SYNC-16", &held.run)?;
    drop(held);
    provider.shutdown()?;
    drop(provider);
    stage.end(host);
    Ok(())
}
