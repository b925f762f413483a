//! The provider administration: which profile section is our provider's.

use super::tags::tag_array;
use std::ptr;

use windows_core::Interface;

use super::allocators::Allocators;
use super::counted::counted;
use super::profile::ProfileSection;
use super::properties::{Value, value_of};
use crate::abi::{
    IMAPITable, IProfSect, IProviderAdmin, MAPIUID, OpenProfileSectionFlags, PR_PROVIDER_UID,
    QueryRowsFlags, SPropTagArray, SRow, SRowSet, TableFlags, UnicodeFlags,
};

/// A service of ours has one provider: its section, opened for writing. None where the table or the
/// section can't be had.
pub(super) fn section_of_provider(
    admin: &IProviderAdmin,
    allocators: Allocators,
) -> Option<ProfileSection> {
    let uid = provider_uid(admin, allocators)?;
    let mut uid = MAPIUID { ab: uid };
    let mut section = ptr::null_mut();
    // SAFETY: live variables; NULL asks for IProfSect.
    let result = unsafe {
        admin.OpenProfileSection(
            &raw mut uid,
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
    let mut columns = tag_array(&[PR_PROVIDER_UID]);
    let mut rows: *mut SRowSet = ptr::null_mut();
    // SAFETY: the columns are a count and its tags; the variables are live.
    let found = unsafe {
        let columns = columns.as_mut_ptr().cast::<SPropTagArray>();
        table.SetColumns(columns, TableFlags::empty()).is_ok()
            && table
                .QueryRows(1, QueryRowsFlags::empty(), &raw mut rows)
                .is_ok()
    };
    if !found || rows.is_null() {
        return None;
    }
    // SAFETY: QueryRows has answered a row set that is ours.
    unsafe { take_first(rows, allocators) }
}

/// The first value of the first row; frees the row set, whose rows are roots of their own.
///
/// # Safety
///
/// `rows` is a row set that is ours to free.
unsafe fn take_first(rows: *mut SRowSet, allocators: Allocators) -> Option<[u8; 16]> {
    // SAFETY: the caller's word: the count is followed by as many rows.
    let all = unsafe { counted((&raw const (*rows).aRow).cast::<SRow>(), (*rows).cRows) };
    let all = all.unwrap_or_default();
    // One property is all that was asked for.
    let first = all.first().filter(|row| row.cValues > 0);
    // SAFETY: the row has one property at least.
    let properties = first.and_then(|row| unsafe { counted(row.lpProps.cast_const(), 1) });
    // SAFETY: the value is what its tag says; the row is freed below.
    let value = properties.and_then(|properties| unsafe { value_of(properties.first()?) });
    for row in all {
        // SAFETY: each row's properties are a root.
        unsafe { allocators.free(row.lpProps.cast()) };
    }
    // SAFETY: so is the set.
    unsafe { allocators.free(rows.cast()) };
    match value {
        Some(Value::Binary(bytes)) => bytes.try_into().ok(),
        _ => None,
    }
}
