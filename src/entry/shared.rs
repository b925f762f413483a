//! What all objects of one provider object share.

use super::open::Served;
use super::registry::Registry;
use crate::manifest::Manifest;
use mapi_provider_abi::view::Allocators;

/// What all objects of one provider object share, whose stores are of the class `S`.
pub(super) struct ProviderShared<S: Served> {
    pub(super) manifest: &'static Manifest,
    pub(super) allocators: Allocators,
    pub(super) registry: Registry<S>,
    /// What tells it from other provider objects of the process.
    pub(super) number: u64,
    /// MAPI was initialised by a Windows service (SYNC-20).
    pub(super) is_service: bool,
}
