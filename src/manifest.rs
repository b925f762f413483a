//! A provider's manifest as the generated code states it.

use std::time::Duration;

use crate::error::LogonError;
use crate::settings::{SettingSpec, SettingValues};
use mapi_provider_abi::mapi::{MSGSERVICEENTRY, MSPROVIDERINIT};

/// A service with its providers, as the DLL exports them: for hosts that link it in. `provider!` makes one.
#[derive(Debug, Clone, Copy)]
pub struct Provider {
    /// What `provider.toml` says.
    pub manifest: &'static Manifest,
    /// The entry point of its store, if it has one: `MSProviderInit`.
    pub store_init: Option<MSPROVIDERINIT>,
    /// The entry point of its transport, if it has one: `XPProviderInit`, which is called alike.
    pub transport_init: Option<MSPROVIDERINIT>,
    /// The entry point of its address book, if it has one: `ABProviderInit`, which is called alike.
    pub address_book_init: Option<MSPROVIDERINIT>,
    /// The entry point of its message service.
    pub service_entry: MSGSERVICEENTRY,
}

/// What `provider.toml` says, checked.
#[derive(Debug)]
pub struct Manifest {
    /// The providers of the service: at least one, the store first.
    pub providers: &'static [ProviderSpec],
    /// What Outlook shows.
    pub name: &'static str,
    /// The name of the section in `mapisvc.inf`, and of the DLL.
    pub id: &'static str,
    /// A store's `PR_MDB_PROVIDER`. A wrapped store's is the PST provider's own; this one then tells the profile
    /// section from those of other wrapped stores.
    pub uid: [u8; 16],
    /// `PR_RESOURCE_FLAGS` of the service.
    pub service_flags: u32,
    /// `PR_STORE_SUPPORT_MASK`; 0 where the PST provider or the mailbox says it.
    pub support_mask: u32,
    /// Where the store's file is when the profile doesn't say: a path of Windows', absolute or behind a
    /// `%VARIABLE%`. Each section of a profile gets a name of its own beside it. A store of kind `Store` that has one keeps
    /// its mail itself.
    pub store_path: Option<&'static str>,
    /// What happens to a request during a run (SYNC-15).
    pub overlap: Overlap,
    /// When the DLL may be unloaded, if its store has synchronised (SYNC-18).
    pub unload: Unload,
    /// How long a logoff from the store waits for the worker (SYNC-16).
    pub logoff_wait: Duration,
    /// The ID of the property that keeps the cursor.
    pub cursor_tag: u16,
    /// What belongs in `mapisvc.inf`.
    pub inf: &'static [InfSection<'static>],
    /// What is configured in the profile.
    pub settings: &'static [SettingSpec],
    /// What the transport does, if there is one.
    pub transport: Option<TransportSpec>,
    /// What the address book is, if there is one.
    pub address_book: Option<AddressBookSpec>,
    /// How the logic tries settings that a user has entered, before they are kept (ENTRY-14).
    pub test: Option<SettingsTest>,
    /// How long that may take.
    pub test_timeout: Duration,
    /// The module that contains the provider; the log has its events.
    pub module: &'static str,
    /// The text of the manifest.
    pub text: &'static str,
}

impl Manifest {
    /// Whether there is a provider of this kind.
    pub fn has(&self, kind: Kind) -> bool {
        self.providers.iter().any(|provider| provider.kind == kind)
    }

    /// Whether several providers share the settings: these are in the section of their service then, else in the
    /// provider's own.
    pub fn shares_settings(&self) -> bool {
        self.providers.len() > 1
    }
}

/// One of the providers of a service.
#[derive(Debug, Clone, Copy)]
pub struct ProviderSpec {
    /// Which kind of provider it is.
    pub kind: Kind,
    /// Its `PR_RESOURCE_FLAGS`.
    pub resource_flags: u32,
}

/// Tries settings: [`BackgroundSync::test`](crate::BackgroundSync::test) of some logic.
pub type SettingsTest = fn(SettingValues) -> Result<(), LogonError>;

/// The kinds of providers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A message store of the team's own, or one that keeps its mail itself, in a file.
    Store,
    /// A store that Outlook's PST provider keeps, and that the team's logic synchronises.
    WrappedStore,
    /// What sends mail, and receives it.
    Transport,
    /// What names resolve to.
    AddressBook,
}

