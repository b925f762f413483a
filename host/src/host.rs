//! The host itself: MAPI as a provider sees it.

use std::ffi::c_void;
use std::fmt;
use std::ptr;
use std::sync::Arc;

use mapi_provider::abi::{
    CURRENT_SPI_VERSION, E_NOTIMPL, IABProvider, IMAPISession, IMAPISupport, IMSProvider,
    IProviderAdmin, IXPProvider, MAPI_UNICODE, MAPIERROR, MSG_SERVICE_CREATE, MSPROVIDERINIT,
    PR_SERVICE_UID,
};
use mapi_provider::object::ObjectRef;
use windows_core::{HRESULT, IUnknown, Interface};

use crate::address_book::AddressBookProvider;
use crate::base::{Core, raw};
use crate::error_text::take_error;
use crate::graveyard;
use crate::loader::ProviderLibrary;
use crate::memory::{Allocators, OutOfSets};
use crate::objects::{
    CallbackBuilder, ProgressCallback, ProviderAdmin, Session, Shared, Support, SupportState,
    Violation, count,
};
use crate::profile::{Profile, SectionUid};
use crate::property::{Property, PropertyArray, Value};
use crate::provider::Provider;
use crate::releases::Releases;
use crate::report::{Reference, Report};
use crate::sheet::{Sheet, SheetAnswer};
use crate::spooler::Transport;
use crate::status::Failure;
use crate::store::SyncRequest;

/// What an address book reports as its version: the low bits say that it has both widths of strings (AB-01).
const AB_VERSION: u32 = 0x0002_0003;

/// How `MSProviderInit` is called.
#[derive(Clone, Copy, Debug)]
pub struct InitOptions {
    /// `ulFlags`, such as `MAPI_NT_SERVICE`.
    pub flags: u32,
    /// `ulMAPIVer`
    pub version: u32,
}

impl Default for InitOptions {
    fn default() -> Self {
        Self {
            flags: 0,
            version: CURRENT_SPI_VERSION,
        }
    }
}

/// How `ServiceEntry` is called.
#[derive(Clone, Debug)]
pub struct ServiceCall {
    /// `ulContext`: one of the `MSG_SERVICE_*`.
    pub context: u32,
    /// `ulUIParam`: the window to show others over.
    pub window: usize,
    /// `ulFlags`; `MAPI_UNICODE` is added.
    pub flags: u32,
    /// `lpProps`
    pub properties: Vec<Property>,
    /// Whether there is a support object.
    pub support: bool,
    /// Whether there is a provider admin.
    pub admin: bool,
}

impl ServiceCall {
    /// A call with everything that MAPI gives.
    pub fn new(context: u32) -> Self {
        Self {
            context,
            window: 0,
            flags: 0,
            properties: Vec::new(),
            support: true,
            admin: true,
        }
    }
}

/// Plays MAPI for one provider: with allocators, a profile and a session of its own.
pub struct Host {
    core: Arc<Core>,
    session: ObjectRef<Session>,
}

impl Host {
    /// A host for a provider.
    ///
    /// # Errors
    ///
    /// There are too many hosts at the same time.
    pub fn new(library: ProviderLibrary, profile: Profile) -> Result<Self, OutOfSets> {
        let shared = Shared::new(Allocators::take()?, profile, library.providers());
        let session = Session::open(&shared);
        Ok(Self {
            core: Arc::new(Core {
                library,
                shared,
                releases: Releases::default(),
            }),
            session,
        })
    }

    /// The allocators and their ledger.
    pub fn allocators(&self) -> &Allocators {
        &self.core.shared.allocators
    }

    /// The profile.
    pub fn profile(&self) -> &Profile {
        &self.core.shared.profile
    }

    /// The provider's entry points.
    pub fn library(&self) -> &ProviderLibrary {
        &self.core.library
    }

    /// The session, as an interface.
    pub fn session(&self) -> IMAPISession {
        self.session.to_interface()
    }

    /// How many references there are to the session: 1 is the host's.
    pub fn session_count(&self) -> u32 {
        count(&self.session.to_unknown()) - 1
    }

    /// A new support object, for calls by hand; a NULL section name opens the provider's.
    pub fn support(&self) -> IMAPISupport {
        Support::open(&self.core.shared, SectionUid::PROVIDER, SupportState::new()).into_interface()
    }

    /// A new provider admin, for calls by hand.
    pub fn provider_admin(&self) -> IProviderAdmin {
        ProviderAdmin::open(&self.core.shared).into_interface()
    }

    /// A callback that this host's report counts.
    pub fn callback(&self, builder: CallbackBuilder) -> ObjectRef<ProgressCallback> {
        builder.counted(&self.core.shared.registry).build()
    }

