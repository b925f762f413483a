//! A Maildir: a folder in which every message is a file, and its name says its flags.
//!
//! `new/` has messages that were delivered and not yet seen, `cur/` all others, named
//! `1700000000.M1P2.host:2,FS`: what is before the colon is unique, what is after it are flags (F flagged,
//! S seen, R replied, D draft, P passed, T trashed). `tmp/` is for files that aren't whole yet.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::header;

/// What separates the unique part of a name from its flags. Not every file system allows the first; then
/// mail programs use one of the others.
const SEPARATORS: [char; 3] = [':', ';', '!'];

/// The first line of a file that has a message's header only.
const PARTIAL: &[u8] = b"X-Maildir-Partial: the message itself is on the server\r\n";

/// The flags of a message: the letters A to Z.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flags(u32);

impl Flags {
    /// Reads flags; anything else is left out.
    pub fn parse(text: &str) -> Self {
        let letters = text.bytes().filter(u8::is_ascii_uppercase);
        Self(letters.fold(0, |flags, letter| flags | 1 << (letter - b'A')))
    }

    /// Whether a flag is set: `S`.
    pub fn has(self, letter: char) -> bool {
        self.0 & Self::parse(letter.encode_utf8(&mut [0; 4])).0 != 0
    }

    /// The same with a flag set, or without it.
    #[must_use]
    pub fn with(self, letter: char, set: bool) -> Self {
        let Self(flag) = Self::parse(letter.encode_utf8(&mut [0; 4]));
        Self(if set { self.0 | flag } else { self.0 & !flag })
    }

    /// The flags after changes on both sides: the side that changed a flag wins, and two changes can't
    /// contradict each other. If nobody knows the old flags, all flags count.
    pub fn merge(base: Option<Self>, one: Self, other: Self) -> Self {
        match base {
            Some(Self(base)) => Self(base ^ ((base ^ one.0) | (base ^ other.0))),
            None => Self(one.0 | other.0),
        }
    }
}

impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letters = (b'A'..=b'Z').filter(|letter| self.0 >> (letter - b'A') & 1 == 1);
        letters.map(char::from).collect::<String>().fmt(f)
    }
}

/// A message in a Maildir.
#[derive(Debug, Clone)]
pub struct Message {
    path: PathBuf,
    /// Its flags.
    pub flags: Flags,
    /// Letters that mean something in this folder only.
    keywords: String,
    /// It is in `new/`.
    is_new: bool,
}

/// Messages by the unique part of their names.
pub type Messages = BTreeMap<String, Message>;

/// How much of a message to copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// All.
    Whole,
    /// The header.
    Header,
}

impl Message {
    /// Its file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Letters that mean something in its folder only.
    pub fn keywords(&self) -> &str {
        &self.keywords
    }

    /// Whether the file has only the header.
    pub fn is_partial(&self) -> bool {
        let mut start = Vec::with_capacity(PARTIAL.len());
        let read = File::open(&self.path)
            .and_then(|file| file.take(PARTIAL.len() as u64).read_to_end(&mut start));
        read.is_ok() && start == PARTIAL
    }

    /// Deletes it. A message whose flags have changed meanwhile has another name, and stays.
    ///
    /// # Errors
    ///
    /// It can't be deleted.
    pub fn remove(&self) -> io::Result<()> {
        fs::remove_file(&self.path)
    }

    fn copy_to(&self, target: &mut File, part: Part) -> io::Result<()> {
        let mut source = File::open(&self.path)?;
        match part {
            Part::Whole => io::copy(&mut source, target).map(drop)?,
            Part::Header => {
                target.write_all(PARTIAL)?;
                target.write_all(&header::read(&self.path)?)?;
            }
        }
        // Mail programs take a file's time as the time of arrival.
        target.set_modified(source.metadata()?.modified()?)
    }
}

/// A Maildir.
#[derive(Debug)]
pub struct Maildir {
    root: PathBuf,
    separator: OnceCell<char>,
}

