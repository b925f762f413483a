//! What both probes do: they send nothing, and do what environment variables say, read anew for each message.
//!
//! | variable | what `send` does |
//! |---|---|
//! | `XP_TEST_SENT=FILE` | appends a line of JSON when it begins: addresses of the envelope and of those shown, subject, sender |
//! | `XP_TEST_REFUSE=a@x;b@y` | refuses these for good: "no such user" |
//! | `XP_TEST_LATER=a@x` | leaves these for another try |
//! | `XP_TEST_FAIL=later`, `permanent`, `dead` | fails with the whole message: for now, for good, or for the whole session |
//! | `XP_TEST_SEND_MS=n` | takes so many milliseconds, and notices a cancellation |
//! | `XP_TEST_DEAF=1` | does not notice it |
//! | `XP_TEST_PANIC=1` | panics |
//!
//! `XP_TEST_INBOX=DIR`: every file `*.eml` there is a message that has come in. It is removed when it is delivered, and renamed
//! to `*.failed` when it can't be.

use std::env;
use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use mapi_provider::LogonError;
use mapi_provider::transport::{
    Delivery, Identity, Inbox, Link, Mail, MailTransport, ReceiveError, Received, Recipient,
    SendError,
};
use serde_json::json;

use crate::Settings;

/// The transport.
pub struct Probe;

impl MailTransport for Probe {
    type Settings = Settings;

    fn open(_settings: Settings, _link: &Link) -> Result<Self, LogonError> {
        Ok(Self)
    }

    fn identity(&self) -> Identity {
        Identity::smtp("Probe", "probe@example.org")
    }

    fn send(&self, mail: &Mail, delivery: &Delivery<'_>) -> Result<(), SendError> {
        note(mail)?;
        take_time(delivery)?;
        if is_set("XP_TEST_PANIC") {
            panic!("XP_TEST_PANIC");
        }
        match env::var("XP_TEST_FAIL").as_deref() {
            Ok("later") => return Err(SendError::later("XP_TEST_FAIL")),
            Ok("permanent") => return Err(SendError::refused("XP_TEST_FAIL")),
            Ok("dead") => return Err(SendError::broken("XP_TEST_FAIL")),
            _ => {}
        }
        let (refused, later) = (listed("XP_TEST_REFUSE"), listed("XP_TEST_LATER"));
        let mut left = false;
        for to in mail.envelope() {
            delivery.check()?;
            if is_in(&refused, to) {
                delivery.refused(to, "no such user");
            } else if is_in(&later, to) {
                left = true;
            } else {
                delivery.accepted(to);
            }
        }
        match left {
            true => Err(SendError::later("some are left for later")),
            false => Ok(()),
        }
    }

    fn receive(&self, inbox: &Inbox<'_>) -> Result<(), ReceiveError> {
        let Some(folder) = env::var_os("XP_TEST_INBOX") else {
            return Ok(());
        };
        let entries = fs::read_dir(folder)?;
        let files = entries.map(|entry| Ok(entry?.path()));
        let mut files = files.collect::<io::Result<Vec<PathBuf>>>()?;
        files.retain(|file| file.extension() == Some(OsStr::new("eml")));
        files.sort();
        for file in files {
            inbox.check()?;
            deliver(&file, inbox)?;
        }
        Ok(())
    }
}

/// Hands in what is in a file; whatever that is, the next one comes.
fn deliver(file: &Path, inbox: &Inbox<'_>) -> Result<(), ReceiveError> {
    let octets = fs::read(file)?;
    let is_saved = match Received::from_mime(&octets) {
        Ok(received) => inbox.deliver(received)?.is_saved(),
        // There is nothing in it.
        Err(_) => false,
    };
    match is_saved {
        true => fs::remove_file(file)?,
        false => fs::rename(file, file.with_extension("failed"))?,
    }
    Ok(())
}

/// Writes down what is sent.
fn note(mail: &Mail) -> Result<(), SendError> {
    let Some(file) = env::var_os("XP_TEST_SENT") else {
        return Ok(());
    };
    let address = |to: &Recipient| to.person.address.value.clone();
    let envelope: Vec<String> = mail.envelope().iter().map(address).collect();
    let shown: Vec<&str> = mail.shown().iter().map(|to| &*to.who.address).collect();
    let line = json!({
        "envelope": envelope,
        "shown": shown,
        "subject": mail.subject(),
        "sender": mail.sender().address.value,
    });
    let mut file = OpenOptions::new().create(true).append(true).open(file)?;
    // In one call, so that lines of several processes stay whole.
    file.write_all(format!("{line}\n").as_bytes())?;
    Ok(())
}

fn take_time(delivery: &Delivery<'_>) -> Result<(), SendError> {
    let millis = env::var("XP_TEST_SEND_MS").ok();
    let millis = millis.and_then(|millis| millis.parse().ok());
    let time = Duration::from_millis(millis.unwrap_or(0));
    if is_set("XP_TEST_DEAF") {
        thread::sleep(time);
        return Ok(());
    }
    delivery.cancel_token().wait(time);
    delivery.check()
}

fn is_set(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| value == "1")
}

/// The addresses in a variable, which has semicolons between them.
fn listed(name: &str) -> Vec<String> {
    let list = env::var(name).unwrap_or_default();
    let addresses = list.split(';').map(|one| one.trim().to_lowercase());
    addresses.filter(|one| !one.is_empty()).collect()
}

fn is_in(list: &[String], to: &Recipient) -> bool {
    list.contains(&to.person.address.value.to_lowercase())
}
