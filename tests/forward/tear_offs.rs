//! What only the inner object has is part of the wrapper's identity, or not there at all (WRAP-02).

use std::ffi::c_void;
use std::ptr;

use mapi_provider::MapiObject;
use mapi_provider::abi::{
    E_NOINTERFACE, HRESULT, IMAPIProp_Impl, IMsgStore, IMsgStore_Forward, IMsgStore_Impl, IPSTX,
    IPSTX_Impl, IPSTX2, IPSTX2_Impl, IPSTX3, IUnknown, Interface, MAPI_E_NO_ACCESS,
};
use mapi_provider::object::{Object, ObjectRef};
use mapi_provider_host::count;

/// A store that is an IPSTX2 as well.
#[derive(MapiObject)]
#[mapi(implements(IMsgStore, IPSTX2))]
struct Store;

impl IMAPIProp_Impl for Store {}
impl IMsgStore_Impl for Store {}

impl IPSTX_Impl for Store {
    unsafe fn GetSyncObject(_: &Object<Self>, _: *mut *mut c_void) -> HRESULT {
        MAPI_E_NO_ACCESS
    }
}

impl IPSTX2_Impl for Store {}

#[derive(MapiObject)]
#[mapi(
    forwards(IMsgStore = inner),
    tear_offs(IPSTX = inner, IPSTX2 = inner, IPSTX3 = inner)
)]
struct Wrapper {
    inner: IMsgStore,
}

impl IMsgStore_Forward for Wrapper {}

fn wrapped() -> (IMsgStore, IMsgStore) {
    let inner: IMsgStore = ObjectRef::new(Store).to_interface();
    let wrapper = ObjectRef::new(Wrapper {
        inner: inner.clone(),
    });
    (inner, wrapper.to_interface())
}

fn identity(object: &impl Interface) -> *mut c_void {
    object.cast::<IUnknown>().expect("IUnknown").as_raw()
}

#[test]
fn wrap_02_a_tear_off_has_the_wrappers_identity() {
    let (inner, wrapper) = wrapped();
    let first: IPSTX = wrapper.cast().expect("the inner store has it");
    let second: IPSTX2 = wrapper.cast().expect("the inner store has it");
    assert_eq!(identity(&first), identity(&wrapper));
    assert_eq!(identity(&second), identity(&wrapper));
    assert_ne!(identity(&first), identity(&inner));
    // Symmetric and transitive: from each there is a way to each other (COM-01).
    assert_eq!(first.cast::<IMsgStore>().expect("IMsgStore"), wrapper);
    let again: IPSTX2 = first.cast().expect("IPSTX2");
    assert_eq!(again.cast::<IMsgStore>().expect("IMsgStore"), wrapper);
}

#[test]
fn wrap_02_a_tear_off_calls_the_inner_object() {
    let (_inner, wrapper) = wrapped();
    let tear_off: IPSTX = wrapper.cast().expect("the inner store has it");
    let mut out = ptr::null_mut();
    // SAFETY: a live variable.
    let status = unsafe { tear_off.GetSyncObject(&raw mut out) };
    assert_eq!(status, MAPI_E_NO_ACCESS);
}

#[test]
fn wrap_02_what_the_inner_object_has_not_is_not_there() {
    let (_inner, wrapper) = wrapped();
    // Named, but the inner store hasn't got it.
    let error = wrapper.cast::<IPSTX3>().expect_err("none");
    assert_eq!(error.code(), E_NOINTERFACE);
}

#[test]
fn wrap_02_what_is_not_named_is_not_there_though_the_inner_object_has_it() {
    #[derive(MapiObject)]
    #[mapi(forwards(IMsgStore = inner), tear_offs(IPSTX2 = inner))]
    struct Narrow {
        inner: IMsgStore,
    }

    impl IMsgStore_Forward for Narrow {}

    let (inner, _) = wrapped();
    let narrow: IMsgStore = ObjectRef::new(Narrow { inner }).into_interface();
    assert!(narrow.cast::<IPSTX2>().is_ok());
    let error = narrow.cast::<IPSTX>().expect_err("not named");
    assert_eq!(error.code(), E_NOINTERFACE);
}

#[test]
fn wrap_02_references_are_balanced() {
    let (inner, wrapper) = wrapped();
    let unknown: IUnknown = wrapper.cast().expect("IUnknown");
    let before = (count(&unknown), count(&inner.clone().into()));
    let tear_off: IPSTX = wrapper.cast().expect("the inner store has it");
    assert_eq!(
        count(&unknown),
        before.0 + 1,
        "the tear-off keeps the wrapper"
    );
    drop(tear_off);
    assert!(wrapper.cast::<IPSTX3>().is_err());
    let after = (count(&unknown), count(&inner.clone().into()));
    assert_eq!(after, before);
    drop((unknown, wrapper));
    assert_eq!(count(&inner.into()), 1, "nobody keeps the inner store");
}
