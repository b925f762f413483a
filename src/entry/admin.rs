//! The provider administration: which profile section is our provider's.

use std::ptr;

use windows_core::Interface;

use super::profile::ProfileSection;
use super::table_rows::{checked, each_row};
use mapi_provider_abi::mapi::{
    IProfSect, IProviderAdmin, MAPIUID, OpenProfileSectionFlags, PR_PROVIDER_UID, UnicodeFlags,
};
use mapi_provider_abi::view::{Allocators, Row};

/// A service of ours has one provider: its section, opened for writing. `None` if the table or the
/// section is not available.
pub(super) fn section_of_provider(
    admin: &IProviderAdmin,
    allocators: Allocators,
) -> Option<ProfileSection> {
    let uid = provider_uid(admin, allocators)?;
    open_section(admin, Some(uid), allocators)
}

/// A section, opened for writing; without a name it is the service's.
pub(super) fn open_section(
    admin: &IProviderAdmin,
    uid: Option<[u8; 16]>,
    allocators: Allocators,
) -> Option<ProfileSection> {
    let mut uid = uid.map(|ab| MAPIUID { ab });
    let uid = uid.as_mut().map_or(ptr::null_mut(), ptr::from_mut);
    let mut section = ptr::null_mut();
    // SAFETY: live variables; NULL asks for IProfSect.
    let result = unsafe {
        admin.OpenProfileSection(
            uid,
            ptr::null(),
            OpenProfileSectionFlags::MAPI_MODIFY,
            &raw mut section,
        )
    };
    if result.is_err() || section.is_null() {
        return None;
    }
    // SAFETY: a profile section, and the reference is ours.
    Some(ProfileSection::new(
        unsafe { IProfSect::from_raw(section) },
        allocators,
    ))
}

/// PR_PROVIDER_UID of the first row of the table of providers.
fn provider_uid(admin: &IProviderAdmin, allocators: Allocators) -> Option<[u8; 16]> {
    let mut table = ptr::null_mut();
    // SAFETY: a live variable.
    let result = unsafe { admin.GetProviderTable(UnicodeFlags::empty(), &raw mut table) };
    checked(result).ok()?;
    // SAFETY: GetProviderTable has answered a table, and the reference is ours.
    let rows = unsafe {
        each_row(table, &[PR_PROVIDER_UID], allocators, 1, |row| {
            Some(uid_in(row))
        })
    };
    rows.ok()?.into_iter().next()?
}

/// One property is all that was asked for.
fn uid_in(row: &Row<'_>) -> Option<[u8; 16]> {
    row.properties.first()?.value.as_binary()?.try_into().ok()
}
