//! The first page's provider: all that a team writes, beside the client that it has.

mod client;

use client::Client;

use mapi_provider::{BackgroundSync, LogonError, MapiSync, SyncError, SyncJob};

mapi_provider::provider!("examples/first/provider.toml"); // also makes `Settings`

#[derive(MapiSync)]
struct Contoso {
    server: Client,
}

impl BackgroundSync for Contoso {
    type Settings = Settings;

    // At logon, on Outlook's thread.
    fn open(settings: Settings) -> Result<Self, LogonError> {
        let server = Client::new(&settings.server)?;
        Ok(Self { server })
    }

    // At each Send/Receive, on a worker thread.
    fn synchronize(&self, job: &SyncJob) -> Result<(), SyncError> {
        let changes = self.server.changes_since(job.cursor())?;
        for (done, change) in changes.iter().enumerate() {
            job.progress("Downloading", done, changes.len())?; // an error when Outlook cancels
            change.apply()?;
        }
        job.save_cursor(changes.cursor()) // kept across runs and processes
    }
}
