//! A whole mail account in one DLL: a mailbox that is kept equal with an IMAP server, and mail that goes out by SMTP.
//!
//! What speaks to the servers is that of the examples [`imap`](../../imap) and [`smtp`](../../smtp). Here is what makes one
//! account of them: one set of settings, and one copy of what was sent.
#![forbid(unsafe_code)]

pub mod imap;
pub mod smtp;

use std::sync::Arc;

use mapi_provider::twoway::{Options, Role};
use mapi_provider::{BackgroundSync, LogonError, MapiSync, SyncError, SyncJob, twoway};

use crate::imap::account::Account;

mapi_provider::provider!("provider.toml");

/// What comes in: the account at the IMAP server, and the mailbox that is kept equal with it.
#[derive(MapiSync)]
pub struct Receives {
    account: Account,
}

impl BackgroundSync for Receives {
    type Settings = Settings;

    fn open(settings: Settings) -> Result<Self, LogonError> {
        let mut account = Account::new(&imap::Settings::from(&settings))?;
        if settings.server_keeps_sent {
            account.options = leave_sent_apart(account.options, settings.sent_folder);
        }
        Ok(Self { account })
    }

    /// Both servers' settings are looked at; the password is tried where mail comes in.
    fn test(settings: &Settings) -> Result<(), LogonError> {
        smtp::account::Account::new(&smtp::Settings::from(settings))?;
        Account::new(&imap::Settings::from(settings))?.test()
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

/// Outlook puts what it has sent into its own folder. A server that keeps it too would be given a second copy of each
/// message, and give its own back as another one: the two folders are left as they are, each with one copy.
fn leave_sent_apart(options: Options, sent_folder: Option<String>) -> Options {
    let mut options = options;
    options.folders = Some(Arc::new(move |path: &str| {
        let is_named = sent_folder.as_deref() == Some(path);
        !is_named && Role::by_name(path) != Some(Role::Sent)
    }));
    options
}
