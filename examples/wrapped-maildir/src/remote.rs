//! Maildirs in a folder tree, as a server: a folder in another one's is a folder below it, as `LAYOUT=fs` of Dovecot and
//! `SubFolders Verbatim` of mbsync have it.
//!
//! A message is known by the unique part of its file's name, which stays the same when it is marked or moved. A file never
//! changes, so that an edited message is a new one.

use std::collections::HashMap;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use mapi_provider::twoway::{
    Abilities, Answer, Cursor, Deletion, Editing, Failure, Feed, Flags, FolderKey, ItemFailure,
    ItemKey, ItemRef, Listed, Listing, Monitor, PairId, Part, Placed, Proof, Remote, RemoteEntry,
    RemoteFolder, Role, Session, Stop, Trouble, Upload, Version,
};

use crate::header;
use crate::keywords::{self, Keywords, Marks};
use crate::maildir::{Maildir, Message, Messages};

/// The key of the Maildir that all others are in.
const ROOT: &str = ".";

/// How often a folder is listed while it changes.
const LISTINGS: usize = 5;

/// A folder tree of Maildirs.
#[derive(Debug)]
pub struct MaildirTree {
    root: PathBuf,
    /// What the outermost one is called.
    inbox: String,
}

impl MaildirTree {
    /// The tree in this folder, which is a Maildir itself.
    pub fn new(root: impl Into<PathBuf>, inbox: impl Into<String>) -> Self {
        Self {
            root: root.into(),
            inbox: inbox.into(),
        }
    }

    fn path(&self, key: &FolderKey) -> PathBuf {
        self.root.join(key.as_str())
    }

    /// A folder's Maildir. If there is none, nothing is known of what was in it.
    fn open(&self, key: &FolderKey) -> Answer<Maildir> {
        let maildir = Maildir::new(self.path(key));
        maildir.check().map_err(|_| Trouble::stale())?;
        Ok(maildir)
    }

    /// The folders in one, and all below.
    fn list(&self, above: Option<&FolderKey>, found: &mut Vec<RemoteFolder>) -> io::Result<()> {
        for entry in fs::read_dir(above.map_or(self.root.clone(), |key| self.path(key)))? {
            let entry = entry?;
            let name = entry.file_name();
            let Some(name) = name.to_str().filter(|name| is_name(name)) else {
                continue;
            };
            if entry.file_type()?.is_dir() && entry.path().join("cur").is_dir() {
                let key = below(above, name);
                found.push(folder(key.clone(), above, name));
                self.list(Some(&key), found)?;
            }
        }
        Ok(())
    }
}

impl Remote for MaildirTree {
    fn account(&self) -> String {
        format!("maildir:{}", self.root.display())
    }

    fn connect<'r>(&'r self, _: &'r dyn Monitor) -> Answer<Box<dyn Session + 'r>> {
        let checked = Maildir::new(&self.root).check();
        checked.map_err(|error| Stop::Fatal(error.to_string()))?;
        Ok(Box::new(Tree {
            server: self,
            listed: HashMap::new(),
        }))
    }
}

/// A run's look at the tree.
struct Tree<'r> {
    server: &'r MaildirTree,
    /// Each folder as it was when it was last listed. It knows how its files are named.
    listed: HashMap<FolderKey, (Maildir, Messages)>,
}

