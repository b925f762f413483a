//! Internet mail into messages, and back.
//!
//! [`Mail`] is a message as plain data: it knows no store. [`Mail::parse`] reads it from the octets that a server sends,
//! [`Mail::to_octets`] makes octets of it, and [`Mail::properties`] says what a store keeps of it.
//!
//! ```
//! use mapi_provider_mime::Mail;
//!
//! # fn main() -> Result<(), mapi_provider_mime::NotMail> {
//! let octets = b"From: Ann <ann@example.org>\r\nSubject: =?utf-8?B?TMO8bmNo?=\r\n\r\nAt noon?\r\n";
//! let mail = Mail::parse(octets)?.into_mail();
//! assert_eq!(mail.subject, "Lünch");
//! assert_eq!(mail.text.as_deref(), Some("At noon?\r\n"));
//! # Ok(())
//! # }
//! ```
//!
//! A provider uses this crate by `mapi-provider`, with its feature `mime`.

#![forbid(unsafe_code)]

mod address;
mod body;
mod charset;
mod date;
mod error;
mod fields;
mod header;
mod html;
mod mail;
pub mod marks;
mod names;
mod original;
mod params;
mod props;
mod read;
mod rtf;
mod split;
mod transfer;
mod words;
mod work;
mod write;

/// A header field's value as people read it: unfolded, its encoded words (RFC 2047) decoded.
pub fn field_text(value: &str) -> String {
    words::text(value.as_bytes(), None)
}

pub use error::{NotMail, TooDeep, TooLarge};
pub use mail::{AttachedMail, Attachment, Content, Importance, Line, Mail, Recipient, Who};
pub use original::original_name;
pub use read::Parsed;
