//! A provider whose message store object is its own: `[store] object` in the manifest names it.
//!
//! The sync logic below fetches notices; the store in [`store`] shows how many there are. Logon, logoff, the entry points and
//! the background synchronisation are generated as for every provider.

pub mod store;

use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use mapi_provider::{BackgroundSync, LogonError, MapiSync, SyncError, SyncJob};

mapi_provider::provider!("provider.toml");

/// The notices of a board: the logic writes them, the store shows them.
#[derive(MapiSync)]
pub struct Notices {
    file: PathBuf,
    texts: Mutex<Vec<String>>,
}

impl Notices {
    /// How many there are.
    pub fn count(&self) -> usize {
        let texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        texts.len()
    }

    fn set(&self, texts: Vec<String>) {
        *self.texts.lock().unwrap_or_else(PoisonError::into_inner) = texts;
    }
}

impl BackgroundSync for Notices {
    type Settings = Settings;

    fn open(settings: Settings) -> Result<Self, LogonError> {
        Ok(Self {
            file: settings.notices,
            texts: Mutex::default(),
        })
    }

    fn synchronize(&self, job: &SyncJob) -> Result<(), SyncError> {
        let text = fs::read_to_string(&self.file)?;
        let mut texts = Vec::new();
        let total = text.lines().count();
        for (done, notice) in text.lines().enumerate() {
            job.progress(notice, done, total)?;
            texts.push(notice.to_owned());
        }
        self.set(texts);
        job.progress("Finished", total, total)
    }
}