/// What `[transport]` says.
#[derive(Debug, Clone, Copy)]
pub struct TransportSpec {
    /// The types of addresses that it sends to; `*` is every type.
    pub address_types: &'static [&'static str],
    /// The classes of messages that it sends, with those below.
    pub classes: &'static [&'static str],
    /// How long `SubmitMessage` waits for the logic.
    pub send_timeout: Duration,
    /// In what time the spooler is to come again with a message that failed for now.
    pub retry_after: Duration,
    /// Where messages wait that can't be sent now; none if they wait in the Outbox.
    pub queue: Option<QueueSpec>,
    /// How often the logic is asked for mail that came in; none of one that does not receive.
    pub receive_every: Option<Duration>,
    /// How often a message that came in comes again when it can't be saved.
    pub retries: u32,
    /// Whether the spooler is asked to resolve all recipients (`LOGON_SP_RESOLVE`).
    pub resolve: bool,
    /// Whether it is asked to call `Idle` (`LOGON_SP_IDLE`).
    pub idle: bool,
    /// When the DLL may be unloaded, if it has sent (SYNC-18).
    pub unload: Unload,
    /// How long a logoff, and a cancellation, waits for `send` (XP-33).
    pub logoff_wait: Duration,
}

/// What `[transport]` says of the queue.
#[derive(Debug, Clone, Copy)]
pub struct QueueSpec {
    /// The folder: a path of Windows', absolute or behind a `%VARIABLE%`. Each section of a profile has a file there.
    pub folder: &'static str,
    /// How long a message is tried; then its sender gets a report.
    pub give_up_after: Duration,
}

impl TransportSpec {
    /// Whether anything may come in through it: mail, or reports of the queue's.
    #[cfg(feature = "transport")]
    pub(crate) fn receives(&self) -> bool {
        self.receive_every.is_some() || self.queue.is_some()
    }
}

/// What `[address-book]` says.
#[derive(Debug, Clone, Copy)]
pub struct AddressBookSpec {
    /// What all its entry IDs have (AB-04).
    pub uid: [u8; 16],
    /// How many of it a profile has (AB-04).
    pub instances: Instances,
    /// What kind of list its containers are.
    pub display_type: ContainerType,
    /// The type of an entry's address that names none.
    pub address_type: &'static str,
    /// Whether clients list a container when they open it (AB-13).
    pub browse: Browse,
    /// How many entries of a container are shown (AB-22).
    pub browse_limit: u32,
    /// How long a call waits for the logic (AB-32).
    pub lookup_timeout: Duration,
    /// How long what was found is not asked for again.
    pub cache: Duration,
    /// What the sheet of an entry shows beside its name and its address (AB-29).
    pub details: &'static [DetailSpec],
    /// When the DLL may be unloaded, if its logic was asked (SYNC-18).
    pub unload: Unload,
}

/// How many of an address book a profile may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instances {
    /// One.
    One,
    /// Several: each has a UID of its own for its containers.
    Many,
}

/// What kind of list a container is: `PR_DISPLAY_TYPE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContainerType {
    /// The company's.
    Global,
    /// One of this place.
    Local,
    /// One that is far away.
    Wan,
    /// None of these.
    NotSpecific,
}

/// What clients do when they open a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Browse {
    /// They list it.
    All,
    /// They ask for a name first: `AB_FIND_ON_OPEN`.
    FindFirst,
}

/// A field on the sheet of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DetailSpec {
    /// What stands before it.
    pub label: &'static str,
    /// The property that it shows: a string's tag.
    pub tag: u32,
}

/// What becomes of a request that arrives during a run (SYNC-15).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overlap {
    /// It waits and is served together with the others that wait.
    Merge,
    /// It is refused with `MAPI_E_BUSY`.
    Busy,
}

/// When the DLL may be unloaded (SYNC-18).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unload {
    /// Not in the process's life, once a run has begun.
    Never,
    /// When no run is going on.
    AfterRun,
}

/// A section of `mapisvc.inf` as generated code states it. That of `Services` is shared by all providers: only
/// the keys that are named are written there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InfSection<'a> {
    /// The name between the brackets.
    pub name: &'a str,
    /// Keys and values.
    pub entries: &'a [(&'a str, &'a str)],
}

/// The version of the understanding between generated code and this crate.
const CONTRACT: u32 = 6;

/// Fails the build if the generated code was made for another version of this crate.
///
/// # Panics
///
/// At compile time, if the versions differ.
pub const fn assert_contract(generated: u32) {
    assert!(
        generated == CONTRACT,
        "this code was generated by another version of mapi-provider: use the same version of mapi-provider and mapi-provider-macros"
    );
}
