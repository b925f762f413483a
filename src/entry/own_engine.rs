//! The engine of a store that has nothing of this crate's but the synchronisation.

use std::sync::Arc;

use super::profile::ProfileSection;
use super::sections::LogonSections;
use crate::sync::{BackgroundSync, SyncEngine};
use mapi_provider_abi::mapi::IProfSect;
use mapi_provider_abi::view::Allocators;

impl<L: BackgroundSync> SyncEngine<L> {
    /// An engine for a store whose entry points and logon are your own, with its first and only logon.
    ///
    /// `section` is the store's section of the profile, where the cursor is kept, and the allocators that MAPI gave; without
    /// it runs have no cursor, and can't save one. It does what a manifest says that says nothing about it: requests during
    /// a run are merged (SYNC-15), the DLL stays loaded once a run has begun (SYNC-18), a logoff waits for five seconds
    /// (SYNC-16).
    ///
    /// An engine of its own knows nothing of others: for one section of a profile make one, and share it by clones.
    /// Other processes are not waited for.
    pub fn new(logic: L, section: Option<(IProfSect, Allocators)>) -> Self {
        let sections = section.map(|(section, allocators)| {
            let section = ProfileSection::new(section, allocators);
            Arc::new(LogonSections::alone(section)) as _
        });
        Self::alone(logic, sections)
    }
}
