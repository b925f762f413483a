//! The folder for a demo or a run.

use std::fs;
use std::io;
use std::path::{Path, PathBuf, absolute};
use std::{env, process};

use crate::failure::Failure;

/// A folder of our own. It is removed in the end, unless it is kept.
pub(crate) struct Folder {
    path: PathBuf,
    keep: bool,
}

impl Folder {
    /// Makes a fresh folder, or uses the one that the user names, if it is empty.
    pub(crate) fn create(named: Option<&Path>, keep: bool) -> Result<Self, Failure> {
        match named {
            Some(path) => Ok(Self {
                path: take(path)?,
                keep: true,
            }),
            None => Ok(Self {
                path: fresh()?,
                keep,
            }),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The folder, if it is kept.
    pub(super) fn kept(&self) -> Option<&Path> {
        self.keep.then_some(&*self.path)
    }

    /// Copies a file into the folder, so nobody changes it while it is used.
    pub(super) fn adopt(&self, file: &Path) -> Result<PathBuf, Failure> {
        let copy = self.path.join(file.file_name().unwrap_or_default());
        fs::copy(file, &copy)
            .map_err(|error| Failure::new(format!("can't copy {}: {error}", file.display())))?;
        Ok(copy)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.keep {
            // It is among temporary files; if it can't be removed now, it will be some day.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

fn take(path: &Path) -> Result<PathBuf, Failure> {
    let failed = |error: io::Error| {
        Failure::new(format!("can't use the folder {}: {error}", path.display()))
    };
    fs::create_dir_all(path).map_err(failed)?;
    if fs::read_dir(path).map_err(failed)?.next().is_some() {
        return Err(Failure::new(format!(
            "the folder {} is not empty",
            path.display()
        )));
    }
    absolute(path).map_err(failed)
}

fn fresh() -> Result<PathBuf, Failure> {
    let parent = env::temp_dir();
    let failed = |error: io::Error| {
        Failure::new(format!(
            "can't make a folder in {}: {error}",
            parent.display()
        ))
    };
    for attempt in 0.. {
        let path = parent.join(format!("cargo-mapi-{}-{attempt}", process::id()));
        match fs::create_dir(&path) {
            // It belongs to another demo, or to an interrupted one.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < 100 => {}
            made => return made.and_then(|()| absolute(&path)).map_err(failed),
        }
    }
    Err(failed(io::ErrorKind::AlreadyExists.into()))
}

#[cfg(test)]
mod tests {
    use super::Folder;
    use std::fs;

    #[test]
    fn a_fresh_folder_goes_and_a_named_one_stays() {
        let fresh = Folder::create(None, false).expect("made");
        let other = Folder::create(None, true).expect("made");
        let (path, kept) = (fresh.path().to_owned(), other.path().to_owned());
        assert_ne!(path, kept);
        fs::write(path.join("file"), "").expect("writable");
        drop((fresh, other));
        assert!(!path.exists() && kept.exists());
        drop(Folder::create(Some(&kept), false).expect("empty"));
        assert!(kept.exists());
        fs::remove_dir(kept).expect("there");
    }

    #[test]
    fn a_folder_with_something_in_it_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("file"), "mine").expect("writable");
        assert!(Folder::create(Some(folder.path()), false).is_err());
        assert!(Folder::create(Some(&folder.path().join("file")), false).is_err());
        assert_eq!(
            fs::read(folder.path().join("file")).expect("there"),
            b"mine"
        );
    }
}
