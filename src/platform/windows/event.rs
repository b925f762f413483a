//! A manual-reset event.

use std::ffi::c_void;
use std::io;
use std::ptr;
use std::time::{Duration, Instant};

use super::api;
use crate::platform::deadline;

/// An event's handle as it crosses an interface: a Windows HANDLE.
pub type RawHandle = *mut c_void;

/// A manual-reset event (SYNC-08). Dropping it closes this handle, not the duplicates.
#[derive(Debug)]
pub struct Event(RawHandle);

// SAFETY: a handle may be used from any thread.
unsafe impl Send for Event {}
// SAFETY: as for Send; the functions called on it are thread-safe.
unsafe impl Sync for Event {}

impl Event {
    /// A new event, not signalled.
    ///
    /// # Errors
    ///
    /// The process has no handle left.
    pub fn create() -> io::Result<Self> {
        // SAFETY: no attributes and no name.
        let handle = unsafe { api::CreateEventW(ptr::null(), 1, 0, ptr::null()) };
        if handle.is_null() {
            Err(io::Error::last_os_error())
        } else {
            Ok(Self(handle))
        }
    }

    /// Another handle of the same event.
    ///
    /// # Errors
    ///
    /// The process has no handle left.
    pub fn duplicate(&self) -> io::Result<Self> {
        // SAFETY: the handle is open as long as `self` is.
        unsafe { Self::duplicate_raw(self.0) }
    }

    /// Signals the event, for good.
    pub fn signal(&self) {
        // SAFETY: the handle is open.
        unsafe { api::SetEvent(self.0) };
    }

    /// Waits until the event is signalled; false if it was not in time. `None` waits forever, and so
    /// does a time that the clock can't count.
    pub fn wait(&self, timeout: Option<Duration>) -> bool {
        let deadline = timeout.and_then(deadline);
        loop {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            let milliseconds = left.map_or(api::INFINITE, milliseconds);
            // SAFETY: the handle is open.
            if unsafe { api::WaitForSingleObject(self.0, milliseconds) } == api::WAIT_OBJECT_0 {
                return true;
            }
            if left == Some(Duration::ZERO) {
                return false;
            }
        }
    }

    /// The handle, still this event's to close.
    pub fn as_raw(&self) -> RawHandle {
        self.0
    }

    /// The handle, the receiver's to close.
    pub fn into_raw(self) -> RawHandle {
        let handle = self.0;
        std::mem::forget(self);
        handle
    }

    /// Takes a handle over.
    ///
    /// # Safety
    ///
    /// `handle` is an event's, and the caller's to close.
    pub unsafe fn from_raw(handle: RawHandle) -> Self {
        Self(handle)
    }

    /// Another handle of an event that somebody else closes.
    ///
    /// # Errors
    ///
    /// The process has no handle left, or this is none.
    ///
    /// # Safety
    ///
    /// `handle` is an event's, and open.
    pub unsafe fn duplicate_raw(handle: RawHandle) -> io::Result<Self> {
        let mut duplicate = ptr::null_mut();
        // SAFETY: the pseudo handle of this process, an open handle, a live variable.
        let done = unsafe {
            let process = api::GetCurrentProcess();
            api::DuplicateHandle(
                process,
                handle,
                process,
                &raw mut duplicate,
                0,
                0,
                api::DUPLICATE_SAME_ACCESS,
            )
        };
        if done == 0 {
            Err(io::Error::last_os_error())
        } else {
            Ok(Self(duplicate))
        }
    }
}

impl Drop for Event {
    fn drop(&mut self) {
        // SAFETY: the handle is ours to close.
        unsafe { api::CloseHandle(self.0) };
    }
}

/// Rounded up, so that a wait of less than a millisecond does not become a busy loop; a very long one is taken in
/// pieces.
pub(super) fn milliseconds(left: Duration) -> u32 {
    u32::try_from(left.as_micros().div_ceil(1000)).unwrap_or(api::INFINITE - 1)
}
