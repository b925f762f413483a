//! What is in the store.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use mapi_provider::abi::{HRESULT, MAPI_E_NOT_ENOUGH_MEMORY, MAPI_E_NOT_FOUND, PT_ERROR, PropTag};
use mapi_provider::view::{EntryId, PropValue, Property, Row};

/// From here on a value is too large for `GetProps`.
const TOO_LARGE_TO_GET: usize = 4096;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Store,
    Folder,
    Message,
    Attachment,
}

/// A store, folder, message or attachment, as it was saved.
pub(crate) struct Item {
    pub(crate) number: u32,
    pub(crate) kind: Kind,
    pub(crate) saved: Arc<Mutex<State>>,
}

/// What an item has.
#[derive(Clone, Default)]
pub(crate) struct State {
    properties: BTreeMap<u16, Property<'static>>,
    pub(crate) folders: Vec<Arc<Item>>,
    pub(crate) messages: Vec<Arc<Item>>,
    pub(crate) hidden: Vec<Arc<Item>>,
    pub(crate) recipients: Vec<Row<'static>>,
    pub(crate) attachments: Vec<(u32, Arc<Item>)>,
    pub(crate) embedded: Option<Arc<Item>>,
    /// How many rows of recipients, or attachments, there ever were.
    pub(crate) ever: u32,
}

impl Item {
    pub(crate) fn new(number: u32, kind: Kind) -> Self {
        Self {
            number,
            kind,
            saved: Arc::default(),
        }
    }

    /// The bytes of the item's entry ID.
    pub(crate) fn entry_id(&self) -> Vec<u8> {
        [&[0; 4][..], &[0xFA; 16], &self.number.to_le_bytes()].concat()
    }

    pub(crate) fn is(&self, id: &EntryId<'_>) -> bool {
        id.as_bytes() == self.entry_id()
    }
}

impl State {
    pub(crate) fn set(&mut self, property: Property<'static>) {
        self.properties.insert(property.tag.id(), property);
    }

    pub(crate) fn delete(&mut self, tag: PropTag) -> bool {
        self.properties.remove(&tag.id()).is_some()
    }

    pub(crate) fn raw(&self, tag: PropTag) -> Option<&PropValue<'static>> {
        Some(&self.properties.get(&tag.id())?.value)
    }

    pub(crate) fn tags(&self) -> Vec<PropTag> {
        let properties = self.properties.values();
        properties.map(|property| property.tag).collect()
    }

    /// What `GetProps` answers for a tag.
    pub(crate) fn get(&self, tag: PropTag) -> Property<'static> {
        let error = |status: HRESULT| Property::new(tag.with_type(PT_ERROR), status);
        match self.properties.get(&tag.id()) {
            None => error(MAPI_E_NOT_FOUND),
            Some(property) if size(&property.value) >= TOO_LARGE_TO_GET => {
                error(MAPI_E_NOT_ENOUGH_MEMORY)
            }
            Some(property) => property.clone(),
        }
    }

    /// A row with some columns.
    pub(crate) fn row(&self, columns: &[PropTag]) -> Row<'static> {
        Row::from(columns.iter().map(|tag| self.get(*tag)).collect::<Vec<_>>())
    }
}

/// The bytes of a string or binary value.
pub(crate) fn size(value: &PropValue<'_>) -> usize {
    match value {
        PropValue::String8(text) => text.len(),
        PropValue::Unicode(text) => text.len() * 2,
        PropValue::Binary(bytes) => bytes.len(),
        _ => 0,
    }
}
