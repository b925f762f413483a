//! A table that remembers which of its keys were asked for.

use std::{cell::RefCell, ops::Range};

use serde::de::IntoDeserializer;
use toml::{
    Spanned as TomlSpanned,
    de::{DeTable, DeValue},
};

use super::given::{Given, Misspelt};
use super::value::{Scalar, Spanned, TomlValue, found};
use super::{help, text};
use crate::diag::{Code, Diagnostic, Errors, Source, closest};

type Value<'t> = TomlSpanned<DeValue<'t>>;

/// A reader of one table. Ask for every key that is known, then call [`finish`](Table::finish).
#[must_use = "call `finish`, or unknown keys go unnoticed"]
pub struct Table<'t> {
    table: &'t DeTable<'t>,
    span: Range<usize>,
    path: String,
    source: &'t Source,
    errors: &'t Errors,
    homes: &'t [Home],
    asked: RefCell<Vec<String>>,
    /// Required keys that were not found: reported by `finish`, because a misspelt key is the more helpful
    /// message.
    missing: RefCell<Vec<(String, &'static str)>>,
}

/// A key and the table that it belongs in, or that it is itself.
#[derive(Debug, Clone)]
pub struct Home {
    /// The key.
    pub key: &'static str,
    /// The table, as one writes it: `[sync]`.
    pub table: String,
    /// Whether the key is the table's own name, or close to it.
    pub is_itself: bool,
}

impl<'t> Table<'t> {
    /// A reader of the whole file.
    pub(super) fn root(
        table: &'t DeTable<'t>,
        homes: &'t [Home],
        source: &'t Source,
        errors: &'t Errors,
    ) -> Self {
        Table {
            table,
            span: 0..0,
            path: String::new(),
            source,
            errors,
            homes,
            asked: RefCell::default(),
            missing: RefCell::default(),
        }
    }

