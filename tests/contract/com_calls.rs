//! Rules for every method: the panic barrier, out pointers, unimplemented methods (COM-04 to COM-06).

use std::ffi::c_void;
use std::panic::panic_any;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mapi_provider::MapiObject;
use mapi_provider::abi::{
    E_UNEXPECTED, HRESULT, IMAPIProp_Impl, IMSLogon, IMSLogon_Impl, IMSProvider, IMSProvider_Impl,
    IMsgStore, IMsgStore_Impl, MAPI_E_CALL_FAILED, MAPI_E_INVALID_PARAMETER, MAPI_E_NO_SUPPORT,
    OpenEntryFlags, SPropTagArray, SPropValue, SaveChangesFlags, StoreLogonFlags, UnicodeFlags,
};
use mapi_provider::object::{Object, ObjectRef, Query};
use windows_core::{GUID, Interface};

use crate::com_outs::{Out, logon_without_methods, outs, something, store_without_methods};
use crate::support::{Orders, bare_logon, contract_tests};

contract_tests! {
    fn com_05_com_06_methods_that_nobody_wrote_clear_and_check_their_outs(backend) {
        let rig = backend.rig(Orders::steps(1));
        store_without_methods(rig.store.interface());
        logon_without_methods(&rig.store.logon().expect("a logon"));
        rig.finish();
    }

    fn com_05_methods_that_are_there_check_their_outs(backend) {
        use Out::{Number, Pointer};
        let rig = backend.rig(Orders::steps(1));
        let (store, provider) = (rig.store.interface(), rig.provider.interface());
        let bad = MAPI_E_INVALID_PARAMETER;
        // SAFETY: as above.
        unsafe {
            // As many tags as no array has.
            outs("GetProps", bad, [Number, Pointer], |o| {
                let mut tags = [u32::MAX, 0];
                store.GetProps((&raw mut tags).cast(), UnicodeFlags::empty(), o[0].cast(), o[1].cast())
            });
            assert_eq!(store.GetPropList(UnicodeFlags::empty(), ptr::null_mut()), bad);
            assert_eq!(store.GetLastError(MAPI_E_CALL_FAILED, UnicodeFlags::empty(), ptr::null_mut()), bad);
            assert_eq!(store.StoreLogoff(ptr::null_mut()), bad);
            let mut result = u32::MAX;
            assert!(provider.CompareStoreIDs(0, ptr::null_mut(), 0, ptr::null_mut(), 0, &raw mut result).is_err());
            assert_eq!(result, 0);
            assert_eq!(provider.CompareStoreIDs(0, ptr::null_mut(), 0, ptr::null_mut(), 0, ptr::null_mut()), bad);
        }
        rig.finish();
    }

    fn com_05_both_objects_of_a_logon_are_required(backend) {
        let rig = backend.rig(Orders::steps(1));
        let provider = rig.host.init().expect("another provider object");
        let logon = |logon: *mut *mut c_void, store: *mut *mut c_void, spooler: bool| {
            let null: *mut c_void = ptr::null_mut();
            let (flags, iid) = (StoreLogonFlags::empty(), ptr::null());
            // SAFETY: all but the last two may be NULL.
            unsafe {
                if spooler {
                    provider.interface().SpoolerLogon(
                        null, 0, null.cast(), 0, null.cast(), flags, iid, 0, null.cast(), null.cast(), logon, store,
                    )
                } else {
                    provider.interface().Logon(
                        null, 0, null.cast(), 0, null.cast(), flags, iid, null.cast(), null.cast(), null.cast(), logon, store,
                    )
                }
            }
        };
        for spooler in [false, true] {
            let rubbish = ptr::without_provenance_mut(usize::MAX);
            let mut out = rubbish;
            assert_eq!(logon(ptr::null_mut(), &raw mut out, spooler), MAPI_E_INVALID_PARAMETER);
            assert_eq!(out, ptr::null_mut());
            out = rubbish;
            assert_eq!(logon(&raw mut out, ptr::null_mut(), spooler), MAPI_E_INVALID_PARAMETER);
            assert_eq!(out, ptr::null_mut());
        }
        // Nothing was opened: a logon now is the first.
        drop(bare_logon(provider.interface()));
        drop(provider);
        rig.finish();
    }
}

/// An object whose methods are all the defaults.
#[derive(MapiObject)]
#[mapi(implements(IMsgStore, IMSLogon, IMSProvider))]
struct Bare;

impl IMAPIProp_Impl for Bare {}
impl IMsgStore_Impl for Bare {}
impl IMSLogon_Impl for Bare {}
impl IMSProvider_Impl for Bare {}

