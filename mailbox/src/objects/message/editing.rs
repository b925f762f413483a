//! Properties of a message, as its client sets and deletes them.

use std::collections::HashMap;

use mapi_provider_abi::mapi::{
    HRESULT, MAPI_E_COMPUTED, MAPI_E_UNEXPECTED_TYPE, MessageFlags, PR_LAST_MODIFICATION_TIME,
    PR_MESSAGE_ATTACHMENTS, PR_MESSAGE_FLAGS, PR_MESSAGE_RECIPIENTS, PropTag,
};

use super::super::answers::Problems;
use super::super::arguments::Given;
use super::super::computed::MessageView;
use super::super::fault::Result;
use super::super::setting;
use super::bodies;
use super::state::{Home, MessageState, Working, flags_of, set_flags};
use crate::database::{MessageData, Property, Recipient};

/// What of `PR_MESSAGE_FLAGS` no client sets: it follows from something else, or from `SubmitMessage`.
const NOT_SETTABLE: MessageFlags = MessageFlags::READ
    .union(MessageFlags::HASATTACH)
    .union(MessageFlags::ASSOCIATED)
    .union(MessageFlags::SUBMIT);

impl MessageState {
    /// `SetProps` (STORE-26).
    ///
    /// # Errors
    ///
    /// The message is open for reading only, or the call makes no sense as a whole.
    pub(super) fn set_props(&self, given: Vec<Given>) -> Result<Problems> {
        let is_associated = matches!(
            self.home,
            Home::Folder {
                associated: true,
                ..
            }
        );
        let mut working = self.writable()?;
        setting::check(&given)?;
        let tags: Vec<PropTag> = given.iter().map(|one| one.tag).collect();
        // STORE-23: the flags are the client's until the message is saved for the first time.
        let has_flags = !working.is_saved;
        let is_computed =
            |id| MessageView::is_computed(id) && !(has_flags && id == PR_MESSAGE_FLAGS.id());
        let is_flags = |one: &Given| one.tag == PR_MESSAGE_FLAGS && one.value.is_ok();
        let sets_flags = has_flags && given.iter().any(is_flags);
        let data = working.data_mut();
        let problems = setting::set(&mut data.props, given, is_computed, |one| Ok(refuses(one)))?;
        if sets_flags {
            let flags = flags_of(&data.props);
            set_flags(&mut data.props, flags - NOT_SETTABLE);
            working.read = flags.contains(MessageFlags::READ) && !is_associated;
        }
        working.note_set(&tags);
        Ok(problems)
    }

    /// `DeleteProps`.
    ///
    /// # Errors
    ///
    /// The message is open for reading only.
    pub(super) fn delete_props(&self, tags: &[PropTag]) -> Result<Problems> {
        let mut working = self.writable()?;
        let props = &mut working.data_mut().props;
        let problems = setting::delete(props, tags, MessageView::is_computed);
        bodies::deleted(props, tags);
        Ok(problems)
    }

    /// Takes out what has been moved to another object: properties, recipients, attachments. What has come or changed
    /// since it was `copied` stays: other people's code was called meanwhile.
    ///
    /// # Errors
    ///
    /// The message is open for reading only.
    pub(super) fn remove_moved(&self, tags: &[PropTag], copied: &MessageData) -> Result<()> {
        let mut working = self.writable()?;
        for tag in tags {
            match tag.id() {
                id if id == PR_MESSAGE_RECIPIENTS.id() => {
                    let all = copied.recipients.iter();
                    let all: HashMap<u32, &Recipient> = all.map(|one| (one.row, one)).collect();
                    let is_new = |one: &Recipient| all.get(&one.row) != Some(&one);
                    working.data_mut().recipients.retain(is_new);
                }
                id if id == PR_MESSAGE_ATTACHMENTS.id() => working.remove_attachments(copied),
                id if MessageView::is_computed(id) => {}
                id if working.data.props.get(id) != copied.props.get(id) => {}
                id => drop(working.data_mut().props.remove(id)),
            }
        }
        bodies::deleted(&mut working.data_mut().props, tags);
        drop(working);
        self.follow_parts();
        Ok(())
    }

    /// Sets a property that may be a large one: what a stream has written.
    ///
    /// # Errors
    ///
    /// The message is open for reading only, or the property is worked out.
    pub(super) fn put_property(&self, id: u16, property: Property) -> Result<()> {
        let mut working = self.writable()?;
        if MessageView::is_computed(id) {
            return Err(MAPI_E_COMPUTED.into());
        }
        let tag = PropTag::new(id, property.prop_type());
        working.data_mut().props.put(id, property);
        working.note_set(&[tag]);
        Ok(())
    }
}

impl Working {
    /// Takes out the attachments that are as they were when they were copied.
    fn remove_attachments(&mut self, copied: &MessageData) {
        for (number, attachment) in &copied.attachments {
            if self.data.attachments.get(number) == Some(attachment) {
                self.data_mut().attachments.remove(number);
                self.saved_attachments.remove(number);
            }
        }
    }

    /// What follows from a client's having set some properties.
    fn note_set(&mut self, tags: &[PropTag]) {
        self.is_timed |= tags.contains(&PR_LAST_MODIFICATION_TIME);
        bodies::set(&mut self.data_mut().props, tags);
    }
}

/// Why a value is none for its property.
fn refuses(given: &Given) -> Option<HRESULT> {
    let is_flags = given.tag.id() == PR_MESSAGE_FLAGS.id();
    (is_flags && given.tag != PR_MESSAGE_FLAGS).then_some(MAPI_E_UNEXPECTED_TYPE)
}
