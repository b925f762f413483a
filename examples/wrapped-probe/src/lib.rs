//! The probe as a wrapped store, nothing overridden: for contract tests.
//!
//! Its runs do what the variables of `examples/probe` say, and before that, what one more says:
//!
//! | variable | what | default |
//! |---|---|---|
//! | `SYNC_TEST_STORE` | `1`: creates a message in the folder "Probe" of the wrapped store; `mail`: one that has all that mail may have | |
#![forbid(unsafe_code)]

#[path = "../../probe/src/logic.rs"]
mod logic;

use std::env;

use mapi_provider::abi::PR_INTERNET_MESSAGE_ID_W;
use mapi_provider::store::{FileAttachment, Recipient, Store, StoreError};
use mapi_provider::view::FileTime;
use mapi_provider::{BackgroundSync, LogonError, MapiSync, SyncError, SyncJob};

mapi_provider::provider!("provider.toml");

/// Sync logic that does what it is told.
#[derive(MapiSync)]
pub struct WrappedProbe {
    label: String,
}

impl BackgroundSync for WrappedProbe {
    type Settings = Settings;

    fn open(settings: Settings) -> Result<Self, LogonError> {
        Ok(Self {
            label: settings.label,
        })
    }

    fn synchronize(&self, job: &SyncJob) -> Result<(), SyncError> {
        match env::var("SYNC_TEST_STORE").as_deref() {
            Ok("1") => create_message(&job.store()?, &self.label)?,
            Ok("mail") => create_mail(&job.store()?, &self.label)?,
            _ => {}
        }
        logic::run(&self.label, job)
    }
}

/// A message in the folder "Probe", whose subject is the label.
fn create_message(store: &Store, label: &str) -> Result<(), StoreError> {
    let folder = store.ipm_subtree()?.open_or_create_folder("Probe")?;
    let message = folder.create_message()?;
    message.set_subject(label)?;
    message.set_body("What the probe has written.")?;
    message.save().map(drop)
}

/// A message in the same folder, with all that mail may have, and its text in HTML alone.
fn create_mail(store: &Store, label: &str) -> Result<(), StoreError> {
    // 6 March 2026, 08:12:44.
    let sent = FileTime::from_ticks(134_172_583_640_000_000);
    let folder = store.ipm_subtree()?.open_or_create_folder("Probe")?;
    let message = folder.create_message()?;
    message.set_subject(label)?;
    message.set_from("Ada Example", "ada@example.com")?;
    message.set_times(sent, sent)?;
    message.set(PR_INTERNET_MESSAGE_ID_W, "<1@example.com>")?;
    message.set_headers("Subject: probe\r\n")?;
    message.set_recipients(&[
        Recipient::to("Bo", "bo@example.org"),
        Recipient::cc("", "cy@example.org"),
    ])?;
    message.set_html("<p>Tea &amp; <b>cake</b></p><p>Ada</p>")?;
    message.attach(&FileAttachment::new(
        "list.txt",
        "text/plain",
        b"tea, cake\n",
    ))?;
    message.attach_message("Before", |before| {
        before.set_body("What was written before.")
    })?;
    message.save().map(drop)
}
