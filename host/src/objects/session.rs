//! The session that a run is given.

use std::ffi::c_void;
use std::sync::Arc;

use mapi_provider::MapiObject;
use mapi_provider::abi::{
    IMAPISession, IMAPISession_Impl, IMAPITable, MAPI_E_INVALID_PARAMETER, MAPI_STORE_PROVIDER,
    MAPIERROR, MAPIUID, OpenProfileSectionFlags, S_OK, SessionLogoffFlags, UnicodeFlags,
};
use mapi_provider::object::{Object, ObjectRef};
use windows_core::{GUID, HRESULT, Interface};

use super::admin::provider_rows;
use super::registry::{Kind, Live};
use super::section::ProfileSection;
use super::shared::Shared;
use super::table::Table;
use crate::profile::SectionUid;

/// `IMAPISession`: the profile's sections and the table of its one store. The rest is not
/// supported.
#[derive(MapiObject)]
#[mapi(implements(IMAPISession))]
pub struct Session {
    shared: Arc<Shared>,
    _live: Live,
}

impl Session {
    pub(crate) fn open(shared: &Arc<Shared>) -> ObjectRef<Self> {
        let live = shared.registry.live(Kind::Session);
        ObjectRef::new(Self {
            shared: Arc::clone(shared),
            _live: live,
        })
    }
}

impl IMAPISession_Impl for Session {
    unsafe fn GetLastError(
        _: &Object<Self>,
        _: HRESULT,
        _: UnicodeFlags,
        _: *mut *mut MAPIERROR,
    ) -> HRESULT {
        S_OK // COM-08: nothing to say.
    }

    unsafe fn GetMsgStoresTable(
        this: &Object<Self>,
        _flags: UnicodeFlags,
        out: *mut *mut c_void,
    ) -> HRESULT {
        if out.is_null() {
            return MAPI_E_INVALID_PARAMETER;
        }
        let stores = provider_rows(&this.shared, |kind| kind == MAPI_STORE_PROVIDER);
        let table = Table::open(&this.shared, stores);
        // SAFETY: not NULL; the reference goes to the caller.
        unsafe { *out = table.into_interface::<IMAPITable>().into_raw() };
        S_OK
    }

    unsafe fn OpenProfileSection(
        this: &Object<Self>,
        uid: *mut MAPIUID,
        _interface: *const GUID,
        flags: OpenProfileSectionFlags,
        out: *mut *mut c_void,
    ) -> HRESULT {
        // SAFETY: a UID, or NULL.
        let Some(uid) = (unsafe { uid.as_ref() }) else {
            return MAPI_E_INVALID_PARAMETER;
        };
        // SAFETY: the caller answers for the place for the section.
        unsafe { ProfileSection::open_into(&this.shared, SectionUid(uid.ab), flags, out) }
    }

    unsafe fn Logoff(
        _: &Object<Self>,
        _window: usize,
        _flags: SessionLogoffFlags,
        _reserved: u32,
    ) -> HRESULT {
        S_OK
    }
}
