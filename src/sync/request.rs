//! A request to synchronise: everything of it is our own, so that the caller's structure may be gone
//! (SYNC-07).

use windows_core::HRESULT;

use super::world::Event;
use crate::platform::RawHandle;
use mapi_provider_abi::internal::quietly;
use mapi_provider_abi::mapi::{E_UNEXPECTED, IMAPISession, SyncFlags};

/// What a caller asked for, and how it wants to hear of it.
pub(crate) struct Request {
    /// Known bits and unknown ones (SYNC-04).
    pub(super) flags: SyncFlags,
    /// AddRef'd; released exactly once, when the run ends (SYNC-05).
    pub(super) session: Option<IMAPISession>,
    /// None: the run is silent for this caller (SYNC-06).
    pub(super) callback: Option<Box<dyn Callback>>,
    handle: CallerHandle,
    /// Our own handle of the caller's event; none once the request has ended.
    event: Option<Event>,
    /// Whether the caller has been told S_OK, and waits for its `Done`.
    accepted: bool,
}

/// The event's handle that the caller has, and closes: a number to us, for we only pass it on to `Done`
/// (SYNC-08).
#[derive(Debug, Clone, Copy)]
pub(crate) struct CallerHandle(usize);

impl CallerHandle {
    pub(crate) fn new(handle: RawHandle) -> Self {
        Self(handle as usize)
    }

    pub(crate) fn as_raw(self) -> RawHandle {
        self.0 as RawHandle
    }
}

impl Request {
    /// A request that is not accepted yet. `event` is our own handle of the caller's event.
    pub(crate) fn new(
        flags: SyncFlags,
        session: Option<IMAPISession>,
        callback: Option<Box<dyn Callback>>,
        handle: CallerHandle,
        event: Event,
    ) -> Self {
        Self {
            flags,
            session,
            callback,
            handle,
            event: Some(event),
            accepted: false,
        }
    }

    /// The request is accepted: from now on its caller gets a `Done`, whatever happens.
    pub(super) fn accept(mut self) -> Self {
        self.accepted = true;
        self
    }

    /// The request is refused after all, before anybody has heard of it.
    pub(super) fn refuse(mut self) -> Self {
        self.accepted = false;
        self
    }

    /// Ends the request: `Done`, then everything of the caller's is released, and what is left is the
    /// event to be signalled (SYNC-11).
    pub(super) fn finish(mut self, result: HRESULT) -> Option<Event> {
        self.end(result)
    }

    /// Ends a request that got lost because its worker failed.
    pub(super) fn end_lost(self) {
        // The drop does it.
    }

    fn end(&mut self, result: HRESULT) -> Option<Event> {
        let event = self.event.take()?;
        // SYNC-22: whatever panics on the way of this Done, the event is signalled, and the others get theirs.
        if let Some(callback) = self.callback.take() {
            let handle = self.handle;
            quietly(|| callback.done(handle, result));
            quietly(|| drop(callback));
        }
        let session = self.session.take();
        quietly(|| drop(session));
        Some(event)
    }
}

/// An accepted request that gets lost because the worker itself failed still gets its `Done` and its event:
/// nobody waits forever (SYNC-10, SYNC-22).
impl Drop for Request {
    fn drop(&mut self) {
        if !self.accepted {
            return;
        }
        if let Some(event) = self.end(E_UNEXPECTED) {
            event.signal();
        }
    }
}

/// What a caller is told, on the worker only (SYNC-10). A callback that fails changes nothing but the
/// log (SYNC-14).
pub(crate) trait Callback: Send {
    /// Where the run stands; answers what the caller said.
    fn progress(&self, text: &str, index: u32, max: u32) -> HRESULT;
    /// An error or a warning.
    fn error(&self, result: HRESULT, text: &str);
    /// The end.
    fn done(&self, handle: CallerHandle, result: HRESULT);
}
