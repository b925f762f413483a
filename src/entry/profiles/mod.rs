//! Profiles and their services, administered as a setup program does it: `IProfAdmin`, `IMsgServiceAdmin`.

mod command_line;
mod error;
mod exports;
mod mapi;
mod names;
mod rows;
mod services;
mod spec;

use std::fmt;
use std::ptr;

use windows_core::{HRESULT, Interface};

use self::mapi::Mapi;
use self::names::{Name, wrong_with};
use self::rows::text_in;
use self::services::{Services, said};
use super::table_rows::{checked, each_row};
use crate::settings::assignment::Assignments;
use mapi_provider_abi::mapi::{
    AdminServicesFlags, IMsgServiceAdmin, IProfAdmin, MAPI_E_CALL_FAILED, MAPI_E_NO_ACCESS,
    PR_DEFAULT_PROFILE, PR_DISPLAY_NAME_A, PR_DISPLAY_NAME_W, ProfileFlags, PropTag,
};
use mapi_provider_abi::view::{Allocators, Row};

pub use self::error::ProfileError;
pub use self::exports::{
    add_to_profile, add_to_profile_w, remove_from_profile, remove_from_profile_w,
};
pub use self::services::{ServiceRow, ServiceUid};
pub use self::spec::ServiceSpec;

/// The profiles of the user that this program runs as.
///
/// It is for the thread that opened it.
pub struct Profiles {
    admin: IProfAdmin,
    allocators: Allocators,
    /// Dropped last: it ends MAPI.
    _mapi: Option<Mapi>,
}

/// A profile.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProfileRow {
    /// Its name.
    pub name: String,
    /// Whether it is the one that Outlook starts with.
    pub is_default: bool,
}

impl ProfileRow {
    fn of(row: &Row<'_>) -> Option<Self> {
        let is_default = row
            .get(PR_DEFAULT_PROFILE)
            .and_then(|value| value.as_bool());
        Some(Self {
            name: text_in(row, PR_DISPLAY_NAME_W, PR_DISPLAY_NAME_A)?,
            is_default: is_default.unwrap_or_default(),
        })
    }
}

/// How [`Profiles::add`] does it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AddOptions {
    /// Make the profile, if there is none of the name.
    pub create_profile: bool,
    /// Add the service though the profile has it already, instead of configuring that one.
    pub another: bool,
}

/// What [`Profiles::add`] has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Added {
    /// Which service it is.
    pub uid: ServiceUid,
    /// Whether it is new; else it was there, and was configured.
    pub is_new: bool,
}

impl Profiles {
    /// Asks the MAPI that is installed, which is loaded and started for this.
    ///
    /// # Errors
    ///
    /// There is none, or one of another width; or this is no Windows.
    pub fn open() -> Result<Self, ProfileError> {
        let mapi = Mapi::start()?;
        Ok(Self {
            admin: mapi.admin_profiles()?,
            allocators: mapi.allocators()?,
            _mapi: Some(mapi),
        })
    }

    /// The profiles that an object of MAPI's administers: for hosts and tests. What the object allocates these allocators
    /// free.
    pub fn from_interface(admin: IProfAdmin, allocators: Allocators) -> Self {
        Self {
            admin,
            allocators,
            _mapi: None,
        }
    }

    /// All profiles.
    ///
    /// # Errors
    ///
    /// MAPI refuses.
    pub fn list(&self) -> Result<Vec<ProfileRow>, ProfileError> {
        const COLUMNS: [PropTag; 3] = [PR_DISPLAY_NAME_W, PR_DISPLAY_NAME_A, PR_DEFAULT_PROFILE];
        let mut table = ptr::null_mut();
        // SAFETY: a live variable.
        let result = unsafe {
            self.admin
                .GetProfileTable(ProfileFlags::empty(), &raw mut table)
        };
        let rows = checked(result).and_then(|()| {
            // SAFETY: GetProfileTable has answered a table, and the reference is ours.
            unsafe { each_row(table, &COLUMNS, self.allocators, usize::MAX, ProfileRow::of) }
        });
        rows.map_err(|status| self.refused("the profiles can't be listed", status))
    }

