//! A provider as its manifest describes it, checked: what the emitters work from.

use std::{path::PathBuf, time::Duration};

use proc_macro2::TokenStream;

use super::interface::Catalogue;

/// Everything that a manifest describes: a provider, and the interfaces that the team defines.
#[derive(Debug)]
pub struct Project {
    /// The provider.
    pub provider: Provider,
    /// The team's own interfaces.
    pub interfaces: OwnInterfaces,
}

/// Interfaces that a team defines itself.
#[derive(Debug, Default)]
pub struct OwnInterfaces {
    /// What we ship, followed by the team's modules; empty if a team defines nothing.
    pub catalogue: Catalogue,
    /// The files of the last modules of the catalogue, one for each module.
    pub files: Vec<PathBuf>,
}

impl OwnInterfaces {
    /// How many interfaces the files define.
    pub fn count(&self) -> usize {
        let own = self.catalogue.last_modules(self.files.len());
        own.iter().map(|module| module.interfaces.len()).sum()
    }
}

/// The `PR_MDB_PROVIDER` of Outlook's PST provider, which every wrapped store shares.
pub const PST_PROVIDER: [u8; 16] = [
    0xE9, 0x2F, 0xEB, 0x75, 0x96, 0x50, 0x44, 0x86, 0x83, 0xB8, 0x7D, 0xE5, 0x22, 0xAA, 0x49, 0x48,
];

/// The ID of the profile property that has a wrapped store's own uid.
pub const WRAPPED_UID_TAG: u16 = 0x67E1;

/// The ID of the profile property that has the UID of an address book's containers, where a profile may have several of it.
pub const CONTAINERS_UID_TAG: u16 = 0x67E5;

/// A service, and its providers: at least one.
#[derive(Debug, Clone)]
pub struct Provider {
    /// What Outlook shows. One line of Latin-1, because it goes into `mapisvc.inf`.
    pub name: String,
    /// The name of the service's section in `mapisvc.inf` and, without the 32, of the DLL.
    pub id: String,
    /// In the order of the bytes in memory: a store's `PR_MDB_PROVIDER`. In a wrapped store, it
    /// distinguishes the profile section from those of other wrapped stores, which all have the PST
    /// provider's `PR_MDB_PROVIDER`.
    pub uid: [u8; 16],
    /// `PR_RESOURCE_FLAGS` of the message service.
    pub service_flags: FlagSet,
    /// The store, if there is one.
    pub store: Option<Store>,
    /// The transport, if there is one.
    pub transport: Option<Transport>,
    /// The address book, if there is one.
    pub address_book: Option<AddressBook>,
    /// What is configured in the profile.
    pub settings: Vec<Setting>,
    /// How long the logic may try settings that a user has entered (ENTRY-14).
    pub test_timeout: Duration,
}

impl Provider {
    /// The kinds of its providers, in the order of their sections in `mapisvc.inf`: the store first.
    pub fn kinds(&self) -> Vec<Kind> {
        let store = self.store.as_ref().map(|store| match store.is_wrapped {
            true => Kind::WrappedStore,
            false => Kind::Store,
        });
        let transport = self.transport.as_ref().map(|_| Kind::Transport);
        let book = self.address_book.as_ref().map(|_| Kind::AddressBook);
        store.into_iter().chain(transport).chain(book).collect()
    }

    /// Whether it has several providers, which share the settings of their service.
    pub fn has_several(&self) -> bool {
        self.kinds().len() > 1
    }

    /// Whether there is a store that Outlook's PST provider keeps.
    pub fn wraps_store(&self) -> bool {
        self.store.as_ref().is_some_and(|store| store.is_wrapped)
    }

    /// Whether there is a store that keeps its mail itself.
    pub fn is_mailbox(&self) -> bool {
        self.store.as_ref().is_some_and(Store::is_mailbox)
    }

    /// Whether there is a store with a file whose path the profile may say: `PR_PROFILE_OFFLINE_STORE_PATH`.
    pub fn has_file(&self) -> bool {
        self.wraps_store() || self.is_mailbox()
    }
}

/// A store.
#[derive(Debug, Clone)]
pub struct Store {
    /// Whether Outlook's PST provider keeps it.
    pub is_wrapped: bool,
    /// `PR_RESOURCE_FLAGS` of the provider.
    pub resource_flags: FlagSet,
    /// `PR_STORE_SUPPORT_MASK` of a store of the team's own. A wrapped store has the PST provider's, a mailbox its own.
    pub support_mask: FlagSet,
    /// The path of the type of a store object that the team writes itself; never of a wrapped store.
    pub object: Option<TokenStream>,
    /// The path of the store's file if the profile has none: a Windows path, absolute or
    /// beginning with a `%VARIABLE%`. A store of the team's own that has one is a mailbox: it keeps its mail itself.
    pub path: Option<String>,
    /// How it synchronises.
    pub sync: Sync,
}

impl Store {
    /// Whether it keeps its mail itself.
    pub fn is_mailbox(&self) -> bool {
        !self.is_wrapped && self.path.is_some()
    }
}

/// The kinds of providers that can be generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A message store of the team's own, or a mailbox.
    Store,
    /// A store that Outlook's PST provider keeps, and that the team's logic synchronises.
    WrappedStore,
    /// What sends mail, and receives it.
    Transport,
    /// What finds people and lists by their names.
    AddressBook,
}

