//! The file: read whole, replaced whole. Whoever looks sees the old one or the new one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{self, Path, PathBuf};
use std::process;
use std::thread;
use std::time::Duration;

use super::edit::Edit;
use super::error::InstallError;
use super::guard::Refusal;
use super::{Options, Outcome};
use crate::platform::Turn;

/// A `mapisvc.inf` has some ten thousand bytes.
const LARGEST: u64 = 16 << 20;

/// How often the work is done anew because somebody else was faster.
const ATTEMPTS: usize = 16;

/// How often a file that somebody has open is tried to be replaced: where readers keep others out, a virus scanner's
/// look or another installer's is over soon.
const REPLACINGS: usize = 20;
/// How long is waited between them.
const PAUSE: Duration = Duration::from_millis(20);

/// Edits a file.
pub(super) fn edit(
    path: &Path,
    options: Options,
    edit: impl Fn(&[u8]) -> Result<Edit, Refusal>,
) -> Result<Outcome, InstallError> {
    // Installers go one after the other. Where no turn can be had the last look before the replacing must do.
    let _turn = Turn::take(&folder_of(path));
    for _ in 0..ATTEMPTS {
        let before = read(path)?;
        if before.is_none() && !options.create {
            return Err(InstallError::Missing(path.to_owned()));
        }
        let text = before.as_deref().unwrap_or_default();
        let edit = edit(text)
            .map_err(|refusal| InstallError::Refused(path.to_owned(), Box::new(refusal)))?;
        let written = options.dry_run
            || edit.changes.is_empty()
            || replace(path, &edit.text, before.as_deref())?;
        if written {
            return Ok(Outcome {
                file: path.to_owned(),
                changes: edit.changes,
            });
        }
    }
    Err(InstallError::Busy(path.to_owned()))
}

/// The folder that a file really lies in, or is to lie in.
fn folder_of(path: &Path) -> PathBuf {
    let whole = fs::canonicalize(path).or_else(|_| path::absolute(path));
    let folder = whole.as_deref().ok().and_then(Path::parent);
    folder.unwrap_or(Path::new(".")).to_owned()
}

/// What is in the file; none where there is no file.
fn read(path: &Path) -> Result<Option<Vec<u8>>, InstallError> {
    let unreadable = |error| InstallError::Unreadable(path.to_owned(), error);
    // Before it is opened: a pipe would wait for somebody who writes.
    match fs::metadata(path) {
        Ok(found) if !found.is_file() => return Err(InstallError::NotAFile(path.to_owned())),
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    }
    let mut text = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    let length = file.take(LARGEST + 1).read_to_end(&mut text);
    if length.map_err(unreadable)? as u64 > LARGEST {
        return Err(InstallError::TooLarge(path.to_owned()));
    }
    Ok(Some(text))
}

/// Puts a new file in the place of the one that was read. Does nothing and answers false where that has changed.
fn replace(path: &Path, text: &[u8], before: Option<&[u8]>) -> Result<bool, InstallError> {
    let unwritable = |error| InstallError::Unwritable(path.to_owned(), error);
    let target = match before {
        // What a link points to, never the link.
        Some(_) => fs::canonicalize(path).map_err(unwritable)?,
        None => path.to_owned(),
    };
    if before.is_some() {
        writable(&target).map_err(|error| match error.kind() {
            ErrorKind::PermissionDenied => InstallError::ReadOnly(path.to_owned()),
            _ => unwritable(error),
        })?;
    }
    let temporary = Temporary::beside(&target).map_err(unwritable)?;
    temporary.fill(text, &target).map_err(unwritable)?;
    // As late as can be: whoever writes between here and the next step has his work undone.
    if read(path)?.as_deref() != before {
        return Ok(false);
    }
    temporary.become_file(&target).map_err(unwritable)?;
    Ok(true)
}

/// Whether a file may be written to. (To put another in its place asks for less: the folder's permission.)
fn writable(file: &Path) -> io::Result<()> {
    if fs::metadata(file)?.permissions().readonly() {
        return Err(ErrorKind::PermissionDenied.into());
    }
    OpenOptions::new().write(true).open(file).map(drop)
}

/// A file in the making, gone on drop.
struct Temporary {
    path: PathBuf,
    file: File,
    is_kept: bool,
}

impl Temporary {
    /// In the same folder, and so on the same volume.
    fn beside(target: &Path) -> io::Result<Self> {
        let mut name = target
            .file_name()
            .ok_or(ErrorKind::IsADirectory)?
            .to_owned();
        name.push(format!(".{}.tmp", process::id()));
        let path = target.with_file_name(name);
        // One of this name was left by a process that was killed, and had the number that is ours now.
        let _ = fs::remove_file(&path);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)?;
        Ok(Temporary {
            path,
            file,
            is_kept: false,
        })
    }

    /// All of the text, on the disk, with the permissions of the file that it is to replace.
    fn fill(&self, text: &[u8], target: &Path) -> io::Result<()> {
        (&self.file).write_all(text)?;
        if let Ok(found) = fs::metadata(target) {
            self.file.set_permissions(found.permissions())?;
        }
        self.file.sync_all()
    }

    fn become_file(mut self, target: &Path) -> io::Result<()> {
        rename_over(&self.path, target)?;
        self.is_kept = true;
        // The folder's entry too, where a folder can be opened. It isn't the file that failed where it can't.
        if let Some(folder) = target.parent().and_then(|folder| File::open(folder).ok()) {
            let _ = folder.sync_all();
        }
        Ok(())
    }
}

/// Renames a file over another, which somebody may have open for a moment.
fn rename_over(from: &Path, to: &Path) -> io::Result<()> {
    for _ in 1..REPLACINGS {
        match fs::rename(from, to) {
            Err(error) if error.kind() == ErrorKind::PermissionDenied => thread::sleep(PAUSE),
            done => return done,
        }
    }
    fs::rename(from, to)
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.is_kept {
            // The failure to write is the one to tell.
            let _ = fs::remove_file(&self.path);
        }
    }
}
