//! A message store engine: what Outlook shows of a mailbox, and what keeps it.
//!
//! - [`table`]: tables of anything that has rows: columns, restrictions, orders, categories, positions, notifications.

// What generated code says: `::mapi_provider::__private`.
extern crate self as mapi_provider;

pub mod table;

/// What generated code uses, and nobody else.
mod __private {
    pub(crate) use mapi_provider_abi::mapi::{GUID, Interface};
    pub(crate) use mapi_provider_abi::object::{Chain, Class, Has};
}
