//! The provider object: IMSProvider.

use std::ffi::c_void;
use std::sync::Arc;

use mapi_provider_abi::mapi::{
    ENTRYID, GUID, HRESULT, IMAPIProviderShutdown, IMAPIProviderShutdown_Impl, IMSProvider,
    IMSProvider_Impl, MAPI_E_INVALID_ENTRYID, MAPIERROR, S_OK, StoreLogonFlags, TCHAR,
};
use mapi_provider_abi::object::{Object, ObjectRef};
use mapi_provider_abi::view::Allocators;

use super::arguments;
use super::face::Face;
use super::opening::{self, Arguments, Outs};
use super::registry::Registry;

/// What all objects of one provider object share.
pub(super) struct ProviderShared {
    pub(super) face: Box<dyn Face>,
    pub(super) allocators: Allocators,
    pub(super) registry: Registry,
}

impl ProviderShared {
    pub(super) fn new(face: impl Face, allocators: Allocators) -> Self {
        Self {
            face: Box::new(face),
            allocators,
            registry: Registry::default(),
        }
    }
}

/// A provider of message stores, one for each call of `MSProviderInit` (ENTRY-03).
#[cfg_attr(
    false,
    derive(MapiObject),
    mapi(implements(IMSProvider, IMAPIProviderShutdown))
)]
pub(super) struct ProviderObject {
    shared: Arc<ProviderShared>,
}
include!("objects/provider.rs");

/// A new provider of message stores: what `MSProviderInit` answers.
pub fn provider(face: impl Face, allocators: Allocators) -> IMSProvider {
    let shared = Arc::new(ProviderShared::new(face, allocators));
    ObjectRef::new(ProviderObject { shared }).into_interface()
}

impl IMSProvider_Impl for ProviderObject {
    unsafe fn Shutdown(_: &Object<Self>, _lpulFlags: *mut u32) -> HRESULT {
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
        this: &Object<Self>,
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
        match this.shared.face.is_same_store(&first, &second) {
            Ok(is_same) => {
                // SAFETY: the thunk has checked that it is not NULL.
                unsafe { *lpulResult = u32::from(is_same) };
                S_OK
            }
            Err(fault) => fault.status,
        }
    }
}

/// The file is whole after each change, so fast shutdown has nothing to do.
impl IMAPIProviderShutdown_Impl for ProviderObject {
    unsafe fn QueryFastShutdown(_: &Object<Self>) -> HRESULT {
        S_OK
    }

    unsafe fn NotifyProcessShutdown(_: &Object<Self>) -> HRESULT {
        S_OK
    }

    unsafe fn DoFastShutdown(_: &Object<Self>) -> HRESULT {
        S_OK
    }
}
