//! Where the DLLs of the process are.

use std::ffi::{OsString, c_void};
use std::io;
use std::os::windows::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::ptr;
use std::slice;

use windows_core::GUID;

use super::api;
use crate::platform::identity_of;

/// The longest possible path, in UTF-16 units.
const LONGEST: usize = 0x8000;

/// The file of the module that this code is in.
pub(crate) fn own_library() -> io::Result<PathBuf> {
    let here = own_library as *const c_void;
    let mut module = ptr::null_mut();
    // SAFETY: with FROM_ADDRESS the name is any address in the module.
    let found = unsafe {
        api::GetModuleHandleExW(
            api::GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT
                | api::GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
            here.cast(),
            &raw mut module,
        )
    };
    if found == 0 {
        return Err(io::Error::last_os_error());
    }
    file_of(module)
}

/// Where this code is, as MAPI must be told: without the mark that Windows puts before a path that was opened with
/// it. What isn't Unicode becomes what no ANSI code page has.
pub(crate) fn own_dll() -> io::Result<String> {
    let path = own_library()?.to_string_lossy().into_owned();
    let Some(plain) = path.strip_prefix(r"\\?\") else {
        return Ok(path);
    };
    Ok(match plain.strip_prefix(r"UNC\") {
        Some(share) => format!(r"\\{share}"),
        None => plain.to_owned(),
    })
}

/// The folder of the program.
pub(crate) fn application_folder() -> Option<PathBuf> {
    file_of(ptr::null_mut()).ok()?.parent().map(Path::to_owned)
}

/// The folder of the system's own libraries.
pub(crate) fn system_folder() -> Option<PathBuf> {
    let path = read_path(|path, count| {
        // SAFETY: room for as many units as it is told.
        unsafe { api::GetSystemDirectoryW(path, count) }
    });
    path.ok()
}

/// The folder that an environment variable of Windows' own names, without asking the environment; none for others.
pub(crate) fn known_folder(variable: &str) -> Option<OsString> {
    folder(variable, 0)
}

/// The same, in its default place. The folder of an account can be moved by an entry in the account's own registry,
/// which programs with fewer rights write too.
pub(crate) fn default_folder(variable: &str) -> Option<OsString> {
    folder(variable, api::KF_FLAG_DEFAULT_PATH)
}

fn folder(variable: &str, flags: u32) -> Option<OsString> {
    let folder = match variable.to_ascii_uppercase().as_str() {
        "APPDATA" => 0x3EB685DB_65F9_4CF6_A03A_E3EF65729F3D,
        "LOCALAPPDATA" => 0xF1B32785_6FBA_4FCF_9D55_7B8E7F157091,
        "PROGRAMDATA" => 0x62AB5D82_FDC1_4DC3_A9DD_070D1D495D97,
        "USERPROFILE" => 0x5E6C858F_0E22_4760_9AFE_EA3317B67173,
        _ => return None,
    };
    let folder = GUID::from_u128(folder);
    let mut path = ptr::null_mut();
    // SAFETY: live variables; the account is the process's own.
    let found = unsafe {
        api::SHGetKnownFolderPath(&raw const folder, flags, ptr::null_mut(), &raw mut path)
    };
    let text = (found.is_ok() && !path.is_null()).then(|| {
        // SAFETY: a path with its NUL.
        let length = (0..LONGEST).take_while(|at| unsafe { *path.add(*at) } != 0);
        // SAFETY: as many units are before the NUL.
        OsString::from_wide(unsafe { slice::from_raw_parts(path, length.count()) })
    });
    // SAFETY: NULL, or memory that the function has allocated for us.
    unsafe { api::CoTaskMemFree(path.cast()) };
    text
}

/// The file of a module; NULL is the program.
pub(super) fn file_of(module: api::Handle) -> io::Result<PathBuf> {
    read_path(|path, count| {
        // SAFETY: room for as many units as it is told. A module that is gone meanwhile is an error.
        unsafe { api::GetModuleFileNameW(module, path, count) }
    })
}

/// A path that a function writes into a buffer; it returns the count without the NUL, 0 if it fails, and the count
/// of the buffer or more if that is too small.
fn read_path(write: impl Fn(*mut u16, u32) -> u32) -> io::Result<PathBuf> {
    let mut path = vec![0; LONGEST];
    let length = write(path.as_mut_ptr(), LONGEST as u32) as usize;
    if length == 0 {
        return Err(io::Error::last_os_error());
    }
    let whole = path.get(..length).filter(|_| length < LONGEST);
    let whole = whole.ok_or(io::ErrorKind::InvalidFilename)?;
    Ok(OsString::from_wide(whole).into())
}

/// What tells a file from others, even before it exists: its path, with links in its folder resolved, and without
/// regard to case.
pub(crate) fn file_identity(path: &Path) -> String {
    identity_of(path).to_string_lossy().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_knows_what_the_environment_says() {
        for name in ["APPDATA", "LocalAppData", "PROGRAMDATA", "USERPROFILE"] {
            let said = std::env::var_os(name).expect("set on every Windows");
            let known = known_folder(name).expect("known");
            assert!(
                known.eq_ignore_ascii_case(&said),
                "{name}: {known:?} {said:?}"
            );
            let default = default_folder(name).expect("known");
            assert!(Path::new(&default).is_absolute(), "{name}: {default:?}");
        }
    }
}
