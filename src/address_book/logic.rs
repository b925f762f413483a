//! What a team writes.

use super::error::LookupError;
use super::found::Found;
pub use crate::address::Address;
use crate::error::LogonError;
use crate::settings::ServiceSettings;

/// A team's directory.
///
/// One value serves one logon. All but [`open`](Self::open) may be called on any thread, several at once; Outlook waits no
/// longer than `lookup-timeout` in the manifest says, whatever they do (AB-32).
pub trait AddressBook: Send + Sync + Sized + 'static {
    /// The settings that `provider!` makes of the manifest, or `()`.
    type Settings: ServiceSettings;

    /// Opens the address book at logon, on Outlook's thread: be quick, and leave connections for the other calls.
    ///
    /// # Errors
    ///
    /// Why there is none; Outlook goes on without it.
    fn open(settings: Self::Settings) -> Result<Self, LogonError>;

    /// The lists that Outlook shows. One of the provider's name where nothing is said.
    fn containers(&self) -> Vec<Container> {
        vec![Container::default()]
    }

    /// Finds entries of a container. [`Found::push`] says when it is enough: pass its error on with `?`.
    ///
    /// It may find more than was asked for: what does not match is left out.
    ///
    /// # Errors
    ///
    /// Why it could not look. Outlook is told that the network is the trouble, never that there is nobody of that name.
    fn search(&self, query: &Query<'_>, found: &mut Found<'_>) -> Result<(), LookupError>;

    /// One entry by its key; `None` when it is gone.
    ///
    /// # Errors
    ///
    /// Why it could not look.
    fn get(&self, key: &str) -> Result<Option<Entry>, LookupError>;

    /// Who is on a list, one level deep.
    ///
    /// # Errors
    ///
    /// Why it could not look.
    fn members(&self, key: &str, found: &mut Found<'_>) -> Result<(), LookupError> {
        let _ = (key, found);
        Ok(())
    }
}

/// A list that Outlook shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Container {
    /// What tells it from the others, for ever: its entry ID is made of it.
    pub key: String,
    /// What people read; the provider's name if it is empty.
    pub name: String,
    /// The key of the container that it is in.
    pub parent: Option<String>,
}

/// What is looked for.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    /// The key of the container that is looked in.
    pub container: &'a str,
    /// What the entries have to be like.
    pub what: What<'a>,
    /// How many are wanted at most; a server may be told so.
    pub limit: usize,
}

/// What the entries that are looked for have to be like. Case never counts.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum What<'a> {
    /// All there are.
    All,
    /// Ambiguous names: every word begins some word of the name, the alias or the address. There is at least one, and none
    /// is empty. What a word is, its quotes and wildcards say nothing: escape them for a server.
    Words(&'a [String]),
    /// The name begins so.
    Prefix(&'a str),
    /// This very address.
    Address(&'a Address),
}

/// Somebody who can be written to: a user or a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) kind: EntryKind,
    pub(super) alias: Option<String>,
    pub(super) address: Option<EntryAddress>,
    pub(super) rich: bool,
    /// Other properties: tags of strings.
    pub(super) others: Vec<(u32, String)>,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EntryKind {
    User,
    List,
}

/// An address, with its type or the manifest's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EntryAddress {
    pub(super) kind: Option<String>,
    pub(super) value: String,
}

impl Entry {
    /// A person, with what tells this one from all others of the provider, for ever, and a name.
    pub fn user(key: impl Into<String>, name: impl Into<String>) -> Self {
        Self::new(EntryKind::User, key.into(), name.into())
    }

    /// A list of others. It may have an address of its own.
    pub fn list(key: impl Into<String>, name: impl Into<String>) -> Self {
        Self::new(EntryKind::List, key.into(), name.into())
    }

    fn new(kind: EntryKind, key: String, name: String) -> Self {
        Self {
            key,
            name,
            kind,
            alias: None,
            address: None,
            rich: false,
            others: Vec::new(),
        }
    }

    /// The address, of the manifest's `address-type`.
    #[must_use]
    pub fn address(mut self, value: impl Into<String>) -> Self {
        let value = value.into();
        self.address = Some(EntryAddress { kind: None, value });
        self
    }

    /// The address, an Internet address.
    #[must_use]
    pub fn smtp(self, value: impl Into<String>) -> Self {
        self.addressed(Address::smtp(value))
    }

    /// The address, of any type. `set(PR_SMTP_ADDRESS, …)` adds an Internet address to one of another type.
    #[must_use]
    pub fn addressed(mut self, address: Address) -> Self {
        let Address { kind, value } = address;
        self.address = Some(EntryAddress {
            kind: Some(kind),
            value,
        });
        self
    }

    /// A short name by which it is found too: `PR_ACCOUNT`.
    #[must_use]
    pub fn alias(mut self, alias: impl Into<String>) -> Self {
        self.alias = Some(alias.into());
        self
    }

    /// Whether it reads what Outlook alone understands: `PR_SEND_RICH_INFO`. It does not unless it is said.
    #[must_use]
    pub fn rich(mut self, rich: bool) -> Self {
        self.rich = rich;
        self
    }

    /// Another property, of text: either width of its tag. What this crate sets itself, such as the name, stays.
    #[must_use]
    pub fn set(mut self, tag: u32, value: impl Into<String>) -> Self {
        self.others.push((tag, value.into()));
        self
    }

    /// Its key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }
}
