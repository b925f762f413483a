//! Properties of an object, by ID.

use std::borrow::Cow;

use mapi_provider::abi::{PT_STRING8, PT_UNICODE, PT_UNSPECIFIED, PropTag};
use mapi_provider::view::{MapiStr, PropValue};

/// Properties by ID. Strings are UTF-16, whatever they were set as.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct PropSet(Vec<(u16, PropValue<'static>)>);

impl PropSet {
    pub(crate) fn get(&self, id: u16) -> Option<&PropValue<'static>> {
        let place = self.place(id).ok()?;
        Some(&self.0[place].1)
    }

    pub(crate) fn contains(&self, id: u16) -> bool {
        self.place(id).is_ok()
    }

    /// Sets a property; a string becomes UTF-16.
    pub(crate) fn set(&mut self, id: u16, value: PropValue<'static>) {
        let value = unicode(value);
        match self.place(id) {
            Ok(place) => self.0[place].1 = value,
            Err(place) => self.0.insert(place, (id, value)),
        }
    }

    /// The same, of a tag's ID.
    pub(crate) fn put(&mut self, tag: PropTag, value: impl Into<PropValue<'static>>) {
        self.set(tag.id(), value.into());
    }

    pub(crate) fn remove(&mut self, id: u16) -> Option<PropValue<'static>> {
        let place = self.place(id).ok()?;
        Some(self.0.remove(place).1)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u16, &PropValue<'static>)> {
        self.0.iter().map(|(id, value)| (*id, value))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The number in a `PT_LONG`; 0 if there is none.
    pub(crate) fn long(&self, tag: PropTag) -> i32 {
        self.get(tag.id()).and_then(PropValue::as_long).unwrap_or(0)
    }

    /// The text in a string; empty if there is none.
    pub(crate) fn text(&self, tag: PropTag) -> String {
        let value = self.get(tag.id());
        value.and_then(PropValue::to_text).unwrap_or_default()
    }

    /// How many bytes the values take.
    pub(crate) fn bytes(&self) -> usize {
        self.0.iter().map(|(_, value)| 8 + size(value)).sum()
    }

    fn place(&self, id: u16) -> Result<usize, usize> {
        self.0.binary_search_by_key(&id, |(id, _)| *id)
    }
}

impl FromIterator<(u16, PropValue<'static>)> for PropSet {
    fn from_iter<I: IntoIterator<Item = (u16, PropValue<'static>)>>(values: I) -> Self {
        let mut set = Self::default();
        values
            .into_iter()
            .for_each(|(id, value)| set.set(id, value));
        set
    }
}

/// The variable-length bytes of a value.
pub(crate) fn size(value: &PropValue<'_>) -> usize {
    match value {
        PropValue::String8(text) => text.len(),
        PropValue::Unicode(text) => size_of_val(&**text),
        PropValue::Binary(bytes) => bytes.len(),
        PropValue::MvI2(all) => size_of_val(&**all),
        PropValue::MvLong(all) => size_of_val(&**all),
        PropValue::MvR4(all) => size_of_val(&**all),
        PropValue::MvDouble(all) | PropValue::MvAppTime(all) => size_of_val(&**all),
        PropValue::MvCurrency(all) => size_of_val(&**all),
        PropValue::MvI8(all) => size_of_val(&**all),
        PropValue::MvSysTime(all) => size_of_val(&**all),
        PropValue::MvClsid(all) => size_of_val(&**all),
        PropValue::MvString8(all) | PropValue::MvBinary(all) => {
            all.iter().map(|one| one.len()).sum()
        }
        PropValue::MvUnicode(all) => all.iter().map(|one| size_of_val(&**one)).sum(),
        PropValue::I2(_) | PropValue::Boolean(_) => 2,
        PropValue::Long(_) | PropValue::R4(_) | PropValue::Error(_) => 4,
        PropValue::Clsid(_) => 16,
        _ => 8,
    }
}

