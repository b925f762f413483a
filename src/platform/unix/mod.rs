//! Linux: where providers are tested.

mod bell;
mod event;
mod file;
mod library;
mod location;
mod process_lock;
mod trust;
mod turn;
mod worker;

pub(crate) use bell::Bell;
pub use event::{Event, RawHandle};
#[cfg(feature = "transport")]
pub(crate) use file::folder_for_owner;
pub(crate) use file::{Looks, for_owner, open_itself, open_unlinked};
pub(crate) use library::Library;
#[cfg(test)]
pub(crate) use location::own_library;
pub(crate) use location::{
    application_folder, file_identity, known_folder, own_dll, system_folder,
};
pub(crate) use process_lock::ProcessLock;
pub(crate) use trust::is_privileged;
pub(crate) use turn::Turn;
pub(crate) use worker::{WorkerScope, spawn_worker};

use std::ffi::{c_int, c_void};

use windows_core::GUID;

use super::NoMapi;

/// A thread of the process.
pub(crate) type ThreadId = std::thread::ThreadId;

unsafe extern "C" {
    fn getentropy(buffer: *mut c_void, length: usize) -> c_int;
}

/// A GUID that nobody else has.
pub(crate) fn random_guid() -> GUID {
    let mut bytes = [0_u8; 16];
    // SAFETY: as many bytes as there are. It fails only if the system can't make random numbers at all.
    let _ = unsafe { getentropy(bytes.as_mut_ptr().cast(), bytes.len()) };
    GUID::from_u128(u128::from_ne_bytes(bytes))
}

/// The calling thread.
pub(crate) fn current_thread() -> ThreadId {
    std::thread::current().id()
}

/// There are no profiles of MAPI's here.
///
/// # Errors
///
/// Always.
pub(crate) fn find_mapi() -> Result<Library, NoMapi> {
    Err(NoMapi::NotHere)
}

/// Nobody would see it: where providers are tested the log has it.
pub(crate) fn show_error(_title: &str, _text: &str) {}
