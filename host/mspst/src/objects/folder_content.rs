//! What a folder does with its messages.

use std::ffi::c_void;
use std::sync::Arc;

use mapi_provider::abi::{
    CopyMessagesFlags, HRESULT, MAPI_E_INVALID_PARAMETER, MAPI_E_NOT_FOUND, MAPI_E_OBJECT_DELETED,
    MAPI_W_PARTIAL_COMPLETION, MessageStatus, PropTag, ReadFlags, S_OK, SBinaryArray,
    SSortOrderSet,
};
use mapi_provider::view::{self, EntryList, PropValue, SortDirection, SortOrder, SortOrderSet};

use super::destination;
use super::message_object::MessageObject;
use super::message_state::{MessageState, mark};
use super::shared::StoreShared;
use crate::arguments;
use crate::db::{Change, Folder, Id, Kind, Message, SORT_ORDER, State};
use crate::fault::{Fault, Result};

/// A new message, as its interface. It is in the folder once it is saved.
pub(super) fn create_message(
    shared: &Arc<StoreShared>,
    folder: Id,
    associated: bool,
) -> Result<*mut c_void> {
    let kind = if associated {
        Kind::Associated
    } else {
        Kind::Message
    };
    let id = shared.db.new_id(kind)?;
    let state = MessageState::of_new(Arc::clone(shared), id, folder);
    Ok(MessageObject::open(state))
}

/// The messages of a list: `None` for anything that is not the entry ID of a message
/// here.
///
/// # Safety
///
/// NULL, or a list with as many entry IDs as it says.
unsafe fn read_list(shared: &StoreShared, list: *const SBinaryArray) -> Result<Vec<Option<Id>>> {
    if list.is_null() {
        return Err(MAPI_E_INVALID_PARAMETER.into());
    }
    // SAFETY: the caller's word.
    let list: EntryList = unsafe { view::read(list, &view::Limits::default()) }?;
    let id = |bytes: &[u8]| shared.identity.parse(bytes).ok();
    Ok(list.0.iter().map(|entry| id(entry.as_bytes())).collect())
}

/// The messages of a list that are in a folder, and whether that is all of the list.
fn found<'s>(state: &'s State, folder: Id, list: &[Option<Id>]) -> (Vec<&'s Arc<Message>>, bool) {
    let message = |id: &Option<Id>| {
        let message = state.message((*id)?)?;
        (message.folder == folder).then_some(message)
    };
    let messages: Vec<_> = list.iter().filter_map(message).collect();
    let is_all = messages.len() == list.len();
    (messages, is_all)
}

/// Success, or the warning that some messages were not found.
fn completion(is_all: bool) -> HRESULT {
    if is_all {
        S_OK
    } else {
        MAPI_W_PARTIAL_COMPLETION
    }
}

/// `DeleteMessages`.
///
/// # Safety
///
/// NULL, or a list with as many entry IDs as it says.
pub(super) unsafe fn delete_messages(
    shared: &StoreShared,
    folder: Id,
    list: *const SBinaryArray,
) -> Result<HRESULT> {
    // SAFETY: the caller's word.
    let mut list = unsafe { read_list(shared, list) }?;
    // The same message twice is deleted once.
    list.sort_unstable();
    list.dedup();
    shared.commit(|state| {
        let (messages, is_all) = found(state, folder, &list);
        let gone = messages
            .iter()
            .map(|message| Change::MessageGone(message.id));
        Ok((gone.collect(), completion(is_all)))
    })
}

/// `CopyMessages`: copies, or with `MESSAGE_MOVE` moves.
///
/// # Safety
///
/// The list is NULL or as long as it says, the destination NULL or a folder.
pub(super) unsafe fn copy_messages(
    shared: &Arc<StoreShared>,
    folder: Id,
    list: *const SBinaryArray,
    destination: *mut c_void,
    flags: CopyMessagesFlags,
) -> Result<HRESULT> {
    // SAFETY: the caller's word.
    let (list, to) = unsafe {
        (
            read_list(shared, list)?,
            destination::folder(shared, destination)?,
        )
    };
    let moves = flags.contains(CopyMessagesFlags::MESSAGE_MOVE);
    let to = match to {
        destination::Place::Here(to) => to,
        destination::Place::Elsewhere(other) => {
            return destination::copy_messages(shared, folder, &list, &other, moves);
        }
    };
    shared.commit(|state| {
        if !state.folders.contains_key(&to) {
            return Err(Fault::new(
                MAPI_E_OBJECT_DELETED,
                "the destination has been deleted",
            ));
        }
        let (messages, is_all) = found(state, folder, &list);
        let change = |message: &&Arc<Message>| {
            if moves {
                return Ok(Change::Moved {
                    id: message.id,
                    folder: to,
                });
            }
            copy_of(shared, message, to)
        };
        let changes: Result<Vec<Change>> = messages.iter().map(change).collect();
        Ok((changes?, completion(is_all)))
    })
}

