//! The message service: `ServiceEntry` of PSTs of their own, `NSTServiceEntry` of those that replication
//! wraps.

use std::ffi::c_void;
use std::path::PathBuf;

use mapi_provider::abi::{
    HRESULT, IMAPISupport, Interface, MAPI_E_NO_SUPPORT, MAPIERROR, MSG_SERVICE_CONFIGURE,
    MSG_SERVICE_CREATE, MSG_SERVICE_DELETE, MSG_SERVICE_INSTALL, MSG_SERVICE_UNINSTALL, S_OK,
    SPropValue, UnicodeFlags,
};
use mapi_provider::view::{self, Allocators, DescribedError, Limits, PropValue, Property};
use mapi_provider_mailbox::objects::Result;

use crate::profile::{self, Flavour};
use crate::record::note;

/// The component that reports what goes wrong.
const COMPONENT: &str = "Personal Folders";

/// What MAPI, or a wrapper, calls a service entry with.
pub(crate) struct ServiceCall {
    pub(crate) instance: *mut c_void,
    pub(crate) support: *mut c_void,
    pub(crate) flags: u32,
    pub(crate) context: u32,
    pub(crate) count: u32,
    pub(crate) properties: *mut SPropValue,
    pub(crate) admin: *mut c_void,
    pub(crate) error: *mut *mut MAPIERROR,
}

/// Handles a call of the service: creating and configuring need a path, everything else needs nothing.
///
/// # Safety
///
/// Pointers are NULL or as MAPI's page says.
pub(crate) unsafe fn call(flavour: Flavour, call: &ServiceCall) -> HRESULT {
    // SAFETY: the caller's word.
    let given = unsafe { view::read_array(call.count, call.properties, &Limits::default()) };
    record(flavour, call, given.as_deref().unwrap_or_default());
    match call.context {
        MSG_SERVICE_INSTALL | MSG_SERVICE_DELETE | MSG_SERVICE_UNINSTALL => return S_OK,
        MSG_SERVICE_CREATE | MSG_SERVICE_CONFIGURE => {}
        _ => return MAPI_E_NO_SUPPORT,
    }
    // SAFETY: the caller's word.
    let support = unsafe { IMAPISupport::from_raw_borrowed(&call.support) };
    let allocators = support.and_then(profile::allocators);
    let found = match given {
        Ok(given) => find_path(flavour, &given, support.zip(allocators)),
        Err(error) => Err(error.status().into()),
    };
    let fault = match found {
        Ok(_) => return S_OK,
        Err(fault) => fault,
    };
    let width = UnicodeFlags::from_bits_retain(call.flags);
    let described = DescribedError::new(&fault.text, COMPONENT, width);
    let built = allocators.and_then(|allocators| allocators.build(&described).ok());
    if let Some(built) = built.filter(|_| !call.error.is_null()) {
        // SAFETY: not NULL, so the caller's to be written to.
        unsafe { *call.error = built.into_raw() };
    }
    fault.status
}

/// The path in the call's properties, otherwise in the profile. There is no window that could ask for it.
fn find_path(
    flavour: Flavour,
    given: &[Property<'_>],
    mapi: Option<(&IMAPISupport, Allocators)>,
) -> Result<PathBuf> {
    let is_path = |given: &&Property<'_>| {
        let mut tags = flavour.tags().into_iter();
        tags.any(|tag| tag.id() == given.tag.id())
    };
    let texts = given.iter().filter(is_path).map(|given| &given.value);
    let path = texts
        .filter_map(PropValue::to_text)
        .find(|text| !text.is_empty());
    match (path, mapi) {
        (Some(path), _) => Ok(PathBuf::from(path)),
        (None, Some((support, allocators))) => profile::store_path(support, flavour, allocators),
        (None, None) => Err(flavour.unconfigured()),
    }
}

fn record(flavour: Flavour, call: &ServiceCall, given: &[Property<'_>]) {
    let name = match flavour {
        Flavour::Pst => "ServiceEntry",
        Flavour::Nst => "NSTServiceEntry",
    };
    let tags: Vec<String> = given
        .iter()
        .map(|given| format!("{:08X}", given.tag.0))
        .collect();
    note(format_args!(
        "{name} context={} flags=0x{:X} hInstance=0x{:X} admin={} props={}",
        call.context,
        call.flags,
        call.instance as usize,
        if call.admin.is_null() { "null" } else { "set" },
        tags.join(","),
    ));
}
