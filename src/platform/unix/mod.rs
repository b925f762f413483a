//! Linux: where providers are tested.

mod event;
mod file;
mod library;
mod location;
mod pass_on;
mod trust;
mod turn;
mod worker;

pub use event::{Event, RawHandle};
pub(crate) use file::{Looks, open_itself, open_unlinked};
pub(crate) use library::Library;
#[cfg(test)]
pub(crate) use location::own_library;
pub(crate) use location::{application_folder, known_folder, own_dll, system_folder};
pub(crate) use pass_on::pass_on;
pub(crate) use trust::is_privileged;
pub(crate) use turn::Turn;
pub(crate) use worker::{WorkerScope, spawn_worker};

use std::ffi::{c_int, c_void};

use windows_core::GUID;

/// A thread of the process.
pub(crate) type ThreadId = std::thread::ThreadId;

unsafe extern "C" {
    fn getentropy(buffer: *mut c_void, length: usize) -> c_int;
}

/// A GUID that nobody else has.
pub(crate) fn random_guid() -> GUID {
    let mut bytes = [0_u8; 16];
    // SAFETY: as many bytes as there are. It fails only where the system can't make a random number at all.
    let _ = unsafe { getentropy(bytes.as_mut_ptr().cast(), bytes.len()) };
    GUID::from_u128(u128::from_ne_bytes(bytes))
}

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
