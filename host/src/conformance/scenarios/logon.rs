//! Logon and logoff.

use mapi_provider::abi::{
    LogoffFlags, MAPI_E_CALL_FAILED, MAPI_E_FAILONEPROVIDER, MAPI_E_LOGON_FAILED, MAPI_E_NO_ACCESS,
    MAPI_E_NOT_ENOUGH_MEMORY, MAPI_E_UNCONFIGURED, MAPI_E_USER_CANCEL,
};
use windows_core::{IUnknown, Interface};

use super::super::stage::{Played, Stage};
use crate::host::Host;
use crate::objects::SupportRecord;
use crate::profile::Operation;
use crate::status::Failure;
use crate::store::Store;

/// How many allocations of a logon are made to fail, one after the other.
const ALLOCATIONS: u64 = 12;

fn identity(store: &Store) -> Option<*mut std::ffi::c_void> {
    let unknown: IUnknown = store.interface().cast().ok()?;
    Some(unknown.as_raw())
}

pub(super) fn again(stage: &Stage<'_>) -> Played {
    let rig = stage.rig()?;
    stage.step("ENTRY-04", "a second Logon to the store");
    let second = rig.provider.logon()?;
    stage.expect(
        "ENTRY-04",
        identity(&second) == identity(&rig.store),
        || "a second Logon to the open store gave another store".to_owned(),
    );
    // If the provider has released the support object, MAPI has already logged off its logon object.
    let logon = second.logon().is_some() || second.support().logoff.is_some();
    stage.expect("ENTRY-04", !logon, || {
        "a second Logon to the open store gave a logon object".to_owned()
    });
    let untouched = SupportRecord {
        released: true,
        logoff: second.support().logoff,
        ..SupportRecord::default()
    };
    stage.expect("ENTRY-04", second.support() == untouched, || {
        "a second Logon kept or used the new support object".to_owned()
    });
    drop(second);
    stage.expect("ENTRY-04", !rig.store.support().released, || {
        "the second store’s Release closed the first".to_owned()
    });
    stage.finish(rig);
    Ok(())
}

pub(super) fn logoff(stage: &Stage<'_>) -> Played {
    let rig = stage.rig()?;
    stage.expect("ENTRY-05", !rig.store.support().released, || {
        "an open store has released its support object".to_owned()
    });
    let logon = rig.store.logon();
    stage.step("ENTRY-09", "StoreLogoff and the last Release");
    let logoff = rig.store.logoff_with(LogoffFlags::LOGOFF_ORDERLY);
    let asked = [LogoffFlags::LOGOFF_ORDERLY];
    let calls = &logoff.support.logoff_transports;
    stage.expect("ENTRY-09", *calls == asked || *calls == [logoff.flags], || {
        format!(
            "StoreLogoffTransports was called {} times, with {calls:?}; once, with {asked:?}, would be right",
            calls.len()
        )
    });
    stage.expect("ENTRY-05", logoff.support.released, || {
        "the store’s last Release left the support object: is the store held by its logon?"
            .to_owned()
    });
    drop(logon);
    rig.provider.shutdown()?;
    drop(rig.provider);
    stage.end(rig.host);
    Ok(())
}

pub(super) fn release(stage: &Stage<'_>) -> Played {
    let rig = stage.rig()?;
    stage.step("ENTRY-09", "the last Release without StoreLogoff");
    let support = rig.store.release();
    let expected = [LogoffFlags::LOGOFF_ABORT];
    stage.expect("ENTRY-09", support.logoff_transports == expected, || {
        format!(
            "without StoreLogoff, StoreLogoffTransports was called with {:?}, not once with {expected:?}",
            support.logoff_transports
        )
    });
    stage.expect("ENTRY-05", support.released, || {
        "the store’s last Release left the support object".to_owned()
    });
    rig.provider.shutdown()?;
    drop(rig.provider);
    stage.end(rig.host);
    Ok(())
}

pub(super) fn fails(stage: &Stage<'_>) -> Played {
    let mut failures = 0;
    let mut tried = |host: Host, what: String| -> Played {
        stage.step("ENTRY-06", format!("Logon {what}"));
        let provider = host.init()?;
        match provider.logon() {
            Ok(store) => drop(store.logoff()),
            Err(failure) => {
                failures += 1;
                tolerated(stage, &failure, &what);
            }
        }
        host.profile().heal();
        // A failed Shutdown is another scenario's.
        let _ = provider.shutdown();
        drop(provider);
        stage.end(host);
        Ok(())
    };
    tried(
        stage.host()?,
        "to a service that was never created".to_owned(),
    )?;
    for operation in [
        Operation::Open,
        Operation::GetProps,
        Operation::SetProps,
        Operation::SaveChanges,
    ] {
        for code in [
            MAPI_E_NO_ACCESS,
            MAPI_E_CALL_FAILED,
            MAPI_E_NOT_ENOUGH_MEMORY,
        ] {
            let host = stage.configured()?;
            host.profile().fail(operation, code);
            tried(
                host,
                format!("if {operation:?} of the profile section fails"),
            )?;
        }
    }
    for nth in 1..=ALLOCATIONS {
        let host = stage.configured()?;
        let provider = host.init()?;
        stage.step("ENTRY-06", format!("Logon if its allocation {nth} fails"));
        host.allocators().fail_nth(nth);
        match provider.logon() {
            Ok(store) => drop(store.logoff()),
            Err(failure) => tolerated(stage, &failure, "without memory"),
        }
        let _ = provider.shutdown();
        drop(provider);
        stage.end(host);
    }
    if failures == 0 {
        stage.skip("ENTRY-06", "no Logon could be made to fail");
    }
    Ok(())
}

/// Whether MAPI takes a logon's failure as that of one provider, not of the whole service.
fn tolerated(stage: &Stage<'_>, failure: &Failure, what: &str) {
    let tolerated = [
        MAPI_E_FAILONEPROVIDER,
        MAPI_E_UNCONFIGURED,
        MAPI_E_LOGON_FAILED,
        MAPI_E_USER_CANCEL,
    ];
    stage.expect("ENTRY-06", tolerated.contains(&failure.status.0), || {
        format!(
            "Logon {what} answered {}, for which MAPI disables the whole service",
            failure.status
        )
    });
}
