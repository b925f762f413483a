//! `IMAPIProp`, once for all objects that have properties: store, folders, messages, attachments.
//!
//! An object says by [`PropertyObject`] what it does in a way of its own, and [`imapi_prop!`] writes the methods.

use std::ffi::c_void;
use std::sync::Arc;

use mapi_provider_abi::mapi::{
    GUID, HRESULT, IUnknown, OpenPropertyFlags, PropTag, SaveChangesFlags,
};

use super::answers::Problems;
use super::arguments::Given;
use super::computed::Properties;
use super::copying::{From, Origin};
use super::fault::{LastFault, Result};
use super::shared::StoreShared;

/// Copies what the object holds to where a caller of `CopyTo` or `CopyProps` wants it.
pub(super) type Copy<'a> = &'a dyn Fn(From<'_>, Origin<'_>) -> Result<HRESULT>;

/// What an object with properties does in a way of its own.
pub(super) trait PropertyObject {
    /// Its last failure.
    fn last(&self) -> &LastFault;

    /// Its store.
    fn shared(&self) -> &Arc<StoreShared>;

    /// `SaveChanges`. Nothing is to be done where what is set is saved at once.
    ///
    /// # Errors
    ///
    /// It can't be saved.
    fn save(&self, flags: SaveChangesFlags) -> Result<()> {
        let _ = flags;
        Ok(())
    }

    /// Works with its properties as they are now.
    ///
    /// # Errors
    ///
    /// They can't be read, or `work` fails.
    fn look(&self, work: &mut dyn FnMut(&dyn Properties) -> Result<HRESULT>) -> Result<HRESULT>;

    /// `OpenProperty`: a reference to the object, of the interface that is asked for.
    ///
    /// # Errors
    ///
    /// There is no such property, or not by this interface.
    fn open(
        &self,
        tag: PropTag,
        iid: &GUID,
        options: u32,
        flags: OpenPropertyFlags,
    ) -> Result<*mut c_void>;

    /// Whether it may be changed: asked before memory is taken for what goes wrong with single properties.
    ///
    /// # Errors
    ///
    /// It is open for reading only.
    fn check_writable(&self) -> Result<()> {
        Ok(())
    }

    /// `SetProps`.
    ///
    /// # Errors
    ///
    /// Nothing was set.
    fn set(&self, given: Vec<Given>) -> Result<Problems>;

    /// `DeleteProps`.
    ///
    /// # Errors
    ///
    /// Nothing was deleted.
    fn delete(&self, tags: &[PropTag]) -> Result<Problems>;

    /// Has what it holds copied. It stays readable whatever becomes of it meanwhile.
    ///
    /// `object` is itself, as clients have it.
    ///
    /// # Errors
    ///
    /// It can't be read, or not be copied.
    fn copied(&self, object: IUnknown, copy: Copy<'_>) -> Result<HRESULT>;
}

/// Implements `IMAPIProp` for a [`PropertyObject`].
macro_rules! imapi_prop {
    ($object:ty) => {
        const _: () = {
            use std::ffi::c_void;

            use mapi_provider_abi::mapi::{
                CopyFlags, GUID, GetIDsFromNamesFlags, GetNamesFromIDsFlags, HRESULT,
                IMAPIProp_Impl, MAPIERROR, MAPINAMEID, OpenPropertyFlags, PropTag, S_OK,
                SPropProblemArray, SPropTagArray, SPropValue, SaveChangesFlags, UnicodeFlags,
            };
            use mapi_provider_abi::object::Object;

            use $crate::objects::copying::{self, CopyProps, CopyTo, Target};
            use $crate::objects::property_object::PropertyObject;
            use $crate::objects::{answers, arguments, named};

            impl IMAPIProp_Impl for $object {
                unsafe fn GetLastError(
                    this: &Object<Self>,
                    hResult: HRESULT,
                    ulFlags: UnicodeFlags,
                    lppMAPIError: *mut *mut MAPIERROR,
                ) -> HRESULT {
                    let (last, shared) = (this.last(), this.shared());
                    // SAFETY: the thunk has checked that it is not NULL.
                    unsafe { last.tell(hResult, ulFlags, shared, lppMAPIError) }
                }

                unsafe fn SaveChanges(this: &Object<Self>, ulFlags: SaveChangesFlags) -> HRESULT {
                    let saved = PropertyObject::save(&**this, ulFlags);
                    this.last().answer(saved.map(|()| S_OK))
                }

                unsafe fn GetProps(
                    this: &Object<Self>,
                    lpPropTagArray: *mut SPropTagArray,
                    ulFlags: UnicodeFlags,
                    lpcValues: *mut u32,
                    lppPropArray: *mut *mut SPropValue,
                ) -> HRESULT {
                    let allocators = this.shared().allocators;
                    // SAFETY: the thunk has checked the outs; the tags are the caller's word.
                    let told = this.look(&mut |view| unsafe {
                        answers::get_props(
                            view,
                            allocators,
                            lpPropTagArray,
                            ulFlags,
                            lpcValues,
                            lppPropArray,
                        )
                    });
                    this.last().answer(told)
                }

                unsafe fn GetPropList(
                    this: &Object<Self>,
                    ulFlags: UnicodeFlags,
                    lppPropTagArray: *mut *mut SPropTagArray,
                ) -> HRESULT {
                    let allocators = this.shared().allocators;
                    // SAFETY: the thunk has checked that it is not NULL.
                    let told = this.look(&mut |view| unsafe {
                        answers::get_prop_list(view, allocators, ulFlags, lppPropTagArray)
                    });
                    this.last().answer(told)
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
                    let opened = this.open(ulPropTag, &iid, ulInterfaceOptions, ulFlags);
                    this.last().answer(opened.map(|object| {
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
                    let allocators = this.shared().allocators;
                    // SAFETY: NULL or the caller's to be written to.
                    this.last().answer(given.and_then(|given| unsafe {
                        PropertyObject::check_writable(&**this)?;
                        answers::with_problems(allocators, lppProblems, given.len(), || {
                            this.set(given)
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
                    let allocators = this.shared().allocators;
                    // SAFETY: NULL or the caller's to be written to.
                    this.last().answer(tags.and_then(|tags| unsafe {
                        PropertyObject::check_writable(&**this)?;
                        answers::with_problems(allocators, lppProblems, tags.len(), || {
                            this.delete(&tags)
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
                    let copied = this.copied(this.to_unknown(), &|from, origin| {
                        let arguments = CopyTo {
                            origin,
                            interface_count: ciidExclude,
                            interfaces: rgiidExclude,
                            excluded: lpExcludeProps,
                            target,
                        };
                        // SAFETY: the caller's word.
                        unsafe { copying::copy_to(this.shared(), from, &arguments) }
                    });
                    this.last().answer(copied)
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
                    let copied = this.copied(this.to_unknown(), &|from, origin| {
                        let arguments = CopyProps {
                            origin,
                            included: lpIncludeProps,
                            target,
                        };
                        // SAFETY: the caller's word.
                        unsafe { copying::copy_props(this.shared(), from, &arguments) }
                    });
                    this.last().answer(copied)
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
                    this.last().answer(unsafe {
                        named::names_from_ids(
                            this.shared(),
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
                    this.last().answer(unsafe {
                        named::ids_from_names(
                            this.shared(),
                            cPropNames,
                            lppPropNames,
                            ulFlags,
                            lppPropTags,
                        )
                    })
                }
            }
        };
    };
}

pub(super) use imapi_prop;
