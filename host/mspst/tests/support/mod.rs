//! A host, the simulated provider linked in, and a store in a folder of its own.
#![allow(dead_code, reason = "each test program uses a part of this")]

use std::path::{Path, PathBuf};

use mapi_provider::abi::{PR_PST_PATH, StoreLogonFlags};
use mapi_provider::store;
use mapi_provider::view::Allocators;
use mapi_provider_host::{
    Failure, Host, LogonOptions, Profile, Property, Provider, ProviderLibrary, SectionUid, Store,
    Value,
};

/// The section of the profile where wrapped stores keep theirs.
pub(crate) const NST_SECTION: SectionUid = SectionUid([
    0x85, 0xED, 0x14, 0x23, 0x9D, 0xF7, 0x42, 0x66, 0x8B, 0xF2, 0xFB, 0xD4, 0xA5, 0x21, 0x29, 0x41,
]);
/// `PR_PROFILE_OFFLINE_STORE_PATH`.
pub(crate) const OFFLINE_STORE_PATH: u16 = 0x6610;

/// The provider, linked in.
pub(crate) fn library() -> ProviderLibrary {
    ProviderLibrary::from_functions(mspst32::MSProviderInit, Some(mspst32::ServiceEntry))
}

/// A host whose profile says where the store is.
pub(crate) fn host(path: &Path) -> Host {
    let profile = Profile::in_memory();
    let text = Value::from(&*path.to_string_lossy());
    for (section, id) in [
        (SectionUid::PROVIDER, PR_PST_PATH.id()),
        (NST_SECTION, OFFLINE_STORE_PATH),
    ] {
        let set = profile.set(section, Property::with_id(id, text.clone()));
        set.expect("a profile in memory");
    }
    Host::new(library(), profile).expect("a host")
}

/// A store that is open, with the whole host around it.
pub(crate) struct Session {
    pub(crate) host: Host,
    pub(crate) provider: Provider,
    pub(crate) store: Store,
}

impl Session {
    pub(crate) fn open(path: &Path) -> Self {
        Self::try_open(path).expect("a logon")
    }

    pub(crate) fn try_open(path: &Path) -> Result<Self, Failure> {
        let host = host(path);
        let provider = host.init().expect("a provider");
        match provider.logon() {
            Ok(store) => Ok(Self {
                host,
                provider,
                store,
            }),
            Err(failure) => {
                provider.shutdown().expect("a shutdown");
                drop(provider);
                host.finish().assert_clean();
                Err(failure)
            }
        }
    }

    pub(crate) fn allocators(&self) -> Allocators {
        allocators(&self.host)
    }

    /// The store as a client sees it.
    pub(crate) fn client(&self) -> store::Store {
        store::Store::from_interface(self.store.interface().clone(), self.allocators())
    }

    /// Logs off in order; nothing must be left behind.
    pub(crate) fn close(self) {
        let logoff = self.store.logoff();
        assert_eq!(logoff.support.logoff_transports.len(), 1);
        assert!(logoff.support.released);
        self.provider.shutdown().expect("a shutdown");
        drop(self.provider);
        self.host.finish().assert_clean();
    }
}

pub(crate) fn allocators(host: &Host) -> Allocators {
    let memory = host.allocators();
    // SAFETY: the host's own functions, which live as long as the host.
    let allocators = unsafe {
        Allocators::new(
            Some(memory.allocate_buffer()),
            Some(memory.allocate_more()),
            Some(memory.free_buffer()),
        )
    };
    allocators.expect("all three")
}

/// As the wrapper of a store logs on.
pub(crate) fn nst_options() -> LogonOptions {
    let mut options = LogonOptions::default();
    options.flags |= StoreLogonFlags::MDB_OST_LOGON_UNICODE;
    options
}

/// A folder that is gone after the test, and a path in it.
pub(crate) fn place() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.ost");
    (folder, path)
}
