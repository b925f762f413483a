//! The folder object as one with properties: IMAPIProp.

use std::ffi::c_void;

use mapi_provider_abi::mapi::{
    CopyFlags, GUID, GetIDsFromNamesFlags, GetNamesFromIDsFlags, HRESULT, IMAPIProp_Impl,
    MAPIERROR, MAPINAMEID, OpenPropertyFlags, PropTag, S_OK, SPropProblemArray, SPropTagArray,
    SPropValue, SaveChangesFlags, UnicodeFlags,
};
use mapi_provider_abi::object::Object;

use super::answers;
use super::arguments;
use super::computed::FolderIn;
use super::copying::{self, CopyProps, CopyTo, From, Origin, Remove, Target};
use super::fault::Result;
use super::folder::FolderObject;
use super::folder_tree as tree;
use super::named;
use crate::database::PropertySet;

/// The folder's properties, readable whatever becomes of them while they are copied.
fn pinned(folder: &FolderObject) -> Result<PropertySet> {
    let mut props = folder.view()?.folder.props;
    folder.shared.store().pin_all_properties(&mut props);
    Ok(props)
}

/// The folder as what is copied.
fn origin<'a>(folder: &Object<FolderObject>, remove: Remove<'a>) -> Origin<'a> {
    Origin {
        object: folder.to_unknown(),
        record_key: Some(folder.shared.identity.entry_id(folder.id)),
        remove: folder.is_writable.then_some(remove),
    }
}

/// Deletes properties that have been moved; its name a folder keeps.
fn remove(folder: &FolderObject, tags: &[PropTag]) -> Result<()> {
    tree::delete_props(&folder.shared, folder.id, tags).map(drop)
}

impl IMAPIProp_Impl for FolderObject {
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
        let shared = &this.shared;
        // SAFETY: the thunk has checked the outs; the tags are the caller's word.
        this.last.answer(this.view().and_then(|view| unsafe {
            answers::get_props(
                &FolderIn(&view, &shared.identity),
                shared.allocators,
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
        let shared = &this.shared;
        // SAFETY: the thunk has checked that it is not NULL.
        this.last.answer(this.view().and_then(|view| unsafe {
            let view = FolderIn(&view, &shared.identity);
            answers::get_prop_list(&view, shared.allocators, ulFlags, lppPropTagArray)
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
        let opened = this.open_property(ulPropTag, &iid, ulInterfaceOptions, ulFlags);
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
            this.check_writable()?;
            answers::with_problems(allocators, lppProblems, given.len(), || {
                tree::set_props(&this.shared, this.id, given)
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
            this.check_writable()?;
            answers::with_problems(allocators, lppProblems, tags.len(), || {
                tree::delete_props(&this.shared, this.id, &tags)
            })
        }))
    }

    /// Copies the properties of the folder to another object: what is in it stays here.
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
        let remove = |tags: &[PropTag]| remove(this, tags);
        this.last.answer(pinned(this).and_then(|props| {
            let arguments = CopyTo {
                origin: origin(this, &remove),
                interface_count: ciidExclude,
                interfaces: rgiidExclude,
                excluded: lpExcludeProps,
                target,
            };
            // SAFETY: the caller's word.
            unsafe { copying::copy_to(&this.shared, From::Folder(&props), &arguments) }
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
        let remove = |tags: &[PropTag]| remove(this, tags);
        this.last.answer(pinned(this).and_then(|props| {
            let arguments = CopyProps {
                origin: origin(this, &remove),
                included: lpIncludeProps,
                target,
            };
            // SAFETY: the caller's word.
            unsafe { copying::copy_props(&this.shared, From::Folder(&props), &arguments) }
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
