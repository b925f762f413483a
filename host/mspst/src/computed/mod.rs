//! Objects as their properties: those that are stored, and those that are computed from the rest on
//! demand.

mod attachment;
mod folder;
mod message;
mod recipient;
mod store;
mod subject;

use mapi_provider::abi::PropTag;
use mapi_provider::view::PropValue;

use crate::db::{PropSet, borrowed};

pub(crate) use self::{
    attachment::AttachmentView,
    folder::{FolderIn, FolderView, MASK},
    message::MessageView,
    recipient::{RecipientView, display_list},
    store::{StoreView, provider_uid},
};

/// An object, or a row of a table, as its properties.
pub(crate) trait Properties {
    /// The value of a property, if it has one.
    fn value(&self, id: u16) -> Option<PropValue<'_>>;

    /// All properties that have a value, with its type.
    fn tags(&self) -> Vec<PropTag>;
}

/// Computed properties: nobody can set them.
#[derive(Clone, Copy)]
pub(crate) struct Computed(pub(crate) &'static [PropTag]);

impl Computed {
    /// The tag of a computed property.
    pub(crate) fn tag(self, id: u16) -> Option<PropTag> {
        self.0.iter().find(|tag| tag.id() == id).copied()
    }
}

/// Stored and computed properties, by ID.
pub(crate) fn all_tags(
    computed: Computed,
    stored: &PropSet,
    object: &dyn Properties,
) -> Vec<PropTag> {
    let stored = stored
        .iter()
        .filter(|(id, _)| computed.tag(*id).is_none())
        .map(|(id, value)| PropTag::new(id, value.prop_type()));
    let computed = computed.0.iter().copied();
    let computed = computed.filter(|tag| object.value(tag.id()).is_some());
    let mut tags: Vec<PropTag> = stored.chain(computed).collect();
    tags.sort_unstable();
    tags
}

/// A stored value.
pub(crate) fn stored(props: &PropSet, id: u16) -> Option<PropValue<'_>> {
    props.get(id).map(borrowed)
}

/// A number as `PT_LONG`, which is signed whatever it counts.
pub(crate) fn long(number: impl TryInto<u32>) -> PropValue<'static> {
    PropValue::Long(number.try_into().unwrap_or(u32::MAX) as i32)
}
