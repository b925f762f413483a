//! The object whose properties the sheet shows and changes. Nothing of it goes to the profile by itself.

use std::sync::{Mutex, MutexGuard, PoisonError};

use windows_core::HRESULT;

use super::values::Entries;
use crate::entry::limits;
use crate::entry::properties::{Value, get_props};
use mapi_provider_abi::internal::Confidential;
use mapi_provider_abi::mapi::{
    IMAPIProp, IMAPIProp_Impl, MAPI_E_INVALID_PARAMETER, MAPI_E_NO_ACCESS, MAPIERROR, PT_STRING8,
    PT_UNICODE, PropTag, S_OK, SPropProblemArray, SPropTagArray, SPropValue, SaveChangesFlags,
    UnicodeFlags,
};
use mapi_provider_abi::object::{Object, ObjectRef};
use mapi_provider_abi::view::{self, Allocators, PropProblem, PropProblems, PropTags};

/// The values of a sheet, as an object.
#[cfg_attr(false, derive(MapiObject), mapi(implements(IMAPIProp)))]
pub(super) struct ConfigData {
    allocators: Allocators,
    read_only: bool,
    /// None once the sheet is closed: whoever still holds the object finds nothing in it.
    entries: Mutex<Option<Entries>>,
}
include!("objects/config.rs");

impl ConfigData {
    /// An object with these values.
    pub(super) fn new(
        allocators: Allocators,
        entries: Entries,
        read_only: bool,
    ) -> ObjectRef<Self> {
        ObjectRef::new(Self {
            allocators,
            read_only,
            entries: Mutex::new(Some(entries)),
        })
    }

    /// What the sheet has left there; none the second time.
    pub(super) fn take(&self) -> Option<Entries> {
        self.lock().take()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Entries>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes properties one by one, and answers which could not be changed.
    ///
    /// # Safety
    ///
    /// `problems` is NULL or the caller's to be written to.
    unsafe fn change<T>(
        &self,
        changes: Vec<T>,
        problems: *mut *mut SPropProblemArray,
        tag: impl Fn(&T) -> PropTag,
        change: impl Fn(&mut Entries, &T) -> Result<(), HRESULT>,
    ) -> HRESULT {
        if self.read_only {
            return MAPI_E_NO_ACCESS;
        }
        let mut wrong = PropProblems::default();
        {
            let mut entries = self.lock();
            let Some(entries) = entries.as_mut() else {
                return MAPI_E_NO_ACCESS;
            };
            for (index, one) in changes.iter().enumerate() {
                if let Err(status) = change(entries, one) {
                    wrong.0.push(PropProblem {
                        index: index as u32,
                        tag: tag(one),
                        status,
                    });
                }
            }
        }
        if problems.is_null() || wrong.0.is_empty() {
            return S_OK;
        }
        match self.allocators.build(&wrong) {
            Ok(array) => {
                // SAFETY: not NULL, so the caller's to be written to.
                unsafe { *problems = array.into_raw() };
                S_OK
            }
            Err(error) => error.status(),
        }
    }
}

/// The type of texts where nobody names one.
fn text_type(flags: UnicodeFlags) -> u32 {
    match flags.contains(UnicodeFlags::MAPI_UNICODE) {
        true => PT_UNICODE,
        false => PT_STRING8,
    }
}

impl IMAPIProp_Impl for ConfigData {
    unsafe fn GetLastError(
        _: &Object<Self>,
        _: HRESULT,
        _: UnicodeFlags,
        _: *mut *mut MAPIERROR,
    ) -> HRESULT {
        S_OK // COM-08: nothing to say.
    }

    /// What is to be kept is taken out when the sheet is closed.
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
        // SAFETY: NULL, or an array as the caller's count says.
        let named = unsafe { view::read_optional::<PropTags>(lpPropTagArray, &limits::tags()) };
        let Ok(named) = named else {
            return MAPI_E_INVALID_PARAMETER;
        };
        // A copy, because no lock is held while MAPI allocates (SYNC-19).
        let entries = this.lock().clone();
        let all = || {
            let entries = entries.as_ref();
            entries.map_or_else(Vec::new, |entries| entries.tags(text_type(ulFlags)))
        };
        let tags = named.map_or_else(all, |tags| tags.to_vec());
        let find = |asked: PropTag| entries.as_ref()?.get(asked);
        match get_props(this.allocators, &tags, find) {
            Ok((result, values)) => {
                // SAFETY: the thunk has checked that neither is NULL.
                unsafe {
                    *lpcValues = tags.len() as u32;
                    *lppPropArray = values;
                }
                result
            }
            Err(result) => result,
        }
    }

    unsafe fn GetPropList(
        this: &Object<Self>,
        ulFlags: UnicodeFlags,
        lppPropTagArray: *mut *mut SPropTagArray,
    ) -> HRESULT {
        let tags = match this.lock().as_ref() {
            Some(entries) => entries.tags(text_type(ulFlags)),
            None => Vec::new(),
        };
        match this.allocators.build(&PropTags::from(tags)) {
            Ok(array) => {
                // SAFETY: the thunk has checked that it is not NULL.
                unsafe { *lppPropTagArray = array.into_raw() };
                S_OK
            }
            Err(error) => error.status(),
        }
    }

    unsafe fn SetProps(
        this: &Object<Self>,
        cValues: u32,
        lpPropArray: *mut SPropValue,
        lppProblems: *mut *mut SPropProblemArray,
    ) -> HRESULT {
        // SAFETY: as many properties as the count says, by the caller's word.
        let given = unsafe { view::read_array(cValues, lpPropArray, &limits::properties()) };
        let given: Vec<Confidential> = match given {
            Ok(given) => given,
            Err(_) => return MAPI_E_INVALID_PARAMETER,
        };
        let set = |entries: &mut Entries, property: &Confidential| {
            let value = property.value().and_then(Value::new);
            entries.set(property.tag(), value)
        };
        // SAFETY: NULL or the caller's to be written to.
        unsafe { this.change(given, lppProblems, Confidential::tag, set) }
    }

    unsafe fn DeleteProps(
        this: &Object<Self>,
        lpPropTagArray: *mut SPropTagArray,
        lppProblems: *mut *mut SPropProblemArray,
    ) -> HRESULT {
        // SAFETY: an array as the caller's count says.
        let tags = unsafe { view::read_optional::<PropTags>(lpPropTagArray, &limits::tags()) };
        let Ok(Some(tags)) = tags else {
            return MAPI_E_INVALID_PARAMETER;
        };
        let clear = |entries: &mut Entries, tag: &PropTag| entries.clear(*tag);
        // SAFETY: NULL or the caller's to be written to.
        unsafe { this.change(tags.to_vec(), lppProblems, |tag| *tag, clear) }
    }
}
