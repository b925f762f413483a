//! The attachment object: IAttach.

use std::ffi::c_void;
use std::sync::Arc;

use mapi_provider_abi::mapi::{
    GUID, IAttach, IAttach_Impl, IMessage, Interface, MAPI_E_INTERFACE_NOT_SUPPORTED,
    OpenPropertyFlags, PropTag,
};
use mapi_provider_abi::object::ObjectRef;

use super::super::fault::{Fault, LastFault, Result};
use super::super::stream;
use super::attachment_state::{AttachmentState, DATA};
use super::message_object::MessageObject;

/// An attachment.
#[cfg_attr(false, derive(MapiObject), mapi(implements(IAttach)))]
pub(super) struct AttachmentObject {
    pub(super) state: Arc<AttachmentState>,
    pub(super) last: LastFault,
}
include!("objects/attachment_object.rs");

impl AttachmentObject {
    /// An attachment, as its interface.
    pub(super) fn open(state: Arc<AttachmentState>) -> *mut c_void {
        let object = ObjectRef::new(Self {
            state,
            last: LastFault::default(),
        });
        object.into_interface::<IAttach>().into_raw()
    }

    /// An object under a property: the message in the attachment, or a stream.
    pub(super) fn open_property(
        &self,
        tag: PropTag,
        iid: &GUID,
        options: u32,
        flags: OpenPropertyFlags,
    ) -> Result<*mut c_void> {
        if tag.id() == DATA && *iid == IMessage::IID {
            return self.state.open_message(flags).map(MessageObject::open);
        }
        let creates = flags.contains(OpenPropertyFlags::MAPI_CREATE);
        if tag.id() == DATA && !creates && self.state.attachment().embedded.is_some() {
            // STORE-30: it is no bytes.
            let text = "the attachment is a message, and opens as IMessage";
            return Err(Fault::new(MAPI_E_INTERFACE_NOT_SUPPORTED, text));
        }
        let owner = Arc::clone(&self.state);
        stream::open(owner, tag, iid, options, flags)
    }
}

impl IAttach_Impl for AttachmentObject {}
