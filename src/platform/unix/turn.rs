//! One process after the other.

use std::fs::File;
use std::io;
use std::path::Path;

/// The right to change files of a folder while others that ask for it wait. It ends on drop, and with the process
/// however that ends.
pub(crate) struct Turn(#[allow(dead_code, reason = "held")] File);

impl Turn {
    /// Waits for it.
    pub(crate) fn take(folder: &Path) -> io::Result<Self> {
        let folder = File::open(folder)?;
        folder.lock()?;
        Ok(Self(folder))
    }
}
