//! The UIDs of a logon (AB-04).

use crate::address_book::Uids;
use crate::entry::profile::ProfileSection;
use crate::error::LogonError;
use crate::manifest::{AddressBookSpec, Instances};
use crate::platform::random_guid;
use mapi_provider_abi::mapi::MAPI_E_FAILONEPROVIDER;

/// Where a section of a profile keeps the UID of its containers: no setting can be there, because the manifest's checks refuse
/// one.
const CONTAINERS: u16 = 0x67E5;

/// The UIDs of a logon. Where a profile may have several of the address book, the containers' is the section's: made once,
/// and kept there.
///
/// # Errors
///
/// It can't be kept: in the next session entry IDs would be others.
pub(super) fn uids(
    spec: &AddressBookSpec,
    section: Option<&ProfileSection>,
) -> Result<Uids, LogonError> {
    let entries = spec.uid;
    if spec.instances == Instances::One {
        let containers = entries;
        return Ok(Uids {
            entries,
            containers,
        });
    }
    let fail = |text: &str| LogonError::new(MAPI_E_FAILONEPROVIDER, text);
    let section = section.ok_or_else(|| {
        fail("there is no profile section, which tells this address book from others")
    })?;
    let broken = |_| fail("the UID of the containers in the profile section can't be read");
    // What can't be read now is there later: another one in its place would make other entry IDs for ever (AB-06).
    let kept = section.read_binary(CONTAINERS).map_err(broken)?;
    if let Some(kept) = kept {
        let containers = kept.try_into().map_err(|_| {
            fail("what the profile section keeps as the UID of the containers is none")
        })?;
        return Ok(Uids {
            entries,
            containers,
        });
    }
    let containers = random_guid().to_u128().to_be_bytes();
    section
        .write_binary(CONTAINERS, &containers)
        .map_err(|_| fail("the profile section does not keep the UID of the containers"))?;
    Ok(Uids {
        entries,
        containers,
    })
}
