//! A message on its way through the worker.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::delivery::{Delivery, Fate, Fates};
use super::error::{Kind, SendError};
use super::logic::MailTransport;
use super::mail::Mail;
use crate::log;
use crate::sync::CancelToken;
use mapi_provider_abi::internal::{panic_text, panicked};

/// A message on its way: what is sent, and what has become of it so far.
#[derive(Debug)]
pub(super) struct Job {
    mail: Mail,
    pub(super) fates: Fates,
    pub(super) cancel: CancelToken,
    state: Mutex<JobState>,
    end: Condvar,
}

#[derive(Debug, Default)]
struct JobState {
    ended: Option<Ended>,
    /// The queue sees to what becomes of it, because nobody waits any more.
    is_queued: bool,
}

/// How the logic came back.
#[derive(Debug, Clone)]
pub(super) enum Ended {
    /// It has said what became of everybody.
    Done,
    /// Some are left, for this reason.
    Failed(Kind, String),
    /// It panicked (XP-36).
    Panicked,
}

impl Ended {
    pub(super) fn of(error: &SendError) -> Self {
        Self::Failed(error.kind, error.text().to_owned())
    }
}

impl Job {
    pub(super) fn new(mail: Mail, fates: Fates, cancel: CancelToken) -> Arc<Self> {
        Arc::new(Self {
            mail,
            fates,
            cancel,
            state: Mutex::default(),
            end: Condvar::new(),
        })
    }

    /// One that was over before it began: nobody is left to send to.
    pub(super) fn over(mail: Mail, fates: Fates) -> Arc<Self> {
        let job = Self::new(mail, fates, CancelToken::default());
        job.finish(Ended::Done);
        job
    }

    /// How it ended, if it has.
    pub(super) fn ended(&self) -> Option<Ended> {
        self.lock().ended.clone()
    }

    /// What is sent.
    pub(super) fn mail(&self) -> &Mail {
        &self.mail
    }

    /// Leaves it to the queue. How it ended, if it has: then nobody else sees to it.
    pub(super) fn hand_over(&self) -> Option<Ended> {
        let mut state = self.lock();
        state.is_queued = true;
        state.ended.clone()
    }

    /// Waits for its end, at most so long.
    pub(super) fn wait(&self, most: Duration) -> Option<Ended> {
        let guard = self.lock();
        let waited = self
            .end
            .wait_timeout_while(guard, most, |state| state.ended.is_none());
        let (guard, _) = waited.unwrap_or_else(PoisonError::into_inner);
        guard.ended.clone()
    }

    fn lock(&self) -> MutexGuard<'_, JobState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes how it ended. True if the queue sees to it.
    pub(super) fn finish(&self, ended: Ended) -> bool {
        let is_queued = {
            let mut state = self.lock();
            state.ended = Some(ended);
            state.is_queued
        };
        self.end.notify_all();
        is_queued
    }

    /// Calls the logic behind the barrier, and notes what it says of everybody.
    pub(super) fn run<L: MailTransport>(&self, logic: &L) -> Ended {
        if self.cancel.is_cancelled() {
            // XP-12: a cancel that comes before the logic begins is not lost.
            return Ended::of(&SendError::cancelled());
        }
        let delivery = Delivery {
            cancel: &self.cancel,
            fates: &self.fates,
        };
        // What the logic's error is made of goes with it, inside the barrier.
        let send = || {
            let sent = logic.send(&self.mail, &delivery);
            sent.map_err(|error| (error.kind, error.text().to_owned()))
        };
        match catch_unwind(AssertUnwindSafe(send)) {
            Ok(Ok(())) => {
                self.say_of_the_rest(&Fate::Accepted);
                Ended::Done
            }
            Ok(Err((Kind::Refused, text))) => {
                self.say_of_the_rest(&Fate::Refused(text));
                Ended::Done
            }
            Ok(Err((kind, text))) => Ended::Failed(kind, text),
            Err(payload) => {
                log::error!(text = panic_text(&*payload), "sending a message panicked");
                panicked(payload);
                Ended::Panicked
            }
        }
    }

    fn say_of_the_rest(&self, fate: &Fate) {
        let all = self.mail.envelope().iter();
        self.fates.say(all.map(|to| &to.key), fate);
    }
}
