//! A message as plain data.

use mapi_provider_abi::view::FileTime;

/// A message as plain data, between Internet mail and a store.
///
/// [`Mail::parse`](Self::parse) makes one of octets, [`to_octets`](Self::to_octets) makes octets of one, and
/// [`properties`](Self::properties) says what a store keeps of it. All texts are without NUL, which no store can keep.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mail {
    /// What it is about.
    pub subject: String,
    /// Whom it is from.
    pub from: Option<Who>,
    /// Who has sent it for them, if that is somebody else.
    pub sender: Option<Who>,
    /// To whom it goes, in the order of the lines To, Cc, Bcc.
    pub recipients: Vec<Recipient>,
    /// When it was sent.
    pub sent: Option<FileTime>,
    /// How urgent its sender says it is.
    pub importance: Importance,
    /// Its identifier, in angle brackets; may be empty.
    pub message_id: String,
    /// The identifiers of what it answers, each in angle brackets; may be empty.
    pub in_reply_to: String,
    /// The identifiers of what led to it, each in angle brackets; may be empty.
    pub references: String,
    /// Its header as it came, if it came by the Internet.
    pub headers: String,
    /// Its plain text.
    pub text: Option<String>,
    /// Its text as HTML.
    pub html: Option<String>,
    /// Files and messages that are attached.
    pub attachments: Vec<Attachment>,
}

/// Somebody: a name, an Internet address, or both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Who {
    /// The name that is shown; may be empty.
    pub name: String,
    /// The address; may be empty.
    pub address: String,
}

impl Who {
    /// Somebody with a name and an address; one of them may be empty.
    pub fn new(name: impl Into<String>, address: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            address: address.into(),
        }
    }

    /// What is shown: the address where there is no name.
    pub fn shown(&self) -> &str {
        if self.name.is_empty() {
            &self.address
        } else {
            &self.name
        }
    }
}

/// The line of a message that a recipient is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Line {
    /// Those to whom it goes.
    To,
    /// Those who get a copy.
    Cc,
    /// Those who get a copy that the others don't know of.
    Bcc,
}

/// Somebody to whom a message goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The line that they are in.
    pub line: Line,
    /// Who they are.
    pub who: Who,
}

/// How urgent a message is: `PR_IMPORTANCE`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Importance {
    /// Not at all.
    Low,
    /// As mail is.
    #[default]
    Normal,
    /// Very much.
    High,
}

/// What is attached to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// The file's name, without any folder; of a message, its subject.
    pub name: String,
    /// The MIME type of the content.
    pub mime_type: String,
    /// By what the HTML refers to it, without angle brackets; may be empty.
    pub content_id: String,
    /// Whether the HTML shows it.
    pub inline: bool,
    /// What it is.
    pub content: Content,
}

/// The content of an attachment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A file.
    File(Vec<u8>),
    /// A message.
    Mail(Box<Mail>),
}

impl Attachment {
    /// A file.
    pub fn file(name: impl Into<String>, mime_type: impl Into<String>, content: Vec<u8>) -> Self {
        Self {
            name: name.into(),
            mime_type: mime_type.into(),
            content_id: String::new(),
            inline: false,
            content: Content::File(content),
        }
    }

    /// A message.
    pub fn mail(mail: Mail) -> Self {
        Self {
            name: mail.subject.clone(),
            mime_type: "message/rfc822".to_owned(),
            content_id: String::new(),
            inline: false,
            content: Content::Mail(Box::new(mail)),
        }
    }
}

impl Mail {
    /// Takes out of all texts what no store can keep.
    pub(crate) fn clean(&mut self) {
        let people = [&mut self.from, &mut self.sender].into_iter().flatten();
        let recipients = self
            .recipients
            .iter_mut()
            .map(|recipient| &mut recipient.who);
        for who in people.chain(recipients) {
            clean(&mut who.name);
            clean(&mut who.address);
        }
        let texts = [&mut self.text, &mut self.html].into_iter().flatten();
        let lines = [
            &mut self.subject,
            &mut self.message_id,
            &mut self.in_reply_to,
            &mut self.references,
            &mut self.headers,
        ];
        texts.chain(lines).for_each(clean);
        for attachment in &mut self.attachments {
            let texts = [
                &mut attachment.name,
                &mut attachment.mime_type,
                &mut attachment.content_id,
            ];
            texts.into_iter().for_each(clean);
        }
    }
}

fn clean(text: &mut String) {
    if text.contains('\0') {
        *text = text.replace('\0', "\u{FFFD}");
    }
}
