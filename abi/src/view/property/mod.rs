//! Properties: a tag and a value.

mod build;
mod read;

use super::error::ViewError;
use super::value::PropValue;
use crate::mapi::{
    MV_FLAG, MV_INSTANCE, MVI_FLAG, PT_MV_APPTIME, PT_MV_BINARY, PT_MV_CLSID, PT_MV_CURRENCY,
    PT_MV_DOUBLE, PT_MV_I2, PT_MV_I8, PT_MV_LONG, PT_MV_R4, PT_MV_STRING8, PT_MV_SYSTIME,
    PT_MV_UNICODE, PropTag,
};

pub(super) use self::build::{properties_in, properties_root, property_in};

/// A property: its tag and its value.
///
/// The tag's type is the value's. A column of [multi-valued
/// instances](https://learn.microsoft.com/office/client-developer/outlook/mapi/working-with-multivalued-columns),
/// whose type has `MVI_FLAG`, has one value.
///
/// ```
/// use mapi_provider::abi::{PR_DISPLAY_NAME_W, PropTag, PT_LONG};
/// use mapi_provider::view::{PropValue, Property};
///
/// let name = Property::new(PR_DISPLAY_NAME_W, "Inbox");
/// assert!(name.is_consistent());
/// let count = Property::with_id(0x3602, 12);
/// assert_eq!(count.tag, PropTag::new(0x3602, PT_LONG));
/// assert!(!Property::new(PR_DISPLAY_NAME_W, PropValue::Long(12)).is_consistent());
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Property<'a> {
    /// Which property it is, and the type of its value.
    pub tag: PropTag,
    /// The value.
    pub value: PropValue<'a>,
}

impl<'a> Property<'a> {
    /// A property. Building checks whether the value matches the tag.
    pub fn new(tag: PropTag, value: impl Into<PropValue<'a>>) -> Self {
        let value = value.into();
        Self { tag, value }
    }

    /// A property whose tag has the value's own type.
    pub fn with_id(id: u16, value: impl Into<PropValue<'a>>) -> Self {
        let value = value.into();
        let tag = PropTag::new(id, value.prop_type());
        Self { tag, value }
    }

    /// Whether the value has the type in the tag.
    pub fn is_consistent(&self) -> bool {
        value_type(self.tag) == Some(self.value.prop_type())
    }

    /// The property without a borrow.
    pub fn into_owned(self) -> Property<'static> {
        Property {
            tag: self.tag,
            value: self.value.into_owned(),
        }
    }
}

/// A property that may be malformed: its tag, and its value if that can be read. So one malformed property
/// doesn't affect its neighbours in an array.
pub struct Tagged<'a> {
    /// Which property it claims to be.
    pub tag: PropTag,
    /// The property itself.
    pub value: Result<PropValue<'a>, ViewError>,
}

/// The type of the value for a tag; `None` if the tag asks for instances of something that has none.
fn value_type(tag: PropTag) -> Option<u32> {
    let prop_type = tag.prop_type();
    if prop_type & MV_INSTANCE == 0 {
        return Some(prop_type);
    }
    let one = prop_type & !MVI_FLAG;
    (prop_type & MV_FLAG != 0 && has_lists(one)).then_some(one)
}

/// Whether a type has multi-valued properties.
fn has_lists(prop_type: u32) -> bool {
    matches!(
        prop_type | MV_FLAG,
        PT_MV_I2
            | PT_MV_LONG
            | PT_MV_R4
            | PT_MV_DOUBLE
            | PT_MV_CURRENCY
            | PT_MV_APPTIME
            | PT_MV_I8
            | PT_MV_STRING8
            | PT_MV_UNICODE
            | PT_MV_SYSTIME
            | PT_MV_CLSID
            | PT_MV_BINARY
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapi::{PT_LONG, PT_NULL, PT_STRING8};

    #[test]
    fn an_instance_has_one_value() {
        let one = |prop_type| value_type(PropTag::new(0x6800, prop_type));
        assert_eq!(one(PT_MV_STRING8), Some(PT_MV_STRING8));
        assert_eq!(one(PT_STRING8 | MVI_FLAG), Some(PT_STRING8));
        assert_eq!(one(PT_LONG | MV_INSTANCE), None);
        assert_eq!(one(PT_NULL | MVI_FLAG), None);
    }
}
