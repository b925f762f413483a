//! A whole message store, kept in one SQLite file.
//!
//! - [`database`]: folders, messages, attachments, named properties, the outgoing queue, search folders, and a log of
//!   changes. It knows nothing of COM; everything in it is safe to call from any thread.
//! - [`logic`]: what the synchronisation logic works with, in batches; no client waits longer than one.
//! - [`objects`]: the store as COM objects.
//! - [`table`]: tables of anything that has rows: columns, restrictions, orders, categories, positions, notifications.
//! - [`text`]: how texts are compared.
//!
//! A provider uses this crate by `mapi-provider`, with its feature `mailbox`.

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod database;
pub mod logic;
pub mod objects;
#[doc(no_inline)]
pub use mapi_provider_table::{table, text};
