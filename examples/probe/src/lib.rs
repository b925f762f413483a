//! A provider for contract tests, whose sync does what environment variables say.
//!
//! | variable | what | default |
//! |---|---|---|
//! | `SYNC_TEST_STEPS` | how many steps of progress | 3 |
//! | `SYNC_TEST_STEP_MS` | how long each takes, in milliseconds; a cancellation ends the wait | 20 |
//! | `SYNC_TEST_FAIL` | an HRESULT to fail with after the steps, bare hexadecimal: `80040115` | |
//! | `SYNC_TEST_PANIC` | `1`: panics after the steps | |
//!
//! They are read at the start of every run.

mod logic;

use mapi_provider::{BackgroundSync, LogonError, MapiSync, SyncError, SyncJob};

mapi_provider::provider!("provider.toml");

/// Sync logic that does what it is told.
#[derive(MapiSync)]
pub struct Probe {
    label: String,
}

impl BackgroundSync for Probe {
    type Settings = Settings;

    fn open(settings: Settings) -> Result<Self, LogonError> {
        Ok(Self {
            label: settings.label,
        })
    }

    fn synchronize(&self, job: &SyncJob) -> Result<(), SyncError> {
        logic::run(&self.label, job)
    }
}