    /// The services of a profile.
    ///
    /// # Errors
    ///
    /// There is no such profile, or MAPI refuses.
    pub fn services(&self, profile: &str) -> Result<Vec<ServiceRow>, ProfileError> {
        self.services_of(&self.find(profile)?)?.list()
    }

    /// Makes an empty profile.
    ///
    /// # Errors
    ///
    /// There is one of the name already, no profile can have the name, or MAPI refuses.
    pub fn create(&self, profile: &str) -> Result<(), ProfileError> {
        if let Some(why) = wrong_with(profile) {
            return Err(ProfileError::BadName(profile.to_owned(), why));
        }
        if !self.named(profile)?.is_empty() {
            return Err(ProfileError::ProfileExists(profile.to_owned()));
        }
        let name = Name::new(profile);
        // SAFETY: a terminated text; it was seen to be ANSI.
        let result = unsafe {
            self.admin
                .CreateProfile(name.as_ptr(), ptr::null_mut(), 0, ProfileFlags::empty())
        };
        match result {
            MAPI_E_NO_ACCESS => Err(ProfileError::ProfileExists(profile.to_owned())),
            _ => checked(result).map_err(|status| {
                self.refused(&format!("the profile `{profile}` can't be made"), status)
            }),
        }
    }

    /// Puts a service into a profile, with settings; one that is there already is configured. Where it fails the profile
    /// is as it was: a service that can't be configured is taken out again, and so is a profile that was made for it.
    ///
    /// # Errors
    ///
    /// There is no such profile; it has the service several times; a required setting of a new service has no value; or
    /// MAPI or the service refuses.
    pub fn add(
        &self,
        profile: &str,
        service: &ServiceSpec,
        values: &Assignments,
        options: AddOptions,
    ) -> Result<Added, ProfileError> {
        let is_new = options.create_profile && self.named(profile)?.is_empty();
        if !is_new {
            return self.add_to(&self.find(profile)?, service, values, options.another);
        }
        // What can be known is looked at before anything is made.
        complete(service, values)?;
        self.create(profile)?;
        self.add_to(profile, service, values, true)
            .map_err(|cause| self.undo(cause, profile))
    }

    fn add_to(
        &self,
        profile: &str,
        service: &ServiceSpec,
        values: &Assignments,
        another: bool,
    ) -> Result<Added, ProfileError> {
        let services = self.services_of(profile)?;
        let there = match another {
            true => None,
            false => one_of(&services, service.id(), None)?,
        };
        if let Some(uid) = there {
            services.reconfigure(uid, values)?;
            return Ok(Added { uid, is_new: false });
        }
        complete(service, values)?;
        let uid = services.create(service)?;
        services
            .configure(uid, values)
            .map_err(|cause| services.undo(cause, uid))?;
        Ok(Added { uid, is_new: true })
    }

    /// Gives the service of a profile other settings: all of them or none.
    ///
    /// # Errors
    ///
    /// There is no such profile; it has the service not at all, or several times and `which` doesn't say; or MAPI or the
    /// service refuses.
    pub fn configure(
        &self,
        profile: &str,
        service: &ServiceSpec,
        values: &Assignments,
        which: Option<ServiceUid>,
    ) -> Result<ServiceUid, ProfileError> {
        let profile = self.find(profile)?;
        let services = self.services_of(&profile)?;
        let uid = required(one_of(&services, service.id(), which)?, &profile, service)?;
        services.reconfigure(uid, values)?;
        Ok(uid)
    }

    /// Takes a service out of a profile.
    ///
    /// # Errors
    ///
    /// As for [`configure`](Self::configure).
    pub fn remove(
        &self,
        profile: &str,
        service: &ServiceSpec,
        which: Option<ServiceUid>,
    ) -> Result<ServiceUid, ProfileError> {
        let profile = self.find(profile)?;
        let services = self.services_of(&profile)?;
        let uid = required(one_of(&services, service.id(), which)?, &profile, service)?;
        services.delete(uid)?;
        Ok(uid)
    }

