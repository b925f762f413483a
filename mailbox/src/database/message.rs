//! Messages: what is saved at once, and what is told about one that is saved.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::id::{AttachmentId, FolderId, MessageId, Version};
use super::property::PropertySet;

/// How deep messages may be nested in attachments (STORE-29).
pub const DEEPEST: usize = 32;

/// What is saved at once: properties, recipients, attachments. A working copy, until it is saved.
///
/// Among the properties is `PR_MESSAGE_FLAGS`, without the bits that are computed: `MSGFLAG_READ`, `MSGFLAG_HASATTACH`,
/// `MSGFLAG_ASSOCIATED`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MessageData {
    /// The properties that were set; nothing that is computed.
    pub props: PropertySet,
    /// The recipients, in their order.
    pub recipients: Vec<Recipient>,
    /// The attachments, by `PR_ATTACH_NUM`.
    pub attachments: BTreeMap<u32, Arc<Attachment>>,
}

/// A recipient of a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Recipient {
    /// `PR_ROWID`.
    pub row: u32,
    /// Its properties.
    pub props: Arc<PropertySet>,
}

/// An attachment.
#[derive(Debug, Clone, PartialEq)]
pub struct Attachment {
    /// What it is called for good: by [`Store::reserve_attachment`](super::Store::reserve_attachment).
    pub id: AttachmentId,
    /// The properties that were set.
    pub props: PropertySet,
    /// The message in it, if it is one.
    pub embedded: Option<Arc<MessageData>>,
}

/// What a store says of a message that is saved, besides its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageInfo {
    /// Its ID.
    pub id: MessageId,
    /// The folder that it is in.
    pub folder: FolderId,
    /// Whether it is an associated message: one that is not for people.
    pub associated: bool,
    /// Whether it is read. This changes without the message's being saved.
    pub read: bool,
    /// `PR_MESSAGE_FLAGS`, without the bits that are computed.
    pub flags: u32,
    /// `PR_MSG_STATUS`.
    pub status: u32,
    /// `PR_MESSAGE_SIZE`.
    pub size: u64,
    /// Which save it is.
    pub version: Version,
}

/// A message that was read to be opened.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// What the store says of it.
    pub info: MessageInfo,
    /// What was saved.
    pub data: Arc<MessageData>,
}

/// How a message is saved.
#[derive(Debug, Clone, Copy)]
pub struct Save<'a> {
    /// Its ID: by [`Store::reserve_message`](super::Store::reserve_message), or that of a message that is there.
    pub id: MessageId,
    /// The folder of a new message. One that is there stays where it is.
    pub folder: FolderId,
    /// Whether a new message is an associated one.
    pub associated: bool,
    /// The version that was read or last saved; none of a message that never was saved.
    pub base: Option<Version>,
    /// Whether it is saved even if somebody else has saved it since (`FORCE_SAVE`).
    pub force: bool,
    /// Whether a new message is read. Later [`Transaction::set_read`](super::Transaction::set_read) alone says so.
    pub read: bool,
    /// `PR_LAST_MODIFICATION_TIME` stays as the data have it.
    pub keep_time: bool,
    /// What is saved.
    pub data: &'a MessageData,
}

/// How an operation on many objects ended: what it could do is done.
#[derive(Debug)]
pub struct Outcome<T> {
    /// What was done.
    pub done: Vec<T>,
    /// What was not, and why.
    pub failed: Vec<(super::ObjectId, super::Error)>,
}

impl<T> Outcome<T> {
    /// Whether something was left undone: `MAPI_W_PARTIAL_COMPLETION`.
    pub fn is_partial(&self) -> bool {
        !self.failed.is_empty()
    }
}

impl<T> Default for Outcome<T> {
    fn default() -> Self {
        Self {
            done: Vec::new(),
            failed: Vec::new(),
        }
    }
}

impl MessageData {
    /// `PR_MESSAGE_SIZE`: properties, recipients and attachments, in bytes.
    pub fn size(&self) -> u64 {
        let recipients: u64 = self.recipients.iter().map(|one| one.props.size()).sum();
        let attachments: u64 = self.attachments.values().map(|one| one.size()).sum();
        self.props.size() + recipients + attachments
    }

    /// How deep messages are nested in it: 0 without an embedded one.
    pub fn depth(&self) -> usize {
        let embedded = self
            .attachments
            .values()
            .filter_map(|one| one.embedded.as_deref());
        embedded.map(|one| one.depth() + 1).max().unwrap_or(0)
    }
}

impl Attachment {
    /// `PR_ATTACH_SIZE`, in bytes.
    pub fn size(&self) -> u64 {
        let embedded = self.embedded.as_ref().map_or(0, |message| message.size());
        self.props.size() + embedded
    }
}
