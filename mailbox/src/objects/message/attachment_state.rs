//! An open attachment: the copy that its client works on. Saving it makes it part of its message's copy; saving that makes
//! it part of the store (STORE-29).

use std::sync::{Arc, Mutex, MutexGuard, Weak};

use mapi_provider_abi::mapi::{
    ATTACH_EMBEDDED_MSG, MAPI_E_COMPUTED, MAPI_E_INTERFACE_NOT_SUPPORTED, MAPI_E_NO_ACCESS,
    MAPI_E_NOT_FOUND, OpenPropertyFlags, PR_ATTACH_DATA_BIN, PR_ATTACH_METHOD, PropTag,
    SaveChangesFlags,
};

use super::super::answers::Problems;
use super::super::arguments::Given;
use super::super::computed::{AttachmentView, long};
use super::super::fault::{Fault, Result};
use super::super::setting;
use super::super::shared::{StoreShared, lock};
use super::super::stream::Pending;
use super::saving::too_deep;
use super::state::{self, MessageState};
use crate::database::{Attachment, AttachmentId, DEEPEST, MessageData, Property};

/// `PR_ATTACH_DATA_BIN` and `PR_ATTACH_DATA_OBJ`: one property, which is bytes or a message.
pub(super) const DATA: u16 = PR_ATTACH_DATA_BIN.id();

/// An open attachment. Its object, its streams and the message in it share this.
pub(super) struct AttachmentState {
    pub(super) message: Arc<MessageState>,
    number: u32,
    id: AttachmentId,
    working: Mutex<Working>,
}

/// The copy.
struct Working {
    attachment: Arc<Attachment>,
    /// The message has it, or had it.
    is_known: bool,
    is_writable: bool,
    /// What streams have not brought into the copy yet.
    pending: Vec<Weak<dyn Pending>>,
}

impl AttachmentState {
    /// A new attachment.
    pub(super) fn of_new(
        message: &Arc<MessageState>,
        number: u32,
        attachment: Arc<Attachment>,
    ) -> Arc<Self> {
        Self::new(message, number, attachment, false, true)
    }

    /// An attachment that the message has.
    pub(super) fn of_saved(
        message: &Arc<MessageState>,
        number: u32,
        attachment: Arc<Attachment>,
        is_writable: bool,
    ) -> Arc<Self> {
        Self::new(message, number, attachment, true, is_writable)
    }

    fn new(
        message: &Arc<MessageState>,
        number: u32,
        attachment: Arc<Attachment>,
        is_known: bool,
        is_writable: bool,
    ) -> Arc<Self> {
        let id = attachment.id;
        let working = Mutex::new(Working {
            attachment,
            is_known,
            is_writable,
            pending: Vec::new(),
        });
        Arc::new(Self {
            message: Arc::clone(message),
            number,
            id,
            working,
        })
    }

    pub(super) fn shared(&self) -> &Arc<StoreShared> {
        &self.message.shared
    }

    pub(super) fn number(&self) -> u32 {
        self.number
    }

    /// Which it is, for good.
    pub(super) fn id(&self) -> AttachmentId {
        self.id
    }

    /// The attachment as it is now, saved or not.
    pub(super) fn attachment(&self) -> Arc<Attachment> {
        Arc::clone(&lock(&self.working).attachment)
    }

    pub(super) fn is_writable(&self) -> bool {
        lock(&self.working).is_writable
    }

    /// Works with the attachment as its properties.
    pub(super) fn with_view<T>(&self, work: impl FnOnce(&AttachmentView<'_>) -> T) -> T {
        let (attachment, writable) = {
            let working = lock(&self.working);
            (Arc::clone(&working.attachment), working.is_writable)
        };
        work(&AttachmentView {
            identity: &self.shared().identity,
            number: self.number,
            writable,
            attachment: &attachment,
        })
    }

    fn writable(&self) -> Result<MutexGuard<'_, Working>> {
        let working = lock(&self.working);
        if working.is_writable {
            Ok(working)
        } else {
            let text = "the attachment is open for reading only";
            Err(Fault::new(MAPI_E_NO_ACCESS, text))
        }
    }

    /// `SetProps` (STORE-26).
    ///
    /// # Errors
    ///
    /// The attachment is open for reading only, or the call makes no sense as a whole.
    pub(super) fn set_props(&self, given: Vec<Given>) -> Result<Problems> {
        let mut working = self.writable()?;
        setting::check(&given)?;
        let attachment = Arc::make_mut(&mut working.attachment);
        let is_computed = AttachmentView::is_computed;
        let problems = setting::set(&mut attachment.props, given, is_computed, |_| Ok(None))?;
        settle(attachment);
        Ok(problems)
    }