    /// The profiles of a name. Where profiles are kept case doesn't matter.
    fn named(&self, name: &str) -> Result<Vec<String>, ProfileError> {
        let wanted = name.to_lowercase();
        let names = self.list()?.into_iter().map(|row| row.name);
        Ok(names.filter(|name| name.to_lowercase() == wanted).collect())
    }

    /// The one profile of a name, as MAPI writes it.
    fn find(&self, name: &str) -> Result<String, ProfileError> {
        let mut found = self.named(name)?;
        match (found.pop(), found.is_empty()) {
            (Some(one), true) => Ok(one),
            (Some(_), false) => Err(ProfileError::SeveralProfiles(name.to_owned())),
            (None, _) => {
                let known = self.list()?.into_iter().map(|row| row.name);
                Err(ProfileError::NoProfile(name.to_owned(), known.collect()))
            }
        }
    }

    fn services_of<'a>(&self, profile: &'a str) -> Result<Services<'a>, ProfileError> {
        let name = Name::new(profile);
        let flags = match name.is_wide() {
            true => AdminServicesFlags::MAPI_UNICODE,
            false => AdminServicesFlags::empty(),
        };
        let mut admin = ptr::null_mut();
        // SAFETY: a terminated text of the width that the flags say, and a live variable.
        let result = unsafe {
            self.admin
                .AdminServices(name.as_ptr(), ptr::null_mut(), 0, flags, &raw mut admin)
        };
        let failed = |status| {
            let what = format!("the services of the profile `{profile}` can't be opened");
            self.refused(&what, status)
        };
        checked(result).map_err(failed)?;
        if admin.is_null() {
            return Err(failed(MAPI_E_CALL_FAILED));
        }
        Ok(Services {
            // SAFETY: AdminServices has answered an IMsgServiceAdmin, and the reference is ours.
            admin: unsafe { IMsgServiceAdmin::from_raw(admin) },
            profile,
            allocators: self.allocators,
        })
    }

    /// Deletes a profile that was made for nothing.
    fn undo(&self, cause: ProfileError, profile: &str) -> ProfileError {
        let name = Name::new(profile);
        // SAFETY: a terminated text; it was seen to be ANSI when the profile was made.
        let result = unsafe {
            self.admin
                .DeleteProfile(name.as_ptr(), ProfileFlags::empty())
        };
        match checked(result) {
            Ok(()) => cause,
            Err(status) => ProfileError::NotUndone {
                cause: Box::new(cause),
                left: format!("the profile `{profile}`"),
                status,
            },
        }
    }

    fn refused(&self, what: &str, status: HRESULT) -> ProfileError {
        ProfileError::Refused {
            what: what.to_owned(),
            status,
            said: said(self.allocators, |flags, error| {
                // SAFETY: a live variable.
                unsafe { self.admin.GetLastError(status, flags, error) }
            }),
        }
    }
}

impl fmt::Debug for Profiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profiles").finish_non_exhaustive()
    }
}

/// The service of a name in a profile, or the one that is meant; none where there is none.
fn one_of(
    services: &Services<'_>,
    id: &str,
    which: Option<ServiceUid>,
) -> Result<Option<ServiceUid>, ProfileError> {
    let found: Vec<ServiceRow> = services
        .list()?
        .into_iter()
        .filter(|row| row.is(id) && which.is_none_or(|uid| uid == row.uid))
        .collect();
    match found.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one.uid)),
        several => Err(ProfileError::SeveralServices {
            profile: services.profile.to_owned(),
            service: id.to_owned(),
            found: several
                .iter()
                .map(|row| (row.name.clone(), row.uid))
                .collect(),
        }),
    }
}

fn required(
    found: Option<ServiceUid>,
    profile: &str,
    service: &ServiceSpec,
) -> Result<ServiceUid, ProfileError> {
    found.ok_or_else(|| ProfileError::NoService {
        profile: profile.to_owned(),
        service: service.id().to_owned(),
    })
}

/// A new service needs all that is required.
fn complete(service: &ServiceSpec, values: &Assignments) -> Result<(), ProfileError> {
    match values.missing(service.settings()) {
        missing if missing.is_empty() => Ok(()),
        missing => Err(ProfileError::Missing(missing)),
    }
}
