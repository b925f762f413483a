//! Logon and SpoolerLogon: from a support object to a store and its logon.

use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;

use mapi_provider_abi::mapi::{
    ENTRYID, GUID, HRESULT, IMSLogon, IMsgStore, IUnknown, Interface,
    MAPI_E_INTERFACE_NOT_SUPPORTED, MAPI_E_INVALID_PARAMETER, MAPIERROR, S_OK, StoreLogonFlags,
    UnicodeFlags,
};
use mapi_provider_abi::object::ObjectRef;
use mapi_provider_abi::view::Allocators;

use super::arguments;
use super::face::{Face, Location, LogonRequest};
use super::fault::{self, Fault, Result};
use super::identity::Identity;
use super::logon::LogonObject;
use super::opened::Opened;
use super::provider::ProviderShared;
use super::shared::StoreShared;
use super::store::StoreObject;
use super::support::Support;

/// What MAPI asks for.
pub(super) struct Arguments {
    pub(super) support: *mut c_void,
    /// Count and bytes.
    pub(super) entry_id: (u32, *const ENTRYID),
    pub(super) flags: StoreLogonFlags,
    pub(super) interface: *const GUID,
    pub(super) spooler: bool,
}

/// Where the results go. `store` and `logon` are not NULL.
pub(super) struct Outs {
    pub(super) error: *mut *mut MAPIERROR,
    pub(super) logon: *mut *mut c_void,
    pub(super) store: *mut *mut c_void,
}

/// A store as it goes to MAPI, and the logon where it is new.
struct LoggedOn {
    store: *mut c_void,
    logon: Option<IMSLogon>,
}

/// Opens a store.
///
/// # Safety
///
/// All pointers are as MAPI's page says.
pub(super) unsafe fn log_on(
    provider: &Arc<ProviderShared>,
    arguments: &Arguments,
    outs: &Outs,
) -> HRESULT {
    // SAFETY: the caller's word.
    let fault = match unsafe { open(provider, arguments) } {
        Ok(opened) => {
            // SAFETY: both are not NULL.
            unsafe {
                *outs.store = opened.store;
                *outs.logon = opened.logon.map_or(ptr::null_mut(), Interface::into_raw);
            }
            return S_OK;
        }
        Err(fault) => fault,
    };
    let width = UnicodeFlags::from_bits_retain(arguments.flags.bits());
    if !outs.error.is_null()
        && let Ok(described) =
            fault::to_mapi(&fault, provider.face.name(), provider.allocators, width)
    {
        // SAFETY: not NULL, so the caller's to be written to.
        unsafe { *outs.error = described };
    }
    fault.status
}

/// # Safety
///
/// All pointers are as MAPI's page says.
unsafe fn open(provider: &Arc<ProviderShared>, arguments: &Arguments) -> Result<LoggedOn> {
    let Arguments {
        spooler,
        interface,
        flags,
        ..
    } = *arguments;
    // SAFETY: the caller's word.
    let support = unsafe { Support::from_raw(arguments.support) };
    let none = || Fault::new(MAPI_E_INVALID_PARAMETER, "there is no support object");
    let support = support.ok_or_else(none)?;
    let (count, entry_id) = arguments.entry_id;
    // SAFETY: the caller's word.
    let entry_id = unsafe { arguments::entry_id(count, entry_id) }?;
    let allocators = provider.allocators;
    let location = provider.face.locate(&LogonRequest {
        support: support.interface(),
        allocators,
        entry_id: entry_id.as_deref(),
        flags,
        is_spooler: spooler,
    })?;
    let opened = Opened::of(location.place)?;
    let key = opened.key().clone();
    // ENTRY-04: an open store is given again, and the new support object is left alone.
    if let Some(store) = provider.registry.find(&key, spooler) {
        // SAFETY: the caller's word.
        return unsafe { hand_out(&store, interface, None) };
    }
    let identity = Identity {
        uid: opened.store.uid(),
        store_entry_id: support.wrap(location.entry_id, allocators),
        provider_uid: provider.face.provider_uid(),
        provider_name: provider.face.name().to_owned(),
        name: location.name,
    };
    let shared = StoreShared::new(opened, identity, allocators, support.clone(), spooler)?;
    // ENTRY-05: store → support → logon; the logon has what the store has, and not the store.
    let logon: IMSLogon = ObjectRef::new(LogonObject::new(Arc::clone(&shared))).into_interface();
    let number = StoreObject::new_number();
    let object = StoreObject::new(Arc::clone(provider), Arc::clone(&shared), number);
    let store = ObjectRef::new(object);
    if let Some(other) = provider.registry.claim(&key, spooler, number, &store) {
        store.discard();
        // SAFETY: the caller's word.
        return unsafe { hand_out(&other, interface, None) };
    }
    // SAFETY: the caller's word.
    let opened =
        unsafe { hand_out(&store, interface, Some(logon)) }.inspect_err(|_| store.discard())?;
    // Without these MAPI does not find the store by its entry IDs; the store itself works.
    let _ = support.set_provider_uid(&shared.identity);
    let identity = &shared.identity;
    let more = provider.face.status_columns(&identity.uid, &identity.name);
    let _ = support.add_status_row(&shared, more);
    Ok(opened)
}

/// A store as the synchronisation logic has it: what is done with it is no local change (STORE-45). `location` says the
/// entry ID as clients see it.
///
/// It has no session behind it. So nobody can subscribe to it, and nothing can be sent by it.
///
/// # Errors
///
/// It can't be opened (STORE-43).
pub fn store_for_logic(
    face: impl Face,
    location: Location,
    allocators: Allocators,
) -> Result<IMsgStore> {
    let opened = Opened::of(location.place)?;
    let identity = Identity {
        uid: opened.store.uid(),
        store_entry_id: location.entry_id,
        provider_uid: face.provider_uid(),
        provider_name: face.name().to_owned(),
        name: location.name,
    };
    let shared = StoreShared::for_logic(opened, identity, allocators)?;
    let provider = Arc::new(ProviderShared::new(face, allocators));
    let store = StoreObject::new(provider, shared, StoreObject::new_number());
    Ok(ObjectRef::new(store).into_interface())
}

/// The store by the interface that was asked for, IMsgStore where none was.
///
/// # Safety
///
/// `interface` is NULL or valid.
unsafe fn hand_out(
    store: &ObjectRef<StoreObject>,
    interface: *const GUID,
    logon: Option<IMSLogon>,
) -> Result<LoggedOn> {
    // SAFETY: the caller's word.
    let iid = unsafe { interface.as_ref() }.unwrap_or(&IMsgStore::IID);
    let mut found = ptr::null_mut();
    let unknown: IUnknown = store.to_unknown();
    // SAFETY: a live object and a live variable.
    let result = unsafe { unknown.query(iid, &raw mut found) };
    if result.is_err() {
        let text = format!("the store has no interface {iid:?}");
        return Err(Fault::new(MAPI_E_INTERFACE_NOT_SUPPORTED, text));
    }
    Ok(LoggedOn {
        store: found,
        logon,
    })
}
