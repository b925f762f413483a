{% if kind == "store" -%}
//! The sync logic: what happens when Outlook synchronises.
//!
//! It works as it is, with a text file in place of a server. Replace [`Server`] with yours, step by step, and adapt the
//! tests in tests/sync.rs. The mailbox keeps folders and messages in a file of its own and shows them to Outlook.

use std::collections::HashSet;
use std::time::SystemTime;

use mapi_provider::mailbox::database::{FolderId, Special};
use mapi_provider::mailbox::logic::{Local, LocalChange, Mailbox};
use mapi_provider::view::FileTime;
use mapi_provider::{BackgroundSync, LogonError, MapiSync, SyncError, SyncJob};

use crate::Settings;
use crate::server::{self, Marks, Message, Server};

/// What exists from a logon to its logoff: connections, caches, credentials.
///
/// Threads share it, so anything that changes in it needs a lock. It knows nothing about Outlook or COM.
#[derive(MapiSync)]
pub struct Account {
    server: Server,
}

impl BackgroundSync for Account {
    /// One field for each `[[service.setting]]` of provider.toml.
    type Settings = Settings;

    /// Called at logon, on Outlook's own thread: check the settings, and leave anything slow to `synchronize`.
    ///
    /// `LogonError::unconfigured` lets Outlook ask for other settings. Any other error, including those from `?`,
    /// says that the store can't be opened this time.
    fn open(settings: Settings) -> Result<Self, LogonError> {
        let Settings { server } = settings;
        if !server.has_root() {
            return Err(LogonError::unconfigured(
                "`server` must be an absolute path",
            ));
        }
        let server = Server::new(server);
        Ok(Self { server })
    }

    /// A run, on its own thread; a store never has two at once.
    ///
    /// It, and the whole process, may end after any step. So each step is complete, and repeating it does no harm.
    fn synchronize(&self, job: &SyncJob) -> Result<(), SyncError> {
        let mailbox = job.mailbox()?;
        // What the user did goes first: what the server has is then no older than that.
        let sent = match job.uploads() {
            true => self.send(&mailbox, job)?,
            false => Marks::new(),
        };
        if job.downloads() {
            self.fetch(&mailbox, job, &sent)?;
        }
        Ok(())
    }
}

impl Account {
    /// Tells the server what the user has read, and what is unread again. Returns the marks, by the messages' IDs.
    ///
    /// Moves, edits, deletions, new messages and folders come in `local_changes` as well. This server can't take them, so
    /// they are not acknowledged, and come again: nothing is lost until your server takes them.
    fn send(&self, mailbox: &Mailbox, job: &SyncJob) -> Result<Marks, SyncError> {
        let (mut marks, mut sent) = (Marks::new(), Vec::new());
        for change in mailbox.local_changes()? {
            if let Some((id, read)) = mark(&change) {
                marks.insert(id.to_owned(), read);
                sent.push(change);
            }
        }
        if !sent.is_empty() {
            job.progress("Uploading what was read", 0, sent.len())?;
        }
        self.server.mark(&marks)?;
        // Only now: whatever fails before this, the changes come again.
        for change in sent {
            change.acknowledge()?;
        }
        Ok(marks)
    }

    /// Brings in what is new at the server, and takes out what is gone. What was just sent is no news.
    fn fetch(&self, mailbox: &Mailbox, job: &SyncJob, sent: &Marks) -> Result<(), SyncError> {
        // Where the last run came to. Here it is the server's whole text; with your server perhaps a token.
        let cursor = mailbox.cursor()?.unwrap_or_default();
        let before = server::marked(&String::from_utf8_lossy(&cursor), sent);
        let known: HashSet<Message> = server::messages(&before).collect();
        let text = self.server.text()?;
        let there: Vec<Message> = server::messages(&text).collect();
        let new: Vec<&Message> = there.iter().filter(|it| !known.contains(it)).collect();
        if text != before {
            for number in server::mistakes(&text) {
                // The user is told, and the run goes on.
                job.warn(format!("Line {number} is no message and was left out"));
            }
        }

        // The cursor is kept in the same transaction as the last messages. They have the server's IDs: to bring one in
        // again changes nothing, so a run that was broken off does no harm.
        let mut batch = mailbox.batch();
        for (done, message) in new.iter().enumerate() {
            // What the user sees. Once the run is cancelled it returns an error, and `?` ends the run.
            let what = format!("Downloading: {}", message.subject);
            job.progress(what, done, new.len())?;
            let Some(folder) = folder(mailbox, message.folder)? else {
                continue;
            };
            let now = FileTime::try_from(SystemTime::now())?;
            batch.upsert(folder, &message.id, |draft| {
                draft.read(message.read);
                if draft.is_new() {
                    draft.subject(message.subject);
                    draft.body(message.subject);
                    draft.sender("The server", "server@example.org");
                    draft.received(now);
                }
            })?;
        }
        let ids: HashSet<&String> = there.iter().map(|message| &message.id).collect();
        let known = known.iter().map(|message| &message.id);
        batch.remove(known.filter(|id| !ids.contains(id)))?;
        batch.commit_with(text.as_bytes())?;
        job.progress("Finished", new.len(), new.len())
    }
}

