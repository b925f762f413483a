//! A provider that keeps two Maildirs in step: one on a server, one local.

pub mod header;
pub mod maildir;
pub mod plan;
pub mod state;
pub mod sync;

use std::path::PathBuf;

use mapi_provider::{BackgroundSync, LogonError, MapiSync, SyncError, SyncJob};

mapi_provider::provider!("provider.toml");

/// The two folders of a profile.
#[derive(MapiSync)]
pub struct Maildirs {
    server: PathBuf,
    local: PathBuf,
}

impl BackgroundSync for Maildirs {
    type Settings = Settings;

    fn open(settings: Settings) -> Result<Self, LogonError> {
        let Settings { server, local } = settings;
        if !server.has_root() || !local.has_root() {
            return Err(LogonError::unconfigured(
                "`server` and `local` must be absolute paths",
            ));
        }
        if server == local {
            return Err(LogonError::unconfigured(
                "`server` and `local` are the same folder",
            ));
        }
        Ok(Self { server, local })
    }

    fn synchronize(&self, job: &SyncJob) -> Result<(), SyncError> {
        sync::synchronize(&self.server, &self.local, job)
    }

    fn plan(&self, job: &SyncJob) -> Result<String, SyncError> {
        sync::planned(&self.server, &self.local, job)
    }
}
