//! Fills a store from a PST file, to see real folders and messages instead of invented ones.
//!
//! The file is read by our own reader. `docs/pst.md` says why, and what it reads.

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
    /// Folders, including those that already existed.
    pub folders: usize,
    /// Messages, without those in attachments.
    pub messages: usize,
    /// Attachments, including those of messages in attachments.
    pub attachments: usize,
    /// What could not be read, or the store refused: a sentence each, with the folder and the subject of the
    /// message. The first hundred are named.
    pub skipped: Vec<Untrusted>,
    /// How many more things were skipped.
    pub more_skipped: usize,
}

/// Copies the folders of a PST file into a store: those that the user sees, with their messages, and the
/// messages' properties, recipients and attachments. Messages are added to folders that the store already
/// has.
///
/// `allocators` are those that the store was opened with. What can't be read is skipped, and reported.
///
/// # Errors
///
/// The file is not a PST file or can't be read at all, or the store accepts no folders or messages.
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
