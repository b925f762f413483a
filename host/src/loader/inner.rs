//! The library of the provider inside a wrapped store.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::Path;

use mapi_provider::abi::{MSGSERVICEENTRY, MSPROVIDERINIT};

use super::library::Library;
use super::{LoadError, check_image};

/// Outlook's PST provider, or what plays it: a wrapped store finds it if it is loaded (WRAP-07). Load it before the
/// wrapped store is initialised; it stays loaded as long as this value lives.
pub struct InnerLibrary(#[expect(dead_code, reason = "held")] Library);

impl InnerLibrary {
    /// The names under which a wrapped store looks for it, in that order, as file names on this system.
    pub fn file_names() -> [String; 2] {
        ["mspst32", "msmapi32"].map(|name| format!("{DLL_PREFIX}{name}{DLL_SUFFIX}"))
    }

    /// Loads it. Its code runs in this process from now on, as a provider's does.
    ///
    /// # Errors
    ///
    /// There is no such file, it isn't a library for this host or a PST provider, or it has a name under which
    /// nobody would find it.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, LoadError> {
        let path = path.as_ref();
        check_image(path)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let names = Self::file_names();
        if !names.iter().any(|known| known.eq_ignore_ascii_case(&name)) {
            return Err(LoadError::WrongName {
                path: path.to_owned(),
                names: names.join(" or "),
            });
        }
        // SAFETY: the library is one for this machine; its author answers for what its code does.
        let library = unsafe { Library::open(path) }.map_err(|reason| LoadError::Refused {
            path: path.to_owned(),
            reason,
        })?;
        // SAFETY: the types of these exports are MAPI's.
        let (init, service) = unsafe {
            (
                library.symbol::<MSPROVIDERINIT>("MSProviderInit"),
                library.symbol::<MSGSERVICEENTRY>("NSTServiceEntry"),
            )
        };
        for (symbol, is_there) in [
            ("MSProviderInit", init.is_some()),
            ("NSTServiceEntry", service.is_some()),
        ] {
            if !is_there {
                return Err(LoadError::NotAProvider {
                    path: path.to_owned(),
                    symbol,
                });
            }
        }
        Ok(Self(library))
    }
}
