//! The status object: IMAPIStatus, which has little to say.

use std::sync::Arc;

use mapi_provider_abi::mapi::{
    HRESULT, IMAPIProp_Impl, IMAPIStatus, IMAPIStatus_Impl, MAPI_STATUS, MAPIERROR,
    PR_DISPLAY_NAME_W, PR_MDB_PROVIDER, PR_OBJECT_TYPE, PR_PROVIDER_DISPLAY_W, PR_RESOURCE_METHODS,
    PR_STATUS_CODE, PropTag, S_OK, SPropTagArray, SPropValue, UnicodeFlags, ValidateStateFlags,
};
use mapi_provider_abi::object::Object;
use mapi_provider_abi::view::Property;

use super::answers;
use super::computed::{Properties, Shown, long};
use super::fault::LastFault;
use super::shared::StoreShared;

/// The status of a provider that is always there.
#[cfg_attr(false, derive(MapiObject), mapi(implements(IMAPIStatus)))]
pub(super) struct StatusObject {
    shared: Arc<StoreShared>,
    last: LastFault,
}
include!("objects/status.rs");

impl StatusObject {
    pub(super) fn new(shared: Arc<StoreShared>) -> Self {
        Self {
            shared,
            last: LastFault::default(),
        }
    }
}

/// The row of the store in the status table. `PR_MDB_PROVIDER` is in it: the spooler looks for it.
pub(super) fn status_row(shared: &StoreShared) -> Vec<Property<'_>> {
    let identity = &shared.identity;
    vec![
        Property::new(PR_DISPLAY_NAME_W, &*identity.name),
        Property::new(PR_PROVIDER_DISPLAY_W, &*identity.provider_name),
        Property::new(PR_STATUS_CODE, AVAILABLE),
        Property::new(PR_RESOURCE_METHODS, METHODS),
        Property::new(PR_MDB_PROVIDER, &identity.provider_uid[..]),
    ]
}

/// `STATUS_AVAILABLE`.
const AVAILABLE: i32 = 1;
/// `STATUS_VALIDATE_STATE`.
const METHODS: i32 = 1;

struct StatusView<'a>(&'a StoreShared);

impl Properties for StatusView<'_> {
    fn value(&self, id: u16) -> Option<Shown<'_>> {
        let kind = Property::new(PR_OBJECT_TYPE, long(MAPI_STATUS));
        let mut all = std::iter::once(kind).chain(status_row(self.0));
        let found = all.find(|property| property.tag.id() == id)?;
        Some(Shown::Value(found.value))
    }

    fn tags(&self) -> Vec<PropTag> {
        let row = status_row(self.0).into_iter();
        std::iter::once(PR_OBJECT_TYPE)
            .chain(row.map(|property| property.tag))
            .collect()
    }
}

impl IMAPIProp_Impl for StatusObject {
    unsafe fn GetLastError(
        this: &Object<Self>,
        hResult: HRESULT,
        ulFlags: UnicodeFlags,
        lppMAPIError: *mut *mut MAPIERROR,
    ) -> HRESULT {
        // SAFETY: the thunk has checked that it is not NULL.
        unsafe { this.last.tell(hResult, ulFlags, &this.shared, lppMAPIError) }
    }

    unsafe fn GetProps(
        this: &Object<Self>,
        lpPropTagArray: *mut SPropTagArray,
        ulFlags: UnicodeFlags,
        lpcValues: *mut u32,
        lppPropArray: *mut *mut SPropValue,
    ) -> HRESULT {
        let allocators = this.shared.allocators;
        // SAFETY: the thunk has checked the outs; the tags are the caller's word.
        this.last.answer(unsafe {
            answers::get_props(
                &StatusView(&this.shared),
                allocators,
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
        let allocators = this.shared.allocators;
        // SAFETY: the thunk has checked that it is not NULL.
        this.last.answer(unsafe {
            answers::get_prop_list(
                &StatusView(&this.shared),
                allocators,
                ulFlags,
                lppPropTagArray,
            )
        })
    }
}

impl IMAPIStatus_Impl for StatusObject {
    unsafe fn ValidateState(_: &Object<Self>, _: usize, _: ValidateStateFlags) -> HRESULT {
        S_OK
    }
}
