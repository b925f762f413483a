//! What the letters of a file's name mean, and the names of those that mean something in one folder only: in a file beside the
//! messages, as Dovecot has it.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::PathBuf;

use mapi_provider::twoway;

use crate::maildir::{Flags, Maildir, Message};

/// The file with the names, a line each: `0 Important`.
pub const FILE: &str = "dovecot-keywords";

/// What capital letters mean; others are left as they are.
const LETTERS: [(char, &str); 6] = [
    ('D', "\\Draft"),
    ('F', "\\Flagged"),
    ('P', "$Forwarded"),
    ('R', "\\Answered"),
    ('S', "\\Seen"),
    ('T', "\\Deleted"),
];

/// What a message is marked with, as letters.
#[derive(Debug, Clone, Default)]
pub struct Marks {
    /// Capital letters.
    pub flags: Flags,
    /// All others.
    pub letters: String,
}

impl Marks {
    /// A message's.
    pub fn of(message: &Message) -> Self {
        Self {
            flags: message.flags,
            letters: message.keywords().to_owned(),
        }
    }
}

/// The names of a folder's small letters.
#[derive(Debug)]
pub struct Keywords {
    path: PathBuf,
    names: Vec<(char, String)>,
}

impl Keywords {
    /// Those of a Maildir.
    ///
    /// # Errors
    ///
    /// The file can't be read.
    pub fn of(maildir: &Maildir) -> io::Result<Self> {
        let path = maildir.root().join(FILE);
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            text => text?,
        };
        let name = |line: &str| {
            let (number, name) = line.split_once(' ')?;
            let letter = ('a'..='z').nth(number.parse().ok()?)?;
            Some((letter, name.to_owned()))
        };
        let names = text.lines().filter_map(name).collect();
        Ok(Self { path, names })
    }

    /// What letters mean. What nobody knows means nothing.
    pub fn flags(&self, marks: &Marks) -> twoway::Flags {
        let known = LETTERS
            .iter()
            .filter(|(letter, _)| marks.flags.has(*letter));
        let named = self
            .names
            .iter()
            .filter(|(letter, _)| marks.letters.contains(*letter));
        let named = named.map(|(_, name)| name.as_str());
        known.map(|(_, name)| *name).chain(named).collect()
    }

    /// Letters that mean these flags.
    ///
    /// # Errors
    ///
    /// There are more names than letters, or a new one can't be written.
    pub fn marks(&mut self, flags: &twoway::Flags) -> io::Result<Marks> {
        self.marked(Marks::default(), flags, &twoway::Flags::new())
    }

    /// Letters with some flags more, and some less.
    ///
    /// # Errors
    ///
    /// As for [`marks`](Self::marks).
    pub fn marked(
        &mut self,
        mut marks: Marks,
        add: &twoway::Flags,
        remove: &twoway::Flags,
    ) -> io::Result<Marks> {
        for (names, is_set) in [(remove, false), (add, true)] {
            for name in names.iter() {
                if let Some((letter, _)) = LETTERS.iter().find(|(_, known)| *known == name) {
                    marks.flags = marks.flags.with(*letter, is_set);
                    continue;
                }
                if let Some(letter) = self.known(name) {
                    marks.letters.retain(|other| other != letter);
                }
                if is_set {
                    marks.letters.push(self.letter(name)?);
                }
            }
        }
        Ok(marks)
    }

    fn known(&self, name: &str) -> Option<char> {
        let mut names = self.names.iter();
        Some(names.find(|(_, known)| known == name)?.0)
    }

    /// The letter of a name, which gets one if it has none.
    fn letter(&mut self, name: &str) -> io::Result<char> {
        if let Some(letter) = self.known(name) {
            return Ok(letter);
        }
        let is_free = |letter: &char| self.names.iter().all(|(used, _)| used != letter);
        let letter = ('a'..='z').find(is_free).ok_or_else(|| {
            io::Error::new(
                ErrorKind::InvalidInput,
                "a folder of the server has 26 keywords at most",
            )
        })?;
        self.names.push((letter, name.to_owned()));
        let number = |letter: char| u32::from(letter) - u32::from('a');
        let line = |(letter, name): &(char, String)| format!("{} {name}\n", number(*letter));
        let text: String = self.names.iter().map(line).collect();
        let temporary = self.path.with_extension("new");
        fs::write(&temporary, text)?;
        fs::rename(temporary, &self.path)?;
        Ok(letter)
    }
}
