//! A provider that keeps the Maildirs of a server and Outlook's own store in step.
//!
//! The store is wrapped: Outlook's PST provider keeps the mail, shows it, searches it. This crate has the verbs of its server;
//! the runtime decides what is done with them (feature `twoway`).
#![forbid(unsafe_code)]

// Files and their names are the same as in the example of two Maildirs.
#[path = "../../../templates/maildir/src/header.rs"]
pub mod header;
#[path = "../../../templates/maildir/src/maildir.rs"]
pub mod maildir;

pub mod keywords;
pub mod remote;

use std::path::PathBuf;

use mapi_provider::{BackgroundSync, LogonError, MapiSync, SyncError, SyncJob, twoway};

use self::maildir::Maildir;
use self::remote::MaildirTree;

mapi_provider::provider!("provider.toml");

/// A profile's Maildirs.
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
        Maildir::new(&self.server).check()?;
        let server = MaildirTree::new(&self.server, &self.folder);
        twoway::synchronize(&server, job)?;
        Ok(())
    }

    fn plan(&self, job: &SyncJob) -> Result<String, SyncError> {
        Maildir::new(&self.server).check()?;
        let server = MaildirTree::new(&self.server, &self.folder);
        let plan = twoway::plan(&server, job, &twoway::Options::default())?;
        Ok(plan.to_string())
    }
}
