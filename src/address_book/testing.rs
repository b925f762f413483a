//! A directory for unit tests.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::directory::Directory;
use super::entry_id::Uids;
use super::error::LookupError;
use super::found::Found;
use super::logic::{AddressBook, Container, Entry, Query};
use super::values::Book;
use crate::error::LogonError;
use crate::manifest::{AddressBookSpec, Browse, ContainerType, Instances, Unload};

pub(super) static SPEC: AddressBookSpec = AddressBookSpec {
    uid: *b"a book for tests",
    instances: Instances::One,
    display_type: ContainerType::Global,
    address_type: "SMTP",
    browse: Browse::All,
    browse_limit: 3,
    lookup_timeout: Duration::from_secs(600),
    cache: Duration::ZERO,
    details: &[],
    unload: Unload::AfterRun,
};

/// The same, but what was found is remembered.
pub(super) static KEEPS: AddressBookSpec = AddressBookSpec {
    cache: Duration::from_secs(600),
    ..SPEC
};

pub(super) fn book(spec: &'static AddressBookSpec) -> Book {
    Book {
        name: "Test Book",
        spec,
        uids: Uids {
            entries: SPEC.uid,
            containers: SPEC.uid,
        },
    }
}

/// A directory that finds everybody, whatever it is asked for.
#[derive(Debug, Default)]
pub(super) struct People {
    pub(super) entries: Vec<Entry>,
    pub(super) fails: bool,
    pub(super) asked: AtomicUsize,
}

pub(super) fn people(entries: Vec<Entry>) -> People {
    People {
        entries,
        ..People::default()
    }
}

pub(super) fn directory(spec: &'static AddressBookSpec, logic: People) -> Directory<People> {
    Directory::new(book(spec), logic, false)
}

impl People {
    fn ask(&self) -> Result<(), LookupError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        match self.fails {
            true => Err(LookupError::new("the server is down")),
            false => Ok(()),
        }
    }
}

impl AddressBook for People {
    type Settings = ();

    fn open(_: ()) -> Result<Self, LogonError> {
        Ok(Self::default())
    }

    fn containers(&self) -> Vec<Container> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        vec![Container::default()]
    }

    fn search(&self, _: &Query<'_>, found: &mut Found<'_>) -> Result<(), LookupError> {
        self.ask()?;
        for entry in &self.entries {
            found.push(entry.clone())?;
        }
        Ok(())
    }

    fn get(&self, key: &str) -> Result<Option<Entry>, LookupError> {
        self.ask()?;
        Ok(self.entries.iter().find(|one| one.key == key).cloned())
    }

    fn members(&self, key: &str, found: &mut Found<'_>) -> Result<(), LookupError> {
        self.ask()?;
        for entry in self.entries.iter().filter(|one| one.key != key) {
            found.push(entry.clone())?;
        }
        Ok(())
    }
}
