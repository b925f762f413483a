//! Why a store can't be filled.

use std::io;
use std::path::{Path, PathBuf};

use mapi_provider::store::StoreError;

/// Why a store can't be filled from a PST file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FillError {
    /// The file is no PST file, or can't be read.
    #[error("can't read the PST file {}: {error}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The file is damaged in a way that its reader does not expect.
    #[error("the PST file {} is damaged", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// The store does not take what is in the file.
    #[error("the store can't be filled: {0}")]
    Store(#[from] StoreError),
}

impl FillError {
    pub(super) fn read(path: &Path, error: io::Error) -> Self {
        Self::Read {
            path: path.to_owned(),
            error,
        }
    }

    pub(super) fn damaged(path: &Path) -> Self {
        Self::Damaged {
            path: path.to_owned(),
        }
    }
}
