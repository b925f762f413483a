//! XPProviderInit and TransportLogon (XP-01 to XP-07).

use std::ffi::c_void;
use std::ptr;

use mapi_provider::abi::{
    CURRENT_SPI_VERSION, MAPI_E_BUSY, MAPI_E_FAILONEPROVIDER, MAPI_E_INVALID_PARAMETER,
    MAPI_E_NO_SUPPORT, MAPI_E_UNCONFIGURED, MAPI_E_USER_CANCEL, MAPI_E_VERSION,
    ModifyStatusRowFlags, PR_DISPLAY_NAME_W, PR_ENTRYID, PR_IDENTITY_DISPLAY_W,
    PR_IDENTITY_ENTRYID, PR_IDENTITY_SEARCH_KEY, PR_INSTANCE_KEY, PR_PROVIDER_DISPLAY_W,
    PR_PROVIDER_DLL_NAME_A, PR_RESOURCE_FLAGS, PR_RESOURCE_METHODS, PR_RESOURCE_TYPE, PR_ROWID,
    PR_STATUS_CODE, PR_STATUS_STRING_W, PropTag, S_OK, StatusFlags, TransportLogonFlags,
};
use windows_core::{HRESULT, IUnknown, Interface};

use super::super::super::stage::{Played, Stage};
use super::message::{Types, get, lacking};
use super::{Rig, code};
use crate::host::{Host, InitOptions};
use crate::spooler::TransportOptions;
use crate::status::Status;

/// What an out parameter holds before a call.
const RUBBISH: *mut c_void = ptr::without_provenance_mut(usize::MAX);

/// The answers of a logon that disable no service.
const ALLOWED: [HRESULT; 3] = [
    MAPI_E_FAILONEPROVIDER,
    MAPI_E_UNCONFIGURED,
    MAPI_E_USER_CANCEL,
];

/// Calls `XPProviderInit` for a version of MAPI, with or without places for the version and the object.
fn call(
    host: &Host,
    mapi: u32,
    version: Option<&mut u32>,
    object: Option<&mut *mut c_void>,
) -> HRESULT {
    let allocators = host.allocators();
    let Some(init) = host.library().transport_init() else {
        return MAPI_E_NO_SUPPORT;
    };
    // SAFETY: what MAPI gives; the places are NULL or live variables.
    unsafe {
        init(
            ptr::null_mut(),
            ptr::null_mut(),
            Some(allocators.allocate_buffer()),
            Some(allocators.allocate_more()),
            Some(allocators.free_buffer()),
            0,
            mapi,
            version.map_or(ptr::null_mut(), ptr::from_mut),
            object.map_or(ptr::null_mut(), ptr::from_mut),
        )
    }
}

pub(in super::super) fn init(stage: &Stage<'_>) -> Played {
    let host = stage.host()?;
    let now = CURRENT_SPI_VERSION;
    stage.step("ENTRY-02", "XPProviderInit with a NULL lppXPProvider");
    let mut version = 0;
    let answer = call(&host, now, Some(&mut version), None);
    let name = "XPProviderInit with a NULL lppXPProvider";
    stage.answers("ENTRY-02", name, answer, MAPI_E_INVALID_PARAMETER);
    stage.step("ENTRY-02", "XPProviderInit with a NULL lpulProviderVer");
    let mut object = RUBBISH;
    let answer = call(&host, now, None, Some(&mut object));
    let name = "XPProviderInit with a NULL lpulProviderVer";
    stage.answers("ENTRY-02", name, answer, MAPI_E_INVALID_PARAMETER);
    stage.step("ENTRY-02", "XPProviderInit of an older MAPI");
    let (mut version, mut object) = (0, RUBBISH);
    let answer = call(&host, now - 1, Some(&mut version), Some(&mut object));
    let name = "XPProviderInit of an older MAPI";
    stage.answers("ENTRY-02", name, answer, MAPI_E_VERSION);
    stage.expect("ENTRY-02", version == now, || {
        format!("*lpulProviderVer is 0x{version:08X}, not 0x{now:08X}")
    });
    stage.expect("ENTRY-02", object.is_null(), || {
        format!("{name} left *lppXPProvider unchanged")
    });
    stage.step("ENTRY-02", "XPProviderInit of a newer MAPI");
    let newer = InitOptions {
        version: now + 1,
        ..InitOptions::default()
    };
    if let Err(failure) = host.init_transport_with(newer) {
        stage.broken("ENTRY-02", format!("a newer MAPI: {failure}"));
    }
    stage.step("ENTRY-03", "XPProviderInit twice");
    let (first, second) = (host.init_transport()?, host.init_transport()?);
    let identity = |object: IUnknown| object.as_raw();
    let is_another =
        identity(first.interface().clone().into()) != identity(second.interface().clone().into());
    stage.expect("ENTRY-03", is_another, || {
        "XPProviderInit gave the same object twice".to_owned()
    });
    stage.expect("XP-01", true, String::new);
    drop((first, second));
    stage.end_transport(host, "XP-33");
    Ok(())
}

