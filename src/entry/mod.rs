//! Where MAPI's world meets ours: the entry points, the objects behind them, and what these ask of MAPI.
//! Raw pointers end here and in [`crate::view`]; [`crate::sync`] sees none.

#![allow(
    non_snake_case,
    reason = "parameters have the names of MAPI's reference"
)]

mod admin;
mod attachment;
mod callback;
mod failure;
mod identity;
mod init;
mod limits;
mod logon;
mod mapisvc;
#[cfg(not(feature = "store"))]
mod no_wrapped;
mod open;
mod outgoing;
pub(crate) mod profile;
pub(crate) mod profiles;
mod properties;
mod provider;
mod registry;
mod service;
mod session;
mod store;
mod support;
mod synchronize;
mod table_rows;
mod tags;
mod text;
#[cfg(feature = "store")]
mod wrapped;

#[cfg(not(feature = "store"))]
pub(crate) use self::no_wrapped::OpenStore;
#[cfg(feature = "store")]
pub(crate) use self::wrapped::OpenStore;
#[cfg(feature = "store")]
pub use self::wrapped::{wrapped_provider_init, wrapped_service_entry};
pub use self::{
    init::ms_provider_init,
    mapisvc::{
        merge_with_mapisvc, merge_with_mapisvc_w, remove_from_mapisvc, remove_from_mapisvc_w,
    },
    profiles::{add_to_profile, add_to_profile_w, remove_from_profile, remove_from_profile_w},
    service::service_entry,
    session::Session,
    synchronize::sync_interface,
};
