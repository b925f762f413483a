//! The status object: IMAPIStatus, read-only (AB-05).

use std::sync::{Arc, Weak};

use windows_core::HRESULT;

use super::attached::Attached;
use super::properties;
use crate::address_book::AddressBook;
use mapi_provider_abi::mapi::{
    IMAPIProp_Impl, IMAPIStatus, IMAPIStatus_Impl, MAPI_E_NO_SUPPORT, MAPI_STATUS, MAPIERROR,
    PR_OBJECT_TYPE, S_OK, SPropTagArray, SPropValue, UnicodeFlags, ValidateStateFlags,
};
use mapi_provider_abi::object::Object;
use mapi_provider_abi::view::Property;

/// What the status table opens of a logon. It keeps nothing of the logon alive (AB-34); without it, it has no methods.
#[cfg_attr(false, derive(MapiObject), mapi(implements(IMAPIStatus)))]
pub(super) struct StatusObject<L: AddressBook> {
    logon: Weak<Attached<L>>,
}
include!("objects/status_object.rs");

impl<L: AddressBook> StatusObject<L> {
    pub(super) fn new(logon: &Arc<Attached<L>>) -> Self {
        Self {
            logon: Arc::downgrade(logon),
        }
    }

    /// The logon; none after Logoff.
    fn logon(&self) -> Option<Arc<Attached<L>>> {
        self.logon.upgrade().filter(|logon| !logon.is_closed())
    }
}

/// The properties as they are now: those of the row, and what the object is.
fn properties_of<L: AddressBook>(logon: &Attached<L>) -> Vec<Property<'static>> {
    let mut properties = logon.status_row();
    properties.push(Property::new(PR_OBJECT_TYPE, MAPI_STATUS as i32));
    properties
}

impl<L: AddressBook> IMAPIProp_Impl for StatusObject<L> {
    unsafe fn GetLastError(
        _: &Object<Self>,
        _: HRESULT,
        _: UnicodeFlags,
        _: *mut *mut MAPIERROR,
    ) -> HRESULT {
        S_OK // COM-08: nothing to say.
    }

    unsafe fn GetProps(
        this: &Object<Self>,
        lpPropTagArray: *mut SPropTagArray,
        ulFlags: UnicodeFlags,
        lpcValues: *mut u32,
        lppPropArray: *mut *mut SPropValue,
    ) -> HRESULT {
        let Some(logon) = this.logon() else {
            return MAPI_E_NO_SUPPORT;
        };
        let (all, outs) = (properties_of(&logon), (lpcValues, lppPropArray));
        // SAFETY: the caller's word; the thunk has checked the outs.
        unsafe { properties::get_props(logon.allocators, &all, &[], lpPropTagArray, ulFlags, outs) }
    }

    unsafe fn GetPropList(
        this: &Object<Self>,
        ulFlags: UnicodeFlags,
        lppPropTagArray: *mut *mut SPropTagArray,
    ) -> HRESULT {
        let Some(logon) = this.logon() else {
            return MAPI_E_NO_SUPPORT;
        };
        let all = properties_of(&logon);
        // SAFETY: the thunk has checked the out.
        unsafe { properties::get_prop_list(logon.allocators, &all, &[], ulFlags, lppPropTagArray) }
    }
}

impl<L: AddressBook> IMAPIStatus_Impl for StatusObject<L> {
    unsafe fn ValidateState(
        this: &Object<Self>,
        _ulUIParam: usize,
        _ulFlags: ValidateStateFlags,
    ) -> HRESULT {
        match this.logon() {
            Some(_) => S_OK,
            None => MAPI_E_NO_SUPPORT,
        }
    }
}
