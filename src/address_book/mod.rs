//! Address books: names that resolve, `kind = "address-book"`.
//!
//! A team writes an [`AddressBook`]. Entry IDs, tables, names, time limits and what was found before are the runtime's.
//!
//! ```
//! use mapi_provider::LogonError;
//! use mapi_provider::address_book::{AddressBook, Entry, Found, LookupError, Query};
//!
//! struct Directory;
//!
//! impl AddressBook for Directory {
//!     type Settings = ();
//!
//!     fn open(_settings: ()) -> Result<Self, LogonError> {
//!         Ok(Directory)
//!     }
//!
//!     fn search(&self, _query: &Query<'_>, found: &mut Found<'_>) -> Result<(), LookupError> {
//!         for (key, name, address) in [("1", "Ann Lee", "ann@example.org")] {
//!             found.push(Entry::user(key, name).smtp(address))?; // an error when it is enough
//!         }
//!         Ok(()) // what does not match is left out
//!     }
//!
//!     fn get(&self, key: &str) -> Result<Option<Entry>, LookupError> {
//!         Ok((key == "1").then(|| Entry::user("1", "Ann Lee").smtp("ann@example.org")))
//!     }
//! }
//! ```

// MAPI's side is in `entry::address_book`; here nothing is unsafe.
mod asker;
mod contents;
mod directory;
mod entry_id;
mod error;
mod found;
mod logic;
mod memory;
mod question;
mod recipients;
mod rows;
#[cfg(test)]
mod testing;
mod tree;
mod values;

pub(crate) use self::{
    contents::{Contents, Of},
    directory::{Deadline, Directory},
    entry_id::{Name, Uids},
    recipients::{Meant, resolved},
    rows::{fixed, hierarchy, no_contents},
    tree::Branch,
    values::{Book, answered, in_width, is_error, typed_name},
};
pub use self::{
    error::LookupError,
    found::Found,
    logic::{Address, AddressBook, Container, Entry, Query, What},
};
