//! The services of a profile: sections that say so of themselves.

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;

use mapi_provider::abi::{
    MAPI_E_CALL_FAILED, MAPI_E_DISK_ERROR, PR_DISPLAY_NAME_W, PR_SERVICE_NAME_W, PR_SERVICE_UID,
};

use crate::host::Host;
use crate::loader::{LoadError, ProviderLibrary};
use crate::profile::{Profile, ProfileError, Section, SectionUid};
use crate::property::{Property, Value};
use crate::status::Failure;

/// `PR_PROVIDER_UID` of the store, or of a provider that is alone, in the section of its service.
const PROVIDER: u16 = 0x67E2;

/// The same of a transport beside a store.
const TRANSPORT: u16 = 0x67E3;

/// The same of an address book beside one of these.
const ADDRESS_BOOK: u16 = 0x67E4;

/// Where a service has its providers, and what a host calls their sections.
const PROVIDERS: [(u16, SectionUid); 3] = [
    (PROVIDER, SectionUid::PROVIDER),
    (TRANSPORT, SectionUid::TRANSPORT),
    (ADDRESS_BOOK, SectionUid::ADDRESS_BOOK),
];

/// The section that names the profile.
const PROFILE: SectionUid = SectionUid(*b"host's profile\0\0");

type Load = dyn Fn() -> Result<ProviderLibrary, LoadError> + Send + Sync;

/// A message service that is installed: what `mapisvc.inf` says of it.
#[derive(Clone)]
pub struct InstalledService {
    id: String,
    name: String,
    single_copy: bool,
    store: bool,
    transport: bool,
    address_book: bool,
    load: Arc<Load>,
}

impl InstalledService {
    /// A service of this name, which users see under another, of a provider that is loaded when it is called.
    pub fn new(
        id: impl Into<String>,
        name: impl Into<String>,
        load: impl Fn() -> Result<ProviderLibrary, LoadError> + Send + Sync + 'static,
    ) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            single_copy: false,
            store: true,
            transport: false,
            address_book: false,
            load: Arc::new(load),
        }
    }

    /// A profile may have it once: `SERVICE_SINGLE_COPY`.
    pub fn single_copy(mut self) -> Self {
        self.single_copy = true;
        self
    }

    /// It has a store, and a transport beside it.
    pub fn with_transport(mut self) -> Self {
        self.transport = true;
        self
    }

    /// It has a transport and an address book, and no store.
    pub fn without_store(mut self) -> Self {
        self.store = false;
        self
    }

    /// It has an address book beside a store or a transport.
    pub fn with_address_book(mut self) -> Self {
        self.address_book = true;
        self
    }

    fn has(&self, provider: u16) -> bool {
        match provider {
            TRANSPORT => self.transport,
            ADDRESS_BOOK => self.address_book,
            _ => self.store,
        }
    }

    pub(super) fn is(&self, id: &str) -> bool {
        self.id.eq_ignore_ascii_case(id)
    }

    pub(crate) fn may_be_once(&self) -> bool {
        self.single_copy
    }
}

impl fmt::Debug for InstalledService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("InstalledService").field(&self.id).finish()
    }
}

/// A MAPIUID that nobody else has.
fn fresh_uid() -> [u8; 16] {
    let mut hasher = RandomState::new().build_hasher();
    let mut half = |salt: u8| {
        hasher.write_u8(salt);
        u128::from(hasher.finish())
    };
    (half(0) << 64 | half(1)).to_be_bytes()
}

/// The services of a profile.
pub(crate) struct Services<'a>(&'a Profile);

impl<'a> Services<'a> {
    pub(crate) fn of(profile: &'a Profile) -> Self {
        Self(profile)
    }

    /// Writes the profile's name into it, so that it is there.
    pub(super) fn name_profile(&self, name: &str) -> Result<(), ProfileError> {
        self.0.set(PROFILE, Property::new(PR_DISPLAY_NAME_W, name))
    }

