//! The provider object: IMSProvider.

use std::ffi::c_void;
use std::sync::Arc;

use mapi_provider::MapiObject;
use mapi_provider::abi::{
    ENTRYID, GUID, HRESULT, IMAPIProviderShutdown, IMAPIProviderShutdown_Impl, IMSProvider,
    IMSProvider_Impl, MAPI_E_INVALID_ENTRYID, MAPIERROR, S_OK, StoreLogonFlags, TCHAR,
};
use mapi_provider::object::Object;
use mapi_provider::view::Allocators;

use super::opening::{self, Arguments, Outs, StoreEntryId};
use super::registry::Registry;
use crate::arguments;
use crate::record::note;

/// What all objects of one provider object share.
pub(crate) struct ProviderShared {
    pub(super) allocators: Allocators,
    pub(super) registry: Registry,
}

/// A provider, one for each call of `MSProviderInit` (ENTRY-03).
#[derive(MapiObject)]
#[mapi(implements(IMSProvider, IMAPIProviderShutdown))]
pub(crate) struct ProviderObject {
    shared: Arc<ProviderShared>,
}

impl ProviderObject {
    pub(crate) fn new(allocators: Allocators) -> Self {
        Self {
            shared: Arc::new(ProviderShared {
                allocators,
                registry: Registry::default(),
            }),
        }
    }
}

impl IMSProvider_Impl for ProviderObject {
    unsafe fn Shutdown(_: &Object<Self>, _lpulFlags: *mut u32) -> HRESULT {
        note(format_args!("Shutdown"));
        S_OK
    }

    unsafe fn Logon(
        this: &Object<Self>,
        lpMAPISup: *mut c_void,
        _ulUIParam: usize,
        _lpszProfileName: *mut TCHAR,
        cbEntryID: u32,
        lpEntryID: *mut ENTRYID,
        ulFlags: StoreLogonFlags,
        lpInterface: *const GUID,
        _lpcbSpoolSecurity: *mut u32,
        _lppbSpoolSecurity: *mut *mut u8,
        lppMAPIError: *mut *mut MAPIERROR,
        lppMSLogon: *mut *mut c_void,
        lppMDB: *mut *mut c_void,
    ) -> HRESULT {
        let arguments = Arguments {
            support: lpMAPISup,
            entry_id: (cbEntryID, lpEntryID),
            flags: ulFlags,
            interface: lpInterface,
            spooler: false,
        };
        let outs = Outs {
            error: lppMAPIError,
            logon: lppMSLogon,
            store: lppMDB,
        };
        // SAFETY: the thunk has checked the required ones; the rest is the caller's word.
        unsafe { opening::log_on(&this.shared, &arguments, &outs) }
    }

    unsafe fn SpoolerLogon(
        this: &Object<Self>,
        lpMAPISup: *mut c_void,
        _ulUIParam: usize,
        _lpszProfileName: *mut TCHAR,
        cbEntryID: u32,
        lpEntryID: *mut ENTRYID,
        ulFlags: StoreLogonFlags,
        lpInterface: *const GUID,
        _cbSpoolSecurity: u32,
        _lpbSpoolSecurity: *mut u8,
        lppMAPIError: *mut *mut MAPIERROR,
        lppMSLogon: *mut *mut c_void,
        lppMDB: *mut *mut c_void,
    ) -> HRESULT {
        let arguments = Arguments {
            support: lpMAPISup,
            entry_id: (cbEntryID, lpEntryID),
            flags: ulFlags,
            interface: lpInterface,
            spooler: true,
        };
        let outs = Outs {
            error: lppMAPIError,
            logon: lppMSLogon,
            store: lppMDB,
        };
        // SAFETY: as in Logon.
        unsafe { opening::log_on(&this.shared, &arguments, &outs) }
    }

    unsafe fn CompareStoreIDs(
        _: &Object<Self>,
        cbEntryID1: u32,
        lpEntryID1: *mut ENTRYID,
        cbEntryID2: u32,
        lpEntryID2: *mut ENTRYID,
        _ulFlags: u32,
        lpulResult: *mut u32,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        let pair = unsafe {
            (
                arguments::entry_id(cbEntryID1, lpEntryID1),
                arguments::entry_id(cbEntryID2, lpEntryID2),
            )
        };
        let (Ok(Some(first)), Ok(Some(second))) = pair else {
            return MAPI_E_INVALID_ENTRYID;
        };
        match (StoreEntryId::path(&first), StoreEntryId::path(&second)) {
            (Some(first), Some(second)) => {
                // SAFETY: the thunk has checked that it is not NULL.
                unsafe { *lpulResult = u32::from(first == second) };
                S_OK
            }
            _ => MAPI_E_INVALID_ENTRYID,
        }
    }
}

/// The file is complete after each change, so fast shutdown has nothing to do.
impl IMAPIProviderShutdown_Impl for ProviderObject {
    unsafe fn QueryFastShutdown(_: &Object<Self>) -> HRESULT {
        note(format_args!("QueryFastShutdown"));
        S_OK
    }

    unsafe fn NotifyProcessShutdown(_: &Object<Self>) -> HRESULT {
        note(format_args!("NotifyProcessShutdown"));
        S_OK
    }

    unsafe fn DoFastShutdown(_: &Object<Self>) -> HRESULT {
        note(format_args!("DoFastShutdown"));
        S_OK
    }
}
