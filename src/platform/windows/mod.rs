//! Windows: where providers ship.

mod api;
mod event;
mod location;
mod module;
mod pass_on;
mod text;
mod worker;

pub use event::{Event, RawHandle};

pub(crate) use location::{mapi_folders, own_library};
pub(crate) use pass_on::pass_on;
pub(crate) use text::{ansi_to_string, string_to_ansi};
pub(crate) use worker::{WorkerScope, spawn_worker};

/// A thread of the process.
pub(crate) type ThreadId = u32;

/// The calling thread.
pub(crate) fn current_thread() -> ThreadId {
    // SAFETY: a call without parameters.
    unsafe { api::GetCurrentThreadId() }
}
