//! What the library exports: the entry points of a provider, and what tests talk to it by.

use std::ffi::c_void;
use std::ptr;
use std::slice;

use mapi_provider::abi::{
    ALLOCATEBUFFER, ALLOCATEMORE, CURRENT_SPI_VERSION, FREEBUFFER, HRESULT, IMAPISupport,
    IMSProvider, Interface, MAPIERROR, MAPIUID, OpenProfileSectionFlags, S_OK, SPropValue,
    UnicodeFlags,
};
use mapi_provider::object::ObjectRef;
use mapi_provider::view::{Allocators, DescribedError};

use crate::objects::Provider;
use crate::{note, order, state, status};

/// Sets an order, `name=value`; a word alone takes it back; nothing takes all back.
///
/// # Safety
///
/// As many bytes as `count` says.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn InnerOrder(order: *const u8, count: usize) {
    // SAFETY: the caller's word.
    let order = unsafe { slice::from_raw_parts(order, count) };
    let order = String::from_utf8_lossy(order).into_owned();
    let mut state = state();
    match order.split_once('=') {
        Some((name, value)) => drop(state.orders.insert(name.to_owned(), value.to_owned())),
        None if order.is_empty() => state.orders.clear(),
        None => drop(state.orders.remove(&order)),
    }
}

/// Copies the record, as much as there is room for, and answers how long it is; with no room at all it is
/// cleared.
///
/// # Safety
///
/// Room for as many bytes as `size` says.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn InnerRecord(buffer: *mut u8, size: usize) -> usize {
    let mut state = state();
    if buffer.is_null() {
        state.record.clear();
        return 0;
    }
    let text = state.record.join("\n");
    let count = text.len().min(size);
    // SAFETY: the caller's word.
    unsafe { ptr::copy_nonoverlapping(text.as_ptr(), buffer, count) };
    text.len()
}

/// The entry point of the provider.
///
/// # Safety
///
/// Pointers are as MAPI's page says.
#[unsafe(no_mangle)]
#[allow(clippy::too_many_arguments, reason = "the signature is MAPI's")]
pub unsafe extern "C" fn MSProviderInit(
    instance: *mut c_void,
    malloc: *mut c_void,
    allocate: Option<ALLOCATEBUFFER>,
    more: Option<ALLOCATEMORE>,
    free: Option<FREEBUFFER>,
    flags: u32,
    version: u32,
    own_version: *mut u32,
    out: *mut *mut c_void,
) -> HRESULT {
    note(format!(
        "MSProviderInit instance={instance:?} malloc={malloc:?} flags={flags:x} version={version:x}"
    ));
    if let Some(status) = status("init") {
        return status;
    }
    // SAFETY: the caller's functions and places.
    unsafe {
        *own_version = order("version").map_or(CURRENT_SPI_VERSION, |digits| {
            u32::from_str_radix(&digits, 16).unwrap_or_default()
        });
        *out = ptr::null_mut();
        if order("init-null").is_some() {
            return S_OK;
        }
        let Some(allocators) = Allocators::new(allocate, more, free) else {
            return HRESULT(0x8004_0119_u32 as i32);
        };
        let provider: IMSProvider = ObjectRef::new(Provider { allocators }).into_interface();
        *out = provider.into_raw();
    }
    S_OK
}

/// The entry point of the message service.
///
/// # Safety
///
/// Pointers are as MAPI's page says.
#[unsafe(no_mangle)]
#[allow(clippy::too_many_arguments, reason = "the signature is MAPI's")]
pub unsafe extern "system" fn NSTServiceEntry(
    instance: *mut c_void,
    malloc: *mut c_void,
    support: *mut c_void,
    window: usize,
    flags: u32,
    context: u32,
    count: u32,
    properties: *mut SPropValue,
    admin: *mut c_void,
    error: *mut *mut MAPIERROR,
) -> HRESULT {
    // SAFETY: the caller's array.
    let tags: Vec<String> = (0..count as usize)
        .map(|index| unsafe { format!("{:08X}", (*properties.add(index)).ulPropTag.0) })
        .collect();
    note(format!(
        "NSTServiceEntry instance={instance:?} malloc={malloc:?} window={window} flags={flags:x} \
         context={context} properties={} admin={admin:?}",
        tags.join(",")
    ));
    // SAFETY: a support object, by the caller's word.
    let Some(support) = (unsafe { IMAPISupport::from_raw_borrowed(&support) }) else {
        return HRESULT(0x8007_0057_u32 as i32);
    };
    note(format!("global section {}", global_section(support)));
    match status("service") {
        None => S_OK,
        Some(status) => {
            // SAFETY: the caller's place.
            unsafe { leave_text(support, "service-text", flags, error) };
            status
        }
    }
}

/// Opens the section that a PST provider would: whether it is there.
pub(crate) fn global_section(support: &IMAPISupport) -> &'static str {
    let mut uid = MAPIUID {
        ab: [
            0x85, 0xED, 0x14, 0x23, 0x9D, 0xF7, 0x42, 0x66, 0x8B, 0xF2, 0xFB, 0xD4, 0xA5, 0x21,
            0x29, 0x41,
        ],
    };
    let mut section = ptr::null_mut();
    // SAFETY: live variables; what comes is a section, counted.
    unsafe {
        let flags = OpenProfileSectionFlags::empty();
        let result = support.OpenProfileSection(&raw mut uid, flags, &raw mut section);
        if result.is_err() || section.is_null() {
            return "missing";
        }
        drop(mapi_provider::abi::IProfSect::from_raw(section));
    }
    "opened"
}

/// Leaves a MAPIERROR where a text was ordered.
///
/// # Safety
///
/// The place is NULL or the caller's.
pub(crate) unsafe fn leave_text(
    support: &IMAPISupport,
    name: &str,
    flags: u32,
    place: *mut *mut MAPIERROR,
) {
    let Some(text) = order(name) else { return };
    let (mut allocate, mut more, mut free) = (None, None, None);
    // SAFETY: live variables; the functions are MAPI's.
    unsafe {
        let result = support.GetMemAllocRoutines(&raw mut allocate, &raw mut more, &raw mut free);
        let allocators = Allocators::new(allocate, more, free).filter(|_| result.is_ok());
        let width = UnicodeFlags::from_bits_retain(flags);
        let error = DescribedError::new(&text, "inner", width);
        let built = allocators.and_then(|allocators| allocators.build(&error).ok());
        if let Some(built) = built.filter(|_| !place.is_null()) {
            *place = built.into_raw();
        }
    }
}
