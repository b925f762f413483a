//! The MAPI that is installed.
//!
//! Outlook's own is asked, and not the one that Windows has in front of it: that one takes the default mail program's, which
//! may be another's, and shows a box where there is none.

use std::io;
use std::path::PathBuf;

use super::api;
use super::library::Library;
use super::location::{application_folder, system_folder};
use super::registry::machine_text;
use crate::platform::NoMapi;

/// The mail programs of the machine. Its own value is the name of the default one.
const CLIENTS: &str = r"SOFTWARE\Clients\Mail";
const OUTLOOK: &str = r"SOFTWARE\Clients\Mail\Microsoft Outlook";
/// Where the library of a mail program's MAPI is.
const LIBRARY: &str = "DLLPathEx";
/// How Windows Installer finds it.
const COMPONENT: &str = "MSIComponentID";
/// Where OUTLOOK.EXE is. Its MAPI lies beside it.
const PROGRAM: &str = r"SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\OUTLOOK.EXE";

/// The library of the MAPI that is installed, loaded: the one that the process has already, Outlook's by the machine's
/// registry, and then `mapi32.dll` beside the program and of the system.
///
/// # Errors
///
/// There is none, or none for this process.
pub(crate) fn find_mapi() -> Result<Library, NoMapi> {
    let loaded = ["olmapi32", "msmapi32"]
        .into_iter()
        .find_map(Library::loaded);
    if let Some(library) = loaded {
        return Ok(library);
    }
    first_of(candidates())
}

/// The first of these files that can be used.
fn first_of(candidates: Vec<PathBuf>) -> Result<Library, NoMapi> {
    let mut seen = Vec::new();
    for path in candidates {
        if !path.is_file() {
            seen.push(format!("{} is not there", path.display()));
            continue;
        }
        match Library::load(&path) {
            Ok(library) => return behind_stub(library, path),
            Err(error) if is_other_width(&error) => return Err(NoMapi::OtherWidth(path)),
            Err(error) => seen.push(format!("{} can't be loaded: {error}", path.display())),
        }
    }
    Err(NoMapi::NotFound(seen))
}

/// Files that may be it, best first. None of them is looked for in PATH or in the current folder.
fn candidates() -> Vec<PathBuf> {
    let named = machine_text(OUTLOOK, LIBRARY).map(PathBuf::from);
    let program = machine_text(PROGRAM, "").map(PathBuf::from);
    let beside = program.and_then(|program| Some(program.parent()?.join("olmapi32.dll")));
    let outlooks = [named, beside].into_iter().flatten();
    // The name alone is that of the system's library.
    let outlooks = outlooks.filter(|path| path.is_absolute() && path.is_file());
    let others = [application_folder(), system_folder()]
        .into_iter()
        .flatten();
    let mut others: Vec<PathBuf> = others.map(|folder| folder.join("mapi32.dll")).collect();
    // What isn't beside the program isn't missed.
    let system = others.pop();
    others.retain(|path| path.is_file());
    outlooks.chain(others).chain(system).collect()
}

/// A library that passes on what it is asked is as good as what stands behind it.
fn behind_stub(library: Library, path: PathBuf) -> Result<Library, NoMapi> {
    // No MAPI but Windows' stub mends itself.
    if library.symbol(c"FixMAPI").is_some() && !has_client() {
        return Err(NoMapi::OnlyStub(path));
    }
    Ok(library)
}

/// Whether the default mail program has a MAPI with profiles.
fn has_client() -> bool {
    let Some(name) = machine_text(CLIENTS, "").and_then(|name| name.into_string().ok()) else {
        return false;
    };
    let client = format!(r"{CLIENTS}\{name}");
    [LIBRARY, COMPONENT]
        .into_iter()
        .any(|value| machine_text(&client, value).is_some())
}

fn is_other_width(error: &io::Error) -> bool {
    error.raw_os_error() == Some(api::ERROR_BAD_EXE_FORMAT)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// As much of a DLL as the loader looks at first: for the other of the two widths.
    fn of_the_other_width() -> Vec<u8> {
        let machine: u16 = if cfg!(target_pointer_width = "64") {
            0x014C
        } else {
            0x8664
        };
        let mut file = vec![0; 1024];
        file[..2].copy_from_slice(b"MZ");
        file[0x3C] = 0x80;
        file[0x80..0x84].copy_from_slice(b"PE\0\0");
        file[0x84..0x86].copy_from_slice(&machine.to_le_bytes());
        file
    }

    #[test]
    fn a_mapi_of_the_other_width_and_one_that_is_not_there_are_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("olmapi32.dll");
        let none = first_of(vec![path.clone()]);
        assert!(
            matches!(&none, Err(NoMapi::NotFound(seen)) if seen.len() == 1),
            "{none:?}"
        );
        std::fs::write(&path, of_the_other_width()).expect("writable");
        let other = first_of(vec![path.clone()]);
        assert!(
            matches!(&other, Err(NoMapi::OtherWidth(found)) if *found == path),
            "{other:?}"
        );
    }

    #[test]
    fn the_systems_library_is_the_last_that_is_looked_at_and_nothing_is_relative() {
        let found = candidates();
        let last = found.last().expect("the system's");
        let system = system_folder().expect("every Windows has one");
        assert_eq!(last.parent(), Some(Path::new(&system)));
        assert!(found.iter().all(|path| path.is_absolute()), "{found:?}");
    }
}
