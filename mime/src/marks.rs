//! What a server marks a message with, as properties of it, and back: flags of IMAP, keywords, labels.
//!
//! | flag | property |
//! |---|---|
//! | `\Flagged` | `PidTagFlagStatus`, and the colour of it |
//! | `\Answered`, `$Forwarded` | `PidTagLastVerbExecuted`, and the icon of it |
//! | any without `\` and `$` before it | a category, `PidNameKeywords` |
//! | `\Seen`, `\Draft` | bits of `PR_MESSAGE_FLAGS`, which stores have ways of their own for |
//! | any other | a property of ours that nobody sees |

use std::borrow::Cow;

use mapi_provider_abi::mapi::{
    PR_FLAG_STATUS, PR_ICON_INDEX, PS_PUBLIC_STRINGS, PT_LONG, PT_MV_UNICODE, PropTag,
};
use mapi_provider_abi::view::{NameId, PropName, PropValue};

use crate::original::original_name;

/// `PR_FLAG_STATUS`: there is still something to do.
const FLAGGED: i32 = 2;
/// PidTagFollowupIcon, which MAPI's headers don't have, and one of its colours.
const FLAG_COLOUR: PropTag = PropTag::new(0x1095, PT_LONG);
const RED: i32 = 6;
/// PidTagLastVerbExecuted, which they don't have either, and its values.
const LAST_VERB: PropTag = PropTag::new(0x1081, PT_LONG);
const REPLY_TO_SENDER: i32 = 102;
const REPLY_TO_ALL: i32 = 103;
const FORWARD: i32 = 104;
/// Icons of messages with which that was done.
const REPLIED_ICON: i32 = 0x105;
const FORWARDED_ICON: i32 = 0x106;

/// The flag of a message that was read.
pub const SEEN: &str = "\\Seen";
/// The flag of a message that its user is still writing.
pub const DRAFT: &str = "\\Draft";
const ANSWERED: &str = "\\Answered";
const FORWARDED: &str = "$Forwarded";
const IS_FLAGGED: &str = "\\Flagged";

/// Stands among those that are kept where the store says draft and the server does not. No flag begins so.
const NO_DRAFT: &str = "-\\Draft";

/// What people see of a message that could not be sent (TWOWAY-20). It is no keyword of the server's.
const UNSENT_CATEGORY: &str = "Not on the server";

/// The name of the property, `PT_UNICODE`, that says why a message is not on the server.
pub fn unsent_reason_name() -> PropName<'static> {
    PropName {
        set: original_name().set,
        id: NameId::from("Not On Server Because"),
    }
}

/// The tags of the properties that marks are made of, as one store numbers them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarkTags {
    categories: PropTag,
    kept: PropTag,
}

impl MarkTags {
    /// The names of the named ones.
    pub fn names() -> [PropName<'static>; 2] {
        [
            PropName {
                set: PS_PUBLIC_STRINGS,
                id: NameId::from("Keywords"),
            },
            PropName {
                set: original_name().set,
                id: NameId::from("Server Flags"),
            },
        ]
    }

    /// The tags, from the IDs of [`names`](Self::names).
    pub fn new([categories, kept]: [u16; 2]) -> Self {
        Self {
            categories: PropTag::new(categories, PT_MV_UNICODE),
            kept: PropTag::new(kept, PT_MV_UNICODE),
        }
    }

    /// Those that [`Marks::read`] asks for.
    pub fn all(self) -> [PropTag; 4] {
        [PR_FLAG_STATUS, LAST_VERB, self.categories, self.kept]
    }
}

/// A change of a property: its new value, or none if it is to be deleted.
pub type Change = (PropTag, Option<PropValue<'static>>);

/// What a message is marked with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    is_read: bool,
    is_draft: bool,
    status: Option<i32>,
    verb: Option<i32>,
    categories: Vec<String>,
    kept: Vec<String>,
}

