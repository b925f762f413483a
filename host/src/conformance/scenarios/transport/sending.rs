//! A message that goes out (XP-13, XP-15 to XP-17, XP-20, XP-21, XP-24).

use std::mem;
use std::thread;
use std::time::{Duration, Instant};

use mapi_provider::abi::{
    MAPI_E_NOT_ME, MAPI_P1, MAPI_SUBMITTED, MAPI_TO, ModifyRecipientsFlags, PR_CLIENT_SUBMIT_TIME,
    PR_MESSAGE_DELIVERY_TIME, PR_PROVIDER_SUBMIT_TIME, PR_RECIPIENT_TYPE, PR_ROWID,
    PR_SENDER_ADDRTYPE_W, PR_SENDER_EMAIL_ADDRESS_W, PR_SENDER_ENTRYID, PR_SENDER_NAME_W,
    PR_SENDER_SEARCH_KEY, PR_SENT_REPRESENTING_ADDRTYPE_W, PR_SENT_REPRESENTING_EMAIL_ADDRESS_W,
    PR_SENT_REPRESENTING_ENTRYID, PR_SENT_REPRESENTING_NAME_W, PR_SENT_REPRESENTING_SEARCH_KEY,
    PropTag, S_OK, SaveChangesFlags, SpoolerNotifyFlags,
};

use super::super::super::stage::{Played, Stage};
use super::message::{
    FOREIGN, Types, get, is_settled, lacking, long, number, properties, recipient, recipients,
    string, text, with,
};
use super::{Rig, addresses};
use crate::property::{Property, Value};
use crate::spooler::{OutgoingMessage, Submission};
use crate::status::Status;

/// What takes longer must yield.
const LONG: Duration = Duration::from_millis(500);

/// Who has written the message, as somebody says who is not the transport.
const MALLORY: &str = "mallory@example.org";

pub(in super::super) fn send(stage: &Stage<'_>) -> Played {
    let Some(to) = addresses(stage, &["XP-13", "XP-16", "XP-17", "XP-20", "XP-24"]) else {
        return Ok(());
    };
    let rig = Rig::new(stage)?;
    stage.step("XP-16", "SubmitMessage");
    let kind = Types::of(rig.logon()).first();
    let rows: Vec<Vec<Property>> = to.iter().map(|to| recipient(&kind, to)).collect();
    let mut given = properties();
    given.push(text(PR_SENDER_NAME_W, "Mallory"));
    given.push(text(PR_SENDER_EMAIL_ADDRESS_W, MALLORY));
    let message = rig.spooler.message(&given, &rows);
    let before = rig.spooler.record().yields;
    let begin = Instant::now();
    let sent = submit(stage, &rig, &message);
    let took = begin.elapsed();
    stage.answers("XP-16", "SubmitMessage", sent.status, S_OK);
    settled(stage, &message, rows.len());
    signed(stage, &message);
    let yields = rig.spooler.record().yields - before;
    match took < LONG {
        true => stage.skip("XP-20", "SubmitMessage took no time"),
        false => stage.expect("XP-20", yields > 0, || {
            format!(
                "SubmitMessage took {:.1} s and never called SpoolerYield",
                took.as_secs_f32()
            )
        }),
    }
    let here = thread::current().id();
    let elsewhere = message
        .calls()
        .iter()
        .filter(|call| call.thread != here)
        .count();
    stage.expect("XP-20", elsewhere == 0, || {
        format!("{elsewhere} methods of the message were called on another thread")
    });

    stage.step(
        "XP-13",
        "SubmitMessage before the EndMessage of the message before",
    );
    let next = rig.message(to);
    let second = submit(stage, &rig, &next);
    stage.expect("XP-13", second.reference != sent.reference, || {
        format!("two messages have the reference {}", sent.reference)
    });
    for reference in [sent.reference, second.reference] {
        stage.step("XP-23", "EndMessage");
        match rig.spooler.end(reference) {
            Ok(flags) => stage.expect("XP-23", flags.is_empty(), || {
                format!("EndMessage left 0x{:X} in *lpulFlags", flags.bits())
            }),
            Err(failure) => stage.broken("XP-23", failure.to_string()),
        }
    }
    drop((message, next));
    rig.finish(stage);
    Ok(())
}

