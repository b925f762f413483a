//! What the logic needs from the store's folder, as a trait: tests have their own folders.

use std::io;
use std::time::SystemTime;

use crate::maildir::Flags;
use crate::plan::Our;

/// A folder that has messages: one of the wrapped store, or a test's own.
///
/// Each method that changes something does so in one step: whenever the process ends, either all of the
/// change is there, or nothing.
pub trait Mailbox {
    /// How to find a message again.
    type Id: Clone;

    /// All messages that can be synchronised.
    ///
    /// # Errors
    ///
    /// The folder can't be read.
    fn list(&self) -> io::Result<Vec<Item<Self::Id>>>;

    /// Adds a message, given as it is on the server; only its header, if the stamp says so.
    ///
    /// # Errors
    /// It is not a message, or the store refuses it.
    fn create(&self, stamp: &Stamp<'_>, text: &[u8], arrived: SystemTime) -> io::Result<()>;

    /// Adds body and attachments to a message that only has its header.
    ///
    /// # Errors
    /// It is not a message, or the store refuses it.
    fn complete(&self, id: &Self::Id, stamp: &Stamp<'_>, text: &[u8]) -> io::Result<()>;

    /// Gives a message another stamp; what its user sees doesn't change.
    ///
    /// # Errors
    ///
    /// The store refuses it.
    fn stamp(&self, id: &Self::Id, stamp: &Stamp<'_>) -> io::Result<()>;

    /// Gives a message these flags, as its user sees them, and a stamp. If the process ends meanwhile,
    /// only the flags may be changed.
    ///
    /// # Errors
    ///
    /// The store refuses it.
    fn mark(&self, id: &Self::Id, flags: Flags, stamp: &Stamp<'_>) -> io::Result<()>;

    /// A message as it should be on the server, with this key.
    ///
    /// # Errors
    ///
    /// It can't be read.
    fn text(&self, id: &Self::Id, key: &str) -> io::Result<Vec<u8>>;

    /// Deletes a message for good.
    ///
    /// # Errors
    ///
    /// The store refuses it.
    fn delete(&self, id: &Self::Id) -> io::Result<()>;

    /// What was last kept beside the messages; empty at first.
    ///
    /// # Errors
    ///
    /// It can't be read.
    fn roster(&self) -> io::Result<String>;

    /// Keeps something beside the messages.
    ///
    /// # Errors
    ///
    /// The store refuses it.
    fn save_roster(&self, text: &str) -> io::Result<()>;
}

/// What is kept in a message, and saved in one step with it.
#[derive(Debug, Clone, Copy)]
pub struct Stamp<'a> {
    /// The unique part of its name on the server.
    pub key: &'a str,
    /// The flags that both sides agreed on.
    pub agreed: Flags,
    /// Only its header is here.
    pub partial: bool,
}

/// A message of the folder.
#[derive(Debug, Clone)]
pub struct Item<Id> {
    /// How to find it again.
    pub id: Id,
    /// The unique part of its name on the server; `None` before it has been there.
    pub key: Option<String>,
    /// The flags that both sides agreed on.
    pub agreed: Flags,
    /// The flags that its user sees.
    pub flags: Flags,
    /// Only its header is here.
    pub partial: bool,
    /// What it is about.
    pub subject: String,
}

impl<Id> Our for Item<Id> {
    fn flags(&self) -> Flags {
        self.flags
    }
    fn is_partial(&self) -> bool {
        self.partial
    }
}