#[test]
fn com_05_com_06_an_object_without_methods_answers_no_support() {
    use Out::{Number, Optional, Pointer};
    let bare = ObjectRef::new(Bare);
    let store: IMsgStore = bare.to_interface();
    store_without_methods(&store);
    logon_without_methods(&bare.to_interface());
    let provider: IMSProvider = bare.to_interface();
    let no = MAPI_E_NO_SUPPORT;
    // SAFETY: methods that look at nothing but the NULL pointers.
    unsafe {
        outs("GetLastError", no, [Pointer], |o| {
            store.GetLastError(no, UnicodeFlags::empty(), o[0].cast())
        });
        outs("GetProps", no, [Number, Pointer], |o| {
            store.GetProps(
                ptr::null_mut(),
                UnicodeFlags::empty(),
                o[0].cast(),
                o[1].cast(),
            )
        });
        outs("GetPropList", no, [Pointer], |o| {
            store.GetPropList(UnicodeFlags::empty(), o[0].cast())
        });
        let null: *mut c_void = ptr::null_mut();
        outs("Logon", no, [Optional, Optional, Pointer, Pointer], |o| {
            provider.Logon(
                null,
                0,
                null.cast(),
                0,
                null.cast(),
                StoreLogonFlags::empty(),
                ptr::null(),
                null.cast(),
                o[0].cast(),
                o[1].cast(),
                o[2].cast(),
                o[3].cast(),
            )
        });
        outs("SpoolerLogon", no, [Optional, Pointer, Pointer], |o| {
            provider.SpoolerLogon(
                null,
                0,
                null.cast(),
                0,
                null.cast(),
                StoreLogonFlags::empty(),
                ptr::null(),
                0,
                null.cast(),
                o[0].cast(),
                o[1].cast(),
                o[2].cast(),
            )
        });
        assert_eq!(provider.Shutdown(ptr::null_mut()), no);
    }
}

/// What a panicking object throws.
struct Bomb(Arc<AtomicUsize>);

impl Drop for Bomb {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
        panic!("dropping the payload");
    }
}

/// An object that panics wherever user code can.
#[derive(MapiObject)]
#[mapi(implements(IMsgStore), query_interface = panic_in_query)]
struct Panics {
    payloads: Arc<AtomicUsize>,
    drops: Arc<AtomicUsize>,
}

fn panic_in_query(_: &Object<Panics>, query: &mut Query<'_>) {
    panic!("asked for {:?}", query.iid())
}

impl IMAPIProp_Impl for Panics {
    unsafe fn GetProps(
        _: &Object<Self>,
        _: *mut SPropTagArray,
        _: UnicodeFlags,
        count: *mut u32,
        values: *mut *mut SPropValue,
    ) -> HRESULT {
        // SAFETY: the thunk has checked both.
        unsafe {
            *count = 7;
            *values = something();
        }
        panic!("after the outs were written")
    }

    unsafe fn SaveChanges(this: &Object<Self>, _: SaveChangesFlags) -> HRESULT {
        panic_any(Bomb(Arc::clone(&this.payloads)))
    }
}

impl IMsgStore_Impl for Panics {
    unsafe fn OpenEntry(
        _: &Object<Self>,
        _: u32,
        _: *mut mapi_provider::abi::ENTRYID,
        _: *const GUID,
        _: OpenEntryFlags,
        kind: *mut u32,
        object: *mut *mut c_void,
    ) -> HRESULT {
        // SAFETY: the thunk has checked both.
        unsafe {
            *kind = 7;
            *object = something();
        }
        MAPI_E_CALL_FAILED
    }
}

impl Drop for Panics {
    fn drop(&mut self) {
        self.drops.fetch_add(1, Ordering::SeqCst);
        panic_any(Bomb(Arc::clone(&self.payloads)));
    }
}

#[test]
fn com_04_a_panic_in_any_method_is_e_unexpected_and_no_more() {
    let (payloads, drops) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let object = ObjectRef::new(Panics {
        payloads: Arc::clone(&payloads),
        drops: Arc::clone(&drops),
    });
    let store: IMsgStore = object.to_interface();
    drop(object);
    let (mut count, mut values) = (u32::MAX, something::<SPropValue>());
    let mut found = something::<c_void>();
    // SAFETY: live variables.
    unsafe {
        assert_eq!(
            store.GetProps(
                ptr::null_mut(),
                UnicodeFlags::empty(),
                &raw mut count,
                &raw mut values
            ),
            E_UNEXPECTED
        );
        assert_eq!(
            (count, values),
            (0, ptr::null_mut()),
            "a panic leaves no outs"
        );
        assert_eq!(store.SaveChanges(SaveChangesFlags::empty()), E_UNEXPECTED);
        let unknown = GUID::from_u128(7);
        assert_eq!(
            store.query(&raw const unknown, &raw mut found),
            E_UNEXPECTED
        );
        assert_eq!(found, ptr::null_mut());
    }
    assert_eq!(
        payloads.load(Ordering::SeqCst),
        1,
        "its payload panicked too"
    );
    // The last Release, whose drop panics.
    drop(store);
    assert_eq!(
        (
            drops.load(Ordering::SeqCst),
            payloads.load(Ordering::SeqCst)
        ),
        (1, 2)
    );
}

#[test]
fn com_05_a_method_that_fails_leaves_no_outs() {
    let counters = || Arc::new(AtomicUsize::new(0));
    let store: IMsgStore = ObjectRef::new(Panics {
        payloads: counters(),
        drops: counters(),
    })
    .into_interface();
    // SAFETY: the method looks at nothing but its outs.
    outs(
        "OpenEntry",
        MAPI_E_CALL_FAILED,
        [Out::Number, Out::Pointer],
        |o| unsafe {
            store.OpenEntry(
                0,
                ptr::null_mut(),
                ptr::null(),
                OpenEntryFlags::empty(),
                o[0].cast(),
                o[1].cast(),
            )
        },
    );
}
