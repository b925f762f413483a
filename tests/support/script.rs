//! A provider whose logic is a closure in the test, for what the probe can't be told to do.
//!
//! It has no exports, because a program can only have one provider's; the host gets its entry
//! points as functions.

use std::collections::HashMap;
use std::ffi::c_void;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mapi_provider::__private::{
    Kind, Manifest, MissingSetting, Overlap, ProviderSpec, ServiceSettings, SettingDefault,
    SettingKind, SettingSpec, SettingValues, Unload, mailbox_provider_init, ms_provider_init,
    service_entry, test_settings, wrapped_provider_init, wrapped_service_entry,
};
use mapi_provider::abi::{
    ALLOCATEBUFFER, ALLOCATEMORE, FREEBUFFER, HRESULT, MAPIERROR, SPropValue,
};
use mapi_provider::{BackgroundSync, LogonError, MapiSync, Secret, SyncError, SyncJob};
use mapi_provider_host::{Host, Profile, Property, ProviderLibrary, SectionUid};

use super::Rig;

/// The ID of the property that keeps the cursor.
pub(crate) const CURSOR_TAG: u16 = 0x67E0;
/// The IDs of the settings.
pub(crate) const SCRIPT_TAG: u16 = 0x6601;
pub(crate) const COUNT_TAG: u16 = 0x6602;
pub(crate) const FLAG_TAG: u16 = 0x6603;
pub(crate) const FOLDER_TAG: u16 = 0x6604;
pub(crate) const TOKEN_TAG: u16 = 0x67F0;

/// The bound of SYNC-16 in the manifests that are for testing it.
pub(crate) const SHORT_WAIT: Duration = Duration::from_millis(200);

/// The settings of a script. `script` is the one that is required.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) script: String,
    pub(crate) count: i32,
    pub(crate) flag: Option<bool>,
    pub(crate) folder: Option<PathBuf>,
    pub(crate) token: Option<Secret>,
}

const fn optional(name: &'static str, tag: u16, kind: SettingKind) -> SettingSpec {
    SettingSpec {
        name,
        tag,
        kind,
        required: false,
        default: None,
        label: name,
        page: "Scripted",
    }
}

impl ServiceSettings for Settings {
    const SETTINGS: &'static [SettingSpec] = &[
        SettingSpec {
            required: true,
            ..optional("script", SCRIPT_TAG, SettingKind::String)
        },
        SettingSpec {
            default: Some(SettingDefault::Integer(7)),
            ..optional("count", COUNT_TAG, SettingKind::Integer)
        },
        optional("flag", FLAG_TAG, SettingKind::Boolean),
        optional("folder", FOLDER_TAG, SettingKind::Path),
        optional("token", TOKEN_TAG, SettingKind::Secret),
    ];

    fn from_values(values: &mut SettingValues) -> Result<Self, MissingSetting> {
        Ok(Self {
            script: values.string(0)?,
            count: values.integer(1)?,
            flag: values.boolean_option(2)?,
            folder: values.path_option(3)?,
            token: values.secret_option(4)?,
        })
    }
}

type Open = Box<dyn Fn(&Settings) -> Result<(), LogonError> + Send + Sync>;
type Test = Box<dyn Fn(&Settings) -> Result<(), LogonError> + Send + Sync>;
type Run = Box<dyn Fn(&SyncJob) -> Result<(), SyncError> + Send + Sync>;
type Close = Box<dyn Fn() + Send + Sync>;

/// What the logic does.
pub(crate) struct Script {
    open: Open,
    test: Test,
    run: Run,
    close: Close,
}

impl Script {
    /// Logic that does this in every run.
    pub(crate) fn new(
        run: impl Fn(&SyncJob) -> Result<(), SyncError> + Send + Sync + 'static,
    ) -> Self {
        Self {
            open: Box::new(|_| Ok(())),
            test: Box::new(|_| Ok(())),
            run: Box::new(run),
            close: Box::new(|| ()),
        }
    }

    /// And this at logon.
    pub(crate) fn on_open(
        self,
        open: impl Fn(&Settings) -> Result<(), LogonError> + Send + Sync + 'static,
    ) -> Self {
        Self {
            open: Box::new(open),
            ..self
        }
    }

    /// And this with settings that a user has entered.
    pub(crate) fn on_test(
        self,
        test: impl Fn(&Settings) -> Result<(), LogonError> + Send + Sync + 'static,
    ) -> Self {
        Self {
            test: Box::new(test),
            ..self
        }
    }

