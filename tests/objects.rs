//! Objects as their clients see them. The interfaces are small ones of the catalogue.

use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use windows_core::{GUID, HRESULT, IUnknown, Interface};

use mapi_provider::MapiObject;
use mapi_provider::abi::{
    E_NOINTERFACE, E_UNEXPECTED, IMAPIProp, IMAPIProp_Impl, IMAPIProviderShutdown,
    IMAPIProviderShutdown_Forward, IMAPIProviderShutdown_Impl, IMAPISync, IMAPISync_Impl,
    IMAPISyncProgressCallback, IMsgStore, IMsgStore_Impl, MAPI_E_INVALID_PARAMETER,
    MAPI_E_NO_SUPPORT, MAPI_W_ERRORS_RETURNED, S_OK, SaveChangesFlags, UnicodeFlags,
};
use mapi_provider::object::{Object, ObjectRef, Query};

/// Two chains, the first one two links long, and a note when it is dropped.
#[derive(MapiObject)]
#[mapi(implements(IMsgStore, IMAPIProviderShutdown), query_interface = hook)]
struct Sample {
    dropped: Arc<AtomicU32>,
    panic_in_drop: bool,
}

impl Sample {
    fn object(panic_in_drop: bool) -> (ObjectRef<Self>, Arc<AtomicU32>) {
        let dropped = Arc::new(AtomicU32::new(0));
        (
            ObjectRef::new(Self {
                dropped: Arc::clone(&dropped),
                panic_in_drop,
            }),
            dropped,
        )
    }
}

impl Drop for Sample {
    fn drop(&mut self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
        assert!(!self.panic_in_drop, "a drop that panics");
    }
}

impl IMAPIProp_Impl for Sample {}
impl IMsgStore_Impl for Sample {}

impl IMAPIProviderShutdown_Impl for Sample {
    unsafe fn QueryFastShutdown(_: &Object<Self>) -> HRESULT {
        S_OK
    }

    unsafe fn NotifyProcessShutdown(_: &Object<Self>) -> HRESULT {
        panic!("a method that panics")
    }

    unsafe fn DoFastShutdown(_: &Object<Self>) -> HRESULT {
        std::panic::panic_any(Bomb)
    }
}

/// A payload whose own drop panics.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("a payload that panics when it is dropped");
    }
}

/// Has IMAPISync as a tear-off, and panics for IMAPISyncProgressCallback.
fn hook(this: &Object<Sample>, query: &mut Query<'_>) {
    query.answer::<IMAPISyncProgressCallback>(|| panic!("a hook that panics"));
    query.answer::<IMAPISync>(|| {
        let outer = Identity(this.to_unknown());
        Some(ObjectRef::new(TearOff { outer }).into_interface())
    });
}

#[derive(MapiObject)]
#[mapi(implements(IMAPISync), outer = outer)]
struct TearOff {
    outer: Identity,
}

impl IMAPISync_Impl for TearOff {}

struct Identity(IUnknown);

// SAFETY: the objects of these tests are free-threaded.
unsafe impl Send for Identity {}
// SAFETY: as for Send.
unsafe impl Sync for Identity {}

impl std::ops::Deref for Identity {
    type Target = IUnknown;

    fn deref(&self) -> &IUnknown {
        &self.0
    }
}

fn query(unknown: &IUnknown, iid: &GUID) -> (HRESULT, *mut c_void) {
    // Not NULL before, so a method that does not touch it is caught.
    let mut out = ptr::dangling_mut();
    // SAFETY: a live object and a live variable.
    let result = unsafe { unknown.query(iid, &raw mut out) };
    (result, out)
}

/// The count after one more reference and one less.
fn count(unknown: &IUnknown) -> u32 {
    // SAFETY: in balance.
    unsafe {
        let vtable = unknown.vtable();
        (vtable.AddRef)(unknown.as_raw());
        (vtable.Release)(unknown.as_raw())
    }
}

