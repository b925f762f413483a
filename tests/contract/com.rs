//! Rules for every object: identity, counts, QueryInterface (COM-01 to COM-03).

use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use mapi_provider::MapiObject;
use mapi_provider::abi::{
    E_NOINTERFACE, IMAPIProp, IMAPIProp_Impl, IMAPIProviderShutdown, IMAPIProviderShutdown_Impl,
    IMAPISession, IMAPISession_Impl, IMAPISync, IMSLogon, IMSLogon_Impl, IMSProvider, IMsgStore,
    IMsgStore_Impl, MAPI_E_INVALID_PARAMETER, S_OK,
};
use mapi_provider::object::{Object, ObjectRef, Query};
use mapi_provider_host::count;
use windows_core::{GUID, HRESULT, IUnknown, IUnknown_Vtbl, Interface};

use crate::support::{Orders, contract_tests};

/// What an out parameter holds before a call.
const RUBBISH: *mut c_void = ptr::without_provenance_mut(usize::MAX);

/// QueryInterface as it is called in C.
unsafe fn query(object: &IUnknown, iid: *const GUID, out: *mut *mut c_void) -> HRESULT {
    // SAFETY: the caller's word.
    unsafe { (object.vtable().QueryInterface)(object.as_raw(), iid, out) }
}

/// An interface of an object, as IUnknown: the pointer stays that interface's.
#[track_caller]
fn ask(object: &IUnknown, iid: &GUID) -> IUnknown {
    let mut out = RUBBISH;
    // SAFETY: live variables.
    assert_eq!(unsafe { query(object, iid, &raw mut out) }, S_OK, "{iid:?}");
    // SAFETY: an interface, and the reference is ours.
    unsafe { IUnknown::from_raw(out) }
}

/// COM-01 for an object and all its interfaces.
#[track_caller]
fn one_identity(object: &IUnknown, iids: &[GUID]) {
    let identity = ask(object, &IUnknown::IID).as_raw();
    for first in iids {
        let a = ask(object, first);
        // Reflexive. A tear-off may be another one each time, but it is there.
        drop(ask(&a, first));
        assert_eq!(
            ask(&a, &IUnknown::IID).as_raw(),
            identity,
            "one identity: {first:?}"
        );
        for second in iids {
            let b = ask(&a, second);
            // Symmetric and transitive: from everywhere to everywhere.
            assert_eq!(
                ask(&b, &IUnknown::IID).as_raw(),
                identity,
                "{first:?} to {second:?}"
            );
            drop(ask(&b, first));
        }
    }
}

/// COM-02 for an object.
#[track_caller]
fn unknown_is_refused(object: &IUnknown) {
    let unknown = GUID::from_u128(0x0bad_0bad_0bad_0bad_0bad_0bad_0bad_0bad);
    let before = count(object);
    let mut out = RUBBISH;
    // SAFETY: live variables, or the NULL that the test is about.
    unsafe {
        assert_eq!(
            query(object, &raw const unknown, &raw mut out),
            E_NOINTERFACE
        );
        assert_eq!(out, ptr::null_mut());
        out = RUBBISH;
        assert_eq!(
            query(object, ptr::null(), &raw mut out),
            MAPI_E_INVALID_PARAMETER
        );
        assert_eq!(out, ptr::null_mut());
        assert_eq!(
            query(object, &IUnknown::IID, ptr::null_mut()),
            MAPI_E_INVALID_PARAMETER
        );
        assert_eq!(
            query(object, ptr::null(), ptr::null_mut()),
            MAPI_E_INVALID_PARAMETER
        );
    }
    assert_eq!(count(object), before);
}

const STORE: [GUID; 4] = [
    IUnknown::IID,
    IMAPIProp::IID,
    IMsgStore::IID,
    IMAPISync::IID,
];
const PROVIDER: [GUID; 3] = [IUnknown::IID, IMSProvider::IID, IMAPIProviderShutdown::IID];
const LOGON: [GUID; 2] = [IUnknown::IID, IMSLogon::IID];

