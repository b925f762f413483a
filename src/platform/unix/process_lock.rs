//! A lock that other processes see, and that dies with its owner.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::PathBuf;

/// Held until it is dropped, or the process ends.
#[derive(Debug)]
pub(crate) struct ProcessLock(#[allow(dead_code, reason = "held")] File);

const O_NOFOLLOW: i32 = 0o400_000;

unsafe extern "C" {
    fn geteuid() -> u32;
}

impl ProcessLock {
    /// Takes the lock of a name, of letters, digits and dashes; none where another process has it.
    ///
    /// # Errors
    ///
    /// There is no place for it.
    pub(crate) fn try_take(name: &str) -> io::Result<Option<Self>> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).mode(0o600);
        options.custom_flags(O_NOFOLLOW);
        let file = options.open(folder()?.join(name))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

/// A folder of this user's alone, whatever anybody has put in its place.
fn folder() -> io::Result<PathBuf> {
    // SAFETY: a call without parameters.
    let user = unsafe { geteuid() };
    let folder = PathBuf::from(format!("/tmp/mapi-provider-{user}"));
    match DirBuilder::new().mode(0o700).create(&folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let found = folder.symlink_metadata()?;
    if found.is_dir() && found.uid() == user && found.mode() & 0o077 == 0 {
        Ok(folder)
    } else {
        let text = format!("{} is not a folder of this user's alone", folder.display());
        Err(io::Error::new(io::ErrorKind::PermissionDenied, text))
    }
}
