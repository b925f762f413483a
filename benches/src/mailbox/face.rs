//! A provider with no more than a face on the engine, and a host around it: the tables that are measured are those that
//! MAPI calls.

use std::cell::{Cell, RefCell};
use std::error::Error;
use std::ffi::c_void;
use std::path::{Path, PathBuf};
use std::ptr;

use mapi_provider::abi::{
    ALLOCATEBUFFER, ALLOCATEMORE, CURRENT_SPI_VERSION, ENTRYID, FREEBUFFER, IMAPIFolder, IUnknown,
    OpenEntryFlags,
};
use mapi_provider::view::Allocators;
use mapi_provider_host::{Host, Profile, Provider, ProviderLibrary, Store};
use mapi_provider_mailbox::database::{FolderId, Options};
use mapi_provider_mailbox::objects::{self, Face, Location, LogonRequest, Place};
use windows_core::{HRESULT, Interface};

use crate::allocators;

/// `PR_MDB_PROVIDER`.
const PROVIDER: [u8; 16] = [0xBE; 16];

thread_local! {
    /// The file that the next provider of this thread opens.
    static NEXT: RefCell<PathBuf> = RefCell::default();
    /// The allocators that the last one was given.
    static ALLOCATORS: Cell<Option<Allocators>> = const { Cell::new(None) };
}

struct BenchFace(PathBuf);

impl Face for BenchFace {
    fn provider_uid(&self) -> [u8; 16] {
        PROVIDER
    }

    fn name(&self) -> &str {
        "Bench"
    }

    fn locate(&self, _: &LogonRequest<'_>) -> objects::Result<Location> {
        Ok(Location {
            place: Place::File(self.0.clone(), Options::new()),
            entry_id: [&[0; 4][..], &PROVIDER, b"store"].concat(),
            name: "Bench".to_owned(),
        })
    }

    fn is_same_store(&self, first: &[u8], second: &[u8]) -> objects::Result<bool> {
        Ok(first == second)
    }
}

unsafe extern "C" fn init(
    _instance: *mut c_void,
    _malloc: *mut c_void,
    allocate: Option<ALLOCATEBUFFER>,
    more: Option<ALLOCATEMORE>,
    free: Option<FREEBUFFER>,
    _flags: u32,
    _version: u32,
    provider_version: *mut u32,
    out: *mut *mut c_void,
) -> HRESULT {
    let path = NEXT.with_borrow(Clone::clone);
    let host = allocate.zip(more).zip(free).expect("the host has them");
    let ((allocate, more), free) = host;
    let allocators = allocators::around((allocate, more, free));
    ALLOCATORS.set(Some(allocators));
    // SAFETY: the host gives pointers to variables of its own.
    unsafe {
        *provider_version = CURRENT_SPI_VERSION;
        *out = objects::provider(BenchFace(path), allocators).into_raw();
    }
    HRESULT(0)
}

/// A store that a client has open.
pub(crate) struct Session {
    _host: Host,
    provider: Provider,
    store: Store,
    allocators: Allocators,
}

impl Session {
    pub(crate) fn open(path: &Path) -> Result<Self, Box<dyn Error>> {
        NEXT.set(path.to_owned());
        let library = ProviderLibrary::from_functions(init, None);
        let host = Host::new(library, Profile::in_memory())?;
        let provider = host.init()?;
        let store = provider.logon()?;
        Ok(Self {
            allocators: ALLOCATORS.get().ok_or("the provider was not initialised")?,
            _host: host,
            provider,
            store,
        })
    }

    pub(crate) fn allocators(&self) -> Allocators {
        self.allocators
    }

    /// A folder.
    pub(crate) fn folder(
        &self,
        uid: [u8; 16],
        folder: FolderId,
    ) -> Result<IMAPIFolder, Box<dyn Error>> {
        let number = folder.number().to_le_bytes();
        let id = [&[0; 4][..], &uid, &[1, 1, 0, 0], &number].concat();
        let (mut kind, mut object) = (0, ptr::null_mut());
        // SAFETY: an entry ID that lives, and variables; what comes is a folder, counted.
        unsafe {
            let entry_id = id.as_ptr().cast::<ENTRYID>().cast_mut();
            let flags = OpenEntryFlags::MAPI_MODIFY;
            let store = self.store.interface();
            let count = id.len() as u32;
            let (kind, object) = (&raw mut kind, &raw mut object);
            store
                .OpenEntry(count, entry_id, ptr::null(), flags, kind, object)
                .ok()?;
            let object = IUnknown::from_raw(*object);
            Ok(object.cast()?)
        }
    }

    /// Logs off.
    pub(crate) fn close(self) -> Result<(), Box<dyn Error>> {
        self.store.logoff();
        self.provider.shutdown()?;
        Ok(())
    }
}
