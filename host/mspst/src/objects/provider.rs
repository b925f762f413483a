//! The provider object: IMSProvider.

use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;

use mapi_provider::MapiObject;
use mapi_provider::abi::{
    ENTRYID, GUID, HRESULT, IMAPIProviderShutdown, IMAPIProviderShutdown_Impl, IMSLogon,
    IMSProvider, IMSProvider_Forward, IMsgStore, IPSTX, IPSTX2, IPSTX3, IPSTX4, IPSTX5, IPSTX6,
    IUnknown, Interface, MAPI_E_CALL_FAILED, MAPIERROR, S_OK, StoreLogonFlags, TCHAR,
};
use mapi_provider::object::{Object, ObjectRef};
use mapi_provider::view::{Allocators, EntryId, Limits};
use mapi_provider_mailbox::objects;

use super::logon::LogonObject;
use super::registry::Registry;
use crate::face::PstFace;
use crate::record::{hex, note};

/// What the engine's store has not, and ours has.
const REPLICATION: [GUID; 6] = [
    IPSTX::IID,
    IPSTX2::IID,
    IPSTX3::IID,
    IPSTX4::IID,
    IPSTX5::IID,
    IPSTX6::IID,
];

/// The engine's provider, one for each call of `MSProviderInit` (ENTRY-03). Its stores are wrapped, and calls recorded.
#[derive(MapiObject)]
#[mapi(forwards(IMSProvider = inner), implements(IMAPIProviderShutdown))]
struct ProviderObject {
    inner: IMSProvider,
    registry: Arc<Registry>,
}

/// A new provider: what `MSProviderInit` answers.
pub(crate) fn new_provider(allocators: Allocators) -> IMSProvider {
    let provider = ObjectRef::new(ProviderObject {
        inner: objects::provider(PstFace, allocators),
        registry: Arc::default(),
    });
    provider.into_interface()
}

impl IMSProvider_Forward for ProviderObject {
    unsafe fn Shutdown(this: &Object<Self>, lpulFlags: *mut u32) -> HRESULT {
        note(format_args!("Shutdown"));
        // SAFETY: the caller answers for the arguments.
        unsafe { this.inner.Shutdown(lpulFlags) }
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
        // SAFETY: the caller answers for the arguments.
        unsafe {
            note_logon(lpMAPISup, (cbEntryID, lpEntryID), ulFlags, false);
            let result = this.inner.Logon(
                lpMAPISup,
                ulUIParam,
                lpszProfileName,
                cbEntryID,
                lpEntryID,
                ulFlags,
                of_the_engine(lpInterface),
                lpcbSpoolSecurity,
                lppbSpoolSecurity,
                lppMAPIError,
                lppMSLogon,
                lppMDB,
            );
            this.wrap(result, lpInterface, lppMSLogon, lppMDB)
        }
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
        // SAFETY: the caller answers for the arguments.
        unsafe {
            note_logon(lpMAPISup, (cbEntryID, lpEntryID), ulFlags, true);
            let result = this.inner.SpoolerLogon(
                lpMAPISup,
                ulUIParam,
                lpszProfileName,
                cbEntryID,
                lpEntryID,
                ulFlags,
                of_the_engine(lpInterface),
                cbSpoolSecurity,
                lpbSpoolSecurity,
                lppMAPIError,
                lppMSLogon,
                lppMDB,
            );
            this.wrap(result, lpInterface, lppMSLogon, lppMDB)
        }
    }
}

impl ProviderObject {
    /// Puts our objects in the place of those that a logon of the engine's has given.
    ///
    /// # Safety
    ///
    /// The interface is NULL or valid. If the logon has succeeded, so are both places, with what is in them: a store, and
    /// NULL or a logon.
    unsafe fn wrap(
        &self,
        result: HRESULT,
        interface: *const GUID,
        logon: *mut *mut c_void,
        store: *mut *mut c_void,
    ) -> HRESULT {
        if result.is_err() {
            return result;
        }
        // SAFETY: the caller's word; the references are ours.
        unsafe {
            let inner = IUnknown::from_raw(*store).cast::<IMsgStore>();
            *store = ptr::null_mut();
            if !(*logon).is_null() {
                let inner = IMSLogon::from_raw(*logon);
                let ours = ObjectRef::new(LogonObject { inner });
                *logon = ours.into_interface::<IMSLogon>().into_raw();
            }
            // It is one, whatever interface was asked for, and ours has all that the engine's has.
            let Ok(inner) = inner else {
                return MAPI_E_CALL_FAILED;
            };
            let ours = self.registry.wrap(inner).into_unknown();
            ours.query(interface.as_ref().unwrap_or(&IMsgStore::IID), store)
        }
    }
}

/// The interface that the engine is asked for: a store, where it does not have what ours has.
///
/// # Safety
///
/// NULL, or a GUID.
unsafe fn of_the_engine(asked: *const GUID) -> *const GUID {
    // SAFETY: the caller's word.
    match unsafe { asked.as_ref() } {
        Some(iid) if REPLICATION.contains(iid) => ptr::null(),
        _ => asked,
    }
}

/// # Safety
///
/// The entry ID has as many bytes as its count says, or is NULL.
unsafe fn note_logon(
    support: *mut c_void,
    (count, entry_id): (u32, *const ENTRYID),
    flags: StoreLogonFlags,
    is_spooler: bool,
) {
    // SAFETY: the caller's word.
    let entry_id = unsafe { EntryId::read(count, entry_id, &Limits::default()) };
    let shown = entry_id.map_or_else(|_| String::new(), |id| hex(id.as_bytes()));
    note(format_args!(
        "Logon flags=0x{:X} spooler={} entryid={shown} support=0x{:X}",
        flags.bits(),
        u32::from(is_spooler),
        support as usize,
    ));
}

/// The file is whole after each change, so fast shutdown has nothing to do.
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
