//! The machine to examine: this one, or one that a test describes.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Everything there is to know about a machine.
pub(super) trait Machine {
    /// What a program prints; `None` if it is missing, or fails.
    fn ask(&self, program: &str, args: &[&str]) -> Option<String>;

    /// Whether a program is on the path.
    fn has(&self, program: &str) -> bool;

    /// The names of the files in a folder; none if there is no such folder.
    fn names_in(&self, folder: &Path) -> Vec<String>;

    /// A variable of the environment.
    fn variable(&self, name: &str) -> Option<String>;
}

/// The machine that we run on.
pub(super) struct ThisMachine;

impl Machine for ThisMachine {
    fn ask(&self, program: &str, args: &[&str]) -> Option<String> {
        let output = Command::new(program).args(args).output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        output.status.success().then_some(text)
    }

    fn has(&self, program: &str) -> bool {
        let path = env::var_os("PATH").unwrap_or_default();
        let name = format!("{program}{}", env::consts::EXE_SUFFIX);
        env::split_paths(&path).any(|folder| folder.join(&name).is_file())
    }

    fn names_in(&self, folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect()
    }

    fn variable(&self, name: &str) -> Option<String> {
        env::var(name).ok().filter(|value| !value.is_empty())
    }
}

/// Whether a file is there.
pub(super) fn exists(machine: &dyn Machine, path: &Path) -> bool {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return false;
    };
    let name = name.to_string_lossy();
    machine.names_in(folder).iter().any(|found| *found == name)
}
