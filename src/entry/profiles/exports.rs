//! `AddToProfile` and `RemoveFromProfile`: the exports of every provider's DLL by which an installer or a script puts the
//! service into a profile, through `rundll32`.
//!
//! That tells its caller nothing of how it went. So what goes wrong is shown, unless `/quiet` is on the command line, and
//! it is in the log in any case. MAPI is loaded when the command line was read and found right, and not before.

use std::ffi::c_char;

use super::command_line::{Wish, is_quiet, parse};
use super::{Profiles, ServiceSpec};
use crate::log;
use crate::manifest::Manifest;
use crate::platform;
use crate::settings::Secret;
use mapi_provider_abi::internal::wipe;
use mapi_provider_abi::object::barrier_plain;

/// The longest command line of Windows, in characters.
const LONGEST: usize = 0x8000;

/// What one of the exports does; what went wrong, in a sentence with what to do.
type Work = fn(&Profiles, &ServiceSpec, &Wish) -> Result<String, super::ProfileError>;

/// What the generated `AddToProfile` calls.
///
/// # Safety
///
/// The command line is NULL or ends with a NUL.
pub unsafe fn add_to_profile(manifest: &'static Manifest, command_line: *const c_char) {
    // SAFETY: the caller's word.
    work(manifest, &|| unsafe { of_ansi(command_line) }, add);
}

/// What the generated `AddToProfileW` calls.
///
/// # Safety
///
/// The command line is NULL or ends with a NUL.
pub unsafe fn add_to_profile_w(manifest: &'static Manifest, command_line: *const u16) {
    // SAFETY: the caller's word.
    work(manifest, &|| unsafe { of_utf16(command_line) }, add);
}

/// What the generated `RemoveFromProfile` calls.
///
/// # Safety
///
/// The command line is NULL or ends with a NUL.
pub unsafe fn remove_from_profile(manifest: &'static Manifest, command_line: *const c_char) {
    // SAFETY: the caller's word.
    work(manifest, &|| unsafe { of_ansi(command_line) }, remove);
}

/// What the generated `RemoveFromProfileW` calls.
///
/// # Safety
///
/// The command line is NULL or ends with a NUL.
pub unsafe fn remove_from_profile_w(manifest: &'static Manifest, command_line: *const u16) {
    // SAFETY: the caller's word.
    work(manifest, &|| unsafe { of_utf16(command_line) }, remove);
}

fn add(
    profiles: &Profiles,
    service: &ServiceSpec,
    wish: &Wish,
) -> Result<String, super::ProfileError> {
    let Wish {
        profile, values, ..
    } = wish;
    if let Some(uid) = wish.which {
        let uid = profiles.configure(profile, service, values, Some(uid))?;
        return Ok(format!("the service {uid} is configured"));
    }
    let added = profiles.add(profile, service, values, wish.options)?;
    let done = if added.is_new { "added" } else { "configured" };
    Ok(format!("the service {} is {done}", added.uid))
}

fn remove(
    profiles: &Profiles,
    service: &ServiceSpec,
    wish: &Wish,
) -> Result<String, super::ProfileError> {
    let uid = profiles.remove(&wish.profile, service, wish.which)?;
    Ok(format!("the service {uid} is removed"))
}

/// Does it, and tells how it went. No panic leaves this (COM-04). It is not generic: four copies of it would be in every
/// DLL.
fn work(manifest: &'static Manifest, line: &dyn Fn() -> Secret, work: Work) {
    barrier_plain(|| {
        // Nobody says here what the process is.
        log::install(manifest, false);
        let line = line();
        let done = run(&ServiceSpec::of_manifest(manifest), &line, work);
        match done {
            Ok(text) => log::info!(text, "the profile is as it should be"),
            Err((text, help)) => {
                log::error!(text, help, "this was not done");
                if !is_quiet(&line) {
                    platform::show_error(manifest.name, &format!("{text}.\n\n{help}."));
                }
            }
        }
    });
}

fn run(service: &ServiceSpec, line: &Secret, work: Work) -> Result<String, (String, String)> {
    let wish = parse(line, service, platform::trusted_variable)?;
    Profiles::open()
        .and_then(|profiles| work(&profiles, service, &wish))
        .map_err(|error| (error.to_string(), error.help()))
}

/// # Safety
///
/// The command line is NULL or ends with a NUL.
unsafe fn of_utf16(line: *const u16) -> Secret {
    if line.is_null() {
        return Secret::default();
    }
    let unit = |at| {
        // SAFETY: nothing is read behind the NUL, where `take_while` ends.
        unsafe { line.add(at).read_unaligned() }
    };
    let mut units = Vec::with_capacity(LONGEST);
    units.extend((0..LONGEST).map(unit).take_while(|unit| *unit != 0));
    let text = Secret::of_utf16(&units);
    // ENTRY-11
    wipe(&mut units);
    text
}

/// # Safety
///
/// The command line is NULL or ends with a NUL.
unsafe fn of_ansi(line: *const c_char) -> Secret {
    if line.is_null() {
        return Secret::default();
    }
    let byte = |at| {
        // SAFETY: nothing is read behind the NUL, where `take_while` ends.
        unsafe { line.cast::<u8>().add(at).read() }
    };
    let mut bytes = Vec::with_capacity(LONGEST);
    bytes.extend((0..LONGEST).map(byte).take_while(|byte| *byte != 0));
    let text = Secret::of_ansi(&bytes);
    // ENTRY-11
    wipe(&mut bytes);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_is_read_up_to_its_nul_in_both_widths() {
        // SAFETY: NULL, and texts with their NUL.
        unsafe {
            assert_eq!(of_utf16(std::ptr::null()).expose(), "");
            assert_eq!(of_ansi(std::ptr::null()).expose(), "");
            assert_eq!(of_utf16([0x61, 0x62, 0, 0x63].as_ptr()).expose(), "ab");
            assert_eq!(of_ansi(c"a b".as_ptr()).expose(), "a b");
        }
    }
}
