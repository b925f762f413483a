//! What a caller's thread waits for, while it still answers messages.

use std::ptr;
use std::time::{Duration, Instant};

use super::api;

/// How often a waiter looks if Windows had no event left for it.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Rung when something has changed; a ring that nobody has heard yet is not lost. For one listener.
#[derive(Debug)]
pub(crate) struct Bell(api::Handle);

// SAFETY: a handle may be used from any thread.
unsafe impl Send for Bell {}
// SAFETY: as for Send; the functions called on it are thread-safe.
unsafe impl Sync for Bell {}

impl Bell {
    pub(crate) fn new() -> Self {
        // SAFETY: no attributes and no name; it is reset by whoever it wakes. NULL if there is none left.
        Self(unsafe { api::CreateEventW(ptr::null(), 0, 0, ptr::null()) })
    }

    pub(crate) fn ring(&self) {
        if !self.0.is_null() {
            // SAFETY: the handle is open.
            unsafe { api::SetEvent(self.0) };
        }
    }

    /// Waits for a ring until a point in time; false if there was none.
    ///
    /// SYNC-16: messages that are sent to this thread are answered meanwhile, because a callback may be waiting for
    /// one; posted ones stay in the queue, because they would run code of Outlook's that expects nobody in the
    /// middle of a call.
    pub(crate) fn wait_until(&self, deadline: Option<Instant>) -> bool {
        loop {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            match self.wait_once(left) {
                Woken::Rung => return true,
                Woken::Message => answer_sent_messages(),
                Woken::Late if left == Some(Duration::ZERO) => return false,
                // Without an event, the caller polls.
                Woken::Late if self.0.is_null() => return true,
                Woken::Late => {}
            }
        }
    }

    fn wait_once(&self, left: Option<Duration>) -> Woken {
        let left = if self.0.is_null() {
            Some(left.map_or(LOOK_AGAIN, |left| left.min(LOOK_AGAIN)))
        } else {
            left
        };
        let milliseconds = left.map_or(api::INFINITE, super::event::milliseconds);
        let count = u32::from(!self.0.is_null());
        // SAFETY: as many open handles as the count says.
        let woken = unsafe {
            api::MsgWaitForMultipleObjectsEx(
                count,
                &raw const self.0,
                milliseconds,
                api::QS_SENDMESSAGE,
                api::MWMO_INPUTAVAILABLE,
            )
        };
        if woken == api::WAIT_OBJECT_0 + count {
            Woken::Message
        } else if woken == api::WAIT_OBJECT_0 {
            Woken::Rung
        } else {
            Woken::Late
        }
    }
}

enum Woken {
    Rung,
    Message,
    Late,
}

/// PeekMessage calls the window procedures of sent messages itself, before it looks for posted ones, which it is
/// told to leave alone.
fn answer_sent_messages() {
    let mut message = api::Message::default();
    // SAFETY: a live variable; any window of this thread.
    unsafe {
        api::PeekMessageW(
            &raw mut message,
            ptr::null_mut(),
            0,
            0,
            api::PM_NOREMOVE | api::PM_QS_SENDMESSAGE,
        )
    };
}

impl Drop for Bell {
    fn drop(&mut self) {
        if !self.0.is_null() {
            // SAFETY: ours to close.
            unsafe { api::CloseHandle(self.0) };
        }
    }
}
