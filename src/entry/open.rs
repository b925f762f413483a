//! Logon and SpoolerLogon: from a support object to a store and its logon.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::Arc;

use windows_core::{GUID, HRESULT, IUnknown, Interface};

use super::attachment::Attachment;
use super::identity::StoreIdentity;
use super::logon::LogonObject;
use super::logon_call::{Arguments, Opened, Outs};
use super::profile::ProfileSection;
use super::registry::Key;
use super::sections::LogonSections;
use super::shared::ProviderShared;
use super::support::Support;
use super::synchronize::MapiSync;
use crate::error::LogonError;
use crate::log;
use crate::manifest::Manifest;
use crate::settings::{ServiceSettings, SettingValues};
use crate::status::Status;
use crate::sync::{BackgroundSync, EngineKey, EngineOptions, LogonPart, StoreKey, SyncEngine};
use mapi_provider_abi::internal::{panic_text, panicked};
use mapi_provider_abi::mapi::{
    E_UNEXPECTED, IMSLogon, IMsgStore, MAPI_E_INTERFACE_NOT_SUPPORTED, PR_PROVIDER_UID, S_OK,
};
use mapi_provider_abi::object::{Class, ObjectRef};
use mapi_provider_abi::view::Allocators;

/// A class of stores that this provider opens: what is different in each.
pub(super) trait Served: Class {
    type Logic: MapiSync;
    /// What a team's own code makes for the store, before there is one.
    type Inner;

    /// Makes it. No lock is held (SYNC-19).
    fn prepare(new: &NewStore<'_, Self::Logic>) -> Result<Self::Inner, LogonError>;

    /// Puts the store together: under a lock, so nothing foreign is called.
    fn build(parts: Parts<Self>, inner: Self::Inner) -> ObjectRef<Self>;

    fn attachment(&self) -> &Arc<Attachment<Self::Logic>>;
}

/// A store that is being opened, as a team's own code sees it.
pub(super) struct NewStore<'a, L: MapiSync> {
    pub(super) manifest: &'static Manifest,
    pub(super) allocators: Allocators,
    pub(super) engine: &'a SyncEngine<L>,
    pub(super) support: Option<&'a Support>,
    pub(super) identity: &'a StoreIdentity,
    pub(super) entry_id: &'a [u8],
    pub(super) spooler: bool,
}

/// What every store has.
pub(super) struct Parts<S: Served> {
    pub(super) provider: Arc<ProviderShared<S>>,
    pub(super) attachment: Arc<Attachment<S::Logic>>,
    pub(super) support: Option<Support>,
    pub(super) identity: StoreIdentity,
    pub(super) entry_id: Vec<u8>,
    pub(super) spooler: bool,
}

/// Opens a store.
///
/// # Safety
///
/// All pointers are as MAPI's page says.
pub(super) unsafe fn logon<S: Served>(
    provider: &Arc<ProviderShared<S>>,
    arguments: &Arguments,
    outs: &Outs,
) -> HRESULT {
    // SAFETY: the caller's word.
    match unsafe { open(provider, arguments) } {
        Ok(opened) => {
            // SAFETY: both are not NULL.
            unsafe { outs.give(opened) };
            S_OK
        }
        // SAFETY: the caller's word.
        Err(error) => unsafe {
            let name = provider.manifest.name;
            outs.fail(&error, name, provider.allocators, arguments.flags)
        },
    }
}

