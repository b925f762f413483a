//! Windows: where providers ship.

mod api;
mod bell;
mod event;
mod file;
mod library;
mod location;
mod looks;
mod mapi;
mod message_box;
mod module;
mod process_lock;
mod registry;
mod trust;
mod turn;
mod worker;

pub(crate) use bell::Bell;
pub use event::{Event, RawHandle};
#[cfg(feature = "transport")]
pub(crate) use file::folder_for_owner;
pub(crate) use file::{for_owner, open_itself, open_unlinked};
pub(crate) use library::Library;
#[cfg(test)]
pub(crate) use location::own_library;
pub(crate) use location::{
    application_folder, default_folder, file_identity, known_folder, own_dll, system_folder,
};
pub(crate) use looks::Looks;
pub(crate) use mapi::find_mapi;
pub(crate) use message_box::show_error;
pub(crate) use process_lock::ProcessLock;
pub(crate) use trust::is_privileged;
pub(crate) use turn::Turn;
pub(crate) use worker::{WorkerScope, spawn_worker};

use windows_core::GUID;

/// A thread of the process.
pub(crate) type ThreadId = u32;

/// A GUID that nobody else has.
pub(crate) fn random_guid() -> GUID {
    let mut guid = GUID::zeroed();
    // SAFETY: a live variable. It fails only if the system can't make random numbers at all.
    let _ = unsafe { api::CoCreateGuid(&raw mut guid) };
    guid
}

/// The calling thread.
pub(crate) fn current_thread() -> ThreadId {
    // SAFETY: a call without parameters.
    unsafe { api::GetCurrentThreadId() }
}
