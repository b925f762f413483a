//! The message object as one with properties: IMAPIProp.

use std::ffi::c_void;

use mapi_provider_abi::mapi::{
    CopyFlags, GUID, GetIDsFromNamesFlags, GetNamesFromIDsFlags, HRESULT, IMAPIProp_Impl,
    MAPIERROR, MAPINAMEID, OpenPropertyFlags, PropTag, S_OK, SPropProblemArray, SPropTagArray,
    SPropValue, SaveChangesFlags, UnicodeFlags,
};
use mapi_provider_abi::object::Object;

use super::super::answers;
use super::super::arguments;
use super::super::copying::{self, CopyProps, CopyTo, From, Origin, Target};
use super::super::fault::Result;
use super::super::named;
use super::message_object::MessageObject;

/// The message as what is copied.
fn origin<'a>(
    this: &Object<MessageObject>,
    remove: &'a dyn Fn(&[PropTag]) -> Result<()>,
) -> Origin<'a> {
    Origin {
        object: this.to_unknown(),
        record_key: Some(this.state.record_key()),
        remove: this.state.is_writable().then_some(remove),
    }
}

impl IMAPIProp_Impl for MessageObject {
    unsafe fn GetLastError(
        this: &Object<Self>,
        hResult: HRESULT,
        ulFlags: UnicodeFlags,
        lppMAPIError: *mut *mut MAPIERROR,
    ) -> HRESULT {
        let shared = &this.state.shared;
        // SAFETY: the thunk has checked that it is not NULL.
        unsafe { this.last.tell(hResult, ulFlags, shared, lppMAPIError) }
    }

    unsafe fn SaveChanges(this: &Object<Self>, ulFlags: SaveChangesFlags) -> HRESULT {
        this.last.answer(this.state.save(ulFlags).map(|()| S_OK))
    }

    unsafe fn GetProps(
        this: &Object<Self>,
        lpPropTagArray: *mut SPropTagArray,
        ulFlags: UnicodeFlags,
        lpcValues: *mut u32,
        lppPropArray: *mut *mut SPropValue,
    ) -> HRESULT {
        let shared = &this.state.shared;
        let snapshot = this.state.snapshot();
        // SAFETY: the thunk has checked the outs; the tags are the caller's word.
        this.last.answer(unsafe {
            answers::get_props(
                &snapshot.view(&shared.identity),
                shared.allocators,
                lpPropTagArray,
                ulFlags,
                lpcValues,
                lppPropArray,
            )
        })
    }

    unsafe fn GetPropList(
        this: &Object<Self>,
        ulFlags: UnicodeFlags,
        lppPropTagArray: *mut *mut SPropTagArray,
    ) -> HRESULT {
        let shared = &this.state.shared;
        let snapshot = this.state.snapshot();
        let view = snapshot.view(&shared.identity);
        // SAFETY: the thunk has checked that it is not NULL.
        this.last.answer(unsafe {
            answers::get_prop_list(&view, shared.allocators, ulFlags, lppPropTagArray)
        })
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
        let allocators = this.state.shared.allocators;
        // SAFETY: NULL or the caller's to be written to.
        this.last.answer(given.and_then(|given| unsafe {
            answers::with_problems(allocators, lppProblems, given.len(), || {
                this.state.set_props(given)
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
        let allocators = this.state.shared.allocators;
        // SAFETY: NULL or the caller's to be written to.
        this.last.answer(tags.and_then(|tags| unsafe {
            answers::with_problems(allocators, lppProblems, tags.len(), || {
                this.state.delete_props(&tags)
            })
        }))
    }

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
        this.last.answer(this.state.flush().and_then(|()| {
            let snapshot = this.state.snapshot();
            let remove = |tags: &[PropTag]| this.state.remove_moved(tags, &snapshot.data);
            let from = From::Message(&snapshot.data);
            let arguments = CopyTo {
                origin: origin(this, &remove),
                interface_count: ciidExclude,
                interfaces: rgiidExclude,
                excluded: lpExcludeProps,
                target,
            };
            // SAFETY: the caller's word.
            unsafe { copying::copy_to(&this.state.shared, from, &arguments) }
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
        this.last.answer(this.state.flush().and_then(|()| {
            let snapshot = this.state.snapshot();
            let remove = |tags: &[PropTag]| this.state.remove_moved(tags, &snapshot.data);
            let from = From::Message(&snapshot.data);
            let arguments = CopyProps {
                origin: origin(this, &remove),
                included: lpIncludeProps,
                target,
            };
            // SAFETY: the caller's word.
            unsafe { copying::copy_props(&this.state.shared, from, &arguments) }
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
                &this.state.shared,
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
            named::ids_from_names(
                &this.state.shared,
                cPropNames,
                lppPropNames,
                ulFlags,
                lppPropTags,
            )
        })
    }
}
