//! A run: what the callback is told, and what is left at its end.

use std::thread;
use std::time::Duration;

use mapi_provider::abi::{MAPI_E_CALL_FAILED, S_OK};

use super::super::held::At;
use super::super::kinds::Kinds;
use super::super::stage::{Halt, Played, Stage};
use super::memory::same_in_both_widths;
use super::request::plain_result;
use super::service::no_secret_is_told;
use super::transport;
use crate::objects::{Call, CallKind, ProgressCallback, callback_count};
use crate::status::Status;
use crate::store::SyncRequest;

/// How long to wait for something that must not happen.
const A_MOMENT: Duration = Duration::from_millis(100);
/// More calls of Progress than this within a second are a flood: Outlook's display handles them on its own
/// thread.
const FLOOD: usize = 100;

/// A provider's plain life: whatever goes wrong here before the logon stops the check.
pub(super) fn basics(stage: &Stage<'_>) -> Played {
    stage.step("ENTRY-01", "loading the library");
    let host = stage.host()?;
    let kinds = Kinds::of(host.library());
    let is_book = host.library().is_address_book();
    drop(host.finish());
    if is_book {
        let text = "it is an address book, and this check plays stores and transports only";
        return Err(Halt::Unplayable(text.to_owned()));
    }
    if !kinds.store {
        return transport::basics(stage, kinds);
    }
    stage.step("ENTRY-01", "MSProviderInit, ServiceEntry and Logon");
    let rig = stage.rig()?;
    stage.ready(kinds);
    stage.expect("ENTRY-01", true, String::new);
    stage.step("SYNC-10", "a run");
    stage.run("SYNC-10", &rig)?;
    stage.step("COM-03", "logging off and shutting down");
    stage.expect("COM-03", true, String::new);
    stage.finish(rig);
    Ok(())
}

pub(super) fn order(stage: &Stage<'_>) -> Played {
    let rig = stage.rig()?;
    stage.step("SYNC-10", "the calls of a run");
    let (run, callback) = stage.start(&rig)?;
    let event = run.event().map_or(0, |event| event.as_raw() as usize);
    stage.wait("SYNC-10", &run)?;
    thread::sleep(A_MOMENT);
    let calls = callback.calls();
    let kinds: Vec<CallKind> = calls.iter().map(|call| call.kind.clone()).collect();
    let dones: Vec<&CallKind> = kinds.iter().filter(|kind| is_done(kind)).collect();
    stage.expect("SYNC-10", dones.len() == 1, || {
        format!("Done was called {} times, not once", dones.len())
    });
    stage.expect("SYNC-10", kinds.last().is_some_and(is_done), || {
        "Done was not the last call".to_owned()
    });
    for done in &dones {
        let CallKind::Done { event: told, .. } = done else {
            continue;
        };
        stage.expect("SYNC-10", *told == event, || {
            "Done was called with a handle that the call did not give out".to_owned()
        });
    }
    one_thread(stage, &calls);
    errors(stage, &callback);
    flood(stage, &calls);
    drop((run, callback));
    stage.finish(rig);
    Ok(())
}

fn is_done(kind: &CallKind) -> bool {
    matches!(kind, CallKind::Done { .. })
}

fn one_thread(stage: &Stage<'_>, calls: &[Call]) {
    let here = thread::current().id();
    let Some(worker) = calls.first().map(|call| call.thread) else {
        return;
    };
    let one = worker != here && calls.iter().all(|call| call.thread == worker);
    stage.expect("SYNC-10", one, || {
        "the callback was called on more than one thread, or on the caller’s".to_owned()
    });
}

/// SYNC-12 for a run that is over: a failure was reported once; success and cancellation weren't reported as
/// failures.
fn errors(stage: &Stage<'_>, callback: &ProgressCallback) {
    let Some(result) = callback.results().first().copied() else {
        return;
    };
    let failures: Vec<(Status, String)> = callback
        .errors()
        .into_iter()
        .filter(|(status, _)| !status.is_ok())
        .collect();
    if result.is_ok() {
        stage.expect("SYNC-12", failures.is_empty(), || {
            format!(
                "a run that ended with S_OK reported an error: {}",
                failures[0].0
            )
        });
        return;
    }
    stage.expect("SYNC-12", failures.len() == 1, || {
        format!(
            "a run that ended with {result} reported {} errors, not one",
            failures.len()
        )
    });
    for (status, text) in failures {
        stage.expect("SYNC-12", status == result, || {
            format!("Error was told {status}, and Done {result}")
        });
        stage.expect("SYNC-12", !text.trim().is_empty(), || {
            format!("Error was told {status} without a text")
        });
    }
}

