//! What the probe does with a message.

use std::env;
use std::fs::OpenOptions;
use std::io::Write;
use std::thread;
use std::time::Duration;

use mapi_provider::LogonError;
use mapi_provider::transport::{
    Delivery, Identity, Link, Mail, MailTransport, Recipient, SendError,
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