pub(in super::super) fn null_logon(stage: &Stage<'_>) -> Played {
    let host = stage.configured()?;
    let transport = host.init_transport()?;
    let support = host.support();
    let provider = transport.interface();
    let mut name: Vec<u16> = "Host\0".encode_utf16().collect();
    let name = name.as_mut_ptr().cast();
    for what in ["lpMAPISup", "lpulFlags", "lppXPLogon"] {
        let call = format!("TransportLogon with a NULL {what}");
        stage.step("XP-02", call.clone());
        let mut flags = TransportOptions::default().flags;
        let mut logon = RUBBISH;
        let mut error = ptr::null_mut();
        // SAFETY: what is not NULL is alive; NULL is what is tried.
        let answer = unsafe {
            provider.TransportLogon(
                if what == "lpMAPISup" {
                    ptr::null_mut()
                } else {
                    support.as_raw()
                },
                0,
                name,
                if what == "lpulFlags" {
                    ptr::null_mut()
                } else {
                    &mut flags
                },
                &mut error,
                if what == "lppXPLogon" {
                    ptr::null_mut()
                } else {
                    &mut logon
                },
            )
        };
        stage.answers("XP-02", &call, answer, MAPI_E_INVALID_PARAMETER);
        let is_cleared = what == "lppXPLogon" || logon.is_null();
        stage.expect("XP-02", is_cleared, || {
            format!("{call} left *lppXPLogon unchanged")
        });
        // SAFETY: the provider's buffer, or NULL.
        unsafe { host.allocators().free(error.cast()) };
    }
    drop(support);
    drop(transport);
    stage.end_transport(host, "XP-02");
    Ok(())
}

pub(in super::super) fn logon(stage: &Stage<'_>) -> Played {
    stage.step("XP-03", "TransportLogon");
    let rig = Rig::new(stage)?;
    let asked = TransportLogonFlags::LOGON_SP_IDLE
        | TransportLogonFlags::LOGON_SP_POLL
        | TransportLogonFlags::LOGON_SP_RESOLVE;
    let left = rig.spooler.flags().difference(asked);
    stage.expect("XP-03", left.is_empty(), || {
        format!("after the logon there is more in *lpulFlags than LOGON_SP_IDLE, _POLL and _RESOLVE: 0x{:X}", left.bits())
    });
    rig.finish(stage);
    Ok(())
}