/// SYNC-14: a tight loop can't flood Outlook.
fn flood(stage: &Stage<'_>, calls: &[Call]) {
    let times: Vec<_> = calls
        .iter()
        .filter(|call| matches!(call.kind, CallKind::Progress { .. }))
        .map(|call| call.at)
        .collect();
    let within = |start: usize| {
        let end = times[start] + Duration::from_secs(1);
        times[start..]
            .iter()
            .take_while(|time| **time < end)
            .count()
    };
    let most = (0..times.len()).map(within).max().unwrap_or(0);
    stage.expect("SYNC-14", most <= FLOOD, || {
        format!("Progress was called {most} times within a second: it must be limited")
    });
}

pub(super) fn end(stage: &Stage<'_>) -> Played {
    let rig = stage.rig()?;
    stage.step("SYNC-11", "Done, and what is still held then");
    let sessions = rig.host.session_count();
    let held = stage.hold(&rig, At::Done)?;
    let early = held
        .run
        .event()
        .is_some_and(|event| event.wait(Some(A_MOMENT)));
    stage.expect("SYNC-11", held.on_caller || !early, || {
        "the event was signalled before Done had returned".to_owned()
    });
    held.gate.open();
    stage.wait("SYNC-11", &held.run)?;
    // Whoever waited for the event may look immediately.
    let (session, callback) = (rig.host.session_count(), callback_count(&held.callback));
    stage.expect("SYNC-11", session == sessions, || {
        "the event was signalled before the session was released".to_owned()
    });
    stage.expect("SYNC-11", callback == 1, || {
        "the event was signalled before the callback was released".to_owned()
    });
    drop(held);
    stage.finish(rig);
    Ok(())
}

pub(super) fn failure(stage: &Stage<'_>) -> Played {
    let Some(settings) = stage.subject.failing_settings() else {
        stage.skip("SYNC-12", "no settings were given with which a run fails");
        return Ok(());
    };
    let rig = stage.rig_in(stage.configured_with(&settings)?)?;
    stage.step("SYNC-12", "a run that fails");
    let (run, callback) = stage.start(&rig)?;
    stage.wait("SYNC-12", &run)?;
    let result = callback.results().first().copied().unwrap_or(Status::OK);
    if result.is_ok() {
        stage.skip(
            "SYNC-12",
            "a run succeeded with settings with which it should fail",
        );
    } else {
        errors(stage, &callback);
        let kinds = callback.kinds();
        let last = kinds.last().is_some_and(is_done);
        stage.expect("SYNC-12", last, || {
            "a failing run’s Done was not its last call".to_owned()
        });
        same_in_both_widths(stage, &rig, result.0);
        no_secret_is_told(stage, &rig, &callback, result.0);
    }
    drop((run, callback));
    stage.finish(rig);
    Ok(())
}

pub(super) fn failing_callback(stage: &Stage<'_>) -> Played {
    let rig = stage.rig()?;
    let expected = plain_result(stage, &rig)?;
    stage.step("SYNC-14", "a run whose callback fails");
    let callback = rig
        .host
        .callback(ProgressCallback::builder().hook(|_| MAPI_E_CALL_FAILED));
    let request = SyncRequest::default().callback(&callback);
    let run = rig.store.synchronize(&request);
    stage.answers(
        "SYNC-14",
        "a request whose callback fails",
        run.status.0,
        S_OK,
    );
    run.started()?;
    stage.wait("SYNC-14", &run)?;
    let result = run.result();
    stage.expect("SYNC-14", result == Some(expected), || match result {
        Some(status) => format!("a run whose callback failed ended with {status}, not {expected}"),
        None => "a run whose callback failed never called Done".to_owned(),
    });
    drop((run, request, callback));
    stage.finish(rig);
    Ok(())
}
