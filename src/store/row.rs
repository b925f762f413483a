//! Values of several properties: a row of a table, or an object’s properties.

use super::EntryId;
use mapi_provider_abi::mapi::{HRESULT, MessageFlags, PR_MESSAGE_FLAGS, PropTag};
use mapi_provider_abi::view::{self, FileTime, PropValue, Property};

/// Values of properties: a row of a table, or what [`Properties::get_all`](super::Properties::get_all) has found.
///
/// Values are found by the property’s ID, so it doesn’t matter in which width a string is requested.
///
/// ```
/// use mapi_provider::abi::{PR_DISPLAY_NAME_W, PR_ENTRYID};
/// use mapi_provider::store::Row;
/// use mapi_provider::view::Property;
///
/// let row = Row::from(vec![Property::new(PR_DISPLAY_NAME_W, "Inbox")]);
/// assert_eq!(row.text(PR_DISPLAY_NAME_W).as_deref(), Some("Inbox"));
/// assert_eq!(row.entry_id(), None);
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Row {
    properties: Vec<Property<'static>>,
}

impl Row {
    /// All values, in the order of the columns; a `PT_ERROR` says why a value is missing.
    pub fn properties(&self) -> &[Property<'static>] {
        &self.properties
    }

    /// The same, taken out.
    pub fn into_properties(self) -> Vec<Property<'static>> {
        self.properties
    }

    /// The value of a property; `None` if there isn’t one.
    pub fn get(&self, tag: PropTag) -> Option<&PropValue<'static>> {
        match &self.of_id(tag)?.value {
            PropValue::Error(_) | PropValue::Null | PropValue::Unspecified => None,
            value => Some(value),
        }
    }

    /// Why there is no value: `MAPI_E_NOT_FOUND` if the object doesn’t have the property, `MAPI_E_NOT_ENOUGH_MEMORY` if
    /// the value is too large for a table. `None` if there is a value, or no such column.
    pub fn error(&self, tag: PropTag) -> Option<HRESULT> {
        match self.of_id(tag)?.value {
            PropValue::Error(status) => Some(status),
            _ => None,
        }
    }

    fn of_id(&self, tag: PropTag) -> Option<&Property<'static>> {
        let mut properties = self.properties.iter();
        properties.find(|property| property.tag.id() == tag.id())
    }

    /// A string; what isn’t a character in it becomes U+FFFD.
    pub fn text(&self, tag: PropTag) -> Option<String> {
        self.get(tag)?.to_text()
    }

    /// A `PT_LONG` or `PT_I2`.
    pub fn long(&self, tag: PropTag) -> Option<i32> {
        self.get(tag)?.as_long()
    }

    /// A `PT_BOOLEAN`.
    pub fn bool(&self, tag: PropTag) -> Option<bool> {
        self.get(tag)?.as_bool()
    }

    /// A `PT_BINARY`.
    pub fn binary(&self, tag: PropTag) -> Option<&[u8]> {
        self.get(tag)?.as_binary()
    }

    /// A `PT_SYSTIME`.
    pub fn time(&self, tag: PropTag) -> Option<FileTime> {
        self.get(tag)?.as_time()
    }

    /// The entry ID of what the row is about: `PR_ENTRYID`.
    pub fn entry_id(&self) -> Option<EntryId> {
        let bytes = self.binary(mapi_provider_abi::mapi::PR_ENTRYID)?;
        Some(EntryId::from(bytes.to_vec()))
    }

    /// The flags of the message that the row is about: `PR_MESSAGE_FLAGS`. None where there is no such column.
    pub fn message_flags(&self) -> Option<MessageFlags> {
        let flags = self.long(PR_MESSAGE_FLAGS)?;
        Some(MessageFlags::from_bits_retain(flags as u32))
    }

    /// Whether the message that the row is about counts as read. None where there is no column `PR_MESSAGE_FLAGS`.
    pub fn is_read(&self) -> Option<bool> {
        Some(self.message_flags()?.contains(MessageFlags::READ))
    }

    pub(super) fn properties_mut(&mut self) -> &mut [Property<'static>] {
        &mut self.properties
    }
}

impl From<Vec<Property<'static>>> for Row {
    fn from(properties: Vec<Property<'static>>) -> Self {
        Self { properties }
    }
}

impl From<view::Row<'static>> for Row {
    fn from(row: view::Row<'static>) -> Self {
        row.properties.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mapi_provider_abi::mapi::{MAPI_E_NOT_FOUND, PR_SUBJECT_W, PT_ERROR};

    #[test]
    fn an_error_is_no_value_and_says_why() {
        let none = Property::new(PR_SUBJECT_W.with_type(PT_ERROR), MAPI_E_NOT_FOUND);
        let row = Row::from(vec![none, Property::new(PR_MESSAGE_FLAGS, 1)]);
        assert_eq!(row.text(PR_SUBJECT_W), None);
        assert_eq!(row.error(PR_SUBJECT_W), Some(MAPI_E_NOT_FOUND));
        assert_eq!(row.long(PR_MESSAGE_FLAGS), Some(1));
        assert_eq!(row.error(PR_MESSAGE_FLAGS), None);
        assert_eq!(row.is_read(), Some(true));
        assert_eq!(Row::default().is_read(), None);
    }

    #[test]
    fn strings_are_found_in_either_width() {
        let row = Row::from(vec![Property::new(
            PR_SUBJECT_W.ansi(),
            PropValue::ansi("Hello"),
        )]);
        assert_eq!(row.text(PR_SUBJECT_W).as_deref(), Some("Hello"));
        assert_eq!(row.binary(PR_SUBJECT_W), None);
    }
}
