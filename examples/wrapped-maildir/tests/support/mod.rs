//! A server's Maildir, a folder that plays the store's, and runs between them. The process can be killed at any
//! moment of them.
#![allow(dead_code, reason = "each test binary uses its part")]

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use mapi_provider::abi::SyncFlags;
use mapi_provider::{SyncError, SyncJob};
use wrapped_maildir32::mailbox::{Item, Mailbox, Stamp};
use wrapped_maildir32::maildir::{Flags, Maildir};
use wrapped_maildir32::sync;

/// What a run is asked for.
pub(crate) type Scope = SyncFlags;

pub(crate) const FULL: Scope = SyncFlags::empty();
pub(crate) const UPLOAD: Scope = SyncFlags::UPLOAD_CONTENTS;
pub(crate) const DOWNLOAD: Scope = SyncFlags::DOWNLOAD_CONTENTS;
pub(crate) const HEADERS: Scope = SyncFlags::HEADERS;

/// The process is killed at the moment whose number this is; none is counted where it never is.
#[derive(Debug, Default)]
pub(crate) struct Fate(Cell<Option<usize>>);

/// What a killed process leaves to its test.
struct Killed;

impl Fate {
    fn moment(&self) {
        match self.0.get() {
            Some(0) => resume_unwind(Box::new(Killed)),
            Some(left) => self.0.set(Some(left - 1)),
            None => {}
        }
    }
}

/// A message of the folder.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) id: usize,
    pub(crate) key: Option<String>,
    pub(crate) agreed: Flags,
    pub(crate) flags: Flags,
    pub(crate) partial: bool,
    pub(crate) text: String,
}

/// A folder of messages, and its roster. Each change is whole or not there.
#[derive(Debug, Default)]
pub(crate) struct FakeFolder {
    pub(crate) messages: RefCell<Vec<Message>>,
    pub(crate) roster: RefCell<String>,
    pub(crate) fate: Fate,
    /// What the store answers to any attempt to create a message with this text in it.
    pub(crate) refuse: RefCell<Option<(&'static str, io::ErrorKind)>>,
    next: Cell<usize>,
}

impl FakeFolder {
    pub(crate) fn add(&self, message: Message) {
        let id = self.next.replace(self.next.get() + 1);
        self.messages.borrow_mut().push(Message { id, ..message });
    }

    fn change(&self, id: usize, change: impl FnOnce(&mut Message)) -> io::Result<()> {
        self.fate.moment();
        let mut messages = self.messages.borrow_mut();
        let found = messages.iter_mut().find(|message| message.id == id);
        change(found.ok_or(io::ErrorKind::NotFound)?);
        drop(messages);
        self.fate.moment();
        Ok(())
    }
}

fn apply(message: &mut Message, stamp: &Stamp<'_>) {
    message.key = Some(stamp.key.to_owned());
    message.agreed = stamp.agreed;
    message.partial = stamp.partial;
}

/// The header of a message, for a body left out.
pub(crate) fn header_of(text: &str) -> &str {
    text.split_once("\r\n\r\n")
        .map_or(text, |(header, _)| header)
}

impl Mailbox for FakeFolder {
    type Id = usize;

    fn list(&self) -> io::Result<Vec<Item<usize>>> {
        self.fate.moment();
        let item = |message: &Message| Item {
            id: message.id,
            key: message.key.clone(),
            agreed: message.agreed,
            flags: message.flags,
            partial: message.partial,
            subject: subject_of(&message.text),
        };
        Ok(self.messages.borrow().iter().map(item).collect())
    }

    fn create(&self, stamp: &Stamp<'_>, text: &[u8], _: SystemTime) -> io::Result<()> {
        self.fate.moment();
        let text = String::from_utf8_lossy(text).into_owned();
        if let Some((refused, why)) = *self.refuse.borrow()
            && text.contains(refused)
        {
            return Err(why.into());
        }
        let mut message = Message {
            id: 0,
            key: None,
            agreed: stamp.agreed,
            flags: stamp.agreed,
            partial: false,
            text: if stamp.partial {
                header_of(&text).to_owned()
            } else {
                text
            },
        };
        apply(&mut message, stamp);
        self.add(message);
        self.fate.moment();
        Ok(())
    }

