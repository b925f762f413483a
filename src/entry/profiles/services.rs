//! The services of one profile: `IMsgServiceAdmin`.

use std::fmt;
use std::ptr;

use windows_core::{HRESULT, Interface};

use super::super::failure::take_text;
use super::super::outgoing::Outgoing;
use super::super::properties::Value;
use super::super::table_rows::{checked, each_row};
use super::super::tags::assigned_property;
use super::names::Name;
use super::rows::{text_in, uid_in};
use super::{ProfileError, ServiceSpec};
use crate::settings::assignment::Assignments;
use mapi_provider_abi::mapi::{
    IMsgServiceAdmin, IMsgServiceAdmin2, MAPI_E_NO_ACCESS, MAPI_E_NO_SUPPORT, MAPI_E_NOT_FOUND,
    MAPI_E_UNCONFIGURED, MAPIERROR, MAPIUID, PR_DISPLAY_NAME_A, PR_DISPLAY_NAME_W,
    PR_SERVICE_NAME_A, PR_SERVICE_NAME_W, PR_SERVICE_UID, PropTag, ServiceFlags, UnicodeFlags,
};
use mapi_provider_abi::view::{Allocators, Row};

/// `PR_SERVICE_UID`: which of the services of a profile. It is written as 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceUid(pub [u8; 16]);

impl ServiceUid {
    /// The uid that is written so; braces and hyphens don't matter.
    pub fn parse(text: &str) -> Option<Self> {
        let is_digit = |c: &char| !matches!(c, '-' | '{' | '}');
        let digits: Option<Vec<u8>> = text
            .chars()
            .filter(is_digit)
            .map(|c| Some(c.to_digit(16)? as u8))
            .collect();
        let digits: [u8; 32] = digits?.try_into().ok()?;
        let mut bytes = [0; 16];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = pair.iter().fold(0, |byte, digit| byte << 4 | digit);
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for ServiceUid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A service in a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceRow {
    /// Its name in `mapisvc.inf`.
    pub id: String,
    /// What users see.
    pub name: String,
    /// Which one it is.
    pub uid: ServiceUid,
}

impl ServiceRow {
    fn of(row: &Row<'_>) -> Option<Self> {
        let id = text_in(row, PR_SERVICE_NAME_W, PR_SERVICE_NAME_A).unwrap_or_default();
        let name = text_in(row, PR_DISPLAY_NAME_W, PR_DISPLAY_NAME_A);
        Some(Self {
            name: name.unwrap_or_else(|| id.clone()),
            id,
            uid: ServiceUid(uid_in(row, PR_SERVICE_UID)?),
        })
    }

    /// Whether it is the service of this name. Windows' files of this kind don't look at case.
    pub(super) fn is(&self, id: &str) -> bool {
        self.id.eq_ignore_ascii_case(id)
    }
}

/// The services of a profile, open.
pub(super) struct Services<'a> {
    pub(super) admin: IMsgServiceAdmin,
    /// The profile.
    pub(super) profile: &'a str,
    pub(super) allocators: Allocators,
}

impl Services<'_> {
    /// All that there are.
    pub(super) fn list(&self) -> Result<Vec<ServiceRow>, ProfileError> {
        const COLUMNS: [PropTag; 5] = [
            PR_SERVICE_UID,
            PR_SERVICE_NAME_W,
            PR_SERVICE_NAME_A,
            PR_DISPLAY_NAME_W,
            PR_DISPLAY_NAME_A,
        ];
        let mut table = ptr::null_mut();
        // SAFETY: a live variable.
        let result = unsafe { self.admin.GetMsgServiceTable(0, &raw mut table) };
        let rows = checked(result).and_then(|()| {
            // SAFETY: GetMsgServiceTable has answered a table, and the reference is ours.
            unsafe { each_row(table, &COLUMNS, self.allocators, usize::MAX, ServiceRow::of) }
        });
        rows.map_err(|status| self.refused("can't be listed", status))
    }

    /// Adds a service, and answers which one it is. Where that fails nothing is added.
    pub(super) fn create(&self, service: &ServiceSpec) -> Result<ServiceUid, ProfileError> {
        let before = self.list()?;
        let created = self
            .create_and_tell(service)
            .and_then(|told| told.map_or_else(|| self.newest(&before, service), Ok));
        created.map_err(|error| {
            // There is one already, of which the profile has one at most. If it is new, another program has just added it.
            if matches!(error, ProfileError::Refused { status, .. } if status == MAPI_E_NO_ACCESS) {
                return error;
            }
            // What MAPI leaves of a service that could not be created is nobody's.
            match self.newest(&before, service) {
                Ok(left) => self.undo(error, left),
                Err(_) => error,
            }
        })
    }

