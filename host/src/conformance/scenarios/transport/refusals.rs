//! Whom a message can't be sent to (XP-16, XP-18, XP-19).

use mapi_provider::abi::{
    MAPI_E_NETWORK_ERROR, MAPI_E_WAIT, PR_ADDRTYPE_W, PR_DISPLAY_NAME_W, PR_DISPLAY_TYPE,
    PR_EMAIL_ADDRESS_W, PR_ENTRYID, PR_NDR_DIAG_CODE, PR_NDR_REASON_CODE, PR_OBJECT_TYPE,
    PR_RECIPIENT_TYPE, PR_REPORT_TEXT_W, PR_REPORT_TIME, PR_SEARCH_KEY, PropTag, S_OK,
};

use super::super::super::stage::{Played, Stage};
use super::message::{
    Types, is_settled, lacking, recipient, recipients, string, text, with, without,
};
use super::{Rig, addresses};
use crate::spooler::TransportOptions;
use crate::status::Status;

/// What a report says of a recipient.
const REPORTED: [(&str, PropTag); 12] = [
    ("PR_ENTRYID", PR_ENTRYID),
    ("PR_SEARCH_KEY", PR_SEARCH_KEY),
    ("PR_DISPLAY_NAME", PR_DISPLAY_NAME_W),
    ("PR_ADDRTYPE", PR_ADDRTYPE_W),
    ("PR_EMAIL_ADDRESS", PR_EMAIL_ADDRESS_W),
    ("PR_OBJECT_TYPE", PR_OBJECT_TYPE),
    ("PR_DISPLAY_TYPE", PR_DISPLAY_TYPE),
    ("PR_RECIPIENT_TYPE", PR_RECIPIENT_TYPE),
    ("PR_NDR_REASON_CODE", PR_NDR_REASON_CODE),
    ("PR_NDR_DIAG_CODE", PR_NDR_DIAG_CODE),
    ("PR_REPORT_TEXT", PR_REPORT_TEXT_W),
    ("PR_REPORT_TIME", PR_REPORT_TIME),
];

pub(in super::super) fn no_address(stage: &Stage<'_>) -> Played {
    let rig = Rig::new(stage)?;
    stage.step("XP-18", "SubmitMessage to recipients without an address");
    let kind = Types::of(rig.logon()).first();
    let named = |name: &str| with(recipient(&kind, ""), text(PR_DISPLAY_NAME_W, name));
    let rows = [
        without(named("no address"), PR_EMAIL_ADDRESS_W),
        named("an empty address"),
    ];
    let message = rig.message_to(&rows);
    let sent = rig.spooler.submit(&message);
    let reports = rig.spooler.record().reports;
    let told = |name: &str| {
        let mut all = reports.iter().flatten();
        all.any(|one| string(one, PR_DISPLAY_NAME_W) == Some(name))
    };
    for row in recipients(&message) {
        let name = string(&row, PR_DISPLAY_NAME_W).unwrap_or_default();
        let is_lost = is_settled(&row) && !told(name);
        let lost = || {
            format!(
                "SubmitMessage answered {}, and a recipient without an address got PR_RESPONSIBILITY TRUE and no report",
                Status(sent.status)
            )
        };
        stage.expect("XP-18", !is_lost, lost);
        stage.expect("XP-16", !is_lost, lost);
    }
    drop(message);
    rig.finish(stage);
    Ok(())
}

pub(in super::super) fn refused(stage: &Stage<'_>) -> Played {
    let to = &stage.subject.refused;
    if to.is_empty() {
        let why = "say `--refused ADDRESS` to see what becomes of a recipient who is refused";
        stage.skip("XP-18", why);
        stage.skip("XP-16", why);
        return Ok(());
    }
    let rig = Rig::new(stage)?;
    stage.step("XP-18", "SubmitMessage to recipients who are refused");
    let message = rig.message(to);
    let faults = rig.host.allocators().faults().len();
    let sent = rig.spooler.submit(&message);
    stage.answers(
        "XP-18",
        "SubmitMessage to recipients who are refused",
        sent.status,
        S_OK,
    );
    let faults = rig.host.allocators().faults().split_off(faults);
    stage.expect("XP-18", faults.is_empty(), || {
        format!("the list of StatusRecips is MAPI’s: {}", faults[0])
    });
    let reports = rig.spooler.record().reports;
    stage.expect("XP-18", reports.len() == 1, || {
        format!("StatusRecips was called {} times, not once", reports.len())
    });
    let told: Vec<_> = reports.iter().flatten().collect();
    stage.expect("XP-18", told.len() == to.len(), || {
        format!(
            "{} were refused, and StatusRecips was told of {}",
            to.len(),
            told.len()
        )
    });
    for one in told {
        let lacks = lacking(one, &REPORTED);
        stage.expect("XP-18", lacks.is_empty(), || {
            format!("a row of StatusRecips lacks {}", lacks.join(", "))
        });
    }
    let open = recipients(&message)
        .iter()
        .filter(|row| !is_settled(row))
        .count();
    stage.expect("XP-16", open == 0, || {
        format!("{open} recipients who were refused are without PR_RESPONSIBILITY TRUE")
    });
    drop(message);
    rig.finish(stage);
    Ok(())
}

pub(in super::super) fn later(stage: &Stage<'_>) -> Played {
    const RULES: [&str; 2] = ["XP-19", "XP-13"];
    let Some(to) = addresses(stage, &RULES) else {
        return Ok(());
    };
    let Some(failing) = stage.subject.failing_settings() else {
        let why =
            "say `--failing NAME=VALUE` to see what becomes of a message that can’t be sent now";
        RULES.iter().for_each(|rule| stage.skip(rule, why));
        return Ok(());
    };
    let host = stage.configured_with(&failing)?;
    stage.step("XP-19", "SubmitMessage with the failing settings");
    let rig = match Rig::in_host(host, &TransportOptions::default()) {
        Ok(rig) => rig,
        Err(_) => {
            let why = "with the failing settings there is no logon";
            RULES.iter().for_each(|rule| stage.skip(rule, why));
            return Ok(());
        }
    };
    let message = rig.message(to);
    let sent = rig.spooler.submit(&message);
    let settled = recipients(&message)
        .iter()
        .filter(|row| is_settled(row))
        .count();
    let waits = [MAPI_E_WAIT, MAPI_E_NETWORK_ERROR].contains(&sent.status);
    let said = || format!("SubmitMessage answered {}", Status(sent.status));
    stage.expect("XP-19", waits || sent.status == S_OK, || {
        format!(
            "{}, neither S_OK nor MAPI_E_WAIT or MAPI_E_NETWORK_ERROR",
            said()
        )
    });
    let is_right = match waits {
        true => settled == 0,
        false => settled == to.len(),
    };
    stage.expect("XP-19", is_right, || {
        format!(
            "{}, and {settled} of {} recipients have PR_RESPONSIBILITY TRUE",
            said(),
            to.len()
        )
    });
    let has_seconds = sent.seconds != 0 && sent.seconds != usize::MAX;
    stage.expect("XP-13", has_seconds == waits, || {
        format!(
            "{}, and *lpulReturnParm is {}",
            said(),
            sent.seconds.cast_signed()
        )
    });
    drop(message);
    rig.finish(stage);
    Ok(())
}
