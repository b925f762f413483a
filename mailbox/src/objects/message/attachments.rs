//! The attachments of a message (STORE-29).

use std::sync::Arc;

use mapi_provider_abi::mapi::{
    MAPI_E_NOT_FOUND, MAPI_E_OBJECT_DELETED, MAPI_E_TOO_BIG, NO_ATTACHMENT, OpenAttachFlags,
    PR_ATTACH_METHOD, PR_RENDERING_POSITION,
};
use mapi_provider_abi::view::PropValue;

use super::super::computed::long;
use super::super::fault::{Fault, Result};
use super::attachment_state::AttachmentState;
use super::state::MessageState;
use crate::database::{Attachment, PropertySet};

/// `PR_RENDERING_POSITION` of what has no place in the text.
const NOWHERE: PropValue<'static> = PropValue::Long(-1);

impl MessageState {
    /// `CreateAttach`. It is part of the copy once it is saved.
    ///
    /// # Errors
    ///
    /// The message is open for reading only, or the store can't be written.
    pub(super) fn create_attachment(self: &Arc<Self>) -> Result<Arc<AttachmentState>> {
        let number = {
            let mut working = self.writable()?;
            let number = working.next_attachment;
            working.next_attachment = number.checked_add(1).ok_or(MAPI_E_TOO_BIG)?;
            number
        };
        let mut props = PropertySet::default();
        props.set_tag(PR_ATTACH_METHOD, long(NO_ATTACHMENT));
        props.set_tag(PR_RENDERING_POSITION, NOWHERE);
        let attachment = Arc::new(Attachment {
            id: self.shared.store().reserve_attachment()?,
            props,
            embedded: None,
        });
        Ok(AttachmentState::of_new(self, number, attachment))
    }

    /// `OpenAttach`.
    ///
    /// # Errors
    ///
    /// There is none of this number, or it was to be changed and the message is open for reading only.
    pub(super) fn open_attachment(
        self: &Arc<Self>,
        number: u32,
        flags: OpenAttachFlags,
    ) -> Result<Arc<AttachmentState>> {
        let working = self.working();
        let found = working.data.attachments.get(&number);
        let attachment = Arc::clone(found.ok_or_else(|| unknown(number))?);
        let best = flags.contains(OpenAttachFlags::MAPI_BEST_ACCESS);
        let modify = flags.contains(OpenAttachFlags::MAPI_MODIFY);
        if modify && !best {
            working.check_writable()?;
        }
        let is_writable = (modify || best) && working.is_writable;
        drop(working);
        Ok(AttachmentState::of_saved(
            self,
            number,
            attachment,
            is_writable,
        ))
    }

    /// `DeleteAttach`. It is gone for others once the message is saved.
    ///
    /// # Errors
    ///
    /// There is none of this number, or the message is open for reading only.
    pub(super) fn delete_attachment(&self, number: u32) -> Result<()> {
        let mut working = self.writable()?;
        if !working.data.attachments.contains_key(&number) {
            return Err(unknown(number));
        }
        working.data_mut().attachments.remove(&number);
        working.saved_attachments.remove(&number);
        drop(working);
        self.follow_parts();
        Ok(())
    }

    /// Puts an attachment that is saved into the copy. `is_known`: it has been there before.
    ///
    /// # Errors
    ///
    /// The message is open for reading only, or the attachment was deleted.
    pub(super) fn put_attachment(
        &self,
        number: u32,
        attachment: Arc<Attachment>,
        is_known: bool,
    ) -> Result<()> {
        let mut working = self.writable()?;
        if is_known && !working.data.attachments.contains_key(&number) {
            let text = "the attachment has been deleted";
            return Err(Fault::new(MAPI_E_OBJECT_DELETED, text));
        }
        working.data_mut().attachments.insert(number, attachment);
        Ok(())
    }
}

fn unknown(number: u32) -> Fault {
    let text = format!("the message has no attachment with the number {number}");
    Fault::new(MAPI_E_NOT_FOUND, text)
}