/// The change that makes a copy of a message in a folder.
pub(super) fn copy_of(shared: &StoreShared, message: &Message, folder: Id) -> Result<Change> {
    let kind = message.id.kind().unwrap_or(Kind::Message);
    Ok(Change::Message(Arc::new(Message {
        id: shared.db.new_id(kind)?,
        folder,
        ..Message::clone(message)
    })))
}

/// `SetReadFlags`: of the messages of a list, or of all.
///
/// # Safety
///
/// NULL, or a list with as many entry IDs as it says.
pub(super) unsafe fn set_read_flags(
    shared: &StoreShared,
    folder: Id,
    list: *const SBinaryArray,
    flags: ReadFlags,
) -> Result<HRESULT> {
    if flags.contains(ReadFlags::GENERATE_RECEIPT_ONLY) {
        return Ok(S_OK);
    }
    let list = if list.is_null() {
        None
    } else {
        // SAFETY: the caller's word.
        Some(unsafe { read_list(shared, list) }?)
    };
    let read = !flags.contains(ReadFlags::CLEAR_READ_FLAG);
    shared.commit(|state| {
        let (messages, is_all) = match &list {
            Some(list) => found(state, folder, list),
            None => {
                let all = state
                    .folders
                    .get(&folder)
                    .map(|folder| folder.messages.values());
                (all.into_iter().flatten().collect(), true)
            }
        };
        let mut changes = Vec::new();
        for message in messages {
            changes.extend(mark(state, message.id, |_| (read, None))?);
        }
        Ok((changes, completion(is_all)))
    })
}

/// `GetMessageStatus`.
pub(super) fn message_status(shared: &StoreShared, id: Id) -> Result<MessageStatus> {
    let status = shared
        .db
        .read(|state| state.message(id).map(|message| message.status));
    let gone = || Fault::new(MAPI_E_NOT_FOUND, "the message no longer exists");
    status.map(MessageStatus::from_bits_retain).ok_or_else(gone)
}

/// `SetMessageStatus`: the bits of a mask; returns the old status.
pub(super) fn set_message_status(
    shared: &StoreShared,
    id: Id,
    new: MessageStatus,
    mask: MessageStatus,
) -> Result<MessageStatus> {
    shared.commit(|state| {
        let mut old = MessageStatus::empty();
        let changes = mark(state, id, |message| {
            old = MessageStatus::from_bits_retain(message.status);
            let status = old.difference(mask) | new.intersection(mask);
            (message.read, Some(status.bits()))
        })?;
        Ok((changes, old))
    })
}

/// `SaveContentsSort`: the order in which contents tables of the folder will be opened
/// from now on.
///
/// # Safety
///
/// NULL, or a sort order with as many keys as it says.
pub(super) unsafe fn save_sort(
    shared: &StoreShared,
    folder: Id,
    order: *const SSortOrderSet,
) -> Result<HRESULT> {
    // SAFETY: the caller's word.
    let order = unsafe { view::read_optional::<SortOrderSet>(order, &arguments::limits()) }?;
    let order = order.unwrap_or_default();
    crate::table::check_order(&order)?;
    let longs = order.orders.iter().flat_map(|one| {
        let is_descending = one.direction == SortDirection::Descend;
        [one.tag.0 as i32, i32::from(is_descending)]
    });
    let longs: Vec<i32> = longs.collect();
    shared.commit(|state| {
        let change = with_props(state, folder, |props| {
            props.set(SORT_ORDER, PropValue::MvLong(longs.into()));
            Ok(())
        });
        Ok((vec![change?], S_OK))
    })
}

/// The order in which contents tables of a folder are opened.
pub(super) fn saved_order(shared: &StoreShared, folder: Id) -> SortOrderSet {
    let saved = shared.db.read(|state| {
        let folder = state.folders.get(&folder)?;
        folder.props.get(SORT_ORDER).cloned()
    });
    let Some(PropValue::MvLong(longs)) = saved else {
        return SortOrderSet::default();
    };
    let order = |pair: &[i32]| SortOrder {
        tag: PropTag(pair[0] as u32),
        direction: if pair[1] == 0 {
            SortDirection::Ascend
        } else {
            SortDirection::Descend
        },
    };
    SortOrderSet {
        orders: longs.chunks_exact(2).map(order).collect(),
        ..SortOrderSet::default()
    }
}

/// The change that gives a folder other properties.
///
/// # Errors
///
/// There is no such folder, or what `change` says.
pub(super) fn with_props(
    state: &State,
    id: Id,
    change: impl FnOnce(&mut crate::db::PropSet) -> Result<()>,
) -> Result<Change> {
    let gone = || Fault::new(MAPI_E_OBJECT_DELETED, "the folder has been deleted");
    let folder: &Folder = state.folders.get(&id).ok_or_else(gone)?;
    let mut props = (*folder.props).clone();
    change(&mut props)?;
    Ok(Change::Folder {
        id,
        parent: folder.parent,
        props: Arc::new(props),
    })
}