impl Marks {
    /// The marks of a message with these properties, which the store counts as read or not, and as a draft or not.
    pub fn read<'p>(
        tags: MarkTags,
        is_read: bool,
        is_draft: bool,
        value: impl Fn(PropTag) -> Option<&'p PropValue<'p>>,
    ) -> Self {
        let texts = |tag| match value(tag) {
            Some(PropValue::MvUnicode(texts)) => texts
                .iter()
                .map(|text| String::from_utf16_lossy(text))
                .collect(),
            _ => Vec::new(),
        };
        let long = |tag| value(tag).and_then(PropValue::as_long);
        Self {
            is_read,
            is_draft,
            status: long(PR_FLAG_STATUS),
            verb: long(LAST_VERB),
            categories: texts(tags.categories),
            kept: texts(tags.kept),
        }
    }

    /// The flags that a server would say so with. One may come twice.
    pub fn flags(&self) -> Vec<String> {
        let kept = self.kept.iter().filter(|flag| !is_about_drafts(flag));
        let categories = self.categories.iter();
        let mut flags: Vec<String> = kept
            .chain(categories.filter(|category| *category != UNSENT_CATEGORY))
            .cloned()
            .collect();
        let single = [
            (self.is_read, SEEN),
            (self.is_flagged(), IS_FLAGGED),
            (self.says_draft(), DRAFT),
        ];
        let set = single.into_iter().filter(|(is_set, _)| *is_set);
        let names = set.map(|(_, name)| name).chain(self.verb_flag());
        flags.extend(names.map(str::to_owned));
        flags
    }

    /// What has to change so that the message has these flags. What is to be read is not among it, nor is what the store
    /// counts as a draft: where that is not what the flags say, it is kept that the server has it otherwise.
    pub fn change(&self, tags: MarkTags, flags: &[&str]) -> Vec<Change> {
        let mut changes = Vec::new();
        let mut put = |tag, value: Option<i32>| changes.push((tag, value.map(PropValue::Long)));
        if flags.contains(&IS_FLAGGED) != self.is_flagged() {
            let is_flagged = !self.is_flagged();
            put(PR_FLAG_STATUS, is_flagged.then_some(FLAGGED));
            put(FLAG_COLOUR, is_flagged.then_some(RED));
        }
        // MAPI keeps one verb. Both flags stand among those that are kept.
        let has = |flag: Option<&str>| flag.is_some_and(|flag| flags.contains(&flag));
        let verbs = [
            (ANSWERED, REPLY_TO_SENDER, REPLIED_ICON),
            (FORWARDED, FORWARD, FORWARDED_ICON),
        ];
        let verb = verbs.into_iter().find(|(flag, ..)| has(Some(flag)));
        let is_other = self.verb_flag().is_some() || verb.is_some();
        if is_other && !has(self.verb_flag()) {
            put(LAST_VERB, verb.map(|(_, verb, _)| verb));
            put(PR_ICON_INDEX, verb.map(|(.., icon)| icon));
        }
        let others = flags
            .iter()
            .filter(|flag| ![SEEN, IS_FLAGGED, DRAFT].contains(*flag));
        // A server's own flags are no categories for people.
        let (mut kept, mut categories): (Vec<&str>, Vec<&str>) =
            others.partition(|flag| flag.starts_with(['\\', '$']));
        match (flags.contains(&DRAFT), self.is_draft) {
            (true, false) => kept.push(DRAFT),
            (false, true) => kept.push(NO_DRAFT),
            _ => {}
        }
        categories.extend(self.is_unsent().then_some(UNSENT_CATEGORY));
        changes.extend(texts(tags.kept, &self.kept, &kept));
        changes.extend(texts(tags.categories, &self.categories, &categories));
        changes
    }

    /// What has to change so that people see that the message is not on the server; or that this is over.
    pub fn mark_unsent(&self, tags: MarkTags, is_unsent: bool) -> Option<Change> {
        let others = self.categories.iter().map(String::as_str);
        let others = others.filter(|category| *category != UNSENT_CATEGORY);
        let wanted: Vec<&str> = others.chain(is_unsent.then_some(UNSENT_CATEGORY)).collect();
        texts(tags.categories, &self.categories, &wanted)
    }

    fn is_unsent(&self) -> bool {
        self.categories.iter().any(|one| one == UNSENT_CATEGORY)
    }

    fn is_flagged(&self) -> bool {
        self.status == Some(FLAGGED)
    }

    fn says_draft(&self) -> bool {
        let keeps = |what: &str| self.kept.iter().any(|one| one == what);
        keeps(DRAFT) || self.is_draft && !keeps(NO_DRAFT)
    }

    fn verb_flag(&self) -> Option<&'static str> {
        match self.verb {
            Some(REPLY_TO_SENDER | REPLY_TO_ALL) => Some(ANSWERED),
            Some(FORWARD) => Some(FORWARDED),
            _ => None,
        }
    }
}