/// # Safety
///
/// All pointers are as MAPI's page says.
unsafe fn open<S: Served>(
    provider: &Arc<ProviderShared<S>>,
    arguments: &Arguments,
) -> Result<Opened, LogonError> {
    let (spooler, interface) = (arguments.is_spooler(), arguments.interface);
    let manifest = provider.manifest;
    let (count, entry_id) = arguments.entry_id;
    // SAFETY: the caller's word.
    let given = unsafe { StoreIdentity::read_own(count, entry_id, &manifest.uid) }
        .map_err(|status| LogonError::new(status, "this is no entry ID of this provider"))?;
    // ENTRY-04: if the entry ID says which store it is, the new support object is not even looked
    // at.
    let look = |identity: &StoreIdentity| provider.registry.look(key(identity, spooler));
    if let Some(store) = given.as_ref().and_then(look) {
        // SAFETY: the caller's word.
        return unsafe { hand_out(&store, interface, None) };
    }
    // SAFETY: the caller's word.
    let support = unsafe { Support::borrow(&arguments.support) };
    let section = support.and_then(|support| own_section(support, provider.allocators));
    // ENTRY-12: the section says which store it is, whatever the entry ID looks like.
    let uid = section_uid(section.as_ref());
    let of_section = |uid| StoreIdentity::of_section(&manifest.uid, &uid);
    let identity = match (uid, given) {
        (Some(uid), _) => of_section(uid),
        (None, given) => given.unwrap_or_else(|| of_section([0; 16])),
    };
    if let Some(store) = look(&identity) {
        // SAFETY: the caller's word.
        return unsafe { hand_out(&store, interface, None) };
    }
    let sections = match (section, support) {
        (Some(own), Some(support)) => {
            let support = support.interface();
            Some(LogonSections::open(
                own,
                manifest,
                support,
                provider.allocators,
            )?)
        }
        _ => None,
    };
    let section_key = identity.section_key(uid, provider.number);
    let place = StoreKey::of_section(&manifest.uid, &section_key);
    let options = EngineOptions::new(manifest, provider.is_service);
    let key_of_engine = EngineKey::new::<S::Logic>(manifest, section_key);
    let engine = engine::<S::Logic>(key_of_engine, &place, options, sections, spooler)?;
    let attachment = Attachment::new(engine);
    let entry_id = client_entry_id(provider, support, &identity);
    let inner = S::prepare(&NewStore {
        manifest,
        allocators: provider.allocators,
        engine: attachment.engine(),
        support,
        identity: &identity,
        entry_id: &entry_id,
        spooler,
    })?;
    // Counted here, because nothing foreign is called while the store is put together.
    let held = support.cloned();
    let build = |attachment| {
        let parts = Parts {
            provider: Arc::clone(provider),
            attachment: Arc::new(attachment),
            support: held,
            identity: identity.clone(),
            entry_id,
            spooler,
        };
        S::build(parts, inner)
    };
    let claimed = provider
        .registry
        .claim(key(&identity, spooler), attachment, build);
    match claimed {
        Ok(store) => {
            if let Some(support) = support {
                support.set_provider_uid(&manifest.uid);
            }
            let attachment = Arc::clone(store.attachment());
            let logon = ObjectRef::new(LogonObject { attachment }).into_interface();
            // SAFETY: the caller's word.
            unsafe { hand_out(&store, interface, Some(logon)) }
        }
        // SAFETY: the caller's word.
        Err(other) => unsafe { hand_out(&other, interface, None) },
    }
}

fn key(identity: &StoreIdentity, spooler: bool) -> Key<'_> {
    Key {
        identity,
        spooler,
        inner: 0,
    }
}

/// The store by the requested interface, IMsgStore if none was requested.
///
/// # Safety
///
/// `interface` is NULL or valid.
pub(super) unsafe fn hand_out<S: Class>(
    store: &ObjectRef<S>,
    interface: *const GUID,
    logon: Option<IMSLogon>,
) -> Result<Opened, LogonError> {
    let iid = if interface.is_null() {
        &IMsgStore::IID
    } else {
        // SAFETY: not NULL, so valid by the caller's word.
        unsafe { &*interface }
    };
    let mut found = ptr::null_mut();
    let unknown: IUnknown = store.to_unknown();
    // SAFETY: a live object and a live variable.
    let result = unsafe { unknown.query(iid, &raw mut found) };
    if result.is_err() {
        let text = format!("the store has no interface {iid:?}");
        return Err(LogonError::new(MAPI_E_INTERFACE_NOT_SUPPORTED, text));
    }
    Ok(Opened {
        store: found,
        logon,
    })
}

