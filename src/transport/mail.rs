//! A message that is to be sent, as a value of our own.

use std::sync::Arc;

pub use mapi_provider_mime::Line;
use mapi_provider_mime::{TooLarge, Who};

use super::envelope::Key;
pub use crate::address::Address;
use crate::mime;

/// A message that is to be sent: read from MAPI on the spooler's thread, whole, before
/// [`send`](super::MailTransport::send) sees it.
#[derive(Debug, Clone)]
pub struct Mail {
    pub(super) class: String,
    pub(super) sender: Person,
    pub(super) envelope: Vec<Recipient>,
    pub(super) content: mime::Mail,
    /// The octets that it goes out as, where they are known: of a message that waited in the queue.
    pub(super) octets: Option<Arc<[u8]>>,
}

impl Mail {
    /// What tells it from other messages, the same at each try: its Message-ID, without the brackets.
    pub fn id(&self) -> &str {
        &self.content.message_id
    }

    /// Its class, such as `IPM.Note`.
    pub fn class(&self) -> &str {
        &self.class
    }

    /// Who sends it: the transport's identity.
    pub fn sender(&self) -> &Person {
        &self.sender
    }

    /// Whom this try is for, once an address. Readers see [`shown`](Self::shown).
    pub fn envelope(&self) -> &[Recipient] {
        &self.envelope
    }

    /// Those in To and Cc as readers see them. Nobody of Bcc is among them, and no copy for resending.
    pub fn shown(&self) -> &[mime::Recipient] {
        &self.content.recipients
    }

    /// The subject.
    pub fn subject(&self) -> &str {
        &self.content.subject
    }

    /// Header, texts and attachments.
    pub fn content(&self) -> &mime::Mail {
        &self.content
    }

    /// The message as the octets of Internet mail, without Bcc.
    ///
    /// # Errors
    ///
    /// It is too large.
    pub fn to_mime(&self) -> Result<Vec<u8>, TooLarge> {
        match &self.octets {
            Some(octets) => Ok(octets.to_vec()),
            None => self.content.to_octets(),
        }
    }
}

/// A name and an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// What people read; it may be empty.
    pub name: String,
    /// Where mail goes.
    pub address: Address,
}

impl Person {
    pub(super) fn who(&self) -> Who {
        Who::new(self.name.clone(), self.address.value.clone())
    }
}

/// Somebody whom a message goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Name and address.
    pub person: Person,
    /// Where in the message he stands.
    pub line: Line,
    /// Whether the sender wants to hear of the delivery.
    pub report_delivery: bool,
    pub(super) key: Key,
}
