//! Receive folders: which message class arrives where.

use std::sync::Arc;

use mapi_provider::abi::{
    ENTRYID, FOLDER_GENERIC, HRESULT, MAPI_E_NOT_FOUND, PR_DISPLAY_NAME_W, PR_FOLDER_TYPE, S_OK,
    TCHAR, UnicodeFlags,
};
use mapi_provider::view::{EntryId, MapiStr, PropValue};

use super::open_entry::{RawEntryId, read_id};
use super::shared::StoreShared;
use crate::arguments;
use crate::db::{Change, Id, Kind, PropSet};
use crate::fault::{Fault, Result};

/// The name of the folder that is created when somebody first asks where mail arrives.
const INBOX: &str = "Inbox";

/// `SetReceiveFolder`: without a folder, the class is received where its parent class is.
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
        None if class.is_empty() => Some(inbox(shared)?),
        folder => folder,
    };
    shared.commit(|state| {
        if folder.is_some_and(|folder| !state.folders.contains_key(&folder)) {
            return Err(Fault::new(MAPI_E_NOT_FOUND, "the folder no longer exists"));
        }
        Ok((vec![Change::Receive { class, folder }], S_OK))
    })
}

/// `GetReceiveFolder`: the folder of the class, or of its longest known prefix.
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
    let (class, folder) = match find(shared, &class) {
        Some(found) => found,
        None => (String::new(), inbox(shared)?),
    };
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

fn find(shared: &StoreShared, class: &str) -> Option<(String, Id)> {
    shared.db.read(|state| {
        let covers = |known: &str| {
            let head = class.get(..known.len());
            let rest = class.get(known.len()..).unwrap_or_default();
            known.is_empty()
                || head.is_some_and(|head| head.eq_ignore_ascii_case(known))
                    && (rest.is_empty() || rest.starts_with('.'))
        };
        let known = state.receive.iter().filter(|(known, _)| covers(known));
        let longest = known.max_by_key(|(known, _)| known.len())?;
        Some((longest.0.clone(), *longest.1))
    })
}

/// The Inbox, which is created if there is none.
fn inbox(shared: &StoreShared) -> Result<Id> {
    let new = shared.db.new_id(Kind::Folder)?;
    shared.commit(|state| {
        if let Some(folder) = state.receive.get("") {
            return Ok((Vec::new(), *folder));
        }
        let mut changes = Vec::new();
        let known = state.child_named(Id::IPM_SUBTREE, INBOX);
        let folder = known.unwrap_or(new);
        if known.is_none() {
            let mut props = PropSet::default();
            props.put(PR_DISPLAY_NAME_W, INBOX);
            props.put(PR_FOLDER_TYPE, PropValue::Long(FOLDER_GENERIC as i32));
            changes.push(Change::Folder {
                id: folder,
                parent: Some(Id::IPM_SUBTREE),
                props: Arc::new(props),
            });
        }
        changes.push(Change::Receive {
            class: String::new(),
            folder: Some(folder),
        });
        Ok((changes, folder))
    })
}

/// A string with the width in the flags, which the caller must free.
fn build_text(shared: &StoreShared, text: &str, flags: UnicodeFlags) -> Result<*mut TCHAR> {
    let bytes: Vec<u8> = match MapiStr::with_flags(text, flags) {
        MapiStr::Ansi(bytes) => bytes.iter().copied().chain([0]).collect(),
        MapiStr::Wide(units) => {
            let units = units.iter().copied().chain([0]);
            units.flat_map(u16::to_ne_bytes).collect()
        }
    };
    // An entry ID is plain bytes.
    Ok(shared
        .allocators
        .build(&EntryId::from(bytes))?
        .into_raw()
        .cast())
}
