//! Internet mail in the logic's batches, and out of what clients wrote (feature `mime`).

use std::sync::Arc;

use mapi_provider_abi::mapi::{
    MAPI_BCC, MAPI_CC, MAPI_TO, PR_ADDRTYPE_W, PR_ATTACH_CONTENT_ID_W, PR_ATTACH_DATA_BIN,
    PR_ATTACH_FILENAME_W, PR_ATTACH_LONG_FILENAME_W, PR_ATTACH_METHOD, PR_ATTACH_MIME_TAG_W,
    PR_CLIENT_SUBMIT_TIME, PR_DISPLAY_NAME_W, PR_EMAIL_ADDRESS_W, PR_HTML, PR_IN_REPLY_TO_W,
    PR_INTERNET_CPID, PR_INTERNET_MESSAGE_ID_W, PR_INTERNET_REFERENCES_W, PR_MESSAGE_CLASS_W,
    PR_MESSAGE_DELIVERY_TIME, PR_RECIPIENT_TYPE, PR_RENDERING_POSITION, PR_RTF_COMPRESSED,
    PR_SENDER_ADDRTYPE_W, PR_SENDER_EMAIL_ADDRESS_W, PR_SENDER_NAME_W, PR_SENDER_SMTP_ADDRESS_W,
    PR_SENT_REPRESENTING_ADDRTYPE_W, PR_SENT_REPRESENTING_EMAIL_ADDRESS_W,
    PR_SENT_REPRESENTING_NAME_W, PR_SENT_REPRESENTING_SMTP_ADDRESS_W, PR_SMTP_ADDRESS_W,
    PR_TRANSPORT_MESSAGE_HEADERS_W, PT_BINARY, PT_BOOLEAN, PT_LONG, PropTag,
};
use mapi_provider_abi::view::{PropValue, Property as NamedValue};
use mapi_provider_mime::{self as mime, Content, Line, Mail, Parsed, Who, original_name};

use super::draft::{Draft, stage};
use super::local::LocalChange;
use super::mailbox::Mailbox;
use crate::database::{Attachment, MessageData, Property, PropertySet, Recipient, Result, Store};

/// `ATTACH_BY_VALUE`.
const BY_VALUE: i32 = 1;
/// `ATTACH_EMBEDDED_MSG`.
const EMBEDDED: i32 = 5;
/// PidTagAttachFlags, which MAPI's headers don't have, and its bit for what the HTML shows.
const ATTACH_FLAGS: PropTag = PropTag::new(0x3714, PT_LONG);
const RENDERED_IN_BODY: i32 = 4;
/// PidTagAttachmentHidden, which MAPI's headers don't have.
const ATTACHMENT_HIDDEN: PropTag = PropTag::new(0x7FFE, PT_BOOLEAN);
/// What mail says or leaves out: what the message had of these is not what the new mail says. What all mail has is
/// overwritten anyway.
const OWNED: [PropTag; 16] = [
    PR_TRANSPORT_MESSAGE_HEADERS_W,
    PR_INTERNET_MESSAGE_ID_W,
    PR_IN_REPLY_TO_W,
    PR_INTERNET_REFERENCES_W,
    PR_INTERNET_CPID,
    PR_HTML,
    PR_RTF_COMPRESSED,
    PR_CLIENT_SUBMIT_TIME,
    PR_SENT_REPRESENTING_NAME_W,
    PR_SENT_REPRESENTING_ADDRTYPE_W,
    PR_SENT_REPRESENTING_EMAIL_ADDRESS_W,
    PR_SENT_REPRESENTING_SMTP_ADDRESS_W,
    PR_SENDER_NAME_W,
    PR_SENDER_ADDRTYPE_W,
    PR_SENDER_EMAIL_ADDRESS_W,
    PR_SENDER_SMTP_ADDRESS_W,
];
/// Messages within messages: deeper ones are left out.
const DEEPEST: usize = 8;

impl Draft<'_> {
    /// What Internet mail says: header, texts, recipients, attachments, and the octets that it came as. It replaces
    /// what the message had of these.
    ///
    /// # Errors
    ///
    /// The store can't be written.
    pub fn mail(&mut self, parsed: &Parsed<'_>) -> Result<()> {
        let store = self.store;
        self.clear_recipients();
        self.clear_attachments();
        fill(store, &mut self.data, parsed.mail())?;
        let ids = store.ids_of_names(&[original_name()], true)?;
        if let Some(id) = ids.into_iter().flatten().next() {
            let original = stage(store, &*parsed.original())?;
            self.data.props.put(id, original);
        }
        Ok(())
    }
}