fn is_about_drafts(kept: &str) -> bool {
    [DRAFT, NO_DRAFT].contains(&kept)
}

/// The change of a property of several texts, if there is any; their order says nothing.
fn texts(tag: PropTag, now: &[String], wanted: &[&str]) -> Option<Change> {
    let is_same = now.len() == wanted.len() && now.iter().all(|one| wanted.contains(&&**one));
    if is_same {
        return None;
    }
    let wide = wanted
        .iter()
        .map(|text| Cow::Owned(text.encode_utf16().collect()));
    let value = (!wanted.is_empty()).then(|| PropValue::MvUnicode(wide.collect()));
    Some((tag, value))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    const TAGS: MarkTags = MarkTags {
        categories: PropTag::new(0x8000, PT_MV_UNICODE),
        kept: PropTag::new(0x8001, PT_MV_UNICODE),
    };

    type Props = BTreeMap<u32, PropValue<'static>>;

    fn read(props: &Props, is_read: bool, is_draft: bool) -> Marks {
        Marks::read(TAGS, is_read, is_draft, |tag| props.get(&tag.0))
    }

    fn apply(props: &mut Props, changes: Vec<Change>) {
        for (tag, value) in changes {
            match value {
                Some(value) => drop(props.insert(tag.0, value)),
                None => drop(props.remove(&tag.0)),
            }
        }
    }

    fn set(flags: Vec<String>) -> BTreeSet<String> {
        flags.into_iter().collect()
    }

    #[test]
    fn what_was_done_last_is_a_flag() {
        for (verb, flags) in [
            (102, vec![ANSWERED]),
            (103, vec![ANSWERED]),
            (104, vec![FORWARDED]),
            (1, vec![]),
        ] {
            let props = Props::from([(LAST_VERB.0, PropValue::Long(verb))]);
            let marks = read(&props, false, false);
            assert_eq!(marks.flags(), flags);
            // Whom it was answered to is not forgotten.
            let changes = marks.change(TAGS, &flags);
            assert!(changes.iter().all(|(tag, _)| *tag != LAST_VERB));
        }
    }

    #[test]
    fn a_draft_that_was_sent_is_none_any_more() {
        let mut props = Props::new();
        let changes = read(&props, false, true).change(TAGS, &[DRAFT]);
        apply(&mut props, changes);
        assert_eq!(read(&props, false, true).flags(), [DRAFT]);
        assert_eq!(read(&props, false, false).flags(), [""; 0]);
    }

    proptest! {
        /// What is written can be read back, whatever was there and whatever the store counts as a draft; and then there
        /// is nothing to change.
        #[test]
        fn flags_come_back(
            first in flags(), second in flags(), is_draft: bool, is_unsent: bool,
        ) {
            let mut props = Props::new();
            for wanted in [&first, &second] {
                let names: Vec<&str> = wanted.iter().map(String::as_str).collect();
                let is_read = wanted.contains(SEEN);
                let changes = read(&props, is_read, is_draft).change(TAGS, &names);
                apply(&mut props, changes);
                let changes = read(&props, is_read, is_draft).mark_unsent(TAGS, is_unsent);
                apply(&mut props, changes.into_iter().collect());
                let marks = read(&props, is_read, is_draft);
                prop_assert_eq!(&set(marks.flags()), wanted);
                prop_assert_eq!(marks.change(TAGS, &names), []);
            }
        }
    }

    fn flags() -> impl Strategy<Value = BTreeSet<String>> {
        let known = proptest::sample::subsequence(
            vec![
                SEEN, DRAFT, ANSWERED, FORWARDED, IS_FLAGGED, "$Junk", "later", NO_DRAFT,
            ],
            0..8,
        );
        known.prop_map(|flags| flags.into_iter().map(str::to_owned).collect())
    }
}
