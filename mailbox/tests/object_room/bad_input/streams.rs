//! Streams and storages, method by method.

use super::{
    Bench, Call,
    Expected::{self, This},
    HUGE, calls, check, null,
};
use crate::object_support::*;
use std::ffi::c_void;
use std::ptr;

use mapi_provider::abi::*;
use mapi_provider::view::{PropValue, Property};

/// The IID of `IStorage`.
const STORAGE: GUID = GUID::from_u128(0x0000000B_0000_0000_C000_000000000046);

const INVALID: Expected = This(MAPI_E_INVALID_PARAMETER);
const OUT_OF_RANGE: Expected = This(STG_E_INVALIDFUNCTION);
const FULL: Expected = This(STG_E_MEDIUMFULL);
const DENIED: Expected = This(STG_E_ACCESSDENIED);
const DONE: Expected = This(S_OK);

const READ: OpenPropertyFlags = OpenPropertyFlags::empty();
const CREATE: OpenPropertyFlags =
    OpenPropertyFlags::MAPI_CREATE.union(OpenPropertyFlags::MAPI_MODIFY);

fn stream(object: &IMAPIProp, tag: PropTag, options: u32, flags: OpenPropertyFlags) -> IStream {
    let mut out = null();
    unsafe {
        let status = object.OpenProperty(tag, &IStream::IID, options, flags, &mut out);
        assert_eq!(status, S_OK);
        IStream::from_raw(out)
    }
}

/// Where a stream stands, and how long it is.
fn place(stream: &IStream) -> (u64, u64) {
    let mut at = 0;
    unsafe {
        assert_eq!(stream.Seek(0, STREAM_SEEK_CUR, &mut at), S_OK);
        let mut stat = std::mem::zeroed::<STATSTG>();
        assert_eq!(stream.Stat(&mut stat, STATFLAG_NONAME), S_OK);
        (at, stat.cbSize)
    }
}

/// What any stream refuses, and what does it no harm.
fn of_any(stream: &IStream) -> Vec<Call> {
    let (mut count, mut long) = (77_u32, 77_u64);
    let mut byte = [0xAA_u8; 4];
    let nothing = null::<c_void>();
    let own = stream.as_raw();
    let mut stat = unsafe { std::mem::zeroed::<STATSTG>() };
    let (clone, size) = (null(), u64::MAX);
    let calls = unsafe {
        calls! {
            "Read, NULL": stream.Read(nothing, HUGE, &mut count) => INVALID;
            "Read of nothing": stream.Read(byte.as_mut_ptr().cast(), 0, null()) => DONE;
            "CopyTo, NULL": stream.CopyTo(nothing, size, &mut long, &mut long) => INVALID;
            "CopyTo of nothing": stream.CopyTo(own, 0, null(), null()) => DONE;
            "Stat, NULL": stream.Stat(null(), STATFLAG_NONAME) => INVALID;
            "Stat, odd": stream.Stat(&mut stat, HUGE) => This(STG_E_INVALIDFLAG);
            "Clone, NULL": stream.Clone(clone) => INVALID;
            "LockRegion": stream.LockRegion(u64::MAX, u64::MAX, HUGE) => OUT_OF_RANGE;
            "UnlockRegion": stream.UnlockRegion(u64::MAX, u64::MAX, HUGE) => OUT_OF_RANGE;
            "Seek before the start": stream.Seek(-1, STREAM_SEEK_CUR, &mut long) => OUT_OF_RANGE;
            "Seek far before the start": stream.Seek(i64::MIN, STREAM_SEEK_CUR, null()) => OUT_OF_RANGE;
            "Seek before the start from the end": stream.Seek(i64::MIN, STREAM_SEEK_END, null()) => OUT_OF_RANGE;
            "Seek from nowhere": stream.Seek(0, 3, null()) => OUT_OF_RANGE;
            "Seek from all bits": stream.Seek(0, HUGE, null()) => OUT_OF_RANGE;
            "Revert": stream.Revert() => DONE;
        }
    };
    assert_eq!(count, 0, "it is cleared");
    assert_eq!(byte, [0xAA; 4]);
    calls
}

