//! The inner provider: where its library is, and its entry points (WRAP-05, WRAP-07).

use std::collections::BTreeSet;
use std::ffi::{CStr, c_void};
use std::fmt;
use std::path::{Path, PathBuf};
use std::ptr;

use windows_core::{HRESULT, Interface};

use super::super::init::Functions;
use crate::log;
use crate::platform::{Library, application_folder, loaded_mapi_folders, system_folder};
use crate::status::Status;
use mapi_provider_abi::mapi::{
    CURRENT_SPI_VERSION, IMSProvider, MAPI_E_CALL_FAILED, MAPI_E_NOT_FOUND, MAPI_E_VERSION,
    MSGSERVICEENTRY, MSPROVIDERINIT,
};

/// The libraries that may have the PST provider, in the order in which they are looked at: its own, then the
/// whole of Outlook's MAPI (WRAP-07).
const LIBRARIES: [&str; 2] = ["mspst32", "msmapi32"];

/// Why there is no inner provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Missing {
    pub(super) code: HRESULT,
    pub(super) text: String,
}

impl Missing {
    fn new(code: HRESULT, text: impl Into<String>) -> Self {
        let text = text.into();
        log::error!(status = %Status(code), text, "there is no inner provider");
        Self { code, text }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// An export of the inner provider's library.
#[derive(Debug, Clone, Copy)]
pub(super) struct Export {
    module: *mut c_void,
    address: *const c_void,
}

impl Export {
    /// `MSProviderInit` of the PST provider.
    pub(super) fn provider_init() -> Result<Self, Missing> {
        Self::find(c"MSProviderInit")
    }

    /// `NSTServiceEntry`, which sets up a PST that a provider wraps.
    pub(super) fn service_entry() -> Result<Self, Missing> {
        Self::find(c"NSTServiceEntry")
    }

    /// One without the export is as good as none.
    fn find(name: &CStr) -> Result<Self, Missing> {
        let mut seen = Vec::new();
        for candidate in candidates() {
            match candidate.open().and_then(|library| Self::of(library, name)) {
                Ok(export) => return Ok(export),
                Err(why) => seen.push(why),
            }
        }
        Err(Missing::new(MAPI_E_NOT_FOUND, not_found(name, &seen)))
    }

    fn of(library: Library, name: &CStr) -> Result<Self, String> {
        let path = library.path().unwrap_or_default();
        let Some(address) = library.symbol(name) else {
            let name = name.to_string_lossy();
            return Err(format!("{} has no {name}", path.display()));
        };
        log::info!(library = %path.display(), export = ?name, "the inner provider");
        // Clients hold folders and messages that are the inner provider's own, and may do so for longer than
        // anything of ours.
        let module = library.stay();
        Ok(Self { module, address })
    }

    /// The handle of the inner library, which its entry points want as their own (WRAP-05).
    pub(super) fn module(&self) -> *mut c_void {
        self.module
    }

    /// Makes the inner provider object.
    ///
    /// # Safety
    ///
    /// The export is an `MSProviderInit`; `malloc` and the functions are MAPI's.
    pub(super) unsafe fn make_provider(
        &self,
        malloc: *mut c_void,
        (allocate, more, free): Functions,
        flags: u32,
        version: u32,
    ) -> Result<IMSProvider, Missing> {
        // SAFETY: the caller's word.
        let init = unsafe { std::mem::transmute::<*const c_void, MSPROVIDERINIT>(self.address) };
        let (mut own_version, mut provider) = (0, ptr::null_mut());
        // SAFETY: as MAPI calls it, with live variables; the handle is that of the module where the function is.
        let result = unsafe {
            init(
                self.module(),
                malloc,
                allocate,
                more,
                free,
                flags,
                version,
                &raw mut own_version,
                &raw mut provider,
            )
        };
        if result.is_err() {
            let text = format!("the PST provider could not be started: {}", Status(result));
            return Err(Missing::new(result, text));
        }
        if provider.is_null() {
            let text = "the PST provider was started, and made no provider object";
            return Err(Missing::new(MAPI_E_CALL_FAILED, text));
        }
        // SAFETY: a provider object, and the reference is ours.
        let provider = unsafe { IMSProvider::from_raw(provider) };
        if own_version < CURRENT_SPI_VERSION {
            let text = format!(
                "the PST provider is too old: it speaks version 0x{own_version:08X} of MAPI's interface, not \
                 0x{CURRENT_SPI_VERSION:08X}"
            );
            return Err(Missing::new(MAPI_E_VERSION, text));
        }
        Ok(provider)
    }

    /// The export as an entry point of a message service.
    ///
    /// # Safety
    ///
    /// It is one.
    pub(super) unsafe fn as_service_entry(&self) -> MSGSERVICEENTRY {
        // SAFETY: the caller's word.
        unsafe { std::mem::transmute::<*const c_void, MSGSERVICEENTRY>(self.address) }
    }
}

/// A library that may have the export. Nothing is loaded where one that is loaded will do.
enum Candidate {
    Loaded(Library),
    File(PathBuf),
}

impl Candidate {
    fn file(folder: &Path, name: &str) -> Self {
        Self::File(folder.join(Library::file_name(name)))
    }

    fn open(self) -> Result<Library, String> {
        match self {
            Self::Loaded(library) => Ok(library),
            Self::File(path) => load(&path),
        }
    }
}

/// Where to look (WRAP-07). Once one of the libraries is loaded, it says which installation is the one: what else there is
/// comes from its folder, and of no name a second file is loaded. Before that, the folders where Outlook's MAPI can be, and
/// nowhere else.
fn candidates() -> Vec<Candidate> {
    let (mut loaded, mut others) = (Vec::new(), Vec::new());
    for name in LIBRARIES {
        match Library::loaded(name) {
            Some(library) => loaded.push(library),
            None => others.push(name),
        }
    }
    let Some(first) = loaded.first() else {
        let folders = folders();
        let files = |name| {
            folders
                .iter()
                .map(move |folder| Candidate::file(folder, name))
        };
        return LIBRARIES.into_iter().flat_map(files).collect();
    };
    let home = folder_of(first);
    loaded.retain(|library| folder_of(library) == home);
    let beside = others
        .into_iter()
        .filter_map(|name| Some(Candidate::file(home.as_deref()?, name)));
    loaded
        .into_iter()
        .map(Candidate::Loaded)
        .chain(beside)
        .collect()
}

/// Where a loaded library lies, by the one name that a folder has.
fn folder_of(library: &Library) -> Option<PathBuf> {
    library.path()?.parent()?.canonicalize().ok()
}

/// The folders in which the inner library may lie, each once: never PATH, never the current directory.
fn folders() -> Vec<PathBuf> {
    let others = [application_folder(), system_folder()]
        .into_iter()
        .flatten();
    let mut known = BTreeSet::new();
    loaded_mapi_folders()
        .chain(others)
        .filter(|folder| folder.is_absolute() && known.insert(folder.clone()))
        .collect()
}

/// Loads a library, or says why not.
fn load(path: &Path) -> Result<Library, String> {
    if !path.is_file() {
        return Err(format!("{} is not there", path.display()));
    }
    Library::load(path).map_err(|error| format!("{} can't be loaded: {error}", path.display()))
}

fn not_found(name: &CStr, seen: &[String]) -> String {
    let mut text = format!(
        "Outlook's PST provider was not found: no {} in {} that is loaded or lies beside Outlook",
        name.to_string_lossy(),
        LIBRARIES.map(Library::file_name).join(" or ")
    );
    for place in seen {
        text.push_str("; ");
        text.push_str(place);
    }
    text
}
