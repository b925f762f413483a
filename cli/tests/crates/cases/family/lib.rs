//! A provider whose interfaces say one of a family that is no default.

use mapi_provider::{BackgroundSync, LogonError, MapiSync, SyncError, SyncJob};

mapi_provider::provider!("provider.toml");

#[derive(MapiSync)]
pub struct Logic;

impl BackgroundSync for Logic {
    type Settings = Settings;

    fn open(_: Settings) -> Result<Self, LogonError> {
        Ok(Logic)
    }

    fn synchronize(&self, _: &SyncJob) -> Result<(), SyncError> {
        Ok(())
    }
}
