//! The probe as a wrapped store, nothing overridden: for contract tests.
//!
//! Its runs do what the variables of `examples/probe` say, and before that, what one more says:
//!
//! | variable | what | default |
//! |---|---|---|
//! | `SYNC_TEST_STORE` | `1`: creates a message in the folder "Probe" of the wrapped store | |
#![forbid(unsafe_code)]

#[path = "../../probe/src/logic.rs"]
mod logic;

use std::env;

use mapi_provider::store::{Store, StoreError};
use mapi_provider::{BackgroundSync, LogonError, MapiSync, SyncError, SyncJob};

mapi_provider::provider!("provider.toml");

/// Sync logic that does what it is told.
#[derive(MapiSync)]
pub struct WrappedProbe {
    label: String,
}

impl BackgroundSync for WrappedProbe {
    type Settings = Settings;

    fn open(settings: Settings) -> Result<Self, LogonError> {
        Ok(Self {
            label: settings.label,
        })
    }

    fn synchronize(&self, job: &SyncJob) -> Result<(), SyncError> {
        if env::var("SYNC_TEST_STORE").is_ok_and(|value| value == "1") {
            create_message(&job.store()?, &self.label)?;
        }
        logic::run(&self.label, job)
    }
}

/// A message in the folder "Probe", whose subject is the label.
fn create_message(store: &Store, label: &str) -> Result<(), StoreError> {
    let folder = store.ipm_subtree()?.open_or_create_folder("Probe")?;
    let message = folder.create_message()?;
    message.set_subject(label)?;
    message.set_body("What the probe has written.")?;
    message.save().map(drop)
}
