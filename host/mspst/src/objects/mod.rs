//! The engine's provider, logon and store, wrapped: what is called is recorded, and the store has the replication
//! interfaces. All other objects are the engine's own.

#![allow(
    non_snake_case,
    clippy::too_many_arguments,
    reason = "names and signatures are MAPI's"
)]

mod logon;
mod ostx;
mod provider;
mod registry;
mod store;

pub(crate) use self::provider::new_provider;