contract_tests! {
    fn com_01_every_object_has_one_identity(backend) {
        let rig = backend.rig(Orders::steps(1));
        one_identity(&rig.store.interface().clone().into(), &STORE);
        one_identity(&rig.store.sync().expect("IMAPISync").into(), &STORE);
        one_identity(&rig.provider.interface().clone().into(), &PROVIDER);
        one_identity(&rig.store.logon().expect("a logon").into(), &LOGON);
        rig.finish();
    }

    fn com_01_store_and_logon_are_two_objects(backend) {
        let rig = backend.rig(Orders::steps(1));
        let logon: IUnknown = rig.store.logon().expect("a logon").into();
        let store: IUnknown = rig.store.interface().clone().into();
        assert_ne!(ask(&logon, &IUnknown::IID).as_raw(), ask(&store, &IUnknown::IID).as_raw());
        let mut out = RUBBISH;
        // SAFETY: live variables.
        assert_eq!(unsafe { query(&logon, &IMsgStore::IID, &raw mut out) }, E_NOINTERFACE);
        drop((logon, store));
        rig.finish();
    }

    fn com_01_an_interface_keeps_the_whole_object(backend) {
        let rig = backend.rig(Orders::steps(1));
        let sync = rig.store.sync().expect("IMAPISync");
        drop(rig.store);
        let store: IMsgStore = sync.cast().expect("the store is still there");
        drop((store, sync, rig.provider));
        // The only report: the host released the store while there was another reference.
        let report = rig.host.finish();
        assert!(report.leaks.is_empty() && report.faults.is_empty() && report.objects.is_empty(), "{report}");
    }

    fn com_02_what_an_object_does_not_have_is_refused(backend) {
        let rig = backend.rig(Orders::steps(1));
        unknown_is_refused(&rig.store.interface().clone().into());
        unknown_is_refused(&rig.store.sync().expect("IMAPISync").into());
        unknown_is_refused(&rig.provider.interface().clone().into());
        unknown_is_refused(&rig.store.logon().expect("a logon").into());
        rig.finish();
    }

    fn com_03_add_ref_and_release_tell_the_new_count(backend) {
        let rig = backend.rig(Orders::steps(1));
        let objects: [IUnknown; 4] = [
            rig.store.interface().clone().into(),
            rig.store.sync().expect("IMAPISync").into(),
            rig.provider.interface().clone().into(),
            rig.store.logon().expect("a logon").into(),
        ];
        for object in &objects {
            let (vtable, raw) = (object.vtable(), object.as_raw());
            let before = count(object);
            // SAFETY: each reference that is added is given up.
            unsafe {
                assert_eq!([(vtable.AddRef)(raw), (vtable.AddRef)(raw)], [before + 1, before + 2]);
                assert_eq!([(vtable.Release)(raw), (vtable.Release)(raw)], [before + 1, before]);
            }
        }
        drop(objects);
        rig.finish();
    }
}

/// An object with several chains and a hook, that counts how often it is dropped.
#[derive(MapiObject)]
#[mapi(implements(IMsgStore, IMSLogon, IMAPIProviderShutdown), query_interface = more)]
struct Several {
    dropped: Arc<AtomicUsize>,
}

impl IMAPIProp_Impl for Several {}
impl IMsgStore_Impl for Several {}
impl IMSLogon_Impl for Several {}
impl IMAPIProviderShutdown_Impl for Several {}

/// A tear-off that is part of the identity of the object that it was asked of.
#[derive(MapiObject)]
#[mapi(implements(IMAPISession), outer = whole)]
struct Part {
    whole: Whole,
}

impl IMAPISession_Impl for Part {}

struct Whole(IUnknown);

// SAFETY: the objects of this test are free-threaded.
unsafe impl Send for Whole {}
// SAFETY: as above.
unsafe impl Sync for Whole {}

impl std::ops::Deref for Whole {
    type Target = IUnknown;

    fn deref(&self) -> &IUnknown {
        &self.0
    }
}

fn more(this: &Object<Several>, query: &mut Query<'_>) {
    query.answer::<IMAPISession>(|| {
        let whole = Whole(this.to_unknown());
        Some(ObjectRef::new(Part { whole }).into_interface())
    });
}

impl Drop for Several {
    fn drop(&mut self) {
        self.dropped.fetch_add(1, Ordering::SeqCst);
    }
}

