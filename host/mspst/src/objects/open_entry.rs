//! What both the store and its logon do with entry IDs.

use std::ffi::c_void;
use std::sync::Arc;

use mapi_provider::abi::{
    ENTRYID, GUID, HRESULT, IMAPIContainer, IMAPIFolder, IMAPIProp, IMessage, IUnknown, Interface,
    MAPI_E_INVALID_PARAMETER, MAPI_E_NOT_FOUND, MAPI_FOLDER, MAPI_MESSAGE, NotificationEvents,
    OpenEntryFlags, S_OK,
};
use mapi_provider::object::ObjectRef;

use super::folder::FolderObject;
use super::message_object::MessageObject;
use super::message_state::MessageState;
use super::shared::StoreShared;
use crate::arguments;
use crate::db::Id;
use crate::fault::{Fault, Result};

/// The folder interface that replication asks for.
const IID_FOLDER_NO_PROVIDER_CHECK: GUID = GUID::from_u128(0x57D333A0_F589_4B23_A3F9_85F82FEC153C);
/// The message interface that replication asks for.
const IID_MESSAGE_NO_PROVIDER_CHECK: GUID = GUID::from_u128(0xC3505457_7B2E_4C3B_A8D6_6DD949BB97A1);

/// The interfaces with which a folder can be opened.
pub(super) const FOLDER: [GUID; 5] = [
    IMAPIFolder::IID,
    IMAPIContainer::IID,
    IMAPIProp::IID,
    IUnknown::IID,
    IID_FOLDER_NO_PROVIDER_CHECK,
];
/// The interfaces with which a message can be opened.
pub(super) const MESSAGE: [GUID; 4] = [
    IMessage::IID,
    IMAPIProp::IID,
    IUnknown::IID,
    IID_MESSAGE_NO_PROVIDER_CHECK,
];

/// An entry ID as callers pass it: a count and a pointer.
pub(super) type RawEntryId = (u32, *mut ENTRYID);

/// The object of an entry ID; `None` if there are no bytes.
///
/// # Safety
///
/// NULL, or as many bytes as the count says.
pub(super) unsafe fn read_id(shared: &StoreShared, raw: RawEntryId) -> Result<Option<Id>> {
    // SAFETY: the caller's word.
    let bytes = unsafe { arguments::entry_id(raw.0, raw.1) }?;
    bytes.map(|bytes| shared.identity.parse(&bytes)).transpose()
}

/// The object of an entry ID that must be given.
///
/// # Safety
///
/// That of [`read_id`].
pub(super) unsafe fn read_required(shared: &StoreShared, raw: RawEntryId) -> Result<Id> {
    // SAFETY: the caller's word.
    let id = unsafe { read_id(shared, raw) }?;
    id.ok_or_else(|| MAPI_E_INVALID_PARAMETER.into())
}

/// `OpenEntry`: a folder or a message; without an entry ID the root folder.
///
/// # Safety
///
/// `out` is valid for a write; the other pointers are NULL or as MAPI's page says.
pub(super) unsafe fn open(
    shared: &Arc<StoreShared>,
    entry_id: RawEntryId,
    interface: *const GUID,
    flags: OpenEntryFlags,
    object_type: *mut u32,
    out: *mut *mut c_void,
) -> Result<HRESULT> {
    // SAFETY: the caller's word.
    let id = unsafe { read_id(shared, entry_id) }?.unwrap_or(Id::ROOT);
    let writable = flags.intersects(OpenEntryFlags::MAPI_MODIFY | OpenEntryFlags::MAPI_BEST_ACCESS);
    let interfaces: &[GUID] = if id.is_folder() { &FOLDER } else { &MESSAGE };
    // SAFETY: the caller's word.
    unsafe { arguments::check_interface(interface, interfaces) }?;
    let (kind, object) = if id.is_folder() {
        (MAPI_FOLDER, open_folder(shared, id, writable)?)
    } else {
        (MAPI_MESSAGE, open_message(shared, id, writable)?)
    };
    // SAFETY: the caller's word.
    unsafe {
        if !object_type.is_null() {
            *object_type = kind;
        }
        *out = object;
    }
    Ok(S_OK)
}

/// A folder, as its interface.
pub(super) fn open_folder(
    shared: &Arc<StoreShared>,
    id: Id,
    writable: bool,
) -> Result<*mut c_void> {
    if !shared.db.read(|state| state.folders.contains_key(&id)) {
        return Err(Fault::new(MAPI_E_NOT_FOUND, "the folder no longer exists"));
    }
    let folder = ObjectRef::new(FolderObject::new(Arc::clone(shared), id, writable));
    Ok(folder.into_interface::<IMAPIFolder>().into_raw())
}

fn open_message(shared: &Arc<StoreShared>, id: Id, writable: bool) -> Result<*mut c_void> {
    let message = shared.db.read(|state| state.message(id).cloned());
    let gone = || Fault::new(MAPI_E_NOT_FOUND, "the message no longer exists");
    let message = message.ok_or_else(gone)?;
    let state = MessageState::of_saved(Arc::clone(shared), message, writable);
    Ok(MessageObject::open(state))
}

/// `CompareEntryIDs`: each object has only one entry ID.
///
/// # Safety
///
/// `result` is valid for a write; the entry IDs are NULL or as long as they say.
pub(super) unsafe fn compare(
    first: RawEntryId,
    second: RawEntryId,
    result: *mut u32,
) -> Result<HRESULT> {
    // SAFETY: the caller's word.
    unsafe {
        let first = arguments::entry_id(first.0, first.1)?;
        let second = arguments::entry_id(second.0, second.1)?;
        *result = u32::from(first == second);
    }
    Ok(S_OK)
}

/// `Advise`: on an object, or without an entry ID on the store.
///
/// # Safety
///
/// `connection` is NULL or valid for a write, the sink is NULL or one, the entry ID is as long as it says.
pub(super) unsafe fn advise(
    shared: &StoreShared,
    raw: RawEntryId,
    events: NotificationEvents,
    sink: *mut c_void,
    connection: *mut usize,
) -> Result<HRESULT> {
    if sink.is_null() || connection.is_null() {
        return Err(MAPI_E_INVALID_PARAMETER.into());
    }
    // SAFETY: the caller's word.
    let bytes = unsafe { arguments::entry_id(raw.0, raw.1) }?;
    let identity = &shared.identity;
    let key = match bytes {
        Some(bytes) if bytes != identity.store_entry_id => {
            identity.parse(&bytes)?;
            bytes
        }
        _ => identity.store_key(),
    };
    // SAFETY: the caller's word.
    unsafe { *connection = shared.subscribe(key, events, sink)? };
    Ok(S_OK)
}
