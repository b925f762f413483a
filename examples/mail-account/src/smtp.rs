//! The SMTP server, by the code of the other example.

#[path = "../../smtp/src/account.rs"]
pub mod account;
#[path = "../../smtp/src/client/mod.rs"]
pub mod client;
#[path = "../../smtp/src/sender.rs"]
mod sender;

use mapi_provider::spec::{SettingSpec, SettingValues};
use mapi_provider::{MissingSetting, Secret, ServiceSettings};

pub use self::sender::Smtp;

/// What that code is told.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The address that mail comes from.
    pub address: String,
    /// The name that readers see.
    pub name: Option<String>,
    /// The name that the server knows.
    pub user: Option<String>,
    /// The password.
    pub password: Option<Secret>,
    /// The server's name.
    pub server: String,
    /// Where it listens.
    pub port: i32,
    /// `tls`, `starttls` or `none`.
    pub security: String,
}

impl From<&crate::Settings> for Settings {
    fn from(account: &crate::Settings) -> Self {
        Self {
            address: account.address.clone(),
            name: account.name.clone(),
            user: Some(account.user.clone()),
            password: Some(account.password.clone()),
            server: account.smtp_server.clone(),
            port: account.smtp_port,
            security: account.smtp_security.clone(),
        }
    }
}

/// They are the account's, by other names.
impl ServiceSettings for Settings {
    const SETTINGS: &'static [SettingSpec] = crate::Settings::SETTINGS;

    fn from_values(values: &mut SettingValues) -> Result<Self, MissingSetting> {
        crate::Settings::from_values(values).map(|account| Self::from(&account))
    }
}
