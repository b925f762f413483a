//! Installers go one after the other: a lock file beside the target.
//!
//! Only those who may create files in that folder can hold it, and they may change its contents anyway. A
//! system-wide name, such as a mutex's, could be held by anybody.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::error::InstallError;
use crate::platform::Turn;

/// How long to wait for a turn. A turn takes some milliseconds; a process that is halted in a debugger takes
/// longer.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// How long to wait if the file can't be created: the previous one may be about to disappear.
const MOMENT: Duration = Duration::from_millis(500);
/// How long to wait between attempts.
const PAUSE: Duration = Duration::from_millis(20);

/// What our own files' names have after the target's.
const OWN: &str = ".mapi-provider-";

/// A file of our own beside the target.
pub(super) fn beside(target: &Path, ending: &str) -> PathBuf {
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(OWN);
    name.push(ending);
    target.with_file_name(name)
}

/// Is it one of those?
pub(super) fn is_own(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default();
    name.to_string_lossy().contains(OWN)
}

/// Waits for the turn to change a file.
///
/// # Errors
///
/// Another has it for too long, or it can't be taken here. Without it nothing is changed.
pub(super) fn take(target: &Path, patience: Duration) -> Result<Turn, InstallError> {
    let path = beside(target, "lock");
    let begin = Instant::now();
    loop {
        let has_waited = |limit: Duration| begin.elapsed() >= limit.min(patience);
        match Turn::attempt(&path) {
            Ok(Some(turn)) => return Ok(turn),
            Ok(None) if has_waited(patience) => {
                return Err(InstallError::Waited(target.to_owned(), path));
            }
            Err(error) if error.kind() != ErrorKind::PermissionDenied || has_waited(MOMENT) => {
                // If something is already there, that is in the way; otherwise it is the folder.
                let file = if path.symlink_metadata().is_ok() {
                    path
                } else {
                    target.to_owned()
                };
                return Err(InstallError::Unwritable(file, error));
            }
            Ok(None) | Err(_) => thread::sleep(PAUSE),
        }
    }
}
