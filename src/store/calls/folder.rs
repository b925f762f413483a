//! IMAPIFolder.

use std::ptr;

use windows_core::Interface;

use super::{Call, Object, StoreError, wide};
use mapi_provider_abi::mapi::{
    CopyFolderFlags, CopyMessagesFlags, CreateFolderFlags, CreateMessageFlags, DeleteFolderFlags,
    DeleteMessagesFlags, EmptyFolderFlags, FOLDER_GENERIC, IMAPIFolder, IMAPIProp, IMessage,
    ReadFlags, SBinaryArray,
};
use mapi_provider_abi::view::{EntryId, EntryList, MapiBuffer};

impl<'run> Object<'run, IMAPIFolder> {
    pub(super) fn call(&self, operation: &'static str) -> Call<'_> {
        Call::on(&self.interface, self.allocators, operation)
    }

    pub(in crate::store) fn properties(&self) -> Object<'run, IMAPIProp> {
        self.with((**self.interface).clone())
    }

    /// A new message, which is there once it is saved.
    pub(in crate::store) fn create_message(
        &self,
        flags: CreateMessageFlags,
    ) -> Result<Object<'run, IMessage>, StoreError> {
        let call = self.call("create a message");
        let mut message = ptr::null_mut();
        // SAFETY: NULL stands for the usual interface, and the variable is live.
        let result = unsafe {
            self.interface
                .CreateMessage(ptr::null(), flags, &raw mut message)
        };
        call.done(result)?;
        // SAFETY: CreateMessage has answered NULL, or a message with a reference.
        Ok(self.with(unsafe { call.object(message) }?))
    }

    /// A new subfolder; with `OPEN_IF_EXISTS` perhaps an old one.
    pub(in crate::store) fn create_folder(
        &self,
        name: &str,
        flags: CreateFolderFlags,
    ) -> Result<Self, StoreError> {
        let call = self.call("create a folder");
        let mut name = wide(&call, name)?;
        let mut folder = ptr::null_mut();
        // SAFETY: the name is terminated, NULL stands for no comment and the usual interface, the variable is live.
        let result = unsafe {
            self.interface.CreateFolder(
                FOLDER_GENERIC,
                name.as_mut_ptr().cast(),
                ptr::null_mut(),
                ptr::null(),
                flags | CreateFolderFlags::MAPI_UNICODE,
                &raw mut folder,
            )
        };
        call.done(result)?;
        // SAFETY: CreateFolder has answered NULL, or a folder with a reference.
        Ok(self.with(unsafe { call.object(folder) }?))
    }

    /// Deletes a subfolder.
    pub(in crate::store) fn delete_folder(
        &self,
        id: &EntryId<'_>,
        flags: DeleteFolderFlags,
    ) -> Result<(), StoreError> {
        let call = self.call("delete a folder");
        let (count, bytes) = call.entry_id(id)?;
        // SAFETY: the entry ID is not changed; there is no dialog.
        let result = unsafe {
            self.interface
                .DeleteFolder(count, bytes.cast(), 0, ptr::null_mut(), flags)
        };
        call.done(result)
    }

    /// Copies or moves a subfolder into another folder; `None` keeps its name.
    pub(in crate::store) fn copy_folder(
        &self,
        id: &EntryId<'_>,
        to: &Self,
        name: Option<&str>,
        flags: CopyFolderFlags,
    ) -> Result<(), StoreError> {
        let call = self.call("copy or move a folder");
        let (count, bytes) = call.entry_id(id)?;
        let mut name = name.map(|name| wide(&call, name)).transpose()?;
        let name = name
            .as_mut()
            .map_or(ptr::null_mut(), |name| name.as_mut_ptr());
        // SAFETY: the entry ID is not changed, the folder is one, the name is terminated or NULL; there is no dialog.
        let result = unsafe {
            self.interface.CopyFolder(
                count,
                bytes.cast(),
                ptr::null(),
                to.interface.as_raw(),
                name.cast(),
                0,
                ptr::null_mut(),
                flags | CopyFolderFlags::MAPI_UNICODE,
            )
        };
        call.done(result)
    }

    /// Deletes what is in the folder.
    pub(in crate::store) fn empty(&self, flags: EmptyFolderFlags) -> Result<(), StoreError> {
        // SAFETY: there is no dialog.
        let result = unsafe { self.interface.EmptyFolder(0, ptr::null_mut(), flags) };
        self.call("empty a folder").done(result)
    }

    pub(in crate::store) fn delete_messages(
        &self,
        ids: &[EntryId<'_>],
        flags: DeleteMessagesFlags,
    ) -> Result<(), StoreError> {
        let call = self.call("delete messages");
        let list = call.entry_list(ids)?;
        // SAFETY: the list is one; there is no dialog.
        let result = unsafe {
            self.interface
                .DeleteMessages(list.as_ptr(), 0, ptr::null_mut(), flags)
        };
        call.done(result)
    }

    /// Copies or moves messages to another folder.
    pub(in crate::store) fn copy_messages(
        &self,
        ids: &[EntryId<'_>],
        to: &Self,
        flags: CopyMessagesFlags,
    ) -> Result<(), StoreError> {
        let call = self.call("copy or move messages");
        let list = call.entry_list(ids)?;
        // SAFETY: the list is one, and the folder; there is no dialog.
        let result = unsafe {
            self.interface.CopyMessages(
                list.as_ptr(),
                ptr::null(),
                to.interface.as_raw(),
                0,
                ptr::null_mut(),
                flags,
            )
        };
        call.done(result)
    }

    pub(in crate::store) fn set_read_flags(
        &self,
        ids: &[EntryId<'_>],
        flags: ReadFlags,
    ) -> Result<(), StoreError> {
        let call = self.call("mark messages as read or unread");
        let list = call.entry_list(ids)?;
        // SAFETY: the list is one; there is no dialog.
        let result = unsafe {
            self.interface
                .SetReadFlags(list.as_ptr(), 0, ptr::null_mut(), flags)
        };
        call.done(result)
    }
}

impl Call<'_> {
    fn entry_list(&self, ids: &[EntryId<'_>]) -> Result<MapiBuffer<SBinaryArray>, StoreError> {
        // The list borrows what it is built from.
        let ids = ids.iter().map(|id| EntryId::from(id.as_bytes()));
        let list = self.allocators.build(&EntryList(ids.collect()));
        list.map_err(|error| self.unsayable(error))
    }
}
