//! What a logon is made of: the directory, and MAPI's support object until Logoff.

use std::sync::{Arc, Mutex, PoisonError};

use windows_core::HRESULT;

use crate::address_book::{AddressBook, Directory};
use crate::entry::support::Support;
use mapi_provider_abi::mapi::{
    ModifyStatusRowFlags, PR_DISPLAY_NAME_W, PR_PROVIDER_DISPLAY_W, PR_RESOURCE_METHODS,
    PR_STATUS_CODE, PR_STATUS_STRING_W, ResourceMethods, StatusFlags,
};
use mapi_provider_abi::view::{Allocators, Property};

/// A directory, with the support object that it came with.
pub(super) struct Attached<L: AddressBook> {
    pub(super) directory: Arc<Directory<L>>,
    pub(super) allocators: Allocators,
    support: Mutex<Option<Arc<Support>>>,
}

impl<L: AddressBook> Attached<L> {
    pub(super) fn new(
        directory: Directory<L>,
        allocators: Allocators,
        support: Support,
    ) -> Arc<Self> {
        Arc::new(Self {
            directory: Arc::new(directory),
            allocators,
            support: Mutex::new(Some(Arc::new(support))),
        })
    }

    /// The support object, for one call; none after Logoff. It is counted by us, not by MAPI, because that would be a
    /// foreign call under a lock (SYNC-19).
    fn support(&self) -> Option<Arc<Support>> {
        let support = self.support.lock().unwrap_or_else(PoisonError::into_inner);
        support.clone()
    }

    /// Without a reference of its own, which could be the last one after Logoff.
    pub(super) fn is_closed(&self) -> bool {
        let support = self.support.lock().unwrap_or_else(PoisonError::into_inner);
        support.is_none()
    }

    /// AB-05: tells MAPI the whole row, once, at the logon.
    pub(super) fn first_row(&self) -> Result<(), HRESULT> {
        let Some(support) = self.support() else {
            return Ok(());
        };
        let row = self.status_row();
        let count = row.len() as u32;
        let row = self.allocators.properties(&row)?;
        let flags = ModifyStatusRowFlags::empty();
        // SAFETY: as many properties as the count says, which MAPI copies.
        let result = unsafe {
            support
                .interface()
                .ModifyStatusRow(count, row.as_ptr(), flags)
        };
        result.ok().map_err(|error| error.code())
    }

    /// AB-05: all that a provider says, and nothing of what MAPI says.
    pub(super) fn status_row(&self) -> Vec<Property<'static>> {
        let name = self.directory.book.name;
        vec![
            Property::new(PR_DISPLAY_NAME_W, name),
            Property::new(PR_PROVIDER_DISPLAY_W, name),
            Property::new(PR_STATUS_CODE, StatusFlags::AVAILABLE.bits() as i32),
            Property::new(PR_STATUS_STRING_W, "Available"),
            Property::new(
                PR_RESOURCE_METHODS,
                ResourceMethods::VALIDATE_STATE.bits() as i32,
            ),
        ]
    }

    /// AB-34: ends all lookups; the support object goes last. Twice is the same.
    pub(super) fn log_off(&self) {
        self.directory.close();
        let support = {
            let mut support = self.support.lock().unwrap_or_else(PoisonError::into_inner);
            support.take()
        };
        drop(support);
    }
}

/// A Release without Logoff is the same as one (AB-34).
impl<L: AddressBook> Drop for Attached<L> {
    fn drop(&mut self) {
        self.log_off();
    }
}
