//! Where the files go: into a folder that was empty, and none over another.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::name::safe;
use crate::failure::Failure;

/// Where the files go.
pub(super) struct Target {
    top: PathBuf,
    /// The folders by the names that they have in the mailbox.
    made: HashMap<Vec<String>, PathBuf>,
    /// The names that are taken in each folder, as both systems compare them, each with the number that the next one of that
    /// name gets. In place of a name is a number made of it: there may be a million.
    taken: HashMap<PathBuf, HashMap<u64, u64>>,
}

impl Target {
    /// Makes the folder; one that is there must be empty.
    pub(super) fn create(top: &Path) -> Result<Self, Failure> {
        let made = match fs::create_dir(top) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => is_empty(top),
            other => other.map(|()| true),
        };
        match made {
            Ok(true) => {}
            Ok(false) => {
                return Err(Failure::new(format!(
                    "{} is not empty: name a folder that is not there yet",
                    top.display()
                )));
            }
            Err(error) => return Err(cant_write(top, &error)),
        }
        Ok(Self {
            top: top.to_owned(),
            made: HashMap::from([(Vec::new(), top.to_owned())]),
            taken: HashMap::new(),
        })
    }

    /// How many folders were made, besides the one that they are in.
    pub(super) fn folders(&self) -> usize {
        self.made.len() - 1
    }

    /// The folder for the one of these names, with all those around it.
    pub(super) fn folder(&mut self, names: &[String]) -> Result<PathBuf, Failure> {
        let mut path = self.top.clone();
        for count in 1..=names.len() {
            let (known, name) = (names.get(..count), names.get(count - 1));
            let (Some(known), Some(name)) = (known, name) else {
                continue;
            };
            path = match self.made.get(known) {
                Some(made) => made.clone(),
                None => {
                    let make = |path: &Path| fs::create_dir(path);
                    let (made, ()) = self.free(&path, &safe(name), "", make)?;
                    self.made.insert(known.to_vec(), made.clone());
                    made
                }
            };
        }
        Ok(path)
    }

    /// Saves a file in a folder of the mailbox.
    pub(super) fn save(
        &mut self,
        folder: &[String],
        name: &str,
        octets: &[u8],
    ) -> Result<(), Failure> {
        let folder = self.folder(folder)?;
        let make = |path: &Path| OpenOptions::new().write(true).create_new(true).open(path);
        let (path, mut file) = self.free(&folder, name, ".eml", make)?;
        file.write_all(octets).map_err(|error| {
            drop(file);
            // Half a file is none.
            let _ = fs::remove_file(&path);
            cant_write(&path, &error)
        })
    }

    /// Makes something of a name in a folder, with a number after the name if it is taken.
    fn free<T>(
        &mut self,
        folder: &Path,
        name: &str,
        ending: &str,
        make: impl Fn(&Path) -> io::Result<T>,
    ) -> Result<(PathBuf, T), Failure> {
        let taken = self.taken.entry(folder.to_owned()).or_default();
        let plain = compared(&format!("{name}{ending}"));
        let mut number = taken.get(&plain).copied().unwrap_or(1);
        loop {
            let numbered = match number {
                1 => format!("{name}{ending}"),
                _ => format!("{name} ({number}){ending}"),
            };
            number += 1;
            let key = compared(&numbered);
            if key != plain && taken.contains_key(&key) {
                continue;
            }
            taken.insert(key, 2);
            taken.insert(plain, number);
            let path = folder.join(&numbered);
            match make(&path) {
                Ok(made) => return Ok((path, made)),
                // The system compares names in yet another way.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(cant_write(&path, &error)),
            }
        }
    }
}

/// The same number for names that Windows takes for the same.
fn compared(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.to_uppercase().to_lowercase().hash(&mut hasher);
    hasher.finish()
}

fn is_empty(folder: &Path) -> io::Result<bool> {
    Ok(fs::read_dir(folder)?.next().is_none())
}

fn cant_write(path: &Path, error: &io::Error) -> Failure {
    Failure::new(format!(
        "can't write {}: {error}. What was exported before is there",
        path.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let files = fs::read_dir(folder).expect("there");
        let mut names: Vec<String> = files
            .map(|file| {
                file.expect("readable")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        names.sort();
        names
    }

    #[test]
    fn no_file_takes_anothers_place() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut target = Target::create(folder.path()).expect("it is empty");
        for name in ["a", "A", "a", "b (2)", "b", "b"] {
            target.save(&[], name, name.as_bytes()).expect("saved");
        }
        assert_eq!(
            names(folder.path()),
            [
                "A (2).eml",
                "a (3).eml",
                "a.eml",
                "b (2).eml",
                "b (3).eml",
                "b.eml"
            ]
        );
        assert!(Target::create(folder.path()).is_err());
    }

    #[test]
    fn folders_of_one_safe_name_are_apart() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut target = Target::create(folder.path()).expect("it is empty");
        let names_of = |names: &[&str]| {
            names
                .iter()
                .map(|&name| name.to_owned())
                .collect::<Vec<_>>()
        };
        for path in [&["a:b", "x"][..], &["a?b"], &["a:b"], &["a_b", "x"]] {
            target.save(&names_of(path), "m", b"").expect("saved");
        }
        assert_eq!(names(folder.path()), ["a_b", "a_b (2)", "a_b (3)"]);
        assert_eq!(names(&folder.path().join("a_b")), ["m.eml", "x"]);
        assert_eq!(target.folders(), 5);
    }
}
