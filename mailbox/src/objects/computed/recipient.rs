//! The properties of recipients.

use mapi_provider_abi::mapi::{
    MAPI_TO, PR_DISPLAY_NAME_W, PR_EMAIL_ADDRESS_W, PR_INSTANCE_KEY, PR_RECIPIENT_TYPE, PR_ROWID,
    PropTag,
};

use super::{Computed, Properties, Shown, all_tags, long, stored};
use crate::database::Recipient;

const COMPUTED: Computed = Computed(&[PR_INSTANCE_KEY, PR_ROWID]);

/// A row of the table of recipients.
#[derive(Clone, Copy)]
pub(crate) struct RecipientView<'a>(pub(crate) &'a Recipient);

impl<'a> RecipientView<'a> {
    /// The value of a property; it does not borrow from the view.
    pub(crate) fn get(&self, id: u16) -> Option<Shown<'a>> {
        match COMPUTED.tag(id) {
            Some(PR_ROWID) => Some(long(self.0.row).into()),
            Some(_) => Some(self.0.row.to_le_bytes().to_vec().into()),
            None => stored(&self.0.props, id).or_else(|| self.required(id)),
        }
    }

    /// STORE-28: what every row has, whoever made it.
    fn required(&self, id: u16) -> Option<Shown<'a>> {
        if id == PR_RECIPIENT_TYPE.id() {
            return Some(long(MAPI_TO).into());
        }
        if id == PR_DISPLAY_NAME_W.id() {
            let address = stored(&self.0.props, PR_EMAIL_ADDRESS_W.id());
            return Some(address.unwrap_or_else(|| "".into()));
        }
        None
    }
}

impl Properties for RecipientView<'_> {
    fn value(&self, id: u16) -> Option<Shown<'_>> {
        self.get(id)
    }

    fn tags(&self) -> Vec<PropTag> {
        let props = &self.0.props;
        let mut tags = all_tags(COMPUTED, props, self);
        let missing = |tag: &PropTag| !props.contains(tag.id());
        tags.extend(
            [PR_RECIPIENT_TYPE, PR_DISPLAY_NAME_W]
                .into_iter()
                .filter(missing),
        );
        tags
    }
}
