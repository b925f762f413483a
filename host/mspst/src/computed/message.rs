//! The properties of a message.

use mapi_provider::abi::{MAPI_BCC, MAPI_CC, MAPI_TO};
use mapi_provider::abi::{
    MAPI_MESSAGE, MessageFlags, ObjectAccess, PR_ACCESS, PR_ACCESS_LEVEL, PR_DISPLAY_BCC_W,
    PR_DISPLAY_CC_W, PR_DISPLAY_TO_W, PR_ENTRYID, PR_HASATTACH, PR_INSTANCE_KEY,
    PR_MAPPING_SIGNATURE, PR_MDB_PROVIDER, PR_MESSAGE_ATTACHMENTS, PR_MESSAGE_CLASS_W,
    PR_MESSAGE_FLAGS, PR_MESSAGE_RECIPIENTS, PR_MESSAGE_SIZE, PR_MSG_STATUS,
    PR_NORMALIZED_SUBJECT_W, PR_OBJECT_TYPE, PR_PARENT_ENTRYID, PR_RECORD_KEY, PR_STORE_ENTRYID,
    PR_STORE_RECORD_KEY, PR_STORE_SUPPORT_MASK, PR_SUBJECT_PREFIX_W, PR_SUBJECT_W, PropTag,
};
use mapi_provider::view::PropValue;

use super::{
    Computed, MASK, Properties, all_tags, display_list, long, provider_uid, stored, subject,
};
use crate::db::{Id, Identity, Kind, Message, MessageData};

/// A message, saved or not, as its properties.
#[derive(Clone, Copy)]
pub(crate) struct MessageView<'a> {
    pub(crate) identity: &'a Identity,
    /// `None` for a message in an attachment.
    pub(crate) place: Option<(Id, Id)>,
    pub(crate) read: bool,
    pub(crate) status: u32,
    pub(crate) writable: bool,
    pub(crate) data: &'a MessageData,
}

const COMPUTED: Computed = Computed(&[
    PR_DISPLAY_BCC_W,
    PR_DISPLAY_CC_W,
    PR_DISPLAY_TO_W,
    PR_MESSAGE_FLAGS,
    PR_MESSAGE_SIZE,
    PR_PARENT_ENTRYID,
    PR_MESSAGE_RECIPIENTS,
    PR_MESSAGE_ATTACHMENTS,
    PR_MSG_STATUS,
    PR_HASATTACH,
    PR_NORMALIZED_SUBJECT_W,
    PR_SUBJECT_PREFIX_W,
    PR_ACCESS,
    PR_INSTANCE_KEY,
    PR_ACCESS_LEVEL,
    PR_MAPPING_SIGNATURE,
    PR_RECORD_KEY,
    PR_STORE_RECORD_KEY,
    PR_STORE_ENTRYID,
    PR_OBJECT_TYPE,
    PR_ENTRYID,
    PR_STORE_SUPPORT_MASK,
    PR_MDB_PROVIDER,
]);

impl<'a> MessageView<'a> {
    /// A message that is saved, as a row or for reading.
    pub(crate) fn of(message: &'a Message, identity: &'a Identity) -> Self {
        Self {
            identity,
            place: Some((message.id, message.folder)),
            read: message.read,
            status: message.status,
            writable: true,
            data: &message.data,
        }
    }

    /// Whether a property of messages is computed, and so can't be set. `PR_SUBJECT_PREFIX` can be set if
    /// it differs from what the subject says by itself.
    pub(crate) fn is_computed(id: u16) -> bool {
        id != PR_SUBJECT_PREFIX_W.id() && COMPUTED.tag(id).is_some()
    }

    /// `PR_MESSAGE_FLAGS`: flags set before the first save, marks set since, and facts.
    pub(crate) fn flags(&self) -> MessageFlags {
        let stored = self.data.props.long(PR_MESSAGE_FLAGS) as u32;
        let mut flags = MessageFlags::from_bits_retain(stored);
        flags.set(MessageFlags::READ, self.read);
        flags.set(MessageFlags::HASATTACH, self.has_attachments());
        flags.set(
            MessageFlags::ASSOCIATED,
            self.place
                .is_some_and(|(id, _)| id.kind() == Some(Kind::Associated)),
        );
        flags
    }

