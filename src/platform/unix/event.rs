//! A manual-reset event as an eventfd: readable from the first signal on.

use std::ffi::{c_int, c_short, c_uint, c_ulong, c_void};
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd};
use std::time::{Duration, Instant};

use crate::platform::deadline;

/// An event's handle as it crosses an interface.
pub type RawHandle = *mut c_void;

/// A manual-reset event (SYNC-08). Dropping it closes this handle, not the duplicates.
#[derive(Debug)]
pub struct Event(OwnedFd);

const EFD_CLOEXEC: c_int = 0o2_000_000;
const EFD_NONBLOCK: c_int = 0o4_000;
const POLLIN: c_short = 1;

#[repr(C)]
struct PollFd {
    fd: c_int,
    events: c_short,
    revents: c_short,
}

unsafe extern "C" {
    fn eventfd(initial: c_uint, flags: c_int) -> c_int;
    fn poll(fds: *mut PollFd, count: c_ulong, timeout: c_int) -> c_int;
    fn write(fd: c_int, buffer: *const c_void, count: usize) -> isize;
}

impl Event {
    /// A new event, not signalled.
    ///
    /// # Errors
    ///
    /// The process has no handle left.
    pub fn create() -> io::Result<Self> {
        // SAFETY: a call without pointers.
        let fd = unsafe { eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the descriptor is new and nobody else's.
        let fd = unsafe { OwnedFd::from_raw_fd(fd) };
        // Number 0 would look like NULL: take the next one.
        if fd.as_raw_fd() == 0 {
            fd.try_clone().map(Self)
        } else {
            Ok(Self(fd))
        }
    }

    /// Another handle of the same event.
    ///
    /// # Errors
    ///
    /// The process has no handle left.
    pub fn duplicate(&self) -> io::Result<Self> {
        self.0.try_clone().map(Self)
    }

    /// Signals the event, for good.
    pub fn signal(&self) {
        let one = 1_u64;
        // SAFETY: eight bytes of a live variable. It can fail only if the count is full, and then
        // the event is signalled.
        unsafe {
            write(
                self.0.as_raw_fd(),
                (&raw const one).cast(),
                size_of::<u64>(),
            )
        };
    }

    /// Waits until the event is signalled; false if it was not in time. `None` waits forever, and so
    /// does a time that the clock can't count.
    pub fn wait(&self, timeout: Option<Duration>) -> bool {
        let deadline = timeout.and_then(deadline);
        loop {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            let milliseconds = left.map_or(-1, |left| {
                // Rounded up, so that a wait of less than a millisecond does not become a busy loop.
                c_int::try_from(left.as_micros().div_ceil(1000)).unwrap_or(c_int::MAX)
            });
            let mut fd = PollFd {
                fd: self.0.as_raw_fd(),
                events: POLLIN,
                revents: 0,
            };
            // SAFETY: one live structure.
            let ready = unsafe { poll(&raw mut fd, 1, milliseconds) };
            if ready > 0 {
                return fd.revents & POLLIN != 0;
            }
            if left == Some(Duration::ZERO) {
                return false;
            }
        }
    }

    /// The handle, still this event's to close.
    pub fn as_raw(&self) -> RawHandle {
        self.0.as_raw_fd() as usize as RawHandle
    }

    /// The handle, the receiver's to close.
    pub fn into_raw(self) -> RawHandle {
        self.0.into_raw_fd() as usize as RawHandle
    }

    /// Takes a handle over.
    ///
    /// # Safety
    ///
    /// `handle` is an event's, and the caller's to close.
    pub unsafe fn from_raw(handle: RawHandle) -> Self {
        // SAFETY: the caller's word.
        Self(unsafe { OwnedFd::from_raw_fd(handle as usize as c_int) })
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
        // SAFETY: the caller's word.
        let borrowed = unsafe { BorrowedFd::borrow_raw(handle as usize as c_int) };
        borrowed.try_clone_to_owned().map(Self)
    }
}