#[test]
fn com_01_identity_is_the_same_from_everywhere() {
    let (object, _) = Sample::object(false);
    let identity = object.to_unknown().as_raw();
    let store: IMsgStore = object.to_interface();
    let shutdown: IMAPIProviderShutdown = object.to_interface();
    let sync: IMAPISync = store.cast().expect("the hook has it");
    let from: [IUnknown; 4] = [
        object.to_unknown(),
        store.clone().into(),
        shutdown.into(),
        sync.into(),
    ];
    let iids = [
        IUnknown::IID,
        IMsgStore::IID,
        IMAPIProp::IID,
        IMAPIProviderShutdown::IID,
        IMAPISync::IID,
    ];
    for unknown in &from {
        let found: IUnknown = unknown.cast().expect("IUnknown is always there");
        assert_eq!(found.as_raw(), identity);
        for iid in &iids {
            let (result, out) = query(unknown, iid);
            assert_eq!(result, S_OK, "{iid:?}");
            // SAFETY: the reference just got.
            drop(unsafe { IUnknown::from_raw(out) });
        }
    }
    drop((store, from));
    assert_eq!(count(&object.to_unknown()), 2);
}

#[test]
fn com_02_what_there_is_not_is_null() {
    let (object, _) = Sample::object(false);
    let unknown = object.to_unknown();
    assert_eq!(
        query(&unknown, &GUID::from_u128(7)),
        (E_NOINTERFACE, ptr::null_mut())
    );
    let mut out = ptr::dangling_mut();
    let ask = unknown.vtable().QueryInterface;
    // SAFETY: NULL is what is tested.
    unsafe {
        assert_eq!(
            ask(unknown.as_raw(), ptr::null(), &raw mut out),
            MAPI_E_INVALID_PARAMETER
        );
        assert_eq!(out, ptr::null_mut());
        assert_eq!(
            ask(unknown.as_raw(), &IUnknown::IID, ptr::null_mut()),
            MAPI_E_INVALID_PARAMETER
        );
    }
}

#[test]
fn com_03_the_last_release_frees_once() {
    let (object, dropped) = Sample::object(false);
    let unknown = object.to_unknown();
    assert_eq!(count(&unknown), 2);
    drop(object);
    assert_eq!(dropped.load(Ordering::Relaxed), 0);
    // SAFETY: the last reference, given up by hand to see the count.
    assert_eq!(unsafe { (unknown.vtable().Release)(unknown.into_raw()) }, 0);
    assert_eq!(dropped.load(Ordering::Relaxed), 1);
}

#[test]
fn com_03_counts_of_many_threads_add_up() {
    let (object, dropped) = Sample::object(false);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            let mine = object.clone();
            scope.spawn(move || {
                for _ in 0..1000 {
                    let store: IMsgStore = mine.to_interface();
                    assert!(store.cast::<IMAPIProp>().is_ok());
                }
            });
        }
    });
    assert_eq!(count(&object.to_unknown()), 2);
    drop(object);
    assert_eq!(dropped.load(Ordering::Relaxed), 1);
}

#[test]
fn com_03_a_dying_object_can_be_counted_and_not_be_had() {
    /// Asks for references to itself while it is dropped, as foreign code may.
    #[derive(MapiObject)]
    #[mapi(implements(IMAPIProviderShutdown))]
    struct Haunted {
        this: std::sync::atomic::AtomicPtr<Object<Haunted>>,
        result: Arc<AtomicU32>,
    }
    impl IMAPIProviderShutdown_Impl for Haunted {}
    impl Drop for Haunted {
        fn drop(&mut self) {
            let this =
                ptr::NonNull::new(self.this.load(Ordering::Relaxed)).expect("set by the test");
            // SAFETY: the memory is there until the drop has ended.
            let had = (0..2).any(|_| unsafe { ObjectRef::upgrade(this) }.is_some());
            // SAFETY: as above; counting up and down must not drop it again.
            unsafe { this.as_ref() }.to_unknown();
            self.result
                .fetch_add(if had { 100 } else { 1 }, Ordering::Relaxed);
        }
    }
    let result = Arc::new(AtomicU32::new(0));
    let object = ObjectRef::new(Haunted {
        this: Default::default(),
        result: Arc::clone(&result),
    });
    object
        .this
        .store(object.as_ptr().as_ptr(), Ordering::Relaxed);
    drop(object);
    assert_eq!(result.load(Ordering::Relaxed), 1);
}

