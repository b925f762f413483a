//! Property tags of settings and of the cursor.

use super::properties::Value;
use crate::settings::{SettingKind, SettingValue};
use mapi_provider_abi::mapi::{PT_BINARY, PT_BOOLEAN, PT_LONG, PT_UNICODE, PropTag};

/// The type of the property that keeps a setting.
pub(crate) const fn setting_type(kind: SettingKind) -> u32 {
    match kind {
        SettingKind::String | SettingKind::Path | SettingKind::Secret => PT_UNICODE,
        SettingKind::Integer => PT_LONG,
        SettingKind::Boolean => PT_BOOLEAN,
    }
}

/// The tag of the property that keeps the cursor.
pub(crate) const fn cursor_tag(id: u16) -> PropTag {
    PropTag::new(id, PT_BINARY)
}

/// The property of a setting that was given a value.
pub(crate) fn assigned_property(id: u16, value: &SettingValue) -> (PropTag, Value) {
    let (property_type, value) = match value {
        SettingValue::Text(text) => (PT_UNICODE, Value::Text(text.clone())),
        SettingValue::Integer(number) => (PT_LONG, Value::Long(*number)),
        SettingValue::Boolean(yes) => (PT_BOOLEAN, Value::Boolean(*yes)),
    };
    (PropTag::new(id, property_type), value)
}
