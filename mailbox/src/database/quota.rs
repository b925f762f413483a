//! For tests: a disk that is full.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use super::error::{Error, Result};

/// How many bytes a store's files may have.
static MOST: AtomicU64 = AtomicU64::new(u64::MAX);

/// From now on, nothing is written in this process to a store whose files have as many bytes as this, as if the disk were
/// full. `u64::MAX` ends that.
pub fn set_quota(bytes: u64) {
    MOST.store(bytes, Ordering::Relaxed);
}

/// # Errors
///
/// The disk is full.
pub(super) fn check(store: &Path) -> Result<()> {
    let most = MOST.load(Ordering::Relaxed);
    if most == u64::MAX {
        return Ok(());
    }
    let mut log = store.as_os_str().to_owned();
    log.push("-wal");
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
    match size(store) + size(Path::new(&log)) >= most {
        true => Err(Error::DiskFull),
        false => Ok(()),
    }
}
