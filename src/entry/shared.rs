//! What all objects of one provider object share.

use super::registry::Registry;
use super::store::StoreObject;
use super::synchronize::MapiSync;
use crate::manifest::Manifest;
use mapi_provider_abi::view::Allocators;

/// What all objects of one provider object share.
pub(super) struct ProviderShared<L: MapiSync> {
    pub(super) manifest: &'static Manifest,
    pub(super) allocators: Allocators,
    pub(super) registry: Registry<StoreObject<L>>,
    /// What tells it from other provider objects of the process.
    pub(super) number: u64,
    /// MAPI was initialised by a Windows service (SYNC-20).
    pub(super) is_service: bool,
}
