//! A message that comes in (XP-25 to XP-29).

use std::thread;
use std::time::{Duration, Instant};

use mapi_provider::abi::{
    MAPI_E_CALL_FAILED, MessageFlags, PR_ADDRTYPE_W, PR_DISPLAY_NAME_W, PR_DISPLAY_TYPE,
    PR_EMAIL_ADDRESS_W, PR_ENTRYID, PR_MESSAGE_CC_ME, PR_MESSAGE_CLASS_W, PR_MESSAGE_DELIVERY_TIME,
    PR_MESSAGE_FLAGS, PR_MESSAGE_RECIP_ME, PR_MESSAGE_TO_ME, PR_OBJECT_TYPE,
    PR_RCVD_REPRESENTING_ADDRTYPE_W, PR_RCVD_REPRESENTING_EMAIL_ADDRESS_W,
    PR_RCVD_REPRESENTING_ENTRYID, PR_RCVD_REPRESENTING_NAME_W, PR_RCVD_REPRESENTING_SEARCH_KEY,
    PR_RECEIVED_BY_ADDRTYPE_W, PR_RECEIVED_BY_EMAIL_ADDRESS_W, PR_RECEIVED_BY_ENTRYID,
    PR_RECEIVED_BY_NAME_W, PR_RECEIVED_BY_SEARCH_KEY, PR_RECIPIENT_TYPE, PR_SEARCH_KEY,
    PR_SENDER_ADDRTYPE_W, PR_SENDER_EMAIL_ADDRESS_W, PR_SENDER_ENTRYID, PR_SENDER_NAME_W,
    PR_SENDER_SEARCH_KEY, PR_SENT_REPRESENTING_ADDRTYPE_W, PR_SENT_REPRESENTING_EMAIL_ADDRESS_W,
    PR_SENT_REPRESENTING_ENTRYID, PR_SENT_REPRESENTING_NAME_W, PR_SENT_REPRESENTING_SEARCH_KEY,
    PropTag, S_OK, SaveChangesFlags, SpoolerNotifyFlags,
};

use super::super::super::stage::{Played, Stage};
use super::Rig;
use super::message::{lacking, number};
use crate::spooler::{OutgoingMessage, Started};
use crate::status::Status;

/// How long to wait for a message that may never come.
const AT_MOST: Duration = Duration::from_secs(5);

/// `ITEMPROC_FORCE | NON_EMS_XP_SAVE`: with these, rules of a PST run.
const RULES_RUN: u32 = 0x1800;

