//! Where things are copied to: a folder of this store, or one of another.

use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;

use mapi_provider::abi::{
    HRESULT, IMAPIFolder, IMAPIProp, Interface, MAPI_E_INVALID_PARAMETER, MAPI_E_NO_SUPPORT,
    PR_ENTRYID, UnicodeFlags,
};
use mapi_provider::view::{Limits, PropTags, Property};

use super::shared::StoreShared;
use crate::db::Id;
use crate::fault::{Fault, Result};

/// A folder that is copied to.
pub(super) enum Place {
    /// A folder of this store, whoever wraps it.
    Here(Id),
    /// Any other.
    Elsewhere(IMAPIFolder),
}

/// The folder at a pointer.
///
/// # Safety
///
/// NULL, or a folder.
pub(super) unsafe fn folder(shared: &StoreShared, raw: *mut c_void) -> Result<Place> {
    // SAFETY: the caller's word.
    let folder = unsafe { IMAPIFolder::from_raw_borrowed(&raw) };
    let folder = folder.ok_or(MAPI_E_INVALID_PARAMETER)?;
    let entry_id = entry_id(shared, folder);
    let id = entry_id.and_then(|entry_id| shared.identity.parse(&entry_id).ok());
    Ok(match id {
        Some(id) => Place::Here(id),
        None => Place::Elsewhere(folder.clone()),
    })
}

/// `PR_ENTRYID` of an object.
fn entry_id(shared: &StoreShared, object: &IMAPIProp) -> Option<Vec<u8>> {
    let tags = shared
        .allocators
        .build(&PropTags::from(&[PR_ENTRYID][..]))
        .ok()?;
    let (mut count, mut values) = (0, ptr::null_mut());
    // SAFETY: tags and live variables; what comes back is ours to free.
    let values = unsafe {
        let flags = UnicodeFlags::MAPI_UNICODE;
        let status = object.GetProps(tags.as_ptr(), flags, &mut count, &mut values);
        let values = shared.allocators.adopt(values, count);
        values.filter(|_| status.is_ok())?
    };
    let properties = values.read_all::<Property>(&Limits::default()).ok()?;
    properties.first()?.value.as_binary().map(<[u8]>::to_vec)
}

/// Copies messages to a folder of another store.
pub(super) fn copy_messages(
    _shared: &Arc<StoreShared>,
    _folder: Id,
    _list: &[Option<Id>],
    _to: &IMAPIFolder,
    _moves: bool,
) -> Result<HRESULT> {
    let text = "messages can't be copied to another store";
    Err(Fault::new(MAPI_E_NO_SUPPORT, text))
}
