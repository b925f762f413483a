//! Recipients: what a typed name means, and what becomes of its properties (AB-23 to AB-26).

use std::sync::Arc;

use super::asker::Trouble;
use super::contents::Of;
use super::directory::{Answer, Deadline, Directory};
use super::entry_id::Name;
use super::logic::{Address, AddressBook, Entry};
use super::question::{Question, Wanted};
use super::values::{answered, bytes, in_width, is_error};
use mapi_provider_abi::mapi::{
    PR_ADDRTYPE_W, PR_DISPLAY_NAME_W, PR_DISPLAY_TYPE, PR_EMAIL_ADDRESS_W, PR_ENTRYID,
    PR_OBJECT_TYPE, PR_SEARCH_KEY, PR_SEND_RICH_INFO, PR_SMTP_ADDRESS_W,
    PR_TRANSMITABLE_DISPLAY_NAME_W, PropTag,
};
use mapi_provider_abi::view::Property;
use mapi_provider_table::table::NameWords;

/// What a resolved recipient has in any case (AB-25).
const REQUIRED: [PropTag; 7] = [
    PR_ADDRTYPE_W,
    PR_DISPLAY_NAME_W,
    PR_EMAIL_ADDRESS_W,
    PR_ENTRYID,
    PR_OBJECT_TYPE,
    PR_SEARCH_KEY,
    PR_TRANSMITABLE_DISPLAY_NAME_W,
];

/// What it has besides where nobody says what it should.
const DEFAULT: [PropTag; 3] = [PR_DISPLAY_TYPE, PR_SMTP_ADDRESS_W, PR_SEND_RICH_INFO];

/// Whom a name means.
#[derive(Debug, Clone)]
pub(crate) enum Meant {
    Nobody,
    One(Arc<Entry>),
    Several,
}

impl<L: AddressBook> Directory<L> {
    /// Whom a typed name means (AB-24); with `exact`, whose address it is.
    ///
    /// # Errors
    ///
    /// The logic does not say in time.
    pub(crate) fn meant(
        &self,
        of: &Of,
        typed: &str,
        exact: bool,
        end: Deadline,
    ) -> Result<Meant, Trouble> {
        let words = NameWords::new(typed);
        if words.typed().is_empty() {
            return Ok(Meant::Nobody);
        }
        let kind = self.book.spec.address_type;
        let wanted = match exact {
            true => Wanted::Address(address_of(typed, kind)),
            false => Wanted::Words(words),
        };
        let answer = match of {
            Of::Container(container) => {
                let question = |wanted| Question {
                    container: container.clone(),
                    wanted,
                };
                let answer = self.search(&question(wanted), end)?;
                if answer.is_incomplete && !exact {
                    // Who is exactly meant may be one of those that were not told.
                    let certain = self.search(&question(exactly(typed, kind)), end)?;
                    return Ok(chosen_of_many(&answer, &certain, typed));
                }
                answer
            }
            Of::List(key) => {
                let members = self.members(key, end)?;
                let entries = members.entries.iter();
                let entries = entries.filter(|entry| wanted.means(entry, kind));
                Arc::new(Answer {
                    entries: entries.cloned().collect(),
                    is_incomplete: members.is_incomplete,
                })
            }
        };
        Ok(chosen(&answer, typed))
    }

    /// The properties of a recipient that PrepareRecips was given: the asked first, the others after them (AB-26). None where
    /// he is not ours.
    ///
    /// # Errors
    ///
    /// The logic does not say in time; `None` inside: he is gone.
    pub(crate) fn prepared(
        &self,
        old: &[Property<'static>],
        asked: &[PropTag],
        end: Deadline,
    ) -> Option<Result<Option<Vec<Property<'static>>>, Trouble>> {
        let id = bytes(old, PR_ENTRYID)?;
        let name = self.book.uids.name(&id).ok()?;
        let (key, is_list) = match &name {
            Name::User(key) => (key, false),
            Name::List(key) => (key, true),
            Name::Root | Name::Container(_) => return None,
        };
        let found = self.entry(key, end);
        Some(found.map(|entry| {
            let entry = entry.filter(|entry| entry.is_list() == is_list)?;
            Some(completed(old, &self.book.of_entry(&entry), asked))
        }))
    }
}

/// A question that finds whoever is called so or has this address, and few others.
fn exactly(typed: &str, kind: &str) -> Wanted {
    match typed.contains('@') {
        true => Wanted::Address(address_of(typed, kind)),
        false => Wanted::Prefix(typed.trim().to_owned()),
    }
}

