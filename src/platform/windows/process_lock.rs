//! A lock that other processes see, and that dies with its owner.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::path::PathBuf;

use super::{api, known_folder};

/// Held until it is dropped, or the process ends.
///
/// A file and not a named object: names of objects are the whole session's, and anybody may take one first.
#[derive(Debug)]
pub(crate) struct ProcessLock(#[allow(dead_code, reason = "held")] File);

impl ProcessLock {
    /// Takes the lock of a name, of letters, digits and dashes; none where another process has it.
    ///
    /// # Errors
    ///
    /// There is no place for it.
    pub(crate) fn try_take(name: &str) -> io::Result<Option<Self>> {
        let folder = folder()?;
        DirBuilder::new().recursive(true).create(&folder)?;
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        options.custom_flags(api::FILE_FLAG_OPEN_REPARSE_POINT);
        let file = options.open(folder.join(name))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

/// A folder in the user's own data, by the system's word and not by a variable's.
fn folder() -> io::Result<PathBuf> {
    let local = known_folder("LOCALAPPDATA").ok_or(io::ErrorKind::NotFound)?;
    Ok(PathBuf::from(local).join("mapi-provider").join("locks"))
}
