//! The properties of recipients.

use mapi_provider::abi::{
    PR_DISPLAY_NAME_W, PR_EMAIL_ADDRESS_W, PR_INSTANCE_KEY, PR_RECIPIENT_TYPE, PR_ROWID, PropTag,
};
use mapi_provider::view::PropValue;

use super::{Computed, Properties, all_tags, long, stored};
use crate::db::Recipient;

const COMPUTED: Computed = Computed(&[PR_INSTANCE_KEY, PR_ROWID]);

/// A row of the table of recipients.
#[derive(Clone, Copy)]
pub(crate) struct RecipientView<'a>(pub(crate) &'a Recipient);

impl<'a> RecipientView<'a> {
    /// The value of a property; it does not borrow from the view.
    pub(crate) fn get(&self, id: u16) -> Option<PropValue<'a>> {
        match COMPUTED.tag(id) {
            Some(PR_ROWID) => Some(long(self.0.row)),
            Some(_) => Some(self.0.row.to_le_bytes().to_vec().into()),
            None => stored(&self.0.props, id),
        }
    }
}

impl Properties for RecipientView<'_> {
    fn value(&self, id: u16) -> Option<PropValue<'_>> {
        self.get(id)
    }

    fn tags(&self) -> Vec<PropTag> {
        all_tags(COMPUTED, &self.0.props, self)
    }
}

/// The names of all recipients of a type, as in `PR_DISPLAY_TO` and similar properties.
pub(crate) fn display_list(recipients: &[Recipient], kind: u32) -> String {
    let of_kind = recipients
        .iter()
        .filter(|recipient| recipient.props.long(PR_RECIPIENT_TYPE) as u32 & 0xF == kind);
    let names: Vec<String> = of_kind
        .map(|recipient| {
            let name = recipient.props.text(PR_DISPLAY_NAME_W);
            if name.is_empty() {
                recipient.props.text(PR_EMAIL_ADDRESS_W)
            } else {
                name
            }
        })
        .collect();
    names.join("; ")
}
