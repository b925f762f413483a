//! Flags and keywords of a server in the properties of a message, and back.

use std::borrow::Cow;

use mapi_provider_abi::mapi::{MessageFlags, PS_PUBLIC_STRINGS, PT_LONG, PropTag};
use mapi_provider_abi::view::{NameId, PropName, PropValue};
use mapi_provider_mime::original_name;
use mapi_provider_twoway::Flags;

use crate::database::{MessageInfo, PropertySet, Result, Store};

/// PidTagFlagStatus, which MAPI's headers don't have, and its value for a flag that is set.
const FLAG_STATUS: PropTag = PropTag::new(0x1090, PT_LONG);
const FLAGGED: i32 = 2;
/// PidTagLastVerbExecuted, which they don't have either, and its values.
const LAST_VERB: PropTag = PropTag::new(0x1081, PT_LONG);
const REPLY_TO_SENDER: i32 = 102;
const REPLY_TO_ALL: i32 = 103;
const FORWARD: i32 = 104;

pub(super) const SEEN: &str = "\\Seen";
const ANSWERED: &str = "\\Answered";
const FORWARDED: &str = "$Forwarded";
const IS_FLAGGED: &str = "\\Flagged";
const DRAFT: &str = "\\Draft";

/// What people see of a message that could not be sent (TWOWAY-20). It is no keyword of the server's.
const UNSENT_CATEGORY: &str = "Not on the server";

/// The IDs of named properties in a store.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names {
    /// `PidNameKeywords`: Outlook's categories.
    keywords: u16,
    /// Flags for which MAPI has no place.
    kept: u16,
    /// Why the message is not on the server.
    reason: u16,
}

impl Names {
    pub(super) fn of(store: &Store) -> Result<Self> {
        let name = |set, id: &str| PropName {
            set,
            id: NameId::from(id),
        };
        // What is ours in a message is in one property set.
        let ours = original_name().set;
        let names = [
            name(PS_PUBLIC_STRINGS, "Keywords"),
            name(ours, "Server Flags"),
            name(ours, "Not On Server Because"),
        ];
        let ids = store.ids_of_names(&names, true)?;
        let id = |at: usize| ids.get(at).copied().flatten().unwrap_or_default();
        Ok(Self {
            keywords: id(0),
            kept: id(1),
            reason: id(2),
        })
    }

    /// The properties that flags are made of.
    pub(super) fn ids(self) -> [u16; 4] {
        [FLAG_STATUS.id(), LAST_VERB.id(), self.keywords, self.kept]
    }

    /// The flags of a message.
    pub(super) fn flags(self, info: &MessageInfo, props: &PropertySet) -> Flags {
        let mut flags: Flags = texts(props, self.kept).collect();
        let keywords = texts(props, self.keywords);
        for keyword in keywords.filter(|keyword| keyword != UNSENT_CATEGORY) {
            flags.insert(keyword);
        }
        let verb = props.long(LAST_VERB).and_then(flag_of_verb);
        let single = [
            (info.read, SEEN),
            (props.long(FLAG_STATUS) == Some(FLAGGED), IS_FLAGGED),
            (info.flags & MessageFlags::UNSENT.bits() != 0, DRAFT),
        ];
        let set = single.into_iter().filter(|(is_set, _)| *is_set);
        for name in set.map(|(_, name)| name).chain(verb) {
            flags.insert(name);
        }
        flags
    }

    /// Puts flags into the properties of a message; all but whether it is read and a draft, which are no properties. Says
    /// whether something is different now.
    pub(super) fn put(self, flags: &Flags, props: &mut PropertySet) -> bool {
        let before = props.clone();
        if flags.contains(IS_FLAGGED) {
            props.set_tag(FLAG_STATUS, PropValue::Long(FLAGGED));
        } else if props.long(FLAG_STATUS) == Some(FLAGGED) {
            props.remove(FLAG_STATUS.id());
        }
        put_verb(flags, props);
        let others = flags
            .iter()
            .filter(|name| ![SEEN, IS_FLAGGED, DRAFT].contains(name));
        // A server's own flags are no categories for people.
        let (kept, keywords): (Vec<&str>, Vec<&str>) =
            others.partition(|name| name.starts_with(['\\', '$']));
        let unsent = texts(props, self.keywords).any(|keyword| keyword == UNSENT_CATEGORY);
        let unsent = unsent.then_some(UNSENT_CATEGORY);
        put_texts(props, self.kept, &kept);
        put_texts(
            props,
            self.keywords,
            &keywords.into_iter().chain(unsent).collect::<Vec<_>>(),
        );
        *props != before
    }

    /// Shows people that the message is not on the server, and why; or that this is over. Says whether something is
    /// different now.
    pub(super) fn mark_unsent(self, why: Option<&str>, props: &mut PropertySet) -> bool {
        let before = props.clone();
        let keywords: Vec<String> = texts(props, self.keywords)
            .filter(|keyword| keyword != UNSENT_CATEGORY)
            .collect();
        let category = why.map(|_| UNSENT_CATEGORY);
        let keywords: Vec<&str> = keywords
            .iter()
            .map(String::as_str)
            .chain(category)
            .collect();
        put_texts(props, self.keywords, &keywords);
        match why {
            Some(why) => drop(props.set(self.reason, PropValue::from(why))),
            None => drop(props.remove(self.reason)),
        }
        *props != before
    }
}

/// Whether flags say that the message is a draft.
pub(super) fn is_draft(flags: &Flags) -> bool {
    flags.contains(DRAFT)
}

fn flag_of_verb(verb: i32) -> Option<&'static str> {
    match verb {
        REPLY_TO_SENDER | REPLY_TO_ALL => Some(ANSWERED),
        FORWARD => Some(FORWARDED),
        _ => None,
    }
}

/// MAPI keeps one verb. Both flags stand among those that are kept.
fn put_verb(flags: &Flags, props: &mut PropertySet) {
    let now = props.long(LAST_VERB).and_then(flag_of_verb);
    if now.is_some_and(|flag| flags.contains(flag)) {
        return;
    }
    if now.is_some() {
        props.remove(LAST_VERB.id());
    }
    let verbs = [(ANSWERED, REPLY_TO_SENDER), (FORWARDED, FORWARD)];
    if let Some((_, verb)) = verbs.into_iter().find(|(flag, _)| flags.contains(flag)) {
        props.set_tag(LAST_VERB, PropValue::Long(verb));
    }
}

fn texts(props: &PropertySet, id: u16) -> impl Iterator<Item = String> {
    let texts = match props.value(id) {
        Some(PropValue::MvUnicode(texts)) => texts.as_slice(),
        _ => &[],
    };
    let texts: Vec<String> = texts
        .iter()
        .map(|text| String::from_utf16_lossy(text))
        .collect();
    texts.into_iter()
}

fn put_texts(props: &mut PropertySet, id: u16, texts: &[&str]) {
    if texts.is_empty() {
        props.remove(id);
        return;
    }
    let wide = texts
        .iter()
        .map(|text| Cow::Owned(text.encode_utf16().collect()));
    props.set(id, PropValue::MvUnicode(wide.collect()));
}
