//! What a folder does with itself and the folders in it (STORE-33).

use std::ffi::c_void;
use std::sync::Arc;

use mapi_provider_abi::mapi::{
    CopyFolderFlags, DeleteFolderFlags, EmptyFolderFlags, FOLDER_GENERIC, FOLDER_SEARCH, HRESULT,
    MAPI_E_COLLISION, MAPI_E_INVALID_PARAMETER, MAPI_E_NOT_FOUND, MAPI_W_PARTIAL_COMPLETION,
    PR_COMMENT_W, PR_DISPLAY_NAME_W, PropTag, S_OK,
};
use mapi_provider_abi::view::PropValue;

use super::answers::Problems;
use super::arguments::Given;
use super::computed::FolderView;
use super::destination::{self, Place};
use super::fault::{Fault, Result};
use super::folder;
use super::folder_transfer;
use super::progress::{Asked, Progress};
use super::receipts;
use super::setting;
use super::shared::StoreShared;
use crate::database::{
    self, AT_ONCE, DeleteFolder, Folder, FolderId, FolderKind, MessageId, NewFolder, ObjectId,
    Outcome, Property, PropertySet, Reader,
};

/// What `CreateFolder` is told.
pub(super) struct New {
    pub(super) folder_type: u32,
    pub(super) name: PropValue<'static>,
    pub(super) comment: Option<PropValue<'static>>,
    pub(super) open_if_exists: bool,
}

/// `CreateFolder`: a folder, as its interface.
pub(super) fn create_folder(
    shared: &Arc<StoreShared>,
    parent: FolderId,
    new: &New,
) -> Result<*mut c_void> {
    let kind = match new.folder_type {
        FOLDER_GENERIC => FolderKind::Generic,
        FOLDER_SEARCH => FolderKind::Search,
        _ => {
            let text = "folders are of the kind FOLDER_GENERIC or FOLDER_SEARCH";
            return Err(Fault::new(MAPI_E_INVALID_PARAMETER, text));
        }
    };
    let mut props = PropertySet::default();
    props.set_tag(PR_DISPLAY_NAME_W, new.name.clone());
    if let Some(comment) = &new.comment {
        props.set_tag(PR_COMMENT_W, comment.clone());
    }
    let (id, _) = shared.write(|tx| {
        tx.create_folder(&NewFolder {
            parent,
            kind,
            props: &props,
            open_existing: new.open_if_exists,
        })
    })?;
    folder::open(shared, id, true)
}

/// Success, or the warning that not all was done.
pub(super) fn completion<T>(outcome: &Outcome<T>) -> HRESULT {
    if outcome.is_partial() {
        MAPI_W_PARTIAL_COMPLETION
    } else {
        S_OK
    }
}

/// `DeleteFolder`: what is in it goes along if the flags say so.
pub(super) fn delete_folder(
    shared: &Arc<StoreShared>,
    parent: FolderId,
    id: FolderId,
    flags: DeleteFolderFlags,
) -> Result<HRESULT> {
    let how = DeleteFolder {
        messages: flags.contains(DeleteFolderFlags::DEL_MESSAGES),
        folders: flags.contains(DeleteFolderFlags::DEL_FOLDERS),
    };
    let check = |reader: &Reader<'_>| match reader.existing_folder(id)?.parent {
        Some(found) if found == parent => Ok(()),
        _ => {
            let text = "there is no such folder in this one";
            Err(database::Error::refused(MAPI_E_NOT_FOUND, text))
        }
    };
    let going = shared.read(|reader| {
        check(reader)?;
        reader.going_with_folder(id, how)
    })?;
    let waiting = receipts::Waiting::of_tree(shared, id)?;
    delete_going(shared, id, &going, &waiting)?;
    let outcome = shared.write(|tx| {
        check(tx)?;
        tx.delete_folder(id, how)
    })?;
    waiting.send(shared, &messages_of(&outcome));
    Ok(completion(&outcome))
}

/// Deletes what is too much for the last transaction, so that nobody waits for all of it. // STORE-33
fn delete_going(
    shared: &Arc<StoreShared>,
    top: FolderId,
    going: &[MessageId],
    waiting: &receipts::Waiting,
) -> Result<()> {
    for some in database::all_but_last(going) {
        // What stays is told by the last transaction, which comes to it again.
        let deleted = shared.write(|tx| tx.delete_within(top, some))?.done;
        waiting.send(shared, &deleted);
    }
    Ok(())
}

/// `EmptyFolder`: all messages and folders in it; those that are not for people only with `DEL_ASSOCIATED`.
pub(super) fn empty_folder(
    shared: &Arc<StoreShared>,
    id: FolderId,
    flags: EmptyFolderFlags,
) -> Result<HRESULT> {
    let associated = flags.contains(EmptyFolderFlags::DEL_ASSOCIATED);
    let going = shared.read(|reader| reader.going_with_contents(id, associated))?;
    let waiting = receipts::Waiting::of_tree(shared, id)?;
    delete_going(shared, id, &going, &waiting)?;
    let outcome = shared.write(|tx| tx.empty_folder(id, associated))?;
    waiting.send(shared, &messages_of(&outcome));
    Ok(completion(&outcome))
}

