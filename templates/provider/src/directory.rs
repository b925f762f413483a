//! The logic: what happens when Outlook looks for somebody.
//!
//! It works as it is, with a text file in place of a server: one person per line, an address and a name. Replace it with
//! your server, step by step, and adapt the tests in tests/directory.rs. Entry IDs, tables, what was typed and how long
//! Outlook waits are the library's.

use std::fs;
use std::path::PathBuf;

use mapi_provider::LogonError;
use mapi_provider::address_book::{AddressBook, Entry, Found, LookupError, Query};

use crate::Settings;

/// What exists from a logon to its logoff: connections, caches, credentials.
///
/// Threads share it, so anything that changes in it needs a lock. It knows nothing about Outlook or COM.
pub struct Directory {
    server: PathBuf,
}

impl Directory {
    /// Everybody on the server.
    fn everybody(&self) -> Result<Vec<Entry>, LookupError> {
        let text = fs::read_to_string(&self.server)?;
        let people = text.lines().filter_map(|line| line.split_once(' '));
        // The key is what tells somebody from all others, for ever: entry IDs are made of it.
        Ok(people
            .map(|(address, name)| Entry::user(address, name.trim()).smtp(address))
            .collect())
    }
}

impl AddressBook for Directory {
    /// One field for each `[[service.setting]]` of provider.toml.
    type Settings = Settings;

    /// Called at logon, on Outlook's own thread: check the settings, and leave anything slow to `search`.
    ///
    /// `LogonError::unconfigured` says that the settings are to blame.
    fn open(settings: Settings) -> Result<Self, LogonError> {
        let Settings { server } = settings;
        if !server.has_root() {
            return Err(LogonError::unconfigured(
                "`server` must be an absolute path",
            ));
        }
        Ok(Self { server })
    }

    /// Finds people: all, those whose words begin so, or whose address it is. `query.what` says it.
    ///
    /// It may find more than was asked for: what does not match is left out. A server that can look by itself is told
    /// what to look for.
    fn search(&self, _query: &Query<'_>, found: &mut Found<'_>) -> Result<(), LookupError> {
        for person in self.everybody()? {
            // An error when it is enough, or when nobody waits any more.
            found.push(person)?;
        }
        Ok(())
    }

    /// One person by the key, which a message has kept; `None` if there is nobody any more.
    fn get(&self, key: &str) -> Result<Option<Entry>, LookupError> {
        let mut everybody = self.everybody()?.into_iter();
        Ok(everybody.find(|person| person.key() == key))
    }
}
