//! Interfaces that a team defines itself. `proxy.rs` is what `cargo mapi interfaces proxy.toml` writes; a test of
//! the command compares the two.

mod chapter;
mod contoso;
#[rustfmt::skip]
mod proxy;
mod wrapped;

use core::ffi::c_void;
use std::mem::offset_of;
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};

use mapi_provider::MapiObject;
use mapi_provider::abi::{
    E_NOINTERFACE, GUID, HRESULT, IMAPIProp, IMAPIProp_Impl, IMsgStore, IMsgStore_Impl, IUnknown,
    Interface, MAPI_E_INVALID_PARAMETER, MAPI_E_NO_SUPPORT, PropTag, S_OK, UnicodeFlags,
};
use mapi_provider::object::{Object, ObjectRef};

use crate::contoso::{Store, Wrapper};
use crate::proxy::{
    CONTOSO_E_QUOTA, CONTOSO_STAMP, CONTOSO_USAGE, IContosoSecret, IContosoSecret_Forward,
    IContosoSecret_Impl, IContosoStore, IProxyStoreObject, IProxyStoreObject_Impl,
    PR_CONTOSO_USAGE, PS_CONTOSO, UsageFlags, status_name,
};
use crate::wrapped::{Wrapped, unwrap};

/// A store without methods, which others wrap.
#[derive(MapiObject)]
#[mapi(implements(IMsgStore))]
struct Plain;

impl IMAPIProp_Impl for Plain {}
impl IMsgStore_Impl for Plain {}

/// Implements an interface that has no IID, whose base has one.
#[derive(MapiObject)]
#[mapi(implements(IContosoSecret))]
struct Secret;

impl IProxyStoreObject_Impl for Secret {}

impl IContosoSecret_Impl for Secret {
    unsafe fn Reveal(_: &Object<Self>, secret: *mut u32) -> HRESULT {
        // SAFETY: required, so the caller's to be written to.
        unsafe { *secret = 42 };
        S_OK
    }
}

/// Forwards it.
#[derive(MapiObject)]
#[mapi(forwards(IContosoSecret = 0))]
struct SecretWrapper(IContosoSecret);

impl IContosoSecret_Forward for SecretWrapper {}

const NO_USAGE: CONTOSO_USAGE = CONTOSO_USAGE {
    cMessages: 0,
    r#type: 0,
    cbUsed: 0,
};

/// What QueryInterface answers, and with which pointer.
fn query(object: &IUnknown, iid: &GUID) -> (HRESULT, Option<IUnknown>) {
    let mut found = ptr::without_provenance_mut(1);
    // SAFETY: `found` is there to be written to; a pointer that comes out is counted.
    unsafe {
        let status = object.query(iid, &raw mut found);
        let found = (!found.is_null()).then(|| IUnknown::from_raw(found));
        (status, found)
    }
}

/// Calls a slot of the vtable knowing nothing about it except `this`.
fn call_slot(object: &IUnknown, slot: usize) -> HRESULT {
    type Method = unsafe extern "system" fn(*mut c_void) -> HRESULT;
    let this = object.as_raw();
    // SAFETY: a COM object begins with the pointer to its vtable, which has the slot.
    unsafe { (**this.cast::<*const [Method; 64]>())[slot](this) }
}

#[test]
fn the_store_inside_is_handed_out() {
    let inner = ObjectRef::new(Plain).into_interface::<IMsgStore>();
    let store = Wrapped {
        inner: inner.clone(),
    };
    let store = ObjectRef::new(store).into_interface::<IMsgStore>();
    assert_eq!(unwrap(&store), inner);
    assert_eq!(unwrap(&inner), inner);
}

