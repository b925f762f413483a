//! One message, told part by part by the process that runs the provider.

use mapi_provider::abi::{
    PR_CLIENT_SUBMIT_TIME, PR_MESSAGE_DELIVERY_TIME, PR_SENDER_EMAIL_ADDRESS_W,
    PR_SENT_REPRESENTING_EMAIL_ADDRESS_W, PR_TRANSPORT_MESSAGE_HEADERS_W,
};
use mapi_provider::store::{Message, RecipientKind, Store, StoreError};

use super::body;
use super::find::{self, Found};
use super::inside::{inside, tell_attached};
use super::row::{COLUMNS, mail};
use crate::date::iso;
use crate::host::child::Tell;
use crate::host::protocol::{Head, Line, Message as Told, Part, bounded};

/// Tells the parts of a message, with digests of them if they are wanted.
pub(super) fn tell_one(
    store: &Store,
    found: &Found<'_>,
    digests: bool,
    tell: Tell<'_>,
) -> Result<(), StoreError> {
    let message = store.open_message(&found.id)?;
    tell(&Told::Part(Part::Head(Box::new(head(&message, found)?))));
    for recipient in message.recipients()? {
        let line = match recipient.kind {
            RecipientKind::To => Line::To,
            RecipientKind::Cc => Line::Cc,
            RecipientKind::Bcc => Line::Bcc,
            // Rooms, and whom an older message came from: no line of a letter's.
            _ => continue,
        };
        tell(&Told::Part(Part::Recipient {
            line,
            name: bounded(recipient.name),
            address: bounded(recipient.address),
        }));
    }
    let all = tell_attached(&message, digests, tell)?;
    // The rest is shown, also where keywords or digests can't be had.
    if let (true, Ok(inside)) = (all, inside(&message, digests)) {
        tell(&Told::Part(Part::Inside(inside)));
    }
    if let Some(text) = message.text(PR_TRANSPORT_MESSAGE_HEADERS_W)? {
        tell(&Told::Part(Part::headers(text)));
    }
    if let Some((format, text)) = body::of(&message)? {
        tell(&Told::Part(Part::body(format, text)));
    }
    Ok(())
}

fn head(message: &Message, found: &Found<'_>) -> Result<Head, StoreError> {
    let row = message.get_all(&COLUMNS)?;
    let addresses = [
        PR_SENT_REPRESENTING_EMAIL_ADDRESS_W,
        PR_SENDER_EMAIL_ADDRESS_W,
    ];
    let more = message.get_all(&addresses)?;
    let address = addresses.into_iter().find_map(|tag| more.text(tag));
    let time = |tag| row.time(tag).and_then(iso);
    let mut mail = mail(&row);
    // A message that is open may not know its own.
    mail.entry_id = find::hexadecimal(&found.id);
    Ok(Head {
        mail,
        from_address: bounded(address.unwrap_or_default()),
        sent: time(PR_CLIENT_SUBMIT_TIME),
        received: time(PR_MESSAGE_DELIVERY_TIME),
        place: found.place.iter().cloned().map(bounded).collect(),
    })
}
