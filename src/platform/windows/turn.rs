//! One process after the other.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::path::Path;

use super::api;
use super::file::information;

/// The right to change something while others that want it wait: a file made for this, which nobody else can open
/// and which is gone when it is closed. So it ends on drop, and with the process however that ends.
pub(crate) struct Turn(#[allow(dead_code, reason = "held")] File);

impl Turn {
    /// Takes it; `None` if another has it just now.
    ///
    /// # Errors
    ///
    /// The file can't be made. While another's is being removed, that is `PermissionDenied` for a moment.
    pub(crate) fn attempt(path: &Path) -> io::Result<Option<Self>> {
        let mut options = OpenOptions::new();
        options
            .write(true)
            .create(true)
            .share_mode(0)
            .custom_flags(api::FILE_FLAG_OPEN_REPARSE_POINT | api::FILE_FLAG_DELETE_ON_CLOSE);
        match options.open(path) {
            // A link in its place is gone when it is closed, and the next attempt makes the file.
            Ok(file) => {
                let found = information(&file)?;
                let is_ours = found.attributes & api::FILE_ATTRIBUTE_REPARSE_POINT == 0;
                Ok(is_ours.then_some(Self(file)))
            }
            Err(error) if error.raw_os_error() == Some(api::ERROR_SHARING_VIOLATION) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
