//! Address books as MAPI sees them: the objects, and what they ask of the support object. What is not MAPI's is in
//! [`crate::address_book`].
//!
//! ```text
//! MAPI → AddressBookProvider → AddressBookLogon ─→ Attached: directory, support object
//!                              StatusObject ┄weak┄┘ ↑
//!                              Container, User, List
//! ```
//!
//! Containers, users and lists hold what is attached, never the logon: there is no cycle (AB-34).

mod attached;
mod container;
mod details;
mod init;
mod list;
mod logon;
mod open;
mod properties;
mod provider;
mod recipients;
mod status_object;
mod tables;
mod uids;
mod user;

pub use self::init::ab_provider_init;
