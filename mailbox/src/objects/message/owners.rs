//! Messages and attachments as objects whose properties are opened as streams: what is written back is part of the copy.

use std::sync::{Arc, Weak};

use super::super::computed::{AttachmentView, MessageView};
use super::super::fault::Result;
use super::super::owners::property_of;
use super::super::shared::StoreShared;
use super::super::stream::{Owner, Pending};
use super::attachment_state::AttachmentState;
use super::state::MessageState;
use crate::database::Property;

impl Owner for MessageState {
    fn shared(&self) -> &Arc<StoreShared> {
        &self.shared
    }

    fn property(&self, id: u16) -> Result<Option<Property>> {
        let snapshot = self.snapshot();
        let view = snapshot.view(&self.shared.identity);
        if let Some(subject) = view.subject_apart(id) {
            let subject = self.shared.store().load_large(subject)?;
            let part = view.part_of(&subject.to_text().unwrap_or_default(), id);
            return Ok(Some(Property::Value(part.into_owned())));
        }
        Ok(property_of(&snapshot.data.props, id, view.get(id)))
    }

    fn is_computed(&self, id: u16) -> bool {
        MessageView::is_computed(id)
    }

    fn is_writable(&self) -> bool {
        Self::is_writable(self)
    }

    fn put(&self, id: u16, property: Property) -> Result<()> {
        self.put_property(id, property)
    }

    fn add_pending(&self, stream: Weak<dyn Pending>) {
        Self::add_pending(self, stream);
    }
}

impl Owner for AttachmentState {
    fn shared(&self) -> &Arc<StoreShared> {
        Self::shared(self)
    }

    fn property(&self, id: u16) -> Result<Option<Property>> {
        Ok(self.with_view(|view| property_of(&view.attachment.props, id, view.get(id))))
    }

    fn is_computed(&self, id: u16) -> bool {
        AttachmentView::is_computed(id)
    }

    fn is_writable(&self) -> bool {
        Self::is_writable(self)
    }

    fn put(&self, id: u16, property: Property) -> Result<()> {
        self.put_property(id, property)
    }

    fn add_pending(&self, stream: Weak<dyn Pending>) {
        Self::add_pending(self, stream);
    }
}
