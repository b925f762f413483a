//! A provider for any IMAP server: a mailbox that is kept equal with the account, in both directions.
//!
//! [`server`] has the verbs of IMAP. What changed where, what a lost answer means and what may be deleted is decided by
//! [`mapi_provider::twoway`].
#![forbid(unsafe_code)]

pub mod account;
pub mod server;

use mapi_provider::{BackgroundSync, LogonError, MapiSync, SyncError, SyncJob, twoway};

use crate::account::Account;

mapi_provider::provider!("provider.toml");

/// An account, and the mailbox that is kept equal with it.
#[derive(MapiSync)]
pub struct Imap {
    account: Account,
}

impl BackgroundSync for Imap {
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
