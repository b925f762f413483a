//! The provider object of a wrapped store.

use std::ffi::c_void;
use std::sync::Arc;

use windows_core::{GUID, HRESULT, Interface};

use super::super::logon_call::{Arguments, Outs, Security};
use super::super::synchronize::MapiSync;
use super::inner::Missing;
use super::open;
use super::shared::WrappedShared;
use mapi_provider_abi::mapi::{
    ENTRYID, IMAPIProviderShutdown, IMAPIProviderShutdown_Impl, IMSProvider, IMSProvider_Impl,
    MAPIERROR, S_OK, StoreLogonFlags, TCHAR,
};
use mapi_provider_abi::object::Object;

/// A provider around the PST provider's own, one for each call of MSProviderInit (ENTRY-03).
///
/// All four methods are written here, for each of them has more to do than to pass the call on.
#[cfg_attr(
    false,
    derive(MapiObject),
    mapi(implements(IMSProvider, IMAPIProviderShutdown))
)]
pub(super) struct WrappedProvider<L: MapiSync> {
    pub(super) inner: Result<IMSProvider, Missing>,
    pub(super) shared: Arc<WrappedShared<L>>,
}
include!("objects/provider.rs");

impl<L: MapiSync> WrappedProvider<L> {
    /// The inner provider's IMAPIProviderShutdown, where it has one.
    fn inner_shutdown(&self) -> Option<IMAPIProviderShutdown> {
        self.inner.as_ref().ok()?.cast().ok()
    }
}

impl<L: MapiSync> IMSProvider_Impl for WrappedProvider<L> {
    unsafe fn Shutdown(this: &Object<Self>, lpulFlags: *mut u32) -> HRESULT {
        this.shared.registry.stop_all();
        match &this.inner {
            // SAFETY: the caller answers for the arguments.
            Ok(inner) => unsafe { inner.Shutdown(lpulFlags) },
            Err(_) => S_OK,
        }
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
        unsafe { open::logon(this, &arguments, &outs) }
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
        unsafe { open::logon(this, &arguments, &outs) }
    }

    unsafe fn CompareStoreIDs(
        this: &Object<Self>,
        cbEntryID1: u32,
        lpEntryID1: *mut ENTRYID,
        cbEntryID2: u32,
        lpEntryID2: *mut ENTRYID,
        ulFlags: u32,
        lpulResult: *mut u32,
    ) -> HRESULT {
        match &this.inner {
            // SAFETY: the caller answers for the arguments.
            Ok(inner) => unsafe {
                inner.CompareStoreIDs(
                    cbEntryID1, lpEntryID1, cbEntryID2, lpEntryID2, ulFlags, lpulResult,
                )
            },
            Err(missing) => missing.code,
        }
    }
}

/// ENTRY-10: Outlook's fast shutdown cancels a run and lets it save its place, and then it is the inner provider's
/// turn.
impl<L: MapiSync> IMAPIProviderShutdown_Impl for WrappedProvider<L> {
    unsafe fn QueryFastShutdown(this: &Object<Self>) -> HRESULT {
        // SAFETY: a call without parameters.
        this.inner_shutdown()
            .map_or(S_OK, |inner| unsafe { inner.QueryFastShutdown() })
    }

    unsafe fn NotifyProcessShutdown(this: &Object<Self>) -> HRESULT {
        // SAFETY: a call without parameters.
        this.inner_shutdown()
            .map_or(S_OK, |inner| unsafe { inner.NotifyProcessShutdown() })
    }

    unsafe fn DoFastShutdown(this: &Object<Self>) -> HRESULT {
        this.shared.registry.stop_all();
        // SAFETY: a call without parameters.
        this.inner_shutdown()
            .map_or(S_OK, |inner| unsafe { inner.DoFastShutdown() })
    }
}
