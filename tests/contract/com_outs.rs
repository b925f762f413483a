//! What COM-05 and COM-06 require of unimplemented methods, for all methods of a store and a logon.

use std::ffi::c_void;
use std::ptr;

use mapi_provider::abi::{
    CopyFlags, GetIDsFromNamesFlags, GetNamesFromIDsFlags, GetReceiveFolderTableFlags, HRESULT,
    IMSLogon, IMsgStore, MAPI_E_INVALID_PARAMETER, MAPI_E_NO_SUPPORT, NotificationEvents,
    OpenEntryFlags, OpenPropertyFlags, OpenStatusEntryFlags, PropTag, SPropTagArray,
    SaveChangesFlags, UnicodeFlags,
};
use windows_core::{GUID, IUnknown, Interface};

/// The out parameters of a call, each large enough for a pointer; garbage before the call.
pub(crate) type Outs<const N: usize> = [*mut c_void; N];

/// What an out parameter is.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Out {
    /// A ULONG that may not be NULL.
    Number,
    /// A pointer, or a number as large as one, that may not be NULL.
    Pointer,
    /// A pointer that may be NULL.
    Optional,
}

/// COM-05 and COM-06 for a method that is unimplemented or fails: outs that contain garbage come back NULL,
/// and each required one that is NULL is refused before anything else.
#[track_caller]
pub(crate) fn outs<const N: usize>(
    name: &str,
    expected: HRESULT,
    kinds: [Out; N],
    call: impl Fn(Outs<N>) -> HRESULT,
) {
    let run = |left_out: Option<usize>| {
        let mut places = [usize::MAX; N];
        let mut outs: Outs<N> = std::array::from_fn(|i| (&raw mut places[i]).cast());
        if let Some(index) = left_out {
            outs[index] = ptr::null_mut();
        }
        let result = call(outs);
        for (index, kind) in kinds
            .into_iter()
            .enumerate()
            .filter(|(index, _)| Some(*index) != left_out)
        {
            let value = if kind == Out::Number {
                places[index] as u32 as usize
            } else {
                places[index]
            };
            assert_eq!(value, 0, "{name}, out {index}, without {left_out:?}");
        }
        result
    };
    assert_eq!(run(None), expected, "{name}");
    for (index, kind) in kinds.into_iter().enumerate() {
        let result = if kind == Out::Optional {
            expected
        } else {
            MAPI_E_INVALID_PARAMETER
        };
        assert_eq!(run(Some(index)), result, "{name} without out {index}");
    }
}

/// Something for required in parameters to point to. It is never read.
static SOMETHING: [usize; 8] = [0; 8];

pub(crate) fn something<T>() -> *mut T {
    (&raw const SOMETHING).cast_mut().cast()
}

