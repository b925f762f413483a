//! What a folder does with its messages.

use std::collections::BTreeSet;
use std::ffi::c_void;
use std::ops::ControlFlow;
use std::sync::Arc;

use mapi_provider_abi::mapi::{
    CopyMessagesFlags, HRESULT, MAPI_E_INVALID_PARAMETER, MAPI_E_NO_ACCESS,
    MAPI_W_PARTIAL_COMPLETION, MessageStatus, PropTag, ReadFlags, S_OK, SBinaryArray,
    SSortOrderSet,
};
use mapi_provider_abi::view::{
    self, EntryList, Limits, PropValue, SortDirection, SortOrder, SortOrderSet,
};

use super::arguments;
use super::computed::SORT_ORDER;
use super::destination;
use super::fault::{Fault, Result};
use super::folder_tree::{self, completion};
use super::message;
use super::progress::{Asked, Progress};
use super::read_marks::Marking;
use super::receipts;
use super::shared::StoreShared;
use super::tables;
use crate::database::{
    self, AT_ONCE, FolderId, FolderKind, MessageId, ObjectId, Property, PropertySet, Reader,
    Transaction,
};

/// A new message, as its interface. It is in the folder once it is saved.
pub(super) fn create_message(
    shared: &Arc<StoreShared>,
    folder: FolderId,
    associated: bool,
) -> Result<*mut c_void> {
    let kind = shared.read(|reader| Ok(reader.existing_folder(folder)?.kind))?;
    if kind == FolderKind::Search {
        let text = "nothing can be put into a search folder";
        return Err(Fault::new(MAPI_E_NO_ACCESS, text)); // STORE-42
    }
    message::create(shared, folder, associated)
}

/// The messages of a list: none for what is no entry ID of a message here.
///
/// # Safety
///
/// NULL, or a list with as many entry IDs as it says.
unsafe fn read_list(
    shared: &StoreShared,
    list: *const SBinaryArray,
) -> Result<Vec<Option<MessageId>>> {
    if list.is_null() {
        return Err(MAPI_E_INVALID_PARAMETER.into());
    }
    // SAFETY: the caller's word.
    let list: EntryList = unsafe { view::read(list, &Limits::default()) }?;
    let id = |bytes: &[u8]| match shared.identity.parse(bytes) {
        Ok(ObjectId::Message(id)) => Some(id),
        _ => None,
    };
    Ok(list.0.iter().map(|entry| id(entry.as_bytes())).collect())
}

/// Messages of a list.
struct Found {
    /// Those that are in the folder, each once, in the order of the list.
    messages: Vec<MessageId>,
    /// Whether that is all of the list.
    is_all: bool,
}

impl Found {
    fn in_folder(
        reader: &Reader<'_>,
        folder: FolderId,
        list: &[Option<MessageId>],
    ) -> database::Result<Self> {
        let is_search = reader.existing_folder(folder)?.kind == FolderKind::Search;
        let mut seen = BTreeSet::new();
        let mut found = Self {
            messages: Vec::new(),
            is_all: true,
        };
        for id in list {
            let is_here = match *id {
                None => false,
                Some(id) if is_search => reader.is_hit(folder, id)?,
                Some(id) => reader
                    .message_info(id)?
                    .is_some_and(|info| info.folder == folder),
            };
            found.is_all &= is_here;
            found
                .messages
                .extend(id.filter(|id| is_here && seen.insert(*id)));
        }
        Ok(found)
    }

    /// Success, or the warning that some messages were left over.
    fn completion(&self, done: HRESULT) -> HRESULT {
        if self.is_all {
            done
        } else {
            MAPI_W_PARTIAL_COMPLETION
        }
    }
}

/// Does something with the messages of a list that are in a folder, some hundred in one transaction (STORE-33), and then what
/// is to be done after each transaction. Success, or the warning that some were left over.
fn each_part<T>(
    shared: &StoreShared,
    folder: FolderId,
    list: &[Option<MessageId>],
    act: impl Fn(&Transaction<'_>, &[MessageId]) -> database::Result<(HRESULT, T)>,
    then: impl Fn(T),
) -> Result<HRESULT> {
    let mut seen = BTreeSet::new();
    let is_new = |id: &Option<MessageId>| id.is_none_or(|id| seen.insert(id));
    let once: Vec<Option<MessageId>> = list.iter().copied().filter(is_new).collect();
    // Of an empty list there is one part too: the folder may be gone.
    let nothing = once.is_empty().then_some(&[][..]);
    let mut status = S_OK;
    for part in once.chunks(AT_ONCE).chain(nothing) {
        let (done, told) = shared.write(|tx| {
            let found = Found::in_folder(tx, folder, part)?;
            let (done, told) = act(tx, &found.messages)?;
            Ok((found.completion(done), told))
        })?;
        then(told);
        if done != S_OK {
            status = done;
        }
    }
    Ok(status)
}

/// `DeleteMessages`. There are no soft deletes: the flags say nothing.
///
/// # Safety
///
/// NULL, or a list with as many entry IDs as it says.
pub(super) unsafe fn delete_messages(
    shared: &Arc<StoreShared>,
    folder: FolderId,
    list: *const SBinaryArray,
) -> Result<HRESULT> {
    // SAFETY: the caller's word.
    let list = unsafe { read_list(shared, list) }?;
    // STORE-24: who asked for it hears that it was deleted unread. The message is opened as long as it is there.
    let messages: Vec<MessageId> = list.iter().copied().flatten().collect();
    let waiting = receipts::Waiting::of(shared, folder, &messages)?;
    let delete = |tx: &Transaction<'_>, messages: &[MessageId]| {
        let outcome = tx.delete_messages(messages)?;
        Ok((completion(&outcome), outcome.done))
    };
    let report = |deleted: Vec<MessageId>| waiting.send(shared, &deleted);
    each_part(shared, folder, &list, delete, report)
}