impl Tree<'_> {
    fn list(&mut self, key: &FolderKey) -> Answer<&Messages> {
        let maildir = self.server.open(key)?;
        let messages = maildir.messages(|_| {}).map_err(trouble)?;
        let listed = self.listed.entry(key.clone());
        Ok(&listed.insert_entry((maildir, messages)).into_mut().1)
    }

    /// A folder's Maildir, and what was in it when it was last listed.
    fn known(&mut self, key: &FolderKey) -> Answer<&(Maildir, Messages)> {
        self.server.open(key)?;
        if !self.listed.contains_key(key) {
            self.list(key)?;
        }
        self.listed.get(key).ok_or_else(Trouble::stale)
    }

    /// A message as it was listed last, or as it is by now.
    fn message(&mut self, item: &ItemRef) -> Answer<(FolderKey, Message)> {
        let key = item.folder.clone().ok_or_else(Trouble::stale)?;
        let name = item.key.as_str();
        let known = self.known(&key)?.1.get(name);
        let message = match known.filter(|message| message.path().exists()) {
            Some(message) => Some(message.clone()),
            None => self.list(&key)?.get(name).cloned(),
        };
        Ok((key, message.ok_or_else(Trouble::gone)?))
    }

    /// Gives a message another place or other marks, in one step.
    fn rename(
        &mut self,
        message: &Message,
        (to, name): (&FolderKey, &str),
        marks: Marks,
    ) -> Answer<()> {
        let (target, _) = self.known(to)?;
        let renamed = target.take(name, message, (marks.flags, &marks.letters));
        renamed.map_err(trouble)?;
        Ok(())
    }
}

