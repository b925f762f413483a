//! Write a MAPI provider for Outlook in Rust: sync logic and a manifest in, a DLL out.
//!
//! A provider crate has a `provider.toml`, a type with the sync logic, and two lines that bring them
//! together: [`provider!`][provider-macro] and [`#[derive(MapiSync)]`][sync-derive].
//!
//! ```
//! use mapi_provider::{BackgroundSync, LogonError, MapiSync, SyncError, SyncJob};
//!
//! // mapi_provider::provider!("provider.toml");     makes `Settings` and the entry points
//! # type Settings = ();
//!
//! #[derive(MapiSync)]
//! struct Contoso;
//!
//! impl BackgroundSync for Contoso {
//!     type Settings = Settings;
//!
//!     fn open(_settings: Settings) -> Result<Self, LogonError> {
//!         Ok(Contoso)
//!     }
//!
//!     fn synchronize(&self, job: &SyncJob) -> Result<(), SyncError> {
//!         let seen: u64 = match job.cursor() {
//!             Some(bytes) => std::str::from_utf8(bytes)?.parse()?,
//!             None => 0,
//!         };
//!         for message in 0..10 {
//!             job.progress("Downloading", message, 10)?; // an error when Outlook cancels
//!         }
//!         job.save_cursor((seen + 10).to_string())
//!     }
//! }
//! ```
//!
//! Without the feature `macros`, which is on by default, there is neither: a crate keeps what they would write
//! in files, made by `cargo mapi expand --write`, and has `impl MapiSync for Contoso {}`.
//!
//! A store that keeps its mail itself, `kind = "store"` with a `[store]` in the manifest, needs the feature `mailbox`.
//!
//! COM objects of your own are structs with [`#[derive(MapiObject)]`][object-derive] and `impl`s of the
//! traits in [`abi`], such as [`IMsgStore_Impl`](abi::IMsgStore_Impl): a method that you don't write
//! answers `MAPI_E_NO_SUPPORT`.
//!
//! # Threads
//!
//! MAPI calls from any thread. Logic is `Send + Sync`; [`BackgroundSync::synchronize`] runs on a worker,
//! never twice at once for a store. No panic reaches Outlook: a method answers `E_UNEXPECTED`, a run
//! fails, and the process goes on. That needs `panic = "unwind"`, which is checked. Four things nobody can
//! stop: running out of memory, a stack overflow, a panic while panicking, and a panic in the destructor of a
//! thread-local.
//!
//! Thread-locals of the worker's thread are dropped when it ends, which is after the run's event was
//! signalled: keep nothing in them that the store, or a library that is unloaded, has to outlive.
//!
//! # Log
//!
//! Events go to `tracing`. Where the process has no subscriber, which is so in Outlook, the environment
//! variable `MAPI_PROVIDER_LOG` names a file to write them to: those of this crate, of yours, and of those that
//! `MAPI_PROVIDER_LOG_CRATES` names. In an elevated process and in a service's both do nothing.
//!

// What the macros' names lead to where they are not there.
#![cfg_attr(
    feature = "macros",
    doc = "
[provider-macro]: crate::provider!
[sync-derive]: derive@crate::MapiSync
[object-derive]: derive@crate::MapiObject"
)]
#![cfg_attr(
    not(feature = "macros"),
    doc = "
[provider-macro]: https://docs.rs/mapi-provider/latest/mapi_provider/macro.provider.html
[sync-derive]: https://docs.rs/mapi-provider/latest/mapi_provider/derive.MapiSync.html
[object-derive]: https://docs.rs/mapi-provider/latest/mapi_provider/derive.MapiObject.html"
)]
#![cfg_attr(docsrs, feature(doc_cfg))]
// What a signature names can be named: see `__private` for what is left out.
#![warn(missing_debug_implementations, unnameable_types)]