/// What a transport sends, and how.
#[derive(Debug, Clone)]
pub struct Transport {
    /// `PR_RESOURCE_FLAGS` of the provider.
    pub resource_flags: FlagSet,
    /// The path of the type that holds the logic.
    pub logic: TokenStream,
    /// The types of addresses; `*` alone is every type.
    pub address_types: Vec<String>,
    /// The classes of messages, each with those below.
    pub classes: Vec<String>,
    /// How long a submission waits for the logic (XP-20).
    pub send_timeout: Duration,
    /// In what time the spooler comes again (XP-19).
    pub retry_after: Duration,
    /// The folder of messages that can't be sent now, and how long they are tried; none if they wait in the Outbox.
    pub queue: Option<(String, Duration)>,
    /// How often the logic is asked for mail that came in; none of one that does not receive.
    pub receive_every: Option<Duration>,
    /// How often a message comes again that can't be saved (XP-26).
    pub retries: u32,
    /// `LOGON_SP_RESOLVE`
    pub resolve: bool,
    /// `LOGON_SP_IDLE`
    pub idle: bool,
    /// How long the DLL stays loaded (SYNC-18).
    pub unload: Unload,
    /// How long a logoff waits for the worker (XP-33).
    pub logoff_wait: Duration,
}

/// What an address book shows, and how it looks for it.
#[derive(Debug, Clone)]
pub struct AddressBook {
    /// `PR_RESOURCE_FLAGS` of the provider.
    pub resource_flags: FlagSet,
    /// The path of the type that holds the logic.
    pub logic: TokenStream,
    /// Whether a profile may have several of it (AB-04).
    pub many: bool,
    /// `PR_DISPLAY_TYPE` of the containers.
    pub display_type: ContainerType,
    /// The type of an entry's address where the logic names none.
    pub address_type: String,
    /// `AB_FIND_ON_OPEN` (AB-13).
    pub find_first: bool,
    /// How many entries a container shows (AB-22).
    pub browse_limit: u32,
    /// How long a call waits for the logic (AB-32).
    pub lookup_timeout: Duration,
    /// How long what was found is kept.
    pub cache: Duration,
    /// What the details of an entry show beside its name and address (AB-29).
    pub details: Vec<Detail>,
    /// How long the DLL stays loaded (SYNC-18).
    pub unload: Unload,
}

/// `PR_DISPLAY_TYPE` of a container of an address book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContainerType {
    /// `DT_GLOBAL`
    Global,
    /// `DT_LOCAL`
    Local,
    /// `DT_WAN`
    Wan,
    /// `DT_NOT_SPECIFIC`
    NotSpecific,
}

/// A line of the details of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// What stands before it.
    pub label: String,
    /// The tag of the property that it shows: text in UTF-16.
    pub tag: u32,
}

/// How a store synchronises.
#[derive(Debug, Clone)]
pub struct Sync {
    /// The path of the type that holds the logic.
    pub logic: TokenStream,
    /// What happens to a request that arrives during a run (SYNC-15).
    pub overlap: Overlap,
    /// How long the DLL stays loaded (SYNC-18).
    pub unload: Unload,
    /// How long logoff waits for the worker (SYNC-16).
    pub logoff_wait: Duration,
    /// The ID of the profile property that keeps the cursor.
    pub cursor_tag: u16,
}

/// What happens to a request that arrives during a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overlap {
    /// It waits, and is served together with the others that wait.
    Merge,
    /// It is refused.
    Busy,
}

/// How long the DLL stays loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unload {
    /// From the first run on for the life of the process.
    Never,
    /// Until the run has ended.
    AfterRun,
}

/// A property in the profile section that configures the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// A Rust identifier: the field of `Settings`.
    pub name: String,
    /// What the settings dialog calls it.
    pub label: String,
    /// The title of the page of that dialog that it is on.
    pub page: String,
    /// What it is for.
    pub description: Option<String>,
    /// The property's ID.
    pub tag: u16,
    /// The type of its values.
    pub kind: SettingKind,
    /// Whether it may be left out, and what replaces it.
    pub presence: Presence,
    /// Whether the sync logic may write it.
    pub writable: bool,
}

/// The type of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingKind {
    /// Text.
    String,
    /// A whole number of 32 bits.
    Integer,
    /// Yes or no.
    Boolean,
    /// A file or folder.
    Path,
    /// Text that nobody may see.
    Secret,
}

/// Whether a setting may be left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presence {
    /// Without it, the provider is not configured.
    Required,
    /// The provider can do without it.
    Optional,
    /// This value replaces it.
    Default(SettingDefault),
}

/// The value of a setting that the profile doesn't have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingDefault {
    /// Of a string or a path.
    String(String),
    /// Of an integer.
    Integer(i32),
    /// Of a boolean.
    Boolean(bool),
}

/// Bits with names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FlagSet(pub Vec<&'static Flag>);

/// A bit with a name.
#[derive(Debug, PartialEq, Eq)]
pub struct Flag {
    /// In a manifest: `no-primary-identity`.
    pub word: &'static str,
    /// In `mapisvc.inf` and MAPI's headers: `STATUS_NO_PRIMARY_IDENTITY`.
    pub symbol: &'static str,
    /// Its value.
    pub bits: u32,
}

impl FlagSet {
    /// All the bits together.
    pub fn bits(&self) -> u32 {
        self.0.iter().fold(0, |bits, flag| bits | flag.bits)
    }

    /// Is the flag with this name among them?
    pub fn has(&self, word: &str) -> bool {
        self.0.iter().any(|flag| flag.word == word)
    }
}
