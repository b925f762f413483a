//! What keeps the mail inside a store of ours, and where the two that can do so differ.

use std::path::Path;
use std::sync::Arc;

use windows_core::HRESULT;

use super::super::profile::ProfileSection;
use super::super::sections::service_at_logon;
use super::open_store::OpenStore;
use crate::error::LogonError;
use crate::manifest::Manifest;
use crate::sync::InnerStore;
use mapi_provider_abi::mapi::{IMAPISupport, IMsgStore, StoreLogonFlags};
use mapi_provider_abi::view::Allocators;

/// The provider inside, as far as it differs from others: Outlook's PST provider, or the mailbox engine.
pub(super) trait Inside: Sync {
    /// What it is called in error texts.
    fn name(&self) -> &'static str;

    /// What its stores are called there.
    fn store_name(&self) -> &'static str;

    /// Whether the store's entry IDs are of our own form. Then no others are taken, and the profile section says which
    /// store it is (ENTRY-12). Else the inner provider knows them.
    fn has_our_entry_ids(&self) -> bool;

    /// The flags of its logon.
    fn flags(&self, flags: StoreLogonFlags) -> StoreLogonFlags;

    /// The section of the profile that has the path of its file; `own` is the provider's own.
    ///
    /// # Errors
    ///
    /// There is none.
    fn section(
        &self,
        support: &IMAPISupport,
        own: &ProfileSection,
        allocators: Allocators,
    ) -> Result<ProfileSection, HRESULT>;

    /// The store that it has opened, for the runs.
    ///
    /// # Errors
    ///
    /// It can't be had.
    fn for_runs(
        &self,
        store: &IMsgStore,
        path: &Path,
        of: (&'static Manifest, Allocators),
    ) -> Result<Arc<dyn InnerStore>, LogonError>;
}

/// Outlook's own PST provider.
pub(super) struct Pst;

impl Inside for Pst {
    fn name(&self) -> &'static str {
        "the PST provider"
    }

    fn store_name(&self) -> &'static str {
        "the PST store"
    }

    fn has_our_entry_ids(&self) -> bool {
        false
    }

    /// WRAP-03: the inner store is an offline store, and a Unicode one.
    fn flags(&self, flags: StoreLogonFlags) -> StoreLogonFlags {
        let flags = flags | StoreLogonFlags::MDB_OST_LOGON_UNICODE;
        flags - StoreLogonFlags::MDB_OST_LOGON_ANSI
    }

    fn section(
        &self,
        support: &IMAPISupport,
        own: &ProfileSection,
        allocators: Allocators,
    ) -> Result<ProfileSection, HRESULT> {
        service_at_logon(support, own, allocators)
    }

    fn for_runs(
        &self,
        store: &IMsgStore,
        _: &Path,
        (_, allocators): (&'static Manifest, Allocators),
    ) -> Result<Arc<dyn InnerStore>, LogonError> {
        Ok(Arc::new(OpenStore::new(store, allocators)))
    }
}
