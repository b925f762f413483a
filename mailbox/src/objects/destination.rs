//! Where things are copied to: a folder of this store, or one of another (STORE-33).

use std::collections::BTreeSet;
use std::ffi::c_void;
use std::ptr;

use mapi_provider_abi::mapi::{
    CreateMessageFlags, HRESULT, IMAPIFolder, IMessage, MAPI_W_PARTIAL_COMPLETION, PR_ENTRYID,
    ReadFlags, S_OK,
};

use super::copier::{Copied, Copier};
use super::copying::From;
use super::fault::{Fault, Result};
use super::foreign::{self, Foreign, given};
use super::progress::Progress;
use super::shared::StoreShared;
use super::which::Which;
use crate::database::{
    self, FolderId, FolderKind, Message, MessageId, MessageInfo, ObjectId, Reader, Transaction,
};

/// A folder that is copied to.
pub(super) enum Place {
    /// A folder of this store, whoever wraps it.
    Here(FolderId),
    /// Any other.
    Elsewhere(IMAPIFolder),
}

/// The folder at a pointer.
///
/// # Errors
///
/// It is NULL, or no folder.
///
/// # Safety
///
/// NULL, or an object.
pub(super) unsafe fn folder(shared: &StoreShared, raw: *mut c_void) -> Result<Place> {
    // SAFETY: the caller's word.
    let folder: IMAPIFolder = unsafe { foreign::interface(raw) }?;
    let entry_id = properties(shared, &folder).binary(PR_ENTRYID);
    let id = entry_id.and_then(|entry_id| shared.identity.parse(&entry_id).ok());
    Ok(match id {
        Some(ObjectId::Folder(id)) => Place::Here(id),
        _ => Place::Elsewhere(folder),
    })
}

/// A folder of another store as an object with properties.
pub(super) fn properties(shared: &StoreShared, folder: &IMAPIFolder) -> Foreign {
    Foreign {
        object: folder.clone().into(),
        allocators: shared.allocators,
    }
}

/// How copying many things went.
#[derive(Default)]
pub(super) struct Tally {
    done: usize,
    is_partial: bool,
    /// What the other store said first.
    refused: Option<Fault>,
}

impl Tally {
    pub(super) fn done(&mut self) {
        self.done += 1;
    }

    /// Something is not there to be copied, or has to stay.
    pub(super) fn left(&mut self) {
        self.is_partial = true;
    }

    /// The other store does not take something.
    pub(super) fn refused(&mut self, fault: Fault) {
        self.is_partial = true;
        self.refused.get_or_insert(fault);
    }

    /// What the method answers. Where nothing at all was done, what the other store says tells more than a warning.
    pub(super) fn answer(self) -> Result<HRESULT> {
        match self.refused {
            Some(fault) if self.done == 0 => Err(fault),
            _ if self.is_partial => Ok(MAPI_W_PARTIAL_COMPLETION),
            _ => Ok(S_OK),
        }
    }
}

/// Copies or moves messages to a folder of another store, one after another: what can't be copied stays. The list has
/// none for what is no message of this store; a message of another folder than `folder` is none of the call's.
///
/// # Errors
///
/// The folder is gone, the store can't be read, the user gives up, or the other store takes none of the messages.
pub(super) fn copy_messages(
    shared: &StoreShared,
    folder: FolderId,
    list: &[Option<MessageId>],
    to: &IMAPIFolder,
    moves: bool,
    progress: &mut Progress,
) -> Result<HRESULT> {
    let mut tally = Tally::default();
    progress.expect(list.len());
    let mut seen = BTreeSet::new();
    for id in list {
        match *id {
            Some(id) if !seen.insert(id) => {}
            Some(id) => transfer(shared, folder, id, to, moves, &mut tally)?,
            None => tally.left(),
        }
        progress.step()?;
    }
    tally.answer()
}

/// Copies or moves a message to a folder of another store.
///
/// # Errors
///
/// The store can't be read or written, or the folder is gone.
pub(super) fn transfer(
    shared: &StoreShared,
    folder: FolderId,
    id: MessageId,
    to: &IMAPIFolder,
    moves: bool,
    tally: &mut Tally,
) -> Result<()> {
    let is_free = shared.read(|reader| is_free(reader, folder, id))?;
    let message = match is_free {
        true => shared.store().open_message(id)?,
        false => None,
    };
    let Some(message) = message else {
        tally.left();
        return Ok(());
    };
    if let Err(fault) = copy_one(shared, &message, to, moves) {
        tally.refused(fault);
        return Ok(());
    }
    tally.done();
    if moves && !shared.write(|tx| remove(tx, &message))? {
        tally.left();
    }
    Ok(())
}

/// Whether a message is in a folder, and does not wait to be sent.
fn is_free(reader: &Reader<'_>, folder: FolderId, id: MessageId) -> database::Result<bool> {
    let is_here = match reader.existing_folder(folder)?.kind {
        FolderKind::Search => reader.is_hit(folder, id)?,
        _ => reader
            .message_info(id)?
            .is_some_and(|info| info.folder == folder),
    };
    Ok(is_here && reader.queued(id)?.is_none())
}

/// Takes out what has been moved, if it is still what was copied: what somebody has saved meanwhile would be lost.
fn remove(tx: &Transaction<'_>, message: &Message) -> database::Result<bool> {
    let info = tx.message_info(message.info.id)?;
    let place = |info: &MessageInfo| (info.version, info.folder);
    let is_same = info.is_some_and(|info| place(&info) == place(&message.info));
    if !is_same {
        return Ok(false);
    }
    let outcome = tx.delete_messages(&[message.info.id])?;
    Ok(!outcome.is_partial())
}

fn copy_one(shared: &StoreShared, message: &Message, to: &IMAPIFolder, moves: bool) -> Result<()> {
    let mut flags = CreateMessageFlags::empty();
    flags.set(CreateMessageFlags::MAPI_ASSOCIATED, message.info.associated);
    let mut out = ptr::null_mut();
    // SAFETY: a live variable; the reference is ours.
    let copy: IMessage = unsafe {
        let status = to.CreateMessage(ptr::null(), flags, &mut out);
        given(status, out)?
    };
    let target = Foreign {
        object: copy.clone().into(),
        allocators: shared.allocators,
    };
    let mut copier = Copier::new(shared, &target, Progress::none());
    let copied = copier.copy(From::Message(&message.data), &Which::ALL, &target, false)?;
    check_whole(&copied, moves)?;
    if message.info.read && !message.info.associated {
        // SAFETY: a call without pointers. A mark that the other store does not take is no reason to give up.
        let _ = unsafe { copy.SetReadFlag(ReadFlags::SUPPRESS_RECEIPT) };
    }
    target.save()
}

/// Whether a copy is worth keeping. That of a message which is to go has to have all of it.
fn check_whole(copied: &Copied, moves: bool) -> Result<()> {
    let missed = copied.lost.or(copied.refused.filter(|_| moves));
    match missed {
        None => Ok(()),
        Some(status) => Err(Fault::new(
            status,
            "the other store does not take all of the message",
        )),
    }
}
