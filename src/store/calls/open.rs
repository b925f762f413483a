//! OpenEntry, which stores and folders have.

use std::ffi::c_void;
use std::ptr;

use windows_core::{HRESULT, Interface};

use super::{Call, Object, StoreError};
use mapi_provider_abi::mapi::{
    ENTRYID, IMAPIFolder, IMAPIProp, IMessage, IMsgStore, OpenEntryFlags,
};
use mapi_provider_abi::view::EntryId;

/// An interface that opens what an entry ID names.
pub(in crate::store) trait OpensEntries {
    /// What tells of a failure.
    fn teller(&self) -> &IMAPIProp;

    /// OpenEntry: the usual interface, with the most access that can be had.
    ///
    /// # Safety
    ///
    /// The entry ID has that many bytes, and the places are live.
    unsafe fn open_entry(
        &self,
        count: u32,
        id: *mut ENTRYID,
        kind: *mut u32,
        object: *mut *mut c_void,
    ) -> HRESULT;
}

macro_rules! opens_entries {
    ($($interface:ty),+) => {$(
        impl OpensEntries for $interface {
            fn teller(&self) -> &IMAPIProp {
                self
            }

            unsafe fn open_entry(
                &self,
                count: u32,
                id: *mut ENTRYID,
                kind: *mut u32,
                object: *mut *mut c_void,
            ) -> HRESULT {
                let flags = OpenEntryFlags::MAPI_BEST_ACCESS;
                // SAFETY: the caller's word. NULL stands for the usual interface.
                unsafe { self.OpenEntry(count, id, ptr::null(), flags, kind, object) }
            }
        }
    )+};
}

opens_entries!(IMsgStore, IMAPIFolder);

impl<'run, I: OpensEntries> Object<'run, I> {
    /// Opens a folder of this store; the root for an empty entry ID.
    pub(in crate::store) fn open_folder(
        &self,
        id: &EntryId<'_>,
    ) -> Result<Object<'run, IMAPIFolder>, StoreError> {
        self.open("open a folder", id)
    }

    /// Opens a message of this store.
    pub(in crate::store) fn open_message(
        &self,
        id: &EntryId<'_>,
    ) -> Result<Object<'run, IMessage>, StoreError> {
        self.open("open a message", id)
    }

    fn open<O: Interface>(
        &self,
        operation: &'static str,
        id: &EntryId<'_>,
    ) -> Result<Object<'run, O>, StoreError> {
        let call = Call::on(self.interface.teller(), self.allocators, operation);
        let (count, bytes) = call.entry_id(id)?;
        let (mut kind, mut object) = (0, ptr::null_mut());
        // SAFETY: the entry ID is not changed; the variables are live.
        let result = unsafe {
            self.interface
                .open_entry(count, bytes.cast(), &raw mut kind, &raw mut object)
        };
        call.done(result)?;
        // SAFETY: OpenEntry has answered NULL, or an object with a reference.
        Ok(self.with(unsafe { call.opened(object) }?))
    }
}
