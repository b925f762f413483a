//! Internet mail into messages of a store, and back.
//!
//! [`Folder::deliver`] puts the octets that a server sends into a folder, [`Message::to_mime`] makes octets of a message.
//! Between them is [`Mail`], a message as plain data, which knows no store.
//!
//! ```
//! use mapi_provider::store::{Folder, Message};
//! use mapi_provider::{SyncError, abi::PR_MESSAGE_CLASS_W};
//!
//! fn download(inbox: &Folder, octets: &[u8]) -> Result<(), SyncError> {
//!     inbox.deliver(octets)?;
//!     Ok(())
//! }
//!
//! fn upload(message: &Message) -> Result<Vec<u8>, SyncError> {
//!     Ok(message.to_mime()?)
//! }
//! ```
//!
//! # What comes in
//!
//! Mail of all ages, and what spam makes of it: texts in any charset, with a true name, a false one or none; base64,
//! quoted-printable and uuencode that are cut off or have a footer; addresses and dates as they were written in 1982.
//! Nothing in a message is an error. Every part is text that is shown, or is attached; what is nested deeper than sixteen
//! multiparts or eight messages, and what comes after a thousand parts, is attached as the octets that it is. Time and
//! memory grow with the length of a message, and with nothing else.
//!
//! # What goes out
//!
//! A message that nobody has edited goes out as the octets that it came as, byte for byte. For that, a named property
//! keeps the octets of the message but for the contents of its files, which the store has anyway. An edited message is
//! written anew, with the fields of its old header that properties don't say. A store without named properties keeps no
//! octets: then each message is written anew.

mod error;
mod store;

pub use mapi_provider_mime::{
    AttachedMail, Attachment, Content, Importance, Line, Mail, NotMail, Parsed, Recipient, TooDeep,
    TooLarge, Who,
};

pub use self::error::MimeError;

#[cfg(doc)]
use crate::store::{Folder, Message};
