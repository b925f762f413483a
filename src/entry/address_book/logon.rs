//! The logon object: IABLogon.

use std::ffi::c_void;
use std::sync::Arc;

use windows_core::{GUID, HRESULT, Interface};

use super::attached::Attached;
use super::open::{Asked, open_entry};
use super::recipients::prepare_recips;
use super::status_object::StatusObject;
use crate::address_book::AddressBook;
use crate::entry::limits;
use mapi_provider_abi::mapi::{
    ADRLIST, ENTRYID, IABLogon, IABLogon_Impl, IMAPIProp, IMAPIStatus,
    MAPI_E_INTERFACE_NOT_SUPPORTED, MAPI_E_INVALID_ENTRYID, MAPI_E_NO_SUPPORT, MAPI_STATUS,
    MAPIERROR, OpenEntryFlags, OpenStatusEntryFlags, PrepareRecipsFlags, S_OK, SPropTagArray,
    UnicodeFlags,
};
use mapi_provider_abi::object::{Object, ObjectRef, select_unicode};
use mapi_provider_abi::view::EntryId;

/// The logon of an address book. After Logoff its methods answer `MAPI_E_NO_SUPPORT` (AB-34); what is not written here
/// always does (AB-30, AB-31).
#[cfg_attr(
    false,
    derive(MapiObject),
    mapi(implements(IABLogon), query_interface = select_unicode)
)]
pub(super) struct AddressBookLogon<L: AddressBook> {
    pub(super) attached: Arc<Attached<L>>,
}
include!("objects/logon.rs");

impl<L: AddressBook> IABLogon_Impl for AddressBookLogon<L> {
    unsafe fn GetLastError(
        _: &Object<Self>,
        _: HRESULT,
        _: UnicodeFlags,
        _: *mut *mut MAPIERROR,
    ) -> HRESULT {
        S_OK // COM-08: nothing to say.
    }

    unsafe fn Logoff(this: &Object<Self>, _ulFlags: u32) -> HRESULT {
        this.attached.log_off();
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
        let asked = Asked {
            count: cbEntryID,
            entry_id: lpEntryID,
            interface: lpInterface,
            flags: ulFlags,
        };
        // SAFETY: the caller's word; the thunk has checked the outs.
        unsafe { open_entry(&this.attached, &asked, (lpulObjType, lppUnk)) }
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
        if this.attached.is_closed() {
            return MAPI_E_NO_SUPPORT;
        }
        // SAFETY: the caller's word.
        let (one, other) = unsafe {
            let limits = limits::entry_id();
            (
                EntryId::read(cbEntryID1, lpEntryID1, &limits),
                EntryId::read(cbEntryID2, lpEntryID2, &limits),
            )
        };
        let (Ok(one), Ok(other)) = (one, other) else {
            return MAPI_E_INVALID_ENTRYID;
        };
        // AB-10: nothing is looked up.
        let uids = &this.attached.directory.book.uids;
        match uids.same(one.as_bytes(), other.as_bytes()) {
            Ok(same) => {
                // SAFETY: the thunk has checked that it is not NULL.
                unsafe { *lpulResult = u32::from(same) };
                S_OK
            }
            Err(_) => MAPI_E_INVALID_ENTRYID,
        }
    }

    unsafe fn OpenStatusEntry(
        this: &Object<Self>,
        lpInterface: *const GUID,
        _ulFlags: OpenStatusEntryFlags, // XP-32: MAPI_MODIFY gives the same object.
        lpulObjType: *mut u32,
        lppEntry: *mut *mut c_void,
    ) -> HRESULT {
        if this.attached.is_closed() {
            return MAPI_E_NO_SUPPORT;
        }
        // SAFETY: NULL or the caller's.
        let asked = unsafe { lpInterface.as_ref() };
        let known = [IMAPIStatus::IID, IMAPIProp::IID];
        if asked.is_some_and(|iid| !known.contains(iid)) {
            return MAPI_E_INTERFACE_NOT_SUPPORTED;
        }
        let status = ObjectRef::new(StatusObject::new(&this.attached));
        let status: IMAPIStatus = status.into_interface();
        // SAFETY: the thunk has checked that neither is NULL. IMAPIStatus begins as IMAPIProp does.
        unsafe {
            *lpulObjType = MAPI_STATUS;
            *lppEntry = status.into_raw();
        }
        S_OK
    }

    unsafe fn PrepareRecips(
        this: &Object<Self>,
        _ulFlags: PrepareRecipsFlags,
        lpPropTagArray: *mut SPropTagArray,
        lpRecipList: *mut ADRLIST,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        unsafe { prepare_recips(&this.attached, lpPropTagArray, lpRecipList) }
    }
}

/// A Release without Logoff is the same as one (AB-34): containers that are still held look up nothing any more.
impl<L: AddressBook> Drop for AddressBookLogon<L> {
    fn drop(&mut self) {
        self.attached.log_off();
    }
}
