//! Plays `mapi32.dll`, as far as setup programs need it: for tests on a Windows without Outlook.
//!
//! `MAPIAdminProfiles` answers the simulated administration of `mapi-provider-host`, over the folder that the variable
//! `MAPI_STAND_IN` names: a file `NAME.profile` for each profile, and a `mapisvc.inf` with the services that are installed.
//! Without the variable `MAPIInitialize` fails, as it does where Outlook was never set up.
//!
//! A test copies the library beside its program, as `mapi32.dll`. Wine takes that with `WINEDLLOVERRIDES=mapi32=n,b`.

#![allow(non_snake_case, reason = "exports have the names that MAPI gives them")]

mod inf;

use std::env;
use std::ffi::c_void;
use std::path::PathBuf;
use std::sync::OnceLock;

use mapi_provider::abi::{
    ALLOCATEBUFFER, ALLOCATEMORE, FREEBUFFER, MAPI_E_CALL_FAILED, MAPI_E_INVALID_PARAMETER,
    MAPI_E_NOT_INITIALIZED, S_OK,
};
use mapi_provider_host::{Allocators, Profiles};
use windows_core::{HRESULT, Interface};

/// The variable that names the folder.
const VARIABLE: &str = "MAPI_STAND_IN";

/// The profiles, once MAPI was initialised: for as long as the process, as MAPI's are.
static PROFILES: OnceLock<Option<Profiles>> = OnceLock::new();

fn profiles() -> Option<&'static Profiles> {
    let open = || {
        let folder = PathBuf::from(env::var_os(VARIABLE)?);
        let profiles = Profiles::open(&folder).ok()?;
        for service in inf::services(&folder.join("mapisvc.inf")) {
            profiles.install(service);
        }
        Some(profiles)
    };
    PROFILES.get_or_init(open).as_ref()
}

/// The allocators in a form that a function of ours can call.
fn functions() -> Option<(ALLOCATEBUFFER, ALLOCATEMORE, FREEBUFFER)> {
    let allocators: &Allocators = profiles()?.allocators();
    Some((
        allocators.allocate_buffer(),
        allocators.allocate_more(),
        allocators.free_buffer(),
    ))
}

/// Starts MAPI.
#[unsafe(no_mangle)]
pub extern "system" fn MAPIInitialize(_parameter: *mut c_void) -> HRESULT {
    match profiles() {
        Some(_) => S_OK,
        None => MAPI_E_NOT_INITIALIZED,
    }
}

/// Ends MAPI.
#[unsafe(no_mangle)]
pub extern "system" fn MAPIUninitialize() {}

/// Opens the administration of profiles.
///
/// # Safety
///
/// `admin` is NULL or valid for a write.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn MAPIAdminProfiles(_flags: u32, admin: *mut *mut c_void) -> HRESULT {
    if admin.is_null() {
        return MAPI_E_INVALID_PARAMETER;
    }
    let Some(profiles) = profiles() else {
        return MAPI_E_NOT_INITIALIZED;
    };
    // SAFETY: not NULL; the reference goes to the caller.
    unsafe { admin.write(profiles.admin().into_raw()) };
    S_OK
}

/// Allocates a root.
///
/// # Safety
///
/// As MAPI's page says.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn MAPIAllocateBuffer(size: u32, buffer: *mut *mut c_void) -> i32 {
    match functions() {
        // SAFETY: the caller's word.
        Some((allocate, _, _)) => unsafe { allocate(size, buffer) },
        None => MAPI_E_CALL_FAILED.0,
    }
}

/// Allocates a buffer that is freed with its root.
///
/// # Safety
///
/// As MAPI's page says.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn MAPIAllocateMore(
    size: u32,
    object: *mut c_void,
    buffer: *mut *mut c_void,
) -> i32 {
    match functions() {
        // SAFETY: the caller's word.
        Some((_, more, _)) => unsafe { more(size, object, buffer) },
        None => MAPI_E_CALL_FAILED.0,
    }
}

/// Frees a root.
///
/// # Safety
///
/// As MAPI's page says.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn MAPIFreeBuffer(buffer: *mut c_void) -> u32 {
    match functions() {
        // SAFETY: the caller's word.
        Some((_, _, free)) => unsafe { free(buffer) },
        None => 0,
    }
}