impl Session for Tree<'_> {
    fn abilities(&self) -> Abilities {
        let mut abilities = Abilities::all();
        abilities.per_folder = true;
        abilities.editing = Editing::ByNewItem;
        abilities
    }

    fn folders(&mut self) -> Answer<Vec<RemoteFolder>> {
        let mut found = vec![folder(FolderKey::new(ROOT), None, &self.server.inbox)];
        self.server.list(None, &mut found).map_err(trouble)?;
        Ok(found)
    }

    fn changes(
        &mut self,
        feed: Feed<'_>,
        since: Option<&Cursor>,
        listing: &mut dyn Listing<RemoteEntry, ItemKey>,
    ) -> Answer<Listed> {
        let Feed::Folder(key) = feed else {
            return Err(Trouble::unsupported());
        };
        let (since, now) = (since.and_then(time_of), SystemTime::now());
        let keywords = Keywords::of(&self.server.open(key)?).map_err(trouble)?;
        // A mail program that renames a file while the folder is read can hide it for a moment.
        let mut messages = self.list(key)?.clone();
        let mut is_complete = false;
        for _ in 0..LISTINGS {
            let again = self.list(key)?;
            is_complete = again.keys().eq(messages.keys());
            messages.extend(again.clone());
            if is_complete {
                break;
            }
        }
        for (name, message) in &messages {
            listing.entry(entry(name, message, &keywords, since))?;
        }
        let count = messages.len() as u64;
        Ok(Listed {
            proof: if is_complete {
                Proof::Complete { count }
            } else {
                Proof::Told
            },
            cursor: Some(cursor(now)),
        })
    }

    fn fetch(&mut self, item: &ItemRef, part: Part) -> Answer<Vec<u8>> {
        let (_, message) = self.message(item)?;
        let content = match part {
            Part::Whole => fs::read(message.path()),
            Part::Header => header::read(message.path()),
        };
        content.map_err(trouble)
    }

    fn put(&mut self, item: &Upload<'_>) -> Answer<Placed> {
        let (maildir, _) = self.known(item.folder)?;
        let name = item.token.as_str();
        maildir.create().map_err(trouble)?;
        let marks = Keywords::of(maildir).and_then(|mut keywords| keywords.marks(item.flags));
        let marks = marks.map_err(trouble)?;
        let letters = (marks.flags, &*marks.letters);
        let put = maildir.deliver_text(name, letters, item.content, time(item.date));
        put.map_err(trouble)?;
        Ok(placed(name))
    }

    fn find(
        &mut self,
        folder: &FolderKey,
        token: &PairId,
        _: Option<&str>,
    ) -> Answer<Vec<RemoteEntry>> {
        let keywords = Keywords::of(&self.server.open(folder)?).map_err(trouble)?;
        let name = token.as_str();
        let found = self.list(folder)?.get(name);
        Ok(found
            .map(|message| entry(name, message, &keywords, None))
            .into_iter()
            .collect())
    }

    fn mark(&mut self, item: &ItemRef, add: &Flags, remove: &Flags) -> Answer<Option<Version>> {
        let (key, message) = self.message(item)?;
        let mut keywords = Keywords::of(&self.server.open(&key)?).map_err(trouble)?;
        let marks = keywords.marked(Marks::of(&message), add, remove);
        self.rename(&message, (&key, item.key.as_str()), marks.map_err(trouble)?)?;
        Ok(None)
    }

    fn move_item(&mut self, item: &ItemRef, _: &FolderKey, to: &FolderKey) -> Answer<Placed> {
        let (key, message) = self.message(item)?;
        let there = self.list(to)?;
        // A copy may have been moved there before.
        let mut names = (1..).map(|number| format!("{}_{number}", item.key.as_str()));
        let own = item.key.as_str().to_owned();
        let mut names = std::iter::once(own).chain(&mut names);
        let name = names
            .find(|name| !there.contains_key(name))
            .unwrap_or_default();
        let flags = Keywords::of(&self.server.open(&key)?).map_err(trouble)?;
        let flags = flags.flags(&Marks::of(&message));
        let mut target = Keywords::of(&self.server.open(to)?).map_err(trouble)?;
        // Letters mean something else there.
        let marks = Marks {
            flags: message.flags,
            letters: target.marks(&flags).map_err(trouble)?.letters,
        };
        self.rename(&message, (to, &name), marks)?;
        Ok(placed(&name))
    }

    fn delete(&mut self, deletion: &Deletion<ItemRef>) -> Answer<()> {
        let item = deletion.what();
        let key = item.folder.as_ref().ok_or_else(Trouble::stale)?;
        let name = item.key.as_str();
        let (_, known) = self.known(key)?;
        match known.get(name).map(Message::remove) {
            Some(Ok(())) => Ok(()),
            Some(Err(error)) if error.kind() != ErrorKind::NotFound => Err(trouble(error)),
            // It has other marks since it was listed, or is gone.
            _ => match self.list(key)?.contains_key(name) {
                true => Err(Trouble::stale()),
                false => Err(Trouble::gone()),
            },
        }
    }

    fn create_folder(&mut self, parent: Option<&FolderKey>, name: &str) -> Answer<RemoteFolder> {
        let key = below(parent, check_name(name)?);
        Maildir::new(self.server.path(&key))
            .create()
            .map_err(trouble)?;
        Ok(folder(key, parent, name))
    }

    fn rename_folder(
        &mut self,
        key: &FolderKey,
        parent: Option<&FolderKey>,
        name: &str,
    ) -> Answer<RemoteFolder> {
        let target = below(parent, check_name(name)?);
        let (from, to) = (self.server.path(key), self.server.path(&target));
        if key.as_str() == ROOT || to.exists() {
            return Err(Trouble::refused(
                "it is the outermost folder, or there is one of that name",
            ));
        }
        fs::rename(from, to).map_err(trouble)?;
        self.listed.clear();
        Ok(folder(target, parent, name))
    }

    fn delete_folder(&mut self, deletion: &Deletion<FolderKey>) -> Answer<()> {
        let key = deletion.what();
        if key.as_str() == ROOT {
            return Err(Trouble::refused("it is the outermost folder"));
        }
        let mut below = Vec::new();
        self.server.list(Some(key), &mut below).map_err(trouble)?;
        if !below.is_empty() || !self.list(key)?.is_empty() {
            return Err(Trouble::stale());
        }
        let removed = remove_maildir(&self.server.path(key));
        removed.map_err(|_| Trouble::stale())
    }
}

