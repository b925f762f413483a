//! The provider administration: which profile section is our provider's.

use std::ptr;

use windows_core::Interface;

use super::profile::ProfileSection;
use super::table_rows::{checked, each_row};
use mapi_provider_abi::mapi::{
    IProfSect, IProviderAdmin, MAPI_STORE_PROVIDER, MAPIUID, OpenProfileSectionFlags,
    PR_PROVIDER_UID, PR_RESOURCE_TYPE, PropTag, UnicodeFlags,
};
use mapi_provider_abi::view::{Allocators, Row};

/// What is asked of each provider.
const COLUMNS: [PropTag; 2] = [PR_PROVIDER_UID, PR_RESOURCE_TYPE];

/// The section of a service's only provider, opened for writing. `None` if the table or the section is not available.
pub(super) fn section_of_provider(
    admin: &IProviderAdmin,
    allocators: Allocators,
) -> Option<ProfileSection> {
    let uid = provider_uid(admin, allocators, 1, |_| true)?;
    open_section(admin, Some(uid), allocators)
}

/// The section of the one store among a service's providers, opened for writing. The table has them in any order.
pub(super) fn section_of_store(
    admin: &IProviderAdmin,
    allocators: Allocators,
) -> Option<ProfileSection> {
    // ENTRY-15
    let is_store = |row: &Row<'_>| {
        let kind = row.get(PR_RESOURCE_TYPE).and_then(|value| value.as_long());
        kind == Some(MAPI_STORE_PROVIDER.cast_signed())
    };
    let uid = provider_uid(admin, allocators, usize::MAX, is_store)?;
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

/// PR_PROVIDER_UID of the first row of the table of providers that is meant, of those that are looked at.
fn provider_uid(
    admin: &IProviderAdmin,
    allocators: Allocators,
    enough: usize,
    is_meant: impl Fn(&Row<'_>) -> bool,
) -> Option<[u8; 16]> {
    let mut table = ptr::null_mut();
    // SAFETY: a live variable.
    let result = unsafe { admin.GetProviderTable(UnicodeFlags::empty(), &raw mut table) };
    checked(result).ok()?;
    // SAFETY: GetProviderTable has answered a table, and the reference is ours.
    let rows = unsafe {
        each_row(table, &COLUMNS, allocators, enough, |row| {
            Some(uid_in(row)).filter(|_| is_meant(row))
        })
    };
    rows.ok()?.into_iter().next()?
}

fn uid_in(row: &Row<'_>) -> Option<[u8; 16]> {
    row.get(PR_PROVIDER_UID)?.as_binary()?.try_into().ok()
}