    /// Where the table is: its header, or all of an inline table.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// The file that it is in.
    pub fn source(&self) -> &'t Source {
        self.source
    }

    /// Where a key is written, for diagnostics about the key rather than its value.
    pub fn key_span(&self, key: &str) -> Option<Range<usize>> {
        self.table.get_key_value(key).map(|(key, _)| key.span())
    }

    /// Is the key there? Does not count as asking for it.
    pub fn contains(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// The names of all keys, sorted. Does not count as asking for them.
    pub fn keys(&self) -> Vec<Spanned<String>> {
        self.table
            .keys()
            .map(|key| Spanned::new(key.get_ref().to_string(), key.span()))
            .collect()
    }

    /// A value that must be there.
    pub fn required<T: TomlValue>(&self, key: &str) -> Option<Spanned<T>> {
        let value = self.need(key, T::EXPECTED)?;
        self.read(key, value)
    }

    /// A value that may be left out.
    pub fn optional<T: TomlValue>(&self, key: &str) -> Option<Spanned<T>> {
        let value = self.get(key)?;
        self.read(key, value)
    }

    /// A string, integer or boolean that may be left out.
    pub fn optional_scalar(&self, key: &str) -> Option<Spanned<Scalar>> {
        let value = self.get(key)?;
        match value.get_ref() {
            DeValue::String(_) => self
                .read(key, value)
                .map(|string| string.map(Scalar::String)),
            DeValue::Integer(_) => self
                .read(key, value)
                .map(|integer| integer.map(Scalar::Integer)),
            DeValue::Boolean(_) => self
                .read(key, value)
                .map(|boolean| boolean.map(Scalar::Boolean)),
            _ => {
                self.wrong_type(key, "a string, an integer or a boolean", value);
                None
            }
        }
    }

    /// A string, or an array of strings, that must be there. A string is an array of one.
    pub fn required_words(&self, key: &str) -> Option<Spanned<Vec<Spanned<String>>>> {
        let value = self.need(key, "a string")?;
        match value.get_ref() {
            DeValue::Array(array) => {
                let words = self.list(key, value)?;
                // An array with something else in it says less than it was meant to.
                (words.value.len() == array.len()).then_some(words)
            }
            DeValue::String(_) => {
                let word: Spanned<String> = self.read(key, value)?;
                let span = word.span.clone();
                Some(Spanned::new(vec![word], span))
            }
            _ => {
                self.wrong_type(key, "a string or an array of strings", value);
                None
            }
        }
    }

    /// A required array, of values of one type. Wrong elements are reported and left out.
    pub fn required_list<T: TomlValue>(&self, key: &str) -> Option<Spanned<Vec<Spanned<T>>>> {
        let value = self.need(key, "an array")?;
        self.list(key, value)
    }

    /// An array that may be left out.
    pub fn optional_list<T: TomlValue>(&self, key: &str) -> Option<Spanned<Vec<Spanned<T>>>> {
        let value = self.get(key)?;
        self.list(key, value)
    }

    /// A table inside this one that must be there.
    pub fn required_table(&self, key: &str) -> Option<Table<'t>> {
        let value = self.need(key, "a table")?;
        self.subtable(key, value)
    }

    /// A table inside this one that may be left out.
    pub fn optional_table(&self, key: &str) -> Option<Table<'t>> {
        let value = self.get(key)?;
        self.subtable(key, value)
    }

    /// A value that may be left out, if it matters whether it was.
    pub fn given<T: TomlValue>(&self, key: &str) -> Given<Spanned<T>> {
        Given::new(self.contains(key), self.optional(key))
    }

    /// The same for an array.
    pub fn given_list<T: TomlValue>(&self, key: &str) -> Given<Spanned<Vec<Spanned<T>>>> {
        Given::new(self.contains(key), self.optional_list(key))
    }

    /// An array of tables, written `[[key]]` or inline; empty if it is left out.
    pub fn tables(&self, key: &str) -> Vec<Table<'t>> {
        let Some(value) = self.get(key) else {
            return Vec::new();
        };
        let DeValue::Array(array) = value.get_ref() else {
            self.wrong_type(key, "an array of tables", value);
            return Vec::new();
        };
        let tables = array.iter();
        tables
            .filter_map(|element| self.subtable(key, element))
            .collect()
    }

    /// Every key of this table with the table under it: for tables whose keys are names that users choose.
    pub fn named_tables(&self) -> Vec<(Spanned<String>, Table<'t>)> {
        let named = self.keys().into_iter().filter_map(|name| {
            let table = self.optional_table(&name.value)?;
            Some((name, table))
        });
        named.collect()
    }

    /// Every key of this table with the value under it: for tables whose keys are names that users choose.
    pub fn named_values<T: TomlValue>(&self) -> Vec<(Spanned<String>, Spanned<T>)> {
        let named = self.keys().into_iter().filter_map(|name| {
            let value = self.optional(&name.value)?;
            Some((name, value))
        });
        named.collect()
    }

    /// The strings under a key, or under one with a similar name. Does not count as asking for it.
    pub fn strings_like(&self, key: &'static str) -> impl Iterator<Item = &'t str> + use<'t> {
        let near = move |name: &str| name == key || closest(name, [key]).is_some();
        let values = self
            .table
            .iter()
            .filter(move |(name, _)| near(name.get_ref()));
        values.filter_map(|(_, value)| value.get_ref().as_str())
    }

    /// The tables under keys that nobody asked for.
    pub fn unknown_tables(&self) -> Vec<Table<'t>> {
        let asked = self.asked.borrow();
        let unknown = self.table.iter();
        let unknown = unknown.filter(|(key, _)| !asked.iter().any(|known| known == key.get_ref()));
        let tables = unknown.flat_map(|(key, value)| {
            let elements = match value.get_ref() {
                DeValue::Array(array) => array.iter().collect(),
                _ => vec![value],
            };
            let tables = elements
                .into_iter()
                .filter(|element| element.get_ref().is_table());
            tables.filter_map(|element| self.subtable(key.get_ref(), element))
        });
        tables.collect()
    }

    /// Notes that the definition of this name is missing because of a mistake that was reported.
    pub fn leave_out(&self, name: &str) {
        self.errors.leave_out(name);
    }

    /// Reports a mistake in this table's file, at `span`.
    pub fn report(&self, code: Code, span: Range<usize>, message: impl Into<String>) {
        self.errors
            .push(Diagnostic::new(code, self.source, span, message));
    }

    /// Reports every key that was not asked for, and what is missing. A key with a misspelt name is not
    /// missing. Returns those that are.
    pub fn finish(self) -> Misspelt {
        let asked = self.asked.take();
        let missing = self.missing.take();
        let mut misspelt: Vec<&str> = Vec::new();
        for key in self.table.keys() {
            let name = key.get_ref().as_ref();
            if asked.iter().any(|known| known == name) {
                continue;
            }
            let home = self.home(name);
            let absent = asked
                .iter()
                .filter(|known| !self.table.contains_key(known.as_str()));
            let meant = closest(name, absent.map(String::as_str)).filter(|_| home.is_none());
            misspelt.extend(meant);
            let place = if self.path.is_empty() {
                "at the top".into()
            } else {
                format!("in [{}]", self.path)
            };
            let message = format!("unknown key `{name}` {place}");
            let mistake = Diagnostic::new(Code::UnknownKey, self.source, key.span(), message);
            let help = match meant {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => home.unwrap_or_else(|| self.help_for_unknown(name, &asked)),
            };
            self.errors.push(mistake.help(help));
        }
        for (key, expected) in missing
            .iter()
            .filter(|(key, _)| !misspelt.contains(&key.as_str()))
        {
            let message = format!("`{}` is missing", self.path_of(key));
            let mistake = Diagnostic::new(Code::MissingKey, self.source, self.span(), message);
            self.errors.push(mistake.help(match *expected {
                "a table" => format!("add the table `[{}]`", self.path_of(key)),
                _ => format!("add `{key}`, {expected}"),
            }));
        }
        Misspelt::new(misspelt.into_iter().map(str::to_owned).collect())
    }

    /// What to do about a key that belongs to another table.
    fn home(&self, name: &str) -> Option<String> {
        let homes: Vec<&Home> = self.homes.iter().filter(|home| home.key == name).collect();
        let tables: Vec<String> = homes
            .iter()
            .map(|home| format!("`{}`", home.table))
            .collect();
        let what = if homes.first()?.is_itself {
            "write"
        } else {
            "it belongs in"
        };
        Some(format!("{what} {}", tables.join(" or ")))
    }

    /// What to do about a key that resembles none that could be added.
    fn help_for_unknown(&self, name: &str, asked: &[String]) -> String {
        if let Some(there) = closest(name, asked.iter().map(String::as_str)) {
            return format!("remove it: `{there}` is already there");
        }
        let known = || asked.iter().map(String::as_str).collect();
        let help = self.errors.did_you_mean(name, known);
        help.unwrap_or_else(|| "remove it".into())
    }

    fn get(&self, key: &str) -> Option<&'t Value<'t>> {
        let mut asked = self.asked.borrow_mut();
        if !asked.iter().any(|known| known == key) {
            asked.push(key.into());
        }
        self.table.get(key)
    }

    fn need(&self, key: &str, expected: &'static str) -> Option<&'t Value<'t>> {
        let value = self.get(key);
        if value.is_none() {
            self.missing.borrow_mut().push((key.into(), expected));
        }
        value
    }

    fn read<T: TomlValue>(&self, key: &str, value: &Value<'t>) -> Option<Spanned<T>> {
        if let DeValue::String(string) = value.get_ref() {
            let mistake = text::mistake(string, &value.span(), &self.path_of(key), self.source);
            if let Some(mistake) = mistake {
                self.errors.push(mistake);
                return None;
            }
        }
        // The deserializer eats its value; scalars are cheap to copy, and anything else is an error.
        match T::deserialize(value.clone().into_deserializer()) {
            Ok(read) => Some(Spanned::new(read, value.span())),
            Err(_) => {
                self.wrong_type(key, T::EXPECTED, value);
                None
            }
        }
    }

    fn list<T: TomlValue>(&self, key: &str, value: &Value<'t>) -> Option<Spanned<Vec<Spanned<T>>>> {
        let DeValue::Array(array) = value.get_ref() else {
            self.wrong_type(key, "an array", value);
            return None;
        };
        let elements = array
            .iter()
            .filter_map(|element| self.read(key, element))
            .collect();
        Some(Spanned::new(elements, value.span()))
    }

    fn subtable(&self, key: &str, value: &'t Value<'t>) -> Option<Table<'t>> {
        let DeValue::Table(table) = value.get_ref() else {
            self.wrong_type(key, "a table", value);
            return None;
        };
        Some(Table {
            table,
            span: value.span(),
            path: self.path_of(key),
            ..Table::root(self.table, self.homes, self.source, self.errors)
        })
    }

    fn wrong_type(&self, key: &str, expected: &str, value: &Value<'_>) {
        // If a number is wanted and one is there but wrong, it can only be too large or too small.
        let integer =
            matches!(value.get_ref(), DeValue::Integer(_)) && expected.starts_with("an integer");
        let (code, found) = if integer {
            (Code::OutOfRange, self.source.slice(value.span()))
        } else {
            (Code::WrongType, found(value.get_ref()))
        };
        let name = self.path_of(key);
        self.errors.push(
            Diagnostic::new(
                code,
                self.source,
                value.span(),
                format!("`{name}`: expected {expected}, found {found}"),
            )
            .help(help::for_wrong_type(expected, value, &name, self.source)),
        );
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.into()
        } else {
            format!("{}.{key}", self.path)
        }
    }
}
