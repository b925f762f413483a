//! The logon object: the half of a store that MAPI itself calls.

use std::ffi::c_void;
use std::sync::Arc;

use mapi_provider_abi::mapi::{
    ENTRYID, GUID, HRESULT, IMAPIStatus, IMSLogon, IMSLogon_Impl, Interface, MAPI_STATUS,
    MAPIERROR, NotificationEvents, OpenEntryFlags, OpenStatusEntryFlags, S_OK, UnicodeFlags,
};
use mapi_provider_abi::object::{Object, ObjectRef};

use super::arguments;
use super::fault::LastFault;
use super::open_entry;
use super::shared::StoreShared;
use super::status::StatusObject;

/// The logon of a store. It never holds the store: that would be a cycle (ENTRY-05).
#[cfg_attr(false, derive(MapiObject), mapi(implements(IMSLogon)))]
pub(super) struct LogonObject {
    shared: Arc<StoreShared>,
    last: LastFault,
}
include!("objects/logon.rs");

impl LogonObject {
    pub(super) fn new(shared: Arc<StoreShared>) -> Self {
        Self {
            shared,
            last: LastFault::default(),
        }
    }
}

impl IMSLogon_Impl for LogonObject {
    unsafe fn GetLastError(
        this: &Object<Self>,
        hResult: HRESULT,
        ulFlags: UnicodeFlags,
        lppMAPIError: *mut *mut MAPIERROR,
    ) -> HRESULT {
        // SAFETY: the thunk has checked that it is not NULL.
        unsafe { this.last.tell(hResult, ulFlags, &this.shared, lppMAPIError) }
    }

    unsafe fn Logoff(_: &Object<Self>, _lpulFlags: *mut u32) -> HRESULT {
        S_OK
    }

    unsafe fn OpenEntry(
        this: &Object<Self>,
        cbEntryID: u32,
        lpEntryID: *mut ENTRYID,
        lpInterface: *const GUID,
        ulFlags: OpenEntryFlags,
        lpulObjType: *mut u32,
        lppUnk: *mut *mut c_void,
    ) -> HRESULT {
        // SAFETY: the thunk has checked the outs; the rest is the caller's word.
        this.last.answer(unsafe {
            open_entry::open(
                &this.shared,
                (cbEntryID, lpEntryID),
                lpInterface,
                ulFlags,
                lpulObjType,
                lppUnk,
            )
        })
    }

    unsafe fn CompareEntryIDs(
        this: &Object<Self>,
        cbEntryID1: u32,
        lpEntryID1: *mut ENTRYID,
        cbEntryID2: u32,
        lpEntryID2: *mut ENTRYID,
        _ulFlags: u32,
        lpulResult: *mut u32,
    ) -> HRESULT {
        // SAFETY: the thunk has checked the result; the rest is the caller's word.
        this.last.answer(unsafe {
            open_entry::compare(
                &this.shared,
                (cbEntryID1, lpEntryID1),
                (cbEntryID2, lpEntryID2),
                lpulResult,
            )
        })
    }

    unsafe fn Advise(
        this: &Object<Self>,
        cbEntryID: u32,
        lpEntryID: *mut ENTRYID,
        ulEventMask: NotificationEvents,
        lpAdviseSink: *mut c_void,
        lpulConnection: *mut usize,
    ) -> HRESULT {
        // SAFETY: the thunk has checked the connection; the rest is the caller's word.
        this.last.answer(unsafe {
            open_entry::advise(
                &this.shared,
                (cbEntryID, lpEntryID),
                ulEventMask,
                lpAdviseSink,
                lpulConnection,
            )
        })
    }

    unsafe fn Unadvise(this: &Object<Self>, ulConnection: usize) -> HRESULT {
        this.last
            .answer(this.shared.unsubscribe(ulConnection).map(|()| S_OK))
    }

    unsafe fn OpenStatusEntry(
        this: &Object<Self>,
        lpInterface: *const GUID,
        _ulFlags: OpenStatusEntryFlags,
        lpulObjType: *mut u32,
        lppEntry: *mut *mut c_void,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        let checked = unsafe { arguments::check_interface(lpInterface, &[IMAPIStatus::IID]) };
        this.last.answer(checked.map(|()| {
            let status = ObjectRef::new(StatusObject::new(Arc::clone(&this.shared)));
            // SAFETY: the thunk has checked the entry; the type is NULL or valid.
            unsafe {
                if !lpulObjType.is_null() {
                    *lpulObjType = MAPI_STATUS;
                }
                *lppEntry = status.into_interface::<IMAPIStatus>().into_raw();
            }
            S_OK
        }))
    }
}
