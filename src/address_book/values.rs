//! What properties entries and containers have (AB-12, AB-15, AB-27, AB-28).

use std::borrow::Cow;

use super::entry_id::{Name, Uids};
use super::logic::{Entry, EntryKind};
use super::tree::Branch;
use crate::manifest::{AddressBookSpec, Browse, ContainerType};
use mapi_provider_abi::mapi::{
    AddressContainerFlags, DT_DISTLIST, DT_GLOBAL, DT_LOCAL, DT_MAILUSER, DT_NOT_SPECIFIC, DT_WAN,
    MAPI_ABCONT, MAPI_DISTLIST, MAPI_E_NOT_FOUND, MAPI_MAILUSER, PR_AB_PROVIDER_ID,
    PR_ACCESS_LEVEL, PR_ACCOUNT_W, PR_ADDRTYPE_W, PR_COMMENT_W, PR_CONTAINER_FLAGS, PR_DEPTH,
    PR_DISPLAY_NAME_W, PR_DISPLAY_TYPE, PR_DISPLAY_TYPE_EX, PR_EMAIL_ADDRESS_W, PR_ENTRYID,
    PR_OBJECT_TYPE, PR_RECORD_KEY, PR_SEARCH_KEY, PR_SEND_RICH_INFO, PR_SMTP_ADDRESS_W, PR_STATUS,
    PR_TRANSMITABLE_DISPLAY_NAME_W, PT_STRING8, PT_UNICODE, PT_UNSPECIFIED, PropTag,
};
use mapi_provider_abi::view::{PropValue, Property};

/// The type of a list's address that has none: MAPI expands it.
const PERSONAL_LIST: &str = "MAPIPDL";

/// What all objects of a logon are made with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Book {
    pub(crate) name: &'static str,
    pub(crate) spec: &'static AddressBookSpec,
    pub(crate) uids: Uids,
}

impl Entry {
    pub(crate) fn is_list(&self) -> bool {
        self.kind == EntryKind::List
    }

    /// An Internet address that the logic has set beside one of another type.
    pub(super) fn smtp_address(&self) -> Option<&str> {
        let id = PR_SMTP_ADDRESS_W.id();
        let set = self
            .others
            .iter()
            .rev()
            .find(|(tag, _)| PropTag(*tag).id() == id);
        set.map(|(_, smtp)| &**smtp)
    }

    /// What its entry ID says.
    pub(super) fn entry_name(&self) -> Name {
        match self.kind {
            EntryKind::User => Name::User(self.key.clone()),
            EntryKind::List => Name::List(self.key.clone()),
        }
    }
}

impl Book {
    /// The entry ID of something.
    pub(crate) fn entry_id(&self, name: &Name) -> Vec<u8> {
        self.uids.entry_id(name)
    }

    /// The properties of a user or a list, as its row and its object have them (AB-27). Strings are wide.
    pub(crate) fn of_entry(&self, entry: &Entry) -> Vec<Property<'static>> {
        let id = self.entry_id(&entry.entry_name());
        let (object, display) = match entry.kind {
            EntryKind::User => (MAPI_MAILUSER, DT_MAILUSER),
            EntryKind::List => (MAPI_DISTLIST, DT_DISTLIST),
        };
        let mut all = vec![
            Property::new(PR_ENTRYID, id.clone()),
            Property::new(PR_RECORD_KEY, id.clone()),
            Property::new(PR_DISPLAY_NAME_W, text(&entry.name)),
            Property::new(PR_TRANSMITABLE_DISPLAY_NAME_W, text(&entry.name)),
            Property::new(PR_OBJECT_TYPE, long(object)),
            // AB-15: the same for rows and objects, and never a container's.
            Property::new(PR_DISPLAY_TYPE, long(display)),
            Property::new(PR_DISPLAY_TYPE_EX, long(display)),
            Property::new(PR_SEND_RICH_INFO, entry.rich),
            Property::new(PR_ACCESS_LEVEL, 0), // AB-09
        ];
        if let Some(alias) = &entry.alias {
            all.push(Property::new(PR_ACCOUNT_W, text(alias)));
        }
        all.extend(self.address_of(entry, id));
        let has =
            |all: &[Property<'_>], tag: PropTag| all.iter().any(|one| one.tag.id() == tag.id());
        for (tag, value) in entry.others.iter().rev() {
            let tag = PropTag(*tag).with_type(PT_UNICODE);
            if !has(&all, tag) {
                all.push(Property::new(tag, text(value)));
            }
        }
        all
    }

