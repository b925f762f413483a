//! Files that are what their name says.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::AsRawHandle;
use std::path::Path;

use super::api;
use crate::platform::trust::refused;

/// Opens a file that has exactly this name and no other: no link's target, no device, and no file that has a
/// second name somewhere (SYNC-23). Links among its folders are followed. Not for `truncate`, which would come before
/// the checks.
///
/// # Errors
///
/// As [`OpenOptions::open`]; `TooManyLinks` and `InvalidInput` if it is no such file.
pub(crate) fn open_unlinked(path: &Path, options: &OpenOptions) -> io::Result<File> {
    let file = open_itself(path, options)?;
    if information(&file)?.links > 1 {
        return Err(refused(true));
    }
    Ok(file)
}

/// As [`open_unlinked`], but the file may have other names too: for callers that read it, and put another in its
/// place.
///
/// # Errors
///
/// As for [`open_unlinked`].
pub(crate) fn open_itself(path: &Path, options: &OpenOptions) -> io::Result<File> {
    let mut options = options.clone();
    // Whoever serves a pipe of this name learns who we are, and can't act as us.
    options
        .custom_flags(api::FILE_FLAG_OPEN_REPARSE_POINT)
        .security_qos_flags(api::SECURITY_IDENTIFICATION);
    let file = options.open(path)?;
    let is = |attribute| information(&file).map(|found| found.attributes & attribute != 0);
    if is(api::FILE_ATTRIBUTE_REPARSE_POINT)? {
        return Err(refused(true));
    }
    if is(api::FILE_ATTRIBUTE_DIRECTORY)? {
        return Err(refused(false));
    }
    Ok(file)
}

/// Options of a file that only its owner may read, if it is new: the user decides who may read the user's own
/// folders, and a new file has its folder's rights.
pub(crate) fn for_owner(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// What makes a folder, and those above it: it has the rights of the one above, which is the user's own.
#[cfg(feature = "transport")]
pub(crate) fn folder_for_owner() -> std::fs::DirBuilder {
    let mut folder = std::fs::DirBuilder::new();
    folder.recursive(true);
    folder
}

/// What an open file is.
///
/// # Errors
///
/// It is a pipe or a device.
pub(super) fn information(file: &File) -> io::Result<api::FileInformation> {
    let handle = file.as_raw_handle();
    let mut found = api::FileInformation::default();
    // SAFETY: an open handle.
    if unsafe { api::GetFileType(handle) } != api::FILE_TYPE_DISK {
        return Err(refused(false));
    }
    // SAFETY: an open handle and a live variable.
    if unsafe { api::GetFileInformationByHandle(handle, &raw mut found) } == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(found)
}
