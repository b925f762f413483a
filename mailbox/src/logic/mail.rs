//! Internet mail in the logic's batches, and out of what clients wrote (feature `mime`). What each property says,
//! `mapi-provider-mime` knows; here it is put where it belongs.

use std::sync::Arc;

use mapi_provider_abi::mapi::{
    MAPI_E_TOO_BIG, PR_MESSAGE_CLASS_W, PR_MESSAGE_DELIVERY_TIME, PropTag,
};
use mapi_provider_abi::view::{PropValue, Property as Named};
use mapi_provider_mime::{self as mime, Content, Mail, Parsed, TooDeep, TooLarge, original_name};

use super::draft::{Draft, stage};
use super::local::LocalChange;
use super::mailbox::Mailbox;
use crate::database::{
    Attachment, Error, LARGEST, MessageData, Property, PropertySet, Recipient, Result, Store,
};

impl From<TooDeep> for Error {
    fn from(_: TooDeep) -> Self {
        Self::TooDeep
    }
}

impl From<TooLarge> for Error {
    fn from(error: TooLarge) -> Self {
        Self::refused(MAPI_E_TOO_BIG, error.to_string())
    }
}

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
    /// The store can't be read, or the message is too large for mail ([`Mail::LARGEST`]).
    pub fn to_mime(&self) -> Result<Option<Vec<u8>>> {
        let Some(message) = self.message()? else {
            return Ok(None);
        };
        let mail = read_whole(&self.store, &message.data)?;
        if let Some(octets) = unedited(&self.store, &message.data, &mail)? {
            return Ok(Some(octets));
        }
        Ok(Some(mail.to_octets()?))
    }
}

/// Internet mail (feature `mime`).
impl Mailbox {
    /// A message as plain data, with all that is in it.
    ///
    /// # Errors
    ///
    /// The store can't be read, or the message is too large for mail ([`Mail::LARGEST`]).
    pub fn to_mail(&self, message: &MessageData) -> Result<Mail> {
        read_whole(self.store(), message)
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
    let arrived = PR_MESSAGE_DELIVERY_TIME.id();
    // What the message had of these is not what the new mail says, even if that says nothing.
    for tag in Mail::TAGS.iter().filter(|tag| tag.id() != arrived) {
        data.props.remove(tag.id());
    }
    put(store, &mut data.props, mail.properties())?;
    if !data.props.contains(PR_MESSAGE_CLASS_W.id()) {
        data.props.set_tag(PR_MESSAGE_CLASS_W, "IPM.Note");
    }
    if let Some(sent) = mail.sent.filter(|_| !data.props.contains(arrived)) {
        data.props.set_tag(PR_MESSAGE_DELIVERY_TIME, sent);
    }
    data.recipients.clear();
    for (row, recipient) in (0..).zip(&mail.recipients) {
        let mut props = PropertySet::default();
        put(store, &mut props, recipient.properties())?;
        let props = Arc::new(props);
        data.recipients.push(Recipient { row, props });
    }
    data.attachments.clear();
    for (number, attachment) in (0..).zip(&mail.attachments) {
        let attachment = attached(store, attachment)?;
        data.attachments.insert(number, Arc::new(attachment));
    }
    Ok(())
}

fn attached(store: &Store, attachment: &mime::Attachment) -> Result<Attachment> {
    let mut props = PropertySet::default();
    put(store, &mut props, attachment.properties())?;
    let embedded = match &attachment.content {
        Content::File(_) => None,
        Content::Mail(inner) => {
            let mut data = MessageData::default();
            fill(store, &mut data, inner)?;
            Some(Arc::new(data))
        }
    };
    let id = store.reserve_attachment()?;
    Ok(Attachment {
        id,
        props,
        embedded,
    })
}

/// Puts each property where it belongs: large octets lie apart.
fn put(store: &Store, props: &mut PropertySet, properties: Vec<Named<'_>>) -> Result<()> {
    for Named { tag, value } in properties {
        match value {
            PropValue::Binary(octets) if octets.len() > LARGEST => {
                props.put(tag.id(), stage(store, &*octets)?);
            }
            value => props.set_tag(tag, value.into_owned()),
        }
    }
    Ok(())
}

/// A value, wherever it lies.
fn value(store: &Store, property: &Property) -> Result<PropValue<'static>> {
    match property {
        Property::Value(value) => Ok(value.clone()),
        Property::Large(large) => store.load_large(large),
    }
}

/// A message, and those in it, if that is not too large to be in memory.
fn read_whole(store: &Store, data: &MessageData) -> Result<Mail> {
    let most = u64::try_from(Mail::LARGEST).unwrap_or(u64::MAX);
    let mut reading = Reading { store, left: most };
    reading.message(data, 0)
}

/// How much more may be read.
struct Reading<'s> {
    store: &'s Store,
    left: u64,
}

impl Reading<'_> {
    fn message(&mut self, data: &MessageData, depth: usize) -> Result<Mail> {
        if depth > Mail::DEEPEST {
            return Err(Error::TooDeep);
        }
        let mut mail = Mail::from_properties(self.values(&data.props, &Mail::TAGS)?);
        for recipient in &data.recipients {
            let props = self.values(&recipient.props, &mime::Recipient::TAGS)?;
            mail.recipients
                .extend(mime::Recipient::from_properties(props));
        }
        for attachment in data.attachments.values() {
            let inner = attachment.embedded.as_deref();
            let inner = inner
                .map(|inner| self.message(inner, depth + 1))
                .transpose()?;
            let props = self.values(&attachment.props, &mime::Attachment::TAGS)?;
            let attachment = mime::Attachment::from_properties(props, inner)?;
            mail.attachments.push(attachment);
        }
        Ok(mail)
    }

    /// Those of some properties that there are.
    fn values(&mut self, props: &PropertySet, tags: &[PropTag]) -> Result<Vec<Named<'static>>> {
        let mut values = Vec::new();
        for tag in tags {
            if let Some(property) = props.get(tag.id()) {
                self.left = self.left.checked_sub(property.size()).ok_or(TooLarge)?;
                let value = value(self.store, property)?;
                let tag = PropTag::new(tag.id(), value.prop_type());
                values.push(Named { tag, value });
            }
        }
        Ok(values)
    }
}
