//! The administration of a profile's services: simulated.

use std::ffi::c_void;
use std::sync::Mutex;

use mapi_provider::MapiObject;
use mapi_provider::abi::{
    IMAPITable, IMsgServiceAdmin, IMsgServiceAdmin_Impl, IMsgServiceAdmin2, IMsgServiceAdmin2_Impl,
    MAPI_E_DISK_ERROR, MAPI_E_INVALID_PARAMETER, MAPI_E_NO_ACCESS, MAPI_E_NOT_ENOUGH_MEMORY,
    MAPI_E_NOT_FOUND, MAPIERROR, MAPIUID, MSG_SERVICE_CONFIGURE, MSG_SERVICE_CREATE,
    MSG_SERVICE_DELETE, PR_DISPLAY_NAME_W, PR_SERVICE_NAME_W, PR_SERVICE_UID, S_OK, SPropValue,
    ServiceFlags, TCHAR, UnicodeFlags,
};
use mapi_provider::object::{Object, ObjectRef};
use mapi_provider::view::DescribedError;
use windows_core::{HRESULT, Interface};

use super::{AdminCall, InstalledService, Profiles, Services};
use crate::locks::lock;
use crate::objects::{Kind, Live, Table};
use crate::profile::{Profile, SectionUid};
use crate::property::{Property, Value, bytes_until_nul, wide_text};

/// More properties than any caller configures.
const MOST_PROPERTIES: u32 = 4096;

/// `IMsgServiceAdmin` and `IMsgServiceAdmin2`: listing, adding, configuring and deleting services. The rest has no
/// support.
#[derive(MapiObject)]
#[mapi(implements(IMsgServiceAdmin, IMsgServiceAdmin2))]
pub struct ServiceAdmin {
    profiles: Profiles,
    profile: Profile,
    /// What a service has said of its last failure.
    said: Mutex<Option<String>>,
    _live: Live,
}

impl ServiceAdmin {
    pub(super) fn open(profiles: &Profiles, profile: Profile) -> ObjectRef<Self> {
        ObjectRef::new(Self {
            profiles: profiles.clone(),
            profile,
            said: Mutex::default(),
            _live: profiles.shared().registry.live(Kind::ServiceAdmin),
        })
    }

    /// Calls the entry point of a service, and keeps what it says of a failure.
    fn call(
        &self,
        uid: SectionUid,
        service: &InstalledService,
        context: u32,
        properties: &[Property],
    ) -> HRESULT {
        let answered = Services::of(&self.profile).call(uid, service, context, properties);
        *lock(&self.said) = answered
            .as_ref()
            .err()
            .and_then(|failure| failure.text.clone());
        answered.map_or_else(|failure| failure.status.0, |()| S_OK)
    }

    /// A service of the profile, and what is installed for it.
    ///
    /// # Safety
    ///
    /// `uid` is NULL or a MAPIUID.
    unsafe fn service(&self, uid: *const MAPIUID) -> Option<(SectionUid, InstalledService)> {
        // SAFETY: the caller's word.
        let uid = SectionUid(unsafe { uid.as_ref() }?.ab);
        let id = Services::of(&self.profile).id_of(uid)?;
        Some((uid, self.profiles.installed(&id)?))
    }

    fn add(&self, id: &str) -> Result<SectionUid, HRESULT> {
        let services = Services::of(&self.profile);
        let service = self.profiles.installed(id).ok_or(MAPI_E_NOT_FOUND)?;
        let is_there = || {
            services.list().into_iter().any(|(uid, _)| {
                services
                    .id_of(uid)
                    .is_some_and(|other| other.eq_ignore_ascii_case(id))
            })
        };
        if service.may_be_once() && is_there() {
            return Err(MAPI_E_NO_ACCESS);
        }
        let uid = services.create(&service).map_err(|_| MAPI_E_DISK_ERROR)?;
        let created = self.call(uid, &service, MSG_SERVICE_CREATE, &[]);
        if created.is_err() {
            // Best effort: what the service answered is what counts.
            let _ = services.delete(uid);
            return Err(created);
        }
        Ok(uid)
    }

    /// # Safety
    ///
    /// `name` is NULL or a text of the width that the flags say; `out` is NULL or valid for a write.
    unsafe fn create(
        &self,
        call: AdminCall,
        name: *const TCHAR,
        flags: ServiceFlags,
        out: *mut MAPIUID,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        let Some(id) = (unsafe { text(name, flags.contains(ServiceFlags::MAPI_UNICODE)) }) else {
            return MAPI_E_INVALID_PARAMETER;
        };
        self.profiles.unless_refused(call, || match self.add(&id) {
            Ok(uid) => {
                if !out.is_null() {
                    // SAFETY: not NULL, so valid for a write by the caller's word.
                    unsafe { out.write(MAPIUID { ab: uid.0 }) };
                }
                S_OK
            }
            Err(status) => status,
        })
    }

    /// # Safety
    ///
    /// `out` is NULL or valid for a write.
    unsafe fn table(&self, out: *mut *mut c_void) -> HRESULT {
        if out.is_null() {
            return MAPI_E_INVALID_PARAMETER;
        }
        self.profiles
            .unless_refused(AdminCall::GetMsgServiceTable, || {
                let columns = [PR_SERVICE_UID, PR_SERVICE_NAME_W, PR_DISPLAY_NAME_W];
                let rows = Services::of(&self.profile).list().into_iter();
                let rows = rows.map(|(_, section)| {
                    let cell = |tag: &mapi_provider::abi::PropTag| {
                        let value = section.get(&tag.id())?.clone();
                        Some(Property {
                            id: tag.id(),
                            value,
                        })
                    };
                    columns.iter().filter_map(cell).collect()
                });
                let table = Table::open(self.profiles.shared(), rows.collect());
                // SAFETY: not NULL; the reference goes to the caller.
                unsafe { *out = table.into_interface::<IMAPITable>().into_raw() };
                S_OK
            })
    }

