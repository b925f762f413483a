//! The roster: what must be known about messages that are gone. It is kept in the store, beside the messages.
//!
//! The stamp of an existing message says what the last run knew about it. But a missing one was deleted if both
//! sides once had it, and is new on the other side if not: only the roster knows which.

use std::collections::BTreeMap;
use std::path::Path;

use crate::maildir::Flags;
use crate::plan::{Known, Memory};

const FORMAT: &str = "maildir roster 1";

/// The messages that both sides had when the last run ended, or was about to delete on the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    server: String,
    entries: BTreeMap<String, Entry>,
    changed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    known: Known,
    /// It is gone here, and about to be deleted on the server.
    leaving: bool,
}

impl Roster {
    /// Reads what [`to_text`](Self::to_text) has written about this server. Anything else is ignored: then both
    /// sides are merged, and nothing is deleted.
    pub fn parse(text: &str, server: &Path) -> Self {
        let server = server.to_string_lossy().escape_default().to_string();
        let entries = parse(text, &server);
        Self {
            changed: entries.is_none(),
            entries: entries.unwrap_or_default(),
            server,
        }
    }

    /// The roster, to be kept.
    pub fn to_text(&self) -> String {
        let mut text = format!("{FORMAT}\n{}\n", self.server);
        for (name, Entry { known, leaving }) in &self.entries {
            let state = match (leaving, known.partial) {
                (true, _) => "leaving",
                (false, true) => "header",
                (false, false) => "whole",
            };
            text += &format!("{state} {} {name}\n", known.flags);
        }
        text
    }

    /// Whether there is anything new to keep.
    pub fn is_changed(&self) -> bool {
        self.changed
    }

    /// It has been kept as it is now.
    pub fn is_kept(&mut self) {
        self.changed = false;
    }

    /// Whether a message was about to be deleted on the server, because it was gone here.
    pub fn is_leaving(&self, name: &str) -> bool {
        self.entries.get(name).is_some_and(|entry| entry.leaving)
    }

    /// A message is about to be deleted on the server.
    pub fn leave(&mut self, name: &str) {
        if let Some(entry) = self.entries.get_mut(name) {
            self.changed |= !entry.leaving;
            entry.leaving = true;
        }
    }
}

impl Memory for Roster {
    fn get(&self, name: &str) -> Option<Known> {
        self.entries.get(name).map(|entry| entry.known)
    }

    fn set(&mut self, name: &str, known: Known) {
        let entry = Entry {
            known,
            leaving: false,
        };
        self.changed |= self.entries.insert(name.to_owned(), entry) != Some(entry);
    }

    fn forget(&mut self, name: &str) {
        self.changed |= self.entries.remove(name).is_some();
    }

    fn forget_all_but(&mut self, wanted: impl Fn(&str) -> bool) {
        let before = self.entries.len();
        self.entries.retain(|name, _| wanted(name));
        self.changed |= self.entries.len() != before;
    }
}

/// Reads a roster; `None` if a single line of it is strange.
fn parse(text: &str, server: &str) -> Option<BTreeMap<String, Entry>> {
    let mut lines = text.strip_prefix(FORMAT)?.strip_prefix('\n')?.lines();
    if lines.next()? != server {
        return None;
    }
    lines.map(parse_entry).collect()
}

fn parse_entry(line: &str) -> Option<(String, Entry)> {
    let mut parts = line.splitn(3, ' ');
    let (partial, leaving) = match parts.next()? {
        "whole" => (false, false),
        "header" => (true, false),
        "leaving" => (false, true),
        _ => return None,
    };
    let known = Known::new(Flags::parse(parts.next()?), partial);
    Some((parts.next()?.to_owned(), Entry { known, leaving }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn filled() -> Roster {
        let mut roster = Roster::parse("", Path::new("/srv/mail"));
        roster.set("a", Known::new(Flags::parse("FS"), false));
        roster.set("b c", Known::new(Flags::default(), true));
        roster.set("d", Known::new(Flags::parse("S"), false));
        roster.leave("d");
        roster
    }

    #[test]
    fn what_is_kept_is_read_again() {
        let mut roster = filled();
        assert!(roster.is_changed());
        roster.is_kept();
        let again = Roster::parse(&roster.to_text(), Path::new("/srv/mail"));
        assert_eq!(again, roster);
        assert!(again.is_leaving("d") && !again.is_leaving("a"));
    }

    #[test]
    fn the_roster_of_another_server_is_worth_nothing() {
        let roster = Roster::parse(&filled().to_text(), Path::new("/srv/other"));
        assert_eq!(roster.get("a"), None);
        assert!(roster.is_changed());
    }

    #[test]
    fn half_a_roster_is_worth_nothing() {
        let text = filled().to_text();
        let server = Path::new("/srv/mail");
        assert_eq!(Roster::parse(&text[1..], server).get("a"), None);
        let strange = format!("{text}what is this?\n");
        assert_eq!(Roster::parse(&strange, server).get("a"), None);
    }

    #[test]
    fn who_comes_back_is_not_leaving() {
        let mut roster = filled();
        roster.set("d", Known::new(Flags::default(), false));
        assert!(!roster.is_leaving("d"));
        roster.leave("unknown");
        assert_eq!(roster.get("unknown"), None);
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(text in "(maildir roster 1\n)?.*\n?(whole|header|leaving)? ?.*") {
            let roster = Roster::parse(&text, Path::new("/"));
            let again = Roster::parse(&roster.to_text(), Path::new("/"));
            prop_assert_eq!(again.entries, roster.entries);
        }
    }
}
