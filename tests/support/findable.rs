//! A library where MAPI would find it: no folder of its path has a period in its name (ENTRY-13).

use std::fs;
use std::path::{Path, PathBuf};
use std::process;

/// The library itself, or a copy in the system's folder for such things if this checkout's path won't do.
pub(crate) fn findable(library: PathBuf) -> PathBuf {
    let folder = library.parent().unwrap_or(Path::new(""));
    if !folder.to_string_lossy().contains('.') {
        return library;
    }
    let place = std::env::temp_dir().join(format!("mapi-provider-{}", process::id()));
    let copy = place.join(library.file_name().unwrap_or_default());
    if !copy.exists() {
        fs::create_dir_all(&place).expect("a folder");
        fs::copy(&library, &copy).expect("readable and writable");
    }
    copy
}