    /// # Safety
    ///
    /// `uid` is NULL or a MAPIUID.
    unsafe fn delete(&self, uid: *const MAPIUID) -> HRESULT {
        self.profiles
            .unless_refused(AdminCall::DeleteMsgService, || {
                // SAFETY: the caller's word.
                let Some((uid, service)) = (unsafe { self.service(uid) }) else {
                    return MAPI_E_NOT_FOUND;
                };
                let told = self.call(uid, &service, MSG_SERVICE_DELETE, &[]);
                match Services::of(&self.profile).delete(uid) {
                    Ok(()) => told,
                    Err(_) => MAPI_E_DISK_ERROR,
                }
            })
    }

    /// # Safety
    ///
    /// `uid` is NULL or a MAPIUID; `properties` is NULL or points to as many as `count` says.
    unsafe fn configure(
        &self,
        uid: *const MAPIUID,
        count: u32,
        properties: *const SPropValue,
    ) -> HRESULT {
        if count > MOST_PROPERTIES || (count > 0 && properties.is_null()) {
            return MAPI_E_INVALID_PARAMETER;
        }
        self.profiles
            .unless_refused(AdminCall::ConfigureMsgService, || {
                // SAFETY: the caller's word.
                let Some((uid, service)) = (unsafe { self.service(uid) }) else {
                    return MAPI_E_NOT_FOUND;
                };
                let read = |index: u32| {
                    // SAFETY: the caller answers for that many properties, and for what they point to.
                    let property = unsafe { &*properties.add(index as usize) };
                    // SAFETY: as above.
                    let value = unsafe { Value::read(property) }?;
                    let id = property.ulPropTag.id();
                    Ok(Property { id, value })
                };
                let read: Result<Vec<Property>, HRESULT> = (0..count).map(read).collect();
                match read {
                    Ok(read) => self.call(uid, &service, MSG_SERVICE_CONFIGURE, &read),
                    Err(status) => status,
                }
            })
    }

    /// # Safety
    ///
    /// `out` is NULL or valid for a write.
    unsafe fn last_error(&self, flags: UnicodeFlags, out: *mut *mut MAPIERROR) -> HRESULT {
        if out.is_null() {
            return MAPI_E_INVALID_PARAMETER;
        }
        let said = lock(&self.said).take();
        let error = said.map(|text| {
            let allocators = self.profiles.allocators().for_views();
            allocators.build(&DescribedError::new(&text, "the service", flags))
        });
        let error = match error {
            None => std::ptr::null_mut(),
            Some(Ok(error)) => error.into_raw(),
            Some(Err(_)) => return MAPI_E_NOT_ENOUGH_MEMORY,
        };
        // SAFETY: not NULL, so valid for a write by the caller's word.
        unsafe { out.write(error) };
        S_OK
    }
}

/// An `LPTSTR` of a width; none at NULL.
///
/// # Safety
///
/// The pointer is NULL, or to a text of that width with its NUL.
pub(super) unsafe fn text(text: *const TCHAR, wide: bool) -> Option<String> {
    // SAFETY: the caller's word.
    unsafe {
        if wide {
            wide_text(text.cast())
        } else {
            let bytes = bytes_until_nul(text)?;
            Some(bytes.into_iter().map(char::from).collect())
        }
    }
}

/// The methods that both interfaces have.
macro_rules! service_admin {
    () => {
        unsafe fn GetLastError(
            this: &Object<Self>,
            _status: HRESULT,
            flags: UnicodeFlags,
            out: *mut *mut MAPIERROR,
        ) -> HRESULT {
            // SAFETY: the caller's word.
            unsafe { this.last_error(flags, out) }
        }

        unsafe fn GetMsgServiceTable(
            this: &Object<Self>,
            _flags: u32,
            out: *mut *mut c_void,
        ) -> HRESULT {
            // SAFETY: the caller's word.
            unsafe { this.table(out) }
        }

        unsafe fn CreateMsgService(
            this: &Object<Self>,
            service: *mut TCHAR,
            _name: *mut TCHAR,
            _window: usize,
            flags: ServiceFlags,
        ) -> HRESULT {
            let (call, out) = (AdminCall::CreateMsgService, std::ptr::null_mut());
            // SAFETY: the caller's word.
            unsafe { this.create(call, service, flags, out) }
        }

        unsafe fn DeleteMsgService(this: &Object<Self>, uid: *mut MAPIUID) -> HRESULT {
            // SAFETY: the caller's word.
            unsafe { this.delete(uid) }
        }

        unsafe fn ConfigureMsgService(
            this: &Object<Self>,
            uid: *mut MAPIUID,
            _window: usize,
            _flags: ServiceFlags,
            count: u32,
            properties: *mut SPropValue,
        ) -> HRESULT {
            // SAFETY: the caller's word.
            unsafe { this.configure(uid, count, properties) }
        }
    };
}

impl IMsgServiceAdmin_Impl for ServiceAdmin {
    service_admin!();
}

impl IMsgServiceAdmin2_Impl for ServiceAdmin {
    service_admin!();

    unsafe fn CreateMsgServiceEx(
        this: &Object<Self>,
        service: *mut TCHAR,
        _name: *mut TCHAR,
        _window: usize,
        flags: ServiceFlags,
        out: *mut MAPIUID,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        unsafe { this.create(AdminCall::CreateMsgServiceEx, service, flags, out) }
    }
}
