//! Where the logic puts what it receives.

use std::cell::Cell;
use std::error::Error;
use std::fmt;
use std::marker::PhantomData;

use super::ready::Ready;
use super::received::Received;
use super::receiver::Teller;
use crate::sync::CancelToken;

/// Where [`receive`](super::super::MailTransport::receive) puts each message that has come in.
///
/// It is the receiving thread's alone: one message is handed in after another.
pub struct Inbox<'a> {
    pub(super) ready: &'a Ready,
    pub(super) cancel: &'a CancelToken,
    pub(super) teller: &'a dyn Teller,
    /// Not `Sync`: there is one place for a message, and a second thread's would take it from the first.
    pub(super) one_thread: PhantomData<Cell<()>>,
}

/// What became of a message that has come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "only a message that is saved may be deleted on the server"]
pub enum Arrival {
    /// Outlook has saved it: it may be deleted on the server.
    Saved,
    /// It could not be saved, however often it came: the log says why. It is yours to keep, and not to hand in for ever.
    SetAside,
}

impl Arrival {
    /// Whether it may be deleted on the server.
    pub fn is_saved(self) -> bool {
        self == Self::Saved
    }
}

impl Inbox<'_> {
    /// Hands in a message, and waits until Outlook has saved it, which may take until the next Send/Receive.
    ///
    /// # Errors
    ///
    /// It was not saved, because this round is over: come back with it in the next one.
    pub fn deliver(&self, mail: Received) -> Result<Arrival, ReceiveError> {
        let arrival = self.ready.offer(mail, self.cancel, self.teller);
        arrival.ok_or_else(ReceiveError::cancelled)
    }

    /// Goes on, or stops when the round is over.
    ///
    /// # Errors
    ///
    /// Outlook receives nothing any more.
    pub fn check(&self) -> Result<(), ReceiveError> {
        match self.cancel.is_cancelled() {
            true => Err(ReceiveError::cancelled()),
            false => Ok(()),
        }
    }

    /// What tells at once that the round is over, for code that waits.
    pub fn cancel_token(&self) -> &CancelToken {
        self.cancel
    }
}

impl fmt::Debug for Inbox<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbox").finish_non_exhaustive()
    }
}

/// Why not everything was received. `?` makes one of any error; the next round comes at its time.
pub struct ReceiveError(String);

impl ReceiveError {
    /// It failed, for this reason.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    fn cancelled() -> Self {
        Self::new("cancelled")
    }

    /// What happened.
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl<E: Into<Box<dyn Error + Send + Sync>> + 'static> From<E> for ReceiveError {
    fn from(error: E) -> Self {
        Self(error.into().to_string())
    }
}

impl fmt::Debug for ReceiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for ReceiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Inbox;

    /// Two of these fit what is `Sync`, and then the compiler does not know which is meant.
    trait OneThread<A> {
        fn holds() {}
    }
    impl<T> OneThread<()> for T {}
    impl<T: Sync> OneThread<u8> for T {}

    #[test]
    fn xp_26_an_inbox_is_one_thread_s() {
        <Inbox<'static> as OneThread<_>>::holds();
    }
}
