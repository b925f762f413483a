//! What all objects of one provider object share, of a provider around another one.

use super::super::registry::Registry;
use super::super::synchronize::MapiSync;
use super::inside::Inside;
use super::store::WrappedStore;
use super::turns::Turns;
use crate::manifest::Manifest;
use mapi_provider_abi::view::Allocators;

/// What all objects of one provider object share.
pub(super) struct WrappedShared<L: MapiSync> {
    pub(super) manifest: &'static Manifest,
    /// Whose provider is inside.
    pub(super) inside: &'static dyn Inside,
    pub(super) allocators: Allocators,
    pub(super) registry: Registry<WrappedStore<L>>,
    pub(super) turns: Turns,
    /// What tells it from other provider objects of the process.
    pub(super) number: u64,
    /// MAPI was initialised by a Windows service (SYNC-20).
    pub(super) is_service: bool,
}
