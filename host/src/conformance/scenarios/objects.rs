//! Rules for every object: identity, counts, QueryInterface.

use std::ffi::c_void;
use std::ptr;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use mapi_provider::abi::{
    E_NOINTERFACE, IMAPIFolder, IMAPIProp, IMAPIProviderShutdown, IMAPISession, IMAPISync,
    IMSLogon, IMSProvider, IMsgStore, IPSTX, MAPI_E_INVALID_PARAMETER, S_OK,
};
use windows_core::{GUID, HRESULT, IUnknown, IUnknown_Vtbl, Interface};

use super::super::stage::{Played, Rig, Stage};
use crate::objects::count;

/// What an out parameter holds before a call.
const RUBBISH: *mut c_void = ptr::without_provenance_mut(usize::MAX);
/// Interfaces that a provider's objects may have.
const KNOWN: [(&str, GUID); 10] = [
    ("IUnknown", IUnknown::IID),
    ("IMAPIProp", IMAPIProp::IID),
    ("IMsgStore", IMsgStore::IID),
    ("IMAPISync", IMAPISync::IID),
    ("IMSLogon", IMSLogon::IID),
    ("IMSProvider", IMSProvider::IID),
    ("IMAPIProviderShutdown", IMAPIProviderShutdown::IID),
    ("IPSTX", IPSTX::IID),
    ("IMAPIFolder", IMAPIFolder::IID),
    ("IMAPISession", IMAPISession::IID),
];

/// QueryInterface as it is called in C.
fn query(object: &IUnknown, iid: *const GUID, out: *mut *mut c_void) -> HRESULT {
    // SAFETY: a live object; the others are live variables, or the NULL that it is about.
    unsafe { (object.vtable().QueryInterface)(object.as_raw(), iid, out) }
}

/// An interface of an object as IUnknown: the pointer stays that interface's.
fn ask(object: &IUnknown, iid: &GUID) -> Option<IUnknown> {
    let mut out = ptr::null_mut();
    if query(object, iid, &mut out) != S_OK || out.is_null() {
        return None;
    }
    // SAFETY: an interface, and the reference is ours.
    Some(unsafe { IUnknown::from_raw(out) })
}

/// The objects of a rig, by what they are.
fn objects(rig: &Rig) -> Vec<(&'static str, IUnknown)> {
    let mut objects = vec![
        (
            "the provider object",
            rig.provider.interface().clone().into(),
        ),
        ("the store", rig.store.interface().clone().into()),
    ];
    objects.extend(rig.store.logon().map(|logon| ("the logon", logon.into())));
    objects.extend(
        rig.store
            .sync()
            .ok()
            .map(|sync| ("the store’s IMAPISync", sync.into())),
    );
    objects
}

pub(super) fn identity(stage: &Stage<'_>) -> Played {
    let rig = stage.rig()?;
    if rig.store.sync().is_err() {
        stage.broken("COM-01", "the store has no IMAPISync");
    }
    for (what, object) in objects(&rig) {
        stage.step("COM-01", format!("QueryInterface of {what}"));
        one_identity(stage, what, &object);
    }
    stage.finish(rig);
    Ok(())
}

/// COM-01 for an object and all its interfaces.
fn one_identity(stage: &Stage<'_>, what: &str, object: &IUnknown) {
    // The store's also include those of the wrapped store.
    let rule = if stage.subject.stores.is_some() {
        "WRAP-02"
    } else {
        "COM-01"
    };
    let own: Vec<(&str, GUID)> = KNOWN
        .into_iter()
        .filter(|(_, iid)| ask(object, iid).is_some())
        .collect();
    let identity = |of: &IUnknown| ask(of, &IUnknown::IID).map(|unknown| unknown.as_raw());
    let expected = identity(object);
    stage.expect("COM-01", expected.is_some(), || {
        format!("{what} doesn’t answer IID_IUnknown")
    });
    for (first, iid) in &own {
        let Some(from) = ask(object, iid) else {
            continue;
        };
        let same = identity(&from) == expected;
        stage.expect(rule, same, || {
            format!("{what}: its {first} has a different IUnknown")
        });
        stage.expect("COM-01", same, || {
            format!("{what}: its {first} has a different IUnknown")
        });
        for (second, to) in &own {
            let reached = ask(&from, to);
            stage.expect("COM-01", reached.is_some(), || {
                format!("{what}: its {first} doesn’t answer {second}, which the object has")
            });
        }
    }
}

