//! The message object as one with properties.

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
use super::message_object::MessageObject;

impl PropertyObject for MessageObject {
    fn last(&self) -> &LastFault {
        &self.last
    }

    fn shared(&self) -> &Arc<StoreShared> {
        &self.state.shared
    }

    fn save(&self, flags: SaveChangesFlags) -> Result<()> {
        self.state.save(flags)
    }

    fn look(&self, work: &mut dyn FnMut(&dyn Properties) -> Result<HRESULT>) -> Result<HRESULT> {
        let snapshot = self.state.snapshot();
        work(&snapshot.view(&self.state.shared.identity))
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
        let snapshot = self.state.snapshot();
        let remove = |tags: &[PropTag]| self.state.remove_moved(tags, &snapshot.data);
        let origin = Origin {
            object,
            record_key: Some(self.state.record_key()),
            remove: self.state.is_writable().then_some(&remove),
        };
        copy(From::Message(&snapshot.data), origin)
    }
}

imapi_prop!(MessageObject);
