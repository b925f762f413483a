//! An account, as the settings say it.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use mapi_provider::{LogonError, Secret};

use super::Settings;
use super::client::address;

/// How a connection is kept from being read by others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte on.
    Tls,
    /// TLS after `STARTTLS`.
    StartTls,
    /// Nothing. Only on this computer itself: neither mail nor a password goes over a network like that.
    None,
}

impl FromStr for Security {
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

/// How long a server may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For a reply, and for each piece of a message.
    pub reply: Duration,
    /// For its word on a whole message: servers look for spam and viruses meanwhile (RFC 5321, 4.5.3.2.6).
    pub verdict: Duration,
    /// For that word once the message is cancelled: it is sent then, and can't be called back.
    pub last_word: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            reply: Duration::from_secs(60),
            verdict: Duration::from_secs(300),
            // Less than `logoff-wait`.
            last_word: Duration::from_secs(4),
        }
    }
}

/// An account at an SMTP server.
#[derive(Clone)]
pub struct Account {
    /// The address that mail comes from.
    pub address: String,
    /// The name that readers see.
    pub name: String,
    /// The name of the server, which its certificate must have.
    pub server: String,
    /// The port; 465 with TLS and 587 otherwise are the usual ones.
    pub port: u16,
    /// How the connection is kept from being read by others.
    pub security: Security,
    /// The name of the user; nobody logs on without it.
    pub user: String,
    /// The password. It is in no log and in no report.
    pub password: Secret,
    /// A certificate, in PEM, that is trusted beside those that the system trusts.
    pub authority: Option<Vec<u8>>,
    /// How long the server may take.
    pub limits: Limits,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "smtp://{}@{}:{}", self.user, self.server, self.port)
    }
}

impl Account {
    /// The account of a profile.
    ///
    /// # Errors
    ///
    /// A setting says nothing that can be understood, or that mail goes over a network where everybody can read it.
    pub fn new(settings: &Settings) -> Result<Self, LogonError> {
        let port = u16::try_from(settings.port)
            .map_err(|_| LogonError::unconfigured("`port` is no port"))?;
        let security = settings
            .security
            .parse()
            .map_err(|text: String| LogonError::unconfigured(text))?;
        let text = |setting: &Option<String>| setting.clone().unwrap_or_default();
        let account = Self {
            address: settings.address.trim().to_owned(),
            name: text(&settings.name),
            server: settings.server.trim().to_owned(),
            port,
            security,
            user: text(&settings.user),
            password: settings
                .password
                .clone()
                .unwrap_or_else(|| Secret::new(String::new())),
            authority: None,
            limits: Limits::default(),
        };
        match account.problem() {
            Some(problem) => Err(LogonError::unconfigured(problem)),
            None => Ok(account),
        }
    }

    /// Why no mail goes out with these settings.
    fn problem(&self) -> Option<String> {
        if let Some(problem) = address::problem(&self.address) {
            return Some(format!("`address`: {problem}"));
        }
        if self.security == Security::None && !self.is_loopback() {
            return Some(
                "`security`: without TLS, mail goes nowhere but to this computer itself".to_owned(),
            );
        }
        // What comes after a NUL would be another field of what the server is told (RFC 4616).
        let has_nul = [&*self.user, self.password.expose()]
            .iter()
            .any(|text| text.contains('\0'));
        has_nul.then(|| "`user` and `password` have no NUL in them".to_owned())
    }

    /// Whether the server is this computer itself.
    pub(crate) fn is_loopback(&self) -> bool {
        let address = self.server.parse::<IpAddr>();
        self.server == "localhost" || address.is_ok_and(|address| address.is_loopback())
    }
}
