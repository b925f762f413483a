//! Linux: where providers are tested.

mod event;
mod location;
mod pass_on;
mod worker;

pub use event::{Event, RawHandle};
pub(crate) use location::{mapi_folders, own_library};
pub(crate) use pass_on::pass_on;
pub(crate) use worker::{WorkerScope, spawn_worker};

/// A thread of the process.
pub(crate) type ThreadId = std::thread::ThreadId;

/// The calling thread.
pub(crate) fn current_thread() -> ThreadId {
    std::thread::current().id()
}

/// The simulated ANSI code page is Latin-1: each byte is the character of that number.
pub(crate) fn ansi_to_string(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// A string in the simulated ANSI code page; what it has no character for becomes `?`.
pub(crate) fn string_to_ansi(text: &str) -> Vec<u8> {
    text.chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))
        .collect()
}
