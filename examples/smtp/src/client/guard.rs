//! When a wait ends, whatever the server does.

use std::cell::Cell;
use std::io;
use std::time::{Duration, Instant};

use super::super::account::Limits;
use super::Watch;

/// What ends waits: a cancellation, or the time.
pub(super) struct Guard<'r> {
    pub(super) watch: &'r dyn Watch,
    pub(super) limits: Limits,
    end: Cell<Instant>,
    /// The message is sent: a cancellation comes too late to undo it.
    is_sent: Cell<bool>,
}

impl<'r> Guard<'r> {
    pub(super) fn new(watch: &'r dyn Watch, limits: Limits) -> Self {
        Self {
            watch,
            limits,
            end: Cell::new(Instant::now() + limits.reply),
            is_sent: Cell::new(false),
        }
    }

    /// What comes now has to be over within this time.
    pub(super) fn within(&self, time: Duration) {
        self.end.set(Instant::now() + time);
    }

    /// From now on a cancellation only shortens the wait: what the server says decides who is sent to again.
    pub(super) fn sent(&self) {
        self.is_sent.set(true);
        self.within(self.limits.verdict);
    }

    /// Whether what is under way should stop because nobody wants it any more.
    pub(super) fn is_cancelled(&self) -> bool {
        self.watch.is_cancelled() && !self.is_sent.get()
    }

    /// An error when nobody should wait any more.
    pub(super) fn check(&self) -> io::Result<()> {
        if self.is_cancelled() {
            return Err(io::Error::other("it was cancelled"));
        }
        if self.watch.is_cancelled() {
            let soon = Instant::now() + self.limits.last_word;
            self.end.set(self.end.get().min(soon));
        }
        match Instant::now() >= self.end.get() {
            true => Err(io::Error::other("the server does not answer in time")),
            false => Ok(()),
        }
    }
}