/// Submits a message; its count must be what it was, and the outs what they mean.
fn submit(stage: &Stage<'_>, rig: &Rig, message: &OutgoingMessage) -> Submission {
    // So many that one too few is seen and does no harm.
    let ours = [(); 4].map(|()| message.interface());
    let before = message.references();
    let sent = rig.spooler.submit(message);
    let after = message.references();
    stage.expect("XP-24", before == after, || {
        format!("after SubmitMessage the message has {after} references, not {before}")
    });
    // Those that the transport has released are not ours any more.
    let left = ours.len() - before.saturating_sub(after).min(4) as usize;
    let mut ours = Vec::from(ours);
    ours.drain(left..).for_each(mem::forget);
    let unwritten = usize::MAX;
    stage.expect(
        "XP-13",
        ![0, 1, unwritten].contains(&sent.reference),
        || match sent.reference {
            usize::MAX => "SubmitMessage left *lpulMsgRef unchanged".to_owned(),
            other => format!("*lpulMsgRef is {other}"),
        },
    );
    let waits = sent.seconds != 0;
    stage.expect("XP-13", sent.status != S_OK || !waits, || {
        match sent.seconds {
            usize::MAX => "SubmitMessage left *lpulReturnParm unchanged".to_owned(),
            other => format!("SubmitMessage answered S_OK, and *lpulReturnParm is {other}"),
        }
    });
    sent
}

/// XP-16: who was accepted is written into the message, with all that was there, and saved.
fn settled(stage: &Stage<'_>, message: &OutgoingMessage, count: usize) {
    let rows = recipients(message);
    stage.expect("XP-15", rows.len() == count, || {
        format!("the message had {count} recipients, and has {}", rows.len())
    });
    let open = rows.iter().filter(|row| !is_settled(row)).count();
    stage.expect("XP-16", open == 0, || {
        format!("S_OK, and {open} recipients are without PR_RESPONSIBILITY TRUE")
    });
    let modified = message.modified();
    let changes = modified
        .iter()
        .filter(|(flags, _)| *flags == ModifyRecipientsFlags::MODRECIP_MODIFY);
    for row in changes.flat_map(|(_, rows)| rows) {
        let foreign = row
            .iter()
            .any(|one| one.id == FOREIGN && one.value == Value::Binary(vec![1, 2, 3]));
        let is_whole = foreign && number(row, PR_ROWID).is_some();
        stage.expect("XP-16", is_whole, || {
            "a row of ModifyRecipients is without columns that it had".to_owned()
        });
    }
    let other = modified.len() != 1;
    stage.expect("XP-16", !other, || {
        format!(
            "ModifyRecipients was called {} times, not once",
            modified.len()
        )
    });
    saved(stage, message);
}

/// XP-16: it was saved, and can still be used.
fn saved(stage: &Stage<'_>, message: &OutgoingMessage) {
    let saves = message.saves();
    stage.expect("XP-16", !saves.is_empty(), || {
        "the message was not saved".to_owned()
    });
    for flags in saves {
        stage.expect("XP-16", flags.contains(SaveChangesFlags::KEEP_OPEN_READWRITE), || {
            format!("SaveChanges was called with 0x{:X}: the spooler’s message can’t be used any more", flags.bits())
        });
    }
}

const SENDER: [(&str, PropTag); 10] = [
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
];

