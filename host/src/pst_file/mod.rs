//! Fills a store from a PST file: to see real folders and messages where otherwise there would be invented ones.
//!
//! The file is read by a reader of our own. `docs/pst.md` says why, and what it reads.

mod error;
mod fill;
mod names;
mod read;
mod source;
mod subject;

use std::path::Path;

use mapi_provider::abi::IMsgStore;
use mapi_provider::store::Store;
use mapi_provider::view::Allocators;

pub use self::error::FillError;
use self::fill::Filling;
use self::source::Source;
use crate::untrusted::Untrusted;

/// How much a store was filled with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Filled {
    /// Folders, those that were there already included.
    pub folders: usize,
    /// Messages, those in attachments left out.
    pub messages: usize,
    /// Attachments, those of messages in attachments included.
    pub attachments: usize,
    /// What could not be read, or the store did not take: a sentence each, with the folder and the subject of the
    /// message. The first hundred are named.
    pub skipped: Vec<Untrusted>,
    /// How much was skipped besides.
    pub more_skipped: usize,
}

/// Copies the folders of a PST file into a store: those that its user sees, with their messages, and with the
/// properties, recipients and attachments of these. Folders that the store has already are filled up.
///
/// `allocators` are those that the store was opened with. What can't be read is skipped, and told.
///
/// # Errors
///
/// The file is no PST file or can't be read at all, or the store takes no folders or messages.
pub fn fill(store: &IMsgStore, allocators: Allocators, path: &Path) -> Result<Filled, FillError> {
    let store = Store::from_interface(store.clone(), allocators);
    let source = Source::open(path).map_err(|refusal| FillError::refused(path, refusal))?;
    let top = source.top_folder();
    let top = top.map_err(|error| FillError::read(path, error))?;
    let folder = source.folder(top);
    let folder = folder.map_err(|error| FillError::read(path, error))?;
    let mut filling = Filling::new(&source, &store, top);
    filling.folder(&folder, &store.ipm_subtree()?, 0)?;
    Ok(filling.filled)
}
