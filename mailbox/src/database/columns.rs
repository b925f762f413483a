//! What of a message stands in its narrow row: what tables show, sort and count without reading the rest.

use mapi_provider_abi::mapi::{
    MAPI_BCC, MAPI_CC, MAPI_TO, PR_CLIENT_SUBMIT_TIME, PR_CONVERSATION_ID, PR_CONVERSATION_TOPIC_W,
    PR_DISPLAY_NAME_W, PR_IMPORTANCE, PR_LAST_MODIFICATION_TIME, PR_MESSAGE_CLASS_W,
    PR_MESSAGE_DELIVERY_TIME, PR_RECIPIENT_TYPE, PR_SENSITIVITY, PR_SENT_REPRESENTING_NAME_W,
    PR_SUBJECT_PREFIX_W, PR_SUBJECT_W, PropTag,
};
use mapi_provider_abi::view::PropValue;

use super::message::{MessageData, Recipient};
use super::property::{Property, PropertySet};
use mapi_provider_table::text::folded;

/// The narrow row of a message, as far as its data say.
pub(super) struct Columns {
    pub(super) size: u64,
    pub(super) attachments: usize,
    pub(super) importance: Option<i32>,
    pub(super) sensitivity: Option<i32>,
    pub(super) class: String,
    pub(super) subject: Option<String>,
    pub(super) normal_at: usize,
    pub(super) sender: Option<String>,
    pub(super) display_to: String,
    pub(super) display_cc: String,
    pub(super) delivered: Option<i64>,
    pub(super) submitted: Option<i64>,
    pub(super) modified: Option<i64>,
    pub(super) conversation: Option<Vec<u8>>,
    pub(super) topic: Option<String>,
    pub(super) odd: bool,
}

impl Columns {
    pub(super) fn of(data: &MessageData) -> Self {
        let mut from = Source {
            props: &data.props,
            odd: false,
        };
        let subject = from.text(PR_SUBJECT_W);
        let prefix = from.text(PR_SUBJECT_PREFIX_W);
        let normal_at = subject.as_deref().map_or(0, |subject| {
            subject.len() - normalized(subject, prefix.as_deref()).len()
        });
        Self {
            size: data.size(),
            attachments: data.attachments.len(),
            importance: from.long(PR_IMPORTANCE),
            sensitivity: from.long(PR_SENSITIVITY),
            class: from.text(PR_MESSAGE_CLASS_W).unwrap_or_default(),
            normal_at,
            sender: from.text(PR_SENT_REPRESENTING_NAME_W),
            display_to: display_list(&data.recipients, MAPI_TO),
            display_cc: display_list(&data.recipients, MAPI_CC),
            delivered: from.time(PR_MESSAGE_DELIVERY_TIME),
            submitted: from.time(PR_CLIENT_SUBMIT_TIME),
            modified: from.time(PR_LAST_MODIFICATION_TIME),
            conversation: from.binary(PR_CONVERSATION_ID),
            topic: from.text(PR_CONVERSATION_TOPIC_W),
            subject,
            odd: from.odd,
        }
    }

    /// What the normalised subject is sorted by.
    pub(super) fn subject_key(&self) -> Option<String> {
        let subject = self.subject.as_deref()?;
        Some(folded(&subject[self.normal_at..]))
    }

    pub(super) fn sender_key(&self) -> Option<String> {
        self.sender.as_deref().map(folded)
    }
}

/// Properties, and whether one of them was such that a column can't say it.
struct Source<'a> {
    props: &'a PropertySet,
    odd: bool,
}

