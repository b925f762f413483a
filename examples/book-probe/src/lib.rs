//! An address book for tests. [`Probe`] says what it does, [`Book`] what its file has.

mod book;
mod probe;

pub use self::book::{Book, Kind, Person};
pub use self::probe::Probe;

mapi_provider::provider!("provider.toml");
