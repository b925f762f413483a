//! A provider for any SMTP server: a transport, through which Outlook's mail goes out.
//!
//! [`client`] speaks SMTP. Whom a message goes to, what it looks like and what MAPI is told is decided by
//! [`mapi_provider::transport`].
#![forbid(unsafe_code)]

pub mod account;
pub mod client;
mod sender;

pub use self::sender::Smtp;

mapi_provider::provider!("provider.toml");
