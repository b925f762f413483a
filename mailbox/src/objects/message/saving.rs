//! `SaveChanges` of a message: all of it, or nothing (STORE-21, STORE-22).

use std::sync::Arc;

use mapi_provider_abi::mapi::{
    MAPI_E_TOO_COMPLEX, MessageFlags, PR_LAST_MODIFICATION_TIME, PR_MESSAGE_CLASS_W,
    SaveChangesFlags,
};

use super::super::fault::{Fault, Result};
use super::super::sending;
use super::super::shared::StoreShared;
use super::state::{Home, MessageState, Working, flags_of, now, set_flags};
use crate::database::{
    self, DEEPEST, Error, FolderId, Message, MessageData, MessageId, Save, Transaction,
};

impl MessageState {
    /// `SaveChanges`: into the store, or into the attachment that the message is in.
    ///
    /// # Errors
    ///
    /// The message is open for reading only; somebody else has saved it meanwhile; it or its folder is gone; it waits to
    /// be sent; it is nested too deep; the store can't be written. The copy is as it was.
    pub(super) fn save(&self, flags: SaveChangesFlags) -> Result<()> {
        self.flush()?;
        let mut working = self.writable()?;
        match &self.home {
            Home::Folder { id, associated } => {
                let force = flags.contains(SaveChangesFlags::FORCE_SAVE);
                let save = working.to_save(*id, *associated, force)?;
                let saved = self.shared.store().write(|tx| {
                    check_not_queued(&self.shared, tx, *id)?;
                    tx.save_message(&save)
                })?;
                working.is_saved_as(&self.shared, saved);
            }
            Home::Attachment(attachment) => {
                let data = working.completed();
                if self.depth() + data.depth() > DEEPEST {
                    return Err(too_deep());
                }
                attachment.embed(Arc::clone(&data))?;
                working.has(data);
            }
        }
        working.is_writable = flags.contains(SaveChangesFlags::KEEP_OPEN_READWRITE);
        drop(working);
        // Nothing is locked any more: whoever hears of it may call this object.
        self.shared.tell_all();
        self.follow_parts();
        Ok(())
    }
}

/// STORE-29.
pub(super) fn too_deep() -> Fault {
    Fault::new(MAPI_E_TOO_COMPLEX, Error::TooDeep.to_string())
}

/// What waits to be sent is as it was submitted, unless the spooler changes it (STORE-35), and no other spooler has locked it
/// (STORE-36).
pub(super) fn check_not_queued(
    shared: &StoreShared,
    tx: &Transaction<'_>,
    id: MessageId,
) -> database::Result<()> {
    match tx.queued(id)? {
        Some(_) if !shared.is_spooler => Err(Error::Submitted),
        Some(queued) if sending::is_locked_out(shared, &queued) => Err(Error::Locked),
        _ => Ok(()),
    }
}

impl Working {
    /// The save of this copy.
    ///
    /// # Errors
    ///
    /// None, of a message that a folder has.
    pub(super) fn to_save(&self, id: MessageId, associated: bool, force: bool) -> Result<Save<'_>> {
        let folder: FolderId = self.folder.ok_or(Error::Deleted)?;
        Ok(Save {
            id,
            folder,
            associated,
            base: self.version,
            force,
            read: self.read,
            keep_time: self.is_timed,
            data: &self.data,
        })
    }

    /// Makes the copy what the store has now. Large values stay readable, whatever others do.
    pub(super) fn is_saved_as(&mut self, shared: &StoreShared, saved: Message) {
        let Message { info, mut data } = saved;
        shared.store().pin_all(Arc::make_mut(&mut data));
        self.version = Some(info.version);
        self.folder = Some(info.folder);
        self.read = info.read;
        self.status = info.status;
        self.has(data);
    }

    /// Makes the copy one that was saved just now.
    fn has(&mut self, data: Arc<MessageData>) {
        // STORE-29: from now on the attachments are in the table.
        self.saved_attachments = data.attachments.clone();
        self.data = data;
        self.is_saved = true;
        self.is_timed = false;
    }

    /// The data of a message in an attachment as they are saved: with what every message has. Of one in a folder, the
    /// database does this.
    fn completed(&self) -> Arc<MessageData> {
        let mut data = MessageData::clone(&self.data);
        let props = &mut data.props;
        if !self.is_timed || !props.contains(PR_LAST_MODIFICATION_TIME.id()) {
            props.set_tag(PR_LAST_MODIFICATION_TIME, now());
        }
        // STORE-25: an empty class becomes IPM.
        if props.lacks_text(PR_MESSAGE_CLASS_W) {
            props.set_tag(PR_MESSAGE_CLASS_W, "IPM");
        }
        let mut flags = flags_of(props);
        // STORE-23: the second save modifies the message.
        flags.set(
            MessageFlags::UNMODIFIED,
            flags.contains(MessageFlags::UNMODIFIED) && !self.is_saved,
        );
        flags.set(MessageFlags::READ, self.read);
        set_flags(props, flags);
        Arc::new(data)
    }
}
