//! The file is read as a whole and replaced as a whole. Readers see the old one or the new one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::edit::Edit;
use super::error::InstallError;
use super::guard::Refusal;
use super::turn::{self, PATIENCE, beside};
use super::{LARGEST, Options, Outcome};
use crate::platform::{Looks, open_itself};

/// How often the work is repeated because somebody else was faster.
const ATTEMPTS: usize = 16;

/// How often we try to replace a file that somebody has open: readers may keep others out, but a virus scanner is
/// soon done.
const REPLACINGS: usize = 20;
/// How long to wait between attempts.
const PAUSE: Duration = Duration::from_millis(20);

/// Edits a file.
pub(super) fn edit(
    path: &Path,
    options: Options,
    edit: impl Fn(&[u8]) -> Result<Edit, Refusal>,
) -> Result<Outcome, InstallError> {
    edit_within(PATIENCE, path, options, edit)
}

/// The same with another patience for other installers.
pub(super) fn edit_within(
    patience: Duration,
    path: &Path,
    options: Options,
    edit: impl Fn(&[u8]) -> Result<Edit, Refusal>,
) -> Result<Outcome, InstallError> {
    let done = |edit: Edit| Outcome {
        file: path.to_owned(),
        changes: edit.changes,
    };
    let look = || -> Result<_, InstallError> {
        let before = read(path)?;
        if before.is_none() && !options.create {
            return Err(InstallError::Missing(path.to_owned()));
        }
        let text = before.as_ref().map_or(&b""[..], |found| &found.text);
        let edit = edit(text)
            .map_err(|refusal| InstallError::Refused(path.to_owned(), Box::new(refusal)))?;
        // What is installed can be removed again: nobody would read a larger file.
        if edit.text.len() as u64 > LARGEST {
            return Err(InstallError::TooLarge(path.to_owned()));
        }
        Ok((before, edit))
    };
    // If there is nothing to change, no turn and no right to write are needed.
    let (before, first) = look()?;
    if options.dry_run || first.changes.is_empty() {
        return Ok(done(first));
    }
    if before.is_some() {
        writable(path)?;
    }
    let _turn = turn::take(path, patience)?;
    for _ in 0..ATTEMPTS {
        let (before, edit) = look()?;
        if edit.changes.is_empty() || replace(path, &edit.text, before.as_ref())? {
            return Ok(done(edit));
        }
    }
    Err(InstallError::Busy(path.to_owned()))
}

/// A file that was read.
struct Found {
    text: Vec<u8>,
    looks: Looks,
}

/// The contents of the file; `None` if there is no file. It is never opened through a link (SYNC-23).
fn read(path: &Path) -> Result<Option<Found>, InstallError> {
    // Before it is opened: a folder can't be, and says less.
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => return Err(InstallError::Link(path.to_owned())),
        Ok(found) if !found.is_file() => return Err(InstallError::NotAFile(path.to_owned())),
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(InstallError::Unreadable(path.to_owned(), error)),
    }
    let failed = |error: io::Error| match error.kind() {
        ErrorKind::TooManyLinks => InstallError::Link(path.to_owned()),
        ErrorKind::InvalidInput => InstallError::NotAFile(path.to_owned()),
        _ => InstallError::Unreadable(path.to_owned(), error),
    };
    let file = open_itself(path, OpenOptions::new().read(true)).map_err(failed)?;
    let looks = Looks::of(&file).map_err(failed)?;
    let mut text = Vec::new();
    let length = file.take(LARGEST + 1).read_to_end(&mut text);
    if length.map_err(failed)? as u64 > LARGEST {
        return Err(InstallError::TooLarge(path.to_owned()));
    }
    Ok(Some(Found { text, looks }))
}

/// Replaces the file that was read by a new one. If it has changed, does nothing and returns false.
fn replace(path: &Path, text: &[u8], before: Option<&Found>) -> Result<bool, InstallError> {
    let unwritable = |error| InstallError::Unwritable(path.to_owned(), error);
    let looks = before.map(|found| &found.looks);
    let new = New::beside(path, looks)?;
    if let Some(looks) = looks {
        let owner = |error| InstallError::Owner(path.to_owned(), error);
        looks.give(&new.file).map_err(owner)?;
    }
    new.fill(text).map_err(unwritable)?;
    // As late as possible: anything written between here and the next step is lost.
    if read(path)?.map(|found| found.text).as_ref() != before.map(|found| &found.text) {
        return Ok(false);
    }
    new.become_file(path).map_err(unwritable)?;
    Ok(true)
}

/// Whether a file may be written to. (To put another in its place asks for less: the folder's permission.)
fn writable(path: &Path) -> Result<(), InstallError> {
    let failed = |error: io::Error| match error.kind() {
        ErrorKind::PermissionDenied => InstallError::ReadOnly(path.to_owned()),
        _ => InstallError::Unwritable(path.to_owned(), error),
    };
    let file = open_itself(path, OpenOptions::new().write(true)).map_err(failed)?;
    if file.metadata().map_err(failed)?.permissions().readonly() {
        return Err(InstallError::ReadOnly(path.to_owned()));
    }
    Ok(())
}

/// A file in the making, gone on drop.
struct New {
    path: PathBuf,
    file: File,
    is_kept: bool,
}

impl New {
    /// In the same folder, and so on the same volume. It is made anew, so that what a link of its name leads to is in
    /// no danger.
    fn beside(target: &Path, looks: Option<&Looks>) -> Result<Self, InstallError> {
        let path = beside(target, "new");
        // One of this name was left by an installer that was killed: whoever has the turn is the only one.
        let _ = fs::remove_file(&path);
        let file = match looks {
            Some(looks) => looks.create(&path),
            None => OpenOptions::new().write(true).create_new(true).open(&path),
        };
        match file {
            Ok(file) => Ok(New {
                path,
                file,
                is_kept: false,
            }),
            Err(error) => Err(InstallError::Unwritable(path, error)),
        }
    }

    /// All of the text, on the disk.
    fn fill(&self, text: &[u8]) -> io::Result<()> {
        (&self.file).write_all(text)?;
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

impl Drop for New {
    fn drop(&mut self) {
        if !self.is_kept {
            // The failure to write is the one to tell.
            let _ = fs::remove_file(&self.path);
        }
    }
}
