//! Two Maildirs, and runs between them.
#![allow(dead_code, reason = "each test binary uses its part")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use maildir32::maildir::{Flags, Maildir};
use maildir32::sync;
use mapi_provider::abi::SyncFlags;
use mapi_provider::{SyncError, SyncJob};

/// What a run is asked for.
pub(crate) type Scope = SyncFlags;

pub(crate) const FULL: Scope = SyncFlags::empty();
pub(crate) const UPLOAD: Scope = SyncFlags::UPLOAD_CONTENTS;
pub(crate) const DOWNLOAD: Scope = SyncFlags::DOWNLOAD_CONTENTS;
pub(crate) const HEADERS: Scope = SyncFlags::HEADERS;

/// What a run told.
pub(crate) struct Told {
    pub(crate) result: Result<(), SyncError>,
    pub(crate) progress: Vec<(String, usize, usize)>,
    pub(crate) warnings: Vec<String>,
}

impl Told {
    pub(crate) fn steps(&self) -> Vec<&str> {
        let texts = self.progress.iter().map(|(text, ..)| text.as_str());
        texts.filter(|text| *text != "Finished").collect()
    }
}

/// A server's Maildir, a local one, and the profile's cursor.
pub(crate) struct World {
    folder: tempfile::TempDir,
    pub(crate) cursor: Option<Vec<u8>>,
}

impl World {
    /// An empty Maildir on the server, and none here.
    pub(crate) fn new() -> Self {
        let world = Self {
            folder: tempfile::tempdir().expect("a folder"),
            cursor: None,
        };
        Maildir::new(world.server()).create().expect("writable");
        world
    }

    pub(crate) fn server(&self) -> PathBuf {
        self.folder.path().join("server")
    }

    pub(crate) fn local(&self) -> PathBuf {
        self.folder.path().join("local")
    }

    pub(crate) fn sync(&mut self, scope: Scope) -> Told {
        self.run(scope, None, &|_| {})
    }

    /// A run that may be cancelled at one of its steps, and whose steps a test may disturb.
    pub(crate) fn run(
        &mut self,
        scope: Scope,
        cancel_at: Option<usize>,
        before_each: &dyn Fn(&str),
    ) -> Told {
        let mut test = SyncJob::for_test().flags(scope).on_progress(before_each);
        if let Some(step) = cancel_at {
            test = test.cancel_at(step);
        }
        if let Some(cursor) = self.cursor.take() {
            test = test.cursor(cursor);
        }
        let result = sync::synchronize(&self.server(), &self.local(), &test.job());
        self.cursor = test.next_cursor();
        Told {
            result,
            progress: test.progress(),
            warnings: test.warnings(),
        }
    }

    /// What a run would do now.
    pub(crate) fn plan(&self) -> String {
        let mut test = SyncJob::for_test();
        if let Some(cursor) = &self.cursor {
            test = test.cursor(cursor.clone());
        }
        let plan = sync::planned(&self.server(), &self.local(), &test.job());
        plan.expect("a plan")
    }

    /// A run that must go well.
    pub(crate) fn ok(&mut self, scope: Scope) -> Told {
        let told = self.sync(scope);
        told.result.as_ref().expect("a run that goes well");
        assert_eq!(told.warnings, [""; 0]);
        told
    }
}

/// The text of a message.
pub(crate) fn message(subject: &str) -> String {
    format!("From: a@example.org\r\nSubject: {subject}\r\n\r\nThe text of {subject}.\r\n")
}

/// Puts a message into a Maildir: into `new` where the flags are `-`.
pub(crate) fn put(root: &Path, name: &str, flags: &str) {
    let place = match flags {
        "-" => format!("new/{name}"),
        // Every file system takes a semicolon.
        flags => format!("cur/{name};2,{flags}"),
    };
    fs::write(root.join(place), message(name)).expect("writable");
}

/// The file of a message.
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

/// What a Maildir has, in short: `a b:FS`.
pub(crate) fn short(root: &Path) -> String {
    let describe = |(name, (flags, _)): (&String, &(Flags, String))| match flags.to_string() {
        flags if flags.is_empty() => name.clone(),
        flags => format!("{name}:{flags}"),
    };
    content(root)
        .iter()
        .map(describe)
        .collect::<Vec<_>>()
        .join(" ")
}

/// The names of all files in a Maildir, for what nobody should leave behind.
pub(crate) fn files(root: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for folder in ["cur", "new", "tmp"] {
        let entries = fs::read_dir(root.join(folder)).expect("a Maildir");
        let name =
            |entry: fs::DirEntry| format!("{folder}/{}", entry.file_name().to_string_lossy());
        names.extend(entries.map(|entry| name(entry.expect("an entry"))));
    }
    names.sort();
    names
}
