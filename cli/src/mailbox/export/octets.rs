//! A message as a file of Internet mail. `mapi-provider-mime` writes it; here it gets what only such a file needs.

use mapi_provider::abi::{MessageFlags, PR_MESSAGE_FLAGS};
use mapi_provider::mime::{AttachedMail, Content, Mail, TooDeep};
use mapi_provider_mailbox::database::{Error, MessageData, Store};
use mapi_provider_mailbox::logic::Mailbox;

use crate::unsent;

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
    mark(message, &mut mail)?;
    Ok(mail.to_octets()?)
}

/// Says in the header whether it is a draft; in attached messages too.
fn mark(message: &MessageData, mail: &mut Mail) -> Result<(), TooDeep> {
    // Both have them in the same order.
    for (kept, attached) in message.attachments.values().zip(&mut mail.attachments) {
        let (Some(kept), Content::Mail(_)) = (&kept.embedded, &attached.content) else {
            continue;
        };
        let nothing = Content::File(Vec::new());
        if let Content::Mail(inner) = std::mem::replace(&mut attached.content, nothing) {
            let mut inner = inner.into_mail();
            mark(kept, &mut inner)?;
            attached.content = Content::Mail(AttachedMail::new(inner)?);
        }
    }
    mail.headers = unsent::with(&mail.headers, is_draft(message));
    Ok(())
}

fn is_draft(message: &MessageData) -> bool {
    let flags = message.props.long(PR_MESSAGE_FLAGS).unwrap_or_default();
    MessageFlags::from_bits_retain(flags.cast_unsigned()).contains(MessageFlags::UNSENT)
}
