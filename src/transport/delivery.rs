//! What becomes of each recipient while a message is sent.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use super::envelope::Key;
use super::error::SendError;
use super::mail::Recipient;
use super::queue::{MessageId, Queue};
use crate::log;
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
    /// The queue sends to him (XP-19).
    Queued,
}

/// Where the queue writes down what becomes of a message.
#[derive(Debug, Clone)]
pub(super) struct Journal {
    pub(super) queue: Arc<Queue>,
    pub(super) message: MessageId,
}

/// What became of the recipients so far. It is read while the message is still being sent: who was accepted stays so,
/// whatever happens then (XP-12, XP-16).
#[derive(Debug, Default)]
pub(super) struct Fates {
    known: Mutex<HashMap<Key, Fate>>,
    pub(super) journal: Option<Journal>,
}

impl Fates {
    pub(super) fn of(known: HashMap<Key, Fate>, journal: Option<Journal>) -> Self {
        Self {
            known: Mutex::new(known),
            journal,
        }
    }

    /// All of them, as they are now.
    pub(super) fn now(&self) -> HashMap<Key, Fate> {
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Key, Fate>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says what became of recipients; nothing that came before is taken back, but an acceptance may become a delivery.
    ///
    /// XP-19: with a queue it is on the disk when this returns, before anything else can happen.
    pub(super) fn say<'k>(&self, keys: impl Iterator<Item = &'k Key>, fate: &Fate) {
        let mut news = Vec::new();
        {
            let mut fates = self.lock();
            for key in keys {
                let known = fates.get(key);
                let is_more = matches!((known, fate), (Some(Fate::Accepted), Fate::Delivered(_)));
                if known.is_none() || is_more {
                    fates.insert(key.clone(), fate.clone());
                    news.push(key);
                }
            }
        }
        let Some(journal) = self.journal.as_ref().filter(|_| !news.is_empty()) else {
            return;
        };
        let news = news.into_iter().map(|key| (key, fate));
        if let Err(error) = journal.queue.note(journal.message, news) {
            log::error!(%error, "what became of a recipient can't be written down");
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
        self.fates.say([&to.key].into_iter(), &Fate::Accepted);
    }

    /// He has the message. The sender gets a report if he has asked for one.
    pub fn delivered(&self, to: &Recipient, at: SystemTime) {
        self.fates.say([&to.key].into_iter(), &Fate::Delivered(at));
    }

    /// He will never get it: the sender gets a report with this text.
    pub fn refused(&self, to: &Recipient, text: impl Into<String>) {
        let refused = Fate::Refused(text.into());
        self.fates.say([&to.key].into_iter(), &refused);
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
