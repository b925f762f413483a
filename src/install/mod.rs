//! Installing a provider: its sections in `mapisvc.inf`, the file that tells MAPI which message services there are.
//!
//! The DLL that `provider!` makes can do it itself, with its exports `MergeWithMAPISVC` and `RemoveFromMAPISVC`, and
//! `cargo mapi install` does it from outside. Both use this module. A file is replaced in one step, so if that is
//! interrupted, the old one remains; and what isn't the provider's stays byte for byte. Windows' own function for
//! such files, `WritePrivateProfileString`, does neither.

mod dll;
mod edit;
mod error;
mod file;
mod guard;
mod lines;
mod registration;
#[cfg(test)]
mod tests;
mod turn;

use std::path::PathBuf;

pub use self::dll::{DllName, DllNameError};
pub use self::edit::{Change, ChangeKind, Edit};
pub use self::error::InstallError;
pub use self::guard::{Problem, Refusal};
pub use self::registration::Registration;
pub use crate::manifest::InfSection;

/// The name of the file.
pub const MAPISVC_INF: &str = "mapisvc.inf";

/// The most bytes that a file may have. Outlook's has some ten thousand.
pub const LARGEST: u64 = 1 << 20;

/// Which `mapisvc.inf`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Target {
    /// This one.
    File(PathBuf),
    /// The first that is in one of these folders.
    Folders(Vec<PathBuf>),
}

impl Target {
    /// The file.
    ///
    /// # Errors
    ///
    /// None of the folders has one.
    fn locate(&self) -> Result<PathBuf, InstallError> {
        match self {
            Target::File(file) => Ok(file.clone()),
            Target::Folders(folders) => {
                let mut files = folders.iter().map(|folder| folder.join(MAPISVC_INF));
                let found = files.find(|file| file.is_file());
                found.ok_or_else(|| InstallError::NotFound(folders.clone()))
            }
        }
    }
}

/// How to go about it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Make a file if there is none.
    pub create: bool,
    /// Report what would change, and change nothing.
    pub dry_run: bool,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The file.
    pub file: PathBuf,
    /// What is different in it; empty if there was nothing to do, and then the file was not touched.
    pub changes: Vec<Change>,
}

/// Writes a provider into a file.
///
/// The file is replaced in one step, and keeps its owner and permissions. Threads and processes that install at the
/// same moment take turns: each holds a lock file beside the target. If anything else writes to the file meanwhile,
/// that is noticed, and the work is repeated, except in the instant between the last check and the replacement.
///
/// # Errors
///
/// The file is unchanged, and nothing else is left behind. (A process that was killed may leave a file with the
/// target's name followed by `.mapi-provider-`; the next one removes it.)
pub fn install(
    target: &Target,
    provider: &Registration,
    options: Options,
) -> Result<Outcome, InstallError> {
    file::edit(&target.locate()?, options, |text| provider.merge(text))
}

/// Removes a provider from a file. `create` means nothing here.
///
/// # Errors
///
/// As for [`install`].
pub fn uninstall(
    target: &Target,
    provider: &Registration,
    options: Options,
) -> Result<Outcome, InstallError> {
    let options = Options {
        create: false,
        ..options
    };
    file::edit(&target.locate()?, options, |text| provider.remove(text))
}
