//! The manual's chapter on other crates with MAPI's types: interfaces and structures go from one crate to the other.
#![cfg(windows)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mapi_provider::MapiObject;
use mapi_provider::abi::{
    HRESULT, IMAPIProp_Impl, IMsgStore, IMsgStore_Impl, Interface, PR_SUBJECT_W, S_OK, SPropValue,
};
use mapi_provider::object::{Object, ObjectRef};
use mapi_provider::view::{self, Limits, Property, ViewError};
use outlook_mapi_sys::Microsoft::Office::Outlook::MAPI::Win32 as theirs;

/// A store of ours as one of theirs. The reference goes along.
fn into_theirs(store: IMsgStore) -> theirs::IMsgStore {
    // SAFETY: it is the same interface, with the same vtable.
    unsafe { theirs::IMsgStore::from_raw(store.into_raw()) }
}

/// And back.
fn into_ours(store: theirs::IMsgStore) -> IMsgStore {
    // SAFETY: as above.
    unsafe { IMsgStore::from_raw(store.into_raw()) }
}

/// The same for a call: nobody counts.
fn lend<R>(store: &IMsgStore, call: impl FnOnce(&theirs::IMsgStore) -> R) -> Option<R> {
    let pointer = store.as_raw();
    // SAFETY: as above, and the store lives as long as the call.
    unsafe { theirs::IMsgStore::from_raw_borrowed(&pointer) }.map(call)
}

/// Properties of theirs as values.
///
/// # Safety
///
/// Their values are what their tags say.
unsafe fn properties(values: &[theirs::SPropValue]) -> Result<Vec<Property<'_>>, ViewError> {
    let first: *const SPropValue = values.as_ptr().cast();
    // SAFETY: the structures have one layout; the rest is the caller's word.
    unsafe { view::read_array(values.len() as u32, first, &Limits::default()) }
}

/// A store that counts the calls of `Unadvise`.
#[derive(MapiObject)]
#[mapi(implements(IMsgStore))]
struct Store {
    calls: Arc<AtomicUsize>,
}

impl IMAPIProp_Impl for Store {}

impl IMsgStore_Impl for Store {
    unsafe fn Unadvise(this: &Object<Self>, ulConnection: usize) -> HRESULT {
        assert_eq!(ulConnection, 7);
        this.calls.fetch_add(1, Ordering::Relaxed);
        S_OK
    }
}

#[test]
fn an_interface_goes_there_and_back_with_its_one_reference() {
    let calls = Arc::new(AtomicUsize::new(0));
    let store = Store {
        calls: Arc::clone(&calls),
    };
    let store: IMsgStore = ObjectRef::new(store).into_interface();
    // SAFETY: a call without pointers.
    let lent = lend(&store, |theirs| unsafe { theirs.Unadvise(7) });
    lent.expect("not NULL").expect("it goes well");
    let theirs = into_theirs(store);
    // SAFETY: as above.
    unsafe { theirs.Unadvise(7) }.expect("it goes well");
    let ours = into_ours(theirs);
    // SAFETY: as above.
    assert_eq!(unsafe { ours.Unadvise(7) }, S_OK);
    assert_eq!(calls.load(Ordering::Relaxed), 3);
    drop(ours);
    assert_eq!(Arc::strong_count(&calls), 1, "nothing is left of it");
}

#[test]
fn structures_are_read_as_our_own() {
    let mut subject: Vec<u16> = "Grüße\0".encode_utf16().collect();
    // SAFETY: all zeros is a value of every field.
    let mut value: theirs::SPropValue = unsafe { std::mem::zeroed() };
    value.ulPropTag = PR_SUBJECT_W.0;
    value.Value.lpszW = windows_core::PWSTR(subject.as_mut_ptr());
    let values = [value];
    // SAFETY: the value is a string that ends with a NUL.
    let read = unsafe { properties(&values) }.expect("it is well formed");
    assert_eq!(read, [Property::new(PR_SUBJECT_W, "Grüße")]);
}
