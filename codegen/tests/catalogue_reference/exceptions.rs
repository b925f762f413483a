//! Where the catalogue differs from the data on purpose: `exceptions.toml`, each with its reason.

use std::cell::Cell;

use toml::{Table, Value};

/// The exceptions, by the comparison that they are for.
struct Exceptions(Vec<(Subject, Vec<Exception>)>);

struct Exception {
    about: About,
    /// The value that another source gives.
    value: Option<u32>,
    /// The name that it has in the catalogue.
    ours: Option<String>,
    reason: String,
    used: Cell<bool>,
}

/// What an exception is about.
enum About {
    Name(String),
    /// How names begin.
    Prefix(String),
    /// The header that has them, or the page.
    Source(String),
}

/// What a comparison is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    Interface,
    Structure,
    Function,
    Number,
    Tag,
    Guid,
    Other,
}

/// The differences that a comparison finds, except the intended ones.
pub(crate) struct Problems {
    exceptions: Exceptions,
    found: Vec<String>,
}

impl Problems {
    pub(crate) fn new() -> Self {
        let file: Table = toml::from_str(include_str!("exceptions.toml"))
            .unwrap_or_else(|error| panic!("exceptions.toml: {error}"));
        Self {
            exceptions: Exceptions::read(file),
            found: Vec::new(),
        }
    }

    /// A difference, which an exception may allow, unless the exception gives its own value or name and so says how
    /// it must be: what it is about, where the data has it from, and how it reads.
    pub(crate) fn add(&mut self, subject: Subject, name: &str, source: &str, text: String) {
        let mut excepted = false;
        for exception in self.exceptions.of(subject) {
            let another = exception.value.is_some() || exception.ours.is_some();
            if !another && exception.is_about(name, source) {
                exception.used.set(true);
                excepted = true;
            }
        }
        if !excepted {
            self.found.push(text);
        }
    }

    /// The value that an exception gives for a number that the data doesn't have.
    pub(crate) fn value_of(&self, subject: Subject, name: &str) -> Option<u32> {
        let mut exceptions = self.exceptions.of(subject);
        let exception = exceptions.find(|it| it.value.is_some() && it.is_about(name, ""))?;
        exception.used.set(true);
        exception.value
    }

    /// The name in the headers for a name in the catalogue.
    pub(crate) fn theirs<'a>(&'a self, ours: &'a str) -> &'a str {
        let mut exceptions = self.exceptions.all();
        let found = exceptions.find(|it| it.ours.as_deref() == Some(ours));
        found.map_or(ours, |exception| exception.about.text())
    }

    /// The name in the catalogue for a name in the headers.
    pub(crate) fn ours<'a>(&'a self, subject: Subject, theirs: &'a str) -> &'a str {
        let renamed = self
            .exceptions
            .of(subject)
            .filter(|it| it.is_about(theirs, ""));
        for exception in renamed {
            if let Some(ours) = &exception.ours {
                exception.used.set(true);
                return ours;
            }
        }
        theirs
    }

    /// All differences of a comparison, and its exceptions that allow nothing.
    pub(crate) fn of(self, subject: Subject) -> Vec<String> {
        let mut problems = self.found;
        for exception in self.exceptions.of(subject) {
            let about = exception.about.text();
            if exception.reason.is_empty() {
                problems.push(format!("exception without a reason: {about}"));
            }
            if !exception.used.get() {
                problems.push(format!("stale exception: {about}"));
            }
        }
        problems
    }
}

impl Exceptions {
    fn read(file: Table) -> Self {
        let subjects = file.into_iter().map(|(key, entries)| match entries {
            Value::Array(entries) => {
                let entries = entries.into_iter().map(table);
                (subject(&key), entries.map(Exception::read).collect())
            }
            other => panic!("exceptions.toml: {key} is {other:?}"),
        });
        Self(subjects.collect())
    }

    fn all(&self) -> impl Iterator<Item = &Exception> {
        self.0.iter().flat_map(|(_, exceptions)| exceptions)
    }

    fn of(&self, subject: Subject) -> impl Iterator<Item = &Exception> {
        let all = self.0.iter();
        let all = all.filter(move |(known, _)| *known == subject);
        all.flat_map(|(_, exceptions)| exceptions)
    }
}

/// What a list of exceptions is about.
fn subject(key: &str) -> Subject {
    match key {
        "interface" => Subject::Interface,
        "structure" => Subject::Structure,
        "function" => Subject::Function,
        "number" => Subject::Number,
        "tag" => Subject::Tag,
        "guid" => Subject::Guid,
        "other" => Subject::Other,
        _ => panic!("exceptions.toml: nothing is about `{key}`"),
    }
}

fn table(entry: Value) -> Table {
    match entry {
        Value::Table(table) => table,
        other => panic!("exceptions.toml: {other:?} is no exception"),
    }
}

/// Takes a text out of an entry.
fn take(entry: &mut Table, key: &str) -> Option<String> {
    match entry.remove(key)? {
        Value::String(text) => Some(text),
        other => panic!("exceptions.toml: `{key}` is {other:?}"),
    }
}

fn no_more(entry: &Table) {
    assert!(entry.is_empty(), "exceptions.toml: what is {entry:?}?");
}

impl Exception {
    fn read(mut entry: Table) -> Self {
        let about = [
            take(&mut entry, "name").map(About::Name),
            take(&mut entry, "prefix").map(About::Prefix),
            take(&mut entry, "source").map(About::Source),
        ];
        let mut about: Vec<About> = about.into_iter().flatten().collect();
        assert_eq!(about.len(), 1, "exceptions.toml: what is {entry:?} about?");
        let value = entry.remove("value").and_then(|value| value.as_integer());
        let read = Self {
            about: about.remove(0),
            value: value.and_then(|value| u32::try_from(value).ok()),
            ours: take(&mut entry, "ours"),
            reason: take(&mut entry, "reason").unwrap_or_default(),
            used: Cell::new(false),
        };
        no_more(&entry);
        read
    }

    fn is_about(&self, name: &str, source: &str) -> bool {
        match &self.about {
            About::Name(known) => known == name,
            About::Prefix(prefix) => name.starts_with(prefix.as_str()),
            // Without the line of the header, or the part of the page.
            About::Source(known) => source.split([':', '#']).next() == Some(known),
        }
    }
}

impl About {
    fn text(&self) -> &str {
        match self {
            Self::Name(text) | Self::Prefix(text) | Self::Source(text) => text,
        }
    }
}
