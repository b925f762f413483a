//! NOTIFY_CANCEL_MESSAGE and SubmitMessage in SubmitMessage (XP-12, XP-14).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use mapi_provider::abi::{
    IMessage, IXPLogon, MAPI_E_BUSY, MAPI_E_USER_CANCEL, TransportNotifyFlags, TransportSubmitFlags,
};
use windows_core::{HRESULT, Interface};

use super::super::super::stage::{Played, Stage};
use super::{Rig, Shared, addresses, tell};
use crate::locks::lock;
use crate::spooler::OutgoingMessage;

/// What a place for a reference holds before the call.
const UNWRITTEN: usize = usize::MAX;

/// Calls SubmitMessage with a place for the reference that others may look into.
fn submit(logon: &IXPLogon, message: &IMessage, reference: &AtomicUsize) -> (HRESULT, usize) {
    let mut seconds = UNWRITTEN;
    let none = TransportSubmitFlags::empty();
    // SAFETY: the message is alive, and so are both places.
    let status =
        unsafe { logon.SubmitMessage(none, message.as_raw(), reference.as_ptr(), &mut seconds) };
    (status, seconds)
}

/// Submits a message, and cancels in its first call what `meant` makes of its reference.
fn cancelled(
    rig: &Rig,
    message: &OutgoingMessage,
    meant: fn(usize) -> usize,
) -> (HRESULT, usize, usize) {
    let reference = Arc::new(AtomicUsize::new(UNWRITTEN));
    let seen = Arc::new(AtomicUsize::new(UNWRITTEN));
    let (place, noted) = (Arc::clone(&reference), Arc::clone(&seen));
    let logon = Mutex::new(Some(Shared(rig.logon().clone())));
    message.on_call(move |_, _| {
        if let Some(Shared(logon)) = lock(&logon).take() {
            let now = place.load(Ordering::Relaxed);
            noted.store(now, Ordering::Relaxed);
            let _ = tell(
                &logon,
                TransportNotifyFlags::NOTIFY_CANCEL_MESSAGE,
                meant(now),
            );
        }
        None
    });
    let (status, seconds) = submit(rig.logon(), &message.interface(), &reference);
    message.let_be();
    (status, seconds, seen.load(Ordering::Relaxed))
}

pub(in super::super) fn cancel(stage: &Stage<'_>) -> Played {
    let Some(to) = addresses(stage, &["XP-12", "XP-13"]) else {
        return Ok(());
    };
    let rig = Rig::new(stage)?;
    stage.step(
        "XP-12",
        "NOTIFY_CANCEL_MESSAGE in the first call of SubmitMessage on the message",
    );
    let message = rig.message(to);
    let (status, seconds, seen) = cancelled(&rig, &message, |reference| reference);
    stage.expect("XP-13", seen != UNWRITTEN, || {
        "*lpulMsgRef was not written before the first call on the message".to_owned()
    });
    stage.answers(
        "XP-12",
        "SubmitMessage of a message that was cancelled",
        status,
        MAPI_E_USER_CANCEL,
    );
    stage.expect("XP-13", seconds == 0, || {
        format!(
            "a message was cancelled, and *lpulReturnParm is {}",
            seconds.cast_signed()
        )
    });
    drop(message);
    stage.step("XP-12", "NOTIFY_CANCEL_MESSAGE of another reference");
    let message = rig.message(to);
    let (status, ..) = cancelled(&rig, &message, |reference| reference.wrapping_add(1000));
    stage.expect("XP-12", status != MAPI_E_USER_CANCEL, || {
        "a message was cancelled by the reference of another".to_owned()
    });
    drop(message);
    rig.finish(stage);
    Ok(())
}

/// What a closure takes along. It stays on its thread.
struct Inner(IXPLogon, IMessage);

// SAFETY: the closure runs on the thread that has made it.
unsafe impl Send for Inner {}

pub(in super::super) fn re_entered(stage: &Stage<'_>) -> Played {
    let Some(to) = addresses(stage, &["XP-14"]) else {
        return Ok(());
    };
    let rig = Rig::new(stage)?;
    stage.step(
        "XP-14",
        "SubmitMessage in a call of SubmitMessage on its message",
    );
    let (outer, inner) = (rig.message(to), rig.message(to));
    let calls = Mutex::new(Some(Inner(rig.logon().clone(), inner.interface())));
    let answer = Arc::new(Mutex::new(None));
    let noted = Arc::clone(&answer);
    outer.on_call(move |_, _| {
        if let Some(Inner(logon, message)) = lock(&calls).take() {
            let place = AtomicUsize::new(UNWRITTEN);
            let (status, _) = submit(&logon, &message, &place);
            *lock(&noted) = Some(status);
        }
        None
    });
    let place = AtomicUsize::new(UNWRITTEN);
    let _ = submit(rig.logon(), &outer.interface(), &place);
    outer.let_be();
    let answered = *lock(&answer);
    match answered {
        None => stage.skip("XP-14", "SubmitMessage called no method of its message"),
        Some(status) => {
            stage.answers(
                "XP-14",
                "SubmitMessage while another runs",
                status,
                MAPI_E_BUSY,
            );
            let calls = inner.calls().len();
            stage.expect("XP-14", calls == 0, || {
                format!("SubmitMessage while another runs called {calls} methods of its message")
            });
        }
    }
    drop((outer, inner));
    rig.finish(stage);
    Ok(())
}
