//! Which file a path leads to.

use std::io;
use std::path::Path;

/// Which file lies at a path. None: a file that SQLite has open can neither be deleted nor be moved away, so no other one
/// takes its place.
///
/// # Errors
///
/// There is none, or it can't be looked at.
pub fn file_identity(path: &Path) -> io::Result<Option<(u64, u64)>> {
    std::fs::metadata(path).map(|_| None)
}