/// Removes a Maildir with nothing in it. What was delivered meanwhile is in the way, and stays.
fn remove_maildir(path: &Path) -> io::Result<()> {
    fs::remove_dir(path.join("new"))?;
    // Without it, nobody takes this for a Maildir.
    if let Err(error) = fs::remove_dir(path.join("cur")) {
        fs::create_dir(path.join("new"))?;
        return Err(error);
    }
    fs::remove_dir_all(path.join("tmp"))?;
    let _ = fs::remove_file(path.join(keywords::FILE));
    // Whatever else is in it is somebody else's.
    let _ = fs::remove_dir(path);
    Ok(())
}

fn entry(
    name: &str,
    message: &Message,
    keywords: &Keywords,
    since: Option<SystemTime>,
) -> RemoteEntry {
    let file = fs::metadata(message.path()).ok();
    let arrived = file.as_ref().and_then(|file| file.modified().ok());
    let date = arrived.and_then(|arrived| arrived.duration_since(SystemTime::UNIX_EPOCH).ok());
    let date = date.map_or(0, |date| date.as_secs());
    let mut entry = RemoteEntry::new(ItemKey::new(name), i64::try_from(date).unwrap_or(i64::MAX));
    entry.flags = keywords.flags(&Marks::of(message));
    entry.size = file.map(|file| file.len());
    // No two messages have the same name, but for copies of one.
    entry.identity = Some(name.to_owned());
    // Only new ones are opened; of the others the title is known.
    if since.is_none_or(|since| arrived.is_none_or(|arrived| arrived >= since)) {
        let header = header::read(message.path()).unwrap_or_default();
        let subject = header::field(&header, "Subject");
        entry.title = subject.unwrap_or_else(|| "(no subject)".to_owned());
    }
    entry
}

fn placed(name: &str) -> Placed {
    Placed {
        key: Some(ItemKey::new(name)),
        version: None,
    }
}

fn folder(key: FolderKey, parent: Option<&FolderKey>, name: &str) -> RemoteFolder {
    let mut folder = RemoteFolder::new(key, name);
    folder.parent = parent.cloned();
    folder.role = Role::by_name(name).filter(|_| parent.is_none());
    folder
}

fn below(parent: Option<&FolderKey>, name: &str) -> FolderKey {
    match parent.filter(|parent| parent.as_str() != ROOT) {
        Some(parent) => FolderKey::new(format!("{}/{name}", parent.as_str())),
        None => FolderKey::new(name),
    }
}

/// A name that every file system takes for one, and no Maildir has inside.
fn is_name(name: &str) -> bool {
    let is_bad = |letter: char| letter.is_control() || "/\\:*?\"<>|".contains(letter);
    let is_own = ["cur", "new", "tmp"]
        .iter()
        .any(|own| name.eq_ignore_ascii_case(own));
    let has_edges = name.starts_with('.') || name.ends_with(['.', ' ']);
    !name.is_empty() && !is_own && !has_edges && !name.contains(is_bad)
}

fn check_name(name: &str) -> Answer<&str> {
    let text = "no folder on the server can have this name";
    Some(name)
        .filter(|name| is_name(name))
        .ok_or_else(|| Trouble::refused(text))
}

fn cursor(now: SystemTime) -> Cursor {
    let now = now
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    Cursor(now.as_secs().to_string().into_bytes())
}

fn time_of(cursor: &Cursor) -> Option<SystemTime> {
    let seconds = str::from_utf8(&cursor.0).ok()?.parse().ok()?;
    Some(time(seconds))
}

fn time(seconds: i64) -> SystemTime {
    let since = Duration::from_secs(seconds.try_into().unwrap_or_default());
    SystemTime::UNIX_EPOCH
        .checked_add(since)
        .unwrap_or(SystemTime::UNIX_EPOCH)
}

fn trouble(error: io::Error) -> Trouble {
    let kind = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Failure::Full,
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem | ErrorKind::InvalidInput => {
            Failure::Refused
        }
        // It has another name since it was listed.
        ErrorKind::NotFound => Failure::Stale,
        _ => Failure::Failed,
    };
    ItemFailure::new(kind, error.to_string()).into()
}
