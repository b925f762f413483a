//! The subject of a message, as PST files have it.

use mapi_provider::abi::{PR_SUBJECT_PREFIX_W, PR_SUBJECT_W};
use mapi_provider::view::{PropValue, Property};

/// What a subject in a PST file begins with if it says how long its prefix is.
const MARK: u16 = 1;

/// Removes the mark from the subject, and sets the prefix that it gives. The character after the mark is
/// the length of the prefix and of itself.
pub(super) fn cut_subject(properties: &mut Vec<Property<'static>>) {
    let is_subject = |property: &&mut Property<'static>| property.tag.id() == PR_SUBJECT_W.id();
    let Some(subject) = properties.iter_mut().find(is_subject) else {
        return;
    };
    let (prefix, rest) = match &subject.value {
        PropValue::Unicode(units) => match &**units {
            [MARK, length, rest @ ..] => {
                let prefix = rest.get(..usize::from(*length).saturating_sub(1));
                let prefix = prefix.unwrap_or_default().to_vec();
                (
                    PropValue::Unicode(prefix.into()),
                    PropValue::Unicode(rest.to_vec().into()),
                )
            }
            _ => return,
        },
        PropValue::String8(bytes) => match &**bytes {
            [1, length, rest @ ..] => {
                let prefix = rest.get(..usize::from(*length).saturating_sub(1));
                let prefix = prefix.unwrap_or_default().to_vec();
                (
                    PropValue::String8(prefix.into()),
                    PropValue::String8(rest.to_vec().into()),
                )
            }
            _ => return,
        },
        _ => return,
    };
    subject.value = rest;
    properties.retain(|property| property.tag.id() != PR_SUBJECT_PREFIX_W.id());
    properties.push(Property::with_id(PR_SUBJECT_PREFIX_W.id(), prefix));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(subject: &str) -> Vec<String> {
        let mut properties = vec![Property::new(PR_SUBJECT_W, subject)];
        cut_subject(&mut properties);
        let texts = properties.iter().map(|property| property.value.to_text());
        texts.map(|text| text.expect("text")).collect()
    }

    #[test]
    fn the_subject_s_mark_tells_its_prefix() {
        assert_eq!(cut("\u{1}\u{5}RE: Lunch"), ["RE: Lunch", "RE: "]);
        assert_eq!(cut("\u{1}\u{1}Lunch"), ["Lunch", ""]);
        assert_eq!(cut("\u{1}\u{FF}Lunch"), ["Lunch", ""], "longer than it is");
        assert_eq!(cut("Lunch"), ["Lunch"]);
        assert_eq!(cut("\u{1}"), ["\u{1}"]);
    }
}
