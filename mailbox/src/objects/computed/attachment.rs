//! The properties of attachments.

use mapi_provider_abi::mapi::{
    MAPI_ATTACH, PR_ACCESS_LEVEL, PR_ATTACH_DATA_OBJ, PR_ATTACH_NUM, PR_ATTACH_SIZE,
    PR_INSTANCE_KEY, PR_MAPPING_SIGNATURE, PR_OBJECT_TYPE, PR_RECORD_KEY, PR_STORE_ENTRYID,
    PR_STORE_RECORD_KEY, PropTag,
};
use mapi_provider_abi::view::PropValue;

use super::{Computed, Properties, Shown, all_tags, long, stored};
use crate::database::Attachment;
use crate::objects::identity::Identity;

const COMPUTED: Computed = Computed(&[
    PR_ATTACH_SIZE,
    PR_ATTACH_NUM,
    PR_INSTANCE_KEY,
    PR_ACCESS_LEVEL,
    PR_RECORD_KEY,
    PR_MAPPING_SIGNATURE,
    PR_STORE_RECORD_KEY,
    PR_STORE_ENTRYID,
    PR_OBJECT_TYPE,
]);

/// An attachment, or its row in the table of attachments.
#[derive(Clone, Copy)]
pub(crate) struct AttachmentView<'a> {
    pub(crate) identity: &'a Identity,
    /// `PR_ATTACH_NUM`.
    pub(crate) number: u32,
    pub(crate) writable: bool,
    pub(crate) attachment: &'a Attachment,
}

impl<'a> AttachmentView<'a> {
    /// Whether a property of attachments is worked out, and so can't be set.
    pub(crate) fn is_computed(id: u16) -> bool {
        COMPUTED.is_computed(id)
    }

    /// The value of a property; it does not borrow from the view.
    pub(crate) fn get(&self, id: u16) -> Option<Shown<'a>> {
        let attachment = self.attachment;
        let Some(tag) = COMPUTED.tag(id) else {
            let is_embedded = id == PR_ATTACH_DATA_OBJ.id() && attachment.embedded.is_some();
            let embedded = || is_embedded.then_some(Shown::Value(PropValue::Object));
            return stored(&attachment.props, id).or_else(embedded);
        };
        let value = match tag {
            // It has a sign: of more than 2 GiB no more can be told.
            PR_ATTACH_SIZE => PropValue::Long(i32::try_from(attachment.size()).unwrap_or(i32::MAX)),
            PR_ATTACH_NUM => long(self.number),
            PR_ACCESS_LEVEL => long(u32::from(self.writable)),
            PR_MAPPING_SIGNATURE | PR_STORE_RECORD_KEY => self.identity.uid.to_vec().into(),
            PR_STORE_ENTRYID => PropValue::from(&*self.identity.store_entry_id),
            PR_OBJECT_TYPE => long(MAPI_ATTACH),
            // STORE-29: for good.
            PR_RECORD_KEY => attachment.id.number().to_le_bytes().to_vec().into(),
            // PR_INSTANCE_KEY.
            _ => self.number.to_le_bytes().to_vec().into(),
        };
        Some(Shown::Value(value))
    }
}

impl Properties for AttachmentView<'_> {
    fn value(&self, id: u16) -> Option<Shown<'_>> {
        self.get(id)
    }

    fn tags(&self) -> Vec<PropTag> {
        let mut tags = all_tags(COMPUTED, &self.attachment.props, self);
        if self.attachment.embedded.is_some() {
            tags.push(PR_ATTACH_DATA_OBJ);
        }
        tags
    }
}