pub(in super::super) fn failed_logon(stage: &Stage<'_>) -> Played {
    const ALLOCATIONS: u64 = 6;
    let host = stage.configured()?;
    let transport = host.init_transport()?;
    for nth in 1..=ALLOCATIONS {
        stage.step(
            "XP-04",
            format!("TransportLogon if its allocation {nth} fails"),
        );
        host.allocators().fail_nth(nth);
        match transport.logon() {
            Ok(spooler) => drop(spooler),
            Err(failure) => allowed(stage, failure.status),
        }
    }
    // The failure to come is used up.
    for _ in 0..ALLOCATIONS {
        drop(transport.logon());
    }
    if let Some(failing) = stage.subject.failing_settings() {
        stage.step("XP-04", "TransportLogon with the failing settings");
        let host = stage.configured_with(&failing)?;
        let transport = host.init_transport()?;
        if let Err(failure) = transport.logon() {
            allowed(stage, failure.status);
        }
        drop(transport);
        stage.end_transport(host, "XP-02");
    }
    stage.expect("XP-04", true, String::new);
    stage.expect("XP-02", true, String::new);
    drop(transport);
    stage.end_transport(host, "XP-02");
    Ok(())
}

fn allowed(stage: &Stage<'_>, status: Status) {
    stage.expect("XP-04", ALLOWED.contains(&status.0), || {
        format!("TransportLogon answered {status}, which disables the service")
    });
}

pub(in super::super) fn offline(stage: &Stage<'_>) -> Played {
    stage.step("XP-05", "TransportLogon with LOGON_NO_CONNECT");
    let options = TransportOptions {
        flags: TransportOptions::default().flags | TransportLogonFlags::LOGON_NO_CONNECT,
        ..TransportOptions::default()
    };
    let rig = Rig::with(stage, &options)?;
    let asks = TransportLogonFlags::LOGON_SP_POLL | TransportLogonFlags::LOGON_SP_IDLE;
    stage.expect("XP-05", !rig.spooler.flags().intersects(asks), || {
        "offline, the logon asks for Poll or Idle".to_owned()
    });
    let now = code(&rig.spooler.record());
    stage.expect("XP-05", now.contains(StatusFlags::OFFLINE), || {
        format!(
            "offline, PR_STATUS_CODE is 0x{:X}, without STATUS_OFFLINE",
            now.bits()
        )
    });
    stage.step("XP-05", "Poll and StartMessage, offline");
    let count = rig.spooler.poll()?;
    stage.expect("XP-05", count == 0, || {
        format!("offline, Poll says {count}")
    });
    let empty = rig.spooler.empty_message();
    let started = rig.spooler.start(&empty);
    stage.expect("XP-05", empty.saves().is_empty(), || {
        format!(
            "offline, StartMessage answered {} and saved a message",
            Status(started.status)
        )
    });
    stage.step("XP-05", "SubmitMessage, offline");
    let message = rig.message(&["check@example.org".to_owned()]);
    let sent = rig.spooler.submit(&message);
    stage.answers("XP-05", "SubmitMessage, offline", sent.status, MAPI_E_BUSY);
    let calls = message.calls().len();
    stage.expect("XP-05", calls == 0, || {
        format!("offline, SubmitMessage called {calls} methods of the message")
    });
    drop((empty, message));
    rig.finish(stage);
    Ok(())
}

/// What a row must have, and what is MAPI's own.
const COLUMNS: [(&str, PropTag); 5] = [
    ("PR_DISPLAY_NAME", PR_DISPLAY_NAME_W),
    ("PR_PROVIDER_DISPLAY", PR_PROVIDER_DISPLAY_W),
    ("PR_STATUS_CODE", PR_STATUS_CODE),
    ("PR_STATUS_STRING", PR_STATUS_STRING_W),
    ("PR_RESOURCE_METHODS", PR_RESOURCE_METHODS),
];
const IDENTITY: [(&str, PropTag); 3] = [
    ("PR_IDENTITY_DISPLAY", PR_IDENTITY_DISPLAY_W),
    ("PR_IDENTITY_ENTRYID", PR_IDENTITY_ENTRYID),
    ("PR_IDENTITY_SEARCH_KEY", PR_IDENTITY_SEARCH_KEY),
];
const MAPIS: [(&str, PropTag); 6] = [
    ("PR_RESOURCE_FLAGS", PR_RESOURCE_FLAGS),
    ("PR_RESOURCE_TYPE", PR_RESOURCE_TYPE),
    ("PR_PROVIDER_DLL_NAME", PR_PROVIDER_DLL_NAME_A),
    ("PR_ENTRYID", PR_ENTRYID),
    ("PR_INSTANCE_KEY", PR_INSTANCE_KEY),
    ("PR_ROWID", PR_ROWID),
];

