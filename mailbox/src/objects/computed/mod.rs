//! Objects as their properties: what is stored, and what is worked out from the rest when somebody asks.

mod attachment;
mod folder;
mod message;
mod recipient;
mod store;

use std::borrow::Cow;

use mapi_provider_abi::mapi::{PropTag, StoreSupportMask};
use mapi_provider_abi::view::PropValue;

use crate::database::{Property, PropertySet};

pub(crate) use self::{
    attachment::AttachmentView,
    folder::{FolderIn, FolderView},
    message::{Lists, MessageView, embedded_key},
    recipient::RecipientView,
    store::StoreView,
};

/// `PR_STORE_SUPPORT_MASK`: the same on store, folders and messages. // STORE-04
pub(crate) const MASK: StoreSupportMask = StoreSupportMask::ENTRYID_UNIQUE
    .union(StoreSupportMask::MODIFY_OK)
    .union(StoreSupportMask::CREATE_OK)
    .union(StoreSupportMask::ATTACH_OK)
    .union(StoreSupportMask::SUBMIT_OK)
    .union(StoreSupportMask::NOTIFY_OK)
    .union(StoreSupportMask::MV_PROPS_OK)
    .union(StoreSupportMask::CATEGORIZE_OK)
    .union(StoreSupportMask::RESTRICTION_OK)
    .union(StoreSupportMask::SORT_OK)
    .union(StoreSupportMask::SEARCH_OK)
    .union(StoreSupportMask::UNICODE_OK)
    .union(StoreSupportMask::HTML_OK);

/// A property of ours that nobody sees: the order that contents tables of a folder are opened in.
pub(crate) const SORT_ORDER: u16 = 0xFFFF;

/// The value of a property, as it can be told.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shown<'a> {
    /// The value.
    Value(PropValue<'a>),
    /// A string or binary of this type that is read as a stream.
    Large(u32),
}

impl Shown<'_> {
    pub(crate) fn prop_type(&self) -> u32 {
        match self {
            Self::Value(value) => value.prop_type(),
            Self::Large(prop_type) => *prop_type,
        }
    }
}

impl<'a, V: Into<PropValue<'a>>> From<V> for Shown<'a> {
    fn from(value: V) -> Self {
        Self::Value(value.into())
    }
}

/// An object, or a row of a table, as its properties.
pub(crate) trait Properties {
    /// The value of a property, if it has one.
    fn value(&self, id: u16) -> Option<Shown<'_>>;

    /// All properties that have a value, with its type.
    fn tags(&self) -> Vec<PropTag>;
}

/// Properties that are worked out: nobody can set them.
#[derive(Clone, Copy)]
pub(crate) struct Computed(pub(crate) &'static [PropTag]);

impl Computed {
    /// The tag of a property that is worked out.
    pub(crate) fn tag(self, id: u16) -> Option<PropTag> {
        self.0.iter().find(|tag| tag.id() == id).copied()
    }

    /// Whether nobody can set a property: it is worked out, or no client's at all.
    pub(crate) fn is_computed(self, id: u16) -> bool {
        id == SORT_ORDER || self.tag(id).is_some()
    }
}

/// Stored properties and those that are worked out, by ID.
pub(crate) fn all_tags(
    computed: Computed,
    stored: &PropertySet,
    object: &dyn Properties,
) -> Vec<PropTag> {
    let stored = stored.tags().filter(|tag| !computed.is_computed(tag.id()));
    let computed = computed.0.iter().copied();
    let computed = computed.filter(|tag| object.value(tag.id()).is_some());
    let mut tags: Vec<PropTag> = stored.chain(computed).collect();
    tags.sort_unstable();
    tags
}

/// A stored value.
pub(crate) fn stored(props: &PropertySet, id: u16) -> Option<Shown<'_>> {
    Some(match props.get(id).filter(|_| id != SORT_ORDER)? {
        Property::Value(value) => Shown::Value(borrowed(value)),
        Property::Large(large) => Shown::Large(large.prop_type()),
    })
}

/// The same value, borrowed: what is handed out is copied once, into MAPI's memory.
fn borrowed<'a>(value: &'a PropValue<'static>) -> PropValue<'a> {
    match value {
        PropValue::String8(text) => PropValue::String8(Cow::Borrowed(text)),
        PropValue::Unicode(text) => PropValue::Unicode(Cow::Borrowed(text)),
        PropValue::Binary(bytes) => PropValue::Binary(Cow::Borrowed(bytes)),
        other => other.clone(),
    }
}

/// A number as `PT_LONG`, which has a sign whatever is counted.
pub(crate) fn long(number: impl TryInto<u32>) -> PropValue<'static> {
    PropValue::Long(number.try_into().unwrap_or(u32::MAX).cast_signed())
}
