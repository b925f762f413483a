//! What differs between operating systems: events, the worker thread and the module it runs in, where libraries
//! are, files, the ANSI code page, what to trust. Nothing outside this folder names one.
//!
//! Windows is where providers ship. The other side exists so that the same code can be tested on Linux:
//! there an event is an eventfd, whose number is passed to a shared library like a handle.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use self::unix as system;
#[cfg(windows)]
use self::windows as system;

mod trust;

#[cfg(feature = "transport")]
pub(crate) use self::system::folder_for_owner;
pub use self::system::{Event, RawHandle};
pub(crate) use self::{
    system::{
        Bell, Library, Looks, ProcessLock, ThreadId, Turn, WorkerScope, application_folder,
        current_thread, file_identity, find_mapi, for_owner, open_itself, open_unlinked, own_dll,
        random_guid, show_error, spawn_worker, system_folder,
    },
    trust::{trusted_variable, trusted_variable_in},
};

/// The folders of the MAPI that the process has loaded; Outlook's own libraries are there. `mapi32` doesn't count,
/// because it may be the stub in front of it.
pub(crate) fn loaded_mapi_folders() -> impl Iterator<Item = PathBuf> {
    let libraries = ["olmapi32", "msmapi32"].into_iter();
    libraries.filter_map(|name| Library::loaded(name)?.path()?.parent().map(Path::to_owned))
}

/// Why there is no MAPI to be used.
#[derive(Debug)]
#[allow(dead_code, reason = "each system has reasons of its own")]
pub(crate) enum NoMapi {
    /// This is no Windows.
    NotHere,
    /// What was looked at, and why that is none.
    NotFound(Vec<String>),
    /// There is the system's library alone, which passes on to a mail program what it is asked, and there is none.
    OnlyStub(PathBuf),
    /// It is for programs of the other width.
    OtherWidth(PathBuf),
}

/// The folders that may have a `mapisvc.inf`, best first: that of the loaded MAPI, and that of the system,
/// replaced by the program's folder if the system has no MAPI.
pub(crate) fn mapi_folders() -> Vec<PathBuf> {
    let system = system_folder().or_else(application_folder);
    loaded_mapi_folders().chain(system).collect()
}

/// A path without links in its folder, whether or not the file exists yet.
fn identity_of(path: &Path) -> PathBuf {
    if let Ok(found) = path.canonicalize() {
        return found;
    }
    let folder = path.parent().and_then(|folder| folder.canonicalize().ok());
    match (folder, path.file_name()) {
        (Some(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}

/// What is left to do when everything else of a worker is gone: the events to signal (SYNC-11). They are
/// signalled when this is dropped, however the worker ends (SYNC-22).
#[derive(Debug, Default)]
pub(crate) struct LastWords(Vec<Event>);

impl LastWords {
    /// One more event, if there is one.
    pub(crate) fn push(&mut self, event: Option<Event>) {
        self.0.extend(event);
    }

    /// Signals what there is, now.
    pub(crate) fn signal(&mut self) {
        self.0.drain(..).for_each(|event| event.signal());
    }
}

impl Drop for LastWords {
    fn drop(&mut self) {
        self.signal();
    }
}

/// The point in time at which a duration that begins now is over; `None` if there is no such point.
pub(crate) fn deadline(duration: Duration) -> Option<Instant> {
    Instant::now().checked_add(duration)
}

#[cfg(test)]
mod tests;