    /// `DeleteProps`.
    ///
    /// # Errors
    ///
    /// The attachment is open for reading only.
    pub(super) fn delete_props(&self, tags: &[PropTag]) -> Result<Problems> {
        let mut working = self.writable()?;
        let attachment = Arc::make_mut(&mut working.attachment);
        let mut problems = Problems::default();
        for (index, tag) in tags.iter().enumerate() {
            if AttachmentView::is_computed(tag.id()) {
                problems.add(index, *tag, MAPI_E_COMPUTED);
                continue;
            }
            let had_message = tag.id() == DATA && attachment.embedded.take().is_some();
            if attachment.props.remove(tag.id()).is_none() && !had_message {
                problems.add(index, *tag, MAPI_E_NOT_FOUND);
            }
        }
        Ok(problems)
    }

    /// Takes out what has been moved to another object.
    ///
    /// # Errors
    ///
    /// The attachment is open for reading only.
    pub(super) fn remove_moved(&self, tags: &[PropTag]) -> Result<()> {
        self.delete_props(tags).map(drop)
    }

    /// Sets a property that may be a large one: what a stream has written.
    ///
    /// # Errors
    ///
    /// The attachment is open for reading only, or the property is worked out.
    pub(super) fn put_property(&self, id: u16, property: Property) -> Result<()> {
        let mut working = self.writable()?;
        if AttachmentView::is_computed(id) {
            return Err(MAPI_E_COMPUTED.into());
        }
        let attachment = Arc::make_mut(&mut working.attachment);
        attachment.props.put(id, property);
        settle(attachment);
        Ok(())
    }

    /// A message in it is saved.
    ///
    /// # Errors
    ///
    /// The attachment is open for reading only.
    pub(super) fn embed(&self, data: Arc<MessageData>) -> Result<()> {
        let mut working = self.writable()?;
        let attachment = Arc::make_mut(&mut working.attachment);
        attachment.props.remove(DATA);
        attachment.embedded = Some(data);
        Ok(())
    }

    /// `SaveChanges`: into the copy of the message.
    ///
    /// # Errors
    ///
    /// The attachment or its message is open for reading only, or it was deleted from the message.
    pub(super) fn save(&self, flags: SaveChangesFlags) -> Result<()> {
        self.flush()?;
        let (attachment, is_known) = {
            let working = self.writable()?;
            (Arc::clone(&working.attachment), working.is_known)
        };
        self.message
            .put_attachment(self.number, attachment, is_known)?;
        let mut working = lock(&self.working);
        working.is_known = true;
        working.is_writable = flags.contains(SaveChangesFlags::KEEP_OPEN_READWRITE);
        Ok(())
    }

    /// The message in the attachment, or with `MAPI_CREATE` a new one.
    ///
    /// # Errors
    ///
    /// There is none (`MAPI_E_NOT_FOUND`), but something else (`MAPI_E_INTERFACE_NOT_SUPPORTED`). It was to be changed and
    /// the attachment is open for reading only. It would be nested too deep.
    pub(super) fn open_message(
        self: &Arc<Self>,
        flags: OpenPropertyFlags,
    ) -> Result<Arc<MessageState>> {
        if self.message.depth() + 1 > DEEPEST {
            return Err(too_deep());
        }
        let creates = flags.contains(OpenPropertyFlags::MAPI_CREATE);
        if creates {
            drop(self.writable()?);
            // What can fail comes first: then what it has is still there.
            let message = MessageState::of_embedded(Arc::clone(self), None, true)?;
            let mut working = self.writable()?;
            let attachment = Arc::make_mut(&mut working.attachment);
            // What it has is discarded at once, as by a stream (STORE-30).
            attachment.embedded = None;
            attachment.props.remove(DATA);
            let method = long(ATTACH_EMBEDDED_MSG);
            attachment.props.set_tag(PR_ATTACH_METHOD, method);
            return Ok(message);
        }
        let attachment = self.attachment();
        let Some(data) = &attachment.embedded else {
            let status = match attachment.props.contains(DATA) {
                true => MAPI_E_INTERFACE_NOT_SUPPORTED,
                false => MAPI_E_NOT_FOUND,
            };
            return Err(Fault::new(status, "the attachment has no message in it"));
        };
        let modifies = flags.contains(OpenPropertyFlags::MAPI_MODIFY);
        if modifies {
            drop(self.writable()?);
        }
        MessageState::of_embedded(Arc::clone(self), Some(Arc::clone(data)), modifies)
    }

    /// Has a stream write back before the attachment is saved.
    pub(super) fn add_pending(&self, stream: Weak<dyn Pending>) {
        state::add_pending(&mut lock(&self.working).pending, stream);
    }

    /// Brings in what streams have not written back yet.
    ///
    /// # Errors
    ///
    /// It can't be brought in: the store can't be written.
    pub(super) fn flush(&self) -> Result<()> {
        let pending = lock(&self.working).pending.clone();
        state::flush(&pending)
    }
}

/// Bytes that were set take the place of a message.
fn settle(attachment: &mut Attachment) {
    if attachment.props.contains(DATA) {
        attachment.embedded = None;
    }
}
