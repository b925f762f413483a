//! The logic of the probe.

use mapi_provider::{BackgroundSync, LogonError, MapiSync, SyncError, SyncJob};

use crate::{Settings, logic, server};

/// Sync logic that does what it is told.
#[derive(MapiSync)]
pub struct StoreProbe {
    label: String,
}

impl BackgroundSync for StoreProbe {
    type Settings = Settings;

    fn open(settings: Settings) -> Result<Self, LogonError> {
        Ok(Self {
            label: settings.label,
        })
    }

    fn synchronize(&self, job: &SyncJob) -> Result<(), SyncError> {
        server::exchange(&job.mailbox()?)?;
        logic::run(&self.label, job)
    }
}
