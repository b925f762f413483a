//! The COM objects. Each is thin: the work is done in `db`, `computed` and `table`.

#![allow(
    non_snake_case,
    clippy::too_many_arguments,
    reason = "names and signatures are MAPI's"
)]

mod attach;
mod copying;
mod destination;
mod folder;
mod folder_content;
mod folder_props;
mod folder_tree;
mod logon;
mod message_object;
mod message_state;
mod named;
mod open_entry;
mod opening;
mod ostx;
mod owners;
mod provider;
mod receive;
mod recipients;
mod registry;
mod shared;
mod status;
mod store;
mod store_props;
mod stream;
mod table;
mod table_core;

pub(crate) use self::provider::ProviderObject;