impl LocalChange {
    /// The message as Internet mail, if it is one and is still there: the octets that it came as if nobody has edited
    /// it, else such as are made of it.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn to_mime(&self) -> Result<Option<Vec<u8>>> {
        let Some(message) = self.message()? else {
            return Ok(None);
        };
        let mail = read(&self.store, &message.data, 0)?;
        let octets = unedited(&self.store, &message.data, &mail)?;
        Ok(Some(octets.unwrap_or_else(|| mail.to_octets())))
    }
}

/// Internet mail (feature `mime`).
impl Mailbox {
    /// A message as plain data. Messages that lie more than eight deep in it are left out.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn to_mail(&self, message: &MessageData) -> Result<Mail> {
        read(self.store(), message, 0)
    }

    /// The octets that a message came as; none if it did not come as such, or was edited since. `mail` is what
    /// [`to_mail`](Self::to_mail) has told.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn unedited(&self, message: &MessageData, mail: &Mail) -> Result<Option<Vec<u8>>> {
        unedited(self.store(), message, mail)
    }
}

fn unedited(store: &Store, message: &MessageData, mail: &Mail) -> Result<Option<Vec<u8>>> {
    let ids = store.ids_of_names(&[original_name()], false)?;
    let id = ids.into_iter().flatten().next();
    let original = id.and_then(|id| message.props.get(id));
    let original = original
        .map(|original| value(store, original))
        .transpose()?;
    Ok(match original {
        Some(PropValue::Binary(original)) => mail.restore(&original),
        _ => None,
    })
}

fn fill(store: &Store, data: &mut MessageData, mail: &Mail) -> Result<()> {
    for tag in OWNED {
        data.props.remove(tag.id());
    }
    for property in mail.properties() {
        data.props.set_tag(property.tag, property.value);
    }
    if !data.props.contains(PR_MESSAGE_CLASS_W.id()) {
        data.props.set_tag(PR_MESSAGE_CLASS_W, "IPM.Note");
    }
    let from = mail.from.as_ref().or(mail.sender.as_ref());
    for (who, tags) in [
        (
            from,
            [
                PR_SENT_REPRESENTING_NAME_W,
                PR_SENT_REPRESENTING_ADDRTYPE_W,
                PR_SENT_REPRESENTING_EMAIL_ADDRESS_W,
            ],
        ),
        (
            mail.sender.as_ref().or(from),
            [
                PR_SENDER_NAME_W,
                PR_SENDER_ADDRTYPE_W,
                PR_SENDER_EMAIL_ADDRESS_W,
            ],
        ),
    ] {
        if let Some(who) = who {
            put_who(&mut data.props, who, tags);
        }
    }
    if let Some(sent) = mail.sent {
        data.props.set_tag(PR_CLIENT_SUBMIT_TIME, sent);
        if !data.props.contains(PR_MESSAGE_DELIVERY_TIME.id()) {
            data.props.set_tag(PR_MESSAGE_DELIVERY_TIME, sent);
        }
    }
    data.recipients = (0..).zip(&mail.recipients).map(recipient).collect();
    data.attachments.clear();
    for (number, attachment) in (0..).zip(&mail.attachments) {
        let attachment = attached(store, attachment)?;
        data.attachments.insert(number, Arc::new(attachment));
    }
    Ok(())
}

fn put_who(props: &mut PropertySet, who: &Who, [name, kind, address]: [PropTag; 3]) {
    props.set_tag(name, who.shown());
    props.set_tag(kind, "SMTP");
    props.set_tag(address, &*who.address);
}

fn recipient((row, recipient): (u32, &mime::Recipient)) -> Recipient {
    let kind = match recipient.line {
        Line::To => MAPI_TO,
        Line::Cc => MAPI_CC,
        Line::Bcc => MAPI_BCC,
    };
    let mut props = PropertySet::default();
    props.set_tag(PR_RECIPIENT_TYPE, PropValue::Long(kind.cast_signed()));
    let tags = [PR_DISPLAY_NAME_W, PR_ADDRTYPE_W, PR_EMAIL_ADDRESS_W];
    put_who(&mut props, &recipient.who, tags);
    Recipient {
        row,
        props: Arc::new(props),
    }
}

fn attached(store: &Store, attachment: &mime::Attachment) -> Result<Attachment> {
    let mut props = PropertySet::default();
    props.set_tag(PR_RENDERING_POSITION, PropValue::Long(-1));
    props.set_tag(PR_DISPLAY_NAME_W, &*attachment.name);
    if !attachment.content_id.is_empty() {
        props.set_tag(PR_ATTACH_CONTENT_ID_W, &*attachment.content_id);
    }
    if attachment.inline {
        props.set_tag(ATTACH_FLAGS, PropValue::Long(RENDERED_IN_BODY));
        props.set_tag(ATTACHMENT_HIDDEN, true);
    }
    let embedded = match &attachment.content {
        Content::Mail(inner) => {
            props.set_tag(PR_ATTACH_METHOD, PropValue::Long(EMBEDDED));
            let mut data = MessageData::default();
            fill(store, &mut data, inner)?;
            Some(Arc::new(data))
        }
        Content::File(content) => {
            props.set_tag(PR_ATTACH_METHOD, PropValue::Long(BY_VALUE));
            props.set_tag(PR_ATTACH_FILENAME_W, &*attachment.name);
            props.set_tag(PR_ATTACH_LONG_FILENAME_W, &*attachment.name);
            if !attachment.mime_type.is_empty() {
                props.set_tag(PR_ATTACH_MIME_TAG_W, &*attachment.mime_type);
            }
            props.put(PR_ATTACH_DATA_BIN.id(), stage(store, &**content)?);
            None
        }
    };
    let id = store.reserve_attachment()?;
    Ok(Attachment {
        id,
        props,
        embedded,
    })
}

