//! The profile section of the service, which the PST provider takes for the NST's global one (WRAP-04).

use std::ptr;

use windows_core::{HRESULT, Interface};

use super::super::admin::open_section;
use super::super::profile::ProfileSection;
use super::super::support::Support;
use mapi_provider_abi::mapi::{
    IMAPISupport, IProfSect, IProviderAdmin, MAPI_E_NOT_FOUND, MAPIUID, OpenProfileSectionFlags,
    PR_SERVICE_UID,
};
use mapi_provider_abi::view::Allocators;

/// What the PST provider calls the section (W: the sample's `pbNSTGlobalProfileSectionGuid`).
pub(super) const NST_GLOBAL_SECTION: [u8; 16] = [
    0x85, 0xED, 0x14, 0x23, 0x9D, 0xF7, 0x42, 0x66, 0x8B, 0xF2, 0xFB, 0xD4, 0xA5, 0x21, 0x29, 0x41,
];

/// The service's section at logon: the one that PR_SERVICE_UID in the provider's own section names, else
/// that one itself.
///
/// # Errors
///
/// There is none.
pub(super) fn at_logon(
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

/// The service's section in ServiceEntry: the provider administration's own, else the support object's.
pub(super) fn in_service(
    support: &Support,
    admin: Option<&IProviderAdmin>,
    allocators: Allocators,
) -> Option<ProfileSection> {
    let through_admin = admin.and_then(|admin| open_section(admin, None, allocators));
    through_admin.or_else(|| support.own_section(allocators).ok())
}