    /// Plays the user: from now on this answers each property sheet that the provider has MAPI show (ENTRY-14). Until then
    /// there is none, and `DoConfigPropsheet` answers `MAPI_E_NO_SUPPORT`.
    pub fn answer_sheets(&self, answer: impl Fn(&Sheet) -> SheetAnswer + Send + Sync + 'static) {
        self.core.shared.player.set(answer);
    }

    /// Rules that the provider has broken so far.
    pub fn violations(&self) -> Vec<Violation> {
        self.core.shared.violations()
    }

    /// Calls `ServiceEntry` with everything that MAPI gives.
    ///
    /// # Errors
    ///
    /// What it answers, with the text of its `MAPIERROR`.
    pub fn service(&self, context: u32, properties: &[Property]) -> Result<(), Failure> {
        self.service_with(&ServiceCall {
            properties: properties.to_vec(),
            ..ServiceCall::new(context)
        })
    }

    /// Calls `ServiceEntry`. Before `MSG_SERVICE_CREATE` the sections of service and providers are made, as
    /// MAPI does from `mapisvc.inf`.
    ///
    /// # Errors
    ///
    /// What it answers, with the text of its `MAPIERROR`; `E_NOTIMPL` if it isn't exported.
    pub fn service_with(&self, call: &ServiceCall) -> Result<(), Failure> {
        const CALL: &str = "ServiceEntry";
        let Some(entry) = self.core.library.service_entry() else {
            return Err(
                Failure::new(CALL, E_NOTIMPL).with_text(Some("it is not exported".to_owned()))
            );
        };
        let shared = &self.core.shared;
        if call.context == MSG_SERVICE_CREATE {
            self.create_sections();
        }
        let support = call.support.then(|| -> IUnknown {
            Support::open(shared, SectionUid::SERVICE, SupportState::new())
                .into_interface::<IMAPISupport>()
                .into()
        });
        let admin = call.admin.then(|| -> IUnknown {
            ProviderAdmin::open(shared)
                .into_interface::<IProviderAdmin>()
                .into()
        });
        let mut properties = PropertyArray::new(&call.properties);
        let mut error: *mut MAPIERROR = ptr::null_mut();
        // SAFETY: all pointers are to what MAPI gives, alive beyond the call.
        let status = unsafe {
            entry(
                ptr::null_mut(), // The handle is the system's own, and a portable provider has no use for it.
                ptr::null_mut(),
                raw(support.as_ref()),
                call.window,
                call.flags | MAPI_UNICODE,
                call.context,
                properties.count(),
                properties.as_mut_ptr(),
                raw(admin.as_ref()),
                &mut error,
            )
        };
        // SAFETY: what the provider put there, or NULL.
        let text = unsafe { take_error(shared, error, true) };
        if status.is_ok() {
            Ok(())
        } else {
            Err(Failure::new(CALL, status).with_text(text))
        }
    }

    /// The sections of the service and its providers. Where these share the settings, each names the service, as MAPI has it.
    fn create_sections(&self) {
        let Core {
            shared, library, ..
        } = &*self.core;
        shared.profile.create(SectionUid::SERVICE);
        for (uid, _) in library.providers() {
            shared.profile.create(uid);
            let names_service = shared.profile.get(uid, PR_SERVICE_UID.id()).is_some();
            if library.has_several() && !names_service {
                let service = Value::Binary(SectionUid::SERVICE.0.to_vec());
                // What can't be kept in a file is said when somebody saves.
                let _ = shared
                    .profile
                    .set(uid, Property::new(PR_SERVICE_UID, service));
            }
        }
    }

    /// Calls `MSProviderInit` as MAPI does.
    ///
    /// # Errors
    ///
    /// What it answers.
    pub fn init(&self) -> Result<Provider, Failure> {
        self.init_with(InitOptions::default())
    }

    /// Calls `MSProviderInit`.
    ///
    /// # Errors
    ///
    /// What it answers.
    pub fn init_with(&self, options: InitOptions) -> Result<Provider, Failure> {
        const CALL: &str = "MSProviderInit";
        let Some(init) = self.core.library.store_init() else {
            return Err(Failure::new(CALL, E_NOTIMPL).with_text(Some("it is no store".to_owned())));
        };
        let provider = self.made(CALL, init, options, CURRENT_SPI_VERSION)?;
        // SAFETY: the provider's object, whose reference is ours now.
        let provider = unsafe { IMSProvider::from_raw(provider) };
        Ok(Provider::new(Arc::clone(&self.core), provider))
    }

    /// Calls `XPProviderInit` as MAPI does.
    ///
    /// # Errors
    ///
    /// What it answers; `E_NOTIMPL` if the provider is no transport.
    pub fn init_transport(&self) -> Result<Transport, Failure> {
        self.init_transport_with(InitOptions::default())
    }