    /// The uid and the section of each service.
    pub(crate) fn list(&self) -> Vec<(SectionUid, Section)> {
        let sections = self.0.sections().into_iter();
        let sections = sections.map(|uid| (uid, self.0.section(uid)));
        sections
            .filter(|(_, section)| section.contains_key(&PR_SERVICE_NAME_W.id()))
            .collect()
    }

    /// The name of a service in `mapisvc.inf`, if there is this service.
    pub(crate) fn id_of(&self, uid: SectionUid) -> Option<String> {
        match self.0.get(uid, PR_SERVICE_NAME_W.id())? {
            Value::Unicode(id) => Some(id),
            _ => None,
        }
    }

    /// Makes the sections of a service and its providers, as MAPI does from `mapisvc.inf`.
    pub(crate) fn create(&self, service: &InstalledService) -> Result<SectionUid, ProfileError> {
        let uid = SectionUid(fresh_uid());
        let providers = PROVIDERS.into_iter().filter(|(tag, _)| service.has(*tag));
        let providers: Vec<_> = providers.map(|(tag, _)| (tag, fresh_uid())).collect();
        let name = || Value::from(service.name.as_str());
        let own = Value::Binary(uid.0.to_vec());
        let mut section = Section::from([
            (PR_SERVICE_NAME_W.id(), Value::from(service.id.as_str())),
            (PR_DISPLAY_NAME_W.id(), name()),
            (PR_SERVICE_UID.id(), own.clone()),
        ]);
        for (tag, provider) in providers {
            let of_provider = Section::from([
                (PR_DISPLAY_NAME_W.id(), name()),
                (PR_SERVICE_UID.id(), own.clone()),
            ]);
            self.0.replace(SectionUid(provider), Some(of_provider))?;
            section.insert(tag, Value::Binary(provider.to_vec()));
        }
        self.0.replace(uid, Some(section)).map(|()| uid)
    }

    /// Takes the sections of a service away.
    pub(crate) fn delete(&self, uid: SectionUid) -> Result<(), ProfileError> {
        for (provider, _) in self.providers_of(uid) {
            self.0.replace(provider, None)?;
        }
        self.0.replace(uid, None)
    }

    /// The sections of a service's providers, each with its name in a host.
    pub(crate) fn providers_of(&self, uid: SectionUid) -> Vec<(SectionUid, SectionUid)> {
        let provider = |(tag, name)| match self.0.get(uid, tag)? {
            Value::Binary(bytes) => Some((SectionUid(bytes.try_into().ok()?), name)),
            _ => None,
        };
        PROVIDERS.into_iter().filter_map(provider).collect()
    }

    /// Calls the service's entry point. It sees its own sections, under the names that a [`Host`] gives them, and what it
    /// writes there is in the profile afterwards, whatever it answers.
    pub(crate) fn call(
        &self,
        uid: SectionUid,
        service: &InstalledService,
        context: u32,
        properties: &[Property],
    ) -> Result<(), Failure> {
        const CALL: &str = "ServiceEntry";
        let failed = |text: String| Failure::new(CALL, MAPI_E_CALL_FAILED).with_text(Some(text));
        let unsaved = |error: ProfileError| {
            Failure::new(CALL, MAPI_E_DISK_ERROR).with_text(Some(error.to_string()))
        };
        let mut sections = self.providers_of(uid);
        if sections.is_empty() {
            return Err(failed("the service has no provider section".to_owned()));
        }
        sections.push((uid, SectionUid::SERVICE));
        let played = Profile::in_memory();
        for &(real, name) in &sections {
            let section = Some(self.0.section(real));
            played.replace(name, section).map_err(unsaved)?;
        }
        let library = (service.load)().map_err(|error| failed(error.to_string()))?;
        let host = Host::new(library, played.clone()).map_err(|error| failed(error.to_string()))?;
        let answered = host.service(context, properties);
        drop(host.finish());
        for (real, name) in sections {
            let section = Some(played.section(name));
            self.0.replace(real, section).map_err(unsaved)?;
        }
        answered
    }
}
