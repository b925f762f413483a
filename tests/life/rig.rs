//! The libraries, and what Outlook would see of a store.

use std::env;
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use mapi_provider::abi::PR_SUBJECT_W;
use mapi_provider_host::Store;

/// PR_PROFILE_OFFLINE_STORE_PATH.
pub(crate) const PATH: u16 = 0x6610;
/// The setting `label`.
pub(crate) const LABEL: u16 = 0x6601;

/// Tests of this program come one after another: they count what the process has open.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A library that cargo has built beside this program.
pub(crate) fn beside(name: &str) -> PathBuf {
    let program = env::current_exe().expect("a test knows where it is");
    program.with_file_name(format!("{DLL_PREFIX}{name}{DLL_SUFFIX}"))
}

/// The simulated PST provider, loaded for the life of the process, as in Outlook (WRAP-07).
pub(crate) fn inner() -> &'static libloading::Library {
    static INNER: OnceLock<libloading::Library> = OnceLock::new();
    // SAFETY: the libraries are ours.
    INNER.get_or_init(|| unsafe {
        if cfg!(unix) {
            // Destructors of a thread's own variables are code of the library's, and not every Linux keeps it for them: one
            // reference stays. Unloading is tested on Windows.
            std::mem::forget(libloading::Library::new(beside("wrapped_probe32")));
        }
        libloading::Library::new(beside("mspst32")).expect("a library")
    })
}

/// The subjects in the folder into which the probe writes, as Outlook would list them; none where there is no such
/// folder.
pub(crate) fn subjects(store: &Store) -> Vec<String> {
    let folder = store
        .client()
        .ipm_subtree()
        .expect("a subtree")
        .folder("Probe");
    let Some(folder) = folder.expect("a table") else {
        return Vec::new();
    };
    let rows = folder.messages().columns(&[PR_SUBJECT_W]).rows();
    let texts = rows
        .expect("a table")
        .map(|row| row.expect("a row").text(PR_SUBJECT_W));
    texts.map(|text| text.expect("a subject")).collect()
}
