//! What is in a store, according to its tables, and what its user may do. All of this is in the process that runs the
//! provider.

use mapi_provider::abi::{PR_CLIENT_SUBMIT_TIME, PR_FLAG_STATUS};
use mapi_provider::store::{EntryId, Folder, Store, StoreError};
use mapi_provider::view::SortDirection;

use super::find::{self, Among};
use super::inside::tell_inside;
use super::message::tell_one;
use super::row::{COLUMNS, FLAGGED, mail};
use crate::host::child::Tell;
use crate::host::protocol::{Look, Message, bounded};

/// Deeper folders are not shown, because a store may say anything.
const DEEPEST: usize = 32;

/// Acts, and reports what is in the store.
pub(in crate::host) fn show(store: &Store, look: &Look, tell: Tell<'_>) -> Result<(), String> {
    act(store, look)?;
    match &look.message {
        Some(named) => {
            let found = find::one(store, named, Among::All)?;
            tell_one(store, &found, look.digests, tell).map_err(|error| error.to_string())
        }
        None => tell_all(store, look.digests, tell).map_err(|error| error.to_string()),
    }
}

/// What the user does first.
fn act(store: &Store, look: &Look) -> Result<(), String> {
    for (messages, act) in [
        (&look.read, read as Act),
        (&look.flag, flag),
        (&look.delete, delete),
    ] {
        for named in messages {
            let found = find::one(store, named, Among::Kept)?;
            act(store, &found.folder, &found.id).map_err(|error| error.to_string())?;
        }
    }
    Ok(())
}

/// Reports the folders that users see, with their messages by date. Only for digests are messages opened.
fn tell_all(store: &Store, digests: bool, tell: Tell<'_>) -> Result<(), StoreError> {
    let inside = digests.then_some(store);
    gather(&store.ipm_subtree()?, 0, inside, tell)
}

/// Reports a folder and those in it; of messages what is inside, where a store is given.
fn gather(
    folder: &Folder,
    depth: usize,
    inside: Option<&Store>,
    tell: Tell<'_>,
) -> Result<(), StoreError> {
    let query = folder.messages().columns(&COLUMNS);
    let rows = query
        .sort(PR_CLIENT_SUBMIT_TIME, SortDirection::Ascend)
        .rows()?;
    tell(&Message::Folder {
        depth: depth as u64,
        name: bounded(folder.name()?),
    });
    for row in rows {
        let row = row?;
        tell(&Message::Mail(mail(&row)));
        if let (Some(store), Some(id)) = (inside, row.entry_id()) {
            // One that can't be read stops no list: what is missing of it says so.
            let _ = tell_inside(store, &id, tell);
        }
    }
    if depth < DEEPEST {
        for (_, id) in find::folders(folder)? {
            gather(&folder.open_folder(&id)?, depth + 1, inside, tell)?;
        }
    }
    Ok(())
}

/// Something that is done to a message.
type Act = fn(&Store, &Folder, &EntryId) -> Result<(), StoreError>;

/// Marks it as read.
fn read(_: &Store, folder: &Folder, id: &EntryId) -> Result<(), StoreError> {
    folder.set_read(std::slice::from_ref(id), true)
}

/// Flags it for follow-up.
fn flag(_: &Store, folder: &Folder, id: &EntryId) -> Result<(), StoreError> {
    let message = folder.open_message(id)?;
    message.set(PR_FLAG_STATUS, FLAGGED)?;
    message.save().map(drop)
}

/// Moves it to the deleted items.
fn delete(store: &Store, folder: &Folder, id: &EntryId) -> Result<(), StoreError> {
    folder.move_messages(std::slice::from_ref(id), &store.wastebasket()?)
}
