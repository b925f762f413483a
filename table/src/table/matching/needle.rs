//! What a content restriction looks for, and how exactly.

use mapi_provider_abi::mapi::{
    FL_FULLSTRING, FL_IGNORECASE, FL_IGNORENONSPACE, FL_LOOSE, FL_PREFIX, FL_SUBSTRING,
};
use mapi_provider_abi::view::PropValue;

use crate::text::{folded, loose, without_marks};

/// What is looked for.
#[derive(Debug)]
pub(super) struct Needle {
    what: What,
    place: Where,
    case: bool,
    marks: bool,
}

#[derive(Debug)]
enum What {
    /// With all that does not count taken out.
    Text(String),
    Bytes(Vec<u8>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Where {
    Whole,
    Beginning,
    Anywhere,
}

impl Needle {
    /// What a fuzzy level and a value ask for; none where they make no sense.
    pub(super) fn new(fuzzy: u32, value: &PropValue<'_>) -> Option<Self> {
        let place = match fuzzy & 0xFFFF {
            FL_FULLSTRING => Where::Whole,
            FL_PREFIX => Where::Beginning,
            FL_SUBSTRING => Where::Anywhere,
            _ => return None,
        };
        let is_loose = fuzzy & FL_LOOSE != 0;
        let mut needle = Self {
            what: What::Bytes(Vec::new()),
            place,
            case: !is_loose && fuzzy & FL_IGNORECASE == 0,
            marks: !is_loose && fuzzy & FL_IGNORENONSPACE == 0,
        };
        needle.what = match (value.to_text(), value.as_binary()) {
            (Some(text), _) => What::Text(needle.counted(text)),
            (None, Some(bytes)) => What::Bytes(bytes.to_vec()),
            (None, None) => return None,
        };
        Some(needle)
    }

    /// A text as an index would have to contain it; none where nothing is looked for in text.
    pub(super) fn as_loose_text(&self) -> Option<String> {
        match &self.what {
            What::Text(text) if !text.is_empty() => Some(loose(text)),
            _ => None,
        }
    }

    /// Whether a single value has it.
    pub(super) fn is_in(&self, value: &PropValue<'_>) -> bool {
        match &self.what {
            What::Text(wanted) => value
                .to_text()
                .is_some_and(|text| self.is_in_text(&self.counted(text), wanted)),
            What::Bytes(wanted) => value
                .as_binary()
                .is_some_and(|bytes| self.is_in_bytes(bytes, wanted)),
        }
    }

    fn is_in_text(&self, text: &str, wanted: &str) -> bool {
        match self.place {
            Where::Whole => text == wanted,
            Where::Beginning => text.starts_with(wanted),
            Where::Anywhere => text.contains(wanted),
        }
    }

    fn is_in_bytes(&self, bytes: &[u8], wanted: &[u8]) -> bool {
        match self.place {
            Where::Whole => bytes == wanted,
            Where::Beginning => bytes.starts_with(wanted),
            Where::Anywhere => {
                wanted.is_empty() || bytes.windows(wanted.len()).any(|part| part == wanted)
            }
        }
    }

    /// Text without what does not count.
    fn counted(&self, text: String) -> String {
        match (self.marks, self.case) {
            (true, true) => text,
            (true, false) => folded(&text),
            (false, true) => without_marks(&text),
            (false, false) => loose(&text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(fuzzy: u32, wanted: &str, text: &str) -> bool {
        let needle = Needle::new(fuzzy, &PropValue::from(wanted)).expect("it makes sense");
        needle.is_in(&PropValue::from(text))
    }

    #[test]
    fn store_15_fuzzy_levels_are_kept() {
        assert!(finds(FL_FULLSTRING, "Abc", "Abc"));
        assert!(!finds(FL_FULLSTRING, "Abc", "Abcd"));
        assert!(!finds(FL_FULLSTRING, "abc", "Abc"));
        assert!(finds(FL_PREFIX | FL_IGNORECASE, "aB", "Abc"));
        assert!(!finds(FL_PREFIX, "b", "Abc"));
        assert!(finds(FL_SUBSTRING, "b", "Abc"));
        assert!(finds(FL_SUBSTRING | FL_IGNORENONSPACE, "u", "Grüße"));
        assert!(!finds(FL_SUBSTRING | FL_IGNORENONSPACE, "U", "Grüße"));
        assert!(finds(FL_SUBSTRING | FL_LOOSE, "GRU", "Grüße"));
        assert!(Needle::new(3, &PropValue::from("x")).is_none());
        assert!(Needle::new(FL_PREFIX, &PropValue::Long(1)).is_none());
    }

    #[test]
    fn store_15_bytes_are_found_too() {
        let needle = |place| Needle::new(place, &PropValue::from(vec![2, 3])).expect("bytes");
        let value = PropValue::from(vec![1, 2, 3, 4]);
        assert!(needle(FL_SUBSTRING).is_in(&value));
        assert!(!needle(FL_PREFIX).is_in(&value));
        assert!(!needle(FL_FULLSTRING).is_in(&PropValue::from("2")));
    }
}
