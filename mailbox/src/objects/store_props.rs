//! The properties of the store itself.

use mapi_provider_abi::mapi::PropTag;

use super::answers::Problems;
use super::arguments::Given;
use super::computed::StoreView;
use super::fault::Result;
use super::setting;
use super::shared::StoreShared;
use crate::database::{Error, Property, Special};

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
