//! A provider's entry points, linked in or from a library.

mod binary;
mod dll;
mod inner;
mod library;

use std::fmt;
use std::path::{Path, PathBuf};

use mapi_provider::Provider;
use mapi_provider::abi::{
    MAPI_AB_PROVIDER, MAPI_STORE_PROVIDER, MAPI_TRANSPORT_PROVIDER, MSGSERVICEENTRY, MSPROVIDERINIT,
};

use self::binary::Image;
pub use self::dll::Dll;
pub use self::inner::InnerLibrary;
use self::library::Library;
use crate::profile::SectionUid;

/// Why a library can't be a provider here.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// There is no such file.
    #[error("there is no file {}", path.display())]
    NoSuchFile {
        /// The path that was given.
        path: PathBuf,
    },
    /// The file can't be read.
    #[error("can't read {}: {error}", path.display())]
    Unreadable {
        /// The path that was given.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The file can't be a library.
    #[error("{} is not a library", path.display())]
    NotALibrary {
        /// The path that was given.
        path: PathBuf,
    },
    /// The file is a library for another machine or another system.
    #[error("{} is built for {theirs}, but this host is {ours}", path.display())]
    WrongArchitecture {
        /// The path that was given.
        path: PathBuf,
        /// What it is built for.
        theirs: String,
        /// What would be loaded.
        ours: String,
    },
    /// The system's loader refuses it.
    #[error("can't load {}: {reason}", path.display())]
    Refused {
        /// The path that was given.
        path: PathBuf,
        /// What the loader says.
        reason: String,
    },
    /// Nobody would find it under this name.
    #[error("{} can't be the inner provider: that is looked for as {names}", path.display())]
    WrongName {
        /// The path that was given.
        path: PathBuf,
        /// What it may be called.
        names: String,
    },
    /// It loads, but lacks an entry point.
    #[error("{} is not a MAPI provider: it doesn't export {symbol}", path.display())]
    NotAProvider {
        /// The path that was given.
        path: PathBuf,
        /// What it lacks.
        symbol: &'static str,
    },
    /// It has an entry point under a name that MAPI doesn't ask for.
    #[error(
        "{} exports `{found}`, but MAPI asks for MSProviderInit: export the plain name, with a .def file (ENTRY-01)",
        path.display()
    )]
    Decorated {
        /// The path that was given.
        path: PathBuf,
        /// What it is called there.
        found: &'static str,
    },
}

/// Names that compilers give `MSProviderInit`, as cdecl and as stdcall.
const DECORATED: [&str; 3] = ["_MSProviderInit", "_MSProviderInit@36", "MSProviderInit@36"];

/// A provider's entry points; a loaded library stays loaded as long as this value lives.
pub struct ProviderLibrary {
    store_init: Option<MSPROVIDERINIT>,
    transport_init: Option<MSPROVIDERINIT>,
    address_book_init: Option<MSPROVIDERINIT>,
    service_entry: Option<MSGSERVICEENTRY>,
    manifest: Option<String>,
    library: Option<Library>,
}