const PROPERTIES: [(&str, PropTag); 25] = [
    ("PR_MESSAGE_CLASS", PR_MESSAGE_CLASS_W),
    ("PR_MESSAGE_DELIVERY_TIME", PR_MESSAGE_DELIVERY_TIME),
    ("PR_MESSAGE_FLAGS", PR_MESSAGE_FLAGS),
    ("PR_MESSAGE_TO_ME", PR_MESSAGE_TO_ME),
    ("PR_MESSAGE_CC_ME", PR_MESSAGE_CC_ME),
    ("PR_MESSAGE_RECIP_ME", PR_MESSAGE_RECIP_ME),
    ("PR_SENDER_NAME", PR_SENDER_NAME_W),
    ("PR_SENDER_ADDRTYPE", PR_SENDER_ADDRTYPE_W),
    ("PR_SENDER_EMAIL_ADDRESS", PR_SENDER_EMAIL_ADDRESS_W),
    ("PR_SENDER_ENTRYID", PR_SENDER_ENTRYID),
    ("PR_SENDER_SEARCH_KEY", PR_SENDER_SEARCH_KEY),
    ("PR_SENT_REPRESENTING_NAME", PR_SENT_REPRESENTING_NAME_W),
    (
        "PR_SENT_REPRESENTING_ADDRTYPE",
        PR_SENT_REPRESENTING_ADDRTYPE_W,
    ),
    (
        "PR_SENT_REPRESENTING_EMAIL_ADDRESS",
        PR_SENT_REPRESENTING_EMAIL_ADDRESS_W,
    ),
    ("PR_SENT_REPRESENTING_ENTRYID", PR_SENT_REPRESENTING_ENTRYID),
    (
        "PR_SENT_REPRESENTING_SEARCH_KEY",
        PR_SENT_REPRESENTING_SEARCH_KEY,
    ),
    ("PR_RECEIVED_BY_NAME", PR_RECEIVED_BY_NAME_W),
    ("PR_RECEIVED_BY_ADDRTYPE", PR_RECEIVED_BY_ADDRTYPE_W),
    (
        "PR_RECEIVED_BY_EMAIL_ADDRESS",
        PR_RECEIVED_BY_EMAIL_ADDRESS_W,
    ),
    ("PR_RECEIVED_BY_ENTRYID", PR_RECEIVED_BY_ENTRYID),
    ("PR_RECEIVED_BY_SEARCH_KEY", PR_RECEIVED_BY_SEARCH_KEY),
    ("PR_RCVD_REPRESENTING_NAME", PR_RCVD_REPRESENTING_NAME_W),
    (
        "PR_RCVD_REPRESENTING_ADDRTYPE",
        PR_RCVD_REPRESENTING_ADDRTYPE_W,
    ),
    (
        "PR_RCVD_REPRESENTING_EMAIL_ADDRESS",
        PR_RCVD_REPRESENTING_EMAIL_ADDRESS_W,
    ),
    ("PR_RCVD_REPRESENTING_ENTRYID", PR_RCVD_REPRESENTING_ENTRYID),
];

const COLUMNS: [(&str, PropTag); 8] = [
    ("PR_ADDRTYPE", PR_ADDRTYPE_W),
    ("PR_DISPLAY_NAME", PR_DISPLAY_NAME_W),
    ("PR_DISPLAY_TYPE", PR_DISPLAY_TYPE),
    ("PR_EMAIL_ADDRESS", PR_EMAIL_ADDRESS_W),
    ("PR_ENTRYID", PR_ENTRYID),
    ("PR_OBJECT_TYPE", PR_OBJECT_TYPE),
    ("PR_SEARCH_KEY", PR_SEARCH_KEY),
    ("PR_RECIPIENT_TYPE", PR_RECIPIENT_TYPE),
];

/// Waits until Poll says that there is something.
fn waits(stage: &Stage<'_>, rig: &Rig) -> bool {
    let end = Instant::now() + stage.soon().min(AT_MOST);
    loop {
        match rig.spooler.poll() {
            Ok(0) => {}
            Ok(_) => return true,
            Err(failure) => {
                stage.broken("XP-25", failure.to_string());
                return false;
            }
        }
        if Instant::now() >= end {
            return false;
        }
        thread::sleep(Duration::from_millis(10));
    }
}

pub(in super::super) fn incoming(stage: &Stage<'_>) -> Played {
    let rig = Rig::new(stage)?;
    stage.step("XP-25", "Poll");
    if !waits(stage, &rig) {
        for rule in ["XP-21", "XP-25", "XP-26", "XP-27", "XP-28", "XP-29"] {
            stage.skip(rule, "no message came in");
        }
        rig.finish(stage);
        return Ok(());
    }
    stage.expect("XP-25", true, String::new);
    stage.step("XP-26", "StartMessage if SaveChanges fails");
    let message = rig.spooler.empty_message();
    message.on_call(|method, _| (method == "SaveChanges").then_some(MAPI_E_CALL_FAILED));
    start(stage, &rig, &message);
    message.let_be();
    drop(message);
    stage.step("XP-26", "Poll after StartMessage failed");
    let again = waits(stage, &rig);
    stage.expect("XP-26", again, || {
        "a message that could not be saved did not come again".to_owned()
    });
    told(stage, &rig);
    if again {
        stage.step("XP-26", "StartMessage");
        let message = rig.spooler.empty_message();
        let started = start(stage, &rig, &message);
        stage.answers("XP-26", "StartMessage", started.status, S_OK);
        written(stage, &message);
        drop(message);
        if let Err(failure) = rig.spooler.end(started.reference) {
            stage.broken("XP-23", failure.to_string());
        }
    }
    stage.step("XP-26", "StartMessage when nothing is ready");
    let count = rig.spooler.receive()?.len();
    let nothing = rig.spooler.empty_message();
    let started = rig.spooler.start(&nothing);
    if nothing.saves().is_empty() {
        let is_idle = started.status == S_OK && nothing.calls().is_empty();
        stage.expect("XP-26", is_idle, || {
            format!(
                "after {count} messages nothing is ready, and StartMessage answered {} after {} calls",
                Status(started.status),
                nothing.calls().len()
            )
        });
    }
    drop(nothing);
    rig.finish(stage);
    Ok(())
}

