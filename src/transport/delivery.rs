//! What becomes of each recipient while a message is sent.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use super::envelope::Key;
use super::error::SendError;
use super::mail::Recipient;
use crate::sync::CancelToken;

/// What became of a recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// The next server has the message.
    Accepted,
    /// The recipient has it, since then.
    Delivered(SystemTime),
    /// Never, and why.
    Refused(String),
}

/// What became of the recipients so far. It is read while the message is still being sent: who was accepted stays so,
/// whatever happens then (XP-12, XP-16).
#[derive(Debug, Default)]
pub(super) struct Fates(Mutex<HashMap<Key, Fate>>);

impl Fates {
    pub(super) fn of(known: HashMap<Key, Fate>) -> Self {
        Self(Mutex::new(known))
    }

    /// All of them, as they are now.
    pub(super) fn now(&self) -> HashMap<Key, Fate> {
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Key, Fate>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says what became of a recipient; nothing that came before is taken back, but an acceptance may become a delivery.
    pub(super) fn say(&self, key: &Key, fate: Fate) {
        let mut fates = self.lock();
        let known = fates.get(key);
        let is_news =
            known.is_none() || matches!((known, &fate), (Some(Fate::Accepted), Fate::Delivered(_)));
        if is_news {
            fates.insert(key.clone(), fate);
        }
    }
}

/// Where [`send`](super::MailTransport::send) says what became of each recipient. What is said first stays.
#[derive(Debug)]
pub struct Delivery<'a> {
    pub(super) cancel: &'a CancelToken,
    pub(super) fates: &'a Fates,
}

impl Delivery<'_> {
    /// The next server has the message for him: he is never sent to again.
    pub fn accepted(&self, to: &Recipient) {
        self.fates.say(&to.key, Fate::Accepted);
    }

    /// He has the message. The sender gets a report if he has asked for one.
    pub fn delivered(&self, to: &Recipient, at: SystemTime) {
        self.fates.say(&to.key, Fate::Delivered(at));
    }

    /// He will never get it: the sender gets a report with this text.
    pub fn refused(&self, to: &Recipient, text: impl Into<String>) {
        self.fates.say(&to.key, Fate::Refused(text.into()));
    }

    /// Goes on, or stops when Outlook has cancelled. Ask before each step that can't be undone.
    ///
    /// # Errors
    ///
    /// Outlook has cancelled.
    pub fn check(&self) -> Result<(), SendError> {
        match self.cancel.is_cancelled() {
            true => Err(SendError::cancelled()),
            false => Ok(()),
        }
    }

    /// What tells a cancellation at once, for code that waits.
    pub fn cancel_token(&self) -> &CancelToken {
        self.cancel
    }
}