/// An object whose hook always answers the same, as far as it can.
#[derive(MapiObject)]
#[mapi(implements(IMAPIProviderShutdown), query_interface = the_same)]
struct Stubborn;

impl IMAPIProviderShutdown_Impl for Stubborn {}

/// An interface whose IID nobody has published.
#[repr(transparent)]
#[derive(Clone)]
struct Nameless(IUnknown);

// SAFETY: a pointer to an interface with the methods of IUnknown.
unsafe impl Interface for Nameless {
    type Vtable = IUnknown_Vtbl;
    const IID: GUID = GUID::zeroed();
}

fn the_same(this: &Object<Stubborn>, query: &mut Query<'_>) {
    query.answer::<Nameless>(|| Some(Nameless(this.to_unknown())));
    query.answer::<IMAPISession>(|| {
        let whole = Whole(this.to_unknown());
        Some(ObjectRef::new(Part { whole }).into_interface())
    });
    query.answer::<IMAPISession>(|| panic!("it has been answered"));
}

#[test]
fn com_02_a_hook_answers_what_was_asked_or_nothing() {
    let object = ObjectRef::new(Stubborn).into_unknown();
    assert!(object.cast::<IMAPISession>().is_ok());
    for iid in [IMsgStore::IID, IMAPIProp::IID, GUID::zeroed()] {
        let mut out = ptr::dangling_mut();
        // SAFETY: a live object and a live variable.
        let result = unsafe { object.query(&iid, &raw mut out) };
        assert_eq!((result, out), (E_NOINTERFACE, ptr::null_mut()), "{iid:?}");
    }
}

const SEVERAL: [GUID; 6] = [
    IUnknown::IID,
    IMAPIProp::IID,
    IMsgStore::IID,
    IMSLogon::IID,
    IMAPIProviderShutdown::IID,
    IMAPISession::IID,
];

#[test]
fn com_01_chains_and_tear_offs_are_one_object() {
    let dropped = Arc::new(AtomicUsize::new(0));
    let object = ObjectRef::new(Several {
        dropped: Arc::clone(&dropped),
    })
    .into_unknown();
    one_identity(&object, &SEVERAL);
    unknown_is_refused(&object);
    let part = ask(&object, &IMAPISession::IID);
    unknown_is_refused(&part);
    assert_eq!(count(&object), 2, "the tear-off counts on the whole");
    drop(object);
    assert_eq!(dropped.load(Ordering::SeqCst), 0, "and keeps it");
    drop(part);
    assert_eq!(dropped.load(Ordering::SeqCst), 1);
}

#[test]
fn com_03_many_threads_and_one_last_release() {
    const ROUNDS: usize = if cfg!(debug_assertions) {
        3_000
    } else {
        30_000
    };
    let dropped = Arc::new(AtomicUsize::new(0));
    let object = ObjectRef::new(Several {
        dropped: Arc::clone(&dropped),
    });
    let store: IMsgStore = object.to_interface();
    let threads: Vec<_> = (0..8_usize)
        .map(|number| {
            let mine = store.clone();
            thread::spawn(move || {
                let unknown: IUnknown = mine.clone().into();
                for round in 0..ROUNDS {
                    drop(ask(&unknown, &SEVERAL[(number + round) % SEVERAL.len()]));
                    drop((mine.clone(), unknown.clone()));
                }
            })
        })
        .collect();
    drop(object);
    threads
        .into_iter()
        .for_each(|thread| thread.join().expect("no panic"));
    assert_eq!((count(&store), dropped.load(Ordering::SeqCst)), (1, 0));
    drop(store);
    assert_eq!(dropped.load(Ordering::SeqCst), 1);
}

#[test]
fn com_03_the_last_release_of_several_threads_drops_once() {
    for _ in 0..200 {
        let dropped = Arc::new(AtomicUsize::new(0));
        let object: IMsgStore = ObjectRef::new(Several {
            dropped: Arc::clone(&dropped),
        })
        .into_interface();
        thread::scope(|scope| {
            for _ in 0..4 {
                let mine = object.clone();
                scope.spawn(move || drop(mine));
            }
            drop(object);
        });
        assert_eq!(dropped.load(Ordering::SeqCst), 1);
    }
}
