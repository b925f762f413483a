//! The outgoing queue, as the spooler and those who take messages back use it (STORE-35 to STORE-37). What puts a message
//! into the queue is the message's own affair.

use std::ffi::c_void;
use std::sync::Arc;

use mapi_provider_abi::mapi::{
    HRESULT, IMessage, Interface, MAPI_E_INVALID_PARAMETER, MAPI_E_NO_ACCESS, MAPI_E_NO_SUPPORT,
    MAPI_E_NOT_FOUND, MAPI_E_NOT_IN_QUEUE, MSG_LOCKED, MSG_UNLOCKED, PR_DELETE_AFTER_SUBMIT,
    PR_ENTRYID, PR_SENTMAIL_ENTRYID, S_OK, SPropTagArray, SaveChangesFlags, UnicodeFlags,
};
use mapi_provider_abi::view::{Limits, PropTags, PropValue, Property};

use super::fault::{Fault, Result};
use super::foreign;
use super::message;
use super::open_entry::Access;
use super::shared::StoreShared;
use crate::database::{self, MessageId, ObjectId, Queued, Reader, Transaction};

/// Whether a message is opened to be changed, which one that waits to be sent is not: `MAPI_E_SUBMITTED` with
/// `MAPI_MODIFY` (STORE-35), `MAPI_E_NO_ACCESS` where it is locked (STORE-36). The spooler may change it, unless another
/// spooler has locked it.
///
/// # Errors
///
/// Those, or the store can't be read.
pub(super) fn is_opened_writable(
    shared: &StoreShared,
    reader: &Reader<'_>,
    id: MessageId,
    access: Access,
) -> database::Result<bool> {
    let Some(queued) = reader.queued(id)? else {
        return Ok(access.is_writable());
    };
    match access {
        _ if is_locked_out(shared, &queued) => Err(database::Error::Locked),
        _ if shared.is_spooler => Ok(access.is_writable()),
        Access::Modify => Err(database::Error::Submitted),
        Access::Best | Access::Read => Ok(false),
    }
}

// STORE-36
/// Whether a message is locked, and not by this logon: the database knows the process, and this process knows the logon.
pub(super) fn is_locked_out(shared: &StoreShared, queued: &Queued) -> bool {
    let locks = &shared.opened().locks;
    let is_own = |owner| {
        shared.is_spooler
            && owner == shared.store().session()
            && !locks.is_others(queued.message, &shared.token)
    };
    queued.locked_by.is_some_and(|owner| !is_own(owner))
}

/// `SetLockState(MSG_LOCKED)`: of two spoolers in one process, which the database takes for one, the first has it.
fn lock_for(shared: &StoreShared, tx: &Transaction<'_>, id: MessageId) -> database::Result<()> {
    let locks = &shared.opened().locks;
    let is_locked = tx.queued(id)?.is_some_and(|one| one.locked_by.is_some());
    if is_locked && locks.is_others(id, &shared.token) {
        return Err(database::Error::Locked);
    }
    tx.lock_queued(id)?;
    // Where the transaction fails after all, the database does not call it locked.
    locks.take(id, &shared.token);
    Ok(())
}

/// `SetLockState`.
///
/// # Safety
///
/// The message is NULL or an object.
pub(super) unsafe fn set_lock_state(
    shared: &StoreShared,
    message: *mut c_void,
    state: u32,
) -> Result<HRESULT> {
    // SAFETY: the caller's word.
    let message: IMessage = unsafe { foreign::interface(message) }?;
    let id = id_of(shared, &message)?;
    match state {
        MSG_LOCKED => {
            // STORE-36: what the spooler has changed is saved first.
            // SAFETY: a call without pointers.
            let saved = unsafe { message.SaveChanges(SaveChangesFlags::KEEP_OPEN_READWRITE) };
            if saved.is_err() && saved != MAPI_E_NO_ACCESS {
                return Err(saved.into());
            }
            shared.write(|tx| lock_for(shared, tx, id))?;
        }
        MSG_UNLOCKED => shared.write(|tx| tx.unlock_queued(id))?,
        _ => {
            let text = "a message is locked (MSG_LOCKED) or not (MSG_UNLOCKED)";
            return Err(Fault::new(MAPI_E_INVALID_PARAMETER, text));
        }
    }
    Ok(S_OK)
}

