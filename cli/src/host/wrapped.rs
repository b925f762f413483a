//! What a store with a file needs besides its settings: the file, and for a wrapped store the inner provider.

use std::path::{Path, PathBuf, absolute};

use mapi_provider_codegen::diag::Source;
use mapi_provider_codegen::ir::provider::Provider;
use mapi_provider_codegen::manifest;
use mapi_provider_host::{InnerLibrary, Property};

use super::locate::Built;
use crate::demo::Folder;
use crate::failure::Failure;

/// PR_PROFILE_OFFLINE_STORE_PATH: where the store's file is.
const STORE_PATH: u16 = 0x6610;

/// The options for stores with a file.
#[derive(clap::Args)]
pub(super) struct StoreArgs {
    /// For a wrapped store: the library of the inner provider, mspst32 or msmapi32; by default the simulated one if the
    /// crate depends on it, one beside the provider, or what the provider finds itself
    #[arg(long, value_name = "FILE")]
    pub(super) inner: Option<PathBuf>,

    /// For a wrapped store or a mailbox: its file; by default one beside the profile, or a temporary one
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
}

/// What they become for one run.
#[derive(Default)]
pub(super) struct Wrapped {
    pub(super) inner: Option<PathBuf>,
    /// The property that says where the store's file is.
    pub(super) store: Option<Property>,
    /// The folder of a file that is only for this run. Held, and then removed.
    _folder: Option<Folder>,
}

impl Wrapped {
    /// What the provider of this library and this manifest needs: nothing, if it wraps no store.
    pub(super) fn of(
        args: &StoreArgs,
        built: &Built,
        text: Option<&str>,
        profile: Option<&Path>,
    ) -> Result<Self, Failure> {
        let provider = text.and_then(provider);
        let wraps = provider.as_ref().is_some_and(Provider::wraps_store);
        if args.inner.is_some() && !wraps {
            return Err(Failure::new(
                "`--inner` is for wrapped stores, and the provider is not one",
            ));
        }
        if !provider.is_some_and(|provider| provider.has_file()) {
            return match &args.store {
                None => Ok(Self::default()),
                Some(_) => Err(Failure::new(
                    "`--store` is for wrapped stores and mailboxes, and the provider is neither",
                )),
            };
        }
        let extension = if wraps { "nst" } else { "db" };
        let full = |path: &Path| {
            absolute(path).map_err(|error| Failure::new(format!("{}: {error}", path.display())))
        };
        let inner = wraps.then(|| inner(args.inner.as_deref(), built)).flatten();
        let (store, folder) = match (&args.store, profile) {
            (Some(store), _) => (full(store)?, None),
            (None, Some(profile)) => {
                let mut name = full(profile)?.into_os_string();
                name.push(format!(".{extension}"));
                (PathBuf::from(name), None)
            }
            (None, None) => {
                let folder = Folder::create(None, false)?;
                (
                    folder.path().join(format!("store.{extension}")),
                    Some(folder),
                )
            }
        };
        let store = store.to_str().ok_or_else(|| {
            Failure::new(format!(
                "the store's path is not Unicode: {}",
                store.display()
            ))
        })?;
        Ok(Self {
            inner: inner.as_deref().map(full).transpose()?,
            store: Some(Property::with_id(STORE_PATH, store)),
            _folder: folder,
        })
    }
}

/// Refuses, by its manifest, a provider without a store; with `or_book`, an address book alone will do too.
pub(super) fn needs_store(text: Option<&str>, or_book: bool) -> Result<(), Failure> {
    let Some(provider) = text.and_then(provider) else {
        return Ok(());
    };
    let what = match (&provider.store, &provider.transport) {
        (Some(_), _) => return Ok(()),
        (None, None) if or_book => return Ok(()),
        (None, Some(_)) => {
            "the provider is a transport, and has no store: `cargo mapi host send` sends a message through it"
        }
        (None, None) => {
            "the provider is an address book, and has no store: `cargo mapi host resolve` finds names in it"
        }
    };
    Err(Failure::new(what))
}

pub(super) fn is_wrapped(text: &str) -> bool {
    provider(text).is_some_and(|provider| provider.wraps_store())
}

/// Whether the store has a file whose path the profile says.
pub(super) fn has_file(text: &str) -> bool {
    provider(text).is_some_and(|provider| provider.has_file())
}

/// Whether the manifest says that there is no transport.
pub(super) fn lacks_transport(text: &str) -> bool {
    provider(text).is_some_and(|provider| provider.transport.is_none())
}

/// Whether a transport keeps messages in a queue.
pub(super) fn has_queue(text: &str) -> bool {
    let transport = provider(text).and_then(|provider| provider.transport);
    transport.is_some_and(|transport| transport.queue.is_some())
}

fn provider(text: &str) -> Option<Provider> {
    manifest::load(&Source::new("the provider's manifest", text)).ok()
}

/// The library of the inner provider: the one that is named, that was built with the provider, or is beside it.
pub(super) fn inner(named: Option<&Path>, built: &Built) -> Option<PathBuf> {
    let found = named.map(Path::to_owned);
    let found = found.or_else(|| built.simulated.clone());
    found.or_else(|| beside(&built.library))
}

/// The library of a PST provider beside the provider's.
fn beside(library: &Path) -> Option<PathBuf> {
    let folder = library.parent()?;
    let mut files = InnerLibrary::file_names()
        .into_iter()
        .map(|name| folder.join(name));
    files.find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOOK: &str = include_str!("../../../examples/book-probe/provider.toml");
    const TRANSPORT: &str = include_str!("../../../examples/transport-probe/provider.toml");
    const STORE: &str = include_str!("../../../examples/store-probe/provider.toml");

    #[test]
    fn whoever_has_no_store_is_told_what_there_is_instead() {
        assert!(needs_store(Some(STORE), false).is_ok() && needs_store(None, false).is_ok());
        assert!(needs_store(Some(BOOK), true).is_ok());
        assert!(needs_store(Some(BOOK), false).is_err());
        assert!(needs_store(Some(TRANSPORT), true).is_err());
    }
}