/// A string as UTF-16; everything else unchanged.
fn unicode(value: PropValue<'static>) -> PropValue<'static> {
    match value {
        PropValue::String8(text) => wide(text),
        PropValue::MvString8(texts) => {
            let wide = texts.into_iter().map(|text| match wide(text) {
                PropValue::Unicode(units) => units,
                _ => Cow::Borrowed(&[][..]),
            });
            PropValue::MvUnicode(wide.collect())
        }
        other => other,
    }
}

fn wide(text: Cow<'_, [u8]>) -> PropValue<'static> {
    PropValue::from(MapiStr::wide(&MapiStr::Ansi(text).to_string_lossy()))
}

fn narrow(text: &[u16]) -> Cow<'static, [u8]> {
    match MapiStr::ansi(&String::from_utf16_lossy(text)) {
        MapiStr::Ansi(bytes) => bytes,
        MapiStr::Wide(_) => Cow::Borrowed(&[]),
    }
}

/// The same value, borrowed: what tables hand out is copied once, into MAPI's memory.
pub(crate) fn borrowed<'a>(value: &'a PropValue<'static>) -> PropValue<'a> {
    match value {
        PropValue::String8(text) => PropValue::String8(Cow::Borrowed(text)),
        PropValue::Unicode(text) => PropValue::Unicode(Cow::Borrowed(text)),
        PropValue::Binary(bytes) => PropValue::Binary(Cow::Borrowed(bytes)),
        other => other.clone(),
    }
}

/// A value as the requested type: strings of either width, everything else unchanged. `None` if it has
/// another type.
pub(crate) fn converted(value: PropValue<'_>, asked: u32) -> Option<PropValue<'_>> {
    let own = value.prop_type();
    match (value, asked) {
        (value, PT_UNSPECIFIED) => Some(value),
        (value, asked) if asked == own => Some(value),
        (PropValue::Unicode(text), PT_STRING8) => Some(PropValue::String8(narrow(&text))),
        (PropValue::String8(text), PT_UNICODE) => Some(wide(text)),
        (PropValue::MvUnicode(texts), asked) if asked == PT_STRING8 | MV => Some(
            PropValue::MvString8(texts.iter().map(|text| narrow(text)).collect()),
        ),
        _ => None,
    }
}

const MV: u32 = mapi_provider::abi::MV_FLAG;

/// The type if a caller names none: strings have the width in the call's flags.
pub(crate) fn asked_type(own: u32, asked: u32, unicode: bool) -> u32 {
    let narrow = |tag: u32| match tag {
        PT_UNICODE => PT_STRING8,
        tag if tag == PT_UNICODE | MV => PT_STRING8 | MV,
        other => other,
    };
    match asked {
        PT_UNSPECIFIED if !unicode => narrow(own),
        PT_UNSPECIFIED => own,
        asked => asked,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mapi_provider::abi::{PR_SUBJECT_A, PR_SUBJECT_W, PT_LONG};

    #[test]
    fn strings_are_kept_wide_and_given_in_the_width_asked_for() {
        let mut set = PropSet::default();
        set.put(PR_SUBJECT_A, PropValue::ansi("Grüße"));
        assert_eq!(set.get(PR_SUBJECT_W.id()), Some(&PropValue::from("Grüße")));
        let value = set.get(PR_SUBJECT_W.id()).map(borrowed).expect("set");
        assert_eq!(
            converted(value.clone(), PT_STRING8),
            Some(PropValue::ansi("Grüße"))
        );
        assert_eq!(converted(value, PT_LONG), None);
    }

    #[test]
    fn a_set_is_in_order_and_knows_its_size() {
        let mut set: PropSet = [(9, PropValue::Long(1)), (3, PropValue::from("ab"))]
            .into_iter()
            .collect();
        assert_eq!(set.iter().map(|(id, _)| id).collect::<Vec<_>>(), [3, 9]);
        assert_eq!(set.bytes(), 8 + 4 + 8 + 4);
        assert_eq!(set.remove(9), Some(PropValue::Long(1)));
        assert_eq!((set.len(), set.contains(9)), (1, false));
    }
}
