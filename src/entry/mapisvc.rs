//! The DLL as its own installer: `MergeWithMAPISVC` and `RemoveFromMAPISVC`.
//!
//! Setup programs call them, or people by `rundll32 contoso32.dll,MergeWithMAPISVC FILE`. That looks for the name with
//! a W first, and gives it the rest of the command line.

use std::path::PathBuf;

use windows_core::HRESULT;

use crate::install::{self, DllName, InstallError, Options, Outcome, Registration, Target};
use crate::log;
use crate::manifest::Manifest;
use crate::platform;
use crate::status::Status;
use mapi_provider_abi::mapi::S_OK;
use mapi_provider_abi::object::{barrier, barrier_plain};

/// The variable that names the file, if the environment is trusted (SYNC-23).
const VARIABLE: &str = "MAPI_PROVIDER_INF";

/// The longest command line of Windows, in UTF-16 units.
const COMMAND_LINE_MAX: usize = 0x8000;

type Edit = fn(&Target, Registration, &str) -> Result<Outcome, InstallError>;

/// What the generated `MergeWithMAPISVC` calls: writes the provider into `mapisvc.inf`.
pub fn merge_with_mapisvc(manifest: &'static Manifest) -> HRESULT {
    barrier(|| edit(manifest, None, install))
}

/// What the generated `RemoveFromMAPISVC` calls: takes the provider out of `mapisvc.inf`.
pub fn remove_from_mapisvc(manifest: &'static Manifest) -> HRESULT {
    barrier(|| edit(manifest, None, uninstall))
}

/// What the generated `MergeWithMAPISVCW` calls.
///
/// # Safety
///
/// The command line is NULL or ends with a NUL.
pub unsafe fn merge_with_mapisvc_w(manifest: &'static Manifest, command_line: *const u16) {
    barrier_plain(|| {
        // SAFETY: the caller's word.
        let file = unsafe { file_of(command_line) };
        // rundll32 has no use for it; the log has it.
        let _ = edit(manifest, file, install);
    });
}

/// What the generated `RemoveFromMAPISVCW` calls.
///
/// # Safety
///
/// The command line is NULL or ends with a NUL.
pub unsafe fn remove_from_mapisvc_w(manifest: &'static Manifest, command_line: *const u16) {
    barrier_plain(|| {
        // SAFETY: the caller's word.
        let file = unsafe { file_of(command_line) };
        let _ = edit(manifest, file, uninstall);
    });
}

/// The file that a command line names.
///
/// # Safety
///
/// The command line is NULL or ends with a NUL.
unsafe fn file_of(command_line: *const u16) -> Option<PathBuf> {
    if command_line.is_null() {
        return None;
    }
    let units = (0..COMMAND_LINE_MAX).map(|at| {
        // SAFETY: nothing is read behind the NUL, where `take_while` ends.
        unsafe { command_line.add(at).read_unaligned() }
    });
    let units: Vec<u16> = units.take_while(|unit| *unit != 0).collect();
    file_in(&String::from_utf16_lossy(&units))
}

/// A command line is one path, with quotes around it or without.
fn file_in(command_line: &str) -> Option<PathBuf> {
    let path = command_line.trim();
    let unquoted = path
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let path = unquoted.unwrap_or(path).trim();
    (!path.is_empty()).then(|| path.into())
}

/// Installing needs the DLL's place; removing doesn't, and so works wherever the DLL is.
fn install(target: &Target, provider: Registration, id: &str) -> Result<Outcome, InstallError> {
    let provider = provider.with_dll(&own_name(id)?);
    install::install(target, &provider, Options::default())
}

fn uninstall(target: &Target, provider: Registration, _: &str) -> Result<Outcome, InstallError> {
    install::uninstall(target, &provider, Options::default())
}

fn edit(manifest: &'static Manifest, file: Option<PathBuf>, edit: Edit) -> HRESULT {
    // Nobody says here what the process is.
    crate::log::install(manifest, false);
    let target = target(
        file,
        platform::trusted_variable(VARIABLE).map(PathBuf::from),
    );
    match edit(&target, Registration::new(manifest.inf), manifest.id) {
        Ok(Outcome { file, changes }) => {
            let changes = changes.len();
            log::info!(file = %file.display(), changes, "mapisvc.inf is as it should be");
            S_OK
        }
        Err(error) => {
            let status = error.status();
            log::error!(status = %Status(status), text = %error, help = error.help(), "mapisvc.inf is as it was");
            status
        }
    }
}

/// What the command line says, what the environment says, or where MAPI looks.
fn target(said: Option<PathBuf>, variable: Option<PathBuf>) -> Target {
    let variable = variable.filter(|path| !path.as_os_str().is_empty());
    match said.or(variable) {
        Some(file) => Target::File(file),
        None => Target::Folders(platform::mapi_folders()),
    }
}

/// The DLL's own full path, so that no other of the name is loaded.
///
/// # Errors
///
/// MAPI would not find it there. Then it is not registered by its bare name, because Windows would load whatever it
/// finds first under that name (ENTRY-13).
fn own_name(id: &str) -> Result<DllName, InstallError> {
    let path = platform::own_dll().map_err(|error| InstallError::Unreadable(id.into(), error))?;
    // ENTRY-13
    DllName::of_file(&path, id).map_err(|error| InstallError::Dll(path.into(), error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_is_one_path() {
        for (line, path) in [
            (r"C:\a b\mapisvc.inf", r"C:\a b\mapisvc.inf"),
            (" \"C:\\a b\\mapisvc.inf\" ", r"C:\a b\mapisvc.inf"),
            ("\"", "\""),
        ] {
            assert_eq!(file_in(line), Some(path.into()));
        }
        assert_eq!(file_in(" \"\" "), None);
        // SAFETY: NULL, and texts with their NUL.
        unsafe {
            assert_eq!(file_of(std::ptr::null()), None);
            assert_eq!(file_of([0].as_ptr()), None);
            assert_eq!(
                file_of([0x61, 0xD800, 0].as_ptr()),
                Some("a\u{FFFD}".into())
            );
        }
    }

    #[test]
    fn what_is_said_goes_before_the_environment() {
        let file = |path: &str| Target::File(path.into());
        assert_eq!(target(Some("a".into()), Some("b".into())), file("a"));
        assert_eq!(target(None, Some("b".into())), file("b"));
        assert!(matches!(target(None, Some("".into())), Target::Folders(_)));
    }

    #[test]
    fn entry_13_a_library_with_another_name_is_not_registered() {
        // MAPI could not find the test program.
        let error = own_name("contoso").expect_err("no contoso32.dll");
        assert!(matches!(error, InstallError::Dll(..)), "{error}");
    }
}
