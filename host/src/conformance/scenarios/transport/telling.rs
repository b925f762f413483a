//! What MAPI is told in the status row (XP-06, XP-08).

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;

use mapi_provider::abi::{
    MAPI_E_BUSY, ModifyStatusRowFlags, S_OK, StatusFlags, TransportLogonFlags, TransportNotifyFlags,
};

use super::super::super::stage::{Played, Stage};
use super::{Rig, Shared, code, tell};
use crate::locks::lock;
use crate::property::Property;
use crate::spooler::TransportOptions;

pub(in super::super) fn directions(stage: &Stage<'_>) -> Played {
    let options = TransportOptions {
        flags: TransportOptions::default().flags
            | TransportLogonFlags::LOGON_NO_OUTBOUND
            | TransportLogonFlags::LOGON_NO_INBOUND,
        ..TransportOptions::default()
    };
    stage.step(
        "XP-06",
        "TransportLogon with LOGON_NO_OUTBOUND and LOGON_NO_INBOUND",
    );
    let rig = Rig::with(stage, &options)?;
    stage.step("XP-06", "SubmitMessage while outbound is off");
    let message = rig.message(&["check@example.org".to_owned()]);
    let sent = rig.spooler.submit(&message);
    stage.answers(
        "XP-06",
        "SubmitMessage while outbound is off",
        sent.status,
        MAPI_E_BUSY,
    );
    let calls = message.calls().len();
    stage.expect("XP-06", calls == 0, || {
        format!("while outbound is off, SubmitMessage called {calls} methods of the message")
    });
    drop(message);
    stage.step("XP-06", "Poll while inbound is off");
    let count = rig.spooler.poll()?;
    stage.expect("XP-06", count == 0, || {
        format!("while inbound is off, Poll says {count}")
    });

    let (out, inward) = (StatusFlags::OUTBOUND_ENABLED, StatusFlags::INBOUND_ENABLED);
    let now = code(&rig.spooler.record());
    stage.expect("XP-06", !now.intersects(out | inward), || {
        format!(
            "while both directions are off, PR_STATUS_CODE is 0x{:X}",
            now.bits()
        )
    });
    for (begin, end, bit, others) in [
        (
            TransportNotifyFlags::NOTIFY_BEGIN_OUTBOUND,
            TransportNotifyFlags::NOTIFY_END_OUTBOUND,
            out,
            inward,
        ),
        (
            TransportNotifyFlags::NOTIFY_BEGIN_INBOUND,
            TransportNotifyFlags::NOTIFY_END_INBOUND,
            inward,
            out,
        ),
    ] {
        stage.step("XP-08", "TransportNotify that a direction begins, and ends");
        let status = tell(rig.logon(), begin, 0);
        stage.answers("XP-11", "TransportNotify", status, S_OK);
        let begun = code(&rig.spooler.record());
        // A transport that receives nothing has no inbound.
        let must = bit == out;
        stage.expect("XP-08", begun.contains(bit) || !must, || {
            format!(
                "after its begin, PR_STATUS_CODE is 0x{:X}, without 0x{:X}",
                begun.bits(),
                bit.bits()
            )
        });
        stage.expect("XP-08", !begun.intersects(others), || {
            format!(
                "the begin of one direction set the bit of the other: 0x{:X}",
                begun.bits()
            )
        });
        let is_available = begun.contains(StatusFlags::AVAILABLE);
        stage.expect("XP-08", is_available, || {
            "TransportNotify cleared STATUS_AVAILABLE".to_owned()
        });
        let status = tell(rig.logon(), end, 0);
        stage.answers("XP-11", "TransportNotify", status, S_OK);
        let ended = code(&rig.spooler.record());
        stage.expect("XP-08", !ended.contains(bit), || {
            format!(
                "after its end, PR_STATUS_CODE is 0x{:X}, still with 0x{:X}",
                ended.bits(),
                bit.bits()
            )
        });
    }
    only_changes(stage, &rig);
    rig.finish(stage);
    Ok(())
}

/// Rows after the first say that they change one, and have only what changes.
fn only_changes(stage: &Stage<'_>, rig: &Rig) {
    let record = rig.spooler.record();
    let mut rows = record.status_rows.iter().zip(&record.status_row_flags);
    let Some((first, _)) = rows.next() else {
        return;
    };
    let mut known: Vec<Property> = first.clone();
    for (row, flags) in rows {
        let is_update = flags.contains(ModifyStatusRowFlags::STATUSROW_UPDATE);
        stage.expect("XP-08", is_update, || {
            "a later ModifyStatusRow is without STATUSROW_UPDATE".to_owned()
        });
        let same = row.iter().filter(|one| known.contains(one)).count();
        stage.expect("XP-08", same == 0, || {
            format!("a later ModifyStatusRow has {same} columns that have not changed")
        });
        for property in row {
            known.retain(|one| one.id != property.id);
            known.push(property.clone());
        }
    }
}

pub(in super::super) fn told_without_a_lock(stage: &Stage<'_>) -> Played {
    let rig = Rig::new(stage)?;
    stage.step(
        "XP-08",
        "TransportNotify on another thread while ModifyStatusRow is called",
    );
    let logon = Arc::new(Shared(rig.logon().clone()));
    let waited = Arc::new(Mutex::new(Vec::new()));
    let (noted, soon) = (Arc::clone(&waited), stage.soon() / 2);
    rig.spooler.on_row(move || {
        let (done, is_done) = channel();
        let logon = Arc::clone(&logon);
        thread::spawn(move || {
            let status = tell(&logon.0, TransportNotifyFlags::empty(), 0);
            // Before whoever waits goes on, and looks what is left.
            drop(logon);
            // Whoever waited may be gone.
            let _ = done.send(status);
        });
        lock(&noted).push(is_done.recv_timeout(soon).is_ok());
    });
    let _ = tell(rig.logon(), TransportNotifyFlags::NOTIFY_END_OUTBOUND, 0);
    rig.spooler.on_row(|| {});
    let waited = lock(&waited).clone();
    if waited.is_empty() {
        stage.skip("XP-08", "the end of outbound changes nothing in the row");
    }
    for answered in waited {
        stage.expect("XP-08", answered, || {
            "a lock is held while ModifyStatusRow is called: TransportNotify waited for it on another thread".to_owned()
        });
        stage.expect("XP-11", answered, || {
            "TransportNotify waited for another thread".to_owned()
        });
    }
    rig.finish(stage);
    Ok(())
}
