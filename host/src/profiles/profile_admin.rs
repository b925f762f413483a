//! The administration of profiles that `MAPIAdminProfiles` answers: simulated.

use std::ffi::c_void;

use mapi_provider::MapiObject;
use mapi_provider::abi::{
    AdminServicesFlags, IMAPITable, IMsgServiceAdmin, IProfAdmin, IProfAdmin_Impl,
    MAPI_E_DISK_ERROR, MAPI_E_INVALID_PARAMETER, MAPI_E_LOGON_FAILED, MAPI_E_NO_ACCESS,
    MAPI_E_NOT_FOUND, MAPIERROR, ProfileFlags, S_OK, TCHAR, UnicodeFlags,
};
use mapi_provider::object::{Object, ObjectRef};
use windows_core::{HRESULT, Interface};

use super::service_admin::{ServiceAdmin, text};
use super::{AdminCall, Profiles, profile_row};
use crate::objects::{Kind, Live, Table};

/// `IProfAdmin`: listing, making and deleting profiles, choosing the default, opening the services. The rest has no support.
#[derive(MapiObject)]
#[mapi(implements(IProfAdmin))]
pub struct ProfileAdmin {
    profiles: Profiles,
    _live: Live,
}

impl ProfileAdmin {
    pub(crate) fn open(profiles: &Profiles) -> ObjectRef<Self> {
        ObjectRef::new(Self {
            profiles: profiles.clone(),
            _live: profiles.shared().registry.live(Kind::ProfileAdmin),
        })
    }
}

impl IProfAdmin_Impl for ProfileAdmin {
    unsafe fn GetLastError(
        _: &Object<Self>,
        _: HRESULT,
        _: UnicodeFlags,
        _: *mut *mut MAPIERROR,
    ) -> HRESULT {
        S_OK // COM-08: nothing to say.
    }

    unsafe fn GetProfileTable(
        this: &Object<Self>,
        _flags: ProfileFlags,
        out: *mut *mut c_void,
    ) -> HRESULT {
        if out.is_null() {
            return MAPI_E_INVALID_PARAMETER;
        }
        let profiles = &this.profiles;
        profiles.unless_refused(AdminCall::GetProfileTable, || {
            let default = profiles.default();
            let names = profiles.names();
            let row = |name: &String| profile_row(name, default.as_ref() == Some(name));
            let table = Table::open(profiles.shared(), names.iter().map(row).collect());
            // SAFETY: not NULL; the reference goes to the caller.
            unsafe { *out = table.into_interface::<IMAPITable>().into_raw() };
            S_OK
        })
    }

    unsafe fn CreateProfile(
        this: &Object<Self>,
        name: *mut TCHAR,
        _password: *mut TCHAR,
        _window: usize,
        _flags: ProfileFlags,
    ) -> HRESULT {
        // SAFETY: the caller answers for the name; there is no flag for another width.
        let Some(name) = (unsafe { text(name, false) }) else {
            return MAPI_E_INVALID_PARAMETER;
        };
        let profiles = &this.profiles;
        profiles.unless_refused(AdminCall::CreateProfile, || {
            if profiles.profile(&name).is_some() {
                return MAPI_E_NO_ACCESS;
            }
            match profiles.create(&name) {
                Ok(()) => S_OK,
                Err(_) => MAPI_E_DISK_ERROR,
            }
        })
    }

    unsafe fn DeleteProfile(
        this: &Object<Self>,
        name: *mut TCHAR,
        _flags: ProfileFlags,
    ) -> HRESULT {
        // SAFETY: as for CreateProfile.
        let Some(name) = (unsafe { text(name, false) }) else {
            return MAPI_E_INVALID_PARAMETER;
        };
        let profiles = &this.profiles;
        profiles.unless_refused(AdminCall::DeleteProfile, || {
            if profiles.delete(&name) {
                S_OK
            } else {
                MAPI_E_NOT_FOUND
            }
        })
    }

    unsafe fn SetDefaultProfile(
        this: &Object<Self>,
        name: *mut TCHAR,
        flags: UnicodeFlags,
    ) -> HRESULT {
        // SAFETY: the caller answers for the name.
        let name = unsafe { text(name, flags.contains(UnicodeFlags::MAPI_UNICODE)) };
        if name
            .as_ref()
            .is_some_and(|name| this.profiles.profile(name).is_none())
        {
            return MAPI_E_NOT_FOUND;
        }
        this.profiles.set_default(name);
        S_OK
    }

    unsafe fn AdminServices(
        this: &Object<Self>,
        name: *mut TCHAR,
        _password: *mut TCHAR,
        _window: usize,
        flags: AdminServicesFlags,
        out: *mut *mut c_void,
    ) -> HRESULT {
        let wide = flags.contains(AdminServicesFlags::MAPI_UNICODE);
        // SAFETY: the caller answers for the name.
        let (Some(name), false) = (unsafe { text(name, wide) }, out.is_null()) else {
            return MAPI_E_INVALID_PARAMETER;
        };
        let profiles = &this.profiles;
        profiles.unless_refused(AdminCall::AdminServices, || {
            // As MAPI tells of a profile that isn't there.
            let Some(profile) = profiles.profile(&name) else {
                return MAPI_E_LOGON_FAILED;
            };
            let admin = ServiceAdmin::open(profiles, profile);
            // SAFETY: not NULL; the reference goes to the caller.
            unsafe { *out = admin.into_interface::<IMsgServiceAdmin>().into_raw() };
            S_OK
        })
    }
}