/// `CopyMessages`: copies, or with `MESSAGE_MOVE` moves.
///
/// # Safety
///
/// The list is NULL or as long as it says, the destination NULL or a folder, the display of progress NULL or one.
pub(super) unsafe fn copy_messages(
    shared: &Arc<StoreShared>,
    folder: FolderId,
    list: *const SBinaryArray,
    destination: *mut c_void,
    flags: CopyMessagesFlags,
    asked: &Asked,
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
            // SAFETY: the caller's word.
            let mut progress = unsafe { Progress::new(shared, asked) };
            return destination::copy_messages(shared, folder, &list, &other, moves, &mut progress);
        }
    };
    let transfer = |tx: &Transaction<'_>, messages: &[MessageId]| {
        let done = if moves {
            completion(&tx.move_messages(messages, to)?)
        } else {
            completion(&tx.copy_messages(messages, to)?)
        };
        Ok((done, ()))
    };
    each_part(shared, folder, &list, transfer, |()| ())
}

/// `SetReadFlags`: of the messages of a list, or of all.
///
/// # Safety
///
/// NULL, or a list with as many entry IDs as it says.
pub(super) unsafe fn set_read_flags(
    shared: &Arc<StoreShared>,
    folder: FolderId,
    list: *const SBinaryArray,
    flags: ReadFlags,
) -> Result<HRESULT> {
    let marking = Marking::of(flags)?;
    let list = if list.is_null() {
        None
    } else {
        // SAFETY: the caller's word.
        Some(unsafe { read_list(shared, list) }?)
    };
    let is_all = list.is_none();
    let list = match list {
        Some(list) => list,
        None => {
            let all = shared.read(|reader| all_messages(reader, folder))?;
            all.into_iter().map(Some).collect()
        }
    };
    let mark = |tx: &Transaction<'_>, messages: &[MessageId]| {
        let marked = marking.apply(tx, messages)?;
        let status = if marked.is_all {
            S_OK
        } else {
            MAPI_W_PARTIAL_COMPLETION
        };
        Ok((status, marked.receipts))
    };
    let report = |receipts: Vec<MessageId>| receipts::send_read(shared, &receipts);
    let status = each_part(shared, folder, &list, mark, report)?;
    // Of all that there are, one that goes meanwhile is not missed.
    Ok(if is_all { S_OK } else { status })
}

fn all_messages(reader: &Reader<'_>, folder: FolderId) -> database::Result<Vec<MessageId>> {
    let mut all = Vec::new();
    let contents = reader.contents(folder, false)?;
    reader.each_row(contents, |row| {
        all.push(row.info.id);
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(all)
}

/// `GetMessageStatus`.
pub(super) fn message_status(shared: &StoreShared, id: MessageId) -> Result<MessageStatus> {
    let info = shared.read(|reader| reader.existing_message(id))?;
    Ok(MessageStatus::from_bits_retain(info.status))
}

/// `SetMessageStatus`: the bits of a mask; answers the status before.
pub(super) fn set_message_status(
    shared: &StoreShared,
    id: MessageId,
    new: MessageStatus,
    mask: MessageStatus,
) -> Result<MessageStatus> {
    let old = shared.write(|tx| tx.set_status(id, new.bits(), mask.bits()))?;
    Ok(MessageStatus::from_bits_retain(old))
}

/// `SaveContentsSort`: the order that contents tables of the folder have from now on when they are opened (STORE-14).
///
/// # Safety
///
/// NULL, or a sort order with as many keys as it says.
pub(super) unsafe fn save_sort(
    shared: &StoreShared,
    folder: FolderId,
    order: *const SSortOrderSet,
) -> Result<HRESULT> {
    // SAFETY: the caller's word.
    let order = unsafe { view::read_optional::<SortOrderSet>(order, &arguments::limits()) }?;
    let order = order.unwrap_or_default();
    tables::check_order(&order)?;
    let mut longs = vec![order.categories, order.expanded];
    let columns = order.orders.iter();
    longs.extend(columns.flat_map(|one| [one.tag.0, one.direction.code()]));
    let longs: Vec<i32> = longs.into_iter().map(u32::cast_signed).collect();
    folder_tree::put_property(
        shared,
        folder,
        SORT_ORDER,
        Property::Value(PropValue::MvLong(longs.into())),
    )?;
    Ok(S_OK)
}

/// The order that contents tables of a folder are opened in.
pub(super) fn saved_order(props: &PropertySet) -> SortOrderSet {
    let Some(PropValue::MvLong(longs)) = props.value(SORT_ORDER) else {
        return SortOrderSet::default();
    };
    let (pairs, _) = longs.as_chunks::<2>();
    let mut pairs = pairs.iter().map(|pair| pair.map(i32::cast_unsigned));
    let Some([categories, expanded]) = pairs.next() else {
        return SortOrderSet::default();
    };
    let column = |[tag, direction]: [u32; 2]| {
        let direction = SortDirection::from_code(direction)?;
        let tag = PropTag(tag);
        Some(SortOrder { tag, direction })
    };
    let orders: Option<Vec<SortOrder>> = pairs.map(column).collect();
    let order = orders.map(|orders| SortOrderSet {
        orders,
        categories,
        expanded,
    });
    order.unwrap_or_default()
}
