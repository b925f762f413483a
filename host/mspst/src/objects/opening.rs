//! Logon and SpoolerLogon: from a support object to a store and its logon.

use std::ffi::c_void;
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::Arc;

use mapi_provider::abi::{
    ENTRYID, GUID, HRESULT, IMSLogon, IMsgStore, IUnknown, Interface,
    MAPI_E_INTERFACE_NOT_SUPPORTED, MAPI_E_INVALID_PARAMETER, MAPIERROR, S_OK, StoreLogonFlags,
    UnicodeFlags,
};
use mapi_provider::object::ObjectRef;

use super::logon::LogonObject;
use super::provider::ProviderShared;
use super::shared::StoreShared;
use super::store::StoreObject;
use crate::arguments;
use crate::computed::provider_uid;
use crate::db::{Identity, OpenDatabase};
use crate::fault::{Fault, Result};
use crate::record::{hex, note};
use crate::support::{Flavour, Support};

/// MAPI's request.
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

/// A store as it goes to MAPI, and the logon if it is new.
struct Opened {
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
    let (count, entry_id) = arguments.entry_id;
    // SAFETY: the caller's word.
    let entry_id = unsafe { arguments::entry_id(count, entry_id) };
    let shown = hex(&entry_id.ok().flatten().unwrap_or_default());
    note(format_args!(
        "Logon flags=0x{:X} spooler={} entryid={shown} support=0x{:X}",
        arguments.flags.bits(),
        u32::from(arguments.spooler),
        arguments.support as usize,
    ));
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
        && let Ok(described) = fault.to_mapi(provider.allocators, width)
    {
        // SAFETY: not NULL, so the caller's to be written to.
        unsafe { *outs.error = described };
    }
    fault.status
}

/// # Safety
///
/// All pointers are as MAPI's page says.
unsafe fn open(provider: &Arc<ProviderShared>, arguments: &Arguments) -> Result<Opened> {
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
    let flavour = if flags.contains(StoreLogonFlags::MDB_OST_LOGON_UNICODE) {
        Flavour::Nst
    } else {
        Flavour::Pst
    };
    let allocators = provider.allocators;
    let path = support.store_path(flavour, allocators)?;
    let db = OpenDatabase::open(&path)?;
    let key = db.key().to_owned();
    // ENTRY-04: an open store is returned again, and the new support object is left alone.
    if let Some(store) = provider.registry.find(&key, spooler) {
        // SAFETY: the caller's word.
        return unsafe { hand_out(&store, interface, None) };
    }
    let own_id = StoreEntryId::of(&key);
    let identity = Identity {
        uid: db.uid(),
        store_entry_id: support.wrap(own_id, allocators),
    };
    let uid = identity.uid;
    let shared = StoreShared::new(db, identity, allocators, support.clone());
    // ENTRY-05: store → support → logon; the logon shares the store's data, but doesn't hold
    // the store.
    let logon: IMSLogon = ObjectRef::new(LogonObject::new(Arc::clone(&shared))).into_interface();
    let number = StoreObject::new_number();
    let store = ObjectRef::new(StoreObject::new(Arc::clone(provider), shared, number));
    if let Some(other) = provider.registry.claim(&key, spooler, number, &store) {
        store.discard();
        // SAFETY: the caller's word.
        return unsafe { hand_out(&other, interface, None) };
    }
    // SAFETY: the caller's word.
    let opened =
        unsafe { hand_out(&store, interface, Some(logon)) }.inspect_err(|_| store.discard())?;
    // Without these MAPI does not find the store by its entry IDs; the store itself works.
    let _ = support.set_provider_uid();
    let _ = support.add_status_row(&file_name(&key), uid, allocators);
    Ok(opened)
}

fn file_name(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}

/// The store as the requested interface, by default IMsgStore.
///
/// # Safety
///
/// `interface` is NULL or valid.
unsafe fn hand_out(
    store: &ObjectRef<StoreObject>,
    interface: *const GUID,
    logon: Option<IMSLogon>,
) -> Result<Opened> {
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
    Ok(Opened {
        store: found,
        logon,
    })
}

/// The entry ID of a store before MAPI wraps it: flags, the provider's UID, a reserved byte, an empty ANSI
/// path, and the path in UTF-16.
pub(super) struct StoreEntryId;

/// Where the path begins.
const PATH: usize = 4 + 16 + 1 + 1;

impl StoreEntryId {
    pub(super) fn of(path: &Path) -> Vec<u8> {
        let mut bytes = [&[0; 4][..], &provider_uid(), &[0, 0]].concat();
        let path = path.to_string_lossy();
        bytes.extend(path.encode_utf16().chain([0]).flat_map(u16::to_le_bytes));
        bytes
    }

    /// The path; `None` if this is not the entry ID of a store.
    pub(super) fn path(entry_id: &[u8]) -> Option<PathBuf> {
        let (head, path) = entry_id.split_at_checked(PATH)?;
        if head[4..20] != provider_uid() || path.len() % 2 != 0 {
            return None;
        }
        let units = path
            .chunks_exact(2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        let units: Vec<u16> = units.take_while(|unit| *unit != 0).collect();
        (!units.is_empty()).then(|| PathBuf::from(String::from_utf16_lossy(&units)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entry_id_of_a_store_has_its_path() {
        let path = Path::new("/mail/Grüße.ost");
        let id = StoreEntryId::of(path);
        assert_eq!(StoreEntryId::path(&id).as_deref(), Some(path));
        assert_eq!(StoreEntryId::path(&id[..PATH]), None);
        assert_eq!(StoreEntryId::path(&id[..id.len() - 1]), None);
        assert_eq!(StoreEntryId::path(&[7; 40]), None);
    }
}
