//! The folder object as one with properties.

use std::ffi::c_void;
use std::sync::Arc;

use mapi_provider_abi::mapi::{GUID, HRESULT, IUnknown, OpenPropertyFlags, PropTag};

use super::answers::Problems;
use super::arguments::Given;
use super::computed::{FolderIn, Properties};
use super::copying::{From, Origin};
use super::fault::{LastFault, Result};
use super::folder::FolderObject;
use super::folder_tree as tree;
use super::property_object::{Copy, PropertyObject, imapi_prop};
use super::shared::StoreShared;

impl PropertyObject for FolderObject {
    fn last(&self) -> &LastFault {
        &self.last
    }

    fn shared(&self) -> &Arc<StoreShared> {
        &self.shared
    }

    fn look(&self, work: &mut dyn FnMut(&dyn Properties) -> Result<HRESULT>) -> Result<HRESULT> {
        work(&FolderIn(&self.view()?, &self.shared.identity))
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

    fn check_writable(&self) -> Result<()> {
        Self::check_writable(self)
    }

    fn set(&self, given: Vec<Given>) -> Result<Problems> {
        tree::set_props(&self.shared, self.id, given)
    }

    fn delete(&self, tags: &[PropTag]) -> Result<Problems> {
        tree::delete_props(&self.shared, self.id, tags)
    }

    /// Only its properties: what is in it stays here.
    fn copied(&self, object: IUnknown, copy: Copy<'_>) -> Result<HRESULT> {
        // Readable whatever becomes of them meanwhile.
        let mut props = self.view()?.folder.props;
        self.shared.store().pin_all_properties(&mut props);
        // Its name a folder keeps.
        let remove = |tags: &[PropTag]| self.delete(tags).map(drop);
        let origin = Origin {
            object,
            record_key: Some(self.shared.identity.entry_id(self.id)),
            remove: self.is_writable.then_some(&remove),
        };
        copy(From::Folder(&props), origin)
    }
}

imapi_prop!(FolderObject);