    fn complete(&self, id: &usize, stamp: &Stamp<'_>, text: &[u8]) -> io::Result<()> {
        self.change(*id, |message| {
            apply(message, stamp);
            message.text = String::from_utf8_lossy(text).into_owned();
        })
    }

    fn stamp(&self, id: &usize, stamp: &Stamp<'_>) -> io::Result<()> {
        self.change(*id, |message| apply(message, stamp))
    }

    fn mark(&self, id: &usize, flags: Flags, stamp: &Stamp<'_>) -> io::Result<()> {
        // As in a store: read or not is a change of its own.
        self.change(*id, |message| {
            message.flags = message.flags.with('S', flags.has('S'));
        })?;
        self.change(*id, |message| {
            message.flags = flags;
            apply(message, stamp);
        })
    }

    fn text(&self, id: &usize, _: &str) -> io::Result<Vec<u8>> {
        self.fate.moment();
        let messages = self.messages.borrow();
        let found = messages.iter().find(|message| message.id == *id);
        Ok(found.ok_or(io::ErrorKind::NotFound)?.text.clone().into())
    }

    fn delete(&self, id: &usize) -> io::Result<()> {
        self.fate.moment();
        let mut messages = self.messages.borrow_mut();
        messages.retain(|message| message.id != *id);
        drop(messages);
        self.fate.moment();
        Ok(())
    }

    fn roster(&self) -> io::Result<String> {
        Ok(self.roster.borrow().clone())
    }

    fn save_roster(&self, text: &str) -> io::Result<()> {
        self.fate.moment();
        self.roster.replace(text.to_owned());
        self.fate.moment();
        Ok(())
    }
}

/// What a run told.
pub(crate) struct Told {
    /// None where it was killed.
    pub(crate) result: Option<Result<(), SyncError>>,
    pub(crate) progress: Vec<String>,
    pub(crate) warnings: Vec<String>,
}

impl Told {
    pub(crate) fn steps(&self) -> Vec<&str> {
        let texts = self.progress.iter().map(String::as_str);
        texts.filter(|text| *text != "Finished").collect()
    }
}

/// How a run is disturbed.
#[derive(Default)]
pub(crate) struct Disturbance<'a> {
    pub(crate) kill_at: Option<usize>,
    pub(crate) cancel_at: Option<usize>,
    pub(crate) before_each: Option<&'a dyn Fn(&str)>,
}

/// A server's Maildir, a folder of the store, and the folder that deleted messages are moved to.
pub(crate) struct World {
    folder: tempfile::TempDir,
    pub(crate) store: FakeFolder,
    pub(crate) trash: Vec<Message>,
}

impl World {
    /// Nothing on either side.
    pub(crate) fn new() -> Self {
        let world = Self {
            folder: tempfile::tempdir().expect("a folder"),
            store: FakeFolder::default(),
            trash: Vec::new(),
        };
        Maildir::new(world.server()).create().expect("writable");
        world
    }

    pub(crate) fn server(&self) -> PathBuf {
        self.folder.path().join("server")
    }

    pub(crate) fn run(&self, scope: Scope, disturbance: &Disturbance<'_>) -> Told {
        self.store.fate.0.set(disturbance.kill_at);
        let before_each = disturbance.before_each.unwrap_or(&|_| {});
        let mut test = SyncJob::for_test().flags(scope).on_progress(|text| {
            self.store.fate.moment();
            before_each(text);
        });
        if let Some(step) = disturbance.cancel_at {
            test = test.cancel_at(step);
        }
        let run = || sync::synchronize(&self.server(), &self.store, &test.job());
        let result = catch_unwind(AssertUnwindSafe(run));
        self.store.fate.0.set(None);
        let result = result.map_err(|payload| {
            if !payload.is::<Killed>() {
                resume_unwind(payload);
            }
        });
        Told {
            result: result.ok(),
            progress: test.texts(),
            warnings: test.warnings(),
        }
    }

    pub(crate) fn sync(&self, scope: Scope) -> Told {
        self.run(scope, &Disturbance::default())
    }

    /// A run that must go well.
    pub(crate) fn ok(&self, scope: Scope) -> Told {
        let told = self.sync(scope);
        told.result
            .as_ref()
            .expect("not killed")
            .as_ref()
            .expect("a run that goes well");
        assert_eq!(told.warnings, [""; 0]);
        told
    }