/// XP-17: who has sent it, and when.
fn signed(stage: &Stage<'_>, message: &OutgoingMessage) {
    let all = message.properties();
    let lacks = lacking(&all, &SENDER);
    stage.expect("XP-17", lacks.is_empty(), || {
        format!("the message lacks {}", lacks.join(", "))
    });
    let address = string(&all, PR_SENDER_EMAIL_ADDRESS_W).unwrap_or_default();
    stage.expect("XP-17", address != MALLORY, || {
        "PR_SENDER_EMAIL_ADDRESS is what somebody else has put there".to_owned()
    });
    let kind = string(&all, PR_SENDER_ADDRTYPE_W).unwrap_or_default();
    let key = format!("{kind}:{address}\0").to_uppercase().into_bytes();
    let came = get(&all, PR_SENDER_SEARCH_KEY).cloned();
    stage.expect("XP-17", came == Some(Value::Binary(key)), || {
        "PR_SENDER_SEARCH_KEY is not TYPE:ADDRESS in upper case, with its NUL".to_owned()
    });
    for (name, tag) in [
        ("PR_PROVIDER_SUBMIT_TIME", PR_PROVIDER_SUBMIT_TIME),
        ("PR_CLIENT_SUBMIT_TIME", PR_CLIENT_SUBMIT_TIME),
    ] {
        let is_there = get(&all, tag).is_some();
        stage.expect("XP-17", is_there, || format!("the message lacks {name}"));
    }
    let is_delivered = get(&all, PR_MESSAGE_DELIVERY_TIME).is_some();
    stage.expect("XP-17", !is_delivered, || {
        "a message that goes out got PR_MESSAGE_DELIVERY_TIME".to_owned()
    });
}

pub(in super::super) fn rows(stage: &Stage<'_>) -> Played {
    let Some(to) = addresses(stage, &["XP-15"]) else {
        return Ok(());
    };
    let rig = Rig::new(stage)?;
    stage.step(
        "XP-15",
        "SubmitMessage of a message with an address twice, with MAPI_P1 and MAPI_SUBMITTED rows",
    );
    let kind = Types::of(rig.logon()).first();
    let row =
        |address: &str, class: u32| with(recipient(&kind, address), long(PR_RECIPIENT_TYPE, class));
    let first = to.first().map(String::as_str).unwrap_or_default();
    let given = [
        row(first, MAPI_TO),
        row(&first.to_uppercase(), MAPI_TO),
        row(first, MAPI_TO | MAPI_P1),
        row(first, MAPI_TO | MAPI_SUBMITTED),
    ];
    let message = rig.message_to(&given);
    let sent = rig.spooler.submit(&message);
    stage.answers("XP-15", "SubmitMessage", sent.status, S_OK);
    let rows = recipients(&message);
    stage.expect("XP-15", rows.len() == given.len(), || {
        format!(
            "the message had {} recipients, and has {}",
            given.len(),
            rows.len()
        )
    });
    let open = rows.iter().take(3).filter(|row| !is_settled(row)).count();
    stage.expect("XP-15", open == 0, || {
        format!("{open} of three rows of one address are not settled")
    });
    let is_sent_again = rows.get(3).is_some_and(|row| is_settled(row));
    stage.expect("XP-15", !is_sent_again, || {
        "a row with MAPI_SUBMITTED was settled again".to_owned()
    });
    drop(message);
    rig.finish(stage);
    Ok(())
}

pub(in super::super) fn not_me(stage: &Stage<'_>) -> Played {
    let rig = Rig::new(stage)?;
    if Types::of(rig.logon()).texts.is_empty() {
        stage.skip("XP-15", "the transport takes every type of address");
        stage.skip("XP-21", "the transport takes every type of address");
        rig.finish(stage);
        return Ok(());
    }
    stage.step("XP-15", "SubmitMessage of a message for another transport");
    let message = rig.message_to(&[recipient("X-CHECK", "check")]);
    let sent = rig.spooler.submit(&message);
    stage.answers(
        "XP-15",
        "SubmitMessage of a message for another transport",
        sent.status,
        MAPI_E_NOT_ME,
    );
    let touched = [
        "SetProps",
        "ModifyRecipients",
        "SaveChanges",
        "DeleteProps",
        "CreateAttach",
    ];
    let calls = message.calls();
    let touches: Vec<&str> = calls
        .iter()
        .map(|call| call.method)
        .filter(|name| touched.contains(name))
        .collect();
    stage.expect("XP-15", touches.is_empty(), || {
        format!(
            "a message for another transport was changed: {}",
            touches.join(", ")
        )
    });
    let told = rig.spooler.record().spooler_notifications;
    let critical = SpoolerNotifyFlags::NOTIFY_CRITICAL_ERROR;
    let is_critical = told.iter().any(|flags| flags.contains(critical));
    stage.expect("XP-21", !is_critical, || {
        format!(
            "NOTIFY_CRITICAL_ERROR was sent with {}",
            Status(sent.status)
        )
    });
    drop(message);
    rig.finish(stage);
    Ok(())
}
