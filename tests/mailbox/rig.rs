//! A host with a mailbox, in a file that is this test's alone.

use std::path::{Path, PathBuf};

use mapi_provider::SyncError;
use mapi_provider::abi::PR_DISPLAY_NAME_W;
use mapi_provider::store::Folder;
use mapi_provider_host::{
    Host, ProgressCallback, Property, Provider, SectionUid, Status, Store, SyncRequest,
};

use crate::support::SOON;
use crate::support::script::{Registered, Script, Variant};

/// PR_PROFILE_OFFLINE_STORE_PATH.
pub(crate) const PATH: u16 = 0x6610;

/// A host with a provider, whose profile says where the store is.
pub(crate) struct Rig {
    pub(crate) provider: Provider,
    pub(crate) host: Host,
    pub(crate) script: Registered,
    folder: tempfile::TempDir,
}

impl Rig {
    pub(crate) fn new(script: Script) -> Self {
        Self::of(Variant::Mailbox, script)
    }

    pub(crate) fn of(variant: Variant, script: Script) -> Self {
        let rig = Self::unconfigured(variant, script);
        rig.set_path(&rig.file());
        rig
    }

    /// The profile does not say where the store is.
    pub(crate) fn unconfigured(variant: Variant, script: Script) -> Self {
        let script = script.register();
        let host = Host::new(variant.library(), script.profile()).expect("a set of allocators");
        Self {
            provider: host.init().expect("MSProviderInit"),
            host,
            script,
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    /// The folder of this test.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The store's file.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder().join("mail.db")
    }

    pub(crate) fn set_path(&self, path: &Path) {
        let path = Property::with_id(PATH, path.to_str().expect("UTF-8"));
        let profile = self.host.profile();
        profile.set(SectionUid::PROVIDER, path).expect("set");
    }

    /// A run from request to end: what Done got.
    #[track_caller]
    pub(crate) fn run(&self, store: &Store) -> Status {
        let callback = self.host.callback(ProgressCallback::builder());
        let run = store.synchronize(&SyncRequest::default().callback(&callback));
        assert!(run.started().expect("accepted").wait(SOON));
        run.result().expect("Done was called")
    }

    /// Nothing is left behind.
    #[track_caller]
    pub(crate) fn finish(self) {
        let Self { provider, host, .. } = self;
        provider.shutdown().expect("Shutdown");
        drop(provider);
        host.finish().assert_clean();
    }
}

/// The names of the folders in a folder.
pub(crate) fn names(folder: &Folder) -> Result<Vec<String>, SyncError> {
    let rows = folder.folders().columns(&[PR_DISPLAY_NAME_W]).rows()?;
    let names = rows.map(|row| Ok(row?.text(PR_DISPLAY_NAME_W).unwrap_or_default()));
    names.collect()
}
