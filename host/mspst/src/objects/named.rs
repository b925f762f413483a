//! Named properties: names to IDs and back. All objects of a store have the same names.

use mapi_provider::abi::{
    GUID, GetIDsFromNamesFlags, GetNamesFromIDsFlags, HRESULT, MAPI_E_INVALID_PARAMETER,
    MAPI_E_NOT_ENOUGH_RESOURCES, MAPI_W_ERRORS_RETURNED, MAPINAMEID, PT_ERROR, PT_UNSPECIFIED,
    PropTag, S_OK, SPropTagArray,
};
use mapi_provider::view::{self, NameId, PropName, PropTags};

use super::shared::StoreShared;
use crate::arguments::{self, limits};
use crate::db::Change;
use crate::fault::{Fault, Result};

/// `GetIDsFromNames`: the IDs of names, new ones with `MAPI_CREATE`; of all existing names if none is
/// given.
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
        shared
            .db
            .read(|state| state.names.iter().map(|(id, _)| tag(id)).collect())
    } else {
        // SAFETY: the caller's word.
        let names: Vec<Option<PropName>> = unsafe { view::read_array(count, names, &limits()) }?;
        let names: Option<Vec<PropName<'static>>> = names
            .into_iter()
            .map(|name| name.map(PropName::into_owned))
            .collect();
        let names = names.ok_or(MAPI_E_INVALID_PARAMETER)?;
        let ids = ids(
            shared,
            &names,
            flags.contains(GetIDsFromNamesFlags::MAPI_CREATE),
        )?;
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

fn ids(
    shared: &StoreShared,
    names: &[PropName<'static>],
    create: bool,
) -> Result<Vec<Option<u16>>> {
    let known = |state: &crate::db::State| names.iter().map(|name| state.names.id(name)).collect();
    let found: Vec<Option<u16>> = shared.db.read(known);
    if !create || found.iter().all(Option::is_some) {
        return Ok(found);
    }
    shared.commit(|state| {
        let mut new: Vec<&PropName<'static>> = Vec::new();
        let mut ids = Vec::new();
        for name in names {
            let again = || new.iter().position(|other| *other == name);
            let id = match state.names.id(name) {
                Some(id) => id,
                None => {
                    let place = again().unwrap_or_else(|| {
                        new.push(name);
                        new.len() - 1
                    });
                    let text = "the store has no IDs left for named properties";
                    let id = state.names.next_id(place);
                    id.ok_or_else(|| Fault::new(MAPI_E_NOT_ENOUGH_RESOURCES, text))?
                }
            };
            ids.push(Some(id));
        }
        Ok((new.into_iter().cloned().map(Change::Name).collect(), ids))
    })
}

/// `GetNamesFromIDs`: the names of IDs; of all existing ones if no tags are given, or of a property set if
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
    let (ids, names): (Vec<PropTag>, Vec<Option<PropName<'static>>>) =
        shared.db.read(|state| match &asked {
            Some(tags) => tags
                .iter()
                .map(|tag| {
                    (
                        *tag,
                        state
                            .names
                            .name(tag.id())
                            .filter(|name| wanted(name))
                            .cloned(),
                    )
                })
                .unzip(),
            None => state
                .names
                .iter()
                .filter(|(_, name)| wanted(name))
                .map(|(id, name)| (PropTag::new(id, PT_UNSPECIFIED), Some(name.clone())))
                .unzip(),
        });
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
