//! The message object: IMessage.

use std::ffi::c_void;
use std::sync::Arc;

use mapi_provider_abi::mapi::{
    ADRLIST, CreateAttachFlags, DeleteAttachFlags, GUID, GetAttachmentTableFlags,
    GetRecipientTableFlags, HRESULT, IAttach, IMAPIProp, IMAPITable, IMessage, IMessage_Impl,
    IUnknown, Interface, ModifyRecipientsFlags, OpenAttachFlags, OpenPropertyFlags,
    PR_MESSAGE_ATTACHMENTS, PR_MESSAGE_RECIPIENTS, PropTag, ReadFlags, S_OK, SubmitMessageFlags,
    UnicodeFlags,
};
use mapi_provider_abi::object::{Object, ObjectRef};
use mapi_provider_abi::view::{self, AddressList};

use super::super::arguments;
use super::super::fault::{LastFault, Result};
use super::super::stream;
use super::attachment_object::AttachmentObject;
use super::state::MessageState;

/// The interfaces that an attachment is opened by.
const ATTACHMENT: [GUID; 3] = [IAttach::IID, IMAPIProp::IID, IUnknown::IID];

/// A message.
#[cfg_attr(false, derive(MapiObject), mapi(implements(IMessage)))]
pub(super) struct MessageObject {
    pub(super) state: Arc<MessageState>,
    pub(super) last: LastFault,
}
include!("objects/message_object.rs");

impl MessageObject {
    /// A message, as its interface.
    pub(super) fn open(state: Arc<MessageState>) -> *mut c_void {
        let object = ObjectRef::new(Self {
            state,
            last: LastFault::default(),
        });
        object.into_interface::<IMessage>().into_raw()
    }

    /// An object under a property: one of the two tables, or a stream.
    pub(super) fn open_property(
        &self,
        tag: PropTag,
        iid: &GUID,
        options: u32,
        flags: OpenPropertyFlags,
    ) -> Result<*mut c_void> {
        let unicode = options & UnicodeFlags::MAPI_UNICODE.bits() != 0;
        let is_table = *iid == IMAPITable::IID;
        match tag.id() {
            id if is_table && id == PR_MESSAGE_RECIPIENTS.id() => {
                self.state.recipient_table(unicode)
            }
            id if is_table && id == PR_MESSAGE_ATTACHMENTS.id() => {
                self.state.attachment_table(unicode)
            }
            _ => {
                let owner = Arc::clone(&self.state);
                stream::open(owner, tag, iid, options, flags)
            }
        }
    }
}

impl IMessage_Impl for MessageObject {
    unsafe fn GetAttachmentTable(
        this: &Object<Self>,
        ulFlags: GetAttachmentTableFlags,
        lppTable: *mut *mut c_void,
    ) -> HRESULT {
        let unicode = ulFlags.contains(GetAttachmentTableFlags::MAPI_UNICODE);
        let table = this.state.attachment_table(unicode);
        this.last.answer(table.map(|table| {
            // SAFETY: the thunk has checked that it is not NULL.
            unsafe { *lppTable = table };
            S_OK
        }))
    }

    unsafe fn OpenAttach(
        this: &Object<Self>,
        ulAttachmentNum: u32,
        lpInterface: *const GUID,
        ulFlags: OpenAttachFlags,
        lppAttach: *mut *mut c_void,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        let checked = unsafe { arguments::check_interface(lpInterface, &ATTACHMENT) };
        let opened = checked.and_then(|()| this.state.open_attachment(ulAttachmentNum, ulFlags));
        this.last.answer(opened.map(|attachment| {
            // SAFETY: the thunk has checked that it is not NULL.
            unsafe { *lppAttach = AttachmentObject::open(attachment) };
            S_OK
        }))
    }

    unsafe fn CreateAttach(
        this: &Object<Self>,
        lpInterface: *const GUID,
        _ulFlags: CreateAttachFlags,
        lpulAttachmentNum: *mut u32,
        lppAttach: *mut *mut c_void,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        let checked = unsafe { arguments::check_interface(lpInterface, &ATTACHMENT) };
        let created = checked.and_then(|()| this.state.create_attachment());
        this.last.answer(created.map(|attachment| {
            // SAFETY: the thunk has checked that neither is NULL.
            unsafe {
                *lpulAttachmentNum = attachment.number();
                *lppAttach = AttachmentObject::open(attachment);
            }
            S_OK
        }))
    }

    unsafe fn DeleteAttach(
        this: &Object<Self>,
        ulAttachmentNum: u32,
        _ulUIParam: usize,
        _lpProgress: *mut c_void,
        _ulFlags: DeleteAttachFlags,
    ) -> HRESULT {
        let deleted = this.state.delete_attachment(ulAttachmentNum);
        this.last.answer(deleted.map(|()| S_OK))
    }

    unsafe fn GetRecipientTable(
        this: &Object<Self>,
        ulFlags: GetRecipientTableFlags,
        lppTable: *mut *mut c_void,
    ) -> HRESULT {
        let unicode = ulFlags.contains(GetRecipientTableFlags::MAPI_UNICODE);
        let table = this.state.recipient_table(unicode);
        this.last.answer(table.map(|table| {
            // SAFETY: the thunk has checked that it is not NULL.
            unsafe { *lppTable = table };
            S_OK
        }))
    }

    unsafe fn ModifyRecipients(
        this: &Object<Self>,
        ulFlags: ModifyRecipientsFlags,
        lpMods: *mut ADRLIST,
    ) -> HRESULT {
        // SAFETY: the thunk has checked that it is not NULL; what it holds is the caller's word.
        let list = unsafe { view::read::<AddressList>(lpMods, &arguments::limits()) };
        this.last.answer(list.map_err(Into::into).and_then(|list| {
            this.state.modify_recipients(ulFlags, &list)?;
            Ok(S_OK)
        }))
    }

    unsafe fn SubmitMessage(this: &Object<Self>, _ulFlags: SubmitMessageFlags) -> HRESULT {
        let message = this.to_interface::<IMessage>();
        this.last.answer(this.state.submit(&message).map(|()| S_OK))
    }

    unsafe fn SetReadFlag(this: &Object<Self>, ulFlags: ReadFlags) -> HRESULT {
        this.last
            .answer(this.state.set_read(ulFlags).map(|()| S_OK))
    }
}
