//! A requested run.

use std::ffi::c_void;
use std::sync::Arc;
use std::time::Duration;

use mapi_provider::platform::Event;

use crate::objects::{CallbackState, Shared};
use crate::status::{Failure, Status};

/// A requested run: what `SynchronizeInBackground` answered, and the event that signals its end.
/// The event is closed on drop, which is the caller's duty (SYNC-08).
pub struct SyncRun {
    /// What `SynchronizeInBackground` answered.
    pub status: Status,
    shared: Arc<Shared>,
    event: Option<Event>,
    callback: Option<Arc<CallbackState>>,
}

impl SyncRun {
    pub(crate) fn new(
        shared: Arc<Shared>,
        status: Status,
        event: *mut c_void,
        callback: Option<Arc<CallbackState>>,
    ) -> Self {
        match (status.is_ok(), event.is_null()) {
            (true, true) => shared.violated(
                "SYNC-08",
                "SynchronizeInBackground succeeded without an event",
            ),
            (false, false) => shared.violated(
                "SYNC-03",
                "SynchronizeInBackground failed and left an event",
            ),
            _ => {}
        }
        // SAFETY: the provider's event, which the caller has to close from now on. Whatever a failed
        // call has left is not touched.
        let event = (status.is_ok() && !event.is_null()).then(|| unsafe { Event::from_raw(event) });
        Self {
            status,
            shared,
            event,
            callback,
        }
    }

    /// Whether the run was accepted.
    ///
    /// # Errors
    ///
    /// What the call answered.
    pub fn started(&self) -> Result<&Self, Failure> {
        if self.status.is_ok() {
            return Ok(self);
        }
        Err(Failure::new(
            "IMAPISync::SynchronizeInBackground",
            self.status.0,
        ))
    }

    /// The event, if the run was accepted.
    pub fn event(&self) -> Option<&Event> {
        self.event.as_ref()
    }

    /// The event, for somebody else to close.
    pub fn take_event(&mut self) -> Option<Event> {
        self.event.take()
    }

    /// Waits until the run has ended; false if it had not by then, or there is nothing to wait for.
    pub fn wait(&self, timeout: Duration) -> bool {
        let Some(event) = &self.event else {
            return false;
        };
        let ended = event.wait(Some(timeout));
        if ended && self.callback.is_some() && self.result().is_none() {
            self.shared.violated(
                "SYNC-11",
                "the event was signalled before Done was called with it",
            );
        }
        ended
    }

    /// How the run ended, as its callback's `Done` was told; `None` before that or without a
    /// callback.
    pub fn result(&self) -> Option<Status> {
        let event = self.event.as_ref()?;
        self.callback.as_ref()?.result(event.as_raw() as usize)
    }
}