/// An address as it is typed: `SMTP:ann@example.org`, or without a type.
fn address_of(typed: &str, kind: &str) -> Address {
    let typed = typed.trim();
    let parts = typed.split_once(':').filter(|(kind, _)| {
        !kind.is_empty() && kind.chars().all(|one| one.is_ascii_alphanumeric())
    });
    let (kind, value) = parts.unwrap_or((kind, typed));
    Address {
        kind: kind.to_owned(),
        value: value.trim().to_owned(),
    }
}

/// AB-24: of several the only one that is called so, or has this address.
fn chosen(answer: &Answer, typed: &str) -> Meant {
    let only = |mut all: Box<dyn Iterator<Item = &Arc<Entry>> + '_>| {
        let first = all.next().map(Arc::clone);
        first.filter(|_| all.next().is_none())
    };
    let entries = &answer.entries;
    if entries.is_empty() {
        return Meant::Nobody;
    }
    let exact = || entries.iter().filter(|entry| entry.is_exactly(typed));
    // Who is one of more than were told is not the only one.
    let one = || only(Box::new(entries.iter())).or_else(|| only(Box::new(exact())));
    match (!answer.is_incomplete).then(one).flatten() {
        Some(entry) => Meant::One(entry),
        None => Meant::Several,
    }
}

/// AB-24 where more are meant than were told: the only one of those that are called so, or have this address, if these are
/// all that there are.
fn chosen_of_many(answer: &Answer, certain: &Answer, typed: &str) -> Meant {
    let mut exact = certain.entries.iter();
    let mut exact = exact.by_ref().filter(|entry| entry.is_exactly(typed));
    match (exact.next(), exact.next()) {
        (Some(only), None) if !certain.is_incomplete => Meant::One(Arc::clone(only)),
        (None, _) if answer.entries.is_empty() => Meant::Nobody,
        _ => Meant::Several,
    }
}

/// The properties of a recipient who is resolved (AB-25): what he had, but the name, and then what was asked for and what he
/// has in any case.
pub(crate) fn resolved(
    old: &[Property<'static>],
    own: &[Property<'static>],
    asked: Option<&[PropTag]>,
    wide: bool,
) -> Vec<Property<'static>> {
    let width = |tag: &PropTag| in_width(*tag, wide);
    let wanted = match asked {
        Some(asked) => asked.to_vec(),
        None => DEFAULT.iter().map(width).collect(),
    };
    let required = REQUIRED.iter().map(width).filter(|tag| {
        // A list without an address has none, whoever requires it.
        own.iter().any(|one| one.tag.id() == tag.id())
    });
    let tags: Vec<PropTag> = wanted.into_iter().chain(required).collect();
    let new = answered(own, &tags, wide);
    let name = PR_DISPLAY_NAME_W.id();
    let mut all: Vec<Property<'static>> = Vec::new();
    for old in old {
        if old.tag.id() == name {
            // Once, and in the width in which it is asked for.
            let has = all.iter().any(|one| one.tag.id() == name);
            let shown = new
                .iter()
                .find(|one| one.tag.id() == name && !is_error(one));
            all.extend(shown.filter(|_| !has).cloned());
        } else if !is_error(old) || !own.iter().any(|one| one.tag.id() == old.tag.id()) {
            all.push(old.clone());
        }
    }
    for new in new {
        if !all.iter().any(|one| one.tag.id() == new.tag.id()) {
            all.push(new);
        }
    }
    all
}

/// AB-26: the asked ones first, in their order, of the list where it has them; the list's others after them.
fn completed(
    old: &[Property<'static>],
    own: &[Property<'static>],
    asked: &[PropTag],
) -> Vec<Property<'static>> {
    let ours = answered(own, asked, true);
    let given = |tag: &PropTag| {
        let value = answered(old, &[*tag], true).pop()?;
        (!is_error(&value)).then_some(value)
    };
    let mut all: Vec<Property<'static>> = asked
        .iter()
        .zip(ours)
        .map(|(tag, ours)| given(tag).unwrap_or(ours))
        .collect();
    let rest = old.iter().filter(|one| {
        let is_asked = asked.iter().any(|tag| tag.id() == one.tag.id());
        !is_asked
    });
    all.extend(rest.cloned());
    all
}

#[cfg(test)]
mod tests;
