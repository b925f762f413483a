//! Mail in an open store: the adapter between plain data and the room `store`.

use std::time::SystemTime;

use mapi_provider_abi::mapi::{
    MAPI_E_UNEXPECTED_TYPE, PR_ATTACH_CONTENT_ID_W, PR_BODY_W, PR_CLIENT_SUBMIT_TIME, PR_HTML,
    PR_IMPORTANCE, PR_IN_REPLY_TO_W, PR_INTERNET_CPID, PR_INTERNET_MESSAGE_ID_W,
    PR_INTERNET_REFERENCES_W, PR_MESSAGE_DELIVERY_TIME, PR_SENDER_EMAIL_ADDRESS_W,
    PR_SENDER_NAME_W, PR_SENDER_SMTP_ADDRESS_W, PR_SENT_REPRESENTING_EMAIL_ADDRESS_W,
    PR_SENT_REPRESENTING_NAME_W, PR_SENT_REPRESENTING_SMTP_ADDRESS_W, PR_SUBJECT_W,
    PR_TRANSPORT_MESSAGE_HEADERS_W, PT_BINARY, PT_UNICODE, PropTag,
};
use mapi_provider_abi::view::{FileTime, PropValue, Property};
use mapi_provider_mime::{Attachment, Content, Line, Mail, Parsed, Recipient, Who, original_name};

use super::error::MimeError;
use crate::store::{
    self, EntryId, FileAttachment, Folder, Message, RecipientKind, Row, StoreError,
};

