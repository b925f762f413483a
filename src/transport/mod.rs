//! Transports: mail that goes out and comes in, `kind = "transport"`.
//!
//! A team writes a [`MailTransport`]. MAPI's spooler hands a message to the runtime, which reads it whole on the spooler's
//! thread and sends it on a worker: what the team sees is a [`Mail`] of our own, and no object of MAPI.
//!
//! ```
//! use mapi_provider::LogonError;
//! use mapi_provider::transport::{Delivery, Identity, Link, Mail, MailTransport, SendError};
//!
//! struct Smtp;
//!
//! impl MailTransport for Smtp {
//!     type Settings = ();
//!
//!     fn open(_settings: (), _link: &Link) -> Result<Self, LogonError> {
//!         Ok(Smtp)
//!     }
//!
//!     fn identity(&self) -> Identity {
//!         Identity::smtp("Ann", "ann@example.org")
//!     }
//!
//!     fn send(&self, mail: &Mail, delivery: &Delivery<'_>) -> Result<(), SendError> {
//!         let octets = mail.to_mime()?;
//!         for to in mail.envelope() {
//!             delivery.check()?; // an error when Outlook cancels
//!             if octets.len() > 10_000_000 {
//!                 delivery.refused(to, "too large");
//!             }
//!         }
//!         Ok(()) // accepts all of whom nothing else was said
//!     }
//! }
//! ```
//!
//! What fails for now waits in a queue of ours, over restarts too, or with `on-temporary = "wait"` in the Outbox.
//!
//! With `receive = "poll"` in the manifest, [`receive`](MailTransport::receive) is called too, and hands in what it finds:
//!
//! ```
//! use mapi_provider::transport::{Inbox, ReceiveError, Received};
//!
//! fn fetch(inbox: &Inbox<'_>, server: &mut Vec<Vec<u8>>) -> Result<(), ReceiveError> {
//!     while let Some(octets) = server.last() {
//!         inbox.check()?;
//!         // Waits until Outlook has it.
//!         let arrival = inbox.deliver(Received::from_mime(octets)?)?;
//!         if !arrival.is_saved() {
//!             return Err(ReceiveError::new("Outlook can't save a message"));
//!         }
//!         server.pop(); // only now
//!     }
//!     Ok(())
//! }
//! ```

// MAPI's side is in `entry::transport`; here nothing is unsafe.
mod delivery;
mod envelope;
mod error;
mod job;
mod keeping;
mod logic;
mod mail;
mod queue;
mod receiving;
mod retrying;
mod sender;
mod session;
mod status;
mod submit;
mod worker;

pub use self::{
    delivery::Delivery,
    error::SendError,
    logic::{Identity, Link, MailTransport},
    mail::{Address, Line, Mail, Person, Recipient},
    receiving::{Arrival, Inbox, ReceiveError, Received},
};
pub(crate) use self::{
    queue::{Patience, Queue, QueueError},
    receiving::{Incoming, Teller, start},
    sender::identity_properties,
    session::{Link as SessionLink, Session},
    status::{Change, Column, StatusRow},
    submit::{Spooler, submit},
};