    /// Calls `XPProviderInit`.
    ///
    /// # Errors
    ///
    /// What it answers; `E_NOTIMPL` if the provider is no transport.
    pub fn init_transport_with(&self, options: InitOptions) -> Result<Transport, Failure> {
        const CALL: &str = "XPProviderInit";
        let Some(init) = self.core.library.transport_init() else {
            return Err(
                Failure::new(CALL, E_NOTIMPL).with_text(Some("it is no transport".to_owned()))
            );
        };
        let provider = self.made(CALL, init, options, CURRENT_SPI_VERSION)?;
        // SAFETY: the provider's object, whose reference is ours now.
        let provider = unsafe { IXPProvider::from_raw(provider) };
        Ok(Transport::new(Arc::clone(&self.core), provider))
    }

    /// Calls `ABProviderInit` as MAPI does.
    ///
    /// # Errors
    ///
    /// What it answers; `E_NOTIMPL` if the provider is no address book.
    pub fn init_address_book(&self) -> Result<AddressBookProvider, Failure> {
        self.init_address_book_with(InitOptions::default())
    }

    /// Calls `ABProviderInit`.
    ///
    /// # Errors
    ///
    /// What it answers; `E_NOTIMPL` if the provider is no address book.
    pub fn init_address_book_with(
        &self,
        options: InitOptions,
    ) -> Result<AddressBookProvider, Failure> {
        const CALL: &str = "ABProviderInit";
        let Some(init) = self.core.library.address_book_init() else {
            return Err(
                Failure::new(CALL, E_NOTIMPL).with_text(Some("it is no address book".to_owned()))
            );
        };
        // AB-01
        let version = match options.version < CURRENT_SPI_VERSION {
            true => CURRENT_SPI_VERSION,
            false => AB_VERSION,
        };
        let provider = self.made(CALL, init, options, version)?;
        // SAFETY: the provider's object, whose reference is ours now.
        let provider = unsafe { IABProvider::from_raw(provider) };
        Ok(AddressBookProvider::new(Arc::clone(&self.core), provider))
    }

    /// The provider object, whose reference is the caller's. It has to report this version.
    fn made(
        &self,
        call: &'static str,
        init: MSPROVIDERINIT,
        options: InitOptions,
        expected: u32,
    ) -> Result<*mut c_void, Failure> {
        let (status, version, provider) = self.call_init(init, options);
        let shared = &self.core.shared;
        if version != expected {
            shared.violated(
                "ENTRY-02",
                format!("{call} reported version 0x{version:08X}, not 0x{expected:08X}"),
            );
        }
        if status.is_err() {
            if !provider.is_null() {
                shared.violated("COM-05", format!("{call} failed and left an object"));
            }
            return Err(Failure::new(call, status));
        }
        if provider.is_null() {
            shared.violated("COM-05", format!("{call} succeeded without an object"));
            return Err(Failure::new(call, status).with_text(Some("it gave no object".to_owned())));
        }
        Ok(provider)
    }

    fn call_init(&self, init: MSPROVIDERINIT, options: InitOptions) -> (HRESULT, u32, *mut c_void) {
        let allocators = self.allocators();
        let mut version = 0;
        let mut provider = ptr::null_mut();
        // SAFETY: the allocators live as long as the host, and the places are locals.
        let status = unsafe {
            init(
                ptr::null_mut(),
                ptr::null_mut(),
                Some(allocators.allocate_buffer()),
                Some(allocators.allocate_more()),
                Some(allocators.free_buffer()),
                options.flags,
                options.version,
                &mut version,
                &mut provider,
            )
        };
        (status, version, provider)
    }

    /// Ends the host, unloads the provider unless something of it is still there, and reports what was
    /// left behind. Drop providers, stores, runs and callbacks first: what still exists counts as left
    /// behind.
    pub fn finish(self) -> Report {
        let session_references = self.session_count() - 1;
        let Self { core, session } = self;
        drop(session);
        let shared = &core.shared;
        let mut references = core.releases.left();
        if session_references > 0 {
            references.push(Reference {
                what: "the session",
                count: session_references,
            });
        }
        Report {
            leaks: shared.allocators.leaks(),
            faults: shared.allocators.faults(),
            objects: shared.registry.counts().into_iter().collect(),
            references,
            violations: shared.violations(),
            open: Arc::strong_count(&core) - 1,
        }
    }

    /// Ends a host whose provider hangs: nothing that it may still be using is ever freed or unloaded.
    pub fn abandon(self) {
        self.core.shared.allocators.abandon();
        graveyard::keep(self);
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host")
            .field("library", &self.core.library)
            .finish_non_exhaustive()
    }
}

impl SyncRequest {
    /// With the session of a host.
    #[must_use]
    pub fn session(self, host: &Host) -> Self {
        Self {
            session: Some(host.session()),
            ..self
        }
    }
}