/// Messages within messages: deeper ones are left out. What [`Folder::deliver`] puts into a store is never deeper.
const DEEPEST: usize = 8;

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

    /// The message as mail: the octets that it came as, if nobody has edited it, else octets that are made of it.
    ///
    /// # Errors
    ///
    /// It can’t be read.
    pub fn to_mime(&self) -> Result<Vec<u8>, StoreError> {
        let mail = self.to_mail()?;
        match self.unedited(&mail)? {
            Some(octets) => Ok(octets),
            None => Ok(mail.to_octets()),
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

    /// The message as plain data. Messages that lie more than eight deep in it are left out.
    ///
    /// # Errors
    ///
    /// It can’t be read.
    pub fn to_mail(&self) -> Result<Mail, StoreError> {
        read(self, 0)
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
    for attachment in &mail.attachments {
        match &attachment.content {
            Content::File(content) => attach_file(message, attachment, content)?,
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

fn attach_file(
    message: &Message<'_>,
    attachment: &Attachment,
    content: &[u8],
) -> Result<(), StoreError> {
    let file = FileAttachment::new(&attachment.name, &attachment.mime_type, content);
    if attachment.inline {
        message.attach(&file.inline(&attachment.content_id))?;
        return Ok(());
    }
    set_content_id(&message.attach(&file)?, attachment)
}

/// A file that has an identifier, though nothing shows it.
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

fn read(message: &Message<'_>, depth: usize) -> Result<Mail, StoreError> {
    const TAGS: [PropTag; 14] = [
        PR_SUBJECT_W,
        PR_IMPORTANCE,
        PR_TRANSPORT_MESSAGE_HEADERS_W,
        PR_INTERNET_MESSAGE_ID_W,
        PR_IN_REPLY_TO_W,
        PR_INTERNET_REFERENCES_W,
        PR_SENT_REPRESENTING_NAME_W,
        PR_SENT_REPRESENTING_EMAIL_ADDRESS_W,
        PR_SENT_REPRESENTING_SMTP_ADDRESS_W,
        PR_SENDER_NAME_W,
        PR_SENDER_EMAIL_ADDRESS_W,
        PR_SENDER_SMTP_ADDRESS_W,
        PR_CLIENT_SUBMIT_TIME,
        PR_MESSAGE_DELIVERY_TIME,
    ];
    let row = message.get_all(&TAGS)?;
    let mut properties = Vec::new();
    for tag in &TAGS[..6] {
        if tag.id() == PR_IMPORTANCE.id() {
            properties.extend(row.long(*tag).map(|value| Property::new(*tag, value)));
        } else {
            properties.extend(row.text(*tag).map(|text| Property::new(*tag, &*text)));
        }
    }
    properties.extend(
        message
            .text(PR_BODY_W)?
            .map(|text| Property::new(PR_BODY_W, &*text)),
    );
    properties.extend(html(message)?);
    let mut mail = Mail::from_properties(properties);
    let from = [
        PR_SENT_REPRESENTING_NAME_W,
        PR_SENT_REPRESENTING_SMTP_ADDRESS_W,
        PR_SENT_REPRESENTING_EMAIL_ADDRESS_W,
    ];
    mail.from = who(&row, from);
    mail.sender = who(
        &row,
        [
            PR_SENDER_NAME_W,
            PR_SENDER_SMTP_ADDRESS_W,
            PR_SENDER_EMAIL_ADDRESS_W,
        ],
    );
    mail.sent = row
        .time(PR_CLIENT_SUBMIT_TIME)
        .or_else(|| row.time(PR_MESSAGE_DELIVERY_TIME));
    mail.recipients = message
        .recipients()?
        .into_iter()
        .filter_map(named)
        .collect();
    for attachment in message.attachments()? {
        mail.attachments.extend(attached(&attachment, depth)?);
    }
    Ok(mail)
}

/// HTML and its code page. Older stores have HTML as a string under the same ID.
fn html(message: &Message<'_>) -> Result<Vec<Property<'static>>, StoreError> {
    let is_other_type = |error: &StoreError| error.status() == MAPI_E_UNEXPECTED_TYPE;
    let value = match message.binary(PR_HTML) {
        Ok(Some(octets)) => Some(PropValue::from(octets)),
        Err(error) if !is_other_type(&error) => return Err(error),
        _ => match message.get(PR_HTML.with_type(PT_UNICODE)) {
            Err(error) if !is_other_type(&error) => return Err(error),
            text => text.ok().flatten(),
        },
    };
    let Some(value) = value else {
        return Ok(Vec::new());
    };
    let mut properties = vec![Property {
        tag: PR_HTML.with_type(value.prop_type()),
        value,
    }];
    properties.extend(
        message
            .long(PR_INTERNET_CPID)?
            .map(|page| Property::new(PR_INTERNET_CPID, page)),
    );
    Ok(properties)
}

/// Somebody by a name, and by the first of two addresses that there is.
fn who(row: &Row, [name, smtp, address]: [PropTag; 3]) -> Option<Who> {
    let text = |tag| row.text(tag).filter(|text| !text.is_empty());
    let who = Who::new(
        text(name).unwrap_or_default(),
        text(smtp).or_else(|| text(address)).unwrap_or_default(),
    );
    (who != Who::default()).then_some(who)
}

fn named(recipient: store::Recipient) -> Option<Recipient> {
    let line = match recipient.kind {
        RecipientKind::To => Line::To,
        RecipientKind::Cc => Line::Cc,
        RecipientKind::Bcc => Line::Bcc,
        _ => return None,
    };
    let who = Who::new(recipient.name, recipient.address);
    Some(Recipient { line, who })
}

fn attached(
    attachment: &store::Attachment<'_>,
    depth: usize,
) -> Result<Option<Attachment>, StoreError> {
    let content_id = attachment.text(PR_ATTACH_CONTENT_ID_W)?.unwrap_or_default();
    if let Some(inner) = attachment.message()? {
        if depth >= DEEPEST {
            return Ok(None);
        }
        let mut attached = Attachment::mail(read(&inner, depth + 1)?);
        attached.content_id = content_id;
        return Ok(Some(attached));
    }
    // Pictures of OLE objects and links have no content that could be sent.
    let content = match attachment.read_to_vec() {
        Err(error) if error.is_not_found() => Vec::new(),
        content => content?,
    };
    let mut attached = Attachment::file(attachment.name()?, attachment.mime_type()?, content);
    attached.content_id = content_id;
    Ok(Some(attached))
}
