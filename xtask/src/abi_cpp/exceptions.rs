//! `tests/abi/exceptions.toml`: what the headers lack or have wrong, each with a reason.
//!
//! No exception outlives its reason. If the headers are said to lack something, we declare it again, so a compiler
//! stops if they do have it; if they are said to have it differently, that is asserted; and a name that the
//! catalogue doesn't have is an error here.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

/// A kind of exception: the section and the key that lists its names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Interfaces that the headers lack.
    Interface,
    /// Structures and unions that they lack.
    Structure,
    /// Fields that they lack: `Structure::field`.
    Field,
    /// Function types that they lack.
    Callback,
    /// Numbers that they lack.
    Macro,
    /// GUIDs that they lack.
    Guid,
    /// Functions and methods with a 32-bit number that is as wide as a pointer in the catalogue.
    Narrow,
    /// Numbers that are enumerators, which are in no list of macros.
    Enumerator,
    /// What the headers call something.
    Spelled,
    /// What the headers have instead of a signature, an offset or a value.
    Differs,
}

/// The kinds, with their section and the key of their names.
const KINDS: [(Kind, &str, &str); 10] = [
    (Kind::Interface, "lacking", "interfaces"),
    (Kind::Structure, "lacking", "structures"),
    (Kind::Field, "lacking", "fields"),
    (Kind::Callback, "lacking", "callbacks"),
    (Kind::Macro, "lacking", "macros"),
    (Kind::Guid, "lacking", "guids"),
    (Kind::Narrow, "narrow", "functions"),
    (Kind::Enumerator, "enumerators", "names"),
    (Kind::Spelled, "spelled", "name"),
    (Kind::Differs, "differs", "name"),
];

/// The exceptions, and which of them were asked for.
#[derive(Debug, Default)]
pub(crate) struct Exceptions {
    /// For each name, which may end in `*`, what the headers have instead; nothing if they just lack it.
    entries: BTreeMap<(Kind, String), String>,
    used: RefCell<BTreeSet<(Kind, String)>>,
}

impl Exceptions {
    /// Reads the file's text.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let table: Table = text
            .parse()
            .map_err(|error| format!("exceptions.toml: {error}"))?;
        let mut exceptions = Self::default();
        for (section, value) in &table {
            let entries = value.as_array().into_iter().flatten();
            for entry in entries.filter_map(Value::as_table) {
                exceptions
                    .add(section, entry)
                    .map_err(|why| format!("exceptions.toml: an entry of `{section}` {why}"))?;
            }
        }
        Ok(exceptions)
    }

    fn add(&mut self, section: &str, entry: &Table) -> Result<(), String> {
        if text(entry, "reason").is_none_or(str::is_empty) {
            return Err("has no reason".to_owned());
        }
        let instead = text(entry, "headers").unwrap_or_default();
        let keys = entry
            .keys()
            .filter(|key| !["reason", "headers"].contains(&key.as_str()));
        for key in keys {
            let known = KINDS
                .iter()
                .find(|(_, of, name)| *of == section && name == key);
            let (kind, ..) = known.ok_or_else(|| format!("has a key `{key}`, which it can't"))?;
            for name in names(entry, key) {
                if self
                    .entries
                    .insert((*kind, name.clone()), instead.to_owned())
                    .is_some()
                {
                    return Err(format!("has {name} twice"));
                }
            }
        }
        Ok(())
    }

    /// Whether there is an exception of a kind for a name.
    pub(super) fn has(&self, kind: Kind, name: &str) -> bool {
        let of_kind = self.entries.keys().filter(|(of, _)| *of == kind);
        let matching: Vec<_> = of_kind.filter(|(_, entry)| matches(entry, name)).collect();
        self.used
            .borrow_mut()
            .extend(matching.iter().copied().cloned());
        !matching.is_empty()
    }

    /// What the headers call a type or a GUID.
    pub(super) fn spelling<'a>(&'a self, name: &'a str) -> &'a str {
        self.instead(Kind::Spelled, name).unwrap_or(name)
    }

    /// What the headers have instead of a signature, an offset or a value.
    pub(super) fn differing(&self, name: &str) -> Option<&str> {
        self.instead(Kind::Differs, name)
    }

    fn instead(&self, kind: Kind, name: &str) -> Option<&str> {
        let (key, instead) = self.entries.get_key_value(&(kind, name.to_owned()))?;
        self.used.borrow_mut().insert(key.clone());
        Some(instead)
    }

    /// The names that nothing in the catalogue has asked for.
    pub(super) fn unused(&self) -> Vec<&str> {
        let used = self.used.borrow();
        let unused = self.entries.keys().filter(|entry| !used.contains(entry));
        unused.map(|(_, name)| name.as_str()).collect()
    }

    /// How many names there are.
    pub(super) fn count(&self) -> usize {
        self.entries.len()
    }
}

/// Whether an entry, which may end in `*`, means a name.
fn matches(entry: &str, name: &str) -> bool {
    match entry.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => entry == name,
    }
}

fn text<'a>(entry: &'a Table, key: &str) -> Option<&'a str> {
    entry.get(key).and_then(Value::as_str)
}

/// A list of names, or one.
fn names(entry: &Table, key: &str) -> Vec<String> {
    let value = entry.get(key);
    let list = value.and_then(Value::as_array).into_iter().flatten();
    let names = list.chain(value).filter_map(Value::as_str);
    names.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Exceptions {
        Exceptions::parse(text).expect("well formed")
    }

    #[test]
    fn an_entry_has_a_reason_and_no_key_that_nobody_reads() {
        for wrong in [
            "[[lacking]]\nmacros = [\"A\"]",
            "[[lacking]]\nreason = \"\"\nmacros = [\"A\"]",
            "[[lacking]]\nreason = \"r\"\ninterface = [\"IA\"]",
            "[[lacks]]\nreason = \"r\"\nmacros = [\"A\"]",
            "[[lacking]]\nreason = \"r\"\nmacros = [\"A\", \"A\"]",
        ] {
            assert!(Exceptions::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_star_means_all_names_that_begin_so_of_the_same_kind() {
        let exceptions = parse("[[lacking]]\nreason = \"r\"\nmacros = [\"PR_EMS_*\", \"A\"]");
        assert!(exceptions.has(Kind::Macro, "PR_EMS_AB"));
        assert!(exceptions.has(Kind::Macro, "A"));
        assert!(!exceptions.has(Kind::Macro, "PR_SUBJECT"));
        assert!(!exceptions.has(Kind::Macro, "AB"));
        assert!(!exceptions.has(Kind::Structure, "A"));
    }

    #[test]
    fn what_nothing_asks_for_is_unused() {
        let text = "[[lacking]]\nreason = \"r\"\nmacros = [\"S*\"]\nstructures = [\"S*\"]\n\
                    [[spelled]]\nreason = \"r\"\nname = \"A\"\nheaders = \"B\"";
        let exceptions = parse(text);
        assert_eq!(exceptions.count(), 3);
        assert_eq!(exceptions.unused(), ["S*", "S*", "A"]);
        assert!(exceptions.has(Kind::Macro, "SYNC"));
        assert_eq!(exceptions.spelling("A"), "B");
        assert_eq!(exceptions.spelling("C"), "C");
        assert_eq!(exceptions.unused(), ["S*"]);
    }
}
