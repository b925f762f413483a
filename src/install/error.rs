//! Why nothing was installed.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::{self, PathBuf};

use windows_core::HRESULT;

use super::guard::Refusal;
use crate::abi::{MAPI_E_COLLISION, MAPI_E_CORRUPT_DATA, MAPI_E_NO_ACCESS, MAPI_E_NOT_FOUND};
use crate::error::io_code;

/// Why nothing was installed or removed. The file is as it was.
#[derive(Debug)]
#[non_exhaustive]
pub enum InstallError {
    /// There is no such file.
    Missing(PathBuf),
    /// There is a `mapisvc.inf` in none of these folders.
    NotFound(Vec<PathBuf>),
    /// It is a folder, a device or a pipe.
    NotAFile(PathBuf),
    /// It is longer than any `mapisvc.inf`.
    TooLarge(PathBuf),
    /// It may not be written to.
    ReadOnly(PathBuf),
    /// It can't be read.
    Unreadable(PathBuf, io::Error),
    /// It can't be written.
    Unwritable(PathBuf, io::Error),
    /// Somebody else has written to it meanwhile, again and again.
    Busy(PathBuf),
    /// It should not be edited as it is.
    Refused(PathBuf, Box<Refusal>),
}

impl InstallError {
    /// What to do about it.
    pub fn help(&self) -> String {
        match self {
            InstallError::Missing(_) => {
                "name the mapisvc.inf in the folder of the MAPI that Outlook uses".into()
            }
            InstallError::NotFound(_) => "name the file: rundll32 DLL,MergeWithMAPISVC FILE".into(),
            InstallError::NotAFile(_) | InstallError::TooLarge(_) => "name a mapisvc.inf".into(),
            InstallError::ReadOnly(_) => {
                "take its read-only attribute away, or install as an administrator".into()
            }
            InstallError::Unreadable(..) => "see to it that the file can be read".into(),
            InstallError::Unwritable(..) => {
                "see to it that its folder can be written to and has room".into()
            }
            InstallError::Busy(_) => "wait until the other installation is done".into(),
            InstallError::Refused(_, refusal) => refusal.problem.help().into(),
        }
    }

    /// Does the file have sections or a key of this one's names that may be another provider's?
    pub fn is_foreign(&self) -> bool {
        matches!(self, InstallError::Refused(_, refusal) if refusal.problem.is_foreign())
    }

    /// The status code that fits it best.
    pub fn status(&self) -> HRESULT {
        match self {
            InstallError::Missing(_) | InstallError::NotFound(_) => MAPI_E_NOT_FOUND,
            InstallError::ReadOnly(_) | InstallError::Busy(_) => MAPI_E_NO_ACCESS,
            InstallError::Unreadable(_, error) | InstallError::Unwritable(_, error) => {
                io_code(error.kind())
            }
            InstallError::NotAFile(_) | InstallError::TooLarge(_) => MAPI_E_CORRUPT_DATA,
            InstallError::Refused(..) if self.is_foreign() => MAPI_E_COLLISION,
            InstallError::Refused(..) => MAPI_E_CORRUPT_DATA,
        }
    }
}

impl fmt::Display for InstallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InstallError::Missing(file) => {
                // Where it was looked for: a path on a command line is often a short one.
                let whole = path::absolute(file);
                let file = whole.as_ref().unwrap_or(file);
                write!(f, "there is no file {}", file.display())
            }
            InstallError::NotFound(folders) => {
                f.write_str("there is no mapisvc.inf in")?;
                for (index, folder) in folders.iter().enumerate() {
                    let separator = if index == 0 { "" } else { "," };
                    write!(f, "{separator} {}", folder.display())?;
                }
                if folders.is_empty() {
                    f.write_str(" any folder of MAPI's")?;
                }
                Ok(())
            }
            InstallError::NotAFile(file) => write!(f, "{} is not a file", file.display()),
            InstallError::TooLarge(file) => {
                write!(f, "{} is too large for a mapisvc.inf", file.display())
            }
            InstallError::ReadOnly(file) => write!(f, "{} is read-only", file.display()),
            InstallError::Unreadable(file, error) => {
                write!(f, "can't read {}: {error}", file.display())
            }
            InstallError::Unwritable(file, error) => {
                write!(f, "can't write {}: {error}", file.display())
            }
            InstallError::Busy(file) => {
                write!(f, "{} is being changed by somebody else", file.display())
            }
            InstallError::Refused(file, refusal) => {
                write!(
                    f,
                    "{}:{}: {}",
                    file.display(),
                    refusal.line,
                    refusal.problem
                )
            }
        }
    }
}

impl Error for InstallError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            InstallError::Unreadable(_, error) | InstallError::Unwritable(_, error) => Some(error),
            _ => None,
        }
    }
}
