//! The mailbox engine in the place of the PST provider: `kind = "store"` with `[store] path`.

use std::path::Path;
use std::sync::Arc;

use windows_core::HRESULT;

use super::super::identity::StoreIdentity;
use super::super::open::section_uid;
use super::super::profile::ProfileSection;
use super::super::support::Support;
use super::inside::Inside;
use super::path;
use crate::error::LogonError;
use crate::manifest::Manifest;
use crate::store::Store;
use crate::sync::InnerStore;
use mapi_provider_abi::mapi::{
    IMAPISupport, IMSProvider, IMsgStore, MAPI_E_INVALID_ENTRYID, MAPI_E_UNCONFIGURED,
    StoreLogonFlags,
};
use mapi_provider_abi::view::Allocators;
use mapi_provider_mailbox::database::Options;
use mapi_provider_mailbox::logic::Mailbox;
use mapi_provider_mailbox::objects::{self, Face, Fault, Location, LogonRequest, Place};

/// The engine's provider object.
pub(super) fn provider(manifest: &'static Manifest, allocators: Allocators) -> IMSProvider {
    objects::provider(OurFace { manifest }, allocators)
}

/// The mailbox engine.
pub(super) struct Engine;

impl Inside for Engine {
    fn name(&self) -> &'static str {
        "the mailbox"
    }

    fn store_name(&self) -> &'static str {
        "the store"
    }

    fn has_our_entry_ids(&self) -> bool {
        true
    }

    fn flags(&self, flags: StoreLogonFlags) -> StoreLogonFlags {
        flags
    }

    fn section(
        &self,
        _: &IMAPISupport,
        own: &ProfileSection,
        _: Allocators,
    ) -> Result<ProfileSection, HRESULT> {
        Ok(own.clone())
    }

    fn for_runs(
        &self,
        store: &IMsgStore,
        path: &Path,
        (manifest, allocators): (&'static Manifest, Allocators),
    ) -> Result<Arc<dyn InnerStore>, LogonError> {
        let known = |status| LogonError::new(status, "the store does not say its entry ID");
        let entry_id = Store::from_interface(store.clone(), allocators)
            .entry_id()
            .map_err(|error| known(error.status()))?;
        let location = location(manifest, path, entry_id.as_bytes().to_vec());
        let of_logic = objects::store_for_logic(OurFace { manifest }, location, allocators);
        let database = objects::database(path, Options::new());
        let unopened = |fault: Fault| LogonError::new(fault.status, fault.text);
        Ok(Arc::new(OpenMailbox {
            store: of_logic.map_err(unopened)?,
            allocators,
            mailbox: Mailbox::new(database.map_err(unopened)?),
        }))
    }
}

/// A mailbox that is open, as the sync engine knows it. The store is not the one that clients have: what runs do is no
/// local change (STORE-45), and neither the support object nor a session is held by it (SYNC-21).
struct OpenMailbox {
    store: IMsgStore,
    allocators: Allocators,
    mailbox: Mailbox,
}

impl InnerStore for OpenMailbox {
    fn open(&self) -> Store<'_> {
        Store::from_interface(self.store.clone(), self.allocators)
    }

    fn prepare(&self) -> Result<(), HRESULT> {
        Ok(())
    }

    fn mailbox(&self) -> Option<Mailbox> {
        Some(self.mailbox.clone())
    }
}

/// What the engine is told of the provider.
struct OurFace {
    manifest: &'static Manifest,
}

impl Face for OurFace {
    fn provider_uid(&self) -> [u8; 16] {
        self.manifest.uid
    }

    fn name(&self) -> &str {
        self.manifest.name
    }

    /// The path is in the section, as it is for the PST provider: the logon around this one has seen to it.
    fn locate(&self, logon: &LogonRequest<'_>) -> objects::Result<Location> {
        let support = Support::of(logon.support.clone());
        let section = support.own_section(logon.allocators)?;
        let unconfigured = || {
            let text = "the profile does not say where the store is";
            Fault::new(MAPI_E_UNCONFIGURED, text)
        };
        let path = path::in_section(&section)?.ok_or_else(unconfigured)?;
        let uid = section_uid(Some(&section)).unwrap_or_default();
        let identity = StoreIdentity::of_section(&self.manifest.uid, &uid);
        let entry_id = identity.entry_id().to_vec();
        Ok(location(self.manifest, Path::new(&path), entry_id))
    }

    fn is_same_store(&self, first: &[u8], second: &[u8]) -> objects::Result<bool> {
        let pair = (StoreIdentity::given(first), StoreIdentity::given(second));
        match pair {
            (Some(first), Some(second)) => Ok(first.is_same(&second)),
            _ => Err(MAPI_E_INVALID_ENTRYID.into()),
        }
    }
}

fn location(manifest: &Manifest, path: &Path, entry_id: Vec<u8>) -> Location {
    Location {
        place: Place::File(path.to_owned(), Options::new()),
        entry_id,
        name: manifest.name.to_owned(),
    }
}
