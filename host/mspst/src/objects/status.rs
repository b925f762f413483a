//! The status object: IMAPIStatus, which has little to say.

use std::sync::Arc;

use mapi_provider::MapiObject;
use mapi_provider::abi::{
    HRESULT, IMAPIProp_Impl, IMAPIStatus, IMAPIStatus_Impl, MAPI_STATUS, MAPIERROR,
    PR_DISPLAY_NAME_W, PR_OBJECT_TYPE, PR_PROVIDER_DISPLAY_W, PR_RESOURCE_METHODS, PR_STATUS_CODE,
    PropTag, S_OK, SPropTagArray, SPropValue, UnicodeFlags, ValidateStateFlags,
};
use mapi_provider::object::Object;
use mapi_provider::view::PropValue;

use super::shared::StoreShared;
use crate::answers;
use crate::computed::{Properties, long};
use crate::fault::LastFault;

/// The status of a provider that is always there.
#[derive(MapiObject)]
#[mapi(implements(IMAPIStatus))]
pub(super) struct StatusObject {
    shared: Arc<StoreShared>,
    last: LastFault,
}

impl StatusObject {
    pub(super) fn new(shared: Arc<StoreShared>) -> Self {
        Self {
            shared,
            last: LastFault::default(),
        }
    }
}

struct StatusView(String);

impl Properties for StatusView {
    fn value(&self, id: u16) -> Option<PropValue<'_>> {
        let tag = self.tags().into_iter().find(|tag| tag.id() == id)?;
        Some(match tag {
            PR_DISPLAY_NAME_W => PropValue::from(&*self.0),
            PR_PROVIDER_DISPLAY_W => "Personal Folders".into(),
            PR_OBJECT_TYPE => long(MAPI_STATUS),
            PR_STATUS_CODE => long(1_u32),
            _ => long(0_u32),
        })
    }

    fn tags(&self) -> Vec<PropTag> {
        vec![
            PR_OBJECT_TYPE,
            PR_DISPLAY_NAME_W,
            PR_PROVIDER_DISPLAY_W,
            PR_STATUS_CODE,
            PR_RESOURCE_METHODS,
        ]
    }
}

impl StatusObject {
    fn view(&self) -> StatusView {
        let stem = self.shared.db.path().file_stem().unwrap_or_default();
        StatusView(stem.to_string_lossy().into_owned())
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
        unsafe {
            this.last
                .tell(hResult, ulFlags, this.shared.allocators, lppMAPIError)
        }
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
                &this.view(),
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
            answers::get_prop_list(&this.view(), allocators, ulFlags, lppPropTagArray)
        })
    }
}

impl IMAPIStatus_Impl for StatusObject {
    unsafe fn ValidateState(_: &Object<Self>, _: usize, _: ValidateStateFlags) -> HRESULT {
        S_OK
    }
}
