//! Internet mail in the Outbox, as if somebody had written it and pressed Send.

use std::hash::{BuildHasher, RandomState};

use mapi_provider::abi::{
    MAPI_MAILUSER, PR_MESSAGE_CLASS_W, PR_OBJECT_TYPE, PR_RESPONSIBILITY, PR_SEARCH_KEY,
    PR_TRANSPORT_MESSAGE_HEADERS_W,
};
use mapi_provider::mime::{Attachment, Content, Mail, Recipient, TooLarge};
use mapi_provider::view::{self, PropValue};

use super::logon::Spooler;
use super::message::OutgoingMessage;
use crate::property::{Property, Value};

impl Spooler {
    /// Mail in the Outbox, for this spooler to send: with its recipients, texts and files. Nobody has sent it yet, so who
    /// it is from is the transport's to say, and it has no header.
    ///
    /// # Errors
    ///
    /// A message that is attached to it is too large.
    pub fn outbox(&self, mail: &Mail) -> Result<OutgoingMessage, TooLarge> {
        let written = mail.header_properties().into_iter();
        let written = written.filter(|one| one.tag.id() != PR_TRANSPORT_MESSAGE_HEADERS_W.id());
        let mut properties = properties(written.chain(mail.body_properties()));
        properties.push(Property::with_id(PR_MESSAGE_CLASS_W.id(), "IPM.Note"));
        properties.push(Property {
            id: PR_SEARCH_KEY.id(),
            value: Value::Binary(search_key()),
        });
        let rows: Vec<Vec<Property>> = mail.recipients.iter().map(row).collect();
        let message = self.message(&properties, &rows);
        for attachment in &mail.attachments {
            message.attach(match &attachment.content {
                Content::File(_) => self::properties(attachment.properties()),
                Content::Mail(inner) => self::properties(as_file(attachment, inner)?.properties()),
            });
        }
        Ok(message)
    }
}

/// A key that no other message has.
fn search_key() -> Vec<u8> {
    let numbers = [(); 2].map(|()| RandomState::new().hash_one(0));
    numbers
        .iter()
        .flat_map(|number| number.to_le_bytes())
        .collect()
}

fn row(recipient: &Recipient) -> Vec<Property> {
    let mut row = properties(recipient.properties());
    row.push(Property::with_id(PR_OBJECT_TYPE.id(), MAPI_MAILUSER as i32));
    row.push(Property::with_id(PR_RESPONSIBILITY.id(), false));
    row
}

/// An attached message as the file that it would be.
fn as_file(attachment: &Attachment, inner: &Mail) -> Result<Attachment, TooLarge> {
    let name = attachment.name.clone();
    Ok(Attachment::file(name, "message/rfc822", inner.to_octets()?))
}

/// Properties as the host has them; those of types that mail does not have are left out.
fn properties<'a>(given: impl IntoIterator<Item = view::Property<'a>>) -> Vec<Property> {
    let property = |one: view::Property<'_>| {
        let value = match &one.value {
            PropValue::Long(number) => Value::Long(*number),
            PropValue::Boolean(yes) => Value::Boolean(*yes),
            PropValue::Unicode(units) => Value::Unicode(String::from_utf16_lossy(units)),
            PropValue::Binary(octets) => Value::Binary(octets.to_vec()),
            _ => return None,
        };
        let id = one.tag.id();
        Some(Property { id, value })
    };
    given.into_iter().filter_map(property).collect()
}
