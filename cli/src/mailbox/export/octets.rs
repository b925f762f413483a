//! A message as a file of Internet mail. `mapi-provider-mime` writes it; here it gets what only such a file needs.

use mapi_provider::abi::{MessageFlags, PR_MESSAGE_FLAGS, PR_RTF_COMPRESSED};
use mapi_provider::mime::{AttachedMail, Attachment, Content, Mail};
use mapi_provider::view::PropValue;
use mapi_provider_mailbox::database::{Error, MessageData, Property, Store};
use mapi_provider_mailbox::logic::Mailbox;

use crate::unsent;

/// The name of a text that is only there as compressed RTF: the bytes as they are kept.
const RTF_NAME: &str = "text.rtf.lzfu";

/// A message as a file has it: the octets that it came as, if nobody has edited it.
///
/// # Errors
///
/// A value of it can't be read.
pub(super) fn octets(store: &Store, message: &MessageData) -> Result<Vec<u8>, Error> {
    let mailbox = Mailbox::new(store.clone());
    let mut mail = mailbox.to_mail(message)?;
    // Mail that came as a draft and was sent since would be opened as one.
    if unsent::is_set(&mail.headers) == is_draft(message)
        && let Some(octets) = mailbox.unedited(message, &mail)?
    {
        return Ok(octets);
    }
    complete(store, message, &mut mail)?;
    Ok(mail.to_octets()?)
}

/// Says in the header whether it is a draft, and attaches a text that is only there as RTF; in attached messages too.
fn complete(store: &Store, message: &MessageData, mail: &mut Mail) -> Result<(), Error> {
    // Both have them in the same order.
    for (kept, attached) in message.attachments.values().zip(&mut mail.attachments) {
        let (Some(kept), Content::Mail(_)) = (&kept.embedded, &attached.content) else {
            continue;
        };
        let nothing = Content::File(Vec::new());
        if let Content::Mail(inner) = std::mem::replace(&mut attached.content, nothing) {
            let mut inner = inner.into_mail();
            complete(store, kept, &mut inner)?;
            attached.content = Content::Mail(AttachedMail::new(inner)?);
        }
    }
    mail.headers = unsent::with(&mail.headers, is_draft(message));
    let is_empty = |text: &Option<String>| text.as_deref().is_none_or(str::is_empty);
    if mail.html.is_none()
        && is_empty(&mail.text)
        && let Some(rtf) = message.props.get(PR_RTF_COMPRESSED.id())
    {
        let rtf = match rtf {
            Property::Value(value) => value.clone(),
            Property::Large(large) => store.load_large(large)?,
        };
        if let PropValue::Binary(rtf) = rtf {
            let kind = "application/octet-stream";
            let file = Attachment::file(RTF_NAME, kind, rtf.into_owned());
            mail.attachments.push(file);
        }
    }
    Ok(())
}

fn is_draft(message: &MessageData) -> bool {
    let flags = message.props.long(PR_MESSAGE_FLAGS).unwrap_or_default();
    MessageFlags::from_bits_retain(flags.cast_unsigned()).contains(MessageFlags::UNSENT)
}
