//! Messages for a transport, and what is to be read of them.

use std::hash::{BuildHasher, RandomState};
use std::ptr;

use mapi_provider::abi::{
    IXPLogon, MAPI_MAILUSER, MAPI_TO, PR_ADDRTYPE_W, PR_BODY_W, PR_DISPLAY_NAME_W,
    PR_EMAIL_ADDRESS_W, PR_MESSAGE_CLASS_W, PR_OBJECT_TYPE, PR_RECIPIENT_TYPE, PR_RESPONSIBILITY,
    PR_ROWID, PR_SEARCH_KEY, PR_SUBJECT_W, PropTag, UnicodeFlags,
};

use crate::property::{Property, Value, bytes_until_nul, wide_text};
use crate::spooler::OutgoingMessage;

/// What is kept with a recipient by somebody else, and must be kept.
pub(super) const FOREIGN: u16 = 0x6601;

/// The address types of a transport, as AddressTypes answers.
pub(super) struct Types {
    pub(super) status: windows_core::HRESULT,
    pub(super) texts: Vec<String>,
    pub(super) array: usize,
    pub(super) uids: (u32, bool),
}

impl Types {
    /// Asks, with garbage in all places.
    pub(super) fn of(logon: &IXPLogon) -> Self {
        let mut flags = UnicodeFlags::empty();
        let (mut types, mut uids) = (ptr::null_mut(), ptr::without_provenance_mut(1));
        let (mut count, mut uid_count) = (u32::MAX, u32::MAX);
        // SAFETY: the places are locals.
        let status = unsafe {
            logon.AddressTypes(
                &mut flags,
                &mut count,
                &mut types,
                &mut uid_count,
                &mut uids,
            )
        };
        let is_there = status.is_ok() && !types.is_null() && count < 1000;
        let texts = match is_there {
            // SAFETY: as many strings as the count says, of the width that the flags say.
            true => unsafe {
                let all = std::slice::from_raw_parts(types, count as usize);
                let is_wide = flags.contains(UnicodeFlags::MAPI_UNICODE);
                all.iter()
                    .map(|text| read((*text).cast(), is_wide))
                    .collect()
            },
            false => Vec::new(),
        };
        Self {
            status,
            texts,
            array: types.addr(),
            uids: (uid_count, uids.is_null()),
        }
    }

    /// The type that messages of a check have: the first one.
    pub(super) fn first(&self) -> String {
        let first = self.texts.iter().find(|text| !text.is_empty());
        first.map_or("SMTP", String::as_str).to_owned()
    }
}

/// # Safety
///
/// A string of this width, or NULL.
unsafe fn read(text: *const u8, is_wide: bool) -> String {
    // SAFETY: the caller's word.
    unsafe {
        match is_wide {
            true => wide_text(text.cast()).unwrap_or_default(),
            false => {
                let bytes = bytes_until_nul(text).unwrap_or_default();
                String::from_utf8_lossy(&bytes).into_owned()
            }
        }
    }
}

pub(super) fn text(tag: PropTag, text: &str) -> Property {
    Property::with_id(tag.id(), text)
}

pub(super) fn long(tag: PropTag, number: u32) -> Property {
    Property::with_id(tag.id(), number.cast_signed())
}

/// A message that nothing was sent of before.
pub(super) fn properties() -> Vec<Property> {
    let key = [(); 2].map(|()| RandomState::new().hash_one(0));
    let key = key.iter().flat_map(|number| number.to_le_bytes()).collect();
    vec![
        text(PR_MESSAGE_CLASS_W, "IPM.Note"),
        text(PR_SUBJECT_W, "Conformance check"),
        text(PR_BODY_W, "A message of cargo mapi host check."),
        Property {
            id: PR_SEARCH_KEY.id(),
            value: Value::Binary(key),
        },
    ]
}

/// A recipient in To, whom nobody is responsible for.
pub(super) fn recipient(kind: &str, address: &str) -> Vec<Property> {
    vec![
        long(PR_RECIPIENT_TYPE, MAPI_TO),
        text(PR_DISPLAY_NAME_W, address),
        text(PR_ADDRTYPE_W, kind),
        text(PR_EMAIL_ADDRESS_W, address),
        long(PR_OBJECT_TYPE, MAPI_MAILUSER),
        Property::with_id(PR_RESPONSIBILITY.id(), false),
        Property {
            id: FOREIGN,
            value: Value::Binary(vec![1, 2, 3]),
        },
    ]
}

/// The same with another value of a property.
pub(super) fn with(mut row: Vec<Property>, property: Property) -> Vec<Property> {
    row.retain(|one| one.id != property.id);
    row.push(property);
    row
}

/// The same without a property.
pub(super) fn without(mut row: Vec<Property>, tag: PropTag) -> Vec<Property> {
    row.retain(|one| one.id != tag.id());
    row
}

pub(super) fn get(row: &[Property], tag: PropTag) -> Option<&Value> {
    let found = row.iter().find(|one| one.id == tag.id());
    let value = found.map(|one| &one.value);
    value.filter(|value| !matches!(value, Value::Error(_)))
}

pub(super) fn number(row: &[Property], tag: PropTag) -> Option<i32> {
    match get(row, tag) {
        Some(Value::Long(number)) => Some(*number),
        _ => None,
    }
}

pub(super) fn string(row: &[Property], tag: PropTag) -> Option<&str> {
    match get(row, tag) {
        Some(Value::Unicode(text)) => Some(text),
        _ => None,
    }
}

/// The recipients in the order of their rows.
pub(super) fn recipients(message: &OutgoingMessage) -> Vec<Vec<Property>> {
    let mut rows = message.recipients();
    rows.sort_by_key(|row| number(row, PR_ROWID));
    rows
}

pub(super) fn is_settled(row: &[Property]) -> bool {
    get(row, PR_RESPONSIBILITY) == Some(&Value::Boolean(true))
}

/// Which of these a list of properties lacks.
pub(super) fn lacking(row: &[Property], tags: &[(&'static str, PropTag)]) -> Vec<&'static str> {
    let lacking = tags.iter().filter(|(_, tag)| get(row, *tag).is_none());
    lacking.map(|(name, _)| *name).collect()
}
