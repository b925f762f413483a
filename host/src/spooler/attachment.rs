//! What a transport attaches to the spooler's message.

use std::ffi::c_void;
use std::sync::{Arc, Mutex};

use mapi_provider::MapiObject;
use mapi_provider::abi::{
    IAttach, IAttach_Impl, IMAPIProp_Impl, IMessage, MAPI_E_NO_SUPPORT, MAPIERROR,
    OpenPropertyFlags, PR_ATTACH_DATA_OBJ, PropTag, S_OK, SPropProblemArray, SPropValue,
    SaveChangesFlags, UnicodeFlags,
};
use mapi_provider::object::{Object, ObjectRef};
use windows_core::{GUID, HRESULT, Interface};

use super::message::{MessageObject, State, set};
use crate::locks::lock;
use crate::objects::{Kind, Live, Shared};
use crate::property::Property;

/// An attachment that was saved into its message.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attached {
    /// Its properties.
    pub properties: Vec<Property>,
    /// The properties of the message that it is, if it is one.
    pub message: Option<Vec<Property>>,
}

/// The object.
#[derive(MapiObject)]
#[mapi(implements(IAttach))]
pub(super) struct AttachObject {
    shared: Arc<Shared>,
    owner: Arc<Mutex<State>>,
    properties: Mutex<Vec<Property>>,
    message: Mutex<Option<Arc<Mutex<State>>>>,
    _live: Live,
}

impl AttachObject {
    pub(super) fn open(shared: &Arc<Shared>, owner: &Arc<Mutex<State>>) -> IAttach {
        let attachment = ObjectRef::new(Self {
            shared: Arc::clone(shared),
            owner: Arc::clone(owner),
            properties: Mutex::default(),
            message: Mutex::default(),
            _live: shared.registry.live(Kind::Attachment),
        });
        attachment.into_interface()
    }
}

impl IMAPIProp_Impl for AttachObject {
    unsafe fn GetLastError(
        _: &Object<Self>,
        _: HRESULT,
        _: UnicodeFlags,
        _: *mut *mut MAPIERROR,
    ) -> HRESULT {
        S_OK // COM-08: nothing to say.
    }

    unsafe fn SaveChanges(this: &Object<Self>, _flags: SaveChangesFlags) -> HRESULT {
        let message = lock(&this.message).clone();
        let attached = Attached {
            properties: lock(&this.properties).clone(),
            message: message.map(|message| lock(&message).properties.clone()),
        };
        lock(&this.owner).attachments.push(attached);
        S_OK
    }

    unsafe fn SetProps(
        this: &Object<Self>,
        count: u32,
        values: *mut SPropValue,
        _problems: *mut *mut SPropProblemArray,
    ) -> HRESULT {
        // SAFETY: the caller answers for the values.
        let given = unsafe { Property::read_all(count, values) };
        set(&mut lock(&this.properties), given.into_iter().flatten());
        S_OK
    }

    unsafe fn OpenProperty(
        this: &Object<Self>,
        tag: PropTag,
        _iid: *const GUID,
        _options: u32,
        _flags: OpenPropertyFlags,
        out: *mut *mut c_void,
    ) -> HRESULT {
        if tag != PR_ATTACH_DATA_OBJ {
            return MAPI_E_NO_SUPPORT; // No streams: what is given fits into SetProps.
        }
        let state = Arc::default();
        let message: IMessage = MessageObject::open(&this.shared, &state).into_interface();
        *lock(&this.message) = Some(state);
        // SAFETY: the thunk has checked that it is not NULL.
        unsafe { *out = message.into_raw() };
        S_OK
    }
}

impl IAttach_Impl for AttachObject {}
