//! What differs between operating systems: events, the worker thread and the module it runs in, where
//! libraries lie, the ANSI code page. Nothing outside this folder names one.
//!
//! Windows is where providers ship. The other side exists so that the same code can be tested on Linux:
//! there an event is an eventfd, whose number crosses the border of a shared library as a handle does.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use self::unix as system;
#[cfg(windows)]
use self::windows as system;

mod latch;

pub use self::system::{Event, RawHandle};
pub(crate) use self::{
    latch::Latch,
    system::{
        ThreadId, WorkerScope, ansi_to_string, current_thread, mapi_folders, own_library, pass_on,
        spawn_worker, string_to_ansi,
    },
};

/// What a worker leaves to be done when everything else of it is gone: the events to be signalled
/// (SYNC-11).
pub(crate) type LastWords = Vec<Event>;

#[cfg(test)]
mod tests;
