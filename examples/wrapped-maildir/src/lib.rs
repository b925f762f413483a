//! A provider that keeps a Maildir on a server and a folder of Outlook's own store in step.
//!
//! The store is wrapped: Outlook's PST provider keeps the mail, shows it, searches it. This crate only
//! synchronises; the runtime converts messages between both sides (feature `mime`).
#![forbid(unsafe_code)]

// Maildirs and the plan for their messages are the same as if both sides were Maildirs.
#[path = "../../../templates/maildir/src/header.rs"]
pub mod header;
#[path = "../../../templates/maildir/src/maildir.rs"]
pub mod maildir;
#[path = "../../../templates/maildir/src/plan.rs"]
pub mod plan;

mod flags;
mod folder;
mod key;
pub mod mailbox;
pub mod roster;
pub mod sync;

use std::path::PathBuf;

use mapi_provider::{BackgroundSync, LogonError, MapiSync, SyncError, SyncJob};

use self::folder::StoreFolder;

mapi_provider::provider!("provider.toml");

/// A profile's Maildir, and the store's folder that is kept the same.
#[derive(MapiSync)]
pub struct WrappedMaildir {
    server: PathBuf,
    folder: String,
}

impl BackgroundSync for WrappedMaildir {
    type Settings = Settings;

    fn open(settings: Settings) -> Result<Self, LogonError> {
        let Settings { server, folder } = settings;
        if !server.has_root() {
            return Err(LogonError::unconfigured(
                "`server` must be an absolute path",
            ));
        }
        if folder.is_empty() {
            return Err(LogonError::unconfigured("`folder` must be a name"));
        }
        Ok(Self { server, folder })
    }

    fn synchronize(&self, job: &SyncJob) -> Result<(), SyncError> {
        let folder = StoreFolder::open(&job.store()?, &self.folder)?;
        sync::synchronize(&self.server, &folder, job)
    }
}