impl Maildir {
    /// The Maildir in this folder, which need not exist yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            separator: OnceCell::new(),
        }
    }

    /// Its folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Fails if there is none.
    ///
    /// # Errors
    ///
    /// There is none.
    pub fn check(&self) -> io::Result<()> {
        if self.root.join("cur").is_dir() {
            return Ok(());
        }
        let text = format!("there is no Maildir at {}", self.root.display());
        Err(io::Error::new(io::ErrorKind::NotFound, text))
    }

    /// Creates missing folders.
    ///
    /// # Errors
    ///
    /// It can't be made.
    pub fn create(&self) -> io::Result<()> {
        ["tmp", "new", "cur"].iter().try_for_each(|folder| {
            let folder = self.root.join(folder);
            let text = |error: io::Error| format!("can't make {}: {error}", folder.display());
            fs::create_dir_all(&folder).map_err(|error| io::Error::new(error.kind(), text(error)))
        })
    }

    /// All messages. `skip` is told of the files whose names nobody can read.
    ///
    /// # Errors
    ///
    /// A folder can't be read.
    pub fn messages(&self, skip: impl Fn(&Path)) -> io::Result<Messages> {
        let mut messages = Messages::new();
        // In this order, a message that is moved from `new` to `cur` meanwhile is seen twice, not missed.
        for folder in ["new", "cur"] {
            let entries = match fs::read_dir(self.root.join(folder)) {
                Err(error) if folder == "new" && error.kind() == io::ErrorKind::NotFound => {
                    continue;
                }
                entries => entries?,
            };
            for entry in entries {
                let entry = entry?;
                match entry.file_name().to_str() {
                    _ if entry.file_type()?.is_dir() => {}
                    Some(name) if name.starts_with('.') => {}
                    Some(name) if !name.contains(char::is_control) => {
                        let path = self.root.join(format!("{folder}/{name}"));
                        let (unique, message) = self.message(name, path, folder == "new");
                        messages.insert(unique, message);
                    }
                    _ => skip(&entry.path()),
                }
            }
        }
        Ok(messages)
    }

    fn message(&self, name: &str, path: PathBuf, is_new: bool) -> (String, Message) {
        let info = name
            .rfind(SEPARATORS)
            .filter(|place| name[place + 1..].starts_with("2,"));
        let (unique, letters) = match info {
            Some(place) => (&name[..place], &name[place + 3..]),
            None => (name, ""),
        };
        if let Some(separator) = info.and_then(|place| name[place..].chars().next()) {
            // It is best to follow the folder's own habit.
            let _ = self.separator.set(separator);
        }
        let keywords = letters
            .chars()
            .filter(|letter| !letter.is_ascii_uppercase())
            .collect();
        (
            unique.to_owned(),
            Message {
                path,
                flags: Flags::parse(letters),
                keywords,
                is_new,
            },
        )
    }

    /// Delivers a copy of a message: readers of the folder see all of it or nothing.
    ///
    /// # Errors
    /// It can't be read or written.
    pub fn deliver(&self, unique: &str, source: &Message, part: Part) -> io::Result<()> {
        let target = if source.is_new && source.flags == Flags::default() {
            self.root.join(format!("new/{unique}"))
        } else {
            self.place(unique, source.flags, "")?
        };
        self.write(unique, &target, |file| source.copy_to(file, part))
    }

    /// Delivers a message that is not a file yet, in the same way.
    ///
    /// # Errors
    ///
    /// It can't be written.
    pub fn deliver_text(
        &self,
        unique: &str,
        (flags, keywords): (Flags, &str),
        text: &[u8],
        arrived: SystemTime,
    ) -> io::Result<()> {
        let target = self.place(unique, flags, keywords)?;
        self.write(unique, &target, |file| {
            file.write_all(text)?;
            file.set_modified(arrived)
        })
    }

    /// Takes a message from wherever it is, under this name and with these flags.
    ///
    /// # Errors
    ///
    /// It can't be renamed.
    pub fn take(
        &self,
        unique: &str,
        message: &Message,
        (flags, keywords): (Flags, &str),
    ) -> io::Result<()> {
        fs::rename(&message.path, self.place(unique, flags, keywords)?)
    }

    /// Replaces a header by the whole message.
    ///
    /// # Errors
    /// It can't be read or written.
    pub fn complete(&self, unique: &str, header: &Message, source: &Message) -> io::Result<()> {
        // If the name has changed meanwhile, it would be there twice.
        fs::metadata(&header.path)?;
        self.write(unique, &header.path, |file| {
            source.copy_to(file, Part::Whole)
        })
    }

    fn write(
        &self,
        unique: &str,
        target: &Path,
        fill: impl FnOnce(&mut File) -> io::Result<()>,
    ) -> io::Result<()> {
        let temporary = self.root.join(format!("tmp/{unique}"));
        let mut file = File::create(&temporary)?;
        let written = fill(&mut file).and_then(|()| file.sync_all());
        drop(file);
        let delivered = written.and_then(|()| fs::rename(&temporary, target));
        if delivered.is_err() {
            // The failure to deliver is the one to report.
            let _ = fs::remove_file(&temporary);
        }
        delivered
    }

    /// Gives a message other flags.
    ///
    /// # Errors
    ///
    /// It can't be renamed.
    pub fn mark(&self, unique: &str, message: &Message, flags: Flags) -> io::Result<()> {
        if message.flags == flags {
            return Ok(());
        }
        fs::rename(&message.path, self.place(unique, flags, &message.keywords)?)
    }

    /// Where a message with these flags is.
    fn place(&self, unique: &str, flags: Flags, keywords: &str) -> io::Result<PathBuf> {
        let separator = self.separator()?;
        // In one piece, because a name such as `a:2,S` alone could be taken for one on a drive.
        let place = format!("cur/{unique}{separator}2,{flags}{keywords}");
        Ok(self.root.join(place))
    }

    /// The separator that this folder's names have, or could have.
    fn separator(&self) -> io::Result<char> {
        if let Some(separator) = self.separator.get() {
            return Ok(*separator);
        }
        let separator = if self.takes_colons()? { ':' } else { ';' };
        Ok(*self.separator.get_or_init(|| separator))
    }

    /// Whether names may have colons. Some file systems refuse them; some take what follows for something
    /// else, and then the file has another name. So it is tried out, in the way that a message gets its
    /// name.
    fn takes_colons(&self) -> io::Result<bool> {
        let folder = self.root.join("tmp");
        let (plain, colon) = (folder.join("colon"), folder.join("colon:2,"));
        File::create(&plain)?;
        let renamed = fs::rename(&plain, &colon).is_ok();
        let mut names = fs::read_dir(&folder)?.filter_map(Result::ok);
        let found = names.any(|entry| entry.path() == colon);
        let _ = fs::remove_file(if renamed { colon } else { plain });
        Ok(renamed && found)
    }
}
