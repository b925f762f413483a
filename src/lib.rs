//! Write a MAPI provider for Outlook in Rust.

extern crate self as mapi_provider;

#[rustfmt::skip]
pub mod abi;
mod entry;
mod error;
mod log;
mod manifest;
pub mod object;
pub mod platform;
mod settings;
mod sync;

pub use crate::{
    error::{LogonError, Status, SyncError},
    manifest::Provider,
    settings::{MissingSetting, Secret, ServiceSettings},
    sync::{BackgroundSync, CancelToken, MapiSync, SyncEngine, SyncJob},
};
pub use mapi_provider_macros::{MapiObject, MapiSync, provider};

/// What generated code uses, and nobody else: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use windows_core::{GUID, HRESULT, IUnknown, Interface};

    pub use crate::abi::{
        ALLOCATEBUFFER, ALLOCATEMORE, FREEBUFFER, IMAPISync, MAPIERROR, SPropValue,
    };
    pub use crate::entry::{ms_provider_init, service_entry, sync_interface};
    pub use crate::manifest::{Kind, Manifest, Overlap, Provider, Unload, assert_contract};
    pub use crate::object::{Chain, Class, Forwards, Has, Object};
    pub use crate::settings::{
        MissingSetting, Secret, ServiceSettings, SettingDefault, SettingKind, SettingSpec,
        SettingValues,
    };
    pub use crate::sync::{MapiSync, SyncEngine};
}
