//! OpenEntry, of the logon and of every container alike (AB-07, AB-08).

use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;

use windows_core::{GUID, HRESULT, IUnknown, Interface};

use super::attached::Attached;
use super::container::Container;
use super::list::List;
use super::user::User;
use crate::address_book::{AddressBook, Name};
use crate::entry::limits;
use mapi_provider_abi::mapi::{
    ENTRYID, MAPI_ABCONT, MAPI_DISTLIST, MAPI_E_INTERFACE_NOT_SUPPORTED, MAPI_E_NO_ACCESS,
    MAPI_E_NO_SUPPORT, MAPI_E_NOT_FOUND, MAPI_E_UNKNOWN_ENTRYID, MAPI_MAILUSER, OpenEntryFlags,
    S_OK,
};
use mapi_provider_abi::object::ObjectRef;
use mapi_provider_abi::view::EntryId;

/// What is to be opened, and how.
pub(super) struct Asked {
    pub(super) count: u32,
    pub(super) entry_id: *mut ENTRYID,
    pub(super) interface: *const GUID,
    pub(super) flags: OpenEntryFlags,
}

/// An object that was opened, with its MAPI object type.
type Opened = (IUnknown, u32);

/// Opens an entry.
///
/// # Safety
///
/// The entry ID is NULL or as long as its count says, the interface NULL or valid, and the places are the caller's to be
/// written to.
pub(super) unsafe fn open_entry<L: AddressBook>(
    attached: &Arc<Attached<L>>,
    asked: &Asked,
    (object_type, object): (*mut u32, *mut *mut c_void),
) -> HRESULT {
    if attached.is_closed() {
        return MAPI_E_NO_SUPPORT; // AB-34
    }
    // SAFETY: the caller's word.
    let name = match unsafe { name_of(attached, asked.count, asked.entry_id) } {
        Ok(name) => name,
        Err(status) => return status,
    };
    let modify = asked.flags.contains(OpenEntryFlags::MAPI_MODIFY);
    if modify && !asked.flags.contains(OpenEntryFlags::MAPI_BEST_ACCESS) {
        return MAPI_E_NO_ACCESS; // AB-09
    }
    let (opened, kind) = match make(attached, name) {
        Ok(opened) => opened,
        Err(status) => return status,
    };
    // SAFETY: the caller's word.
    let iid = unsafe { asked.interface.as_ref() };
    // What an object has without being asked is the first of its interfaces.
    let mut found = ptr::null_mut();
    let result = match iid {
        // SAFETY: a live object and a live variable.
        Some(iid) => unsafe { opened.query(iid, &raw mut found) },
        None => {
            found = opened.into_raw();
            S_OK
        }
    };
    if result.is_err() {
        return MAPI_E_INTERFACE_NOT_SUPPORTED; // AB-08
    }
    // SAFETY: the caller's word.
    unsafe {
        *object_type = kind;
        *object = found;
    }
    S_OK
}

/// # Safety
///
/// The entry ID is NULL or as long as its count says.
unsafe fn name_of<L: AddressBook>(
    attached: &Attached<L>,
    count: u32,
    entry_id: *mut ENTRYID,
) -> Result<Name, HRESULT> {
    // AB-07: none is the root.
    if count == 0 || entry_id.is_null() {
        return Ok(Name::Root);
    }
    // SAFETY: the caller's word.
    let bytes = unsafe { EntryId::read(count, entry_id, &limits::entry_id()) };
    let bytes = bytes.map_err(|_| MAPI_E_UNKNOWN_ENTRYID)?;
    let uids = &attached.directory.book.uids;
    uids.name(bytes.as_bytes())
        .map_err(|_| MAPI_E_UNKNOWN_ENTRYID)
}

fn make<L: AddressBook>(attached: &Arc<Attached<L>>, name: Name) -> Result<Opened, HRESULT> {
    let directory = &attached.directory;
    let end = directory.deadline();
    let held = Arc::clone(attached);
    match name {
        Name::Root => {
            let root = Container::new(held, None);
            Ok((ObjectRef::new(root).into_unknown(), MAPI_ABCONT))
        }
        Name::Container(key) => {
            let tree = directory
                .containers(end)
                .map_err(|trouble| trouble.status())?;
            let branch = tree.get(&key).ok_or(MAPI_E_NOT_FOUND)?;
            let container = Container::new(held, Some(branch.clone()));
            Ok((ObjectRef::new(container).into_unknown(), MAPI_ABCONT))
        }
        Name::User(ref key) | Name::List(ref key) => {
            let is_list = matches!(name, Name::List(_));
            // AB-32: never a code that says that it is gone.
            let entry = directory
                .entry(key, end)
                .map_err(|trouble| trouble.status())?;
            let entry = entry.filter(|entry| entry.is_list() == is_list);
            let entry = entry.ok_or(MAPI_E_NOT_FOUND)?;
            Ok(match is_list {
                true => {
                    let list = List::new(held, &entry);
                    (ObjectRef::new(list).into_unknown(), MAPI_DISTLIST)
                }
                false => {
                    let user = User::new(held, &entry);
                    (ObjectRef::new(user).into_unknown(), MAPI_MAILUSER)
                }
            })
        }
    }
}
