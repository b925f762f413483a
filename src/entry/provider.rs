//! The provider object: IMSProvider and IMAPIProviderShutdown.

use std::ffi::c_void;
use std::sync::Arc;

use windows_core::{GUID, HRESULT};

use super::identity::StoreIdentity;
use super::logon_call::{Arguments, Outs, Security};
use super::open::{self, Served};
use super::shared::ProviderShared;
use mapi_provider_abi::mapi::{
    ENTRYID, IMAPIProviderShutdown, IMAPIProviderShutdown_Impl, IMSProvider, IMSProvider_Impl,
    MAPI_E_INVALID_ENTRYID, MAPIERROR, S_OK, StoreLogonFlags, TCHAR,
};
use mapi_provider_abi::object::Object;

/// A provider, one for each call of MSProviderInit (ENTRY-03).
#[cfg_attr(
    false,
    derive(MapiObject),
    mapi(implements(IMSProvider, IMAPIProviderShutdown))
)]
pub(super) struct ProviderObject<S: Served> {
    pub(super) shared: Arc<ProviderShared<S>>,
}
include!("objects/provider.rs");

impl<S: Served> IMSProvider_Impl for ProviderObject<S> {
    unsafe fn Shutdown(this: &Object<Self>, _lpulFlags: *mut u32) -> HRESULT {
        this.shared.registry.stop_all();
        S_OK
    }

    unsafe fn Logon(
        this: &Object<Self>,
        lpMAPISup: *mut c_void,
        ulUIParam: usize,
        lpszProfileName: *mut TCHAR,
        cbEntryID: u32,
        lpEntryID: *mut ENTRYID,
        ulFlags: StoreLogonFlags,
        lpInterface: *const GUID,
        lpcbSpoolSecurity: *mut u32,
        lppbSpoolSecurity: *mut *mut u8,
        lppMAPIError: *mut *mut MAPIERROR,
        lppMSLogon: *mut *mut c_void,
        lppMDB: *mut *mut c_void,
    ) -> HRESULT {
        // No window is ever shown, so MDB_NO_DIALOG and MAPI_NT_SERVICE need no care (ENTRY-08).
        let arguments = Arguments::new(
            lpMAPISup,
            (ulUIParam, lpszProfileName),
            (cbEntryID, lpEntryID),
            ulFlags,
            lpInterface,
            Security::Wanted(lpcbSpoolSecurity, lppbSpoolSecurity),
        );
        let outs = Outs::new(lppMAPIError, lppMSLogon, lppMDB);
        // SAFETY: the thunk has checked the required ones; the rest is the caller's word.
        unsafe { open::logon(&this.shared, &arguments, &outs) }
    }

    unsafe fn SpoolerLogon(
        this: &Object<Self>,
        lpMAPISup: *mut c_void,
        ulUIParam: usize,
        lpszProfileName: *mut TCHAR,
        cbEntryID: u32,
        lpEntryID: *mut ENTRYID,
        ulFlags: StoreLogonFlags,
        lpInterface: *const GUID,
        cbSpoolSecurity: u32,
        lpbSpoolSecurity: *mut u8,
        lppMAPIError: *mut *mut MAPIERROR,
        lppMSLogon: *mut *mut c_void,
        lppMDB: *mut *mut c_void,
    ) -> HRESULT {
        let arguments = Arguments::new(
            lpMAPISup,
            (ulUIParam, lpszProfileName),
            (cbEntryID, lpEntryID),
            ulFlags,
            lpInterface,
            Security::Given(cbSpoolSecurity, lpbSpoolSecurity),
        );
        let outs = Outs::new(lppMAPIError, lppMSLogon, lppMDB);
        // SAFETY: as in Logon.
        unsafe { open::logon(&this.shared, &arguments, &outs) }
    }

    unsafe fn CompareStoreIDs(
        _this: &Object<Self>,
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
                StoreIdentity::read(cbEntryID1, lpEntryID1),
                StoreIdentity::read(cbEntryID2, lpEntryID2),
            )
        };
        match pair {
            (Ok(Some(first)), Ok(Some(second))) => {
                // SAFETY: the thunk has checked that it is not NULL.
                unsafe { *lpulResult = u32::from(first.is_same(&second)) };
                S_OK
            }
            _ => MAPI_E_INVALID_ENTRYID,
        }
    }
}

/// ENTRY-10: Outlook's fast shutdown cancels a run and lets it save its place.
impl<S: Served> IMAPIProviderShutdown_Impl for ProviderObject<S> {
    unsafe fn QueryFastShutdown(_this: &Object<Self>) -> HRESULT {
        S_OK
    }

    unsafe fn NotifyProcessShutdown(_this: &Object<Self>) -> HRESULT {
        S_OK
    }

    unsafe fn DoFastShutdown(this: &Object<Self>) -> HRESULT {
        this.shared.registry.stop_all();
        S_OK
    }
}
