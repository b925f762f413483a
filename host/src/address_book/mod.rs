//! Plays MAPI's address book and its clients with one address book provider.

mod clients;
mod list;
mod logon;
mod object;
mod provider;
mod table;

pub use self::clients::{Candidate, ListedContainer, Resolved};
pub use self::list::AddressList;
pub use self::logon::AddressBook;
pub use self::object::BookObject;
pub use self::provider::{AddressBookOptions, AddressBookProvider};
pub use self::table::BookTable;
