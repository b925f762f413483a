//! Where the profile says that the store is.

use std::path::PathBuf;
use std::ptr;

use mapi_provider::abi::{
    IMAPISupport, IProfSect, Interface, MAPI_E_UNCONFIGURED, MAPIUID, OpenProfileSectionFlags,
    PR_PROFILE_OFFLINE_STORE_PATH_W, PR_PST_PATH, PropTag, S_OK, SPropTagArray, UnicodeFlags,
};
use mapi_provider::view::{Allocators, Limits, PropTags, PropValue, Property};
use mapi_provider_mailbox::objects::{Fault, Result};

/// The section of the profile where the services of wrapped stores keep theirs.
const NST_SECTION: [u8; 16] = [
    0x85, 0xED, 0x14, 0x23, 0x9D, 0xF7, 0x42, 0x66, 0x8B, 0xF2, 0xFB, 0xD4, 0xA5, 0x21, 0x29, 0x41,
];

/// Which path is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flavour {
    /// A PST of its own: `PR_PST_PATH` in the provider's section.
    Pst,
    /// A store that replication wraps: `PR_PROFILE_OFFLINE_STORE_PATH` in the section of all of them.
    Nst,
}

impl Flavour {
    /// The properties that the path may be in.
    pub(crate) fn tags(self) -> [PropTag; 2] {
        match self {
            Self::Pst => [PR_PST_PATH.unicode(), PR_PST_PATH.ansi()],
            Self::Nst => [
                PR_PROFILE_OFFLINE_STORE_PATH_W,
                PR_PROFILE_OFFLINE_STORE_PATH_W.ansi(),
            ],
        }
    }

    /// What is told where there is no path.
    pub(crate) fn unconfigured(self) -> Fault {
        let name = match self {
            Self::Pst => "PR_PST_PATH",
            Self::Nst => "PR_PROFILE_OFFLINE_STORE_PATH",
        };
        let text = format!("the profile does not say where the store is: it has no {name}");
        Fault::new(MAPI_E_UNCONFIGURED, text)
    }
}

/// The allocators that MAPI gives where there was no init call.
pub(crate) fn allocators(support: &IMAPISupport) -> Option<Allocators> {
    let (mut allocate, mut more, mut free) = (None, None, None);
    // SAFETY: live variables; what comes back is MAPI's own.
    unsafe {
        let status = support.GetMemAllocRoutines(&mut allocate, &mut more, &mut free);
        if status != S_OK {
            return None;
        }
        Allocators::new(allocate, more, free)
    }
}

/// The path of the store in the profile.
///
/// # Errors
///
/// The section can't be opened, or has none: `MAPI_E_UNCONFIGURED`.
pub(crate) fn store_path(
    support: &IMAPISupport,
    flavour: Flavour,
    allocators: Allocators,
) -> Result<PathBuf> {
    let mut uid = MAPIUID { ab: NST_SECTION };
    let name = match flavour {
        Flavour::Pst => ptr::null_mut(),
        Flavour::Nst => &raw mut uid,
    };
    let mut section = ptr::null_mut();
    // SAFETY: a live UID or NULL, and a live variable.
    let status = unsafe {
        let flags = OpenProfileSectionFlags::empty();
        support.OpenProfileSection(name, flags, &mut section)
    };
    if status.is_err() || section.is_null() {
        return Err(flavour.unconfigured());
    }
    // SAFETY: a profile section, and the reference is ours.
    let section = unsafe { IProfSect::from_raw(section) };
    let texts = read_texts(&section, &flavour.tags(), allocators);
    let path = texts.into_iter().find(|text| !text.is_empty());
    path.map(PathBuf::from)
        .ok_or_else(|| flavour.unconfigured())
}

/// The texts of those properties that a section has.
fn read_texts(section: &IProfSect, tags: &[PropTag], allocators: Allocators) -> Vec<String> {
    let Ok(tags) = allocators.build(&PropTags::from(tags)) else {
        return Vec::new();
    };
    let (mut count, mut values) = (0, ptr::null_mut());
    let array: *mut SPropTagArray = tags.as_ptr();
    // SAFETY: tags and live variables; what comes back is ours to free.
    let values = unsafe {
        let status = section.GetProps(array, UnicodeFlags::MAPI_UNICODE, &mut count, &mut values);
        let values = allocators.adopt(values, count);
        if status.is_err() {
            return Vec::new();
        }
        values
    };
    let Some(values) = values else {
        return Vec::new();
    };
    let Ok(properties) = values.read_all::<Property>(&Limits::default()) else {
        return Vec::new();
    };
    let texts = properties.iter().map(|property| &property.value);
    texts.filter_map(PropValue::to_text).collect()
}
