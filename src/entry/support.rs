//! The support object: what MAPI does for us during a logon.

use std::ffi::c_void;
use std::ptr;

use windows_core::{HRESULT, Interface};

use super::limits;
use super::profile::ProfileSection;
use crate::log;
use crate::status::Status;
use mapi_provider_abi::mapi::{
    IMAPISupport, IProfSect, LogoffFlags, MAPIUID, OpenProfileSectionFlags, S_OK,
};
use mapi_provider_abi::view::{Allocators, EntryId};

/// MAPI's support object.
#[derive(Clone)]
#[repr(transparent)]
pub(crate) struct Support(IMAPISupport);

impl Support {
    /// The support object at a pointer, not counted; `None` for NULL.
    ///
    /// # Safety
    ///
    /// `support` is NULL or a support object.
    pub(crate) unsafe fn borrow(support: &*mut c_void) -> Option<&Self> {
        // SAFETY: the caller's word; the type is a transparent interface pointer.
        (!support.is_null()).then(|| unsafe { &*(&raw const *support).cast::<Self>() })
    }

    /// The support object, counted.
    #[cfg(feature = "mailbox")]
    pub(super) fn of(support: IMAPISupport) -> Self {
        Self(support)
    }

    /// MAPI's interface.
    pub(super) fn interface(&self) -> &IMAPISupport {
        &self.0
    }

    /// The provider's own section of the profile: for writing if allowed, else for reading.
    ///
    /// # Errors
    ///
    /// There is none.
    pub(crate) fn own_section(&self, allocators: Allocators) -> Result<ProfileSection, HRESULT> {
        let section = self
            .open_section(OpenProfileSectionFlags::MAPI_MODIFY)
            .or_else(|_| self.open_section(OpenProfileSectionFlags::empty()))?;
        Ok(ProfileSection::new(section, allocators))
    }

    fn open_section(&self, flags: OpenProfileSectionFlags) -> Result<IProfSect, HRESULT> {
        let mut section = ptr::null_mut();
        // SAFETY: NULL stands for the provider's own section; the variable is live.
        let result = unsafe {
            self.0
                .OpenProfileSection(ptr::null_mut(), flags, &raw mut section)
        };
        if result.is_err() || section.is_null() {
            return Err(if result.is_err() {
                result
            } else {
                mapi_provider_abi::mapi::MAPI_E_NOT_FOUND
            });
        }
        // SAFETY: a profile section, and the reference is ours.
        Ok(unsafe { IProfSect::from_raw(section) })
    }

    /// Registers the MAPIUID in the provider's entry IDs. Without it MAPI can't route them to us, but
    /// the store itself works, so a failure is logged.
    pub(crate) fn set_provider_uid(&self, uid: &[u8; 16]) {
        let mut uid = MAPIUID { ab: *uid };
        // SAFETY: a live structure.
        let result = unsafe { self.0.SetProviderUID(&raw mut uid, 0) };
        if result.is_err() {
            log::warn!(status = %Status(result), "SetProviderUID failed");
        }
    }

    /// The entry ID that clients see for the store's own one; `None` if MAPI does not make one.
    pub(crate) fn wrap_store_entry_id(
        &self,
        allocators: Allocators,
        own: &[u8],
    ) -> Option<Vec<u8>> {
        let (mut size, mut wrapped) = (0, ptr::null_mut());
        // SAFETY: the entry ID is not changed by MAPI, and the variables are live.
        let result = unsafe {
            let own_id = own.as_ptr().cast_mut().cast();
            self.0
                .WrapStoreEntryID(own.len() as u32, own_id, &raw mut size, &raw mut wrapped)
        };
        if result.is_err() {
            return None;
        }
        // SAFETY: MAPI has answered NULL, or an entry ID of that size that is ours to free.
        let wrapped = unsafe { allocators.adopt(wrapped, size) }?;
        // SAFETY: as above.
        let entry_id = unsafe { EntryId::read(size, wrapped.as_ptr(), &limits::entry_id()) };
        entry_id.ok().map(|id| id.as_bytes().to_vec())
    }

    /// Asks the transports to leave the store (ENTRY-09).
    pub(crate) fn store_logoff_transports(&self, mut flags: LogoffFlags) {
        // SAFETY: a live variable.
        let result = unsafe { self.0.StoreLogoffTransports(&raw mut flags) };
        if result.is_err() {
            log::warn!(status = %Status(result), "StoreLogoffTransports failed");
        }
    }

    /// The allocators that MAPI gives when there was no init call: to a message service.
    pub(crate) fn allocators(&self) -> Option<Allocators> {
        let (mut allocate, mut more, mut free) = (None, None, None);
        // SAFETY: live variables.
        let result = unsafe {
            self.0
                .GetMemAllocRoutines(&raw mut allocate, &raw mut more, &raw mut free)
        };
        if result != S_OK {
            return None;
        }
        // SAFETY: MAPI's own functions, which stay for as long as the process.
        unsafe { Allocators::new(allocate, more, free) }
    }
}
