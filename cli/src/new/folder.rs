//! The folder of a new crate.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{self, Path};

use crate::failure::Failure;

/// Refuses a folder that already contains anything. Only git may have been there before.
///
/// # Errors
///
/// It isn't empty, or isn't a folder.
pub(super) fn refuse_unless_empty(folder: &Path) -> Result<(), Failure> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed("use", folder, &error)),
    };
    for entry in entries {
        let entry = entry.map_err(|error| failed("read", folder, &error))?;
        if entry.file_name() != ".git" {
            return Err(Failure::new(format!(
                "{} is not empty: name another folder, because nothing is overwritten",
                folder.display()
            )));
        }
    }
    Ok(())
}

/// Writes a new file, with the folders above it.
///
/// # Errors
///
/// It already exists, or can't be written.
pub(super) fn write_new(file: &Path, text: &str) -> Result<(), Failure> {
    let written = (|| {
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent)?;
        }
        let mut new = OpenOptions::new().write(true).create_new(true).open(file)?;
        new.write_all(text.as_bytes())
    })();
    written.map_err(|error: io::Error| failed("write", file, &error))
}

/// The last part of a folder's full path: the crate's default name.
pub(super) fn name_of(folder: &Path) -> Option<String> {
    let whole = path::absolute(folder).ok()?;
    Some(whole.file_name()?.to_string_lossy().into_owned())
}

fn failed(what: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::new(format!("can't {what} {}: {error}", path.display()))
}
