//! The sync logic: what happens when Outlook synchronises.
//!
//! It works as it stands, with a text file in the server's place: each line is a message, and a run puts those that
//! are new into a folder, one file each. Put your server and your messages there, step by step; the tests in
//! tests/sync.rs go with you.

use std::fs;
use std::path::PathBuf;

use mapi_provider::{BackgroundSync, LogonError, MapiSync, SyncError, SyncJob};

use crate::Settings;

/// What lives from a logon to its logoff: connections, caches, credentials.
///
/// Threads share it, so what changes in it needs a lock. It knows nothing of Outlook and of COM.
#[derive(MapiSync)]
pub struct Mailbox {
    server: PathBuf,
    local: PathBuf,
}

impl BackgroundSync for Mailbox {
    /// One field for each `[[service.setting]]` of provider.toml.
    type Settings = Settings;

    /// Called at logon, on Outlook's own thread: look at the settings, and leave what takes time to `synchronize`.
    ///
    /// `LogonError::unconfigured` lets Outlook ask for other settings. Any other error, by `?` too, says that the
    /// store can't be opened this time.
    fn open(settings: Settings) -> Result<Self, LogonError> {
        let Settings { server, local } = settings;
        if !server.has_root() || !local.has_root() {
            return Err(LogonError::unconfigured(
                "`server` and `local` must be whole paths",
            ));
        }
        Ok(Self { server, local })
    }

    /// A run, on a thread of its own; never two at once for a store.
    ///
    /// It may be ended after any step, and the process with it. So each step is whole, doing it again does no harm,
    /// and the cursor says from where to go on.
    fn synchronize(&self, job: &SyncJob) -> Result<(), SyncError> {
        // Outlook may ask for one direction only. This example has nothing to send.
        if !job.downloads() {
            return Ok(());
        }
        let messages = self.messages()?;
        let known = known(job).min(messages.len());
        let new = &messages[known..];
        fs::create_dir_all(&self.local)?;

        for (done, message) in new.iter().enumerate() {
            // What the user sees. It is an error once the run is cancelled, and `?` ends the run then.
            job.progress(format!("Downloading: {message}"), done, new.len())?;
            let number = known + done + 1;
            if message.is_empty() {
                // The user learns of it, and the run goes on.
                job.warn(format!("Message {number} is empty and was left out"));
            } else {
                fs::write(self.local.join(format!("{number:06}.txt")), message)?;
            }
            // Kept in the profile: bytes of your own choice, such as a server's sync token. With many small
            // messages, now and then is enough.
            job.save_cursor(number.to_string())?;
        }
        job.progress("Finished", new.len(), new.len())
    }
}

impl Mailbox {
    /// All messages on the server.
    ///
    /// `?` makes a `SyncError` of any error. Here it is one by hand, for its text is what the user reads.
    fn messages(&self) -> Result<Vec<String>, SyncError> {
        let text = fs::read_to_string(&self.server).map_err(|error| {
            let text = format!("can't read {}: {error}", self.server.display());
            SyncError::new(SyncError::from(error).code(), text)
        })?;
        Ok(text.lines().map(str::to_owned).collect())
    }
}

/// How many messages earlier runs have fetched. A cursor that makes no sense is none: then all are fetched again.
fn known(job: &SyncJob) -> usize {
    let text = job.cursor().and_then(|bytes| str::from_utf8(bytes).ok());
    text.and_then(|text| text.parse().ok()).unwrap_or(0)
}
