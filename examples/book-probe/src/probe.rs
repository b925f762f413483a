//! The logic.

use std::time::Duration;
use std::{env, fs, thread};

use mapi_provider::LogonError;
use mapi_provider::address_book::{AddressBook, Container, Entry, Found, LookupError, Query};

use crate::{Book, Settings};

/// Shows what a file has, and does what the environment says at each call:
///
/// | variable | what it says |
/// |---|---|
/// | `AB_TEST_FILE` | the file: `{"containers": [{"key", "name", "parent"?}], "entries": [{"key", "name", "address"?, "type"?, "alias"?, "kind": "user" or "list", "container", "members"?: [keys], "phone"?}]}` |
/// | `AB_TEST_SLEEP_MS` | how long each `search` and `get` takes |
/// | `AB_TEST_PANIC` | what panics: `search`, `get` or `members` |
/// | `AB_TEST_ERROR` | `1`: nothing can be looked up |
pub struct Probe;

impl AddressBook for Probe {
    type Settings = Settings;

    fn open(_settings: Settings) -> Result<Self, LogonError> {
        Ok(Self)
    }

    fn containers(&self) -> Vec<Container> {
        match book() {
            Ok(book) => book.containers,
            Err(_) => vec![Container::default()],
        }
    }

    fn search(&self, query: &Query<'_>, found: &mut Found<'_>) -> Result<(), LookupError> {
        slowly();
        as_told("search")?;
        book()?.search(query.container, &query.what, found)
    }

    fn get(&self, key: &str) -> Result<Option<Entry>, LookupError> {
        slowly();
        as_told("get")?;
        let book = book()?;
        Ok(book.get(key).map(|person| person.entry()))
    }

    fn members(&self, key: &str, found: &mut Found<'_>) -> Result<(), LookupError> {
        as_told("members")?;
        book()?.members(key, found)
    }
}

/// What the file has now; nothing where there is none.
fn book() -> Result<Book, LookupError> {
    let Some(file) = env::var_os("AB_TEST_FILE") else {
        return Ok(Book {
            containers: vec![Container::default()],
            ..Book::default()
        });
    };
    Ok(Book::from_json(&fs::read_to_string(file)?)?)
}

/// A server that takes its time, and that nobody can hurry.
fn slowly() {
    let time = env::var("AB_TEST_SLEEP_MS");
    if let Some(time) = time.ok().and_then(|time| time.parse().ok()) {
        thread::sleep(Duration::from_millis(time));
    }
}

fn as_told(call: &str) -> Result<(), LookupError> {
    let is = |name: &str, word: &str| env::var(name).is_ok_and(|told| told == word);
    assert!(!is("AB_TEST_PANIC", call), "AB_TEST_PANIC={call}");
    match is("AB_TEST_ERROR", "1") {
        true => Err(LookupError::new("AB_TEST_ERROR")),
        false => Ok(()),
    }
}
