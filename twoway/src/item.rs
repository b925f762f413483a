//! What both sides have in common: keys, flags, fingerprints.

use std::collections::BTreeSet;
use std::fmt;

use crate::sha256;
use crate::text::OneLine;

macro_rules! key {
    ($(#[$docs:meta])* $name:ident) => {
        $(#[$docs])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The key with this text. It means nothing here: it is kept, compared and given back.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                // What a server says must not forge lines of a log.
                OneLine(&self.0).fmt(f)
            }
        }
    };
}

key! {
    /// What the server calls an item, within its feed: a UID for IMAP, an ID for JMAP, a path for DAV.
    ItemKey
}
key! {
    /// What the server calls a folder: a path for IMAP, an ID for JMAP.
    FolderKey
}
key! {
    /// What the local side calls an item.
    LocalKey
}
key! {
    /// What the local side calls a folder.
    LocalFolderKey
}
key! {
    /// A state of an item's content: a server's ETag, a store's change key. It must differ where the content does. It may
    /// differ where the content does not: that costs a look at the content, no more.
    Version
}
key! {
    /// The name of a pair, an item that both sides have. It is journalled before anything is sent, goes to the server as
    /// the token of a new item, and is kept by the local side with the item.
    PairId
}

/// Flags and keywords of an item, by their names: `\Seen`, `$Forwarded`, whatever a server knows. Names are compared as
/// they are.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Flags(BTreeSet<String>);

impl Flags {
    /// No flags.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one. A name that is empty or has control characters in it is none, and is left out; the answer says so.
    pub fn insert(&mut self, name: impl Into<String>) -> bool {
        let name = name.into();
        let is_name = !name.is_empty() && !name.chars().any(char::is_control);
        if is_name {
            self.0.insert(name);
        }
        is_name
    }

    /// Takes one out.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// Whether one is there.
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The names, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Those that are not in another set.
    pub fn without(&self, other: &Self) -> Self {
        Self(self.0.difference(&other.0).cloned().collect())
    }

    /// As a text for the database. A name has no control character, so no line feed either.
    pub(crate) fn to_text(&self) -> String {
        self.iter().collect::<Vec<_>>().join("\n")
    }

    pub(crate) fn from_text(text: &str) -> Self {
        text.lines().collect()
    }
}

impl<S: Into<String>> FromIterator<S> for Flags {
    fn from_iter<I: IntoIterator<Item = S>>(names: I) -> Self {
        let mut flags = Self::new();
        for name in names {
            flags.insert(name);
        }
        flags
    }
}

impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.iter().collect();
        write!(f, "({})", names.join(" "))
    }
}

/// What a folder is for, whatever it is called: a side has at most one of each. Folders of the same role are one folder on
/// both sides, and keep their names there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Role {
    /// Where mail arrives: `INBOX`.
    Inbox,
    /// What was sent: `\\Sent`.
    Sent,
    /// What is being written: `\\Drafts`.
    Drafts,
    /// What was deleted, and can be taken back: `\\Trash`.
    Trash,
    /// What nobody wanted: `\\Junk`.
    Junk,
    /// What is kept: `\\Archive`.
    Archive,
}

impl Role {
    /// The role of a server's folder at the top by its name, for servers that don't tell roles (no `SPECIAL-USE`): English
    /// names that mail programs give.
    pub fn by_name(name: &str) -> Option<Self> {
        const NAMES: [(&str, Role); 14] = [
            ("inbox", Role::Inbox),
            ("sent", Role::Sent),
            ("sent items", Role::Sent),
            ("sent mail", Role::Sent),
            ("sent messages", Role::Sent),
            ("drafts", Role::Drafts),
            ("trash", Role::Trash),
            ("deleted items", Role::Trash),
            ("deleted messages", Role::Trash),
            ("junk", Role::Junk),
            ("junk e-mail", Role::Junk),
            ("spam", Role::Junk),
            ("archive", Role::Archive),
            ("archives", Role::Archive),
        ];
        let mut names = NAMES.into_iter();
        let found = names.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, role)| role)
    }
}

/// The SHA-256 of an item's content. Two contents with the same one are taken as the same.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub(crate) [u8; 32]);

impl Fingerprint {
    /// The fingerprint of a content.
    pub fn of(content: &[u8]) -> Self {
        Self(sha256::digest(content))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_kept_as_text_and_read_again() {
        let flags: Flags = ["\\Seen", "$a]b", "Größe", "with space"]
            .into_iter()
            .collect();
        assert_eq!(Flags::from_text(&flags.to_text()), flags);
        assert_eq!(Flags::from_text(&Flags::new().to_text()), Flags::new());
    }

    #[test]
    fn a_name_that_could_forge_another_is_none() {
        let mut flags = Flags::new();
        assert!(!flags.insert("a\nb"));
        assert!(!flags.insert(""));
        assert!(!flags.insert("a\0"));
        assert!(flags.is_empty());
    }
}
