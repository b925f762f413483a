//! A request to synchronise: everything of it is our own, so that the caller's structure may be gone
//! (SYNC-07).

use windows_core::HRESULT;

use crate::abi::{IMAPISession, SyncFlags};
use crate::platform::{Event, RawHandle};

/// What a caller asked for, and how it wants to hear of it.
pub(crate) struct Request {
    /// Known bits and unknown ones (SYNC-04).
    pub(crate) flags: SyncFlags,
    /// AddRef'd; released exactly once, when the run ends (SYNC-05).
    pub(crate) session: Option<IMAPISession>,
    /// None: the run is silent for this caller (SYNC-06).
    pub(crate) callback: Option<Box<dyn Callback>>,
    /// The event's handle that the caller has, and closes. Never used but to be told to `Done`
    /// (SYNC-08).
    pub(crate) handle: CallerHandle,
    /// Our own handle of that event.
    pub(crate) event: Event,
}

/// A handle that belongs to the caller: a number to us, for we only pass it on.
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
    /// Ends the request: `Done`, then everything of the caller's is released, and what is left is the
    /// event to be signalled (SYNC-11).
    pub(crate) fn finish(self, result: HRESULT) -> Event {
        let Self { session, callback, handle, event, .. } = self;
        if let Some(callback) = &callback {
            callback.done(handle, result);
        }
        drop(callback);
        drop(session);
        event
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
