//! Named properties: names to IDs and back. All objects of a store have the same names.

use mapi_provider_abi::mapi::{
    GUID, GetIDsFromNamesFlags, GetNamesFromIDsFlags, HRESULT, MAPI_E_INVALID_PARAMETER,
    MAPI_W_ERRORS_RETURNED, MAPINAMEID, PT_ERROR, PT_UNSPECIFIED, PropTag, S_OK, SPropTagArray,
};
use mapi_provider_abi::view::{self, NameId, PropName, PropTags};

use super::arguments::{self, limits};
use super::fault::Result;
use super::shared::StoreShared;

/// `GetIDsFromNames`: the IDs of names, new ones with `MAPI_CREATE`; of all names that there are where none
/// is given.
///
/// # Safety
///
/// The names are NULL or as many as the count says; `out` is valid for a write.
pub(super) unsafe fn ids_from_names(
    shared: &StoreShared,
    count: u32,
    names: *const *mut MAPINAMEID,
    flags: GetIDsFromNamesFlags,
    out: *mut *mut SPropTagArray,
) -> Result<HRESULT> {
    let tag = |id| PropTag::new(id, PT_UNSPECIFIED);
    let tags: Vec<PropTag> = if names.is_null() && count == 0 {
        let names = shared.read(|reader| reader.names())?;
        names.into_iter().map(|(id, _)| tag(id)).collect()
    } else {
        // SAFETY: the caller's word.
        let names: Vec<Option<PropName>> = unsafe { view::read_array(count, names, &limits()) }?;
        let names: Option<Vec<PropName<'static>>> = names
            .into_iter()
            .map(|name| name.map(PropName::into_owned))
            .collect();
        let names = names.ok_or(MAPI_E_INVALID_PARAMETER)?;
        let create = flags.contains(GetIDsFromNamesFlags::MAPI_CREATE);
        let ids = shared.store().ids_of_names(&names, create)?;
        let error = PropTag::new(0, PT_ERROR);
        ids.into_iter().map(|id| id.map_or(error, tag)).collect()
    };
    let built = shared.allocators.build(&PropTags::from(&tags[..]))?;
    // SAFETY: the caller's word.
    unsafe { *out = built.into_raw() };
    let is_missing = tags.iter().any(|tag| tag.prop_type() == PT_ERROR);
    Ok(if is_missing {
        MAPI_W_ERRORS_RETURNED
    } else {
        S_OK
    })
}

/// `GetNamesFromIDs`: the names of IDs; of all that there are where no tags are given, of a property set if
/// one is named.
///
/// # Safety
///
/// `tags` is NULL or holds NULL or an array, `set` is NULL or a GUID; the others are valid for a write.
pub(super) unsafe fn names_from_ids(
    shared: &StoreShared,
    tags: *mut *mut SPropTagArray,
    set: *const GUID,
    flags: GetNamesFromIDsFlags,
    count: *mut u32,
    out: *mut *mut *mut MAPINAMEID,
) -> Result<HRESULT> {
    // SAFETY: the caller's word.
    let (asked, set) = unsafe {
        let array = if tags.is_null() {
            std::ptr::null_mut()
        } else {
            *tags
        };
        (arguments::tags(array)?, set.as_ref())
    };
    let wanted = |name: &PropName<'_>| {
        let left_out = match name.id {
            NameId::Number(_) => GetNamesFromIDsFlags::MAPI_NO_IDS,
            NameId::Text(_) => GetNamesFromIDsFlags::MAPI_NO_STRINGS,
        };
        set.is_none_or(|set| *set == name.set) && !flags.contains(left_out)
    };
    let found: Vec<(PropTag, Option<PropName<'static>>)> = shared.read(|reader| match &asked {
        Some(tags) => {
            let name = |tag: &PropTag| {
                let name = reader.name_of_id(tag.id())?;
                Ok((*tag, name.filter(|name| wanted(name))))
            };
            tags.iter().map(name).collect()
        }
        None => {
            let names = reader.names()?.into_iter();
            let names = names.filter(|(_, name)| wanted(name));
            Ok(names
                .map(|(id, name)| (PropTag::new(id, PT_UNSPECIFIED), Some(name)))
                .collect())
        }
    })?;
    let (ids, names): (Vec<PropTag>, Vec<_>) = found.into_iter().unzip();
    let built = shared.allocators.build(&names[..])?;
    if asked.is_none() && !tags.is_null() {
        let array = shared.allocators.build(&PropTags::from(ids))?;
        // SAFETY: not NULL, so the caller's to be written to.
        unsafe { *tags = array.into_raw() };
    }
    // SAFETY: the caller's word.
    unsafe {
        *count = built.count();
        *out = built.into_raw();
    }
    let is_missing = names.iter().any(Option::is_none);
    Ok(if is_missing {
        MAPI_W_ERRORS_RETURNED
    } else {
        S_OK
    })
}
