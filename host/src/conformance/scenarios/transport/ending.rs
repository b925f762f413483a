//! The status object, logoff, and what is left (XP-32 to XP-34).

use std::ptr;

use mapi_provider::abi::{
    FlushQueuesFlags, IMAPIStatus, MAPI_E_NO_SUPPORT, MAPI_STATUS, OpenStatusEntryFlags,
    PR_OBJECT_TYPE, PR_RESOURCE_METHODS, PR_STATUS_CODE, S_OK, TransportNotifyFlags, UnicodeFlags,
    ValidateStateFlags,
};
use windows_core::{HRESULT, Interface};

use super::super::super::stage::{Halt, Played, Stage};
use super::message::{get, number};
use super::{Rig, tell};
use crate::property::Property;
use crate::status::{Failure, Status};

/// Opens the status object as the status table does.
fn open(rig: &Rig) -> Result<(u32, IMAPIStatus), Halt> {
    let (mut kind, mut entry) = (0, ptr::null_mut());
    let flags = OpenStatusEntryFlags::MAPI_MODIFY;
    // SAFETY: the places are locals.
    let status = unsafe {
        let logon = rig.logon();
        logon.OpenStatusEntry(ptr::null(), flags, &mut kind, &mut entry)
    };
    if status.is_err() || entry.is_null() {
        return Err(Failure::new("IXPLogon::OpenStatusEntry with MAPI_MODIFY", status).into());
    }
    // SAFETY: the provider's object, whose reference is ours now.
    Ok((kind, unsafe { IMAPIStatus::from_raw(entry) }))
}

/// A bit of PR_RESOURCE_METHODS, what it is called, and what that method answers.
type Method<'a> = (u32, &'static str, &'a dyn Fn() -> HRESULT);

pub(in super::super) fn status_object(stage: &Stage<'_>) -> Played {
    let rig = Rig::new(stage)?;
    stage.step("XP-32", "OpenStatusEntry with MAPI_MODIFY and a NULL IID");
    let (kind, object) = open(&rig)?;
    stage.expect("XP-32", kind == MAPI_STATUS, || {
        format!("*lpulObjType is {kind}, not MAPI_STATUS")
    });
    let record = rig.spooler.record();
    let row = record.status_rows.first().cloned().unwrap_or_default();
    stage.step("XP-32", "GetProps of the status object");
    let told = properties(&rig, &object)?;
    // Only the code may have changed meanwhile.
    for property in row.iter().filter(|one| one.id != PR_STATUS_CODE.id()) {
        stage.expect("XP-32", told.contains(property), || {
            format!("GetProps and the row don’t agree in 0x{:04X}", property.id)
        });
    }
    let is_status = get(&told, PR_OBJECT_TYPE).is_some()
        && number(&told, PR_OBJECT_TYPE) == Some(MAPI_STATUS as i32);
    stage.expect("XP-32", is_status, || {
        "PR_OBJECT_TYPE is not MAPI_STATUS".to_owned()
    });
    let mask = number(&row, PR_RESOURCE_METHODS)
        .unwrap_or_default()
        .cast_unsigned();
    // SAFETY: calls without pointers but NULL.
    let methods: [Method<'_>; 3] = unsafe {
        [
            (1, "ValidateState", &|| {
                object.ValidateState(0, ValidateStateFlags::empty())
            }),
            (2, "SettingsDialog", &|| {
                object.SettingsDialog(0, Default::default())
            }),
            (8, "FlushQueues", &|| {
                let upload = FlushQueuesFlags::FLUSH_UPLOAD;
                object.FlushQueues(0, 0, ptr::null_mut(), upload)
            }),
        ]
    };
    for (bit, name, call) in methods {
        stage.step("XP-32", format!("{name} of the status object"));
        let (is_named, answer) = (mask & bit != 0, call());
        stage.expect("XP-32", is_named == (answer != MAPI_E_NO_SUPPORT), || {
            format!(
                "PR_RESOURCE_METHODS is 0x{mask:X}, and {name} answers {}",
                Status(answer)
            )
        });
    }
    let _ = tell(
        rig.logon(),
        TransportNotifyFlags::NOTIFY_END_OUTBOUND_FLUSH,
        0,
    );
    drop(object);
    rig.finish(stage);
    Ok(())
}

/// All properties of the status object.
fn properties(rig: &Rig, object: &IMAPIStatus) -> Result<Vec<Property>, Halt> {
    let (mut count, mut values) = (0, ptr::null_mut());
    // SAFETY: the places are locals, and what comes is MAPI's memory.
    unsafe {
        let unicode = UnicodeFlags::MAPI_UNICODE;
        let status = object.GetProps(ptr::null_mut(), unicode, &mut count, &mut values);
        if status.is_err() {
            return Err(Failure::new("IMAPIStatus::GetProps", status).into());
        }
        let told = Property::read_all(count, values);
        rig.host.allocators().free(values.cast());
        Ok(told.into_iter().flatten().collect())
    }
}

pub(in super::super) fn logoff(stage: &Stage<'_>) -> Played {
    let rig = Rig::new(stage)?;
    let (_, object) = open(&rig)?;
    stage.step("XP-33", "TransportLogoff");
    if let Err(failure) = rig.spooler.log_off() {
        stage.broken("XP-33", failure.to_string());
    }
    stage.expect("XP-33", rig.spooler.record().released, || {
        "TransportLogoff did not release the support object".to_owned()
    });
    stage.step("XP-33", "a second TransportLogoff");
    if let Err(failure) = rig.spooler.log_off() {
        stage.broken("XP-33", failure.to_string());
    }
    stage.step("XP-33", "SubmitMessage after TransportLogoff");
    let message = rig.spooler.message(&super::message::properties(), &[]);
    let sent = rig.spooler.submit(&message);
    let is_untouched = sent.status.is_err() && message.calls().is_empty();
    stage.expect("XP-33", is_untouched, || {
        format!(
            "after TransportLogoff, SubmitMessage answered {}",
            Status(sent.status)
        )
    });
    drop(message);
    stage.step("XP-33", "other calls after TransportLogoff");
    let logon = rig.logon();
    let none = ValidateStateFlags::empty();
    // What they answer is up to the transport; none may crash.
    // SAFETY: calls without pointers.
    let _ = unsafe {
        (
            logon.Idle(0),
            logon.ValidateState(0, none),
            object.ValidateState(0, none),
        )
    };
    let _ = (
        rig.spooler.poll(),
        tell(logon, TransportNotifyFlags::NOTIFY_END_INBOUND, 0),
    );
    drop(object);
    rig.finish_after_logoff(stage);
    Ok(())
}

pub(in super::super) fn release(stage: &Stage<'_>) -> Played {
    let rig = Rig::new(stage)?;
    stage.step(
        "XP-34",
        "Release without TransportLogoff, after a status object was opened",
    );
    drop(open(&rig)?);
    let (_, kept) = open(&rig)?;
    let Rig {
        spooler,
        transport,
        host,
    } = rig;
    let record = spooler.forget();
    stage.expect("XP-34", record.released, || {
        "after the last Release of the logon its support object is still held".to_owned()
    });
    stage.step(
        "XP-33",
        "ValidateState of a status object whose logon is gone",
    );
    // SAFETY: a call without pointers.
    let status = unsafe { kept.ValidateState(0, ValidateStateFlags::empty()) };
    stage.expect("XP-33", status != S_OK || record.released, || {
        "a status object works on after its logon".to_owned()
    });
    drop(kept);
    drop(transport);
    stage.end_transport(host, "XP-34");
    Ok(())
}
