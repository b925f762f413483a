//! The messages of a demo: those on the server, and those that arrived.

use std::fs;
use std::io;
use std::path::Path;

use mapi_provider_templates::demo::maildir::{Flags, Maildir, Message, Messages};
use mapi_provider_templates::demo::{MESSAGES, header};

use super::table::Line;
use crate::failure::Failure;

/// The one that reaches the server between the two runs.
const LATE: usize = 11;
/// The one that is read and flagged here.
const READ: usize = 0;
/// The one that is deleted here.
const DELETED: usize = 6;

/// A server's Maildir, and a local one.
pub(super) struct Mail {
    server: Maildir,
    local: Maildir,
}

impl Mail {
    /// Fills the server's Maildir. The provider makes the local one.
    pub(super) fn create(folder: &Path) -> Result<Self, Failure> {
        let mail = Self {
            server: Maildir::new(folder.join("server")),
            local: Maildir::new(folder.join("local")),
        };
        mail.server
            .create()
            .map_err(|error| failed(mail.server(), &error))?;
        (0..MESSAGES.len())
            .filter(|index| *index != LATE)
            .try_for_each(|index| mail.receive(index))?;
        Ok(mail)
    }

    pub(super) fn server(&self) -> &Path {
        self.server.root()
    }

    pub(super) fn local(&self) -> &Path {
        self.local.root()
    }

    /// How many messages the server has.
    pub(super) fn on_the_server(&self) -> Result<usize, Failure> {
        Ok(read(&self.server)?.len())
    }

    /// A message reaches the server.
    fn receive(&self, index: usize) -> Result<(), Failure> {
        let (name, bytes) = MESSAGES[index];
        let path = self.server().join("new").join(name);
        fs::write(&path, bytes).map_err(|error| failed(&path, &error))
    }

    /// The message that was missing in the first run reaches the server; a line about it.
    pub(super) fn receive_late(&self) -> Result<String, Failure> {
        self.receive(LATE)?;
        Ok(format!("server: new: {}", subject(LATE)))
    }

    /// What a user does meanwhile, and the server; a line about each.
    pub(super) fn change(&self) -> Result<Vec<String>, Failure> {
        let ours = read(&self.local)?;
        let (name, message) = find(&ours, READ)?;
        let marked = self.local.mark(name, message, Flags::parse("FS"));
        marked.map_err(|error| failed(message.path(), &error))?;
        let (_, other) = find(&ours, DELETED)?;
        other
            .remove()
            .map_err(|error| failed(other.path(), &error))?;
        let late = self.receive_late()?;
        let [read, deleted] = user_changes();
        Ok(vec![read, deleted, late])
    }

    /// What is in the local folder.
    pub(super) fn arrived(&self) -> Result<Vec<Line>, Failure> {
        read(&self.local)?.values().map(arrived).collect()
    }

    /// Whether the server has the messages that it must have after the second run.
    pub(super) fn server_is_right(&self) -> Result<bool, Failure> {
        Ok(are_right(&read(&self.server)?))
    }

    /// Whether the messages of both sides are the same, byte for byte.
    pub(super) fn verdict(&self) -> Result<String, Failure> {
        let (theirs, ours) = (read(&self.server)?, read(&self.local)?);
        if !are_right(&theirs) || !are_right(&ours) {
            return Err(Failure::new(
                "the two folders don't have what they should have now",
            ));
        }
        let count = ours.len();
        Ok(format!(
            "{count} messages here, the same {count} on the server, byte by byte and flag by flag."
        ))
    }
}

/// What a user does between the two runs, in words.
pub(super) fn user_changes() -> [String; 2] {
    [
        format!("here:   read and flagged: {}", subject(READ)),
        format!("here:   deleted: {}", subject(DELETED)),
    ]
}

/// The subjects of the message that the user reads and flags, and of the one that the user deletes.
pub(super) fn user_subjects() -> [String; 2] {
    [READ, DELETED].map(subject)
}

/// The messages that both sides must have after the second run: ID, and whether it is read and flagged.
pub(super) fn expected() -> Vec<(String, bool)> {
    let ids = remaining().map(|index| {
        let id = header::field(MESSAGES[index].1, "Message-ID");
        (id.unwrap_or_default(), index == READ)
    });
    ids.collect()
}

fn remaining() -> impl Iterator<Item = usize> {
    (0..MESSAGES.len()).filter(|index| *index != DELETED)
}

/// Whether these are the right messages after the second run.
fn are_right(messages: &Messages) -> bool {
    messages.len() == remaining().count() && remaining().all(|index| is_right(messages, index))
}

fn read(folder: &Maildir) -> Result<Messages, Failure> {
    folder
        .messages(|_| {})
        .map_err(|error| failed(folder.root(), &error))
}

fn find(messages: &Messages, index: usize) -> Result<(&String, &Message), Failure> {
    let (name, _) = MESSAGES[index];
    messages
        .get_key_value(name)
        .ok_or_else(|| Failure::new(format!("the message {name} has not arrived")))
}

/// Whether a message is right after the second run.
fn is_right(messages: &Messages, index: usize) -> bool {
    let (name, bytes) = MESSAGES[index];
    let flags = Flags::parse(if index == READ { "FS" } else { "" });
    let same = |message: &Message| fs::read(message.path()).is_ok_and(|found| found == bytes);
    messages
        .get(name)
        .is_some_and(|message| message.flags == flags && same(message))
}

fn subject(index: usize) -> String {
    let (name, bytes) = MESSAGES[index];
    header::field(bytes, "Subject").unwrap_or_else(|| name.to_owned())
}

fn arrived(message: &Message) -> Result<Line, Failure> {
    let header = header::read(message.path()).map_err(|error| failed(message.path(), &error))?;
    let field = |name: &str| header::field(&header, name).unwrap_or_default();
    Ok(Line {
        flags: message.flags.to_string(),
        date: field("Date"),
        from: field("From"),
        subject: field("Subject"),
    })
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    Failure::new(format!("{}: {error}", path.display()))
}
