//! Property tags: an ID and a type in one number.

use crate::abi::{PT_BINARY, PT_BOOLEAN, PT_LONG, PT_UNICODE};
use crate::settings::SettingKind;

/// The tag of an ID and a type.
pub(crate) const fn tag(id: u16, property_type: u32) -> u32 {
    (id as u32) << 16 | property_type
}

/// The ID in a tag.
pub(crate) const fn id_of(tag: u32) -> u16 {
    (tag >> 16) as u16
}

/// The type in a tag.
pub(crate) const fn type_of(tag: u32) -> u32 {
    tag & 0xFFFF
}

/// The type of the property that keeps a setting.
pub(crate) const fn setting_type(kind: SettingKind) -> u32 {
    match kind {
        SettingKind::String | SettingKind::Path | SettingKind::Secret => PT_UNICODE,
        SettingKind::Integer => PT_LONG,
        SettingKind::Boolean => PT_BOOLEAN,
    }
}

/// The tag of the property that keeps the cursor.
pub(crate) const fn cursor_tag(id: u16) -> u32 {
    tag(id, PT_BINARY)
}