impl ProviderLibrary {
    /// Loads a shared library or DLL. Its code runs in this process from now on, and may do whatever it
    /// likes: running providers is what a host is for, and naming one means trusting it like any
    /// program that you start.
    ///
    /// # Errors
    ///
    /// There is no such file, it isn't a library for this host, or not a provider.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, LoadError> {
        let path = path.as_ref();
        check_image(path)?;
        // SAFETY: the library is one for this machine; its author answers for what its code does.
        let library = unsafe { Library::open(path) }.map_err(|reason| LoadError::Refused {
            path: path.to_owned(),
            reason,
        })?;
        // SAFETY: the types of these exports are MAPI's, and the manifest's is ours.
        unsafe {
            let store_init = library.symbol::<MSPROVIDERINIT>("MSProviderInit");
            // These are called alike.
            let transport_init = library.symbol::<MSPROVIDERINIT>("XPProviderInit");
            let address_book_init = library.symbol::<MSPROVIDERINIT>("ABProviderInit");
            let all = [store_init, transport_init, address_book_init];
            if all.iter().all(Option::is_none) {
                return Err(lacks_init(path, &library));
            }
            let service_entry = library.symbol::<MSGSERVICEENTRY>("ServiceEntry");
            let manifest =
                library.symbol::<unsafe extern "system" fn() -> *const u8>("MapiProviderManifest");
            let manifest =
                manifest.and_then(|manifest| crate::property::bytes_until_nul(manifest()));
            let manifest = manifest.map(|text| String::from_utf8_lossy(&text).into_owned());
            Ok(Self {
                store_init,
                transport_init,
                address_book_init,
                service_entry,
                manifest,
                library: Some(library),
            })
        }
    }

    /// A provider that is linked into this program.
    pub fn linked(provider: &'static Provider) -> Self {
        Self {
            store_init: provider.store_init,
            transport_init: provider.transport_init,
            address_book_init: provider.address_book_init,
            service_entry: Some(provider.service_entry),
            manifest: Some(provider.manifest.text.to_owned()),
            library: None,
        }
    }

    /// Entry points of any other origin: of a store.
    pub fn from_functions(init: MSPROVIDERINIT, service_entry: Option<MSGSERVICEENTRY>) -> Self {
        Self {
            store_init: Some(init),
            transport_init: None,
            address_book_init: None,
            service_entry,
            manifest: None,
            library: None,
        }
    }

    /// Whether it is a transport and nothing else: its entry point is `XPProviderInit`.
    pub fn is_transport(&self) -> bool {
        self.transport_init.is_some() && !self.has_several()
    }

    /// Whether it is an address book and nothing else: its entry point is `ABProviderInit`.
    pub fn is_address_book(&self) -> bool {
        self.address_book_init.is_some() && !self.has_several()
    }

    /// Whether it has several providers: a store, a transport, an address book, or two of these.
    pub fn has_several(&self) -> bool {
        let all = [self.store_init, self.transport_init, self.address_book_init];
        all.iter().flatten().count() > 1
    }

    /// `MSProviderInit`, if there is a store.
    pub fn store_init(&self) -> Option<MSPROVIDERINIT> {
        self.store_init
    }

    /// `XPProviderInit`, if there is a transport.
    pub fn transport_init(&self) -> Option<MSPROVIDERINIT> {
        self.transport_init
    }

    /// `ABProviderInit`, if there is an address book.
    pub fn address_book_init(&self) -> Option<MSPROVIDERINIT> {
        self.address_book_init
    }

    /// The section of each of its providers in a profile, and its `PR_RESOURCE_TYPE`. MAPI promises no order: the address
    /// book comes first, the store last.
    pub(crate) fn providers(&self) -> Vec<(SectionUid, u32)> {
        let book = self.address_book_init;
        let book = book.map(|_| (self.address_book_section(), MAPI_AB_PROVIDER));
        let transport = self.transport_init;
        let transport = transport.map(|_| (self.transport_section(), MAPI_TRANSPORT_PROVIDER));
        let store = self
            .store_init
            .map(|_| (SectionUid::PROVIDER, MAPI_STORE_PROVIDER));
        book.into_iter().chain(transport).chain(store).collect()
    }

    /// The section of its transport.
    pub(crate) fn transport_section(&self) -> SectionUid {
        match self.has_several() {
            true => SectionUid::TRANSPORT,
            false => SectionUid::PROVIDER,
        }
    }

    /// The section of its address book.
    pub(crate) fn address_book_section(&self) -> SectionUid {
        match self.has_several() {
            true => SectionUid::ADDRESS_BOOK,
            false => SectionUid::PROVIDER,
        }
    }

    /// `ServiceEntry`, if it is exported.
    pub fn service_entry(&self) -> Option<MSGSERVICEENTRY> {
        self.service_entry
    }

    /// The text of the `provider.toml` that the provider was made from, if it is exported.
    pub fn manifest(&self) -> Option<&str> {
        self.manifest.as_deref()
    }
}

impl fmt::Debug for ProviderLibrary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderLibrary")
            .field("linked", &self.library.is_none())
            .finish_non_exhaustive()
    }
}

/// Why a library without any of the entry points is not a provider.
fn lacks_init(path: &Path, library: &Library) -> LoadError {
    // SAFETY: only the address is used, not its type.
    let exports = |name: &&&str| unsafe { library.symbol::<*const ()>(name) }.is_some();
    let path = path.to_owned();
    match DECORATED.iter().find(exports) {
        Some(found) => LoadError::Decorated { path, found },
        None => LoadError::NotAProvider {
            path,
            symbol: "MSProviderInit",
        },
    }
}

/// Says what the system's loader wouldn't: that a file is missing, not a library, or one for
/// another machine.
fn check_image(path: &Path) -> Result<(), LoadError> {
    let path_buf = || path.to_owned();
    if !path.exists() {
        return Err(LoadError::NoSuchFile { path: path_buf() });
    }
    if path.is_dir() {
        return Err(LoadError::NotALibrary { path: path_buf() });
    }
    let image = Image::read(path).map_err(|error| LoadError::Unreadable {
        path: path_buf(),
        error,
    })?;
    match image {
        None => Err(LoadError::NotALibrary { path: path_buf() }),
        Some(image) if image == Image::OURS => Ok(()),
        Some(image) => Err(LoadError::WrongArchitecture {
            path: path_buf(),
            theirs: image.to_string(),
            ours: Image::OURS.to_string(),
        }),
    }
}

#[cfg(test)]
mod tests;
