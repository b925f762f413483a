//! A lock that other processes see, and that dies with its owner.

use std::ffi::OsString;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::windows::ffi::OsStringExt;
use std::os::windows::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::ptr;

use super::api;

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
    let mut path = [0_u16; api::MAX_PATH];
    // SAFETY: room for as many as the function writes at most.
    let result = unsafe {
        api::SHGetFolderPathW(
            ptr::null_mut(),
            api::CSIDL_LOCAL_APPDATA,
            ptr::null_mut(),
            0,
            path.as_mut_ptr(),
        )
    };
    if result.is_err() {
        return Err(io::Error::from_raw_os_error(result.0));
    }
    let length = path.iter().position(|unit| *unit == 0).unwrap_or(0);
    let local = PathBuf::from(OsString::from_wide(&path[..length]));
    Ok(local.join("mapi-provider").join("locks"))
}
