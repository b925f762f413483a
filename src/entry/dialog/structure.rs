//! `PR_CONTROL_STRUCTURE`: MAPI's structure of a control as bytes, and its text after it.

use std::mem::{offset_of, size_of};

use crate::entry::text::to_utf16;
use mapi_provider_abi::mapi::{DTBLCHECKBOX, DTBLEDIT, DTBLLABEL, DTBLPAGE, MAPI_UNICODE, PropTag};

/// A label with a text.
pub(super) fn label(text: &str) -> Vec<u8> {
    let mut bytes = Bytes::of::<DTBLLABEL>();
    bytes.put(offset_of!(DTBLLABEL, ulFlags), MAPI_UNICODE);
    bytes.text(offset_of!(DTBLLABEL, ulbLpszLabelName), text);
    bytes.0
}

/// A field for the text of a property, of at most so many characters of those that are allowed: `*`, or a set as
/// `[0-9]`.
pub(super) fn edit(tag: PropTag, longest: u32, allowed: &str) -> Vec<u8> {
    let mut bytes = Bytes::of::<DTBLEDIT>();
    bytes.put(offset_of!(DTBLEDIT, ulFlags), MAPI_UNICODE);
    bytes.put(offset_of!(DTBLEDIT, ulNumCharsAllowed), longest);
    bytes.put(offset_of!(DTBLEDIT, ulPropTag), tag.0);
    bytes.text(offset_of!(DTBLEDIT, ulbLpszCharsAllowed), allowed);
    bytes.0
}

/// A check box for a property.
pub(super) fn check_box(tag: PropTag, text: &str) -> Vec<u8> {
    let mut bytes = Bytes::of::<DTBLCHECKBOX>();
    bytes.put(offset_of!(DTBLCHECKBOX, ulFlags), MAPI_UNICODE);
    bytes.put(offset_of!(DTBLCHECKBOX, ulPRPropertyName), tag.0);
    bytes.text(offset_of!(DTBLCHECKBOX, ulbLpszLabel), text);
    bytes.0
}

/// A page with a title, and without help.
pub(super) fn page(title: &str) -> Vec<u8> {
    let mut bytes = Bytes::of::<DTBLPAGE>();
    bytes.put(offset_of!(DTBLPAGE, ulFlags), MAPI_UNICODE);
    bytes.text(offset_of!(DTBLPAGE, ulbLpszLabel), title);
    // A component without a name: nothing is looked for in `[Help File Mappings]`.
    bytes.text(offset_of!(DTBLPAGE, ulbLpszComponent), "");
    bytes.0
}

/// A structure of ULONGs that is being filled in.
struct Bytes(Vec<u8>);

impl Bytes {
    /// All of it zero.
    fn of<T>() -> Self {
        Self(vec![0; size_of::<T>()])
    }

    /// Sets a member of the structure.
    fn put(&mut self, offset: usize, value: u32) {
        self.0[offset..offset + size_of::<u32>()].copy_from_slice(&value.to_ne_bytes());
    }

    /// Adds a text after everything else, and sets the member that says where it is.
    fn text(&mut self, offset: usize, text: &str) {
        let place = self.0.len() as u32;
        self.put(offset, place);
        let units = to_utf16(text);
        self.0.extend(units.into_iter().flat_map(u16::to_ne_bytes));
    }
}