    /// And this when it is dropped.
    pub(crate) fn on_close(self, close: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            close: Box::new(close),
            ..self
        }
    }

    /// Makes it known, as long as the returned value lives.
    pub(crate) fn register(self) -> Registered {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("script-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        with_scripts(|scripts| scripts.insert(name.clone(), Arc::new(self)));
        Registered { name }
    }

    /// Logs on to a store with this logic.
    #[track_caller]
    pub(crate) fn rig(self) -> Rig {
        self.rig_in(Variant::Merge)
    }

    /// Logs on to a store with this logic and another manifest.
    #[track_caller]
    pub(crate) fn rig_in(self, variant: Variant) -> Rig {
        let registered = self.register();
        Rig::open(variant.library(), registered.profile())
    }
}

/// A script that is known. A store that has been opened keeps its script.
pub(crate) struct Registered {
    name: String,
}

impl Registered {
    /// The value of the setting `script`.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// A profile that names the script.
    pub(crate) fn profile(&self) -> Profile {
        let profile = Profile::in_memory();
        self.configure(&profile);
        profile
    }

    /// Names the script in a profile.
    pub(crate) fn configure(&self, profile: &Profile) {
        self.configure_in(profile, SectionUid::PROVIDER);
    }

    /// Names the script in a section of a profile: the store of another account.
    pub(crate) fn configure_in(&self, profile: &Profile, section: SectionUid) {
        let setting = Property::with_id(SCRIPT_TAG, self.name.as_str());
        profile
            .set(section, setting)
            .expect("the profile can be written");
    }

    /// A host with a provider that runs the script.
    pub(crate) fn host(&self) -> Host {
        Host::new(Variant::Merge.library(), self.profile()).expect("a set of allocators")
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        drop(with_scripts(|scripts| scripts.remove(&self.name)));
    }
}

fn with_scripts<R>(f: impl FnOnce(&mut HashMap<String, Arc<Script>>) -> R) -> R {
    static SCRIPTS: Mutex<Option<HashMap<String, Arc<Script>>>> = Mutex::new(None);
    f(SCRIPTS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get_or_insert_default())
}

/// The sync logic: a script.
#[derive(MapiSync)]
struct Scripted(Arc<Script>);

impl BackgroundSync for Scripted {
    type Settings = Settings;

    fn open(settings: Settings) -> Result<Self, LogonError> {
        let script = with_scripts(|scripts| scripts.get(&settings.script).cloned());
        let script = script
            .ok_or_else(|| LogonError::other(format!("there is no script {}", settings.script)))?;
        (script.open)(&settings)?;
        Ok(Self(script))
    }

    /// Settings that name no script are as good as any.
    fn test(settings: &Settings) -> Result<(), LogonError> {
        let script = with_scripts(|scripts| scripts.get(&settings.script).cloned());
        script.map_or(Ok(()), |script| (script.test)(settings))
    }

    fn synchronize(&self, job: &SyncJob) -> Result<(), SyncError> {
        (self.0.run)(job)
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        (self.0.close)();
    }
}

const fn paged_setting(name: &'static str, tag: u16, page: &'static str) -> SettingSpec {
    SettingSpec {
        page,
        ..optional(name, tag, SettingKind::String)
    }
}

/// The settings of [`Variant::Paged`]: twelve on a page, which is more than it has room for, and two on the next.
pub(crate) const PAGED: &[SettingSpec] = &[
    paged_setting("a", 0x6601, "Server"),
    paged_setting("b", 0x6602, "Server"),
    paged_setting("c", 0x6603, "Server"),
    paged_setting("d", 0x6604, "Server"),
    paged_setting("e", 0x6605, "Server"),
    paged_setting("f", 0x6606, "Server"),
    paged_setting("g", 0x6607, "Server"),
    paged_setting("h", 0x6608, "Server"),
    paged_setting("i", 0x6609, "Server"),
    paged_setting("j", 0x660A, "Server"),
    paged_setting("k", 0x660B, "Server"),
    paged_setting("l", 0x660C, "Server"),
    SettingSpec {
        kind: SettingKind::Integer,
        ..paged_setting("m", 0x660D, "User")
    },
    paged_setting("n", 0x660E, "User"),
];

/// The manifests that there are.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Variant {
    /// Requests during a run wait; the module goes after the run; logoff waits for five seconds.
    Merge,
    /// Requests during a run are refused.
    Busy,
    /// Logoff waits for [`SHORT_WAIT`].
    Hasty,
    /// The module stays.
    Pinned,
    /// A wrapped store.
    Wrapped,
    /// A wrapped store whose logoff waits for [`SHORT_WAIT`].
    HastyWrapped,
    /// A wrapped store whose manifest says where the file is.
    Placed,
    /// A store that keeps its mail itself.
    Mailbox,
    /// One whose service asks its user. No other test says that it is in a service's process.
    Asking,
    /// The same, and the logic may try settings for [`SHORT_WAIT`].
    HastyAsking,
    /// The same, in a service's process.
    AskingService,
    /// A service with several pages of settings, and a name beyond ASCII.
    Paged,
    /// A service without settings.
    Bare,
}