#[cfg(any(feature = "address-book", feature = "transport"))]
mod address;
#[cfg(feature = "address-book")]
#[cfg_attr(docsrs, doc(cfg(feature = "address-book")))]
pub mod address_book;
mod entry;
mod error;
mod event;
mod features;
pub mod install;
mod log;
mod manifest;
#[cfg(feature = "mime")]
#[cfg_attr(docsrs, doc(cfg(feature = "mime")))]
pub mod mime;
// For the host and for tests of this crate: it changes without notice.
#[doc(hidden)]
pub mod platform;
pub mod profile;
mod settings;
mod status;
pub mod store;
mod sync;
#[cfg(feature = "transport")]
#[cfg_attr(docsrs, doc(cfg(feature = "transport")))]
pub mod transport;
#[cfg(feature = "twoway")]
#[cfg_attr(docsrs, doc(cfg(feature = "twoway")))]
pub mod twoway;

pub use crate::{
    entry::{MapiSync, OwnStore, Session, StoreLogon},
    error::{LogonError, SyncError},
    manifest::Provider,
    settings::{MissingSetting, Secret, ServiceSettings, SettingType, WritableSetting},
    status::Status,
    sync::{BackgroundSync, CancelToken, JobSettings, SyncEngine, SyncJob, TestRun},
};
#[doc(no_inline)] // 3,500 pages, which its own crate has
pub use mapi_provider_abi::mapi as abi;
pub use mapi_provider_abi::{object, view};
#[cfg(feature = "macros")]
pub use mapi_provider_macros::{MapiObject, MapiSync, provider};
#[cfg(feature = "mailbox")]
pub use mapi_provider_mailbox as mailbox;

/// What `provider!` states about a provider: its manifest, and the declarations of its settings.
pub mod spec {
    pub use crate::manifest::{
        AddressBookSpec, Browse, ContainerType, DetailSpec, Instances, Kind, Manifest, Overlap,
        ProviderSpec, QueueSpec, SettingsTest, TransportSpec, Unload,
    };
    pub use crate::settings::{SettingDefault, SettingKind, SettingSpec, SettingValues};
}

/// Only for generated code: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use mapi_provider_abi::prelude;

    pub use mapi_provider_abi::__private::{
        Chain, Class, Forwards, GUID, Has, IUnknown, Interface, Object, Query, tear_off,
    };
    pub use windows_core::HRESULT;

    pub use crate::{
        __needs_address_book as needs_address_book, __needs_exchange as needs_exchange,
        __needs_forms as needs_forms, __needs_mailbox as needs_mailbox,
        __needs_outlook as needs_outlook, __needs_store as needs_store,
        __needs_transport as needs_transport,
    };

    #[cfg(feature = "address-book")]
    pub use crate::entry::ab_provider_init;
    #[cfg(feature = "mailbox")]
    pub use crate::entry::mailbox_provider_init;
    #[cfg(feature = "transport")]
    pub use crate::entry::xp_provider_init;
    pub use crate::entry::{
        MapiSync, add_to_profile, add_to_profile_w, merge_with_mapisvc, merge_with_mapisvc_w,
        ms_provider_init, own_provider_init, remove_from_mapisvc, remove_from_mapisvc_w,
        remove_from_profile, remove_from_profile_w, service_entry, sync_interface, test_settings,
        wrapped_provider_init, wrapped_service_entry,
    };
    pub use crate::manifest::{
        AddressBookSpec, Browse, ContainerType, DetailSpec, InfSection, Instances, Kind, Manifest,
        Overlap, Provider, ProviderSpec, QueueSpec, SettingsTest, TransportSpec, Unload,
        assert_contract,
    };
    pub use crate::settings::{
        MissingSetting, Secret, ServiceSettings, SettingDefault, SettingKind, SettingSpec,
        SettingValues, WritableSetting,
    };
    pub use crate::sync::SyncEngine;
    pub use mapi_provider_abi::mapi::{
        ALLOCATEBUFFER, ALLOCATEMORE, FREEBUFFER, IMAPISync, MAPIERROR, SPropValue,
    };
}
