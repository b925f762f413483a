//! Logic that notes the settings it is opened with.

use std::cell::RefCell;

use mapi_provider::transport::{Delivery, Identity, Link, Mail, MailTransport, SendError};
use mapi_provider::{BackgroundSync, LogonError, MapiSync, Secret, SyncError, SyncJob};

/// A mailbox and a transport.
pub(crate) mod both {
    mapi_provider::provider!("tests/several/both.toml", exports = cfg(any()));
}

/// A wrapped store and a transport.
pub(crate) mod wrapped {
    mapi_provider::provider!("tests/several/wrapped.toml", exports = cfg(any()));
}

thread_local! {
    static OPENED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// What was opened on this thread since this was asked last: whose logic, and with which server and token.
pub(crate) fn opened() -> Vec<String> {
    OPENED.take()
}

fn note(whose: &str, server: &str, token: Option<&Secret>) {
    let token = token.map_or("none", Secret::expose);
    OPENED.with_borrow_mut(|opened| opened.push(format!("{whose}: {server}, {token}")));
}

/// Renews the token in each run, and saves a cursor.
#[derive(MapiSync)]
pub(crate) struct Keeps;

impl BackgroundSync for Keeps {
    type Settings = both::Settings;

    fn open(settings: both::Settings) -> Result<Self, LogonError> {
        note("store", &settings.server, settings.token.as_ref());
        Ok(Self)
    }

    fn synchronize(&self, job: &SyncJob) -> Result<(), SyncError> {
        job.save_cursor(b"here")?;
        let token = Secret::new("renewed".to_owned());
        job.settings().set(both::Settings::TOKEN, token)
    }
}

/// Accepts everything.
pub(crate) struct Sends;

impl MailTransport for Sends {
    type Settings = both::Settings;

    fn open(settings: both::Settings, _link: &Link) -> Result<Self, LogonError> {
        note("transport", &settings.server, settings.token.as_ref());
        Ok(Self)
    }

    fn identity(&self) -> Identity {
        Identity::smtp("Ann", "ann@example.org")
    }

    fn send(&self, _mail: &Mail, _delivery: &Delivery<'_>) -> Result<(), SendError> {
        Ok(())
    }
}

/// Does nothing in a run.
#[derive(MapiSync)]
pub(crate) struct Wraps;

impl BackgroundSync for Wraps {
    type Settings = wrapped::Settings;

    fn open(settings: wrapped::Settings) -> Result<Self, LogonError> {
        note("store", &settings.server, None);
        Ok(Self)
    }

    fn synchronize(&self, job: &SyncJob) -> Result<(), SyncError> {
        job.save_cursor(b"here")
    }
}

/// Accepts everything.
pub(crate) struct SendsToo;

impl MailTransport for SendsToo {
    type Settings = wrapped::Settings;

    fn open(settings: wrapped::Settings, _link: &Link) -> Result<Self, LogonError> {
        note("transport", &settings.server, None);
        Ok(Self)
    }

    fn identity(&self) -> Identity {
        Identity::smtp("Ann", "ann@example.org")
    }

    fn send(&self, _mail: &Mail, _delivery: &Delivery<'_>) -> Result<(), SendError> {
        Ok(())
    }
}
