//! Profiles on disk: loaded at once, saved through a temporary file.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process;

use super::{ProfileError, Section, SectionUid, text};

/// Reads the sections; none if there is no file.
pub(super) fn load(path: &Path) -> Result<BTreeMap<SectionUid, Section>, ProfileError> {
    let content = match fs::read_to_string(path) {
        Ok(content) => content,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => {
            return Err(ProfileError::Read {
                path: path.to_owned(),
                error,
            });
        }
    };
    text::parse(&content).map_err(|(line, what)| ProfileError::Malformed {
        path: path.to_owned(),
        line,
        what,
    })
}

/// Writes the sections: readers of the file see the old ones or the new ones, never half of them.
pub(super) fn save(
    path: &Path,
    sections: &BTreeMap<SectionUid, Section>,
) -> Result<(), ProfileError> {
    let temporary = beside(path);
    replace(path, &temporary, &text::format(sections)).map_err(|error| {
        // The remains of the attempt are of no use; if they can't be removed, that doesn't
        // matter.
        let _ = fs::remove_file(&temporary);
        ProfileError::Write {
            path: path.to_owned(),
            error,
        }
    })
}

fn replace(path: &Path, temporary: &Path, content: &str) -> io::Result<()> {
    let mut file = File::create(temporary)?;
    file.write_all(content.as_bytes())?;
    file.sync_all()?;
    drop(file);
    fs::rename(temporary, path)
}

/// A name in the same folder that no other process uses.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().map_or_else(OsString::new, OsString::from);
    name.push(format!(".{}.tmp", process::id()));
    path.with_file_name(name)
}