/// The messages that were deleted, beside folders.
fn messages_of(outcome: &Outcome<ObjectId>) -> Vec<MessageId> {
    let message = |object: &ObjectId| match *object {
        ObjectId::Message(id) => Some(id),
        ObjectId::Folder(_) => None,
    };
    outcome.done.iter().filter_map(message).collect()
}

/// `CopyFolder`: copies a folder, with the folders in it if the flags say so, or moves it.
///
/// # Safety
///
/// The destination is NULL or a folder, the display of progress NULL or one.
pub(super) unsafe fn copy_folder(
    shared: &Arc<StoreShared>,
    id: FolderId,
    destination: *mut c_void,
    name: Option<&str>,
    flags: CopyFolderFlags,
    asked: &Asked,
) -> Result<HRESULT> {
    // SAFETY: the caller's word.
    let to = match unsafe { destination::folder(shared, destination) }? {
        Place::Here(to) => to,
        Place::Elsewhere(other) => {
            let how = folder_transfer::How {
                name: name.filter(|name| !name.is_empty()),
                deep: flags.contains(CopyFolderFlags::COPY_SUBFOLDERS),
                moves: flags.contains(CopyFolderFlags::FOLDER_MOVE),
            };
            // SAFETY: the caller's word.
            let mut progress = unsafe { Progress::new(shared, asked) };
            return folder_transfer::copy_folder(shared, id, &other, &how, &mut progress);
        }
    };
    let name = name.filter(|name| !name.is_empty());
    if flags.contains(CopyFolderFlags::FOLDER_MOVE) {
        shared.write(|tx| tx.move_folder(id, to, name))?;
        return Ok(S_OK);
    }
    let deep = flags.contains(CopyFolderFlags::COPY_SUBFOLDERS);
    let (_, copying) = shared.write(|tx| tx.begin_copy(id, to, name, deep, AT_ONCE))?;
    let mut is_partial = !copying.left.is_empty();
    // STORE-33: what is too much for one transaction.
    for (copy, messages) in &copying.later {
        for some in messages.chunks(AT_ONCE) {
            let copied = shared.write(|tx| tx.copy_messages(some, *copy))?;
            is_partial |= copied.is_partial();
        }
    }
    Ok(if is_partial {
        MAPI_W_PARTIAL_COMPLETION
    } else {
        S_OK
    })
}

/// Sets properties of a folder, at once.
pub(super) fn set_props(shared: &StoreShared, id: FolderId, given: Vec<Given>) -> Result<Problems> {
    setting::check(&given)?;
    shared.write(|tx| {
        let folder = tx.existing_folder(id)?;
        tx.change_folder(id, |props| {
            let refuses = |one: &Given| Ok(refused_name(tx, &folder, one)?);
            Ok(setting::set(
                props,
                given,
                FolderView::is_computed,
                refuses,
            )?)
        })
    })
}

/// Why a value can't be the folder's name: it is empty, or that of a folder beside it.
fn refused_name(
    reader: &Reader<'_>,
    folder: &Folder,
    given: &Given,
) -> database::Result<Option<HRESULT>> {
    let (Some(parent), Ok(value)) = (folder.parent, &given.value) else {
        return Ok(None);
    };
    if given.tag.id() != PR_DISPLAY_NAME_W.id() {
        return Ok(None);
    }
    let Some(name) = value.to_text().filter(|name| !name.is_empty()) else {
        return Ok(Some(MAPI_E_INVALID_PARAMETER));
    };
    let known = reader.child_named(parent, &name)?;
    let is_taken = known.is_some_and(|known| known != folder.id);
    Ok(is_taken.then_some(MAPI_E_COLLISION))
}

/// Deletes properties of a folder, at once.
pub(super) fn delete_props(
    shared: &StoreShared,
    id: FolderId,
    tags: &[PropTag],
) -> Result<Problems> {
    let is_kept = |id: u16| FolderView::is_computed(id) || id == PR_DISPLAY_NAME_W.id();
    shared.write(|tx| {
        tx.existing_folder(id)?;
        tx.change_folder(id, |props| Ok(setting::delete(props, tags, is_kept)))
    })
}

/// Puts a property, which may be a large one, at once.
pub(super) fn put_property(
    shared: &StoreShared,
    id: FolderId,
    property_id: u16,
    property: Property,
) -> Result<()> {
    shared.write(|tx| {
        tx.change_folder(id, |props| {
            props.put(property_id, property);
            Ok(())
        })
    })
}