pub(super) fn unknown(stage: &Stage<'_>) -> Played {
    let rig = stage.rig()?;
    let nobodys = GUID::from_u128(0x0bad_0bad_0bad_0bad_0bad_0bad_0bad_0bad);
    for (what, object) in objects(&rig) {
        let before = count(&object);
        stage.step(
            "COM-02",
            format!("{what}: QueryInterface for an IID that nobody has"),
        );
        let mut out = RUBBISH;
        let name = format!("{what}: QueryInterface for an IID that nobody has");
        stage.answers(
            "COM-02",
            &name,
            query(&object, &nobodys, &mut out),
            E_NOINTERFACE,
        );
        stage.expect("COM-02", out.is_null(), || {
            format!("{name} left *ppv unchanged")
        });

        let name = format!("{what}: QueryInterface with a NULL ppv");
        stage.step("COM-02", name.clone());
        let answer = query(&object, &IUnknown::IID, ptr::null_mut());
        stage.answers("COM-02", &name, answer, MAPI_E_INVALID_PARAMETER);

        let name = format!("{what}: QueryInterface with a NULL riid");
        stage.step("COM-02", name.clone());
        let mut out = RUBBISH;
        let answer = query(&object, ptr::null(), &mut out);
        stage.answers("COM-02", &name, answer, MAPI_E_INVALID_PARAMETER);
        stage.expect("COM-02", out.is_null(), || {
            format!("{name} left *ppv unchanged")
        });

        let after = count(&object);
        stage.expect("COM-02", before == after, || {
            format!("{what}: a QueryInterface that failed changed {before} references to {after}")
        });
    }
    stage.finish(rig);
    Ok(())
}

pub(super) fn counts(stage: &Stage<'_>) -> Played {
    let rig = stage.rig()?;
    for (what, object) in objects(&rig) {
        let address = object.as_raw() as usize;
        stage.step("COM-03", format!("{what}: AddRef and Release"));
        let before = count(&object);
        let told = (add_ref(address), release(address));
        stage.expect("COM-03", told == (before + 1, before), || {
            format!(
                "{what}: with {before} references AddRef answered {} and Release {}, not the new counts",
                told.0, told.1
            )
        });
        stage.step(
            "COM-03",
            format!("{what}: AddRef and Release on four threads"),
        );
        let lost = hammer(address);
        stage.expect("COM-03", lost == 0, || {
            format!("{what}: AddRef and Release on four threads lost count, by {lost}")
        });
        if lost != 0 {
            // Nobody knows now when it will be freed.
            return Err(stage.stuck());
        }
    }
    stage.finish(rig);
    Ok(())
}

/// How long a count is hammered. On a busy machine the threads take turns of some milliseconds each, so a wrong count
/// shows only if a turn ends in the middle of an AddRef.
const HAMMERED: Duration = Duration::from_millis(250);

/// Adds and gives up references to an object on four threads at once, again and again; returns by how much the count is
/// then wrong.
fn hammer(address: usize) -> i64 {
    let begin = Instant::now();
    loop {
        let lost = hammer_once(address);
        if lost != 0 || begin.elapsed() >= HAMMERED {
            return lost;
        }
    }
}

/// One round of it.
fn hammer_once(address: usize) -> i64 {
    const THREADS: usize = 4;
    const TIMES: usize = 50_000;
    let barrier = Barrier::new(THREADS);
    let mut before = 0;
    // So many references that a count that loses some never reaches zero meanwhile.
    for _ in 0..THREADS * TIMES {
        before = add_ref(address);
    }
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                barrier.wait();
                for _ in 0..TIMES {
                    add_ref(address);
                    release(address);
                }
            });
        }
    });
    add_ref(address);
    let lost = i64::from(before) - i64::from(release(address));
    if lost == 0 {
        for _ in 0..THREADS * TIMES {
            release(address);
        }
    }
    lost
}

fn add_ref(address: usize) -> u32 {
    let raw = address as *mut c_void;
    // SAFETY: the caller has a reference, and every interface begins with IUnknown's vtable.
    unsafe { ((**raw.cast::<*const IUnknown_Vtbl>()).AddRef)(raw) }
}

fn release(address: usize) -> u32 {
    let raw = address as *mut c_void;
    // SAFETY: as above; the reference was added before.
    unsafe { ((**raw.cast::<*const IUnknown_Vtbl>()).Release)(raw) }
}
