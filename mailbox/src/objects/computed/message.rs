//! The properties of messages: of one that is open, saved or not, and of a row of a table (STORE-10).

use std::borrow::Cow;

use mapi_provider_abi::mapi::{
    MAPI_BCC, MAPI_CC, MAPI_MESSAGE, MAPI_TO, MessageFlags, ObjectAccess, PR_ACCESS,
    PR_ACCESS_LEVEL, PR_BODY_W, PR_CHANGE_KEY, PR_DISPLAY_BCC_W, PR_DISPLAY_CC_W, PR_DISPLAY_TO_W,
    PR_ENTRYID, PR_HASATTACH, PR_HTML, PR_INSTANCE_KEY, PR_MAPPING_SIGNATURE, PR_MDB_PROVIDER,
    PR_MESSAGE_ATTACHMENTS, PR_MESSAGE_CLASS_W, PR_MESSAGE_FLAGS, PR_MESSAGE_RECIPIENTS,
    PR_MESSAGE_SIZE, PR_MSG_STATUS, PR_NORMALIZED_SUBJECT_W, PR_OBJECT_TYPE, PR_PARENT_ENTRYID,
    PR_RECORD_KEY, PR_RTF_COMPRESSED, PR_RTF_IN_SYNC, PR_STORE_ENTRYID, PR_STORE_RECORD_KEY,
    PR_STORE_SUPPORT_MASK, PR_SUBJECT_PREFIX_W, PR_SUBJECT_W, PT_UNICODE, PropTag,
};
use mapi_provider_abi::view::PropValue;

use super::folder::change_key;
use super::{Computed, MASK, Properties, Shown, all_tags, long, stored};
use crate::database::{
    AttachmentId, FolderId, LargeValue, MessageId, Property, PropertySet, Recipient, Version,
    display_list, normalized, subject_prefix,
};
use crate::objects::identity::Identity;

/// A message as its properties.
#[derive(Clone, Copy)]
pub(crate) struct MessageView<'a> {
    pub(crate) identity: &'a Identity,
    /// Which it is, and the folder that it is in; none for a message in an attachment.
    pub(crate) place: Option<(MessageId, FolderId)>,
    /// The attachment that it is in, if it is in one.
    pub(crate) attachment: Option<AttachmentId>,
    /// Which save it is; none before the first.
    pub(crate) version: Option<Version>,
    /// `PR_MESSAGE_FLAGS`, with the bits that are computed.
    pub(crate) flags: MessageFlags,
    /// `PR_MSG_STATUS`.
    pub(crate) status: u32,
    /// `PR_MESSAGE_SIZE`.
    pub(crate) size: u64,
    pub(crate) writable: bool,
    pub(crate) props: &'a PropertySet,
    pub(crate) lists: Lists<'a>,
}

/// Where `PR_DISPLAY_TO`, `PR_DISPLAY_CC` and `PR_DISPLAY_BCC` come from.
#[derive(Clone, Copy)]
pub(crate) enum Lists<'a> {
    /// The recipients.
    Of(&'a [Recipient]),
    /// A row that has the first two, and the recipients where the third is asked for.
    Row {
        to: &'a str,
        cc: &'a str,
        recipients: &'a [Recipient],
    },
}

impl<'a> Lists<'a> {
    fn get(self, kind: u32) -> Cow<'a, str> {
        match (self, kind) {
            (Self::Row { to, .. }, MAPI_TO) => Cow::Borrowed(to),
            (Self::Row { cc, .. }, MAPI_CC) => Cow::Borrowed(cc),
            (Self::Of(recipients) | Self::Row { recipients, .. }, kind) => {
                Cow::Owned(display_list(recipients, kind))
            }
        }
    }
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
    PR_CHANGE_KEY,
]);

/// `PR_ACCESS`: everything may be done with a message (STORE-44).
const ACCESS: ObjectAccess = ObjectAccess::MODIFY
    .union(ObjectAccess::READ)
    .union(ObjectAccess::DELETE);

impl<'a> MessageView<'a> {
    /// Whether a property of messages is worked out, and so can't be set. `PR_SUBJECT_PREFIX` can, where it is not what
    /// the subject says by itself, and `PR_MESSAGE_FLAGS` until the first save (STORE-23): that is the message's affair.
    pub(crate) fn is_computed(id: u16) -> bool {
        id != PR_SUBJECT_PREFIX_W.id() && COMPUTED.is_computed(id)
    }

    /// Whether a property does not come from the stored ones, so that a row need not read them.
    pub(crate) fn is_of_row(id: u16) -> bool {
        let is_of_subject = [PR_NORMALIZED_SUBJECT_W.id(), PR_SUBJECT_PREFIX_W.id()].contains(&id);
        !is_of_subject && COMPUTED.tag(id).is_some()
    }

