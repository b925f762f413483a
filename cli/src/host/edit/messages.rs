//! What a user does with a message.

use mapi_provider::abi::{
    MessageFlags, PR_ENTRYID, PR_SEARCH_KEY, PR_SENTMAIL_ENTRYID, PR_SUBJECT_W,
};
use mapi_provider::store::{EntryId, Folder, Message, Store, StoreError};

use super::carry_out::{is_folder, said};
use super::{flag, folders};
use crate::host::protocol::{Act, Done, bounded};
use crate::host::show::find::{self, Found};

/// Does it. The answer names the message as it was before.
pub(super) fn act(store: &Store, found: &Found<'_>, act: &Act) -> Result<Done, String> {
    let mut done = done(store, found).map_err(said)?;
    let id = std::slice::from_ref(&found.id);
    match act {
        Act::Read => found.folder.set_read(id, true).map_err(said)?,
        Act::Unread => found.folder.set_read(id, false).map_err(said)?,
        Act::Flag => flag::set(&open(found)?).map_err(said)?,
        Act::Unflag => flag::clear(&open(found)?).map_err(said)?,
        Act::Delete => done.detail = Some(bounded(delete(store, found).map_err(said)?)),
        Act::Move { to } => move_to(store, found, to)?,
        Act::Send => send(store, found)?,
    }
    Ok(done)
}

/// A message as it is named in what is told of it.
pub(super) fn done(store: &Store, found: &Found<'_>) -> Result<Done, StoreError> {
    let subject = store.open_message(&found.id)?.text(PR_SUBJECT_W)?;
    Ok(Done {
        entry_id: find::hexadecimal(&found.id),
        subject: bounded(subject.unwrap_or_default()),
        place: found.place.iter().cloned().map(bounded).collect(),
        detail: None,
    })
}

fn open<'run>(found: &Found<'run>) -> Result<Message<'run>, String> {
    found.folder.open_message(&found.id).map_err(said)
}

/// As Outlook does it: into the deleted items, and out of them for good. Tells which.
fn delete(store: &Store, found: &Found<'_>) -> Result<String, StoreError> {
    let id = std::slice::from_ref(&found.id);
    if found.deleted {
        found.folder.delete_messages(id)?;
        return Ok("deleted for good".to_owned());
    }
    let trash = store.wastebasket()?;
    found.folder.move_messages(id, &trash)?;
    Ok(format!("moved to {}", trash.name()?))
}

fn move_to(store: &Store, found: &Found<'_>, path: &str) -> Result<(), String> {
    let target = folders::at(store, path)?.folder;
    let id = target.entry_id().map_err(said)?;
    if is_folder(store, &found.folder, &id).map_err(said)? {
        return Err("it is in that folder already".to_owned());
    }
    let ids = std::slice::from_ref(&found.id);
    found.folder.move_messages(ids, &target).map_err(said)
}

/// Hands a draft over as Outlook does: it says where it is to go when it was sent, puts it into the Outbox, and submits it
/// there.
fn send(store: &Store, found: &Found<'_>) -> Result<(), String> {
    let message = open(found)?;
    if !message
        .flags()
        .map_err(said)?
        .contains(MessageFlags::UNSENT)
    {
        return Err(
            "it is no draft, so it was sent or received already. `--new FILE --folder PATH --send` makes one".to_owned(),
        );
    }
    if message.recipients().map_err(said)?.is_empty() {
        return Err("it has no recipients, so it can't be sent".to_owned());
    }
    // Both are looked up before anything is changed.
    let sent = store.sent_items().and_then(|sent| sent.entry_id());
    let sent = sent.map_err(|error| no_folder(error, "folder of sent items"))?;
    let outbox = store.outbox().map_err(|error| no_folder(error, "Outbox"))?;
    message
        .set(PR_SENTMAIL_ENTRYID, sent.0.as_ref())
        .map_err(said)?;
    message.save().map_err(said)?;
    let outbox_id = outbox.entry_id().map_err(said)?;
    if is_folder(store, &found.folder, &outbox_id).map_err(said)? {
        return message.submit().map_err(said);
    }
    drop(message);
    let moved = move_and_find(store, found, &outbox).map_err(said)?;
    let submitted = outbox.open_message(&moved).and_then(Message::submit);
    submitted.map_err(|error| format!("{error}. It is in the Outbox now, and was not sent"))
}

fn no_folder(error: StoreError, what: &str) -> String {
    match error.is_not_found() {
        true => format!("the store has no {what}, so nothing is sent from it"),
        false => error.to_string(),
    }
}

/// Moves a message, and tells which one it is then.
fn move_and_find(store: &Store, found: &Found<'_>, to: &Folder) -> Result<EntryId, StoreError> {
    let key = found
        .folder
        .open_message(&found.id)?
        .binary(PR_SEARCH_KEY)?;
    let before = with_key(to, key.as_deref())?;
    found
        .folder
        .move_messages(std::slice::from_ref(&found.id), to)?;
    for id in with_key(to, key.as_deref())? {
        let mut is_old = false;
        for old in &before {
            is_old |= store.same_entry(old, &id)?;
        }
        if !is_old {
            return Ok(id);
        }
    }
    // A store whose messages have no search keys may keep their entry IDs.
    Ok(found.id.clone())
}

/// The messages of a folder that have this search key, which a message keeps when it is moved.
fn with_key(folder: &Folder, key: Option<&[u8]>) -> Result<Vec<EntryId>, StoreError> {
    let mut found = Vec::new();
    for row in folder
        .messages()
        .columns(&[PR_ENTRYID, PR_SEARCH_KEY])
        .rows()?
    {
        let row = row?;
        if key.is_some() && row.binary(PR_SEARCH_KEY) == key {
            found.extend(row.entry_id());
        }
    }
    Ok(found)
}
