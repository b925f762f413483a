//! The IMAP server, by the code of the other example.

#[path = "../../imap/src/account.rs"]
pub mod account;
#[path = "../../imap/src/server/mod.rs"]
pub mod server;

use mapi_provider::Secret;

/// What that code is told.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The server's name.
    pub server: String,
    /// Where it listens.
    pub port: i32,
    /// `tls`, `starttls` or `none`.
    pub security: String,
    /// The name that the server knows.
    pub user: String,
    /// The password.
    pub password: Secret,
    /// Which folders are synchronised.
    pub folders: String,
    /// A day; what arrived before stays at the server.
    pub since: Option<String>,
    /// The folder for sent mail, if the server does not say.
    pub sent_folder: Option<String>,
}

impl From<&crate::Settings> for Settings {
    fn from(account: &crate::Settings) -> Self {
        Self {
            server: account.imap_server.clone(),
            port: account.imap_port,
            security: account.imap_security.clone(),
            user: account.user.clone(),
            password: account.password.clone(),
            folders: "*".to_owned(),
            since: None,
            sent_folder: account.sent_folder.clone(),
        }
    }
}
