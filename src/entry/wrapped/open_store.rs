//! An inner store that is open, as the sync engine knows it.

use windows_core::HRESULT;

use super::offline_ids;
use crate::abi::IMsgStore;
use crate::error::Status;
use crate::log;
use crate::store::Store;
use crate::view::Allocators;

/// The store inside a wrapped one. The worker holds it for a run (SYNC-21).
pub(crate) struct OpenStore {
    store: IMsgStore,
    allocators: Allocators,
}

impl OpenStore {
    pub(super) fn new(store: &IMsgStore, allocators: Allocators) -> Self {
        Self {
            store: store.clone(),
            allocators,
        }
    }

    /// The store as the team's logic has it.
    pub(crate) fn open(&self) -> Store<'_> {
        Store::from_interface(self.store.clone(), self.allocators)
    }

    /// Sees to the store's ranges of IDs before they are needed (WRAP-06).
    ///
    /// # Errors
    ///
    /// They can't be read, or not be written.
    pub(crate) fn prepare(&self) -> Result<(), HRESULT> {
        offline_ids::keep_filled(&self.store, self.allocators).inspect_err(|status| {
            log::warn!(status = %Status(*status), "the store's ranges of IDs can't be filled");
        })
    }
}