/// Where [`Variant::Placed`] has its files, one for each account.
pub(crate) const PLACE: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/placed.nst");

/// Where [`Variant::Mailbox`] has its files, with the separators of Windows.
pub(crate) const MAILBOX: &str = concat!(env!("CARGO_TARGET_TMPDIR"), r"\Contoso\mail.db");

const STORE: ProviderSpec = ProviderSpec {
    kind: Kind::Store,
    resource_flags: 0,
};

const WRAPPED: ProviderSpec = ProviderSpec {
    kind: Kind::WrappedStore,
    resource_flags: 0,
};

const MANIFEST: Manifest = Manifest {
    providers: &[STORE],
    store_path: None,
    transport: None,
    address_book: None,
    name: "Scripted",
    id: "scripted",
    uid: *b"scripted store's",
    service_flags: 0,
    support_mask: 0,
    overlap: Overlap::Merge,
    unload: Unload::AfterRun,
    logoff_wait: Duration::from_secs(5),
    cursor_tag: CURSOR_TAG,
    inf: &[],
    settings: Settings::SETTINGS,
    test: Some(test_settings::<Scripted>),
    test_timeout: Duration::from_secs(20),
    module: module_path!(),
    text: "",
};

impl Variant {
    /// The entry points.
    pub(crate) fn library(self) -> ProviderLibrary {
        match self {
            Self::Merge => merge::library(),
            Self::Busy => busy::library(),
            Self::Hasty => hasty::library(),
            Self::Pinned => pinned::library(),
            Self::Wrapped => wrapped::library(),
            Self::HastyWrapped => hasty_wrapped::library(),
            Self::Placed => placed::library(),
            Self::Mailbox => mailbox::library(),
            Self::Asking => asking::library(),
            Self::HastyAsking => hasty_asking::library(),
            Self::AskingService => asking_service::library(),
            Self::Paged => paged::library(),
            Self::Bare => bare::library(),
        }
    }
}

/// A manifest with entry points: what `provider!` makes, but for the exports.
macro_rules! variant {
    ($name:ident, $($field:ident: $value:expr),*) => {
        variant!($name by ms_provider_init, service_entry: $($field: $value),*);
    };
    ($name:ident by $init:ident, $entry:ident: $($field:ident: $value:expr),*) => {
        mod $name {
            use super::*;

            static VARIANT: Manifest = Manifest { $($field: $value,)* ..MANIFEST };

            pub(super) fn library() -> ProviderLibrary {
                ProviderLibrary::from_functions(init, Some(entry))
            }

            unsafe extern "C" fn init(
                instance: *mut c_void,
                malloc: *mut c_void,
                allocate: Option<ALLOCATEBUFFER>,
                more: Option<ALLOCATEMORE>,
                free: Option<FREEBUFFER>,
                flags: u32,
                version: u32,
                provider_version: *mut u32,
                provider: *mut *mut c_void,
            ) -> HRESULT {
                // SAFETY: the host's word.
                unsafe {
                    $init::<Scripted>(
                        &VARIANT, instance, malloc, allocate, more, free, flags, version, provider_version, provider,
                    )
                }
            }

            unsafe extern "system" fn entry(
                instance: *mut c_void,
                malloc: *mut c_void,
                support: *mut c_void,
                window: usize,
                flags: u32,
                context: u32,
                count: u32,
                properties: *mut SPropValue,
                admin: *mut c_void,
                error: *mut *mut MAPIERROR,
            ) -> HRESULT {
                // SAFETY: the host's word.
                unsafe {
                    $entry(
                        &VARIANT, instance, malloc, support, window, flags, context, count, properties, admin, error,
                    )
                }
            }
        }
    };
}

variant!(merge, overlap: Overlap::Merge);
variant!(busy, overlap: Overlap::Busy);
variant!(hasty, logoff_wait: SHORT_WAIT);
variant!(pinned, unload: Unload::Never);
variant!(wrapped by wrapped_provider_init, wrapped_service_entry: providers: &[WRAPPED]);
variant!(placed by wrapped_provider_init, wrapped_service_entry: providers: &[WRAPPED], store_path: Some(PLACE));
variant!(mailbox by mailbox_provider_init, service_entry: store_path: Some(MAILBOX));
variant!(asking, name: "Asking");
variant!(hasty_asking, test_timeout: SHORT_WAIT);
variant!(asking_service, name: "Asking in a service");
variant!(paged, name: "B\u{fc}ro & Co.", settings: PAGED, test: None);
variant!(bare, settings: &[], test: None);
variant!(hasty_wrapped by wrapped_provider_init, wrapped_service_entry: providers: &[WRAPPED], logoff_wait: SHORT_WAIT);
