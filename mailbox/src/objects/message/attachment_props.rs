//! The attachment object as one with properties.

use std::ffi::c_void;
use std::sync::Arc;

use mapi_provider_abi::mapi::{
    GUID, HRESULT, IUnknown, OpenPropertyFlags, PropTag, SaveChangesFlags,
};

use super::super::answers::Problems;
use super::super::arguments::Given;
use super::super::computed::Properties;
use super::super::copying::{From, Origin};
use super::super::fault::{LastFault, Result};
use super::super::property_object::{Copy, PropertyObject, imapi_prop};
use super::super::shared::StoreShared;
use super::attachment_object::AttachmentObject;

impl PropertyObject for AttachmentObject {
    fn last(&self) -> &LastFault {
        &self.last
    }

    fn shared(&self) -> &Arc<StoreShared> {
        self.state.shared()
    }

    fn save(&self, flags: SaveChangesFlags) -> Result<()> {
        self.state.save(flags)
    }

    fn look(&self, work: &mut dyn FnMut(&dyn Properties) -> Result<HRESULT>) -> Result<HRESULT> {
        self.state.with_view(|view| work(view))
    }

    fn open(
        &self,
        tag: PropTag,
        iid: &GUID,
        options: u32,
        flags: OpenPropertyFlags,
    ) -> Result<*mut c_void> {
        self.open_property(tag, iid, options, flags)
    }

    fn set(&self, given: Vec<Given>) -> Result<Problems> {
        self.state.set_props(given)
    }

    fn delete(&self, tags: &[PropTag]) -> Result<Problems> {
        self.state.delete_props(tags)
    }

    fn copied(&self, object: IUnknown, copy: Copy<'_>) -> Result<HRESULT> {
        self.state.flush()?;
        let attachment = self.state.attachment();
        let remove = |tags: &[PropTag]| self.state.remove_moved(tags);
        let origin = Origin {
            object,
            record_key: None,
            remove: self.state.is_writable().then_some(&remove),
        };
        copy(From::Attachment(&attachment), origin)
    }
}

imapi_prop!(AttachmentObject);
