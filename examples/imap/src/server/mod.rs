//! An IMAP server as [`Remote`]: what a team writes to have its server synchronised. The library decides what is sent,
//! fetched and deleted; here is only how IMAP says it.
mod contents;
pub(crate) mod dates;
mod folders;
mod listing;
mod logon;
mod names;
mod open;
mod session;
mod stream;
mod value;
mod wire;

use std::fmt;
use std::hash::Hasher;
use std::time::Duration;

use mapi_provider::Secret;
use mapi_provider::twoway::{Answer, Monitor, Remote, Session, Stop};
use native_tls::{Certificate, TlsConnector};

/// How a connection is kept from being read by others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte on.
    Tls,
    /// TLS after `STARTTLS`.
    StartTls,
    /// Nothing. Only on this computer itself: a password never goes over a network like that.
    None,
}

impl std::str::FromStr for Security {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "tls" => Ok(Self::Tls),
            "starttls" => Ok(Self::StartTls),
            "none" => Ok(Self::None),
            _ => Err(format!(
                "`security` is `tls`, `starttls` or `none`, not `{text}`"
            )),
        }
    }
}

/// An account at an IMAP server.
#[derive(Clone)]
pub struct ImapServer {
    /// The name of the server, which its certificate must have.
    pub server: String,
    /// The port; 993 with TLS and 143 otherwise are the usual ones.
    pub port: u16,
    /// How the connection is kept from being read by others.
    pub security: Security,
    /// The name of the user.
    pub user: String,
    /// The password. It is in no log.
    pub password: Secret,
    /// Where sent mail is kept, if the server does not say.
    pub sent_folder: Option<String>,
    /// A certificate, in PEM, that is trusted beside those that the system trusts.
    pub authority: Option<Vec<u8>>,
    /// How long the server may say nothing.
    pub silence: Duration,
}

impl fmt::Debug for ImapServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.account())
    }
}

impl ImapServer {
    /// An account with what most have.
    pub fn new(server: impl Into<String>, port: u16, security: Security) -> Self {
        Self {
            server: server.into(),
            port,
            security,
            user: String::new(),
            password: Secret::new(String::new()),
            sent_folder: None,
            authority: None,
            silence: Duration::from_secs(60),
        }
    }

    fn connector(&self) -> Result<TlsConnector, Stop> {
        let fatal = |error: native_tls::Error| Stop::Fatal(format!("TLS: {error}"));
        let mut builder = TlsConnector::builder();
        if let Some(pem) = &self.authority {
            builder.add_root_certificate(Certificate::from_pem(pem).map_err(fatal)?);
        }
        builder.build().map_err(fatal)
    }

    /// Whether the server is this computer itself.
    fn is_loopback(&self) -> bool {
        let address = self.server.parse::<std::net::IpAddr>();
        self.server == "localhost" || address.is_ok_and(|address| address.is_loopback())
    }

    /// A text without the password, which some servers repeat.
    fn without_secret(&self, text: &str) -> String {
        // TWOWAY-30
        match self.password.expose() {
            "" => text.to_owned(),
            secret => text.replace(secret, "…"),
        }
    }
}

impl Remote for ImapServer {
    fn account(&self) -> String {
        format!("imap://{}@{}:{}", self.user, self.server, self.port)
    }

    fn hash_logon(&self, hasher: &mut dyn Hasher) {
        hasher.write(self.password.expose().as_bytes());
    }

    fn connect<'r>(&'r self, monitor: &'r dyn Monitor) -> Answer<Box<dyn Session + 'r>> {
        let (wire, abilities) = logon::log_on(self, monitor)?;
        Ok(Box::new(session::ImapSession::new(
            self, monitor, wire, abilities,
        )))
    }
}
