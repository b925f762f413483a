//! Mail in an open store: the adapter between plain data and the room `store`.

use std::time::SystemTime;

use mapi_provider_abi::mapi::{
    HRESULT, MAPI_E_NO_SUPPORT, MAPI_E_NOT_FOUND, MAPI_E_UNEXPECTED_TYPE, PR_ATTACH_CONTENT_ID_W,
    PR_ATTACH_DATA_BIN, PR_BODY_W, PR_HTML, PR_RTF_COMPRESSED, PT_BINARY, PT_UNICODE, PropTag,
};
use mapi_provider_abi::view::{FileTime, Property};
use mapi_provider_mime::{
    Attachment, Content, Line, Mail, Parsed, Recipient, TooDeep, TooLarge, original_name,
};

use super::error::MimeError;
use crate::store::{self, EntryId, Folder, Message, Properties, StoreError};

impl<'run> Folder<'run> {
    /// Puts a message that has arrived into the folder: the octets of RFC 5322 that a server sends. It is unread.
    ///
    /// To keep more with it in the same step, such as a key of your own, call
    /// [`create_message`](Folder::create_message), [`Message::set_mail`] and [`Message::save`].
    ///
    /// # Errors
    ///
    /// There is nothing in the octets, or the store refuses the message. Then there is none.
    pub fn deliver(&self, octets: &[u8]) -> Result<EntryId, MimeError> {
        let parsed = Mail::parse(octets)?;
        let message = self.create_message()?;
        message.set_mail(&parsed, SystemTime::now())?;
        message.set_read(false)?;
        Ok(message.save()?)
    }
}

/// Internet mail (feature `mime`).
impl<'run> Message<'run> {
    /// Fills a new message with mail: header, texts, attachments, and what [`to_mime`](Self::to_mime) needs to give back
    /// the same octets. It has to be saved.
    ///
    /// # Errors
    ///
    /// The message refuses it.
    pub fn set_mail(&self, parsed: &Parsed<'_>, arrived: SystemTime) -> Result<(), StoreError> {
        self.set_mail_header(parsed.mail(), arrived)?;
        self.set_mail_body(parsed)
    }

    /// Sets only what the header of mail says, for messages whose bodies come later. `arrived` counts as the time when it
    /// was sent, too, where the header has none.
    ///
    /// # Errors
    ///
    /// The message refuses it.
    pub fn set_mail_header(&self, mail: &Mail, arrived: SystemTime) -> Result<(), StoreError> {
        header(self, mail, FileTime::try_from(arrived).ok())
    }

    /// Adds texts and attachments to a message that has its header, and what [`to_mime`](Self::to_mime) needs.
    ///
    /// # Errors
    ///
    /// The message refuses it.
    pub fn set_mail_body(&self, parsed: &Parsed<'_>) -> Result<(), StoreError> {
        body(self, parsed.mail())?;
        // A store without named properties keeps the message all the same.
        match self.named_property(&original_name(), PT_BINARY) {
            Ok(tag) => self.set(tag, parsed.original()),
            Err(_) => Ok(()),
        }
    }

    /// Adds the attachments of mail to a new message.
    #[cfg(feature = "transport")]
    pub(crate) fn attach_all(&self, mail: &Mail) -> Result<(), StoreError> {
        attachments(self, mail)
    }

    /// The message as mail: the octets that it came as, if nobody has edited it, else octets that are made of it.
    ///
    /// # Errors
    ///
    /// It can’t be read; it is larger than [`Mail::LARGEST`], or more messages lie in one another than [`Mail::DEEPEST`].
    pub fn to_mime(&self) -> Result<Vec<u8>, MimeError> {
        let mail = self.to_mail()?;
        match self.unedited(&mail)? {
            Some(octets) => Ok(octets),
            None => Ok(mail.to_octets()?),
        }
    }

    /// The octets that the message came as; `None` if it was not delivered as such, or was edited since. `mail` is what
    /// [`to_mail`](Self::to_mail) has returned.
    ///
    /// # Errors
    ///
    /// It can’t be read.
    pub fn unedited(&self, mail: &Mail) -> Result<Option<Vec<u8>>, StoreError> {
        let Ok(Some(tag)) = self.find_named_property(&original_name(), PT_BINARY) else {
            return Ok(None);
        };
        let original = self.binary(tag)?;
        Ok(original.and_then(|original| mail.restore(&original)))
    }

    /// The message as plain data, with all that is in it.
    ///
    /// # Errors
    ///
    /// It can’t be read; it has more than [`Mail::LARGEST`] bytes of files, or more messages lie in one another than
    /// [`Mail::DEEPEST`].
    pub fn to_mail(&self) -> Result<Mail, MimeError> {
        let mut left = Mail::LARGEST;
        read(self, 0, &mut left)
    }
}

