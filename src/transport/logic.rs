//! What a team writes.

use super::delivery::Delivery;
use super::error::SendError;
use super::mail::{Address, Mail, Person};
use super::receiving::{Inbox, ReceiveError};
use crate::error::LogonError;
use crate::settings::ServiceSettings;

/// A team's transport: what sends and receives for one account.
///
/// One value serves one logon. It never sees MAPI: messages come as values that belong to it.
pub trait MailTransport: Send + Sync + Sized + 'static {
    /// The settings that `provider!` makes of the manifest, or `()`.
    type Settings: ServiceSettings;

    /// Opens the transport, on Outlook's thread: be quick, and leave connections for [`send`](Self::send).
    ///
    /// # Errors
    ///
    /// Why there is none; Outlook goes on without it.
    fn open(settings: Self::Settings, link: &Link) -> Result<Self, LogonError>;

    /// Who sends: the sender of each message, and the identity in MAPI's status row. Asked once, after `open`.
    fn identity(&self) -> Identity;

    /// Sends a message, on a worker thread, one after another.
    ///
    /// `Ok` accepts every recipient of whom nothing else was said. An error leaves those for another try, or refuses them,
    /// as the error says.
    ///
    /// # Errors
    ///
    /// Why not everybody was sent to.
    fn send(&self, mail: &Mail, delivery: &Delivery<'_>) -> Result<(), SendError>;

    /// Fetches what has come in, on a second worker thread, at each interval and each Send/Receive, where the manifest says
    /// `receive = "poll"`.
    ///
    /// [`Inbox::deliver`] comes back when Outlook has saved a message: delete it on the server then, and not before.
    ///
    /// # Errors
    ///
    /// Why not everything was received. It is written to the log, and the next round comes at its time.
    fn receive(&self, inbox: &Inbox<'_>) -> Result<(), ReceiveError> {
        let _ = inbox;
        Ok(())
    }
}

/// What a logon says about the connection.
#[derive(Debug, Clone, Copy)]
pub struct Link {
    pub(crate) offline: bool,
}

impl Link {
    /// Whether the user works offline: then nothing is sent and received in this session (XP-05).
    pub fn offline(&self) -> bool {
        self.offline
    }
}

/// Who sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity(Person);

impl Identity {
    /// A person with an address of any type.
    pub fn new(name: impl Into<String>, address: Address) -> Self {
        Self(Person {
            name: name.into(),
            address,
        })
    }

    /// A person with an Internet address.
    pub fn smtp(name: impl Into<String>, address: impl Into<String>) -> Self {
        Self::new(name, Address::smtp(address))
    }

    /// The person.
    pub fn person(&self) -> &Person {
        &self.0
    }
}