impl Source<'_> {
    fn text(&mut self, tag: PropTag) -> Option<String> {
        match self.props.get(tag.id())? {
            Property::Value(PropValue::Unicode(units)) => {
                let text = String::from_utf16(units);
                self.odd |= text.is_err();
                Some(text.unwrap_or_else(|_| String::from_utf16_lossy(units)))
            }
            _ => self.no_column(),
        }
    }

    fn long(&mut self, tag: PropTag) -> Option<i32> {
        match self.props.get(tag.id())? {
            Property::Value(PropValue::Long(number)) => Some(*number),
            _ => self.no_column(),
        }
    }

    fn time(&mut self, tag: PropTag) -> Option<i64> {
        let ticks = match self.props.get(tag.id())? {
            Property::Value(PropValue::SysTime(time)) => i64::try_from(time.ticks()).ok(),
            _ => None,
        };
        self.odd |= ticks.is_none();
        ticks
    }

    fn binary(&mut self, tag: PropTag) -> Option<Vec<u8>> {
        match self.props.get(tag.id())? {
            Property::Value(PropValue::Binary(bytes)) => Some(bytes.to_vec()),
            _ => self.no_column(),
        }
    }

    fn no_column<T>(&mut self) -> Option<T> {
        self.odd = true;
        None
    }
}

/// `PR_DISPLAY_TO`, `PR_DISPLAY_CC` or `PR_DISPLAY_BCC` of a message with these recipients (STORE-25).
///
/// `kind` is `MAPI_TO`, `MAPI_CC` or `MAPI_BCC`.
pub fn display_list(recipients: &[Recipient], kind: u32) -> String {
    debug_assert!(matches!(kind, MAPI_TO | MAPI_CC | MAPI_BCC));
    let is_kind = |recipient: &&Recipient| {
        let known = recipient.props.long(PR_RECIPIENT_TYPE).unwrap_or(0);
        // The upper bits say what has become of it: MAPI_SUBMITTED, MAPI_P1.
        known.cast_unsigned() & 0xF == kind
    };
    let names = recipients.iter().filter(is_kind);
    let names: Vec<String> = names
        .map(|recipient| recipient.props.text(PR_DISPLAY_NAME_W).unwrap_or_default())
        .collect();
    names.join("; ")
}

/// How many characters the prefix of a subject has at most, before the colon.
const LONGEST_PREFIX: usize = 3;

/// `PR_SUBJECT_PREFIX` of a subject by itself, its colon and space included: one to three characters that are neither
/// digits nor spaces. Empty where there is none (STORE-25).
pub fn subject_prefix(subject: &str) -> &str {
    let Some((before, _)) = subject.split_once(": ") else {
        return "";
    };
    let length = before.chars().count();
    let is_prefix = (1..=LONGEST_PREFIX).contains(&length)
        && !before
            .chars()
            .any(|one| one.is_ascii_digit() || one.is_whitespace());
    if is_prefix {
        &subject[..before.len() + 2]
    } else {
        ""
    }
}

/// `PR_NORMALIZED_SUBJECT`: a subject without its prefix, which may have been set.
pub fn normalized<'s>(subject: &'s str, set_prefix: Option<&str>) -> &'s str {
    let rest = set_prefix.and_then(|prefix| subject.strip_prefix(prefix));
    rest.unwrap_or_else(|| &subject[subject_prefix(subject).len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn store_25_prefixes_are_short_and_without_digits() {
        assert_eq!(subject_prefix("RE: Lunch"), "RE: ");
        assert_eq!(subject_prefix("AW: Fwd: Lunch"), "AW: ");
        for none in ["Lunch: today", "A 1: x", "42: x", ": x", "Größe"] {
            assert_eq!(subject_prefix(none), "", "{none}");
        }
        assert_eq!(normalized("RE: Lunch", None), "Lunch");
        assert_eq!(normalized("[list] Lunch", Some("[list] ")), "Lunch");
        assert_eq!(normalized("Lunch", Some("RE: ")), "Lunch");
    }

    #[test]
    fn what_a_column_cannot_say_makes_the_row_odd() {
        let mut data = MessageData::default();
        data.props.set_tag(PR_SUBJECT_W, "RE: Grüße");
        let columns = Columns::of(&data);
        assert_eq!(columns.subject_key().as_deref(), Some("grüße"));
        assert!(!columns.odd);
        data.props.set(PR_IMPORTANCE.id(), PropValue::I2(1));
        assert!(Columns::of(&data).odd);
    }
}