/// All unimplemented methods of a store.
#[track_caller]
pub(crate) fn store_without_methods(store: &IMsgStore) {
    use Out::{Number, Optional, Pointer};
    let iid: *const GUID = &IUnknown::IID;
    // SAFETY: methods that look at nothing but the NULL pointers.
    unsafe {
        let no = MAPI_E_NO_SUPPORT;
        outs("OpenProperty", no, [Pointer], |o| {
            store.OpenProperty(
                PropTag(0x1234_000D),
                iid,
                0,
                OpenPropertyFlags::empty(),
                o[0].cast(),
            )
        });
        outs("SetProps", no, [Optional], |o| {
            store.SetProps(1, something(), o[0].cast())
        });
        outs("DeleteProps", no, [Optional], |o| {
            store.DeleteProps(something(), o[0].cast())
        });
        let copy_to = |interface, target, problems| {
            let (exclude, window, progress) = (ptr::null_mut(), 0, ptr::null_mut());
            store.CopyTo(
                0,
                ptr::null(),
                exclude,
                window,
                progress,
                interface,
                target,
                CopyFlags::empty(),
                problems,
            )
        };
        outs("CopyTo", no, [Optional], |o| {
            copy_to(iid, something(), o[0].cast())
        });
        let copy_props = |tags, interface, target, problems| {
            let (window, progress) = (0, ptr::null_mut());
            store.CopyProps(
                tags,
                window,
                progress,
                interface,
                target,
                CopyFlags::empty(),
                problems,
            )
        };
        outs("CopyProps", no, [Optional], |o| {
            copy_props(something(), iid, something(), o[0].cast())
        });
        outs("GetNamesFromIDs", no, [Number, Pointer], |o| {
            let mut tags: *mut SPropTagArray = ptr::null_mut();
            store.GetNamesFromIDs(
                &raw mut tags,
                ptr::null_mut(),
                GetNamesFromIDsFlags::empty(),
                o[0].cast(),
                o[1].cast(),
            )
        });
        outs("GetIDsFromNames", no, [Pointer], |o| {
            store.GetIDsFromNames(
                0,
                ptr::null_mut(),
                GetIDsFromNamesFlags::empty(),
                o[0].cast(),
            )
        });
        outs("Advise", no, [Pointer], |o| {
            store.Advise(
                0,
                ptr::null_mut(),
                NotificationEvents::empty(),
                something(),
                o[0].cast(),
            )
        });
        outs("OpenEntry", no, [Number, Pointer], |o| {
            store.OpenEntry(
                0,
                ptr::null_mut(),
                ptr::null(),
                OpenEntryFlags::empty(),
                o[0].cast(),
                o[1].cast(),
            )
        });
        outs("GetReceiveFolder", no, [Number, Pointer, Optional], |o| {
            store.GetReceiveFolder(
                ptr::null_mut(),
                UnicodeFlags::empty(),
                o[0].cast(),
                o[1].cast(),
                o[2].cast(),
            )
        });
        outs("GetReceiveFolderTable", no, [Pointer], |o| {
            store.GetReceiveFolderTable(GetReceiveFolderTableFlags::empty(), o[0].cast())
        });
        outs("GetOutgoingQueue", no, [Pointer], |o| {
            store.GetOutgoingQueue(0, o[0].cast())
        });
        let plain = [
            ("SaveChanges", store.SaveChanges(SaveChangesFlags::empty())),
            ("Unadvise", store.Unadvise(1)),
            (
                "SetReceiveFolder",
                store.SetReceiveFolder(ptr::null_mut(), UnicodeFlags::empty(), 0, ptr::null_mut()),
            ),
            ("AbortSubmit", store.AbortSubmit(4, something(), 0)),
            ("SetLockState", store.SetLockState(something(), 1)),
            ("FinishedMsg", store.FinishedMsg(0, 4, something())),
            ("NotifyNewMail", store.NotifyNewMail(something())),
        ];
        for (name, result) in plain {
            assert_eq!(result, no, "{name}");
        }
        let (null, no_iid) = (ptr::null_mut(), ptr::null());
        let refused = [
            ("CopyTo", copy_to(no_iid, something(), null)),
            ("CopyTo", copy_to(iid, ptr::null_mut(), null)),
            (
                "CopyProps",
                copy_props(ptr::null_mut(), iid, something(), null),
            ),
            (
                "CopyProps",
                copy_props(something(), no_iid, something(), null),
            ),
            (
                "CopyProps",
                copy_props(something(), iid, ptr::null_mut(), null),
            ),
            (
                "SetProps",
                store.SetProps(1, ptr::null_mut(), ptr::null_mut()),
            ),
            (
                "DeleteProps",
                store.DeleteProps(ptr::null_mut(), ptr::null_mut()),
            ),
            ("AbortSubmit", store.AbortSubmit(4, ptr::null_mut(), 0)),
            ("SetLockState", store.SetLockState(ptr::null_mut(), 1)),
            ("FinishedMsg", store.FinishedMsg(0, 4, ptr::null_mut())),
            ("NotifyNewMail", store.NotifyNewMail(ptr::null_mut())),
        ];
        for (name, result) in refused {
            assert_eq!(
                result, MAPI_E_INVALID_PARAMETER,
                "{name} without what it requires"
            );
        }
    }
}

/// All unimplemented methods of a logon.
#[track_caller]
pub(crate) fn logon_without_methods(logon: &IMSLogon) {
    use Out::{Number, Pointer};
    let (no, null) = (MAPI_E_NO_SUPPORT, ptr::null_mut());
    // SAFETY: as for the store.
    unsafe {
        outs("IMSLogon::OpenEntry", no, [Number, Pointer], |o| {
            logon.OpenEntry(
                0,
                ptr::null_mut(),
                ptr::null(),
                OpenEntryFlags::empty(),
                o[0].cast(),
                o[1].cast(),
            )
        });
        outs("IMSLogon::CompareEntryIDs", no, [Number], |o| {
            logon.CompareEntryIDs(0, null, 0, null, 0, o[0].cast())
        });
        outs("IMSLogon::Advise", no, [Pointer], |o| {
            logon.Advise(
                0,
                ptr::null_mut(),
                NotificationEvents::empty(),
                something(),
                o[0].cast(),
            )
        });
        outs("IMSLogon::OpenStatusEntry", no, [Number, Pointer], |o| {
            logon.OpenStatusEntry(
                ptr::null(),
                OpenStatusEntryFlags::empty(),
                o[0].cast(),
                o[1].cast(),
            )
        });
        assert_eq!(logon.Unadvise(1), no);
    }
}