    fn has_attachments(&self) -> bool {
        !self.data.attachments.is_empty()
    }

    /// The property says where the message is.
    fn of_place(&self, tag: PropTag) -> Option<PropValue<'a>> {
        let (id, folder) = self.place?;
        Some(match tag {
            PR_PARENT_ENTRYID => self.identity.entry_id(folder).into(),
            PR_INSTANCE_KEY => id.0.to_le_bytes().to_vec().into(),
            _ => self.identity.entry_id(id).into(),
        })
    }

    fn computed(&self, tag: PropTag) -> Option<PropValue<'a>> {
        let data = self.data;
        let shown = |kind| PropValue::from(&*display_list(&data.recipients, kind));
        Some(match tag {
            PR_ENTRYID | PR_RECORD_KEY | PR_PARENT_ENTRYID | PR_INSTANCE_KEY => {
                return self.of_place(tag);
            }
            PR_DISPLAY_TO_W => shown(MAPI_TO),
            PR_DISPLAY_CC_W => shown(MAPI_CC),
            PR_DISPLAY_BCC_W => shown(MAPI_BCC),
            PR_MESSAGE_FLAGS => long(self.flags().bits()),
            PR_MESSAGE_SIZE => long(data.size()),
            PR_MESSAGE_RECIPIENTS | PR_MESSAGE_ATTACHMENTS => PropValue::Object,
            PR_MSG_STATUS => long(self.status),
            PR_HASATTACH => self.has_attachments().into(),
            PR_NORMALIZED_SUBJECT_W | PR_SUBJECT_PREFIX_W => return self.of_subject(tag),
            PR_ACCESS => {
                long((ObjectAccess::MODIFY | ObjectAccess::READ | ObjectAccess::DELETE).bits())
            }
            PR_ACCESS_LEVEL => long(u32::from(self.writable)),
            PR_MAPPING_SIGNATURE | PR_STORE_RECORD_KEY => self.identity.uid.to_vec().into(),
            PR_STORE_ENTRYID => PropValue::from(&*self.identity.store_entry_id),
            PR_OBJECT_TYPE => long(MAPI_MESSAGE),
            PR_STORE_SUPPORT_MASK => long(MASK.bits()),
            PR_MDB_PROVIDER => provider_uid().to_vec().into(),
            _ => return None,
        })
    }

    /// The two parts of the subject, where there is one.
    fn of_subject(&self, tag: PropTag) -> Option<PropValue<'a>> {
        let props = &self.data.props;
        let subject = props.get(PR_SUBJECT_W.id())?.to_text()?;
        let known = props
            .get(PR_SUBJECT_PREFIX_W.id())
            .and_then(PropValue::to_text);
        Some(PropValue::from(match tag {
            PR_NORMALIZED_SUBJECT_W => subject::normalized(&subject, known.as_deref()),
            _ => known
                .as_deref()
                .unwrap_or_else(|| subject::prefix(&subject)),
        }))
    }

    /// The value of a property; it does not borrow from the view.
    pub(crate) fn get(&self, id: u16) -> Option<PropValue<'a>> {
        match COMPUTED.tag(id) {
            Some(tag) => self.computed(tag),
            None => stored(&self.data.props, id).or_else(|| self.by_default(id)),
        }
    }

    /// Every message has a class.
    fn by_default(&self, id: u16) -> Option<PropValue<'a>> {
        (id == PR_MESSAGE_CLASS_W.id()).then(|| PropValue::from("IPM"))
    }
}

impl Properties for MessageView<'_> {
    fn value(&self, id: u16) -> Option<PropValue<'_>> {
        self.get(id)
    }

    fn tags(&self) -> Vec<PropTag> {
        let mut tags = all_tags(COMPUTED, &self.data.props, self);
        if !self.data.props.contains(PR_MESSAGE_CLASS_W.id()) {
            tags.insert(0, PR_MESSAGE_CLASS_W);
        }
        tags
    }
}
