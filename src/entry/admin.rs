//! The provider administration: which profile section is our provider's.

use std::ptr;

use windows_core::Interface;

use super::profile::ProfileSection;
use mapi_provider_abi::mapi::{
    IMAPITable, IProfSect, IProviderAdmin, MAPIUID, OpenProfileSectionFlags, PR_PROVIDER_UID,
    QueryRowsFlags, SRowSet, TableFlags, UnicodeFlags,
};
use mapi_provider_abi::view::{Allocators, Limits, PropTags, RowSet};

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
    if result.is_err() || table.is_null() {
        return None;
    }
    // SAFETY: a table, and the reference is ours.
    let table = unsafe { IMAPITable::from_raw(table) };
    let mut columns = PropTags::from(&[PR_PROVIDER_UID][..]).to_longs().ok()?;
    let mut rows: *mut SRowSet = ptr::null_mut();
    // SAFETY: the columns are a count and its tags; the variables are live.
    let found = unsafe {
        table
            .SetColumns(columns.as_mut_ptr().cast(), TableFlags::empty())
            .is_ok()
            && table
                .QueryRows(1, QueryRowsFlags::empty(), &raw mut rows)
                .is_ok()
    };
    if !found {
        return None;
    }
    // SAFETY: QueryRows has answered a row set that is ours.
    let rows = unsafe { allocators.adopt(rows, 1) }?;
    let rows: RowSet = rows.read(&Limits::default()).ok()?;
    // One property is all that was asked for.
    let value = &rows.first()?.properties.first()?.value;
    value.as_binary()?.try_into().ok()
}
