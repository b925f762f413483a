//! A message that has come in, as a value of our own.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::SystemTime;

use mapi_provider_abi::view::{Property, Row};

use crate::mime::{Mail, NotMail};

/// The class of ordinary mail.
const NOTE: &str = "IPM.Note";

/// A message that has come in.
///
/// ```
/// use mapi_provider::mime::NotMail;
/// use mapi_provider::transport::Received;
///
/// let received = Received::from_mime(b"From: Ann <ann@example.org>\r\nSubject: Lunch\r\n\r\nAt noon?\r\n")?;
/// assert_eq!(received.mail().subject, "Lunch");
/// # Ok::<(), NotMail>(())
/// ```
#[derive(Debug, Clone)]
pub struct Received {
    pub(super) class: String,
    pub(super) mail: Mail,
    pub(super) arrived: Option<SystemTime>,
    pub(super) properties: Vec<Property<'static>>,
    /// Rows of the recipient table besides those of the mail's.
    pub(super) rows: Vec<Row<'static>>,
}

impl Received {
    /// A message of class `IPM.Note`.
    pub fn new(mail: Mail) -> Self {
        Self {
            class: NOTE.to_owned(),
            mail,
            arrived: None,
            properties: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// The message in the octets of Internet mail. Whatever is in them, it is a message.
    ///
    /// # Errors
    ///
    /// There is nothing in them.
    pub fn from_mime(octets: &[u8]) -> Result<Self, NotMail> {
        Ok(Self::new(Mail::parse(octets)?.into_mail()))
    }

    /// The same with another class.
    #[must_use]
    pub fn of_class(mut self, class: impl Into<String>) -> Self {
        self.class = class.into();
        self
    }

    /// The same with the time at which the server got it. Without one, that is when it is saved.
    #[must_use]
    pub fn arrived(mut self, at: SystemTime) -> Self {
        self.arrived = Some(at);
        self
    }

    /// The same with one more property. What the message says anyway stays as it says it, and properties that no message
    /// carries from one store to another are left out (XP-27).
    #[must_use]
    pub fn with(mut self, property: Property<'static>) -> Self {
        self.properties.push(property);
        self
    }

    /// The same with rows of the recipient table.
    pub(in crate::transport) fn with_rows(mut self, rows: Vec<Row<'static>>) -> Self {
        self.rows = rows;
        self
    }

    /// What tells it from others: the same each time that it comes.
    pub(super) fn mark(&self) -> u64 {
        let Mail {
            subject,
            message_id,
            headers,
            text,
            ..
        } = &self.mail;
        let mut hasher = DefaultHasher::new();
        (&self.class, subject, message_id, headers, text).hash(&mut hasher);
        hasher.finish()
    }

    /// Header, texts and attachments.
    pub fn mail(&self) -> &Mail {
        &self.mail
    }
}
