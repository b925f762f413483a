//! What a client made and the logic has sent, and that a batch has brought in again under the server's ID before the logic
//! has said what the server calls it: the same thing twice (STORE-45).

use crate::database::{DeleteFolder, Error, FolderId, MessageId, ObjectId, Result, Transaction};

/// Takes a server's ID away from the message that has it, for another one. Tells whether it may be deleted at the server
/// now: not where a client has edited what has the name, and the other one is gone.
pub(super) fn take_name(
    tx: &Transaction<'_>,
    for_message: MessageId,
    server_id: &str,
) -> Result<bool> {
    let Some(twin) = tx.message_of_server(server_id)? else {
        return Ok(true);
    };
    if twin == for_message {
        return Ok(true);
    }
    let object = ObjectId::Message(twin);
    let pending = tx.pending(object)?;
    let is_edited = pending.is_some_and(|pending| pending.bits.is_edited());
    if !is_edited && !tx.delete_messages(&[twin])?.is_partial() {
        tx.drop_pending(object)?;
        return Ok(true);
    }
    if tx.message_info(for_message)?.is_none() {
        return Ok(false);
    }
    tx.make_created(object)?;
    Ok(true)
}

/// The same for a folder: what is in the one that has the name goes into the other one.
pub(super) fn take_folder_name(
    tx: &Transaction<'_>,
    for_folder: FolderId,
    server_id: &str,
) -> Result<bool> {
    let Some(twin) = tx.folder_of_server(server_id)? else {
        return Ok(true);
    };
    if twin == for_folder {
        return Ok(true);
    }
    if tx.folder(for_folder)?.is_none() {
        return Ok(false);
    }
    if tx.existing_folder(twin)?.special.is_some() {
        // It only loses the name.
        return Ok(true);
    }
    let messages = tx.message_ids(twin)?;
    tx.move_messages(&messages, for_folder)?;
    for child in tx.children(twin)? {
        match tx.move_folder(child.id, for_folder, None) {
            // It stays, and so does the folder that it is in.
            Err(Error::Collision(_) | Error::FolderCycle | Error::SpecialFolder) => {}
            moved => moved?,
        }
    }
    let object = ObjectId::Folder(twin);
    match tx.delete_folder(twin, DeleteFolder::default()) {
        Ok(_) => tx.drop_pending(object)?,
        Err(Error::HasMessages | Error::HasFolders) => tx.make_created(object)?,
        Err(error) => return Err(error),
    }
    Ok(true)
}