fn header(message: &Message<'_>, mail: &Mail, arrived: Option<FileTime>) -> Result<(), StoreError> {
    message.set_all(&mail.header_properties())?;
    if let Some(from) = &mail.from {
        message.set_from(&from.name, &from.address)?;
    }
    if let Some(sender) = &mail.sender {
        message.set_sender(&sender.name, &sender.address)?;
    }
    let recipients: Vec<store::Recipient> = mail.recipients.iter().map(recipient).collect();
    message.set_recipients(&recipients)?;
    if let Some(arrived) = arrived.or(mail.sent) {
        message.set_times(mail.sent.unwrap_or(arrived), arrived)?;
    }
    Ok(())
}

fn recipient(Recipient { line, who }: &Recipient) -> store::Recipient {
    match line {
        Line::To => store::Recipient::to(&who.name, &who.address),
        Line::Cc => store::Recipient::cc(&who.name, &who.address),
        Line::Bcc => store::Recipient::bcc(&who.name, &who.address),
    }
}

fn body(message: &Message<'_>, mail: &Mail) -> Result<(), StoreError> {
    message.set_all(&mail.body_properties())?;
    attachments(message, mail)
}

fn attachments(message: &Message<'_>, mail: &Mail) -> Result<(), StoreError> {
    for attachment in &mail.attachments {
        match &attachment.content {
            Content::File(_) => attach_file(message, attachment)?,
            Content::Mail(inner) => attach_mail(message, attachment, inner)?,
        }
    }
    Ok(())
}

fn attach_mail(
    message: &Message<'_>,
    attachment: &Attachment,
    inner: &Mail,
) -> Result<(), StoreError> {
    let attached = message.attach_message(&attachment.name, |message| {
        header(message, inner, None)?;
        body(message, inner)
    })?;
    set_content_id(&attached, attachment)
}

fn attach_file(message: &Message<'_>, attachment: &Attachment) -> Result<(), StoreError> {
    let attached = message.create_attachment()?;
    attached.set_all(&attachment.properties())?;
    attached.save()
}

/// An attached message that has an identifier.
fn set_content_id(
    attached: &store::Attachment<'_>,
    attachment: &Attachment,
) -> Result<(), StoreError> {
    if attachment.content_id.is_empty() {
        return Ok(());
    }
    attached.set(PR_ATTACH_CONTENT_ID_W, &*attachment.content_id)?;
    attached.save()
}

/// Reads a message that lies so deep in others, while no more bytes of files are in memory than may be left.
fn read(message: &Message<'_>, depth: usize, left: &mut usize) -> Result<Mail, MimeError> {
    if depth > Mail::DEEPEST {
        return Err(TooDeep.into());
    }
    let mut mail = Mail::from_properties(texts(message)?);
    for row in message.recipient_table().columns(&Recipient::TAGS).rows()? {
        mail.recipients
            .extend(Recipient::from_properties(row?.into_properties()));
    }
    for attachment in message.attachments()? {
        let inner = attachment.message()?;
        let inner = inner.map(|inner| read(&inner, depth + 1, left));
        let inner = inner.transpose()?;
        // What a file has is read, and nothing else's: pictures of OLE objects and links have no content that could be sent.
        let properties = required(&attachment, &Attachment::TAGS, &[PR_ATTACH_DATA_BIN])?;
        let attachment = Attachment::from_properties(properties, inner)?;
        if let Content::File(content) = &attachment.content {
            *left = left.checked_sub(content.len()).ok_or(TooLarge)?;
        }
        mail.attachments.push(attachment);
    }
    Ok(mail)
}

/// What a message says of itself. Older stores have HTML as a string under the same ID.
fn texts(message: &Message<'_>) -> Result<Vec<Property<'static>>, StoreError> {
    let mut properties = required(
        message,
        &Mail::TAGS,
        &[PR_BODY_W, PR_HTML, PR_RTF_COMPRESSED],
    )?;
    let is_html = |property: &&mut Property<'_>| property.tag.id() == PR_HTML.id();
    let html = properties.iter_mut().find(is_html);
    if let Some(html) = html.filter(|html| html.value == MAPI_E_UNEXPECTED_TYPE.into()) {
        let tag = PR_HTML.with_type(PT_UNICODE);
        match message.get(tag) {
            Ok(Some(value)) => *html = Property { tag, value },
            Err(error) if error.status() != MAPI_E_UNEXPECTED_TYPE => return Err(error),
            _ => {}
        }
    }
    Ok(properties)
}

/// What an object answers for there not being a property, or not of this type.
const NONE: [HRESULT; 3] = [MAPI_E_NOT_FOUND, MAPI_E_NO_SUPPORT, MAPI_E_UNEXPECTED_TYPE];

/// Properties of an object. Of some it is an error if they are there and can't be read: they would be lost.
fn required(
    object: &Properties<'_>,
    tags: &[PropTag],
    required: &[PropTag],
) -> Result<Vec<Property<'static>>, StoreError> {
    let row = object.get_all(tags)?;
    for tag in required {
        if row
            .error(*tag)
            .is_some_and(|status| !NONE.contains(&status))
        {
            // It says why, in the words of the object.
            object.get(*tag)?;
        }
    }
    Ok(row.into_properties())
}
