//! Which file a path leads to.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Which file lies at a path, as two numbers that no other file has as long as that one is open. None where a path can't
/// come to lead to another file as long as the one is open.
///
/// # Errors
///
/// There is none, or it can't be looked at.
pub fn file_identity(path: &Path) -> io::Result<Option<(u64, u64)>> {
    let found = std::fs::metadata(path)?;
    Ok(Some((found.dev(), found.ino())))
}
