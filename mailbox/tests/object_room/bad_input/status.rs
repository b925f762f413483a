//! The logon and the status object, method by method.

use super::{
    Bench, Call,
    Expected::{self, This},
    HUGE, calls, check, null,
};
use std::ffi::c_void;
use std::ptr;

use mapi_provider::abi::*;

const INVALID: Expected = This(MAPI_E_INVALID_PARAMETER);
const TOO_BIG: Expected = This(MAPI_E_TOO_BIG);
const NO_INTERFACE: Expected = This(MAPI_E_INTERFACE_NOT_SUPPORTED);
const NOT_PROMISED: Expected = This(MAPI_E_NO_SUPPORT);

fn status_object(logon: &IMSLogon) -> IMAPIStatus {
    let (mut kind, mut out) = (0, null());
    unsafe {
        let flags = OpenStatusEntryFlags::from_bits_retain(HUGE);
        let status = logon.OpenStatusEntry(ptr::null(), flags, &mut kind, &mut out);
        assert_eq!((status, kind), (S_OK, MAPI_STATUS));
        IMAPIStatus::from_raw(out)
    }
}

#[test]
fn null_and_garbage_are_refused_by_the_logon() {
    let bench = Bench::new();
    let before = bench.seen();
    let logon = bench.session.store.logon().expect("a logon");
    let odd = GUID::from_u128(0x1234);
    let (mut out, mut kind, mut same, mut connection) = (null::<c_void>(), 77, 77, 77);
    let (open, plain) = (OpenEntryFlags::empty(), OpenStatusEntryFlags::empty());
    let (events, to) = (
        NotificationEvents::from_bits_retain(HUGE),
        bench.folder.as_raw(),
    );
    let mut byte = [0_u8; 64];
    let bytes = byte.as_mut_ptr().cast::<ENTRYID>();
    check(unsafe {
        calls! {
            "GetLastError, no out": logon.GetLastError(MAPI_E_NOT_FOUND, UnicodeFlags::empty(), null()) => INVALID;
            "OpenEntry, huge": logon.OpenEntry(HUGE, bytes, ptr::null(), open, &mut kind, &mut out) => TOO_BIG;
            "OpenEntry, NULL": logon.OpenEntry(HUGE, null(), ptr::null(), open, &mut kind, &mut out) => INVALID;
            "OpenEntry, no out": logon.OpenEntry(0, null(), ptr::null(), open, &mut kind, null()) => INVALID;
            "OpenEntry, odd": logon.OpenEntry(0, null(), &odd, open, &mut kind, &mut out) => NO_INTERFACE;
            "CompareEntryIDs, huge": logon.CompareEntryIDs(0, null(), HUGE, bytes, HUGE, &mut same) => TOO_BIG;
            "CompareEntryIDs, no out": logon.CompareEntryIDs(0, null(), 0, null(), 0, null()) => INVALID;
            "Advise, huge": logon.Advise(HUGE, bytes, events, to, &mut connection) => TOO_BIG;
            "Advise, no sink": logon.Advise(0, null(), events, null(), &mut connection) => INVALID;
            "Advise, no out": logon.Advise(0, null(), events, to, null()) => INVALID;
            "Unadvise": logon.Unadvise(usize::MAX) => This(MAPI_E_NOT_FOUND);
            "OpenStatusEntry, odd": logon.OpenStatusEntry(&odd, plain, &mut kind, &mut out) => NO_INTERFACE;
            "OpenStatusEntry, no out": logon.OpenStatusEntry(ptr::null(), plain, &mut kind, null()) => INVALID;
        }
    });
    assert!(out.is_null());
    assert_eq!(bench.seen(), before);
    bench.close();
}

#[test]
fn null_and_garbage_are_refused_by_the_status_object() {
    let bench = Bench::new();
    let before = bench.seen();
    let status = status_object(bench.session.store.logon().as_ref().expect("a logon"));
    let mut huge = [HUGE, 0];
    let huge = huge.as_mut_ptr().cast::<SPropTagArray>();
    let mut one = [1_u32, PR_DISPLAY_NAME_W.0];
    let one = one.as_mut_ptr().cast::<SPropTagArray>();
    let mut given = SPropValue {
        ulPropTag: PropTag::new(0x6601, PT_LONG),
        dwAlignPad: 0,
        Value: SPropValueUnion { l: 1 },
    };
    let wide = UnicodeFlags::MAPI_UNICODE;
    let (mut count, mut values, mut out) = (0, null(), null::<c_void>());
    let (iid, write) = (IStream::IID, OpenPropertyFlags::MAPI_MODIFY);
    let (to, copies, prop) = (bench.message.as_raw(), CopyFlags::empty(), IMAPIProp::IID);
    check(unsafe {
        calls! {
            "GetProps, huge": status.GetProps(huge, wide, &mut count, &mut values) => TOO_BIG;
            "GetProps, no count": status.GetProps(null(), wide, null(), &mut values) => INVALID;
            "GetProps, no out": status.GetProps(null(), wide, &mut count, null()) => INVALID;
            "GetPropList, no out": status.GetPropList(wide, null()) => INVALID;
            "OpenProperty": status.OpenProperty(PR_DISPLAY_NAME_W, &iid, 0, write, &mut out) => NOT_PROMISED;
            "SetProps": status.SetProps(1, &mut given, null()) => NOT_PROMISED;
            "DeleteProps": status.DeleteProps(one, null()) => NOT_PROMISED;
            "SaveChanges": status.SaveChanges(SaveChangesFlags::empty()) => NOT_PROMISED;
            "CopyTo": status.CopyTo(0, ptr::null(), null(), 0, null(), &prop, to, copies, null()) => NOT_PROMISED;
            "CopyProps": status.CopyProps(one, 0, null(), &prop, to, copies, null()) => NOT_PROMISED;
            "ValidateState": status.ValidateState(usize::MAX, ValidateStateFlags::from_bits_retain(HUGE)) => This(S_OK);
            "SettingsDialog": status.SettingsDialog(0, SettingsDialogFlags::from_bits_retain(HUGE)) => NOT_PROMISED;
            "ChangePassword": status.ChangePassword(null(), null(), wide) => NOT_PROMISED;
            "FlushQueues": status.FlushQueues(0, HUGE, null(), FlushQueuesFlags::from_bits_retain(HUGE)) => NOT_PROMISED;
        }
    });
    assert!(values.is_null() && out.is_null());
    drop(status);
    assert_eq!(bench.seen(), before);
    bench.close();
}
