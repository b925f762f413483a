//! What a folder does with itself and the folders in it.

use std::collections::HashMap;
use std::ffi::c_void;
use std::sync::Arc;

use mapi_provider::abi::{
    CopyFolderFlags, DeleteFolderFlags, EmptyFolderFlags, FOLDER_GENERIC, HRESULT,
    MAPI_E_COLLISION, MAPI_E_COMPUTED, MAPI_E_FOLDER_CYCLE, MAPI_E_HAS_FOLDERS,
    MAPI_E_HAS_MESSAGES, MAPI_E_INVALID_PARAMETER, MAPI_E_NO_ACCESS, MAPI_E_NO_SUPPORT,
    MAPI_E_NOT_FOUND, MAPI_E_OBJECT_DELETED, PR_COMMENT_W, PR_CREATION_TIME, PR_DISPLAY_NAME_W,
    PR_FOLDER_TYPE, PR_LAST_MODIFICATION_TIME, PT_ERROR, PT_NULL, PT_OBJECT, PropTag, S_OK,
};
use mapi_provider::view::PropValue;

use super::destination::{self, Place};
use super::folder_content::{copy_of, with_props};
use super::open_entry::open_folder;
use super::shared::StoreShared;
use crate::answers::Problems;
use crate::arguments::Given;
use crate::computed::FolderView;
use crate::db::{Change, Id, Kind, PropSet, State, now};
use crate::fault::{Fault, Result};

/// The arguments of `CreateFolder`.
pub(super) struct NewFolder {
    pub(super) folder_type: u32,
    pub(super) name: String,
    pub(super) comment: Option<String>,
    pub(super) open_if_exists: bool,
}

/// `CreateFolder`: a folder, as its interface.
pub(super) fn create_folder(
    shared: &Arc<StoreShared>,
    parent: Id,
    new: NewFolder,
) -> Result<*mut c_void> {
    if new.folder_type != FOLDER_GENERIC {
        let text = "there are no search folders here";
        return Err(Fault::new(MAPI_E_NO_SUPPORT, text));
    }
    if new.name.is_empty() {
        return Err(Fault::new(
            MAPI_E_INVALID_PARAMETER,
            "a folder must have a name",
        ));
    }
    let id = shared.db.new_id(Kind::Folder)?;
    let id = shared.commit(|state| {
        check_there(state, parent)?;
        if let Some(known) = state.child_named(parent, &new.name) {
            if new.open_if_exists {
                return Ok((Vec::new(), known));
            }
            return Err(collision(&new.name));
        }
        let mut props = PropSet::default();
        props.put(PR_DISPLAY_NAME_W, &*new.name);
        props.put(PR_FOLDER_TYPE, PropValue::Long(FOLDER_GENERIC as i32));
        if let Some(comment) = &new.comment {
            props.put(PR_COMMENT_W, &**comment);
        }
        let now = now();
        props.put(PR_CREATION_TIME, now);
        props.put(PR_LAST_MODIFICATION_TIME, now);
        let change = Change::Folder {
            id,
            parent: Some(parent),
            props: Arc::new(props),
        };
        Ok((vec![change], id))
    })?;
    open_folder(shared, id, true)
}

fn collision(name: &str) -> Fault {
    let text = format!("there is already a folder {name:?}");
    Fault::new(MAPI_E_COLLISION, text)
}

fn check_there(state: &State, id: Id) -> Result<()> {
    if state.folders.contains_key(&id) {
        Ok(())
    } else {
        Err(Fault::new(
            MAPI_E_OBJECT_DELETED,
            "the folder has been deleted",
        ))
    }
}

/// Refuses the folders that every store has.
fn check_own(id: Id) -> Result<()> {
    if [Id::ROOT, Id::IPM_SUBTREE, Id::FINDER, Id::WASTEBASKET].contains(&id) {
        let text = "this folder is part of the store";
        return Err(Fault::new(MAPI_E_NO_ACCESS, text));
    }
    Ok(())
}

/// `DeleteFolder`: also deletes its contents if the flags say so.
pub(super) fn delete_folder(
    shared: &StoreShared,
    parent: Id,
    id: Id,
    flags: DeleteFolderFlags,
) -> Result<HRESULT> {
    check_own(id)?;
    shared.commit(|state| {
        let folder = state
            .folders
            .get(&id)
            .filter(|folder| folder.parent == Some(parent));
        let not_here = || Fault::new(MAPI_E_NOT_FOUND, "there is no such folder in this one");
        let folder = folder.ok_or_else(not_here)?;
        if !folder.children.is_empty() && !flags.contains(DeleteFolderFlags::DEL_FOLDERS) {
            return Err(Fault::new(
                MAPI_E_HAS_FOLDERS,
                "there are folders in the folder",
            ));
        }
        let has_messages = !folder.messages.is_empty() || !folder.associated.is_empty();
        if has_messages && !flags.contains(DeleteFolderFlags::DEL_MESSAGES) {
            return Err(Fault::new(
                MAPI_E_HAS_MESSAGES,
                "there are messages in the folder",
            ));
        }
        Ok((vec![Change::FolderGone(id)], S_OK))
    })
}

