//! With this object, `ServiceEntry` administers the providers of its service.

use std::ffi::c_void;
use std::sync::Arc;

use mapi_provider::MapiObject;
use mapi_provider::abi::{
    IMAPITable, IProviderAdmin, IProviderAdmin_Impl, MAPI_E_INVALID_PARAMETER, MAPIERROR, MAPIUID,
    OpenProfileSectionFlags, PR_PROVIDER_UID, PR_RESOURCE_TYPE, PR_SERVICE_UID, S_OK, UnicodeFlags,
};
use mapi_provider::object::{Object, ObjectRef};
use windows_core::{GUID, HRESULT, Interface};

use super::registry::{Kind, Live};
use super::section::ProfileSection;
use super::shared::Shared;
use super::table::Table;
use crate::profile::SectionUid;
use crate::property::{Property, Value};

/// `IProviderAdmin` of a service.
#[derive(MapiObject)]
#[mapi(implements(IProviderAdmin))]
pub struct ProviderAdmin {
    shared: Arc<Shared>,
    _live: Live,
}

impl ProviderAdmin {
    pub(crate) fn open(shared: &Arc<Shared>) -> ObjectRef<Self> {
        let live = shared.registry.live(Kind::ProviderAdmin);
        ObjectRef::new(Self {
            shared: Arc::clone(shared),
            _live: live,
        })
    }
}

/// The rows of the providers that are meant.
pub(super) fn provider_rows(shared: &Shared, is_meant: impl Fn(u32) -> bool) -> Vec<Vec<Property>> {
    let meant = shared.providers.iter().filter(|(_, kind)| is_meant(*kind));
    meant
        .map(|(uid, kind)| provider_row(shared, *uid, *kind))
        .collect()
}

fn provider_row(shared: &Shared, uid: SectionUid, kind: u32) -> Vec<Property> {
    let mut row = vec![
        Property::new(PR_PROVIDER_UID, Value::Binary(uid.0.to_vec())),
        Property::new(
            PR_SERVICE_UID,
            Value::Binary(SectionUid::SERVICE.0.to_vec()),
        ),
        Property::new(PR_RESOURCE_TYPE, kind.cast_signed()),
    ];
    let section = shared.profile.section(uid);
    let extra = section
        .into_iter()
        .filter(|(id, _)| (0x3001..0x3100).contains(id));
    row.extend(
        extra
            .map(|(id, value)| Property { id, value })
            .filter(|property| property.tag() != PR_PROVIDER_UID),
    );
    row
}

impl IProviderAdmin_Impl for ProviderAdmin {
    unsafe fn GetLastError(
        _: &Object<Self>,
        _: HRESULT,
        _: UnicodeFlags,
        _: *mut *mut MAPIERROR,
    ) -> HRESULT {
        S_OK // COM-08: nothing to say.
    }

    unsafe fn GetProviderTable(
        this: &Object<Self>,
        _flags: UnicodeFlags,
        out: *mut *mut c_void,
    ) -> HRESULT {
        if out.is_null() {
            return MAPI_E_INVALID_PARAMETER;
        }
        let table = Table::open(&this.shared, provider_rows(&this.shared, |_| true));
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
        let uid = unsafe { uid.as_ref() }.map_or(SectionUid::SERVICE, |uid| SectionUid(uid.ab));
        // SAFETY: the caller answers for the place for the section.
        unsafe { ProfileSection::open_into(&this.shared, uid, flags, out) }
    }
}
