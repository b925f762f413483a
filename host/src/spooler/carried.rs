//! What a message in the Outbox carries: attachments that can be read.

use std::sync::Arc;

use mapi_provider::MapiObject;
use mapi_provider::abi::{
    IAttach, IAttach_Impl, IMAPIProp_Impl, MAPI_E_INVALID_PARAMETER, MAPIERROR, S_OK,
    SPropTagArray, SPropValue, UnicodeFlags,
};
use mapi_provider::object::{Object, ObjectRef};
use windows_core::HRESULT;

use super::values;
use crate::objects::tags::read_tags;
use crate::objects::{Kind, Live, Shared};
use crate::property::Property;

/// The object.
#[derive(MapiObject)]
#[mapi(implements(IAttach))]
pub(super) struct CarriedObject {
    shared: Arc<Shared>,
    properties: Vec<Property>,
    _live: Live,
}

impl CarriedObject {
    /// An object with these properties, and one reference.
    pub(super) fn open(shared: &Arc<Shared>, properties: Vec<Property>) -> IAttach {
        let object = ObjectRef::new(Self {
            shared: Arc::clone(shared),
            properties,
            _live: shared.registry.live(Kind::Attachment),
        });
        object.into_interface()
    }
}

impl IMAPIProp_Impl for CarriedObject {
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
        tags: *mut SPropTagArray,
        _flags: UnicodeFlags,
        count: *mut u32,
        out: *mut *mut SPropValue,
    ) -> HRESULT {
        // SAFETY: the caller answers for the array.
        let Some(tags) = (unsafe { read_tags(tags) }) else {
            return MAPI_E_INVALID_PARAMETER;
        };
        // SAFETY: the thunk has checked that neither is NULL.
        unsafe { values::get(&this.shared, "IAttach", &this.properties, &tags, count, out) }
    }

    unsafe fn GetPropList(
        this: &Object<Self>,
        _flags: UnicodeFlags,
        out: *mut *mut SPropTagArray,
    ) -> HRESULT {
        // SAFETY: the thunk has checked that it is not NULL.
        unsafe { values::list(&this.shared, "IAttach", &this.properties, out) }
    }
}

impl IAttach_Impl for CarriedObject {}
