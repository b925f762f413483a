//! `MSProviderInit` and the provider object.

use std::ffi::c_void;
use std::ptr;

use mapi_provider::abi::{
    CURRENT_SPI_VERSION, E_NOTIMPL, IMAPIProviderShutdown, MAPI_E_INVALID_PARAMETER,
    MAPI_E_VERSION, S_OK,
};
use windows_core::{HRESULT, IUnknown, Interface};

use super::super::stage::{Played, Stage};
use super::memory::get_props;
use crate::host::{Host, InitOptions};
use crate::status::Status;

/// What an out parameter holds before a call.
const RUBBISH: *mut c_void = ptr::without_provenance_mut(usize::MAX);

/// Calls `MSProviderInit` for a version of MAPI, with or without places for the version and the object.
fn call(
    host: &Host,
    mapi: u32,
    version: Option<&mut u32>,
    object: Option<&mut *mut c_void>,
) -> HRESULT {
    let allocators = host.allocators();
    let Some(init) = host.library().store_init() else {
        return E_NOTIMPL;
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

pub(super) fn init(stage: &Stage<'_>) -> Played {
    let host = stage.host()?;
    let now = CURRENT_SPI_VERSION;
    let tells = |version: u32, when: &str| {
        stage.expect("ENTRY-02", version == now, || {
            format!("{when}, *lpulProviderVer is 0x{version:08X}, not 0x{now:08X}")
        });
    };
    let refused = MAPI_E_INVALID_PARAMETER;

    stage.step("ENTRY-02", "MSProviderInit with a NULL lppMSProvider");
    let mut version = 0;
    let answer = call(&host, now, Some(&mut version), None);
    stage.answers(
        "ENTRY-02",
        "MSProviderInit with a NULL lppMSProvider",
        answer,
        refused,
    );
    tells(version, "without a place for the provider");

    stage.step("ENTRY-02", "MSProviderInit with a NULL lpulProviderVer");
    let mut object = RUBBISH;
    let answer = call(&host, now, None, Some(&mut object));
    stage.answers(
        "ENTRY-02",
        "MSProviderInit with a NULL lpulProviderVer",
        answer,
        refused,
    );
    cleared(stage, answer, object);

    for old in [0, 1, 0x0001_0000, now - 1] {
        let name = format!("MSProviderInit of MAPI 0x{old:08X}");
        stage.step("ENTRY-02", name.clone());
        let (mut version, mut object) = (0, RUBBISH);
        let answer = call(&host, old, Some(&mut version), Some(&mut object));
        stage.answers("ENTRY-02", &name, answer, MAPI_E_VERSION);
        tells(version, "if the host is too old");
        cleared(stage, answer, object);
    }
    for new in [now + 1, 0x0002_0000, u32::MAX] {
        stage.step("ENTRY-02", format!("MSProviderInit of MAPI 0x{new:08X}"));
        let options = InitOptions {
            version: new,
            ..InitOptions::default()
        };
        if let Err(failure) = host.init_with(options) {
            stage.broken("ENTRY-02", format!("a newer MAPI, 0x{new:08X}: {failure}"));
        }
    }
    stage.end(host);
    Ok(())
}

/// A failed call leaves no object; if it succeeded anyway, its object is released.
fn cleared(stage: &Stage<'_>, answer: HRESULT, object: *mut c_void) {
    if answer.is_ok() {
        if !object.is_null() && object != RUBBISH {
            // SAFETY: the provider's object, whose reference is ours.
            drop(unsafe { IUnknown::from_raw(object) });
        }
        return;
    }
    stage.expect("COM-05", object.is_null(), || {
        "MSProviderInit failed and left *lppMSProvider unchanged".to_owned()
    });
}

pub(super) fn init_twice(stage: &Stage<'_>) -> Played {
    let first = stage.rig()?;
    stage.step("ENTRY-03", "MSProviderInit a second time");
    let again = first.host.init()?;
    let same = again.interface().as_raw() == first.provider.interface().as_raw();
    stage.expect("ENTRY-03", !same, || {
        "two calls of MSProviderInit gave the same object".to_owned()
    });
    again.shutdown()?;
    drop(again);

    stage.step("ENTRY-03", "a second MAPI with its own allocators");
    let second = stage.rig()?;
    let requests = |rig: &super::super::stage::Rig| rig.host.allocators().requests();
    let before = [requests(&first), requests(&second)];
    let (answer, count, values) = get_props(&second);
    if answer.is_ok() {
        // SAFETY: nobody uses it any more.
        unsafe { second.host.allocators().free(values) };
    }
    let taken = [requests(&first) - before[0], requests(&second) - before[1]];
    let gives = answer.is_ok() && count > 0;
    stage.expect("ENTRY-03", taken[0] == 0 && (taken[1] > 0 || !gives), || {
        format!(
            "the second provider’s memory: {} requests to the first one’s allocators, {} to its own",
            taken[0], taken[1]
        )
    });
    stage.finish(second);
    stage.finish(first);
    Ok(())
}

pub(super) fn fast_shutdown(stage: &Stage<'_>) -> Played {
    let rig = stage.rig()?;
    stage.step("ENTRY-10", "QueryInterface for IMAPIProviderShutdown");
    match rig.provider.interface().cast::<IMAPIProviderShutdown>() {
        Err(error) => stage.broken(
            "ENTRY-10",
            format!(
                "QueryInterface for IMAPIProviderShutdown answered {}",
                Status(error.code())
            ),
        ),
        Ok(shutdown) => {
            stage.step("ENTRY-10", "the calls of a fast shutdown");
            // SAFETY: calls without pointers.
            let answers = unsafe {
                [
                    ("QueryFastShutdown", shutdown.QueryFastShutdown()),
                    ("NotifyProcessShutdown", shutdown.NotifyProcessShutdown()),
                    ("DoFastShutdown", shutdown.DoFastShutdown()),
                ]
            };
            for (name, answer) in answers {
                stage.answers("ENTRY-10", name, answer, S_OK);
            }
        }
    }
    stage.finish_after_shutdown(rig);
    Ok(())
}
