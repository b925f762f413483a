//! The sections of the profile: of a provider and of its service, at a logon and in ServiceEntry.
//!
//! A provider that is its service's only one has the settings in its own section. Where a service has several, they share
//! what is in the service's, and their own sections have what is theirs alone: the cursor, where the store's file is.

use std::ptr;

use windows_core::{HRESULT, Interface};

use super::admin::{open_section, section_of_provider, section_of_store};
use super::changes::Changes;
use super::profile::ProfileSection;
use super::support::Support;
use super::wrapped::STORE_PATH;
use crate::error::LogonError;
use crate::manifest::Manifest;
use crate::settings::{SettingSpec, SettingValue};
use crate::sync::Section;
use mapi_provider_abi::mapi::{
    IMAPISupport, IProfSect, IProviderAdmin, MAPI_E_NO_ACCESS, MAPI_E_NOT_FOUND, MAPIUID,
    OpenProfileSectionFlags, PR_SERVICE_UID,
};
use mapi_provider_abi::view::Allocators;

/// The sections that a logon has.
#[derive(Clone)]
pub(super) struct LogonSections {
    own: ProfileSection,
    settings: ProfileSection,
}

impl LogonSections {
    /// Those of a provider whose own section this is.
    ///
    /// # Errors
    ///
    /// The settings are in the service's section, and that can't be opened.
    pub(super) fn open(
        own: ProfileSection,
        manifest: &Manifest,
        support: &IMAPISupport,
        allocators: Allocators,
    ) -> Result<Self, LogonError> {
        // ENTRY-15
        if !manifest.shares_settings() {
            return Ok(Self::alone(own));
        }
        let settings = service_at_logon(support, &own, allocators).map_err(|status| {
            LogonError::new(status, "the service's profile section can't be opened")
        })?;
        Ok(Self { own, settings })
    }

    /// A section that has everything.
    pub(super) fn alone(own: ProfileSection) -> Self {
        let settings = own.clone();
        Self { own, settings }
    }

    /// The one with the settings.
    pub(super) fn settings(&self) -> &ProfileSection {
        &self.settings
    }
}

impl Section for LogonSections {
    fn load(&self, id: u16) -> Result<Option<Vec<u8>>, HRESULT> {
        self.own.read_binary(id)
    }

    fn save(&self, id: u16, bytes: &[u8]) -> Result<(), HRESULT> {
        self.own.write_binary(id, bytes)
    }

    fn load_setting(&self, spec: &SettingSpec) -> Result<Option<SettingValue>, HRESULT> {
        let mut values = self.settings.read_settings(std::slice::from_ref(spec))?;
        Ok(values.pop().flatten())
    }

    fn save_setting(&self, spec: &SettingSpec, value: SettingValue) -> Result<(), HRESULT> {
        self.settings.write_setting(spec, value)
    }
}

/// The service's section at logon: the one that PR_SERVICE_UID in the provider's own section names, else
/// that one itself.
///
/// # Errors
///
/// There is none.
pub(super) fn service_at_logon(
    support: &IMAPISupport,
    own: &ProfileSection,
    allocators: Allocators,
) -> Result<ProfileSection, HRESULT> {
    let uid = own.read_binary(PR_SERVICE_UID.id())?;
    let Some(Ok(uid)) = uid.map(<[u8; 16]>::try_from) else {
        return Ok(own.clone());
    };
    let mut uid = MAPIUID { ab: uid };
    let mut section = ptr::null_mut();
    // SAFETY: live variables.
    let result = unsafe {
        let flags = OpenProfileSectionFlags::MAPI_MODIFY;
        support.OpenProfileSection(&raw mut uid, flags, &raw mut section)
    };
    if result.is_err() {
        return Err(result);
    }
    if section.is_null() {
        return Err(MAPI_E_NOT_FOUND);
    }
    // SAFETY: a profile section, and the reference is ours.
    let section = unsafe { IProfSect::from_raw(section) };
    Ok(ProfileSection::new(section, allocators))
}

/// The sections that ServiceEntry writes to.
pub(super) struct ServiceSections {
    /// The one with the settings.
    pub(super) settings: ProfileSection,
    /// The store's, where there are several providers and one of them is a store.
    store: Option<ProfileSection>,
}

impl ServiceSections {
    /// Those of a service; `None` if there is none that could have settings.
    ///
    /// # Safety
    ///
    /// `admin` is NULL or an IProviderAdmin.
    pub(super) unsafe fn open(
        manifest: &Manifest,
        support: Option<&Support>,
        admin: *mut std::ffi::c_void,
    ) -> Option<Self> {
        let support = support?;
        let allocators = support.allocators()?;
        // SAFETY: the caller's word.
        let admin = unsafe { IProviderAdmin::from_raw_borrowed(&admin) };
        if manifest.shares_settings() {
            return Some(Self {
                settings: service_section(support, admin, allocators)?,
                store: admin.and_then(|admin| section_of_store(admin, allocators)),
            });
        }
        Some(Self {
            settings: only_section(support, admin, allocators)?,
            store: None,
        })
    }

    /// The section of the store.
    pub(super) fn of_store(&self) -> Option<&ProfileSection> {
        self.store.as_ref()
    }

    /// Writes settings, and to the store's section where its file is: all of it or nothing.
    ///
    /// # Errors
    ///
    /// A section can't be written to.
    pub(super) fn change(&self, manifest: &Manifest, changes: Changes) -> Result<(), HRESULT> {
        if !manifest.shares_settings() {
            return self.settings.change(&changes);
        }
        let (paths, settings) = changes.split(|tag| tag.id() == STORE_PATH.id());
        if paths.is_empty() {
            return self.settings.change(&settings);
        }
        let store = self.store.as_ref().ok_or(MAPI_E_NO_ACCESS)?;
        let tags = paths.tags();
        // ENTRY-15, as ENTRY-07: all of it or nothing.
        let before = store.read(&tags)?;
        store.change(&paths)?;
        self.settings.change(&settings).inspect_err(|_| {
            store.restore(&tags, before);
            // The failure that led here is what counts.
            let _ = store.save();
        })
    }
}

/// The service's section in ServiceEntry: the provider administration's own, else the support object's.
pub(super) fn service_section(
    support: &Support,
    admin: Option<&IProviderAdmin>,
    allocators: Allocators,
) -> Option<ProfileSection> {
    let through_admin = admin.and_then(|admin| open_section(admin, None, allocators));
    through_admin.or_else(|| support.own_section(allocators).ok())
}

/// The section of a service's only provider: through the provider administration, or the support object's own.
fn only_section(
    support: &Support,
    admin: Option<&IProviderAdmin>,
    allocators: Allocators,
) -> Option<ProfileSection> {
    let through_admin = admin.and_then(|admin| section_of_provider(admin, allocators));
    through_admin.or_else(|| support.own_section(allocators).ok())
}
