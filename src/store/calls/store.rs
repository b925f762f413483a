//! IMsgStore.

use std::ptr;

use super::{Call, Object, StoreError, wide};
use mapi_provider_abi::mapi::{IMAPIProp, IMsgStore, MAPI_E_CALL_FAILED, UnicodeFlags};
use mapi_provider_abi::view::{EntryId, Limits};

impl<'run> Object<'run, IMsgStore> {
    fn call(&self, operation: &'static str) -> Call<'_> {
        Call::on(&self.interface, self.allocators, operation)
    }

    pub(in crate::store) fn properties(&self) -> Object<'run, IMAPIProp> {
        self.with((*self.interface).clone())
    }

    /// The folder where messages of a class arrive.
    pub(in crate::store) fn receive_folder(
        &self,
        class: &str,
    ) -> Result<EntryId<'static>, StoreError> {
        let call = self.call("find the receive folder");
        let mut class = wide(&call, class)?;
        let (mut count, mut id) = (0, ptr::null_mut());
        // SAFETY: the class is terminated, the variables are live, and NULL says that nobody cares who decided.
        let result = unsafe {
            self.interface.GetReceiveFolder(
                class.as_mut_ptr().cast(),
                UnicodeFlags::MAPI_UNICODE,
                &raw mut count,
                &raw mut id,
                ptr::null_mut(),
            )
        };
        call.done(result)?;
        // SAFETY: GetReceiveFolder has answered NULL, or an entry ID of that size that is ours to free.
        let Some(id) = (unsafe { self.allocators.adopt(id, count) }) else {
            return Err(call.senseless("there is no entry ID in the answer"));
        };
        // SAFETY: as above; it is borrowed.
        let read = unsafe { EntryId::read(count, id.as_ptr(), &Limits::default()) };
        Ok(read.map_err(|error| call.unreadable(error))?.into_owned())
    }

    /// Sets the folder where messages of a class arrive.
    pub(in crate::store) fn set_receive_folder(
        &self,
        class: &str,
        folder: &EntryId<'_>,
    ) -> Result<(), StoreError> {
        let call = self.call("set the receive folder");
        let mut class = wide(&call, class)?;
        let (count, bytes) = call.entry_id(folder)?;
        // SAFETY: the class is terminated, and the entry ID is not changed.
        let result = unsafe {
            self.interface.SetReceiveFolder(
                class.as_mut_ptr().cast(),
                UnicodeFlags::MAPI_UNICODE,
                count,
                bytes.cast(),
            )
        };
        call.done(result)
    }

    /// Whether two entry IDs are of one object.
    pub(in crate::store) fn same_entry(
        &self,
        one: &EntryId<'_>,
        other: &EntryId<'_>,
    ) -> Result<bool, StoreError> {
        let call = self.call("compare entry IDs");
        let ((one_count, one), (other_count, other)) = (call.entry_id(one)?, call.entry_id(other)?);
        let mut same = 0;
        // SAFETY: the entry IDs are not changed, and the variable is live.
        let result = unsafe {
            self.interface.CompareEntryIDs(
                one_count,
                one.cast(),
                other_count,
                other.cast(),
                0,
                &raw mut same,
            )
        };
        call.done(result)?;
        Ok(same != 0)
    }
}

impl Call<'_> {
    /// Count and pointer of an entry ID, for a call that reads it; 0 and NULL of an empty one.
    pub(super) fn entry_id(&self, id: &EntryId<'_>) -> Result<(u32, *mut u8), StoreError> {
        let bytes = id.as_bytes();
        let count = u32::try_from(bytes.len());
        let count = count.map_err(|_| StoreError::new(self.operation, MAPI_E_CALL_FAILED, None))?;
        Ok(match count {
            0 => (0, ptr::null_mut()),
            _ => (count, bytes.as_ptr().cast_mut()),
        })
    }
}
