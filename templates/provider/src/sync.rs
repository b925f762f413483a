//! The sync logic: what happens when Outlook synchronises.
//!
//! It works as it stands, with a text file in the server's place: each line is a message, and a run puts those that
{%- if kind == "wrapped-store" %}
//! are new into a folder of the store. Outlook's own PST provider keeps them and shows them. Put your server and your
//! messages there, step by step; the tests in tests/sync.rs go with you.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use mapi_provider::abi::{PT_LONG, PropTag};
use mapi_provider::store::Folder;
use mapi_provider::view::FileTime;
use mapi_provider::{BackgroundSync, LogonError, MapiSync, SyncError, SyncJob};
{%- else %}
//! are new into a folder, one file each. Put your server and your messages there, step by step; the tests in
//! tests/sync.rs go with you.

use std::fs;
use std::path::PathBuf;

use mapi_provider::{BackgroundSync, LogonError, MapiSync, SyncError, SyncJob};
{%- endif %}

use crate::Settings;

/// What lives from a logon to its logoff: connections, caches, credentials.
///
/// Threads share it, so what changes in it needs a lock. It knows nothing of Outlook and of COM.
#[derive(MapiSync)]
pub struct Mailbox {
    server: PathBuf,
{%- if kind == "store" %}
    local: PathBuf,
{%- endif %}
}

impl BackgroundSync for Mailbox {
    /// One field for each `[[service.setting]]` of provider.toml.
    type Settings = Settings;

    /// Called at logon, on Outlook's own thread: look at the settings, and leave what takes time to `synchronize`.
    ///
    /// `LogonError::unconfigured` lets Outlook ask for other settings. Any other error, by `?` too, says that the
    /// store can't be opened this time.
    fn open(settings: Settings) -> Result<Self, LogonError> {
{%- if kind == "wrapped-store" %}
        let Settings { server } = settings;
        if !server.has_root() {
            return Err(LogonError::unconfigured("`server` must be a whole path"));
        }
        Ok(Self { server })
{%- else %}
        let Settings { server, local } = settings;
        if !server.has_root() || !local.has_root() {
            return Err(LogonError::unconfigured(
                "`server` and `local` must be whole paths",
            ));
        }
        Ok(Self { server, local })
{%- endif %}
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
        let inbox = self.inbox(job)?;

        for (done, message) in new.iter().enumerate() {
            // What the user sees. It is an error once the run is cancelled, and `?` ends the run then.
            job.progress(format!("Downloading: {message}"), done, new.len())?;
            let number = i32::try_from(known + done + 1)?;
            if message.is_empty() {
                // The user learns of it, and the run goes on.
                job.warn(format!("Message {number} is empty and was left out"));
            } else {
                inbox.deliver(number, message)?;
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

    /// Where messages go.
{%- if kind == "wrapped-store" %}
    fn inbox<'run>(&self, job: &'run SyncJob) -> Result<Inbox<'run>, SyncError> {
        // The store that Outlook shows, without what Outlook does not show.
        let subtree = job.store()?.ipm_subtree()?;
        let folder = subtree.open_or_create_folder("Inbox")?;
        let mut there = BTreeSet::new();
        for row in folder.messages().columns(&[NUMBER]).rows()? {
            there.extend(row?.long(NUMBER));
        }
        Ok(Inbox { folder, there })
    }
{%- else %}
    fn inbox(&self, _job: &SyncJob) -> Result<Inbox, SyncError> {
        fs::create_dir_all(&self.local)?;
        let folder = self.local.clone();
        Ok(Inbox { folder })
    }
{%- endif %}
}

/// How many messages earlier runs have fetched. A cursor that makes no sense is none: then all are looked at again.
fn known(job: &SyncJob) -> usize {
    let text = job.cursor().and_then(|bytes| str::from_utf8(bytes).ok());
    text.and_then(|text| text.parse().ok()).unwrap_or(0)
}

{%- if kind == "wrapped-store" %}
/// Where a message keeps the server's number of it: a property of our own.
const NUMBER: PropTag = PropTag::new(0x6640, PT_LONG);

/// A folder of the store, and the server's numbers of the messages that are in it.
struct Inbox<'run> {
    folder: Folder<'run>,
    there: BTreeSet<i32>,
}

impl Inbox<'_> {
    /// Puts a message into the folder. Nobody sees it before `save`, and then it is whole.
    fn deliver(&self, number: i32, text: &str) -> Result<(), SyncError> {
        // A run that was killed may have delivered more than the cursor says.
        if self.there.contains(&number) {
            return Ok(());
        }
        let message = self.folder.create_message()?;
        message.set(NUMBER, number)?;
        message.set_subject(text)?;
        message.set_body(text)?;
        message.set_from("The server", "server@example.org")?;
        let now = FileTime::try_from(SystemTime::now())?;
        message.set_times(now, now)?;
        message.set_read(false)?;
        message.save()?;
        Ok(())
    }
}
{%- else %}
/// A folder of files.
struct Inbox {
    folder: PathBuf,
}

impl Inbox {
    /// Puts a message into the folder. One that is there already is written again, and is the same.
    fn deliver(&self, number: i32, text: &str) -> Result<(), SyncError> {
        fs::write(self.folder.join(format!("{number:06}.txt")), text)?;
        Ok(())
    }
}
{%- endif %}
