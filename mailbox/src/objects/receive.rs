//! Receive folders: which message class arrives where (STORE-08).

use mapi_provider_abi::mapi::{
    ENTRYID, HRESULT, MAPI_E_INVALID_ENTRYID, S_OK, TCHAR, UnicodeFlags,
};
use mapi_provider_abi::view::{EntryId, MapiStr};

use super::arguments;
use super::fault::{Fault, Result};
use super::open_entry::{RawEntryId, read_id};
use super::shared::StoreShared;
use crate::database::{ObjectId, ReceiveFolder};

/// `SetReceiveFolder`: without a folder the class is received where its parent class is.
///
/// # Safety
///
/// The class is NULL or a string, the entry ID as long as it says.
pub(super) unsafe fn set(
    shared: &StoreShared,
    class: *const TCHAR,
    flags: UnicodeFlags,
    folder: RawEntryId,
) -> Result<HRESULT> {
    // SAFETY: the caller's word.
    let (class, folder) = unsafe { (read_class(class, flags)?, read_id(shared, folder)?) };
    let folder = match folder {
        None => None,
        Some(ObjectId::Folder(folder)) => Some(folder),
        Some(ObjectId::Message(_)) => {
            let text = "messages arrive in folders, and this entry ID is that of a message";
            return Err(Fault::new(MAPI_E_INVALID_ENTRYID, text));
        }
    };
    shared.write(|tx| tx.set_receive_folder(&class, folder))?;
    Ok(S_OK)
}

/// `GetReceiveFolder`: that of the class, or of the longest class that it is one of.
///
/// # Safety
///
/// The class is NULL or a string; `count` and `entry_id` are valid for a write, `explicit` is NULL or is.
pub(super) unsafe fn get(
    shared: &StoreShared,
    class: *const TCHAR,
    flags: UnicodeFlags,
    count: *mut u32,
    entry_id: *mut *mut ENTRYID,
    explicit: *mut *mut TCHAR,
) -> Result<HRESULT> {
    // SAFETY: the caller's word.
    let class = unsafe { read_class(class, flags) }?;
    let ReceiveFolder { class, folder } = shared.read(|reader| reader.receive_folder(&class))?;
    let id = EntryId::from(shared.identity.entry_id(folder));
    let id = shared.allocators.build(&id)?;
    // SAFETY: the caller's word.
    unsafe {
        if !explicit.is_null() {
            *explicit = build_text(shared, &class, flags)?;
        }
        *count = id.count();
        *entry_id = id.into_raw();
    }
    Ok(S_OK)
}

/// # Safety
///
/// NULL, or a string of the width that the flags tell.
unsafe fn read_class(class: *const TCHAR, flags: UnicodeFlags) -> Result<String> {
    // SAFETY: the caller's word.
    let class = unsafe { arguments::text(class, flags.contains(UnicodeFlags::MAPI_UNICODE)) }?;
    Ok(class.unwrap_or_default())
}

/// A string of the width that the flags tell, which is the caller's to free.
fn build_text(shared: &StoreShared, text: &str, flags: UnicodeFlags) -> Result<*mut TCHAR> {
    let bytes: Vec<u8> = match MapiStr::with_flags(text, flags) {
        MapiStr::Ansi(bytes) => bytes.iter().copied().chain([0]).collect(),
        MapiStr::Wide(units) => {
            let units = units.iter().copied().chain([0]);
            units.flat_map(u16::to_ne_bytes).collect()
        }
    };
    // An entry ID is bytes as they are.
    Ok(shared
        .allocators
        .build(&EntryId::from(bytes))?
        .into_raw()
        .cast())
}