    /// The stored properties that one is worked out from.
    pub(crate) fn bases(id: u16) -> &'static [PropTag] {
        if id == PR_NORMALIZED_SUBJECT_W.id() || id == PR_SUBJECT_PREFIX_W.id() {
            &[PR_SUBJECT_W, PR_SUBJECT_PREFIX_W]
        } else if id == PR_RTF_IN_SYNC.id() {
            &[PR_RTF_COMPRESSED, PR_BODY_W, PR_HTML]
        } else {
            &[]
        }
    }

    /// The property is one that tells where the message lies.
    fn of_place(&self, tag: PropTag) -> Option<PropValue<'a>> {
        if let Some(attachment) = self.attachment {
            return (tag == PR_RECORD_KEY).then(|| embedded_key(attachment).into());
        }
        let (id, folder) = self.place?;
        Some(match tag {
            PR_PARENT_ENTRYID => self.identity.entry_id(folder).into(),
            PR_INSTANCE_KEY => id.number().to_le_bytes().to_vec().into(),
            _ => self.identity.entry_id(id).into(),
        })
    }

    fn computed(&self, tag: PropTag) -> Option<PropValue<'a>> {
        let shown = |kind| PropValue::from(&*self.lists.get(kind));
        let identity = self.identity;
        Some(match tag {
            PR_ENTRYID | PR_RECORD_KEY | PR_PARENT_ENTRYID | PR_INSTANCE_KEY => {
                return self.of_place(tag);
            }
            PR_DISPLAY_TO_W => shown(MAPI_TO),
            PR_DISPLAY_CC_W => shown(MAPI_CC),
            PR_DISPLAY_BCC_W => shown(MAPI_BCC),
            PR_MESSAGE_FLAGS => long(self.flags.bits()),
            PR_MESSAGE_SIZE => PropValue::Long(i32::try_from(self.size).unwrap_or(i32::MAX)),
            PR_MESSAGE_RECIPIENTS | PR_MESSAGE_ATTACHMENTS => PropValue::Object,
            PR_MSG_STATUS => long(self.status),
            PR_HASATTACH => self.flags.contains(MessageFlags::HASATTACH).into(),
            PR_NORMALIZED_SUBJECT_W | PR_SUBJECT_PREFIX_W => return self.of_subject(tag),
            PR_ACCESS => long(ACCESS.bits()),
            PR_ACCESS_LEVEL => long(u32::from(self.writable)),
            PR_MAPPING_SIGNATURE | PR_STORE_RECORD_KEY => identity.uid.to_vec().into(),
            PR_STORE_ENTRYID => PropValue::from(&*identity.store_entry_id),
            PR_OBJECT_TYPE => long(MAPI_MESSAGE),
            PR_STORE_SUPPORT_MASK => long(MASK.bits()),
            PR_MDB_PROVIDER => identity.provider_uid.to_vec().into(),
            PR_CHANGE_KEY => change_key(identity, self.version?).into(),
            _ => return None,
        })
    }

    /// The two parts of the subject, where there is one (STORE-25).
    fn of_subject(&self, tag: PropTag) -> Option<PropValue<'a>> {
        let subject = self.props.text(PR_SUBJECT_W)?;
        Some(self.part_of(&subject, tag.id()))
    }

    /// A part of the subject. Of one that lies apart, whoever asks has to read it first.
    pub(crate) fn part_of(&self, subject: &str, id: u16) -> PropValue<'a> {
        let known = self.props.text(PR_SUBJECT_PREFIX_W);
        PropValue::from(match id {
            id if id == PR_NORMALIZED_SUBJECT_W.id() => normalized(subject, known.as_deref()),
            _ => known.as_deref().unwrap_or_else(|| subject_prefix(subject)),
        })
    }

    /// The subject where it lies apart, if a property is a part of it.
    pub(crate) fn subject_apart(&self, id: u16) -> Option<&'a LargeValue> {
        let is_part = [PR_NORMALIZED_SUBJECT_W.id(), PR_SUBJECT_PREFIX_W.id()].contains(&id);
        match self.props.get(PR_SUBJECT_W.id()).filter(|_| is_part) {
            Some(Property::Large(large)) if large.prop_type() == PT_UNICODE => Some(large),
            _ => None,
        }
    }

    /// The value of a property; it does not borrow from the view.
    pub(crate) fn get(&self, id: u16) -> Option<Shown<'a>> {
        match COMPUTED.tag(id) {
            Some(tag) => {
                let apart = || self.subject_apart(id).map(|_| Shown::Large(PT_UNICODE));
                self.computed(tag).map(Shown::Value).or_else(apart)
            }
            None => stored(self.props, id).or_else(|| self.by_default(id)),
        }
    }

    /// What is so as long as nobody has set it: every message has a class, and a formatted body that is the only one is
    /// older than none (STORE-31).
    fn by_default(&self, id: u16) -> Option<Shown<'static>> {
        let has = |tag: PropTag| self.props.contains(tag.id());
        match id {
            id if id == PR_MESSAGE_CLASS_W.id() => Some("IPM".into()),
            id if id == PR_RTF_IN_SYNC.id() => {
                let is_alone = has(PR_RTF_COMPRESSED) && !has(PR_BODY_W) && !has(PR_HTML);
                is_alone.then(|| true.into())
            }
            _ => None,
        }
    }
}

/// `PR_RECORD_KEY` of a message in an attachment: that of the attachment and one byte more, so that no other object has it.
pub(crate) fn embedded_key(attachment: AttachmentId) -> Vec<u8> {
    [&attachment.number().to_le_bytes()[..], &[1]].concat()
}

/// What is so as long as nobody has set it.
const DEFAULTS: [PropTag; 2] = [PR_MESSAGE_CLASS_W, PR_RTF_IN_SYNC];

impl Properties for MessageView<'_> {
    fn value(&self, id: u16) -> Option<Shown<'_>> {
        self.get(id)
    }

    fn tags(&self) -> Vec<PropTag> {
        let mut tags = all_tags(COMPUTED, self.props, self);
        let is_default =
            |tag: &PropTag| !self.props.contains(tag.id()) && self.by_default(tag.id()).is_some();
        tags.extend(DEFAULTS.into_iter().filter(is_default));
        tags
    }
}
