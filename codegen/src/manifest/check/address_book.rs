//! `[address-book]`: what an address book shows, and how it looks for it.

use std::{ops::RangeInclusive, time::Duration};

use quote::ToTokens;

use super::{
    Check, raw,
    tags::Taken,
    transport::{TYPE_HELP, is_address_type},
};
use crate::{
    catalogue,
    diag::{Code, closest},
    ir::provider::{AddressBook, ContainerType, Detail, FlagSet, Unload},
    manifest::words,
    toml_tree::Spanned,
};

const BROWSE_LIMIT: u32 = 500;
const BROWSE_LIMITS: RangeInclusive<u32> = 1..=100_000;
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(5);
const LOOKUP_TIMEOUTS: RangeInclusive<Duration> =
    Duration::from_millis(1)..=Duration::from_secs(60);
const CACHE: Duration = Duration::from_secs(300);
const CACHES: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_secs(24 * 3600);

/// What one page of the details has room for.
const DETAILS_MAX: usize = 20;

const PT_STRING8: u32 = 0x001E;
const PT_UNICODE: u32 = 0x001F;

impl Check<'_> {
    /// What an address book shows, and how it looks for it.
    pub(super) fn address_book(
        &self,
        book: &raw::AddressBook,
        resource_flags: FlagSet,
    ) -> Option<AddressBook> {
        // Every part is checked before the first `?`, so all mistakes are reported.
        let logic = book.logic.as_ref();
        let logic = logic.and_then(|logic| self.type_path("logic", "crate::Directory", logic));
        let many = self.word_or(
            "address-book.instances",
            &book.instances,
            words::INSTANCES,
            false,
        );
        let display_type = self.word_or(
            "address-book.display-type",
            &book.display_type,
            words::DISPLAY_TYPES,
            ContainerType::Global,
        );
        let address_type = match &book.address_type {
            Some(given) => self.one_address_type(given),
            None => Some("SMTP".to_owned()),
        };
        let find_first = self.word_or("address-book.browse", &book.browse, words::BROWSE, false);
        let browse_limit = self.browse_limit(book.browse_limit.as_ref());
        let lookup_timeout = match &book.lookup_timeout {
            Some(text) => self.duration(text, LOOKUP_TIMEOUTS, "of a millisecond to a minute"),
            None => Some(LOOKUP_TIMEOUT),
        };
        let cache = match &book.cache {
            Some(text) => self.duration(text, CACHES, "of at most a day"),
            None => Some(CACHE),
        };
        let details = self.details(&book.details);
        let unload = self.word_or(
            "address-book.unload",
            &book.unload,
            words::UNLOAD,
            Unload::Never,
        );
        Some(AddressBook {
            resource_flags,
            logic: logic?.into_token_stream(),
            many: many?,
            display_type: display_type?,
            address_type: address_type?,
            find_first: find_first?,
            browse_limit: browse_limit?,
            lookup_timeout: lookup_timeout?,
            cache: cache?,
            details: details?,
            unload: unload?,
        })
    }

    /// What a word means, or what applies without one.
    fn word_or<T: Copy>(
        &self,
        key: &str,
        word: &Option<Spanned<String>>,
        known: &[(&str, T)],
        otherwise: T,
    ) -> Option<T> {
        match word {
            Some(word) => self.word(key, word, known),
            None => Some(otherwise),
        }
    }

    fn one_address_type(&self, given: &Spanned<String>) -> Option<String> {
        if is_address_type(&given.value) {
            return Some(given.value.clone());
        }
        let message = format!("`{}` is not a type of addresses", given.value);
        self.push(
            self.error(Code::BadAddressType, &given.span, message)
                .help(TYPE_HELP),
        );
        None
    }

    /// AB-22
    fn browse_limit(&self, limit: Option<&Spanned<i64>>) -> Option<u32> {
        let Some(limit) = limit else {
            return Some(BROWSE_LIMIT);
        };
        let number = u32::try_from(limit.value).ok();
        let number = number.filter(|number| BROWSE_LIMITS.contains(number));
        if number.is_none() {
            let message = format!("a container can't show {} entries", limit.value);
            let (least, most) = BROWSE_LIMITS.into_inner();
            self.push(
                self.error(Code::UnknownValue, &limit.span, message)
                    .help(format!("write a number from {least} to {most}"))
                    .note("what is beyond the limit is found by its name all the same"),
            );
        }
        number
    }

    /// AB-29
    fn details(&self, raw: &[raw::Detail]) -> Option<Vec<Detail>> {
        if raw.is_empty() {
            return Some(Vec::new());
        }
        let known = all_tags();
        let mut details = Vec::new();
        let mut taken: Vec<Taken> = Vec::new();
        for detail in raw {
            let label = detail.label.as_ref();
            let label = label.and_then(|label| self.dialog_text(Code::BadLabel, "label", label));
            let tag = detail.tag.as_ref();
            let tag = tag.and_then(|tag| Some((self.string_tag(tag, &known)?, &tag.span)));
            let (Some(label), Some((tag, span))) = (label, tag) else {
                continue;
            };
            // The upper half of a tag is its ID.
            let id = (tag >> 16) as u16;
            if let Some(first) = taken.iter().find(|first| first.tag == id) {
                self.push(
                    self.error(Code::BadDetail, span, "the property is shown twice")
                        .context(
                            self.source,
                            first.span.clone(),
                            format!("`{}` shows it", first.name),
                        )
                        .help("leave one out"),
                );
                continue;
            }
            taken.push(Taken {
                tag: id,
                span: span.clone(),
                name: label.clone(),
            });
            details.push(Detail { label, tag });
        }
        if let Some(beyond) = raw
            .get(DETAILS_MAX)
            .and_then(|detail| detail.label.as_ref())
        {
            let message = format!("the details have more than {DETAILS_MAX} lines");
            self.push(
                self.error(Code::BadDetail, &beyond.span, message)
                    .help("keep those that people look for"),
            );
            return None;
        }
        (details.len() == raw.len()).then_some(details)
    }

    /// The tag of a property that is text, by its name in MAPI's headers, whatever its width there.
    fn string_tag(&self, name: &Spanned<String>, known: &[(String, u32)]) -> Option<u32> {
        let found = known.iter().find(|(known, _)| *known == name.value);
        if let Some((_, tag)) = found
            && matches!(tag & 0xFFFF, PT_STRING8 | PT_UNICODE)
        {
            return Some(tag & 0xFFFF_0000 | PT_UNICODE);
        }
        let message = match found {
            Some(_) => format!("the property `{}` is not text", name.value),
            None => format!("there is no property `{}`", name.value),
        };
        let texts = known.iter().filter(|(name, tag)| {
            matches!(tag & 0xFFFF, PT_STRING8 | PT_UNICODE)
                && !name.ends_with("_A")
                && !name.ends_with("_W")
        });
        let near = closest(&name.value, texts.map(|(name, _)| name.as_str()));
        let near = near.filter(|_| found.is_none());
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "name a property that is text as MAPI's headers do, such as `PR_BUSINESS_TELEPHONE_NUMBER`".to_owned(),
        };
        self.push(self.error(Code::BadDetail, &name.span, message).help(help));
        None
    }
}

/// All property tags by name.
fn all_tags() -> Vec<(String, u32)> {
    // What we ship is right: tests read it.
    let tags = catalogue::shipped_tags().unwrap_or_default();
    let tags = tags.into_iter();
    tags.map(|tag| (tag.named.name, tag.named.value)).collect()
}
