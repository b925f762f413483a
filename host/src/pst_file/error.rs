//! Why a store can't be filled.

use std::path::{Path, PathBuf};

use mapi_provider::store::StoreError;

use super::read::Refusal;

/// Why a store can't be filled from a PST file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FillError {
    /// The file is an OST file.
    #[error(
        "{} is an OST file, Outlook's copy of a mailbox on a server, and only PST files can be read; Outlook exports one: \
         File, Open & Export, Import/Export, Export to a file", path.display()
    )]
    Ost {
        /// The file.
        path: PathBuf,
    },
    /// The file is not a PST file.
    #[error("{} is not a PST file: it doesn't begin like one", path.display())]
    NotPst {
        /// The file.
        path: PathBuf,
    },
    /// The file, or a part of it that everything else depends on, can't be read.
    #[error("can't read the PST file {}: {why}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// The store does not accept the contents of the file.
    #[error("the store can't be filled: {0}")]
    Store(#[from] StoreError),
}

impl FillError {
    pub(super) fn read(path: &Path, why: impl ToString) -> Self {
        Self::Read {
            path: path.to_owned(),
            why: why.to_string(),
        }
    }

    pub(super) fn refused(path: &Path, refusal: Refusal) -> Self {
        let path = path.to_owned();
        match refusal {
            Refusal::Ost => Self::Ost { path },
            Refusal::Other => Self::NotPst { path },
            Refusal::Unreadable(error) => Self::read(&path, error),
        }
    }
}
