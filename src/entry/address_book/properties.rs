//! IMAPIProp of all objects of an address book: what they have in common (AB-09, AB-14, AB-16).

use std::borrow::Cow;
use std::ffi::c_void;

use windows_core::{GUID, HRESULT, Interface};

use crate::address_book::{answered, in_width, is_error};
use crate::entry::limits;
use mapi_provider_abi::mapi::{
    IMAPITable, MAPI_E_INTERFACE_NOT_SUPPORTED, MAPI_E_INVALID_PARAMETER, MAPI_W_ERRORS_RETURNED,
    PT_OBJECT, PropTag, S_OK, SPropTagArray, SPropValue, UnicodeFlags,
};
use mapi_provider_abi::view::{self, Allocators, PropTags, Property};

/// Tables that an object has as properties, besides the ones with values.
pub(super) type Objects<'a> = &'a [PropTag];

/// What an object has: values, and tables.
pub(super) type Parts<'a> = (Cow<'a, [Property<'static>]>, Objects<'static>);

pub(super) fn is_wide(flags: UnicodeFlags) -> bool {
    flags.contains(UnicodeFlags::MAPI_UNICODE)
}

/// GetProps (AB-16). What is only to be opened is PT_ERROR (AB-14).
///
/// # Safety
///
/// The tags are NULL or as their count says; the other places are the caller's to be written to.
pub(super) unsafe fn get_props(
    allocators: Allocators,
    properties: &[Property<'static>],
    objects: Objects<'_>,
    tags: *mut SPropTagArray,
    flags: UnicodeFlags,
    (count, values): (*mut u32, *mut *mut SPropValue),
) -> HRESULT {
    // SAFETY: the caller's word.
    let named = unsafe { view::read_optional::<PropTags>(tags, &limits::tags()) };
    let Ok(named) = named else {
        return MAPI_E_INVALID_PARAMETER;
    };
    let all = || all_tags(properties, objects, is_wide(flags));
    let asked = named.map_or_else(all, |tags| tags.to_vec());
    let found = answered(properties, &asked, is_wide(flags));
    let result = match found.iter().any(is_error) {
        true => MAPI_W_ERRORS_RETURNED,
        false => S_OK,
    };
    match allocators.properties(&found) {
        Ok(array) => {
            // SAFETY: the caller's word.
            unsafe {
                *count = found.len() as u32;
                *values = array.into_raw();
            }
            result
        }
        Err(error) => error.status(),
    }
}

/// GetPropList.
///
/// # Safety
///
/// The place is the caller's to be written to.
pub(super) unsafe fn get_prop_list(
    allocators: Allocators,
    properties: &[Property<'static>],
    objects: Objects<'_>,
    flags: UnicodeFlags,
    list: *mut *mut SPropTagArray,
) -> HRESULT {
    let tags = all_tags(properties, objects, is_wide(flags));
    match allocators.build(&PropTags::from(tags)) {
        Ok(array) => {
            // SAFETY: the caller's word.
            unsafe { *list = array.into_raw() };
            S_OK
        }
        Err(error) => error.status(),
    }
}

fn all_tags(properties: &[Property<'static>], objects: Objects<'_>, wide: bool) -> Vec<PropTag> {
    let tags = properties.iter().map(|one| in_width(one.tag, wide));
    tags.chain(objects.iter().copied()).collect()
}

/// OpenProperty: which table is asked for (AB-14, AB-29).
///
/// # Errors
///
/// Something else is asked for.
///
/// # Safety
///
/// The interface is NULL or valid.
pub(super) unsafe fn asked_table(
    tag: PropTag,
    interface: *const GUID,
    objects: Objects<'_>,
    otherwise: HRESULT,
) -> Result<PropTag, HRESULT> {
    let found = objects.iter().find(|one| one.id() == tag.id());
    let found = found.filter(|_| matches!(tag.prop_type(), PT_OBJECT | 0));
    let found = *found.ok_or(otherwise)?;
    // SAFETY: the caller's word.
    match unsafe { interface.as_ref() } {
        None => Err(MAPI_E_INVALID_PARAMETER),
        Some(iid) if *iid == IMAPITable::IID => Ok(found),
        Some(_) => Err(MAPI_E_INTERFACE_NOT_SUPPORTED),
    }
}

/// Puts a table where the caller wants it.
///
/// # Safety
///
/// The place is the caller's to be written to.
pub(super) unsafe fn give(table: Result<IMAPITable, HRESULT>, out: *mut *mut c_void) -> HRESULT {
    match table {
        Ok(table) => {
            // SAFETY: the caller's word.
            unsafe { *out = table.into_raw() };
            S_OK
        }
        Err(status) => status,
    }
}

/// IMAPIProp of an object that has `attached`, `parts(&self) -> Parts` and `table(&self, tag, flags)`.
macro_rules! properties {
    ($object:ident) => {
        impl<L: AddressBook> IMAPIProp_Impl for $object<L> {
            unsafe fn GetLastError(
                _: &Object<Self>,
                _: HRESULT,
                _: UnicodeFlags,
                _: *mut *mut MAPIERROR,
            ) -> HRESULT {
                S_OK // COM-08: nothing to say.
            }

            /// There is nothing that could be saved.
            unsafe fn SaveChanges(_: &Object<Self>, _: SaveChangesFlags) -> HRESULT {
                S_OK
            }

            unsafe fn GetProps(
                this: &Object<Self>,
                lpPropTagArray: *mut SPropTagArray,
                ulFlags: UnicodeFlags,
                lpcValues: *mut u32,
                lppPropArray: *mut *mut SPropValue,
            ) -> HRESULT {
                let (properties, objects) = this.parts();
                let (allocators, outs) = (this.attached.allocators, (lpcValues, lppPropArray));
                // SAFETY: the caller's word; the thunk has checked the outs.
                unsafe {
                    properties::get_props(
                        allocators,
                        &properties,
                        objects,
                        lpPropTagArray,
                        ulFlags,
                        outs,
                    )
                }
            }

            unsafe fn GetPropList(
                this: &Object<Self>,
                ulFlags: UnicodeFlags,
                lppPropTagArray: *mut *mut SPropTagArray,
            ) -> HRESULT {
                let (properties, objects) = this.parts();
                let (allocators, list) = (this.attached.allocators, lppPropTagArray);
                // SAFETY: the thunk has checked the out.
                unsafe {
                    properties::get_prop_list(allocators, &properties, objects, ulFlags, list)
                }
            }

            unsafe fn OpenProperty(
                this: &Object<Self>,
                ulPropTag: PropTag,
                lpiid: *const GUID,
                ulInterfaceOptions: u32,
                ulFlags: OpenPropertyFlags,
                lppUnk: *mut *mut c_void,
            ) -> HRESULT {
                // AB-09
                if ulFlags.contains(OpenPropertyFlags::MAPI_MODIFY) {
                    return MAPI_E_NO_ACCESS;
                }
                let (_, objects) = this.parts();
                // SAFETY: the caller's word.
                let tag = unsafe {
                    properties::asked_table(ulPropTag, lpiid, objects, MAPI_E_NO_SUPPORT)
                };
                let table = tag.and_then(|tag| this.table(tag, ulInterfaceOptions));
                // SAFETY: the thunk has checked the out.
                unsafe { properties::give(table, lppUnk) }
            }

            /// AB-09
            unsafe fn SetProps(
                _: &Object<Self>,
                _: u32,
                _: *mut SPropValue,
                _: *mut *mut SPropProblemArray,
            ) -> HRESULT {
                MAPI_E_NO_ACCESS
            }

            /// AB-09
            unsafe fn DeleteProps(
                _: &Object<Self>,
                _: *mut SPropTagArray,
                _: *mut *mut SPropProblemArray,
            ) -> HRESULT {
                MAPI_E_NO_ACCESS
            }
        }
    };
}
pub(super) use properties;