/// `EmptyFolder`: all messages and folders in it; hidden items only with `DEL_ASSOCIATED`.
pub(super) fn empty_folder(
    shared: &StoreShared,
    id: Id,
    flags: EmptyFolderFlags,
) -> Result<HRESULT> {
    shared.commit(|state| {
        check_there(state, id)?;
        let mut changes = Vec::new();
        if let Some(folder) = state.folders.get(&id) {
            let children = folder.children.iter().copied();
            let deletable = children.filter(|child| check_own(*child).is_ok());
            changes.extend(deletable.map(Change::FolderGone));
            changes.extend(folder.messages.keys().copied().map(Change::MessageGone));
            if flags.contains(EmptyFolderFlags::DEL_ASSOCIATED) {
                changes.extend(folder.associated.keys().copied().map(Change::MessageGone));
            }
        }
        Ok((changes, S_OK))
    })
}

/// `CopyFolder`: copies a folder, with the folders in it if the flags say so, or moves it.
///
/// # Safety
///
/// The destination is NULL or a folder.
pub(super) unsafe fn copy_folder(
    shared: &Arc<StoreShared>,
    id: Id,
    destination: *mut c_void,
    name: Option<String>,
    flags: CopyFolderFlags,
) -> Result<HRESULT> {
    check_own(id)?;
    // SAFETY: the caller's word.
    let to = match unsafe { destination::folder(shared, destination) }? {
        Place::Here(to) => to,
        Place::Elsewhere(_) => {
            let text = "folders can't be copied to another store";
            return Err(Fault::new(MAPI_E_NO_SUPPORT, text));
        }
    };
    let moves = flags.contains(CopyFolderFlags::FOLDER_MOVE);
    let deep = flags.contains(CopyFolderFlags::COPY_SUBFOLDERS);
    shared.commit(|state| {
        check_there(state, to)?;
        let gone = || Fault::new(MAPI_E_NOT_FOUND, "there is no such folder");
        let folder = state.folders.get(&id).ok_or_else(gone)?;
        if state.is_within(to, id) {
            let text = "a folder can't be put into itself";
            return Err(Fault::new(MAPI_E_FOLDER_CYCLE, text));
        }
        let name = name
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| folder.name());
        if state
            .child_named(to, &name)
            .is_some_and(|known| known != id || !moves)
        {
            return Err(collision(&name));
        }
        let mut props = (*folder.props).clone();
        props.put(PR_DISPLAY_NAME_W, &*name);
        let props = Arc::new(props);
        if moves {
            let parent = Some(to);
            return Ok((vec![Change::Folder { id, parent, props }], S_OK));
        }
        Ok((copies(shared, state, id, to, props, deep)?, S_OK))
    })
}

/// The changes that copy a folder with its messages, and all folders in it if it is deep.
fn copies(
    shared: &StoreShared,
    state: &State,
    id: Id,
    to: Id,
    props: Arc<PropSet>,
    deep: bool,
) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    let mut copied: HashMap<Id, Id> = HashMap::new();
    for (old, depth) in state.tree(id) {
        let Some(folder) = state.folders.get(&old).filter(|_| deep || depth == 0) else {
            continue;
        };
        let new = shared.db.new_id(Kind::Folder)?;
        let parent = folder
            .parent
            .and_then(|parent| copied.get(&parent).copied());
        copied.insert(old, new);
        changes.push(Change::Folder {
            id: new,
            parent: Some(parent.unwrap_or(to)),
            props: if depth == 0 {
                Arc::clone(&props)
            } else {
                Arc::clone(&folder.props)
            },
        });
        for message in folder.messages.values().chain(folder.associated.values()) {
            changes.push(copy_of(shared, message, new)?);
        }
    }
    Ok(changes)
}

/// Sets properties of a folder, at once.
pub(super) fn set_props(shared: &StoreShared, id: Id, given: Vec<Given>) -> Result<Problems> {
    let mut problems = Problems::default();
    shared.commit(|state| {
        let change = with_props(state, id, |props| {
            for (index, Given { tag, value }) in given.into_iter().enumerate() {
                match value {
                    _ if matches!(tag.prop_type(), PT_ERROR | PT_NULL | PT_OBJECT) => {}
                    _ if FolderView::is_computed(tag.id()) => {
                        problems.add(index, tag, MAPI_E_COMPUTED);
                    }
                    Ok(value) if is_taken(state, id, tag, &value) => {
                        problems.add(index, tag, MAPI_E_COLLISION);
                    }
                    Ok(value) => props.set(tag.id(), value),
                    Err(status) => problems.add(index, tag, status),
                }
            }
            Ok(())
        });
        Ok((vec![change?], ()))
    })?;
    Ok(problems)
}

/// Whether a value is the name of a sibling of this folder.
fn is_taken(state: &State, id: Id, tag: PropTag, value: &PropValue<'_>) -> bool {
    if tag.id() != PR_DISPLAY_NAME_W.id() {
        return false;
    }
    let parent = state.folders.get(&id).and_then(|folder| folder.parent);
    let name = value.to_text().unwrap_or_default();
    let known = parent.and_then(|parent| state.child_named(parent, &name));
    known.is_some_and(|known| known != id)
}

/// Deletes properties of a folder, at once.
pub(super) fn delete_props(shared: &StoreShared, id: Id, tags: Vec<PropTag>) -> Result<Problems> {
    let mut problems = Problems::default();
    shared.commit(|state| {
        let change = with_props(state, id, |props| {
            for (index, tag) in tags.into_iter().enumerate() {
                if FolderView::is_computed(tag.id()) || tag.id() == PR_DISPLAY_NAME_W.id() {
                    problems.add(index, tag, MAPI_E_COMPUTED);
                } else if props.remove(tag.id()).is_none() {
                    problems.add(index, tag, MAPI_E_NOT_FOUND);
                }
            }
            Ok(())
        });
        Ok((vec![change?], ()))
    })?;
    Ok(problems)
}