    fn address_of(&self, entry: &Entry, id: Vec<u8>) -> Vec<Property<'static>> {
        let default = self.spec.address_type;
        let Some((address, kind)) = entry.address.as_ref().zip(entry.address_type(default)) else {
            // AB-28
            let kind = if entry.is_list() {
                PERSONAL_LIST
            } else {
                default
            };
            return vec![
                Property::new(PR_ADDRTYPE_W, text(kind)),
                Property::new(PR_SEARCH_KEY, id),
            ];
        };
        let mut all = vec![
            Property::new(PR_ADDRTYPE_W, text(kind)),
            Property::new(PR_EMAIL_ADDRESS_W, text(&address.value)),
            Property::new(PR_SEARCH_KEY, search_key(kind, &address.value)),
        ];
        if kind.eq_ignore_ascii_case("SMTP") {
            all.push(Property::new(PR_SMTP_ADDRESS_W, text(&address.value)));
        }
        all
    }

    /// What a container is, or the root.
    pub(crate) fn of_container(
        &self,
        branch: Option<&Branch>,
        is_large: bool,
    ) -> Vec<Property<'static>> {
        let name = branch.map_or(Name::Root, |branch| Name::Container(branch.key.clone()));
        let id = self.entry_id(&name);
        let flags = self.flags(branch, is_large);
        let shown = branch.map_or(self.name, |branch| &branch.name);
        let depth = branch.map_or(0, |branch| branch.depth);
        vec![
            Property::new(PR_ENTRYID, id.clone()),
            Property::new(PR_RECORD_KEY, id),
            Property::new(PR_DISPLAY_NAME_W, text(shown)),
            Property::new(PR_COMMENT_W, text(self.name)),
            Property::new(PR_DEPTH, i32::try_from(depth).unwrap_or(i32::MAX)),
            Property::new(PR_DISPLAY_TYPE, long(self.display_type())),
            Property::new(PR_OBJECT_TYPE, long(MAPI_ABCONT)),
            Property::new(PR_STATUS, 0),
            Property::new(PR_CONTAINER_FLAGS, long(flags.bits())),
            Property::new(PR_ACCESS_LEVEL, 0), // AB-09
            Property::new(PR_AB_PROVIDER_ID, self.spec.uid.to_vec()),
        ]
    }

    /// AB-11, AB-13
    fn flags(&self, branch: Option<&Branch>, is_large: bool) -> AddressContainerFlags {
        let mut flags = AddressContainerFlags::UNMODIFIABLE;
        let Some(branch) = branch else {
            return flags | AddressContainerFlags::SUBCONTAINERS;
        };
        flags |= AddressContainerFlags::RECIPIENTS;
        if branch.has_children {
            flags |= AddressContainerFlags::SUBCONTAINERS;
        }
        if is_large || self.spec.browse == Browse::FindFirst {
            flags |= AddressContainerFlags::FIND_ON_OPEN;
        }
        flags
    }

    fn display_type(&self) -> u32 {
        match self.spec.display_type {
            ContainerType::Global => DT_GLOBAL,
            ContainerType::Local => DT_LOCAL,
            ContainerType::Wan => DT_WAN,
            ContainerType::NotSpecific => DT_NOT_SPECIFIC,
        }
    }
}

/// A PR_SEARCH_KEY: type and address in capitals, with a NUL (XP-17).
fn search_key(kind: &str, address: &str) -> Vec<u8> {
    let mut key = format!("{kind}:{address}").to_uppercase().into_bytes();
    key.push(0);
    key
}

fn long(number: u32) -> i32 {
    number.cast_signed()
}

/// A text as MAPI can have it: a NUL would end it.
pub(crate) fn text(text: &str) -> PropValue<'static> {
    match text.contains('\0') {
        true => PropValue::from(&*text.replace('\0', "\u{FFFD}")),
        false => PropValue::from(text),
    }
}

/// A tag of the type that strings have where nobody names one.
pub(crate) fn in_width(tag: PropTag, wide: bool) -> PropTag {
    match (tag.prop_type(), wide) {
        (PT_UNICODE, false) => tag.with_type(PT_STRING8),
        _ => tag,
    }
}

/// Properties as they were asked for (AB-16): strings in either width, those of no width as `wide` says. What is not there is
/// PT_ERROR.
pub(crate) fn answered(
    properties: &[Property<'static>],
    asked: &[PropTag],
    wide: bool,
) -> Vec<Property<'static>> {
    let one = |asked: &PropTag| {
        let found = properties.iter().find(|one| one.tag.id() == asked.id());
        let value = found.and_then(|found| as_asked(&found.value, asked.prop_type(), wide));
        let value = value.unwrap_or(PropValue::Error(MAPI_E_NOT_FOUND));
        Property::with_id(asked.id(), value)
    };
    asked.iter().map(one).collect()
}

fn as_asked(value: &PropValue<'static>, asked: u32, wide: bool) -> Option<PropValue<'static>> {
    let narrow = || value.to_text().map(|text| PropValue::ansi(&text));
    match (value, asked) {
        (PropValue::Unicode(_), PT_STRING8) => narrow(),
        (PropValue::Unicode(_), PT_UNSPECIFIED) if !wide => narrow(),
        (PropValue::String8(_), PT_UNICODE) => value.to_text().map(|text| PropValue::from(&*text)),
        (_, PT_UNSPECIFIED) => Some(value.clone()),
        _ => (value.prop_type() == asked).then(|| value.clone()),
    }
}

/// Whether a text is shown to be missing.
pub(crate) fn is_error(property: &Property<'_>) -> bool {
    matches!(property.value, PropValue::Error(_))
}

/// The name in a row that somebody has typed, in either width; none where there is no PR_DISPLAY_NAME.
pub(crate) fn typed_name(properties: &[Property<'_>]) -> Option<String> {
    let id = PR_DISPLAY_NAME_W.id();
    let name = properties.iter().find(|one| one.tag.id() == id)?;
    name.value.to_text()
}

/// Bytes of a property, where it is there.
pub(crate) fn bytes<'p>(properties: &'p [Property<'_>], tag: PropTag) -> Option<Cow<'p, [u8]>> {
    let found = properties.iter().find(|one| one.tag == tag)?;
    found.value.as_binary().map(Cow::Borrowed)
}

#[cfg(test)]
mod tests;
