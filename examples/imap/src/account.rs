//! An account, as the settings say it.

use mapi_provider::LogonError;
use mapi_provider::twoway::{Monitor, Options, Remote as _, Stop, Trouble};

use super::Settings;
use super::server::{ImapServer, dates};

/// A server, and what of it is synchronised.
#[derive(Debug)]
pub struct Account {
    /// The server.
    pub server: ImapServer,
    /// Which folders, and since when.
    pub options: Options,
}

impl Account {
    /// The account of a profile.
    ///
    /// # Errors
    ///
    /// A setting says nothing that can be understood.
    pub fn new(settings: &Settings) -> Result<Self, LogonError> {
        let port = u16::try_from(settings.port)
            .map_err(|_| LogonError::unconfigured("`port` is no port"))?;
        let security = settings
            .security
            .parse()
            .map_err(|text: String| LogonError::unconfigured(text))?;
        let mut server = ImapServer::new(settings.server.trim(), port, security);
        server.user.clone_from(&settings.user);
        server.password = settings.password.clone();
        server.sent_folder = settings.sent_folder.clone().filter(|name| !name.is_empty());
        let mut options = Options::default().folders_matching(&settings.folders);
        let since = settings
            .since
            .as_deref()
            .filter(|since| !since.trim().is_empty());
        if let Some(since) = since {
            let day = dates::from_day(since);
            let day =
                day.ok_or_else(|| LogonError::unconfigured("`since` is a day like 2026-01-31"))?;
            options.since = Some(day);
        }
        Ok(Self { server, options })
    }

    /// Logs on, and no more.
    ///
    /// # Errors
    ///
    /// What a user is told, who is asked again.
    pub fn test(&self) -> Result<(), LogonError> {
        match self.server.connect(&Nobody) {
            Ok(_) => Ok(()),
            Err(Trouble::Stop(Stop::Logon(text))) => Err(LogonError::logon_failed(text)),
            Err(trouble) => Err(LogonError::other(trouble.to_string())),
        }
    }
}

/// Watches nothing.
struct Nobody;

impl Monitor for Nobody {}