/// StartMessage, and how the message's count is after it.
fn start(stage: &Stage<'_>, rig: &Rig, message: &OutgoingMessage) -> Started {
    let before = message.references();
    let started = rig.spooler.start(message);
    let after = message.references();
    stage.expect("XP-24", before == after, || {
        format!("after StartMessage the message has {after} references, not {before}")
    });
    stage.expect("XP-26", started.reference > 1, || {
        format!("StartMessage put the reference {}", started.reference)
    });
    started
}

/// XP-21, XP-29: what the spooler was told.
fn told(stage: &Stage<'_>, rig: &Rig) {
    let told = rig.spooler.record().spooler_notifications;
    let is_critical = told
        .iter()
        .any(|flags| flags.contains(SpoolerNotifyFlags::NOTIFY_CRITICAL_ERROR));
    stage.expect("XP-21", !is_critical, || {
        "NOTIFY_CRITICAL_ERROR was sent because a message could not be saved".to_owned()
    });
    let is_news = told
        .iter()
        .any(|flags| flags.contains(SpoolerNotifyFlags::NOTIFY_NEWMAIL));
    stage.expect("XP-29", is_news, || {
        "a message is ready, and NOTIFY_NEWMAIL was not sent".to_owned()
    });
}

/// What StartMessage has done with the message.
fn written(stage: &Stage<'_>, message: &OutgoingMessage) {
    let calls = message.calls();
    let is_last = calls
        .last()
        .is_some_and(|call| call.method == "SaveChanges");
    stage.expect("XP-26", is_last, || {
        "SaveChanges was not the last call on the message".to_owned()
    });
    let saves = message.saves();
    stage.expect("XP-26", saves.len() == 1, || {
        format!("SaveChanges was called {} times, not once", saves.len())
    });
    for flags in saves {
        let needed = SaveChangesFlags::KEEP_OPEN_READWRITE.bits() | RULES_RUN;
        stage.expect("XP-26", flags.bits() & needed == needed, || {
            format!(
                "SaveChanges was called with 0x{:X}, without all of 0x{needed:X}",
                flags.bits()
            )
        });
    }
    let all = message.properties();
    let mut lacks = lacking(&all, &PROPERTIES);
    lacks.extend(lacking(
        &all,
        &[(
            "PR_RCVD_REPRESENTING_SEARCH_KEY",
            PR_RCVD_REPRESENTING_SEARCH_KEY,
        )],
    ));
    stage.expect("XP-27", lacks.is_empty(), || {
        format!("the message lacks {}", lacks.join(", "))
    });
    let flags = number(&all, PR_MESSAGE_FLAGS)
        .unwrap_or_default()
        .cast_unsigned();
    let wrong = MessageFlags::READ.bits() | MessageFlags::UNSENT.bits();
    stage.expect("XP-27", flags & wrong == 0, || {
        format!("PR_MESSAGE_FLAGS is 0x{flags:X}")
    });
    let rows = message.recipients();
    if rows.is_empty() {
        stage.skip("XP-28", "the message that came in has no recipients");
    }
    for row in rows {
        let lacks = lacking(&row, &COLUMNS);
        stage.expect("XP-28", lacks.is_empty(), || {
            format!("a recipient lacks {}", lacks.join(", "))
        });
    }
}
