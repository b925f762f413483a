//! A provider for any IMAP server, in Outlook's own store: Outlook's PST provider keeps the mail, shows it and searches it.
//!
//! Account and server are those of the [example with a mailbox](../../imap).
#![forbid(unsafe_code)]

#[path = "../../imap/src/account.rs"]
pub mod account;
#[path = "../../imap/src/server/mod.rs"]
pub mod server;

use mapi_provider::{BackgroundSync, LogonError, MapiSync, SyncError, SyncJob, twoway};

use crate::account::Account;

mapi_provider::provider!("provider.toml");

/// An account, and the store that is kept equal with it.
#[derive(MapiSync)]
pub struct ImapWrapped {
    account: Account,
}

impl BackgroundSync for ImapWrapped {
    type Settings = Settings;

    fn open(settings: Settings) -> Result<Self, LogonError> {
        let account = Account::new(&settings)?;
        Ok(Self { account })
    }

    fn test(settings: &Settings) -> Result<(), LogonError> {
        Account::new(settings)?.test()
    }

    fn synchronize(&self, job: &SyncJob) -> Result<(), SyncError> {
        let Account { server, options } = &self.account;
        twoway::synchronize_with(server, job, options)?;
        Ok(())
    }

    fn plan(&self, job: &SyncJob) -> Result<String, SyncError> {
        let Account { server, options } = &self.account;
        Ok(twoway::plan(server, job, options)?.to_string())
    }
}
