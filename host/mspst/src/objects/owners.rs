//! The objects whose properties are opened as streams.

use std::sync::{Arc, Weak};

use mapi_provider::abi::{HRESULT, PropTag};
use mapi_provider::view::PropValue;

use super::attach::AttachState;
use super::folder_tree;
use super::message_state::MessageState;
use super::shared::StoreShared;
use super::store_props;
use super::stream::{Owner, Pending};
use crate::answers::Problems;
use crate::arguments::Given;
use crate::computed::{AttachmentView, FolderView, MessageView, StoreView};
use crate::db::Id;
use crate::fault::Result;

/// A property to set, as in a call.
fn given(tag: PropTag, value: PropValue<'static>) -> Vec<Given> {
    let value = Ok::<_, HRESULT>(value);
    vec![Given { tag, value }]
}

/// A problem with the only property to set is a failure.
fn settled(problems: Problems) -> Result<()> {
    problems.first().map_or(Ok(()), |status| Err(status.into()))
}

impl Owner for MessageState {
    fn value(&self, id: u16) -> Result<Option<PropValue<'static>>> {
        let snapshot = self.snapshot();
        let value = snapshot.view(&self.shared).get(id);
        Ok(value.map(PropValue::into_owned))
    }

    fn is_computed(&self, id: u16) -> bool {
        MessageView::is_computed(id)
    }

    fn is_writable(&self) -> bool {
        MessageState::is_writable(self)
    }

    fn set_value(&self, tag: PropTag, value: PropValue<'static>) -> Result<()> {
        settled(self.set_props(given(tag, value))?)
    }

    fn add_pending(&self, stream: Weak<dyn Pending>) {
        MessageState::add_pending(self, stream);
    }
}

impl Owner for AttachState {
    fn value(&self, id: u16) -> Result<Option<PropValue<'static>>> {
        Ok(self.with_view(|view| view.get(id).map(PropValue::into_owned)))
    }

    fn is_computed(&self, id: u16) -> bool {
        AttachmentView::is_computed(id)
    }

    fn is_writable(&self) -> bool {
        AttachState::is_writable(self)
    }

    fn set_value(&self, tag: PropTag, value: PropValue<'static>) -> Result<()> {
        settled(self.set_props(given(tag, value))?)
    }

    fn add_pending(&self, stream: Weak<dyn Pending>) {
        AttachState::add_pending(self, stream);
    }
}

/// A folder: what is written back is saved at once.
pub(super) struct FolderOwner {
    pub(super) shared: Arc<StoreShared>,
    pub(super) id: Id,
    pub(super) is_writable: bool,
}

impl Owner for FolderOwner {
    fn value(&self, id: u16) -> Result<Option<PropValue<'static>>> {
        let view = self.shared.db.read(|state| {
            let folder = state.folders.get(&self.id)?;
            Some(FolderView::of(self.id, folder))
        });
        let view = view.ok_or(mapi_provider::abi::MAPI_E_OBJECT_DELETED)?;
        let value = view.get(&self.shared.identity, id);
        Ok(value.map(PropValue::into_owned))
    }

    fn is_computed(&self, id: u16) -> bool {
        FolderView::is_computed(id)
    }

    fn is_writable(&self) -> bool {
        self.is_writable
    }

    fn set_value(&self, tag: PropTag, value: PropValue<'static>) -> Result<()> {
        settled(folder_tree::set_props(
            &self.shared,
            self.id,
            given(tag, value),
        )?)
    }
}

/// The store itself: what is written back is saved at once.
pub(super) struct StoreOwner(pub(super) Arc<StoreShared>);

impl Owner for StoreOwner {
    fn value(&self, id: u16) -> Result<Option<PropValue<'static>>> {
        use crate::computed::Properties;

        let view = store_props::view(&self.0);
        Ok(view.value(id).map(PropValue::into_owned))
    }

    fn is_computed(&self, id: u16) -> bool {
        StoreView::is_computed(id)
    }

    fn is_writable(&self) -> bool {
        true
    }

    fn set_value(&self, tag: PropTag, value: PropValue<'static>) -> Result<()> {
        settled(store_props::set(&self.0, given(tag, value))?)
    }
}
