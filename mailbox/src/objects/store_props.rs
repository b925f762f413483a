//! The store object as one with properties: IMAPIProp.

use std::ffi::c_void;
use std::sync::Arc;

use mapi_provider_abi::mapi::{
    CopyFlags, GUID, GetIDsFromNamesFlags, GetNamesFromIDsFlags, HRESULT, IMAPIProp_Impl,
    IMAPITable, Interface, MAPIERROR, MAPINAMEID, OpenPropertyFlags, PR_RECEIVE_FOLDER_SETTINGS,
    PropTag, S_OK, SPropProblemArray, SPropTagArray, SPropValue, SaveChangesFlags, UnicodeFlags,
};
use mapi_provider_abi::object::Object;

use super::answers::{self, Problems};
use super::arguments::{self, Given};
use super::computed::StoreView;
use super::copying::{self, CopyProps, CopyTo, From, Origin, Remove, Target};
use super::fault::Result;
use super::named;
use super::owners::StoreOwner;
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

/// The store as what is copied. It can always be changed.
fn origin<'a>(store: &Object<StoreObject>, remove: Remove<'a>) -> Origin<'a> {
    Origin {
        object: store.to_unknown(),
        record_key: Some(store.shared.identity.uid.to_vec()),
        remove: Some(remove),
    }
}

impl IMAPIProp_Impl for StoreObject {
    unsafe fn GetLastError(
        this: &Object<Self>,
        hResult: HRESULT,
        ulFlags: UnicodeFlags,
        lppMAPIError: *mut *mut MAPIERROR,
    ) -> HRESULT {
        // SAFETY: the thunk has checked that it is not NULL.
        unsafe { this.last.tell(hResult, ulFlags, &this.shared, lppMAPIError) }
    }

    unsafe fn SaveChanges(_: &Object<Self>, _ulFlags: SaveChangesFlags) -> HRESULT {
        S_OK // What is set is saved at once.
    }

    unsafe fn GetProps(
        this: &Object<Self>,
        lpPropTagArray: *mut SPropTagArray,
        ulFlags: UnicodeFlags,
        lpcValues: *mut u32,
        lppPropArray: *mut *mut SPropValue,
    ) -> HRESULT {
        let allocators = this.shared.allocators;
        let view = view(&this.shared);
        // SAFETY: the thunk has checked the outs; the tags are the caller's word.
        this.last.answer(view.and_then(|view| unsafe {
            answers::get_props(
                &view,
                allocators,
                lpPropTagArray,
                ulFlags,
                lpcValues,
                lppPropArray,
            )
        }))
    }

    unsafe fn GetPropList(
        this: &Object<Self>,
        ulFlags: UnicodeFlags,
        lppPropTagArray: *mut *mut SPropTagArray,
    ) -> HRESULT {
        let allocators = this.shared.allocators;
        let view = view(&this.shared);
        // SAFETY: the thunk has checked that it is not NULL.
        this.last.answer(view.and_then(|view| unsafe {
            answers::get_prop_list(&view, allocators, ulFlags, lppPropTagArray)
        }))
    }

    unsafe fn OpenProperty(
        this: &Object<Self>,
        ulPropTag: PropTag,
        lpiid: *const GUID,
        ulInterfaceOptions: u32,
        ulFlags: OpenPropertyFlags,
        lppUnk: *mut *mut c_void,
    ) -> HRESULT {
        // SAFETY: the thunk has checked that it is not NULL, so it is a GUID.
        let iid = unsafe { *lpiid };
        let is_table = iid == IMAPITable::IID && ulPropTag == PR_RECEIVE_FOLDER_SETTINGS;
        let opened = if is_table {
            let unicode = ulInterfaceOptions & UnicodeFlags::MAPI_UNICODE.bits() != 0;
            tables::receive(&this.shared, unicode)
        } else {
            let owner = Arc::new(StoreOwner(Arc::clone(&this.shared)));
            stream::open(owner, ulPropTag, &iid, ulInterfaceOptions, ulFlags)
        };
        this.last.answer(opened.map(|object| {
            // SAFETY: the thunk has checked that it is not NULL.
            unsafe { *lppUnk = object };
            S_OK
        }))
    }