#[test]
fn null_and_garbage_are_refused_by_streams() {
    let bench = Bench::new();
    let tag = PropTag::new(0x6610, PT_BINARY);
    let objects: [&IMAPIProp; 4] = [
        bench.session.store.interface(),
        &bench.folder,
        &bench.message,
        &bench.attachment,
    ];
    for object in objects {
        set(&bench.session, object, &[Property::new(tag, &b"abc"[..])]);
        let mut byte = [0x55_u8; 4];
        let bytes = byte.as_mut_ptr().cast::<c_void>();
        let mut count = 77;
        let write = stream(object, tag, 0, OpenPropertyFlags::MAPI_MODIFY);
        check(of_any(&write));
        check(unsafe {
            calls! {
                "Write, NULL": write.Write(null(), HUGE, &mut count) => INVALID;
                "Write of nothing from nowhere": write.Write(null(), 0, null()) => INVALID;
                "Write of nothing": write.Write(bytes, 0, null()) => DONE;
                "SetSize, all bits": write.SetSize(u64::MAX) => FULL;
                "SetSize, all but the sign": write.SetSize(i64::MAX as u64) => FULL;
                "SetSize, a byte too much": write.SetSize((64 << 30) + 1) => FULL;
                "Seek to all bits": write.Seek(-1, STREAM_SEEK_SET, null()) => DONE;
                "Write there": write.Write(bytes, 4, &mut count) => FULL;
                "Read there": write.Read(bytes, 4, &mut count) => DONE;
                "CopyTo there": write.CopyTo(write.as_raw(), u64::MAX, null(), null()) => DONE;
                "Seek beyond all bits": write.Seek(1, STREAM_SEEK_CUR, null()) => OUT_OF_RANGE;
                "Seek to the start": write.Seek(0, STREAM_SEEK_SET, null()) => DONE;
                "Commit, odd": write.Commit(StreamCommitFlags::from_bits_retain(HUGE)) => DONE;
            }
        });
        assert_eq!((count, byte), (0, [0x55; 4]));
        assert_eq!(place(&write), (0, 3));
        drop(write);
        let read = stream(object, tag, HUGE & !STGM_TRANSACTED, READ);
        check(of_any(&read));
        check(unsafe {
            calls! {
                "Write": read.Write(bytes, 4, &mut count) => DENIED;
                "SetSize": read.SetSize(0) => DENIED;
                "Commit of nothing": read.Commit(StreamCommitFlags::empty()) => DONE;
            }
        });
        assert_eq!(place(&read), (0, 3));
        drop(read);
        let value = value(&bench.session, object, tag);
        assert_eq!(value, PropValue::from(&b"abc"[..]));
    }
    bench.close();
}

#[test]
fn store_30_a_storage_that_mapi_does_not_give_costs_nothing() {
    // The support object of this host makes no storages.
    let bench = Bench::new();
    let attachment = &bench.attachment;
    let bytes = [Property::new(PR_ATTACH_DATA_BIN, &b"abc"[..])];
    set(&bench.session, attachment, &bytes);
    let mut out = null::<c_void>();
    let mut open = |tag: PropTag, flags| unsafe {
        attachment.OpenProperty(tag, &STORAGE, STGM_READWRITE, flags, &mut out)
    };
    let (object, modify) = (PR_ATTACH_DATA_OBJ, OpenPropertyFlags::MAPI_MODIFY);
    check(calls! {
        "to be read": open(object, READ) => This(MAPI_E_NO_SUPPORT);
        "to be changed": open(object, modify) => This(MAPI_E_NO_SUPPORT);
        "made": open(object, CREATE) => This(MAPI_E_NO_SUPPORT);
        "of bytes": open(PR_ATTACH_DATA_BIN, CREATE) => This(MAPI_E_INTERFACE_NOT_SUPPORTED);
        "of text": open(object.with_type(PT_UNICODE), CREATE) => This(MAPI_E_INTERFACE_NOT_SUPPORTED);
        "of another property": open(PropTag::new(0x6610, PT_OBJECT), CREATE)
            => This(MAPI_E_INTERFACE_NOT_SUPPORTED);
    });
    check(unsafe {
        calls! {
            "no out": attachment.OpenProperty(object, &STORAGE, 0, CREATE, null()) => INVALID;
            "no interface": attachment.OpenProperty(object, ptr::null(), 0, CREATE, &mut out) => INVALID;
        }
    });
    assert!(out.is_null());
    let kept = value(&bench.session, attachment, PR_ATTACH_DATA_BIN);
    assert_eq!(kept, bytes[0].value, "the value is as it was");
    bench.close();
}
