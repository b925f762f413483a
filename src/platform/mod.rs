//! What differs between operating systems: events, the worker thread and the module it runs in, where
//! libraries lie, files, the ANSI code page, whom to believe. Nothing outside this folder names one.
//!
//! Windows is where providers ship. The other side exists so that the same code can be tested on Linux:
//! there an event is an eventfd, whose number crosses the border of a shared library as a handle does.

#![cfg_attr(
    not(feature = "store"),
    allow(
        dead_code,
        unused_imports,
        reason = "wrapped stores need more than others"
    )
)]

use std::path::{Path, PathBuf};

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use self::unix as system;
#[cfg(windows)]
use self::windows as system;

mod latch;
mod trust;

pub use self::system::{Event, RawHandle};
pub(crate) use self::{
    latch::Latch,
    system::{
        Library, Looks, ThreadId, Turn, WorkerScope, ansi_to_string, application_folder,
        current_thread, open_itself, open_unlinked, own_dll, pass_on, random_guid, spawn_worker,
        string_to_ansi, system_folder,
    },
    trust::trusted_variable,
};

/// The folders of the MAPI that the process has loaded; Outlook's own libraries lie there. `mapi32` is none of them: it
/// may be the stub in front of it.
pub(crate) fn loaded_mapi_folders() -> impl Iterator<Item = PathBuf> {
    let libraries = ["olmapi32", "msmapi32"].into_iter();
    libraries.filter_map(|name| Library::loaded(name)?.path()?.parent().map(Path::to_owned))
}

/// The folders where a `mapisvc.inf` may lie, best first: that of the MAPI which is loaded, and that of the
/// system, whose place is the program's where there is no MAPI of the system.
pub(crate) fn mapi_folders() -> Vec<PathBuf> {
    let system = system_folder().or_else(application_folder);
    loaded_mapi_folders().chain(system).collect()
}

/// What a worker leaves to be done when everything else of it is gone: the events to be signalled
/// (SYNC-11).
pub(crate) type LastWords = Vec<Event>;

#[cfg(test)]
mod tests;