/// Which message of this store an object is, whoever wraps it.
fn id_of(shared: &StoreShared, message: &IMessage) -> Result<MessageId> {
    let tags = shared
        .allocators
        .build(&PropTags::from(&[PR_ENTRYID][..]))?;
    let (mut count, mut values) = (0, std::ptr::null_mut());
    let array: *mut SPropTagArray = tags.as_ptr();
    // SAFETY: tags and live variables; what comes back is ours to free.
    let values = unsafe {
        let status = message.GetProps(array, UnicodeFlags::MAPI_UNICODE, &mut count, &mut values);
        let values = shared.allocators.adopt(values, count);
        if status.is_err() {
            return Err(status.into());
        }
        values
    };
    let values = values.ok_or(MAPI_E_NOT_FOUND)?;
    let properties: Vec<Property<'_>> = values.read_all(&Limits::default())?;
    let entry_id = properties.first().and_then(|one| one.value.as_binary());
    match shared.identity.parse(entry_id.ok_or(MAPI_E_NOT_FOUND)?)? {
        ObjectId::Message(id) => Ok(id),
        ObjectId::Folder(_) => Err(MAPI_E_INVALID_PARAMETER.into()),
    }
}

/// `AbortSubmit`: it can be changed again.
pub(super) fn abort_submit(shared: &StoreShared, id: MessageId) -> Result<HRESULT> {
    shared.write(|tx| tx.abort_submit(id))?;
    Ok(S_OK)
}

/// `FinishedMsg`: the message was sent.
pub(super) fn finished(shared: &Arc<StoreShared>, id: MessageId) -> Result<HRESULT> {
    // Of all who call it one goes on, so that MAPI gets the message once.
    if !shared.write_durably(|tx| tx.finish_queued(id))? {
        let text = "the message does not wait to be sent";
        return Err(Fault::new(MAPI_E_NOT_IN_QUEUE, text));
    }
    let Some(support) = shared.support() else {
        return put_away(shared, id);
    };
    let Ok(sent) = message::open(shared, id, Access::Modify) else {
        return put_away(shared, id);
    };
    // SAFETY: a message; its only reference goes to MAPI, which releases it.
    let status = unsafe { support.interface().DoSentMail(0, sent) };
    if status == MAPI_E_NO_SUPPORT {
        // SAFETY: who has no such method has not taken the reference.
        drop(unsafe { IMessage::from_raw(sent) });
    }
    if status.is_err() {
        // STORE-37: it was sent, it does not wait any more, and MAPI is asked once. Left where it is, it would look like a
        // draft, and somebody would send it again.
        return put_away(shared, id);
    }
    Ok(S_OK)
}

/// What MAPI does with a sent message, where it can't be asked or fails.
fn put_away(shared: &StoreShared, id: MessageId) -> Result<HRESULT> {
    shared.write(|tx| {
        let props = match tx.message_props(id) {
            Ok(props) => props,
            Err(database::Error::NotFound(_)) => return Ok(()),
            Err(error) => return Err(error),
        };
        let deletes = props
            .value(PR_DELETE_AFTER_SUBMIT.id())
            .and_then(PropValue::as_bool);
        if deletes == Some(true) {
            tx.delete_messages(&[id])?;
            return Ok(());
        }
        let to = props
            .value(PR_SENTMAIL_ENTRYID.id())
            .and_then(PropValue::as_binary);
        move_to(shared, tx, id, to)
    })?;
    Ok(S_OK)
}

fn move_to(
    shared: &StoreShared,
    tx: &Transaction<'_>,
    id: MessageId,
    entry_id: Option<&[u8]>,
) -> database::Result<()> {
    // A folder of another store, or one that is gone, keeps nothing from having been sent.
    let folder = entry_id.and_then(|bytes| shared.identity.parse(bytes).ok());
    if let Some(ObjectId::Folder(folder)) = folder
        && tx.folder(folder)?.is_some()
    {
        tx.move_messages(&[id], folder)?;
    }
    Ok(())
}