/// The provider's section of the profile. Without one there are no settings and there is no cursor,
/// which a provider may well do without.
pub(super) fn own_section(support: &Support, allocators: Allocators) -> Option<ProfileSection> {
    support
        .own_section(allocators)
        .inspect_err(|status| {
            log::warn!(status = %Status(*status), "the profile section can't be opened");
        })
        .ok()
}

/// The MAPIUID of the profile section, which tells one account from another; `None` if it has none.
pub(super) fn section_uid(section: Option<&ProfileSection>) -> Option<[u8; 16]> {
    let uid = section?.read_binary(PR_PROVIDER_UID.id()).ok()??;
    uid.try_into().ok().filter(|uid| *uid != [0; 16])
}

/// The engine of a section, with one more logon: the existing one in this process (SYNC-15), or a
/// new one, for which the settings are read and the logic is opened.
pub(super) fn engine<L: MapiSync>(
    key: EngineKey,
    store: &StoreKey,
    options: EngineOptions,
    sections: Option<LogonSections>,
    is_spooler: bool,
) -> Result<SyncEngine<L>, LogonError> {
    let sections = sections.map(Arc::new);
    let part = LogonPart {
        section: sections.clone().map(|sections| sections as _),
        is_spooler,
    };
    let part = match SyncEngine::find(&key, part) {
        Ok(engine) => return Ok(engine),
        Err(part) => part,
    };
    let settings = sections.as_deref().map(LogonSections::settings);
    let settings = read_settings::<L::Settings>(settings)?;
    let logic = open_logic::<L>(settings)?;
    Ok(SyncEngine::claim(key, store, logic, options, part))
}

/// The settings of a section.
///
/// # Errors
///
/// They can't be read, or one is missing.
pub(super) fn read_settings<S: ServiceSettings>(
    section: Option<&ProfileSection>,
) -> Result<S, LogonError> {
    let specs = S::SETTINGS;
    let read = section.map_or_else(|| Ok(Vec::new()), |section| section.read_settings(specs));
    let values = match read {
        Ok(values) => values,
        // Defaults will do if nothing is required; otherwise the reason is worth more than a list
        // of what is missing.
        Err(status) if specs.iter().any(|spec| spec.required) => {
            let text = "the settings can't be read from the profile";
            return Err(LogonError::new(status, text));
        }
        Err(status) => {
            log::warn!(status = %Status(status), "the settings can't be read from the profile");
            Vec::new()
        }
    };
    let mut values = SettingValues::new(specs, values);
    if let Some(text) = missing_text(&values) {
        return Err(LogonError::unconfigured(text));
    }
    S::from_values(&mut values).map_err(|missing| LogonError::unconfigured(missing.to_string()))
}

/// Which required settings are missing, as a sentence.
pub(super) fn missing_text(values: &SettingValues) -> Option<String> {
    let names: Vec<String> = values
        .missing()
        .iter()
        .map(|name| format!("`{name}`"))
        .collect();
    match names.as_slice() {
        [] => None,
        [name] => Some(format!("the setting {name} is not configured")),
        names => Some(format!(
            "the settings {} are not configured",
            names.join(", ")
        )),
    }
}

/// Calls the team's `open`; a panic is an error like any other (COM-04, ENTRY-06).
fn open_logic<L: BackgroundSync>(settings: L::Settings) -> Result<L, LogonError> {
    let open = || L::open(settings).map_err(LogonError::without_source);
    catch_unwind(AssertUnwindSafe(open)).unwrap_or_else(|payload| {
        let text = format!("opening the store panicked: {}", panic_text(&*payload));
        panicked(payload);
        Err(LogonError::new(E_UNEXPECTED, text))
    })
}

/// The entry ID that clients see: MAPI's wrapping of our own, or our own if it makes none.
fn client_entry_id<S: Served>(
    provider: &ProviderShared<S>,
    support: Option<&Support>,
    identity: &StoreIdentity,
) -> Vec<u8> {
    let own = identity.entry_id();
    support
        .and_then(|support| support.wrap_store_entry_id(provider.allocators, own))
        .unwrap_or_else(|| own.to_vec())
}
