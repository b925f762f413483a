//! The server: a text file with a message in each line. It goes when yours takes its place.
//!
//! ```text
//! # A line like this one is for people, and so is an empty one.
//! [ ] Inbox: Hello, Outlook
//! [x] Inbox/Projects: Invoice for March
//! ```
//!
//! `[x]` is read, `[ ]` is not. Before the colon is the folder, with those around it.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use mapi_provider::SyncError;
use tempfile::NamedTempFile;

/// A message as the server has it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Message<'t> {
    /// What the server calls it: the subject, with a number because several may have it.
    pub id: String,
    pub read: bool,
    pub folder: &'t str,
    pub subject: &'t str,
}

/// Whether messages are read, by their IDs.
pub type Marks = BTreeMap<String, bool>;

/// The messages of a text, in their order.
pub fn messages(text: &str) -> impl Iterator<Item = Message<'_>> {
    lines(text).filter_map(|(_, message)| message)
}

/// A path, and those of the folders around it.
pub fn paths(path: &str) -> impl Iterator<Item = &str> {
    let ends = path.match_indices('/').map(|(end, _)| end);
    ends.chain([path.len()]).map(|end| &path[..end])
}

/// The numbers of the lines that should be messages and are none.
pub fn mistakes(text: &str) -> impl Iterator<Item = usize> {
    let is_for_people = |line: &str| line.trim().is_empty() || plain(line).starts_with('#');
    (1..)
        .zip(lines(text))
        .filter(move |(_, (line, message))| message.is_none() && !is_for_people(line))
        .map(|(number, _)| number)
}

/// The lines of a text, their ends included, each with the message that it is.
fn lines(text: &str) -> impl Iterator<Item = (&str, Option<Message<'_>>)> {
    let mut count: HashMap<&str, u32> = HashMap::new();
    text.split_inclusive('\n').map(move |line| {
        let message = parse(plain(line)).map(|(read, folder, subject)| {
            let count = count.entry(subject).or_default();
            *count += 1;
            let id = format!("{count} {subject}");
            Message {
                id,
                read,
                folder,
                subject,
            }
        });
        (line, message)
    })
}

/// A line without the mark that some editors put at the beginning of a file.
fn plain(line: &str) -> &str {
    line.trim_start_matches('\u{FEFF}')
}

/// Whether a message is read, its folder, and its subject.
fn parse(line: &str) -> Option<(bool, &str, &str)> {
    let (mark, rest) = line.split_once(']')?;
    let read = match mark {
        "[x" => true,
        "[ " => false,
        _ => return None,
    };
    let (folder, subject) = rest.split_once(':')?;
    let (folder, subject) = (folder.trim(), subject.trim());
    let is_path = folder.split('/').all(|name| !name.trim().is_empty());
    (is_path && !subject.is_empty()).then_some((read, folder, subject))
}

/// A text with other marks. All else stays as it is.
pub fn marked(text: &str, marks: &Marks) -> String {
    let line = |(line, message): (&str, Option<Message<'_>>)| {
        let read = message.and_then(|message| marks.get(&message.id));
        let new = read.and_then(|read| with_mark(line, *read));
        new.unwrap_or_else(|| line.to_owned())
    };
    lines(text).map(line).collect()
}

fn with_mark(line: &str, read: bool) -> Option<String> {
    let (start, rest) = line.split_once(']')?;
    let start = start.strip_suffix([' ', 'x'])?;
    Some(format!("{start}{}]{rest}", if read { 'x' } else { ' ' }))
}

/// The server.
pub struct Server {
    file: PathBuf,
}

impl Server {
    /// The server that a file plays.
    pub fn new(file: impl Into<PathBuf>) -> Self {
        Self { file: file.into() }
    }

    /// What tells this server from others.
    pub fn name(&self) -> String {
        format!("file:{}", self.file.display())
    }

    /// All that the server has.
    pub fn text(&self) -> Result<String, SyncError> {
        fs::read_to_string(&self.file).map_err(|error| self.failed("read", error))
    }

    /// Marks messages as read or unread.
    pub fn mark(&self, marks: &Marks) -> Result<(), SyncError> {
        // Whoever edits the file meanwhile makes it begin anew, with what they wrote.
        for _ in 0..10 {
            let old = self.text()?;
            let new = marked(&old, marks);
            if new == old || self.replace(&old, &new)? {
                return Ok(());
            }
        }
        Err("the server's file is being edited all the time".into())
    }

    /// Puts a new text in the place of the old one, in one step. If the old one is not there any more, it does nothing.
    pub fn replace(&self, old: &str, new: &str) -> Result<bool, SyncError> {
        let replaced = self.try_replace(old, new);
        replaced.map_err(|error| self.failed("write", error))
    }

    fn try_replace(&self, old: &str, new: &str) -> io::Result<bool> {
        let permissions = fs::metadata(&self.file)?.permissions();
        if permissions.readonly() {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let folder = self.file.parent().unwrap_or(Path::new("."));
        let mut file = NamedTempFile::new_in(folder)?;
        file.write_all(new.as_bytes())?;
        file.as_file().set_permissions(permissions)?;
        file.as_file().sync_all()?;
        let is_edited = fs::read_to_string(&self.file)? != old;
        if !is_edited {
            file.persist(&self.file)?;
        }
        Ok(!is_edited)
    }

    /// An error with a text that the user reads.
    fn failed(&self, what: &str, error: io::Error) -> SyncError {
        let text = format!("can't {what} {}: {error}", self.file.display());
        SyncError::new(SyncError::from(error).code(), text)
    }
}
