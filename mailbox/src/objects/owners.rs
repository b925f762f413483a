//! Folders and the store as objects whose properties are opened as streams: what is written back is saved at once.

use std::sync::Arc;

use super::computed::{FolderView, Properties, Shown, StoreView};
use super::fault::Result;
use super::folder;
use super::folder_tree;
use super::shared::StoreShared;
use super::store_props;
use super::stream::Owner;
use crate::database::{FolderId, Property, PropertySet};

/// A property as a stream has it: where a large one lies, or its value.
pub(super) fn property_of(
    props: &PropertySet,
    id: u16,
    shown: Option<Shown<'_>>,
) -> Option<Property> {
    match shown? {
        Shown::Value(value) => Some(Property::Value(value.into_owned())),
        Shown::Large(_) => props.get(id).cloned(),
    }
}

/// A folder.
pub(super) struct FolderOwner {
    pub(super) shared: Arc<StoreShared>,
    pub(super) id: FolderId,
    pub(super) is_writable: bool,
}

impl Owner for FolderOwner {
    fn shared(&self) -> &Arc<StoreShared> {
        &self.shared
    }

    fn property(&self, id: u16) -> Result<Option<Property>> {
        let view = folder::view(&self.shared, self.id, self.is_writable)?;
        let shown = view.get(&self.shared.identity, id);
        Ok(property_of(&view.folder.props, id, shown))
    }

    fn is_computed(&self, id: u16) -> bool {
        FolderView::is_computed(id)
    }

    fn is_writable(&self) -> bool {
        self.is_writable
    }

    fn put(&self, id: u16, property: Property) -> Result<()> {
        folder_tree::put_property(&self.shared, self.id, id, property)
    }
}

/// The store itself.
pub(super) struct StoreOwner(pub(super) Arc<StoreShared>);

impl Owner for StoreOwner {
    fn shared(&self) -> &Arc<StoreShared> {
        &self.0
    }

    fn property(&self, id: u16) -> Result<Option<Property>> {
        let view = store_props::view(&self.0)?;
        Ok(property_of(&view.props, id, view.value(id)))
    }

    fn is_computed(&self, id: u16) -> bool {
        StoreView::is_computed(id)
    }

    fn is_writable(&self) -> bool {
        true
    }

    fn put(&self, id: u16, property: Property) -> Result<()> {
        store_props::put(&self.0, id, property)
    }
}
