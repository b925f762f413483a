//! What the store and its logon both do with entry IDs.

use std::ffi::c_void;
use std::sync::Arc;

use mapi_provider_abi::mapi::{
    ENTRYID, GUID, HRESULT, IMAPIContainer, IMAPIFolder, IMAPIProp, IMessage, IUnknown, Interface,
    MAPI_E_INVALID_ENTRYID, MAPI_E_INVALID_PARAMETER, MAPI_FOLDER, MAPI_MESSAGE,
    NotificationEvents, OpenEntryFlags, S_OK,
};

use super::arguments;
use super::fault::{Fault, Result};
use super::folder;
use super::message;
use super::shared::{StoreShared, Target};
use crate::database::{FolderId, MessageId, ObjectId};

/// The folder interface that replication asks for.
const IID_FOLDER_NO_PROVIDER_CHECK: GUID = GUID::from_u128(0x57D333A0_F589_4B23_A3F9_85F82FEC153C);
/// The message interface that replication asks for.
const IID_MESSAGE_NO_PROVIDER_CHECK: GUID = GUID::from_u128(0xC3505457_7B2E_4C3B_A8D6_6DD949BB97A1);

/// The interfaces that a folder is opened by.
pub(super) const FOLDER: [GUID; 5] = [
    IMAPIFolder::IID,
    IMAPIContainer::IID,
    IMAPIProp::IID,
    IUnknown::IID,
    IID_FOLDER_NO_PROVIDER_CHECK,
];
/// The interfaces that a message is opened by.
pub(super) const MESSAGE: [GUID; 4] = [
    IMessage::IID,
    IMAPIProp::IID,
    IUnknown::IID,
    IID_MESSAGE_NO_PROVIDER_CHECK,
];

/// An entry ID as callers give it: a count and a pointer.
pub(super) type RawEntryId = (u32, *mut ENTRYID);

/// The object of an entry ID; none where there are no bytes.
///
/// # Safety
///
/// NULL, or as many bytes as the count says.
pub(super) unsafe fn read_id(shared: &StoreShared, raw: RawEntryId) -> Result<Option<ObjectId>> {
    // SAFETY: the caller's word.
    let bytes = unsafe { arguments::entry_id(raw.0, raw.1) }?;
    bytes.map(|bytes| shared.identity.parse(&bytes)).transpose()
}

/// The folder of an entry ID that must be there.
///
/// # Safety
///
/// That of [`read_id`].
pub(super) unsafe fn read_folder(shared: &StoreShared, raw: RawEntryId) -> Result<FolderId> {
    // SAFETY: the caller's word.
    match unsafe { read_id(shared, raw) }? {
        Some(ObjectId::Folder(id)) => Ok(id),
        Some(ObjectId::Message(_)) => Err(Fault::new(
            MAPI_E_INVALID_ENTRYID,
            "the entry ID is that of a message, not of a folder",
        )),
        None => Err(MAPI_E_INVALID_PARAMETER.into()),
    }
}

/// The message of an entry ID that must be there.
///
/// # Safety
///
/// That of [`read_id`].
pub(super) unsafe fn read_message(shared: &StoreShared, raw: RawEntryId) -> Result<MessageId> {
    // SAFETY: the caller's word.
    match unsafe { read_id(shared, raw) }? {
        Some(ObjectId::Message(id)) => Ok(id),
        Some(ObjectId::Folder(_)) => Err(Fault::new(
            MAPI_E_INVALID_ENTRYID,
            "the entry ID is that of a folder, not of a message",
        )),
        None => Err(MAPI_E_INVALID_PARAMETER.into()),
    }
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
    let id = unsafe { read_id(shared, entry_id) }?;
    let access = Access::of(flags);
    let (kind, object) = match id.unwrap_or(ObjectId::Folder(shared.root)) {
        ObjectId::Folder(id) => {
            // SAFETY: the caller's word.
            unsafe { arguments::check_interface(interface, &FOLDER) }?;
            (MAPI_FOLDER, folder::open(shared, id, access.is_writable())?)
        }
        ObjectId::Message(id) => {
            // SAFETY: the caller's word.
            unsafe { arguments::check_interface(interface, &MESSAGE) }?;
            (MAPI_MESSAGE, message::open(shared, id, access)?)
        }
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

/// How an object is to be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// To be read.
    Read,
    /// `MAPI_MODIFY`: to be changed, or not at all.
    Modify,
    /// `MAPI_BEST_ACCESS`: to be changed if that can be.
    Best,
}

impl Access {
    pub(super) fn of(flags: OpenEntryFlags) -> Self {
        if flags.contains(OpenEntryFlags::MAPI_BEST_ACCESS) {
            Self::Best
        } else if flags.contains(OpenEntryFlags::MAPI_MODIFY) {
            Self::Modify
        } else {
            Self::Read
        }
    }

    pub(super) fn is_writable(self) -> bool {
        self != Self::Read
    }
}

/// `CompareEntryIDs`: an object has one entry ID.
///
/// # Safety
///
/// `result` is valid for a write; the entry IDs are NULL or as long as they say.
pub(super) unsafe fn compare(
    shared: &StoreShared,
    first: RawEntryId,
    second: RawEntryId,
    result: *mut u32,
) -> Result<HRESULT> {
    // SAFETY: the caller's word.
    let (first, second) = unsafe {
        (
            arguments::entry_id(first.0, first.1)?,
            arguments::entry_id(second.0, second.1)?,
        )
    };
    for bytes in [&first, &second].into_iter().flatten() {
        // STORE-05: what is no entry ID of this store is told, whatever it is compared with, itself included.
        if *bytes != shared.identity.store_entry_id {
            shared.identity.parse(bytes)?;
        }
    }
    // NULL is the root.
    let root = shared.identity.entry_id(shared.root);
    let is_same = first.as_ref().unwrap_or(&root) == second.as_ref().unwrap_or(&root);
    // SAFETY: the caller's word.
    unsafe { *result = u32::from(is_same) };
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
    let target = match bytes {
        Some(bytes) if bytes != identity.store_entry_id => Target::Object(identity.parse(&bytes)?),
        _ => Target::Store,
    };
    // SAFETY: the caller's word.
    unsafe { *connection = shared.subscribe(target, events, sink)? };
    Ok(S_OK)
}
