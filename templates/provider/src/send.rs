//! The logic: what happens when Outlook sends a message.
//!
//! It works as it is, with a folder in place of a server: each user of it is a folder in there, and gets a file for each
//! message. Replace it with your server, step by step, and adapt the tests in tests/send.rs. Whom a message goes to, and
//! what Outlook is told of it, is decided by the library.

use std::fs;
use std::io;
use std::path::PathBuf;

use mapi_provider::LogonError;
use mapi_provider::transport::{Delivery, Identity, Link, Mail, MailTransport, SendError};

use crate::Settings;

/// What exists from a logon to its logoff: connections, caches, credentials.
///
/// Threads share it, so anything that changes in it needs a lock. It knows nothing about Outlook or COM.
pub struct Account {
    server: PathBuf,
    address: String,
}

impl MailTransport for Account {
    /// One field for each `[[service.setting]]` of provider.toml.
    type Settings = Settings;

    /// Called at logon, on Outlook's own thread: check the settings, and leave anything slow to `send`.
    ///
    /// `LogonError::unconfigured` says that the settings are to blame.
    fn open(settings: Settings, _link: &Link) -> Result<Self, LogonError> {
        let Settings { server, address } = settings;
        if !server.has_root() {
            return Err(LogonError::unconfigured(
                "`server` must be an absolute path",
            ));
        }
        if !address.contains('@') {
            return Err(LogonError::unconfigured("`address` is no address"));
        }
        Ok(Self { server, address })
    }

    /// Whom mail comes from.
    fn identity(&self) -> Identity {
        Identity::smtp("", self.address.as_str())
    }

    /// Sends a message, on its own thread; one after another.
    ///
    /// What was said of a recipient counts, however this ends. `Ok` accepts all others. An error leaves them for another
    /// try: one of I/O, by `?`, says that the network is to blame.
    fn send(&self, mail: &Mail, delivery: &Delivery<'_>) -> Result<(), SendError> {
        // Nobody of Bcc is in it.
        let octets = mail.to_mime();
        let octets = octets.map_err(|error| SendError::refused(error.to_string()))?;
        if !self.server.is_dir() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "the server is gone").into());
        }
        for to in mail.envelope() {
            // Before each step that can't be undone: Outlook may have cancelled.
            delivery.check()?;
            let address = &to.person.address.value;
            let user = self.server.join(plain(address));
            if address.contains('@') && user.is_dir() {
                // The ID is the same at each try: a message that is sent twice is there once.
                fs::write(user.join(format!("{}.eml", plain(mail.id()))), &octets)?;
                delivery.accepted(to);
            } else {
                delivery.refused(to, "the server has no such user");
            }
        }
        Ok(())
    }
}

/// A text as the name of a file, whatever is in it.
fn plain(text: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || ".@-_".contains(letter);
    text.replace(|letter| !is_plain(letter), "_")
}
