//! The message service: `ServiceEntry` of PSTs of their own, `NSTServiceEntry` of those that replication
//! wraps.

use std::ffi::c_void;
use std::path::PathBuf;

use mapi_provider::abi::{
    HRESULT, MAPI_E_NO_SUPPORT, MAPIERROR, MSG_SERVICE_CONFIGURE, MSG_SERVICE_CREATE,
    MSG_SERVICE_DELETE, MSG_SERVICE_INSTALL, MSG_SERVICE_UNINSTALL, S_OK, SPropValue, UnicodeFlags,
};
use mapi_provider::view::{Allocators, PropValue};

use crate::arguments::{self, Given};
use crate::fault::Result;
use crate::record::note;
use crate::support::{Flavour, Support};

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
    let given = unsafe { arguments::properties(call.count, call.properties) };
    record(flavour, call, given.as_deref().unwrap_or_default());
    match call.context {
        MSG_SERVICE_INSTALL | MSG_SERVICE_DELETE | MSG_SERVICE_UNINSTALL => return S_OK,
        MSG_SERVICE_CREATE | MSG_SERVICE_CONFIGURE => {}
        _ => return MAPI_E_NO_SUPPORT,
    }
    // SAFETY: the caller's word.
    let support = unsafe { Support::from_raw(call.support) };
    let allocators = support.as_ref().and_then(Support::allocators);
    let found = given.and_then(|given| find_path(flavour, &given, support.as_ref(), allocators));
    let fault = match found {
        Ok(_) => return S_OK,
        Err(fault) => fault,
    };
    let width = UnicodeFlags::from_bits_retain(call.flags);
    let described = allocators.and_then(|allocators| fault.to_mapi(allocators, width).ok());
    if let Some(described) = described.filter(|_| !call.error.is_null()) {
        // SAFETY: not NULL, so the caller's to be written to.
        unsafe { *call.error = described };
    }
    fault.status
}

/// The path in the call's properties, otherwise in the profile. There is no window that could ask for it.
fn find_path(
    flavour: Flavour,
    given: &[Given],
    support: Option<&Support>,
    allocators: Option<Allocators>,
) -> Result<PathBuf> {
    let text = |given: &Given| {
        let is_path = flavour.tags().iter().any(|tag| tag.id() == given.tag.id());
        let value = given.value.as_ref().ok().filter(|_| is_path);
        value
            .and_then(PropValue::to_text)
            .filter(|text| !text.is_empty())
    };
    if let Some(path) = given.iter().find_map(text) {
        return Ok(PathBuf::from(path));
    }
    match (support, allocators) {
        (Some(support), Some(allocators)) => support.store_path(flavour, allocators),
        _ => Err(flavour.unconfigured()),
    }
}

fn record(flavour: Flavour, call: &ServiceCall, given: &[Given]) {
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
