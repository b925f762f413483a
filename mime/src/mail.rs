//! A message as plain data.

use std::ops::Deref;

use mapi_provider_abi::view::FileTime;

use crate::error::{self, TooDeep};

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
    /// Its text as compressed rich text, `PR_RTF_COMPRESSED`, if it was written so: neither made of the text nor of the HTML.
    /// It goes out as an attached file.
    pub rtf: Option<Vec<u8>>,
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
    Mail(AttachedMail),
}

/// A message that is attached to another one.
///
/// How deep others lie in it is bounded when it is made, and it can't be changed in place. So whatever goes through a
/// message, and through all that is attached to it, has an end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachedMail {
    mail: Box<Mail>,
    /// How many messages lie in one another, itself counted.
    depth: usize,
}

impl AttachedMail {
    /// A message, to be attached. To change it later, take it [out](Self::into_mail) and put it in again.
    ///
    /// # Errors
    ///
    /// It has as many messages in one another as may be attached to one.
    pub fn new(mail: Mail) -> Result<Self, TooDeep> {
        let depth = mail.depth() + 1;
        if depth > Mail::DEEPEST {
            return Err(TooDeep);
        }
        Ok(Self {
            mail: Box::new(mail),
            depth,
        })
    }

    /// The message.
    pub fn into_mail(self) -> Mail {
        *self.mail
    }
}

impl Deref for AttachedMail {
    type Target = Mail;

    fn deref(&self) -> &Mail {
        &self.mail
    }
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
    ///
    /// # Errors
    ///
    /// It has as many messages in one another as may be attached to one.
    pub fn mail(mail: Mail) -> Result<Self, TooDeep> {
        Ok(Self {
            name: mail.subject.clone(),
            mime_type: "message/rfc822".to_owned(),
            content_id: String::new(),
            inline: false,
            content: Content::Mail(AttachedMail::new(mail)?),
        })
    }
}

impl Mail {
    /// So many messages may be attached to one another, the outermost not counted.
    pub const DEEPEST: usize = error::DEEPEST;

    /// How many messages lie in one another in this one.
    fn depth(&self) -> usize {
        let inner = self.attachments.iter().map(|one| match &one.content {
            Content::Mail(inner) => inner.depth,
            Content::File(_) => 0,
        });
        inner.max().unwrap_or(0)
    }

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

pub(crate) fn clean(text: &mut String) {
    if text.contains('\0') {
        *text = text.replace('\0', "\u{FFFD}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A message with so many others in one another.
    fn nested(levels: usize) -> Result<Mail, TooDeep> {
        (0..levels).try_fold(Mail::default(), |inner, _| {
            let attachments = vec![Attachment::mail(inner)?];
            Ok(Mail {
                attachments,
                ..Mail::default()
            })
        })
    }

    #[test]
    fn messages_lie_in_one_another_as_deep_as_is_said_and_no_deeper() {
        assert!(nested(Mail::DEEPEST).is_ok_and(|mail| mail.depth() == Mail::DEEPEST));
        assert_eq!(nested(10_000).err(), Some(TooDeep));
    }

    #[test]
    fn a_message_that_is_taken_out_is_as_deep_as_it_is() {
        let mut mail = nested(Mail::DEEPEST).expect("not too deep");
        let Content::Mail(inner) = mail.attachments.remove(0).content else {
            panic!("it is a message");
        };
        assert_eq!(inner.into_mail().depth(), Mail::DEEPEST - 1);
        assert!(Attachment::mail(mail).is_ok(), "there is nothing in it");
    }
}
