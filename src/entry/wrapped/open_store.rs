//! An inner store that is open, as the sync engine knows it.

use windows_core::HRESULT;

use super::offline_ids;
use crate::log;
use crate::status::Status;
use crate::store::Store;
use crate::sync::InnerStore;
use mapi_provider_abi::mapi::IMsgStore;
use mapi_provider_abi::view::Allocators;

/// The store inside a wrapped one. The worker holds it for a run (SYNC-21).
pub(super) struct OpenStore {
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
}

impl InnerStore for OpenStore {
    fn open(&self) -> Store<'_> {
        Store::from_interface(self.store.clone(), self.allocators)
    }

    /// The store's ranges of IDs are filled before they are needed (WRAP-06).
    fn prepare(&self) -> Result<(), HRESULT> {
        offline_ids::keep_filled(&self.store, self.allocators).inspect_err(|status| {
            log::warn!(status = %Status(*status), "the store's ranges of IDs can't be filled");
        })
    }
}