/// The ID of a message that was marked and is otherwise as the server has it, and whether it is read now.
fn mark(change: &LocalChange) -> Option<(&str, bool)> {
    let remote = change.remote.as_ref()?;
    match change.what {
        Local::Changed {
            edited: false,
            read: Some(read),
            moved_from: None,
        } => Some((&remote.server_id, read)),
        _ => None,
    }
}

/// The folder of a path, with those around it: one that the server knows by it, one of this name, or a new one. None if
/// the user has deleted it, and the server doesn't know that yet.
fn folder(mailbox: &Mailbox, path: &str) -> Result<Option<FolderId>, SyncError> {
    let mut folder = mailbox.special(Special::IpmSubtree)?;
    let mut start = 0;
    for name in path.split('/') {
        let known = &path[..start + name.len()];
        start = known.len() + 1;
        let mut there = mailbox.folder_of_server(known)?;
        if there.is_none() {
            there = mailbox.folder_at(known)?;
        }
        if there.is_none() {
            there = mailbox.upsert_folder(folder, known, name)?;
        }
        folder = match there {
            Some(there) => there,
            None => return Ok(None),
        };
    }
    Ok(Some(folder))
}
{%- else -%}
//! The sync logic: what happens when Outlook synchronises.
//!
//! It works as it is, with a text file in place of a server: each line is a message, and a run puts those that
{%- if kind == "wrapped-store" %}
//! are new into a folder of the store. Outlook's own PST provider keeps them and shows them. Replace them with your
//! server and your messages, step by step, and adapt the tests in tests/sync.rs.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use mapi_provider::abi::{PT_LONG, PropTag};
use mapi_provider::store::Folder;
use mapi_provider::view::FileTime;
use mapi_provider::{BackgroundSync, LogonError, MapiSync, SyncError, SyncJob};
{%- else %}
//! are new into a folder, one file each. Replace them with your server and your messages, step by step, and adapt
//! the tests in tests/sync.rs.

use std::fs;
use std::path::PathBuf;

use mapi_provider::{BackgroundSync, LogonError, MapiSync, SyncError, SyncJob};
{%- endif %}

use crate::Settings;

/// What exists from a logon to its logoff: connections, caches, credentials.
///
/// Threads share it, so anything that changes in it needs a lock. It knows nothing about Outlook or COM.
#[derive(MapiSync)]
pub struct Account {
    server: PathBuf,
{%- if kind == "store-object" %}
    local: PathBuf,
{%- endif %}
}

impl BackgroundSync for Account {
    /// One field for each `[[service.setting]]` of provider.toml.
    type Settings = Settings;

    /// Called at logon, on Outlook's own thread: check the settings, and leave anything slow to `synchronize`.
    ///
    /// `LogonError::unconfigured` lets Outlook ask for other settings. Any other error, including those from `?`,
    /// says that the store can't be opened this time.
    fn open(settings: Settings) -> Result<Self, LogonError> {
{%- if kind == "wrapped-store" %}
        let Settings { server } = settings;
        if !server.has_root() {
            return Err(LogonError::unconfigured(
                "`server` must be an absolute path",
            ));
        }
        Ok(Self { server })
{%- else %}
        let Settings { server, local } = settings;
        if !server.has_root() || !local.has_root() {
            return Err(LogonError::unconfigured(
                "`server` and `local` must be absolute paths",
            ));
        }
        Ok(Self { server, local })
{%- endif %}
    }

    /// A run, on its own thread; a store never has two at once.
    ///
    /// It, and the whole process, may end after any step. So each step is complete, repeating it does no harm, and
    /// the cursor says where to continue.
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
            // What the user sees. Once the run is cancelled it returns an error, and `?` ends the run.
            job.progress(format!("Downloading: {message}"), done, new.len())?;
            let number = i32::try_from(known + done + 1)?;
            if message.is_empty() {
                // The user is told, and the run goes on.
                job.warn(format!("Message {number} is empty and was left out"));
            } else {
                inbox.deliver(number, message)?;
            }
            // Kept in the profile: bytes of your choice, such as a server's sync token. With many small messages,
            // save it only now and then.
            job.save_cursor(number.to_string())?;
        }
        job.progress("Finished", new.len(), new.len())
    }
}

impl Account {
    /// All messages on the server.
    ///
    /// `?` turns any error into a `SyncError`. Here it is made by hand, because the user reads its text.
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
        // The part of the store that Outlook shows.
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

/// How many messages earlier runs have fetched. A cursor that makes no sense is ignored, and all are checked again.
fn known(job: &SyncJob) -> usize {
    let text = job.cursor().and_then(|bytes| str::from_utf8(bytes).ok());
    text.and_then(|text| text.parse().ok()).unwrap_or(0)
}

{%- if kind == "wrapped-store" %}
/// Where a message keeps its number on the server: a property of our own.
const NUMBER: PropTag = PropTag::new(0x6640, PT_LONG);

/// A folder of the store, and the server's numbers of the messages in it.
struct Inbox<'run> {
    folder: Folder<'run>,
    there: BTreeSet<i32>,
}

impl Inbox<'_> {
    /// Puts a message into the folder. Nobody sees it before `save`, and then it is complete.
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
    /// Puts a message into the folder. If it is already there, it is written again, unchanged.
    fn deliver(&self, number: i32, text: &str) -> Result<(), SyncError> {
        fs::write(self.folder.join(format!("{number:06}.txt")), text)?;
        Ok(())
    }
}
{%- endif %}
{%- endif %}
