{% if kind == "store-object" -%}
//! The sync logic: what happens when Outlook synchronises.
//!
//! It works as it is, with a text file in place of a server: each line is a message, and a run puts those that
//! are new into a folder, one file each. Replace them with your server and your messages, step by step, and adapt
//! the tests in tests/sync.rs.

use std::fs;
use std::path::PathBuf;

use mapi_provider::{BackgroundSync, LogonError, MapiSync, SyncError, SyncJob};

use crate::Settings;

/// What exists from a logon to its logoff: connections, caches, credentials.
///
/// Threads share it, so anything that changes in it needs a lock. It knows nothing about Outlook or COM.
#[derive(MapiSync)]
pub struct Account {
    server: PathBuf,
    local: PathBuf,
}

impl BackgroundSync for Account {
    /// One field for each `[[service.setting]]` of provider.toml.
    type Settings = Settings;

    /// Called at logon, on Outlook's own thread: check the settings, and leave anything slow to `synchronize`.
    ///
    /// `LogonError::unconfigured` lets Outlook ask for other settings. Any other error, including those from `?`,
    /// says that the store can't be opened this time.
    fn open(settings: Settings) -> Result<Self, LogonError> {
        let Settings { server, local } = settings;
        if !server.has_root() || !local.has_root() {
            return Err(LogonError::unconfigured(
                "`server` and `local` must be absolute paths",
            ));
        }
        Ok(Self { server, local })
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
    fn inbox(&self, _job: &SyncJob) -> Result<Inbox, SyncError> {
        fs::create_dir_all(&self.local)?;
        let folder = self.local.clone();
        Ok(Inbox { folder })
    }
}

/// How many messages earlier runs have fetched. A cursor that makes no sense is ignored, and all are checked again.
fn known(job: &SyncJob) -> usize {
    let text = job.cursor().and_then(|bytes| str::from_utf8(bytes).ok());
    text.and_then(|text| text.parse().ok()).unwrap_or(0)
}

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
{%- else -%}
//! The sync logic: what happens when Outlook synchronises.
//!
//! It works as it is, with a text file in place of a server. Replace [`Server`] with yours, and its verbs here, one after
//! the other, and adapt the tests in tests/sync.rs. What changed where, what may be deleted and what becomes of half a run
//! is decided by `twoway`.
{%- if kind == "store" %} The mailbox keeps folders and messages in a file of its own and shows them to
//! Outlook.
{%- else %} Outlook's own PST provider keeps folders and messages, and shows
//! them.
{%- endif %}

use std::collections::BTreeSet;
use std::time::SystemTime;

use mapi_provider::twoway::{
    self, Abilities, Answer, Cursor, Feed, Flags, FolderKey, ItemKey, ItemRef, Listed, Listing,
    Monitor, Part, Proof, Remote, RemoteEntry, RemoteFolder, Session, Stop, Trouble, Version,
};
use mapi_provider::{BackgroundSync, LogonError, MapiSync, SyncError, SyncJob};

use crate::Settings;
use crate::server::{self, Message, Server};

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

    /// A run, on its own thread; a store never has two at once. It, and the whole process, may end after any step.
    fn synchronize(&self, job: &SyncJob) -> Result<(), SyncError> {
        for number in server::mistakes(&self.server.text()?) {
            // The user is told, and the run goes on.
            job.warn(format!("Line {number} is no message and was left out"));
        }
        twoway::synchronize(&self.server, job)?;
        Ok(())
    }

    /// What a run would do, for `cargo mapi host sync --plan`.
    fn plan(&self, job: &SyncJob) -> Result<String, SyncError> {
        let plan = twoway::plan(&self.server, job, &twoway::Options::default())?;
        Ok(plan.to_string())
    }
}

/// What a run needs of a server. What yours can do besides, it says in `abilities`, and has more verbs: new messages, moves,
/// edits, deletions, folders. Until then what users do of that stays here, and they are told.
impl Remote for Server {
    fn account(&self) -> String {
        self.name()
    }

    fn connect<'r>(&'r self, _: &'r dyn Monitor) -> Answer<Box<dyn Session + 'r>> {
        Ok(Box::new(Connection(self)))
    }
}

/// A connection, from which a run has all it asks for.
struct Connection<'s>(&'s Server);

impl Session for Connection<'_> {
    fn abilities(&self) -> Abilities {
        let mut abilities = Abilities::read_only();
        abilities.mark = true;
        abilities
    }

    fn folders(&mut self) -> Answer<Vec<RemoteFolder>> {
        let text = self.0.text().map_err(stop)?;
        let paths = server::messages(&text).flat_map(|message| server::paths(message.folder));
        let paths: BTreeSet<&str> = paths.collect();
        Ok(paths.into_iter().map(folder).collect())
    }

    fn changes(
        &mut self,
        _: Feed<'_>,
        _: Option<&Cursor>,
        listing: &mut dyn Listing<RemoteEntry, ItemKey>,
    ) -> Answer<Listed> {
        let text = self.0.text().map_err(stop)?;
        let mut count = 0;
        for message in server::messages(&text) {
            count += 1;
            listing.entry(entry(&message))?;
        }
        // What is not in the text is gone. A server that tells what has changed since a cursor needs no list of all.
        let proof = Proof::Complete { count };
        Ok(Listed {
            proof,
            cursor: None,
        })
    }

    fn fetch(&mut self, item: &ItemRef, _: Part) -> Answer<Vec<u8>> {
        let text = self.0.text().map_err(stop)?;
        let mut messages = server::messages(&text);
        let message = messages.find(|message| message.id == item.key.as_str());
        let subject = message.ok_or_else(Trouble::gone)?.subject;
        let header = format!("From: The server <server@example.org>\r\nSubject: {subject}");
        Ok(format!("{header}\r\n\r\n{subject}\r\n").into_bytes())
    }

    fn mark(&mut self, item: &ItemRef, add: &Flags, remove: &Flags) -> Answer<Option<Version>> {
        if add.contains(SEEN) || remove.contains(SEEN) {
            let marks = [(item.key.as_str().to_owned(), add.contains(SEEN))].into();
            let marked = self.0.mark(&marks);
            marked.map_err(|error| Trouble::failed(error.text()))?;
        }
        match add.iter().chain(remove.iter()).all(|flag| flag == SEEN) {
            true => Ok(None),
            false => Err(Trouble::refused("this server only keeps what was read")),
        }
    }
}

/// The flag of a message that was read.
const SEEN: &str = "\\Seen";

fn entry(message: &Message) -> RemoteEntry {
    // This server does not say when a message arrived.
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now = now.map_or(0, |now| now.as_secs().cast_signed());
    let mut entry = RemoteEntry::new(ItemKey::new(&message.id), now);
    entry.folders = [FolderKey::new(message.folder)].into();
    entry.flags = message.read.then_some(SEEN).into_iter().collect();
    entry.title = message.subject.to_owned();
    entry
}

fn folder(path: &str) -> RemoteFolder {
    let name = path.rsplit('/').next().unwrap_or(path);
    let mut folder = RemoteFolder::new(FolderKey::new(path), name);
    let parent = path.rsplit_once('/').map(|(parent, _)| parent);
    folder.parent = parent.map(FolderKey::new);
    folder
}

fn stop(error: SyncError) -> Trouble {
    Stop::Fatal(error.text().to_owned()).into()
}
{%- endif %}