    unsafe fn SetProps(
        this: &Object<Self>,
        cValues: u32,
        lpPropArray: *mut SPropValue,
        lppProblems: *mut *mut SPropProblemArray,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        let given = unsafe { arguments::properties(cValues, lpPropArray) };
        let allocators = this.shared.allocators;
        // SAFETY: NULL or the caller's to be written to.
        this.last.answer(given.and_then(|given| unsafe {
            answers::with_problems(allocators, lppProblems, given.len(), || {
                set(&this.shared, given)
            })
        }))
    }

    unsafe fn DeleteProps(
        this: &Object<Self>,
        lpPropTagArray: *mut SPropTagArray,
        lppProblems: *mut *mut SPropProblemArray,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        let tags = unsafe { arguments::some_tags(lpPropTagArray) };
        let allocators = this.shared.allocators;
        // SAFETY: NULL or the caller's to be written to.
        this.last.answer(tags.and_then(|tags| unsafe {
            answers::with_problems(allocators, lppProblems, tags.len(), || {
                delete(&this.shared, &tags)
            })
        }))
    }

    /// Copies the properties of the store to another object: its folders stay here.
    unsafe fn CopyTo(
        this: &Object<Self>,
        ciidExclude: u32,
        rgiidExclude: *const GUID,
        lpExcludeProps: *mut SPropTagArray,
        ulUIParam: usize,
        lpProgress: *mut c_void,
        lpInterface: *const GUID,
        lpDestObj: *mut c_void,
        ulFlags: CopyFlags,
        lppProblems: *mut *mut SPropProblemArray,
    ) -> HRESULT {
        let target = Target {
            interface: lpInterface,
            object: lpDestObj,
            flags: ulFlags,
            window: ulUIParam,
            progress: lpProgress,
            problems: lppProblems,
        };
        let remove = |tags: &[PropTag]| delete(&this.shared, tags).map(drop);
        this.last.answer(pinned(&this.shared).and_then(|props| {
            let arguments = CopyTo {
                origin: origin(this, &remove),
                interface_count: ciidExclude,
                interfaces: rgiidExclude,
                excluded: lpExcludeProps,
                target,
            };
            // SAFETY: the caller's word.
            unsafe { copying::copy_to(&this.shared, From::Store(&props), &arguments) }
        }))
    }

    unsafe fn CopyProps(
        this: &Object<Self>,
        lpIncludeProps: *mut SPropTagArray,
        ulUIParam: usize,
        lpProgress: *mut c_void,
        lpInterface: *const GUID,
        lpDestObj: *mut c_void,
        ulFlags: CopyFlags,
        lppProblems: *mut *mut SPropProblemArray,
    ) -> HRESULT {
        let target = Target {
            interface: lpInterface,
            object: lpDestObj,
            flags: ulFlags,
            window: ulUIParam,
            progress: lpProgress,
            problems: lppProblems,
        };
        let remove = |tags: &[PropTag]| delete(&this.shared, tags).map(drop);
        this.last.answer(pinned(&this.shared).and_then(|props| {
            let arguments = CopyProps {
                origin: origin(this, &remove),
                included: lpIncludeProps,
                target,
            };
            // SAFETY: the caller's word.
            unsafe { copying::copy_props(&this.shared, From::Store(&props), &arguments) }
        }))
    }

    unsafe fn GetNamesFromIDs(
        this: &Object<Self>,
        lppPropTags: *mut *mut SPropTagArray,
        lpPropSetGuid: *mut GUID,
        ulFlags: GetNamesFromIDsFlags,
        lpcPropNames: *mut u32,
        lpppPropNames: *mut *mut *mut MAPINAMEID,
    ) -> HRESULT {
        // SAFETY: the thunk has checked the required ones; the rest is the caller's word.
        this.last.answer(unsafe {
            named::names_from_ids(
                &this.shared,
                lppPropTags,
                lpPropSetGuid,
                ulFlags,
                lpcPropNames,
                lpppPropNames,
            )
        })
    }

    unsafe fn GetIDsFromNames(
        this: &Object<Self>,
        cPropNames: u32,
        lppPropNames: *mut *mut MAPINAMEID,
        ulFlags: GetIDsFromNamesFlags,
        lppPropTags: *mut *mut SPropTagArray,
    ) -> HRESULT {
        // SAFETY: the thunk has checked the required ones; the rest is the caller's word.
        this.last.answer(unsafe {
            named::ids_from_names(&this.shared, cPropNames, lppPropNames, ulFlags, lppPropTags)
        })
    }
}
