//! A provider, and an object of its own, without macros: what they would write is in files.
#![deny(warnings, missing_docs, unreachable_pub, clippy::undocumented_unsafe_blocks)]

mod object;

use mapi_provider::{BackgroundSync, LogonError, MapiSync, SyncError, SyncJob};

include!("provider.rs");

/// The logic.
pub struct Logic;

impl MapiSync for Logic {}

impl BackgroundSync for Logic {
    type Settings = Settings;

    fn open(_: Settings) -> Result<Self, LogonError> {
        Ok(Logic)
    }

    fn synchronize(&self, _: &SyncJob) -> Result<(), SyncError> {
        object::new();
        Ok(())
    }
}