#[test]
fn com_04_no_panic_leaves_a_method() {
    let (object, _) = Sample::object(false);
    let shutdown: IMAPIProviderShutdown = object.to_interface();
    // SAFETY: methods without parameters.
    unsafe {
        assert_eq!(shutdown.NotifyProcessShutdown(), E_UNEXPECTED);
        assert_eq!(
            shutdown.DoFastShutdown(),
            E_UNEXPECTED,
            "also with a payload that panics"
        );
        assert_eq!(shutdown.QueryFastShutdown(), S_OK);
    }
}

#[test]
fn com_04_no_panic_leaves_a_hook_or_a_drop() {
    let (object, dropped) = Sample::object(true);
    assert_eq!(
        query(&object.to_unknown(), &IMAPISyncProgressCallback::IID),
        (E_UNEXPECTED, ptr::null_mut())
    );
    drop(object);
    assert_eq!(dropped.load(Ordering::Relaxed), 1);
}

#[test]
fn com_05_required_pointers_are_checked_and_outs_cleared() {
    let (object, _) = Sample::object(false);
    let store: IMsgStore = object.to_interface();
    let (mut count, mut values) = (7, ptr::dangling_mut());
    // SAFETY: NULL is what is tested; the variables are live.
    unsafe {
        let result = store.GetProps(
            ptr::null_mut(),
            UnicodeFlags::empty(),
            &raw mut count,
            &raw mut values,
        );
        assert_eq!(
            (result, count, values),
            (MAPI_E_NO_SUPPORT, 0, ptr::null_mut())
        );
        count = 7;
        let result = store.GetProps(
            ptr::null_mut(),
            UnicodeFlags::empty(),
            &raw mut count,
            ptr::null_mut(),
        );
        assert_eq!((result, count), (MAPI_E_INVALID_PARAMETER, 0));
    }
}

#[test]
fn com_06_what_nobody_wrote_is_not_supported() {
    let (object, _) = Sample::object(false);
    let store: IMsgStore = object.to_interface();
    // SAFETY: methods without pointers.
    unsafe {
        assert_eq!(
            store.SaveChanges(SaveChangesFlags::empty()),
            MAPI_E_NO_SUPPORT
        );
        assert_eq!(store.Unadvise(1), MAPI_E_NO_SUPPORT);
    }
}

#[test]
fn a_forwarder_passes_results_through_and_overrides_what_it_says() {
    #[derive(MapiObject)]
    #[mapi(implements(IMAPIProviderShutdown))]
    struct Inner;
    impl IMAPIProviderShutdown_Impl for Inner {
        unsafe fn QueryFastShutdown(_: &Object<Self>) -> HRESULT {
            MAPI_W_ERRORS_RETURNED
        }
    }
    #[derive(MapiObject)]
    #[mapi(forwards(IMAPIProviderShutdown = inner))]
    struct Wrapper {
        inner: IMAPIProviderShutdown,
    }
    impl IMAPIProviderShutdown_Forward for Wrapper {
        unsafe fn DoFastShutdown(_: &Object<Self>) -> HRESULT {
            S_OK
        }
    }
    let wrapper = ObjectRef::new(Wrapper {
        inner: ObjectRef::new(Inner).into_interface(),
    });
    let shutdown: IMAPIProviderShutdown = wrapper.into_interface();
    // SAFETY: methods without parameters.
    unsafe {
        assert_eq!(shutdown.QueryFastShutdown(), MAPI_W_ERRORS_RETURNED);
        assert_eq!(shutdown.NotifyProcessShutdown(), MAPI_E_NO_SUPPORT);
        assert_eq!(shutdown.DoFastShutdown(), S_OK);
    }
}

#[test]
fn com_05_outs_are_cleared_wherever_they_lie() {
    let mut bytes = [0xFF_u8; 17];
    let out = bytes.as_mut_ptr().wrapping_add(1).cast::<u64>();
    // SAFETY: the eight bytes at `out` lie in `bytes`; where they begin needn't be aligned.
    unsafe { mapi_provider::object::clear(out) };
    assert_eq!(bytes[..9], [0xFF, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(bytes[9..], [0xFF; 8]);
}
