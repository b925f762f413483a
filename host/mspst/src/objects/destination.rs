//! Destinations of copies: a folder in this store or in another.

use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;

use mapi_provider::abi::{
    CreateMessageFlags, HRESULT, IMAPIFolder, IMessage, Interface, MAPI_E_INVALID_PARAMETER,
    MAPI_W_PARTIAL_COMPLETION, PR_ENTRYID, ReadFlags, S_OK, SaveChangesFlags,
};
use mapi_provider::view::PropValue;

use super::copying;
use super::shared::StoreShared;
use crate::db::{Change, Id, Kind, Message};
use crate::fault::Result;

/// A folder that is copied to.
pub(super) enum Place {
    /// A folder of this store, whoever wraps it.
    Here(Id),
    /// Any other.
    Elsewhere(IMAPIFolder),
}

/// The folder at a pointer.
///
/// # Safety
///
/// NULL, or a folder.
pub(super) unsafe fn folder(shared: &StoreShared, raw: *mut c_void) -> Result<Place> {
    // SAFETY: the caller's word.
    let folder = unsafe { IMAPIFolder::from_raw_borrowed(&raw) };
    let folder = folder.ok_or(MAPI_E_INVALID_PARAMETER)?;
    let entry_id = copying::value_of(shared, folder, PR_ENTRYID);
    let entry_id = entry_id.as_ref().and_then(PropValue::as_binary);
    let id = entry_id.and_then(|entry_id| shared.identity.parse(entry_id).ok());
    Ok(match id {
        Some(id) => Place::Here(id),
        None => Place::Elsewhere(folder.clone()),
    })
}

/// Copies or moves messages to a folder of another store, one by one: those that can't be copied stay.
pub(super) fn copy_messages(
    shared: &StoreShared,
    folder: Id,
    list: &[Option<Id>],
    to: &IMAPIFolder,
    moves: bool,
) -> Result<HRESULT> {
    let mut is_all = true;
    for id in list {
        let message = shared.db.read(|state| {
            let message = state.message((*id)?)?;
            (message.folder == folder).then(|| Arc::clone(message))
        });
        let copied = message.map(|message| copy_one(shared, &message, to).map(|()| message.id));
        match copied {
            Some(Ok(id)) if moves => shared.commit(|state| {
                let is_there = state.message(id).is_some();
                let gone = is_there.then_some(Change::MessageGone(id));
                Ok((gone.into_iter().collect(), ()))
            })?,
            Some(Ok(_)) => {}
            Some(Err(_)) | None => is_all = false,
        }
    }
    Ok(if is_all {
        S_OK
    } else {
        MAPI_W_PARTIAL_COMPLETION
    })
}

fn copy_one(shared: &StoreShared, message: &Message, to: &IMAPIFolder) -> Result<()> {
    let mut flags = CreateMessageFlags::empty();
    flags.set(
        CreateMessageFlags::MAPI_ASSOCIATED,
        message.id.kind() == Some(Kind::Associated),
    );
    let mut out = ptr::null_mut();
    // SAFETY: a live variable; the reference is ours.
    let copy = unsafe {
        let status = to.CreateMessage(ptr::null(), flags, &mut out);
        if status.is_err() || out.is_null() {
            return Err(status.into());
        }
        IMessage::from_raw(out)
    };
    copying::copy_message(shared, &message.data, &copy)?;
    // SAFETY: calls without pointers. A mark that the other store does not take is no reason to give up.
    let saved = unsafe {
        if message.read {
            let _ = copy.SetReadFlag(ReadFlags::SUPPRESS_RECEIPT);
        }
        copy.SaveChanges(SaveChangesFlags::empty())
    };
    if saved.is_ok() {
        Ok(())
    } else {
        Err(saved.into())
    }
}
