//! Where MAPI's world meets ours: the entry points, the objects behind them, and what these ask of MAPI.
//! Raw pointers end here and in [`mapi_provider_abi::view`]; [`crate::sync`] sees none.

#![allow(
    non_snake_case,
    reason = "parameters have the names of MAPI's reference"
)]

#[cfg(feature = "address-book")]
mod address_book;
mod admin;
mod attachment;
mod callback;
mod changes;
mod dialog;
mod failure;
mod identity;
mod init;
mod limits;
mod logon;
mod logon_call;
#[cfg(any(feature = "transport", feature = "address-book"))]
mod logons;
mod mapisvc;
mod open;
mod outgoing;
mod own;
mod own_engine;
mod profile;
pub(crate) mod profiles;
mod properties;
mod provider;
mod registry;
mod sections;
mod service;
mod session;
mod shared;
mod store;
mod support;
mod synchronize;
mod table_rows;
mod tags;
mod text;
#[cfg(feature = "transport")]
mod transport;
mod wrapped;

#[cfg(feature = "address-book")]
pub use self::address_book::ab_provider_init;
#[cfg(feature = "transport")]
pub use self::transport::xp_provider_init;
#[cfg(feature = "mailbox")]
pub use self::wrapped::mailbox_provider_init;
pub use self::{
    dialog::test_settings,
    init::{ms_provider_init, own_provider_init},
    mapisvc::{
        merge_with_mapisvc, merge_with_mapisvc_w, remove_from_mapisvc, remove_from_mapisvc_w,
    },
    own::{OwnStore, StoreLogon},
    profiles::{add_to_profile, add_to_profile_w, remove_from_profile, remove_from_profile_w},
    service::service_entry,
    session::Session,
    synchronize::{MapiSync, sync_interface},
    wrapped::{wrapped_provider_init, wrapped_service_entry},
};