    /// A run that is killed at this moment; whether it came to it.
    pub(crate) fn killed_at(&self, moment: usize) -> bool {
        let disturbance = Disturbance {
            kill_at: Some(moment),
            ..Disturbance::default()
        };
        self.run(FULL, &disturbance).result.is_none()
    }

    /// A message that its user puts into the folder.
    pub(crate) fn put_here(&self, subject: &str, flags: &str) {
        self.store.add(Message {
            id: 0,
            key: None,
            agreed: Flags::default(),
            flags: Flags::parse(flags),
            partial: false,
            text: message(subject),
        });
    }

    /// What the folder has, in short, by subject: `a b:FS`.
    pub(crate) fn here(&self) -> String {
        let messages = self.store.messages.borrow();
        short(
            messages
                .iter()
                .map(|message| (subject_of(&message.text), message.flags)),
        )
    }

    /// What the server has, in the same way.
    pub(crate) fn there(&self) -> String {
        let content = content(&self.server()).into_values();
        short(content.map(|(flags, text)| (subject_of(&text), flags)))
    }

    /// What the folder has, as [`content`] tells it of the server.
    pub(crate) fn content_here(&self) -> BTreeMap<String, (Flags, String)> {
        let messages = self.store.messages.borrow();
        let mut content = BTreeMap::new();
        for message in messages.iter() {
            let key = message.key.clone().expect("it was on the server");
            let before = content.insert(key, (message.flags, message.text.clone()));
            assert_eq!(before, None, "two messages have the same key");
        }
        content
    }

    /// Changes a message of the folder as its user would.
    pub(crate) fn mark_here(&self, subject: &str, flags: &str) {
        let mut messages = self.store.messages.borrow_mut();
        let found = messages
            .iter_mut()
            .find(|message| subject_of(&message.text) == subject);
        found.expect("there").flags = Flags::parse(flags);
    }

    /// Moves a message of the folder to another one.
    pub(crate) fn discard(&mut self, subject: &str) {
        let mut messages = self.store.messages.borrow_mut();
        let place = messages
            .iter()
            .position(|message| subject_of(&message.text) == subject);
        self.trash.push(messages.remove(place.expect("there")));
    }

    /// Moves what was last discarded back.
    pub(crate) fn take_back(&mut self) {
        self.store.add(self.trash.pop().expect("discarded"));
    }
}

fn short(messages: impl Iterator<Item = (String, Flags)>) -> String {
    let describe = |(subject, flags): (String, Flags)| match flags.to_string() {
        flags if flags.is_empty() => subject,
        flags => format!("{subject}:{flags}"),
    };
    let mut messages: Vec<String> = messages.map(describe).collect();
    messages.sort();
    messages.join(" ")
}

/// The text of a message.
pub(crate) fn message(subject: &str) -> String {
    format!("From: a@example.org\r\nSubject: {subject}\r\n\r\nThe text of {subject}.\r\n")
}

pub(crate) fn subject_of(text: &str) -> String {
    let line = text.lines().find_map(|line| line.strip_prefix("Subject: "));
    line.unwrap_or_default().to_owned()
}

/// Puts a message into a Maildir, under its subject's name: into `new` where the flags are `-`.
pub(crate) fn put(root: &Path, subject: &str, flags: &str) {
    let place = match flags {
        "-" => format!("new/{subject}"),
        // Every file system takes a semicolon.
        flags => format!("cur/{subject};2,{flags}"),
    };
    fs::write(root.join(place), message(subject)).expect("writable");
}

/// The file of a message, by its name.
pub(crate) fn file(root: &Path, name: &str) -> PathBuf {
    let messages = Maildir::new(root).messages(|_| {}).expect("readable");
    messages[name].path().to_owned()
}

pub(crate) fn remove(root: &Path, name: &str) {
    fs::remove_file(file(root, name)).expect("there");
}

pub(crate) fn mark(root: &Path, name: &str, flags: &str) {
    fs::rename(file(root, name), root.join(format!("cur/{name};2,{flags}"))).expect("there");
}

/// What a Maildir has: flags and texts by name.
pub(crate) fn content(root: &Path) -> BTreeMap<String, (Flags, String)> {
    let messages = Maildir::new(root).messages(|_| {}).expect("readable");
    let read = |path: &Path| String::from_utf8(fs::read(path).expect("readable")).expect("text");
    messages
        .iter()
        .map(|(name, message)| (name.clone(), (message.flags, read(message.path()))))
        .collect()
}
