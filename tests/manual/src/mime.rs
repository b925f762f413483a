//! Internet mail into a store and back: what the manual's chapter about it shows.

use std::time::SystemTime;

use mapi_provider::abi::{PT_BINARY, PropTag};
use mapi_provider::mime::{Mail, MimeError};
use mapi_provider::store::{EntryId, Folder, Message};

/// Where the server's own ID of a message is kept.
const SERVER_ID: PropTag = PropTag::new(0x6640, PT_BINARY);

/// Brings a message.
///
/// # Errors
///
/// It is empty, or the store refuses it.
pub fn download(inbox: &Folder, octets: &[u8]) -> Result<EntryId, MimeError> {
    inbox.deliver(octets)
}

/// Takes a message to the server.
///
/// # Errors
///
/// It can't be read, or is too large for mail.
pub fn upload(message: &Message) -> Result<Vec<u8>, MimeError> {
    message.to_mime()
}

/// Brings a message together with the server's ID of it.
///
/// # Errors
///
/// It is empty, or the store refuses it.
pub fn keep(inbox: &Folder, id: &str, octets: &[u8], arrived: SystemTime) -> Result<(), MimeError> {
    let parsed = Mail::parse(octets)?;
    let message = inbox.create_message()?;
    message.set_mail(&parsed, arrived)?;
    message.set(SERVER_ID, id.as_bytes())?;
    message.save()?;
    Ok(())
}