/// A value, wherever it lies.
fn value(store: &Store, property: &Property) -> Result<PropValue<'static>> {
    match property {
        Property::Value(value) => Ok(value.clone()),
        Property::Large(large) => store.load_large(large),
    }
}

fn read(store: &Store, data: &MessageData, depth: usize) -> Result<Mail> {
    let mut properties = Vec::new();
    for (id, property) in data.props.iter() {
        // The octets of the original are no part of it, nor is anything else that has a name.
        if id < 0x8000 {
            let value = value(store, property)?;
            let tag = PropTag::new(id, value.prop_type());
            properties.push(NamedValue { tag, value });
        }
    }
    let mut mail = Mail::from_properties(properties);
    mail.from = who(
        &data.props,
        [
            PR_SENT_REPRESENTING_NAME_W,
            PR_SENT_REPRESENTING_SMTP_ADDRESS_W,
            PR_SENT_REPRESENTING_EMAIL_ADDRESS_W,
        ],
    );
    mail.sender = who(
        &data.props,
        [
            PR_SENDER_NAME_W,
            PR_SENDER_SMTP_ADDRESS_W,
            PR_SENDER_EMAIL_ADDRESS_W,
        ],
    );
    let times = [PR_CLIENT_SUBMIT_TIME, PR_MESSAGE_DELIVERY_TIME];
    mail.sent = times.into_iter().find_map(|tag| data.props.time(tag));
    mail.recipients = data.recipients.iter().filter_map(named).collect();
    for attachment in data.attachments.values() {
        mail.attachments
            .extend(read_attachment(store, attachment, depth)?);
    }
    Ok(mail)
}

/// Somebody by a name, and by the first of two addresses that there is.
fn who(props: &PropertySet, [name, smtp, address]: [PropTag; 3]) -> Option<Who> {
    let text = |tag| props.text(tag).filter(|text| !text.is_empty());
    let who = Who::new(
        text(name).unwrap_or_default(),
        text(smtp).or_else(|| text(address)).unwrap_or_default(),
    );
    (who != Who::default()).then_some(who)
}

fn named(recipient: &Recipient) -> Option<mime::Recipient> {
    let kind = recipient.props.long(PR_RECIPIENT_TYPE)?;
    // The bits above say how it was sent.
    let line = match kind.cast_unsigned() & 0xFF {
        MAPI_TO => Line::To,
        MAPI_CC => Line::Cc,
        MAPI_BCC => Line::Bcc,
        _ => return None,
    };
    let tags = [PR_DISPLAY_NAME_W, PR_SMTP_ADDRESS_W, PR_EMAIL_ADDRESS_W];
    let who = who(&recipient.props, tags);
    Some(mime::Recipient {
        line,
        who: who.unwrap_or_default(),
    })
}

fn read_attachment(
    store: &Store,
    attachment: &Attachment,
    depth: usize,
) -> Result<Option<mime::Attachment>> {
    let text = |tag| attachment.props.text(tag).filter(|text| !text.is_empty());
    let mut read = match &attachment.embedded {
        Some(_) if depth >= DEEPEST => return Ok(None),
        Some(inner) => mime::Attachment::mail(read(store, inner, depth + 1)?),
        None => {
            let tags = [
                PR_ATTACH_LONG_FILENAME_W,
                PR_ATTACH_FILENAME_W,
                PR_DISPLAY_NAME_W,
            ];
            let name = tags.into_iter().find_map(text).unwrap_or_default();
            let kind = text(PR_ATTACH_MIME_TAG_W).unwrap_or_default();
            let content = attachment.props.get(PR_ATTACH_DATA_BIN.id());
            let content = content.filter(|content| content.prop_type() == PT_BINARY);
            let content = content.map(|content| value(store, content)).transpose()?;
            let content = match content {
                Some(PropValue::Binary(content)) => content.into_owned(),
                _ => Vec::new(),
            };
            mime::Attachment::file(name, kind, content)
        }
    };
    read.content_id = text(PR_ATTACH_CONTENT_ID_W).unwrap_or_default();
    Ok(Some(read))
}
