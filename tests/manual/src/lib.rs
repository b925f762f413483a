//! The manual's provider: what the chapter on sync logic is about.

pub mod mime;
pub mod server;
pub mod sync;
mod threads;

use mapi_provider::{BackgroundSync, LogonError, MapiSync, SyncError, SyncJob};

use crate::server::{Client, ServerError};

mapi_provider::provider!("provider.toml");

/// A mailbox on a server.
#[derive(MapiSync)]
pub struct Contoso {
    client: Client,
}

impl BackgroundSync for Contoso {
    type Settings = Settings;

    fn open(settings: Settings) -> Result<Self, LogonError> {
        if settings.server.contains(' ') {
            let text = "`server` is a name, such as mail.example.org";
            return Err(LogonError::unconfigured(text));
        }
        let client = Client::new(&settings.server, settings.port, settings.token);
        match client.check() {
            Err(ServerError::Refused) => Err(LogonError::logon_failed(
                "The server doesn't know this token. Make a new one on its page for devices.",
            )),
            // Offline is no reason to hide the store: the next run will tell.
            _ => Ok(Self { client }),
        }
    }

    fn test(settings: &Settings) -> Result<(), LogonError> {
        let token = settings.token.clone();
        let client = Client::new(&settings.server, settings.port, token);
        match client.check() {
            Err(ServerError::Refused) => Err(LogonError::logon_failed(
                "The server doesn't know this token.",
            )),
            answer => Ok(answer?),
        }
    }

    fn synchronize(&self, job: &SyncJob) -> Result<(), SyncError> {
        sync::run(&self.client, job)
    }
}
