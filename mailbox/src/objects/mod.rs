//! The object room: a store of the [database](crate::database) as COM objects.
//!
//! [`provider`] gives the IMSProvider of a [`Face`]; all else is got from that: the logon, the store, folders, messages,
//! attachments, streams, tables, the status.
//!
//! The objects are thin. What they are about lies in the database, what they show in `computed`. Each call looks at the
//! store as it is; only messages and attachments are working copies. Raw pointers end in `arguments` and `answers`.
//! `IMAPIProp` is the same for all of them, in `property_object`.
//!
//! # Threads
//!
//! All objects can be called from any thread. Sinks are told on the thread that has changed something, or on one of the
//! engine's for what other processes do, and never while anything is locked.

#![allow(
    non_snake_case,
    clippy::too_many_arguments,
    reason = "names and signatures are MAPI's"
)]

mod answers;
mod arguments;
mod computed;
mod conversion;
mod copier;
mod copying;
#[cfg(test)]
mod copying_tests;
mod destination;
mod events;
mod face;
mod fault;
mod folder;
mod folder_content;
mod folder_props;
mod folder_transfer;
mod folder_tree;
mod foreign;
mod identity;
mod locks;
mod logon;
mod message;
mod named;
mod new_mail;
#[cfg(test)]
#[path = "../../tests/support/object_mock/mod.rs"]
mod object_mock;
mod open_entry;
mod opened;
mod opening;
mod owners;
mod polling;
mod progress;
mod property_copy;
mod property_object;
mod provider;
mod read_marks;
mod receipts;
mod receive;
mod registry;
mod rows;
mod search;
mod sending;
mod setting;
mod shared;
mod status;
mod storage;
mod store;
mod store_props;
mod stream;
mod stream_bytes;
mod stream_object;
mod stream_text;
mod support;
mod tables;
mod teller;
#[cfg(test)]
mod testing;
mod which;

pub use self::face::{Face, Location, LogonRequest, Place};
pub use self::fault::{Fault, Result};
pub use self::opened::database;
pub use self::opening::store_for_logic;
pub use self::provider::provider;
