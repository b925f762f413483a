//! What is in an address book, and what became of names.

use std::fmt;

use mapi_provider_host::untrusted::Untrusted;
use serde_json::{Value as Json, json};

/// A part of what an address book has told.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::host) enum Book {
    /// What became of a name; the entries that it means follow.
    Answer(Answer),
    /// A container; its entries follow.
    Container(Listed),
    /// An entry of the last name or container.
    Entry(Person),
}

/// What became of a name.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::host) struct Answer {
    pub(in crate::host) name: Untrusted,
    pub(in crate::host) outcome: Outcome,
    /// How long it took.
    pub(in crate::host) milliseconds: f64,
}

/// How many a name means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::host) enum Outcome {
    /// One: it is resolved.
    One,
    /// Several: somebody has to choose.
    Several,
    /// Nobody.
    #[default]
    Nobody,
}

/// A container.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::host) struct Listed {
    pub(in crate::host) depth: u64,
    pub(in crate::host) name: Untrusted,
    /// Whether it asks for a name before it shows its entries.
    pub(in crate::host) find_first: bool,
}

/// A user or a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::host) struct Person {
    pub(in crate::host) name: Untrusted,
    pub(in crate::host) is_list: bool,
    pub(in crate::host) address_type: Untrusted,
    pub(in crate::host) address: Option<Untrusted>,
    /// In hexadecimal digits.
    pub(in crate::host) entry_id: String,
}

impl Outcome {
    const ALL: [(Self, &'static str); 3] = [
        (Self::One, "one"),
        (Self::Several, "several"),
        (Self::Nobody, "nobody"),
    ];

    /// Its name in JSON.
    pub(in crate::host) fn name(self) -> &'static str {
        let known = Self::ALL.iter().find(|(outcome, _)| *outcome == self);
        known.map_or("", |(_, name)| name)
    }

    fn parse(name: &str) -> Option<Self> {
        let known = Self::ALL.iter().find(|(_, known)| *known == name);
        known.map(|(outcome, _)| *outcome)
    }
}

impl Person {
    /// The entry as users see it with `--json`, too.
    pub(in crate::host) fn to_json(&self) -> Json {
        json!({
            "name": self.name.raw(),
            "kind": if self.is_list { "list" } else { "user" },
            "address_type": self.address_type.raw(),
            "address": self.address.as_ref().map(Untrusted::raw),
            "entry_id": self.entry_id,
        })
    }

    fn parse(json: &Json) -> Option<Self> {
        let text = |key: &str| json.get(key)?.as_str();
        Some(Self {
            name: text("name")?.into(),
            is_list: text("kind")? == "list",
            address_type: text("address_type")?.into(),
            address: text("address").map(Untrusted::from),
            entry_id: text("entry_id")?.to_owned(),
        })
    }
}

impl fmt::Display for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name)?;
        match &self.address {
            Some(address) if self.address_type.raw() == "SMTP" => write!(f, " <{address}>")?,
            Some(address) => write!(f, " <{}:{address}>", self.address_type)?,
            None => {}
        }
        match self.is_list {
            true => f.write_str(" (list)"),
            false => Ok(()),
        }
    }
}

impl Book {
    pub(super) fn to_json(&self) -> Json {
        match self {
            Self::Answer(answer) => json!({
                "name": answer.name.raw(),
                "outcome": answer.outcome.name(),
                "milliseconds": answer.milliseconds,
            }),
            Self::Container(listed) => json!({
                "depth": listed.depth,
                "container": listed.name.raw(),
                "find_first": listed.find_first,
            }),
            Self::Entry(person) => json!({"entry": person.to_json()}),
        }
    }

    pub(super) fn parse(json: &Json) -> Option<Self> {
        let text = |key: &str| json.get(key)?.as_str();
        if let Some(person) = json.get("entry") {
            return Person::parse(person).map(Self::Entry);
        }
        if let Some(name) = text("container") {
            return Some(Self::Container(Listed {
                depth: json.get("depth")?.as_u64()?,
                name: name.into(),
                find_first: json.get("find_first")?.as_bool()?,
            }));
        }
        Some(Self::Answer(Answer {
            name: text("name")?.into(),
            outcome: Outcome::parse(text("outcome")?)?,
            milliseconds: json.get("milliseconds")?.as_f64()?,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_comes_across() {
        let ann = Person {
            name: "Ann\u{1B}".into(),
            address_type: "SMTP".into(),
            address: Some("ann@example.org".into()),
            entry_id: "00FF".to_owned(),
            ..Person::default()
        };
        let team = Person {
            name: "Team".into(),
            is_list: true,
            ..Person::default()
        };
        let bob = Person {
            address_type: "EX".into(),
            address: Some("/o=x".into()),
            ..Person::default()
        };
        assert_eq!(ann.to_string(), "Ann\\u{1b} <ann@example.org>");
        assert_eq!(team.to_string(), "Team (list)");
        assert_eq!(bob.to_string(), " <EX:/o=x>");
        for part in [
            Book::Answer(Answer::default()),
            Book::Answer(Answer {
                name: "a".into(),
                outcome: Outcome::Several,
                milliseconds: 0.5,
            }),
            Book::Container(Listed {
                depth: 2,
                name: "All".into(),
                find_first: true,
            }),
            Book::Entry(ann),
            Book::Entry(team),
        ] {
            assert_eq!(Book::parse(&part.to_json()), Some(part));
        }
    }
}
