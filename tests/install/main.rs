//! The DLL as its own installer: the exports `MergeWithMAPISVC` and `RemoveFromMAPISVC` of the probe's library, as a
//! setup program calls them and, on Windows, as `rundll32` does. `MAPI_TEST_PROBE_DLL` names the library, as for the
//! contract tests.

mod exports;
mod files;
#[path = "../support/findable.rs"]
mod findable;
mod refusals;
mod rundll;

use std::env;
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::ffi::c_void;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use mapi_provider::install::{DllName, MAPISVC_INF, Registration};
use mapi_provider_host::ProviderLibrary;
use tempfile::TempDir;
use windows_core::HRESULT;

use self::findable::findable;

/// A file as Outlook has one.
const BEFORE: &[u8] =
    b"; MAPI's own\r\n\r\n[Services]\r\nMSPST MS=Outlook Data File\r\n\r\n[MSPST MS]\r\n\
                        PR_DISPLAY_NAME=Outlook Data File (B\xFCro)\r\nProviders=MSPST MSP\r\n";

type Plain = unsafe extern "system" fn() -> HRESULT;
type Wide = unsafe extern "system" fn(*mut c_void, *mut c_void, *const u16, i32);

/// Where the probe's library lies.
fn library_path() -> PathBuf {
    if let Some(path) = env::var_os("MAPI_TEST_PROBE_DLL") {
        return findable(path.into());
    }
    library("probe32")
}

/// Where cargo puts a library.
fn library(name: &str) -> PathBuf {
    let program = env::current_exe().expect("a test knows where it is");
    findable(program.with_file_name(format!("{DLL_PREFIX}{name}{DLL_SUFFIX}")))
}

/// The same probe as a wrapped store; cargo puts it beside the other.
fn wrapped_library_path() -> PathBuf {
    library("wrapped_probe32")
}

/// What the exports do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Work {
    Merge,
    Remove,
}

impl Work {
    fn export(self) -> &'static str {
        match self {
            Work::Merge => "MergeWithMAPISVC",
            Work::Remove => "RemoveFromMAPISVC",
        }
    }
}

/// The probe's library with the environment of one test: a process has one.
struct Installer {
    library: libloading::Library,
    _turn: MutexGuard<'static, ()>,
}

/// The log of all tests: the library opens it once.
static LOG: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a folder"));

impl Installer {
    /// With `MAPI_PROVIDER_INF` as given.
    fn new(inf: Option<&Path>) -> Self {
        Self::of(&library_path(), inf)
    }

    /// The same of another library.
    fn of(library: &Path, inf: Option<&Path>) -> Self {
        static TURN: Mutex<()> = Mutex::new(());
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: nobody but the library reads these, and the library is called by the holder of the turn alone.
        unsafe {
            env::set_var("MAPI_PROVIDER_LOG", LOG.path().join("log"));
            match inf {
                Some(path) => env::set_var("MAPI_PROVIDER_INF", path),
                None => env::remove_var("MAPI_PROVIDER_INF"),
            }
        }
        // SAFETY: the library is ours. One reference stays: its log is there for as long as it is.
        let library = unsafe {
            std::mem::forget(libloading::Library::new(library));
            libloading::Library::new(library)
        };
        Installer {
            library: library.expect("built beside this program"),
            _turn: turn,
        }
    }

    /// As a setup program calls it.
    fn call(&self, work: Work) -> HRESULT {
        // SAFETY: the type is the export's.
        let export = unsafe { self.library.get::<Plain>(work.export().as_bytes()) };
        // SAFETY: as above.
        unsafe { export.expect("exported under this very name")() }
    }

    /// As `rundll32` calls it.
    fn call_wide(&self, work: Work, command_line: Option<&str>) {
        let name = format!("{}W", work.export());
        // SAFETY: the type is the export's.
        let export = unsafe { self.library.get::<Wide>(name.as_bytes()) };
        let export = export.expect("exported under this very name");
        let line: Option<Vec<u16>> =
            command_line.map(|line| line.encode_utf16().chain([0]).collect());
        let line = line.as_ref().map_or(std::ptr::null(), |line| line.as_ptr());
        let null = std::ptr::null_mut();
        // SAFETY: NULL, or a text with its NUL.
        unsafe { export(null, null, line, 10) };
    }

    fn log(&self) -> String {
        fs::read_to_string(LOG.path().join("log")).unwrap_or_default()
    }
}

/// A folder with a `mapisvc.inf` in it.
struct Inf {
    folder: TempDir,
    file: PathBuf,
}

impl Inf {
    fn new(text: &[u8]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join(MAPISVC_INF);
        fs::write(&file, text).expect("writable");
        Inf { folder, file }
    }

    fn text(&self) -> Vec<u8> {
        fs::read(&self.file).expect("readable")
    }

    fn assert_alone(&self) {
        let files = fs::read_dir(self.folder.path()).expect("readable").count();
        assert_eq!(files, 1, "something is left beside the file");
    }
}

/// What the library should make of a file.
fn merged(text: &[u8]) -> Vec<u8> {
    let loaded = ProviderLibrary::load(library_path()).expect("a provider");
    assert!(
        loaded
            .manifest()
            .is_some_and(|text| text.contains("\"probe\""))
    );
    let name = DllName::of_file(&seen(&library_path()), "probe").expect("MAPI finds it");
    let provider = Registration::new(probe32::PROVIDER.manifest.inf).with_dll(&name);
    provider.merge(text).expect("it is right").text
}

/// A library's path as Windows has it; on Linux, where MAPI is played, as Wine has it.
fn seen(library: &Path) -> String {
    let path = library.canonicalize().expect("it is there");
    let path = path.to_str().expect("Unicode");
    if cfg!(windows) {
        // Windows' own way to write a canonical path is none of MAPI's.
        return path.strip_prefix(r"\\?\").unwrap_or(path).to_owned();
    }
    let path = path.strip_suffix(DLL_SUFFIX).expect("a library");
    let (folder, name) = path.rsplit_once('/').expect("a whole path");
    let name = name.strip_prefix(DLL_PREFIX).expect("a library");
    format!("Z:{folder}/{name}.dll")
}
