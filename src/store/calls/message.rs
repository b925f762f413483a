//! IMessage.

use std::ptr;

use super::{Call, Object, StoreError};
use mapi_provider_abi::mapi::{
    ADRLIST, CreateAttachFlags, DeleteAttachFlags, IAttach, IMAPIProp, IMessage,
    ModifyRecipientsFlags, OpenAttachFlags, ReadFlags, SubmitMessageFlags,
};
use mapi_provider_abi::view::AddressList;

impl<'run> Object<'run, IMessage> {
    pub(super) fn call(&self, operation: &'static str) -> Call<'_> {
        Call::on(&self.interface, self.allocators, operation)
    }

    pub(in crate::store) fn properties(&self) -> Object<'run, IMAPIProp> {
        self.with((*self.interface).clone())
    }

    /// A new attachment and its number.
    pub(in crate::store) fn create_attach(
        &self,
    ) -> Result<(u32, Object<'run, IAttach>), StoreError> {
        let call = self.call("create an attachment");
        let (mut number, mut attachment) = (0, ptr::null_mut());
        // SAFETY: NULL stands for the usual interface, and the variables are live.
        let result = unsafe {
            self.interface.CreateAttach(
                ptr::null(),
                CreateAttachFlags::empty(),
                &raw mut number,
                &raw mut attachment,
            )
        };
        call.done(result)?;
        // SAFETY: CreateAttach has answered NULL, or an attachment with a reference.
        let attachment = unsafe { call.object(attachment) }?;
        Ok((number, self.with(attachment)))
    }

    /// Opens an attachment with the most access that can be had.
    pub(in crate::store) fn open_attach(
        &self,
        number: u32,
    ) -> Result<Object<'run, IAttach>, StoreError> {
        let call = self.call("open an attachment");
        let mut attachment = ptr::null_mut();
        // SAFETY: NULL stands for the usual interface, and the variable is live.
        let result = unsafe {
            let flags = OpenAttachFlags::MAPI_BEST_ACCESS;
            self.interface
                .OpenAttach(number, ptr::null(), flags, &raw mut attachment)
        };
        call.done(result)?;
        // SAFETY: OpenAttach has answered NULL, or an attachment with a reference.
        Ok(self.with(unsafe { call.object(attachment) }?))
    }

    pub(in crate::store) fn delete_attach(&self, number: u32) -> Result<(), StoreError> {
        // SAFETY: there is no dialog.
        let result = unsafe {
            let flags = DeleteAttachFlags::empty();
            self.interface
                .DeleteAttach(number, 0, ptr::null_mut(), flags)
        };
        self.call("delete an attachment").done(result)
    }

    /// Adds, changes or removes recipients; sets all of them without flags.
    pub(in crate::store) fn modify_recipients(
        &self,
        list: &AddressList<'_>,
        flags: ModifyRecipientsFlags,
    ) -> Result<(), StoreError> {
        let call = self.call("change recipients");
        let list = self.allocators.build(list);
        let list = list.map_err(|error| call.unsayable(error))?;
        let before = entries(list.as_ptr());
        // SAFETY: the list is one.
        let result = unsafe { self.interface.ModifyRecipients(flags, list.as_ptr()) };
        let after = entries(list.as_ptr());
        if after != before {
            // A store may put other arrays into the entries. It may not add any, and freeing goes by their number.
            let _ = list.into_raw();
            return Err(call.senseless("the list of recipients has another length now"));
        }
        call.done(result)
    }

    pub(in crate::store) fn set_read_flag(&self, flags: ReadFlags) -> Result<(), StoreError> {
        // SAFETY: a call without pointers.
        let result = unsafe { self.interface.SetReadFlag(flags) };
        self.call("mark a message as read or unread").done(result)
    }

    /// Hands the message over to be sent.
    pub(in crate::store) fn submit(&self) -> Result<(), StoreError> {
        // SAFETY: a call without pointers.
        let result = unsafe { self.interface.SubmitMessage(SubmitMessageFlags::empty()) };
        self.call("submit a message").done(result)
    }
}

impl<'run> Object<'run, IAttach> {
    pub(in crate::store) fn properties(&self) -> Object<'run, IMAPIProp> {
        self.with((*self.interface).clone())
    }
}

/// How many entries a list has that was built here.
fn entries(list: *mut ADRLIST) -> u32 {
    // SAFETY: a list that is ours and alive; the member need not be aligned.
    unsafe { (&raw const (*list).cEntries).read_unaligned() }
}