#[test]
fn a_required_pointer_is_checked_before_the_method_is_called() {
    let object = ObjectRef::new(Store::new(3));
    let store: IContosoStore = object.to_interface();
    let mut total = 99;
    // SAFETY: NULL is what is tested.
    let status = unsafe { store.GetUsage(1, UsageFlags::empty(), ptr::null_mut(), &raw mut total) };
    assert_eq!(status, MAPI_E_INVALID_PARAMETER);
    assert_eq!(total, 0);
    assert_eq!(object.calls.load(Ordering::Relaxed), 0);

    let inner = ObjectRef::new(Plain).into_interface::<IMsgStore>();
    let proxy = ObjectRef::new(Wrapped { inner }).into_interface::<IProxyStoreObject>();
    // SAFETY: as above.
    let status = unsafe { proxy.UnwrapNoRef(ptr::null_mut()) };
    assert_eq!(status, MAPI_E_INVALID_PARAMETER);
}

#[test]
fn structures_flags_and_status_codes_go_through_the_client() {
    let store = ObjectRef::new(Store::new(3)).into_interface::<IContosoStore>();
    let (mut usage, mut total) = (NO_USAGE, 0);
    // SAFETY: both are there to be written to.
    let status = unsafe { store.GetUsage(1, UsageFlags::ALL, &raw mut usage, &raw mut total) };
    assert_eq!((status, total), (S_OK, 1000));
    assert_eq!(
        (usage.cMessages, usage.r#type, usage.cbUsed),
        (3, 1, 3 << 32)
    );
    // SAFETY: as above.
    let status = unsafe { store.GetUsage(1, UsageFlags::FRESH, &raw mut usage, &raw mut total) };
    assert_eq!(
        (status, total),
        (CONTOSO_E_QUOTA, 0),
        "on failure nothing comes out"
    );
}

#[test]
fn the_callback_is_called_in_its_convention() {
    unsafe extern "system" fn changed(context: *mut c_void, usage: *const CONTOSO_USAGE) {
        // SAFETY: as `Watch` was given it, and what it gives.
        let (seen, usage) = unsafe { (&*context.cast::<AtomicU32>(), &*usage) };
        seen.store(usage.cMessages, Ordering::Relaxed);
    }
    let store = ObjectRef::new(Store::new(3)).into_interface::<IContosoStore>();
    let seen = AtomicU32::new(0);
    let context = (&raw const seen).cast_mut().cast();
    // SAFETY: the context lives as long as the call.
    assert_eq!(unsafe { store.Watch(Some(changed), context) }, S_OK);
    assert_eq!(seen.load(Ordering::Relaxed), 3);
    // SAFETY: no function, nothing to call.
    assert_eq!(unsafe { store.Watch(None, ptr::null_mut()) }, S_OK);
}

#[test]
fn words_of_rust_are_names_like_others() {
    let store = ObjectRef::new(Store::new(3)).into_interface::<IContosoStore>();
    let subject = [0_u16];
    // SAFETY: a terminated string.
    assert_eq!(unsafe { store.r#match(subject.as_ptr()) }, 3);
}

#[test]
fn query_interface_knows_the_interface_and_its_bases() {
    let store = ObjectRef::new(Store::new(3)).into_interface::<IContosoStore>();
    for iid in [
        IContosoStore::IID,
        IMsgStore::IID,
        IMAPIProp::IID,
        IUnknown::IID,
    ] {
        let (status, found) = query(&store, &iid);
        assert_eq!(status, S_OK, "{iid:?}");
        assert_eq!(found.map(|found| found.as_raw()), Some(store.as_raw()));
    }
    assert_eq!(
        query(&store, &IProxyStoreObject::IID),
        (E_NOINTERFACE, None)
    );
    let base: IMsgStore = store.clone().into();
    assert_eq!(base.cast::<IContosoStore>().ok(), Some(store));
}

#[test]
fn a_method_that_nobody_wrote_has_no_support_also_in_the_base() {
    let secret = ObjectRef::new(Secret).into_interface::<IContosoSecret>();
    let mut store = ptr::null_mut();
    // SAFETY: there to be written to.
    let status = unsafe { secret.UnwrapNoRef(&raw mut store) };
    assert_eq!(status, MAPI_E_NO_SUPPORT);
    let store = ObjectRef::new(Store::new(3)).into_interface::<IContosoStore>();
    // SAFETY: no pointer at all.
    let status = unsafe { store.SaveChanges(mapi_provider::abi::SaveChangesFlags::empty()) };
    assert_eq!(status, MAPI_E_NO_SUPPORT);
}

#[test]
fn placeholder_slots_are_there_and_answer_no_support() {
    let inner = ObjectRef::new(Plain).into_interface::<IMsgStore>();
    let proxy = ObjectRef::new(Wrapped { inner }).into_interface::<IProxyStoreObject>();
    let secret = ObjectRef::new(Secret).into_interface::<IContosoSecret>();
    let forwarded =
        ObjectRef::new(SecretWrapper(secret.clone())).into_interface::<IContosoSecret>();
    let objects: [&IUnknown; 3] = [&proxy, &secret, &forwarded];
    for object in objects {
        assert_eq!(call_slot(object, 3), MAPI_E_NO_SUPPORT);
        assert_eq!(call_slot(object, 5), MAPI_E_NO_SUPPORT);
    }
}

#[test]
fn a_forwarder_passes_on_what_it_does_not_write_itself() {
    let inner = ObjectRef::new(Store::new(3)).into_interface::<IContosoStore>();
    let store = ObjectRef::new(Wrapper { inner }).into_interface::<IContosoStore>();
    let mut usage = NO_USAGE;
    // SAFETY: the structure is there to be written to, and what may be NULL is.
    unsafe {
        let status = store.GetUsage(2, UsageFlags::empty(), &raw mut usage, ptr::null_mut());
        assert_eq!((status, usage.cMessages, usage.r#type), (S_OK, 3, 2));
        assert_eq!(store.r#match(ptr::null()), 7);
        // The bases' too.
        let status = store.GetPropList(UnicodeFlags::empty(), ptr::null_mut());
        assert_eq!(status, MAPI_E_INVALID_PARAMETER);
    }
    let mut secret = 0;
    let inner = ObjectRef::new(Secret).into_interface::<IContosoSecret>();
    let wrapper = ObjectRef::new(SecretWrapper(inner)).into_interface::<IContosoSecret>();
    // SAFETY: there to be written to.
    assert_eq!(unsafe { wrapper.Reveal(&raw mut secret) }, S_OK);
    assert_eq!(secret, 42);
}

#[test]
fn an_interface_without_an_iid_is_answered_by_nobody() {
    let object = ObjectRef::new(Secret);
    let secret: IContosoSecret = object.to_interface();
    assert_eq!(IContosoSecret::IID, GUID::zeroed());
    assert_eq!(query(&secret, &GUID::zeroed()), (E_NOINTERFACE, None));
    assert!(secret.cast::<IContosoSecret>().is_err());
    // Its base has an IID, and is there.
    assert!(secret.cast::<IProxyStoreObject>().is_ok());
    let wrapper = ObjectRef::new(SecretWrapper(secret)).into_unknown();
    assert_eq!(query(&wrapper, &GUID::zeroed()), (E_NOINTERFACE, None));
}

#[test]
fn layouts_and_numbers_are_as_written() {
    assert_eq!(size_of::<CONTOSO_STAMP>(), 5);
    assert_eq!(offset_of!(CONTOSO_STAMP, when), 1);
    assert_eq!(PR_CONTOSO_USAGE, PropTag(0x6601_0014));
    assert_eq!(PS_CONTOSO.data1, 0x5f0c_0f9e);
    assert_eq!(status_name(CONTOSO_E_QUOTA), Some("CONTOSO_E_QUOTA"));
    assert_eq!((UsageFlags::FRESH | UsageFlags::ALL).bits(), 3);
    assert_eq!(
        IProxyStoreObject::IID,
        mapi_provider::abi::IProxyStoreObject::IID,
        "ours is hidden, and right"
    );
}
