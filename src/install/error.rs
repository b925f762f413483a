//! Why nothing was installed.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::{self, PathBuf};

use windows_core::HRESULT;

use super::LARGEST;
use super::dll::DllNameError;
use super::guard::Refusal;
use super::turn::{self, PATIENCE};
use crate::error::io_code;
use mapi_provider_abi::mapi::{
    MAPI_E_COLLISION, MAPI_E_CORRUPT_DATA, MAPI_E_INVALID_PARAMETER, MAPI_E_NO_ACCESS,
    MAPI_E_NOT_FOUND,
};

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
    /// It is a link to another file.
    Link(PathBuf),
    /// It is longer than [`LARGEST`](super::LARGEST), or would be with the provider in it.
    TooLarge(PathBuf),
    /// It may not be written to.
    ReadOnly(PathBuf),
    /// It can't be read.
    Unreadable(PathBuf, io::Error),
    /// It can't be written.
    Unwritable(PathBuf, io::Error),
    /// What takes its place can't be given to its owner.
    Owner(PathBuf, io::Error),
    /// Another installer doesn't end; that file is its.
    Waited(PathBuf, PathBuf),
    /// MAPI would not find the DLL where it lies (ENTRY-13).
    Dll(PathBuf, DllNameError),
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
            InstallError::NotAFile(_) => "name a mapisvc.inf".into(),
            InstallError::TooLarge(_) => {
                "name a mapisvc.inf, or take out of this one what nobody needs".into()
            }
            InstallError::Link(_) => "name the file that it leads to".into(),
            InstallError::Owner(..) => "install as its owner, or as an administrator".into(),
            InstallError::Waited(_, lock) => {
                format!("end the other installer, which has {} open", lock.display())
            }
            InstallError::Dll(_, error) => error.help(),
            InstallError::ReadOnly(_) => {
                "take its read-only attribute away, or install as an administrator".into()
            }
            InstallError::Unreadable(..) => "see to it that the file can be read".into(),
            InstallError::Unwritable(file, _) if turn::is_own(file) => {
                "remove it, where no other installer is at work: one that was killed may have left it".into()
            }
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
            InstallError::ReadOnly(_)
            | InstallError::Busy(_)
            | InstallError::Waited(..)
            | InstallError::Owner(..)
            | InstallError::Link(_) => MAPI_E_NO_ACCESS,
            InstallError::Dll(..) => MAPI_E_INVALID_PARAMETER,
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
                let largest = LARGEST >> 20;
                write!(
                    f,
                    "{} is larger than {largest} MiB, or would be: no mapisvc.inf is",
                    file.display()
                )
            }
            InstallError::Link(file) => write!(f, "{} is a link", file.display()),
            InstallError::Owner(file, error) => write!(
                f,
                "what takes the place of {} can't be given to the same owner: {error}",
                file.display()
            ),
            InstallError::Waited(file, _) => write!(
                f,
                "another installer has been changing {} for {} seconds",
                file.display(),
                PATIENCE.as_secs()
            ),
            InstallError::Dll(file, error) => {
                write!(f, "MAPI would not find {}: {error}", file.display())
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
            InstallError::Unreadable(_, error)
            | InstallError::Unwritable(_, error)
            | InstallError::Owner(_, error) => Some(error),
            InstallError::Dll(_, error) => Some(error),
            _ => None,
        }
    }
}
