//! Methods that fail, and methods that aren't implemented.

use std::ffi::c_void;
use std::ptr;

use mapi_provider::abi::{
    E_NOTIMPL, GetReceiveFolderTableFlags, MAPI_E_CALL_FAILED, MAPI_E_INVALID_PARAMETER,
    MAPI_E_NO_SUPPORT, OpenEntryFlags, OpenPropertyFlags, PropTag, StoreLogonFlags, UnicodeFlags,
};
use windows_core::{GUID, HRESULT, IUnknown, Interface};

use super::super::stage::{Played, Rig, Stage};

/// What an out parameter holds before a call.
const RUBBISH: *mut c_void = ptr::without_provenance_mut(usize::MAX);
/// An entry ID that nobody has.
const NOBODYS: [u8; 12] = *b"\0\0\0\0nobody's";
const FORWARDED: &str = "a wrapped store’s methods are those of the inner store";

/// A method's last out parameter, an interface, and what it answered.
fn outcome(call: impl FnOnce(*mut u32, *mut *mut c_void) -> HRESULT) -> (HRESULT, *mut c_void) {
    let (mut number, mut object) = (u32::MAX, RUBBISH);
    let answer = call(&mut number, &mut object);
    (answer, object)
}

pub(super) fn outs(stage: &Stage<'_>) -> Played {
    if stage.subject.stores.is_some() {
        stage.skip("COM-05", FORWARDED);
        stage.skip("COM-06", FORWARDED);
        return Ok(());
    }
    let rig = stage.rig()?;
    let store = rig.store.interface();
    let iid: *const GUID = &IUnknown::IID;
    let mut entry = NOBODYS;
    let (length, entry) = (entry.len() as u32, entry.as_mut_ptr().cast());
    let none = OpenEntryFlags::empty();
    // SAFETY: an entry ID that nobody has, and live variables.
    unsafe {
        try_out(
            stage,
            "IMsgStore::OpenEntry of an entry ID that nobody has",
            |number, object| store.OpenEntry(length, entry, ptr::null(), none, number, object),
        );
        try_out(
            stage,
            "IMsgStore::OpenProperty of a property that nobody has",
            |_, object| {
                let (tag, flags) = (PropTag(0x1234_000D), OpenPropertyFlags::empty());
                store.OpenProperty(tag, iid, 0, flags, object)
            },
        );
        try_out(stage, "IMsgStore::GetReceiveFolderTable", |_, object| {
            store.GetReceiveFolderTable(GetReceiveFolderTableFlags::empty(), object)
        });
        try_out(stage, "IMsgStore::GetOutgoingQueue", |_, object| {
            store.GetOutgoingQueue(0, object)
        });
        if let Some(logon) = rig.store.logon() {
            try_out(
                stage,
                "IMSLogon::OpenEntry of an entry ID that nobody has",
                |number, object| logon.OpenEntry(length, entry, ptr::null(), none, number, object),
            );
        }
    }
    stage.finish(rig);
    Ok(())
}

/// COM-05 and COM-06 for a method that will probably fail.
fn try_out(
    stage: &Stage<'_>,
    name: &str,
    call: impl FnOnce(*mut u32, *mut *mut c_void) -> HRESULT,
) {
    stage.step("COM-05", name);
    let (answer, object) = outcome(call);
    if answer.is_ok() {
        if !object.is_null() && object != RUBBISH {
            // SAFETY: an interface, whose reference is ours.
            drop(unsafe { IUnknown::from_raw(object) });
        }
        return;
    }
    stage.expect("COM-05", object.is_null(), || {
        format!("{name} failed and left its out pointer unchanged")
    });
    if [E_NOTIMPL, MAPI_E_NO_SUPPORT].contains(&answer) {
        stage.answers("COM-06", name, answer, MAPI_E_NO_SUPPORT);
    }
}

pub(super) fn null_outs(stage: &Stage<'_>) -> Played {
    let rig = stage.rig()?;
    if stage.subject.stores.is_none() {
        of_the_store(stage, &rig);
    }
    of_a_logon(stage, &rig);
    stage.finish(rig);
    Ok(())
}

fn of_the_store(stage: &Stage<'_>, rig: &Rig) {
    let store = rig.store.interface();
    let unicode = UnicodeFlags::MAPI_UNICODE;
    let refused = |name: &str, call: &dyn Fn() -> HRESULT| {
        stage.step("COM-05", name);
        stage.answers("COM-05", name, call(), MAPI_E_INVALID_PARAMETER);
    };
    let mut count = 0;
    let count: *mut u32 = &mut count;
    // SAFETY: each lacks one place that it requires, and must not look further.
    unsafe {
        refused("IMsgStore::GetProps with a NULL lppPropArray", &|| {
            store.GetProps(ptr::null_mut(), unicode, count, ptr::null_mut())
        });
        refused(
            "IMsgStore::GetPropList with a NULL lppPropTagArray",
            &|| store.GetPropList(unicode, ptr::null_mut()),
        );
        refused("IMsgStore::GetLastError with a NULL lppMAPIError", &|| {
            store.GetLastError(MAPI_E_CALL_FAILED, unicode, ptr::null_mut())
        });
        refused("IMsgStore::OpenEntry with a NULL lppUnk", &|| {
            store.OpenEntry(
                0,
                ptr::null_mut(),
                ptr::null(),
                OpenEntryFlags::empty(),
                count,
                ptr::null_mut(),
            )
        });
        refused(
            "IMsgStore::GetReceiveFolderTable with a NULL lppTable",
            &|| store.GetReceiveFolderTable(GetReceiveFolderTableFlags::empty(), ptr::null_mut()),
        );
    }
}

/// Both objects of a logon are required.
fn of_a_logon(stage: &Stage<'_>, rig: &Rig) {
    let provider = rig.provider.interface();
    let support = rig.host.support();
    let call = |logon: *mut *mut c_void, store: *mut *mut c_void| {
        let null: *mut c_void = ptr::null_mut();
        let flags = StoreLogonFlags::MAPI_UNICODE | StoreLogonFlags::MDB_NO_DIALOG;
        let mut name = [b'H', 0].map(u16::from);
        let (mut count, mut security, mut error) = (0, ptr::null_mut(), ptr::null_mut());
        // SAFETY: what MAPI gives; one of the places is NULL, which is what this is about. What the others were given is
        // MAPI's memory or still NULL.
        unsafe {
            let answer = provider.Logon(
                support.as_raw(),
                0,
                name.as_mut_ptr().cast(),
                0,
                null.cast(),
                flags,
                ptr::null(),
                &mut count,
                &mut security,
                &mut error,
                logon,
                store,
            );
            rig.host.allocators().free(security.cast());
            rig.host.allocators().free(error.cast());
            answer
        }
    };
    for (name, with_logon) in [
        ("IMSProvider::Logon with a NULL lppMDB", true),
        ("IMSProvider::Logon with a NULL lppMSLogon", false),
    ] {
        stage.step("COM-05", name);
        let mut out = RUBBISH;
        let place: *mut *mut c_void = &mut out;
        let answer = if with_logon {
            call(place, ptr::null_mut())
        } else {
            call(ptr::null_mut(), place)
        };
        stage.answers("COM-05", name, answer, MAPI_E_INVALID_PARAMETER);
        stage.expect("COM-05", answer.is_ok() || out.is_null(), || {
            format!("{name} left the other out pointer unchanged")
        });
        if answer.is_ok() && !out.is_null() && out != RUBBISH {
            // SAFETY: an object, whose reference is ours.
            drop(unsafe { IUnknown::from_raw(out) });
        }
    }
}
