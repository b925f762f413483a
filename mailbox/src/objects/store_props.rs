//! The store object as one with properties.

use std::ffi::c_void;
use std::sync::Arc;

use mapi_provider_abi::mapi::{
    GUID, HRESULT, IMAPITable, IUnknown, Interface, OpenPropertyFlags, PR_RECEIVE_FOLDER_SETTINGS,
    PropTag, UnicodeFlags,
};

use super::answers::Problems;
use super::arguments::Given;
use super::computed::{Properties, StoreView};
use super::copying::{From, Origin};
use super::fault::{LastFault, Result};
use super::owners::StoreOwner;
use super::property_object::{Copy, PropertyObject, imapi_prop};
use super::setting;
use super::shared::StoreShared;
use super::store::StoreObject;
use super::stream;
use super::tables;
use crate::database::{Error, Property, PropertySet, Special};

/// The store as its properties.
///
/// # Errors
///
/// It can't be read.
pub(super) fn view(shared: &StoreShared) -> Result<StoreView<'_>> {
    shared.read(|reader| {
        let mut special = Vec::new();
        for one in Special::ALL {
            match reader.special(one) {
                Ok(id) => special.push((one, id)),
                // Somebody has taken it out of the file; the next logon makes it again.
                Err(Error::NotFound(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(StoreView {
            identity: &shared.identity,
            props: reader.store_props()?,
            special,
        })
    })
}

/// Sets properties, at once.
pub(super) fn set(shared: &StoreShared, given: Vec<Given>) -> Result<Problems> {
    setting::check(&given)?;
    shared.write(|tx| {
        tx.change_store(|props| {
            let set = setting::set(props, given, StoreView::is_computed, |_| Ok(None));
            Ok(set?)
        })
    })
}

/// Deletes properties, at once.
pub(super) fn delete(shared: &StoreShared, tags: &[PropTag]) -> Result<Problems> {
    shared.write(|tx| {
        tx.change_store(|props| Ok(setting::delete(props, tags, StoreView::is_computed)))
    })
}

/// Puts a property, which may be a large one, at once.
pub(super) fn put(shared: &StoreShared, id: u16, property: Property) -> Result<()> {
    shared.write(|tx| {
        tx.change_store(|props| {
            props.put(id, property);
            Ok(())
        })
    })
}

/// The store's properties, readable whatever becomes of them while they are copied.
fn pinned(shared: &StoreShared) -> Result<PropertySet> {
    let mut props = shared.read(|reader| reader.store_props())?;
    shared.store().pin_all_properties(&mut props);
    Ok(props)
}

impl PropertyObject for StoreObject {
    fn last(&self) -> &LastFault {
        &self.last
    }

    fn shared(&self) -> &Arc<StoreShared> {
        &self.shared
    }

    fn look(&self, work: &mut dyn FnMut(&dyn Properties) -> Result<HRESULT>) -> Result<HRESULT> {
        work(&view(&self.shared)?)
    }

    fn open(
        &self,
        tag: PropTag,
        iid: &GUID,
        options: u32,
        flags: OpenPropertyFlags,
    ) -> Result<*mut c_void> {
        if *iid == IMAPITable::IID && tag == PR_RECEIVE_FOLDER_SETTINGS {
            let unicode = options & UnicodeFlags::MAPI_UNICODE.bits() != 0;
            return tables::receive(&self.shared, unicode);
        }
        let owner = Arc::new(StoreOwner(Arc::clone(&self.shared)));
        stream::open(owner, tag, iid, options, flags)
    }

    fn set(&self, given: Vec<Given>) -> Result<Problems> {
        set(&self.shared, given)
    }

    fn delete(&self, tags: &[PropTag]) -> Result<Problems> {
        delete(&self.shared, tags)
    }

    /// Only its properties: its folders stay here.
    fn copied(&self, object: IUnknown, copy: Copy<'_>) -> Result<HRESULT> {
        let props = pinned(&self.shared)?;
        let origin = Origin {
            object,
            record_key: Some(self.shared.identity.uid.to_vec()),
            // It can always be changed.
            remove: Some(&|tags| delete(&self.shared, tags).map(drop)),
        };
        copy(From::Store(&props), origin)
    }
}

imapi_prop!(StoreObject);