    /// Adds a service; a MAPI of Outlook 2003 or later tells which one it is.
    fn create_and_tell(&self, service: &ServiceSpec) -> Result<Option<ServiceUid>, ProfileError> {
        let (id, name) = (Name::new(service.id()), Name::new(service.name()));
        let flags = match id.is_wide() || name.is_wide() {
            true => ServiceFlags::MAPI_UNICODE,
            false => ServiceFlags::empty(),
        };
        // Both texts have the one width that the flag says.
        let (id, name) = match flags.is_empty() {
            true => (id, name),
            false => (Name::wide(service.id()), Name::wide(service.name())),
        };
        let mut uid = MAPIUID { ab: [0; 16] };
        let mut result = MAPI_E_NO_SUPPORT;
        if let Ok(admin) = self.admin.cast::<IMsgServiceAdmin2>() {
            // SAFETY: terminated texts of the width that the flags say, and a live variable.
            result = unsafe {
                admin.CreateMsgServiceEx(id.as_ptr(), name.as_ptr(), 0, flags, &raw mut uid)
            };
        }
        let told = result.is_ok().then_some(ServiceUid(uid.ab));
        if result == MAPI_E_NO_SUPPORT {
            // SAFETY: as above.
            result = unsafe {
                self.admin
                    .CreateMsgService(id.as_ptr(), name.as_ptr(), 0, flags)
            };
        }
        match result {
            MAPI_E_NOT_FOUND => Err(ProfileError::NotInstalled(service.id().to_owned())),
            _ => checked(result)
                .map(|()| told.filter(|uid| uid.0 != [0; 16]))
                .map_err(|status| self.refused("can't be added", status)),
        }
    }

    /// The one that was not there before.
    fn newest(
        &self,
        before: &[ServiceRow],
        service: &ServiceSpec,
    ) -> Result<ServiceUid, ProfileError> {
        let is_new = |row: &&ServiceRow| {
            row.is(service.id()) && !before.iter().any(|old| old.uid == row.uid)
        };
        let rows = self.list()?;
        let new = rows.iter().find(is_new).map(|row| row.uid);
        new.ok_or_else(|| ProfileError::NoService {
            profile: self.profile.to_owned(),
            service: service.id().to_owned(),
        })
    }

    /// Gives a service settings, all or none (ENTRY-07).
    pub(super) fn configure(
        &self,
        uid: ServiceUid,
        values: &Assignments,
    ) -> Result<(), ProfileError> {
        let properties: Vec<(PropTag, Value)> = values
            .values()
            .map(|(id, value)| assigned_property(id, value))
            .collect();
        let mut properties = Outgoing::new(&properties);
        let mut uid = MAPIUID { ab: uid.0 };
        // SAFETY: a live variable, and properties that outlive the call. Without flags there is no dialog.
        let result = unsafe {
            self.admin.ConfigureMsgService(
                &raw mut uid,
                0,
                ServiceFlags::empty(),
                properties.count(),
                properties.as_mut_ptr(),
            )
        };
        checked(result).map_err(|status| self.refused("can't be configured", status))
    }

    /// Gives a service that was there before settings, all or none (ENTRY-07).
    pub(super) fn reconfigure(
        &self,
        uid: ServiceUid,
        values: &Assignments,
    ) -> Result<(), ProfileError> {
        self.configure(uid, values).map_err(|error| match error {
            // All values are written and saved by then.
            ProfileError::Refused { status, said, .. } if status == MAPI_E_UNCONFIGURED => {
                ProfileError::Incomplete {
                    profile: self.profile.to_owned(),
                    said,
                }
            }
            other => other,
        })
    }

    /// Removes a service with all that it has in the profile.
    pub(super) fn delete(&self, uid: ServiceUid) -> Result<(), ProfileError> {
        self.deleted(uid)
            .map_err(|status| self.refused("can't be removed", status))
    }

    fn deleted(&self, uid: ServiceUid) -> Result<(), HRESULT> {
        let mut uid = MAPIUID { ab: uid.0 };
        // SAFETY: a live variable.
        checked(unsafe { self.admin.DeleteMsgService(&raw mut uid) })
    }

    /// Removes a service that was added for nothing.
    pub(super) fn undo(&self, cause: ProfileError, uid: ServiceUid) -> ProfileError {
        match self.deleted(uid) {
            Ok(()) => cause,
            Err(status) => ProfileError::NotUndone {
                cause: Box::new(cause),
                left: format!("the service {uid} in the profile `{}`", self.profile),
                status,
            },
        }
    }

    fn refused(&self, what: &str, status: HRESULT) -> ProfileError {
        ProfileError::Refused {
            what: format!("the service {what} (profile `{}`)", self.profile),
            status,
            said: said(self.allocators, |flags, error| {
                // SAFETY: a live variable.
                unsafe { self.admin.GetLastError(status, flags, error) }
            }),
        }
    }
}

/// What an object tells of its last error: in UTF-16, or as it can.
pub(super) fn said(
    allocators: Allocators,
    get: impl Fn(UnicodeFlags, *mut *mut MAPIERROR) -> HRESULT,
) -> Option<String> {
    [UnicodeFlags::MAPI_UNICODE, UnicodeFlags::empty()]
        .into_iter()
        .find_map(|flags| {
            let mut error = ptr::null_mut();
            checked(get(flags, &raw mut error)).ok()?;
            // SAFETY: GetLastError has answered NULL, or a MAPIERROR of that width that is ours to free.
            unsafe { take_text(allocators, error, flags) }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uid_is_read_as_it_is_written() {
        let uid = ServiceUid::parse("{000102030405-0607-08090A0b0c0d0e0f}").expect("a uid");
        assert_eq!(uid.to_string(), "000102030405060708090a0b0c0d0e0f");
        assert_eq!(ServiceUid::parse(&uid.to_string()), Some(uid));
        for wrong in [
            "",
            "00",
            "x00102030405060708090a0b0c0d0e0f",
            "000102030405060708090a0b0c0d0e0",
            "000102030405060708090a0b0c0d0e0f1",
        ] {
            assert_eq!(ServiceUid::parse(wrong), None, "{wrong}");
        }
    }
}