pub(in super::super) fn row(stage: &Stage<'_>) -> Played {
    stage.step("XP-07", "the status row at the end of TransportLogon");
    let rig = Rig::new(stage)?;
    let record = rig.spooler.record();
    let firsts = record
        .status_row_flags
        .iter()
        .filter(|flags| !flags.contains(ModifyStatusRowFlags::STATUSROW_UPDATE));
    let firsts = firsts.count();
    stage.expect("XP-07", firsts == 1, || {
        format!("TransportLogon called ModifyStatusRow with flags 0 {firsts} times, not once")
    });
    if let Some(row) = record.status_rows.first() {
        let lacks = lacking(row, &COLUMNS);
        stage.expect("XP-07", lacks.is_empty(), || {
            format!("the row lacks {}", lacks.join(", "))
        });
        let lacks = lacking(row, &IDENTITY);
        let is_whole = lacks.is_empty() || lacks.len() == IDENTITY.len();
        stage.expect("XP-07", is_whole, || {
            format!("the row has an identity without {}", lacks.join(", "))
        });
        for (name, tag) in MAPIS {
            let is_there = get(row, tag).is_some();
            stage.expect("XP-07", !is_there, || {
                format!("the row has {name}, which is MAPI’s own")
            });
        }
    }
    let now = code(&record);
    stage.expect("XP-08", now.contains(StatusFlags::AVAILABLE), || {
        format!(
            "after the logon PR_STATUS_CODE is 0x{:X}, without STATUS_AVAILABLE",
            now.bits()
        )
    });
    rig.finish(stage);
    Ok(())
}

pub(in super::super) fn row_fails(stage: &Stage<'_>) -> Played {
    let host = stage.configured()?;
    let transport = host.init_transport()?;
    stage.step("XP-07", "TransportLogon if ModifyStatusRow fails");
    let options = TransportOptions {
        row_fails: Some(MAPI_E_NO_SUPPORT),
        ..TransportOptions::default()
    };
    match transport.logon_with(&options) {
        Ok(spooler) => {
            stage.broken(
                "XP-07",
                "TransportLogon succeeded though ModifyStatusRow failed",
            );
            drop(spooler);
        }
        Err(failure) => {
            stage.expect("XP-07", true, String::new);
            allowed(stage, failure.status);
        }
    }
    drop(transport);
    // What such a logon keeps of MAPI's is kept for good.
    stage.end_transport(host, "XP-07");
    Ok(())
}

pub(in super::super) fn two_logons(stage: &Stage<'_>) -> Played {
    let rig = Rig::new(stage)?;
    stage.step("XP-01", "a second logon");
    let other = rig.transport.logon()?;
    let before = Types::of(rig.logon());
    stage.step("XP-01", "the logoff of one of two logons");
    let logged_off = other.log_off();
    stage.expect("XP-01", logged_off.is_ok(), || {
        "TransportLogoff failed".to_owned()
    });
    drop(other);
    let record = rig.spooler.record();
    stage.expect("XP-01", !record.released, || {
        "the logoff of one logon released the support object of the other".to_owned()
    });
    stage.step("XP-01", "AddressTypes after the logoff of another logon");
    let after = Types::of(rig.logon());
    let is_same =
        after.status == S_OK && after.texts == before.texts && after.array == before.array;
    stage.expect("XP-01", is_same, || {
        format!(
            "after the logoff of another logon AddressTypes says {:?}, not {:?}",
            after.texts, before.texts
        )
    });
    rig.finish(stage);
    Ok(())
}
