//! What a provider that puts a face on the engine says of itself.

use std::path::PathBuf;

use mapi_provider_abi::mapi::{IMAPISupport, StoreLogonFlags};
use mapi_provider_abi::view::{Allocators, Property};

use super::fault::Result;
use crate::database::{Options, Store};

/// A provider of message stores, as far as the engine can't know it. The engine has the rest.
///
/// It is asked by the thread that logs on, with nothing locked.
pub trait Face: Send + Sync + 'static {
    /// `PR_MDB_PROVIDER`: what tells this provider from all others.
    fn provider_uid(&self) -> [u8; 16];

    /// What the provider is called: `PR_PROVIDER_DISPLAY`, and who speaks in error texts.
    fn name(&self) -> &str;

    /// Which store a logon means.
    ///
    /// # Errors
    ///
    /// Whatever Logon is to answer: `MAPI_E_UNCONFIGURED` where the profile does not say, for instance.
    fn locate(&self, logon: &LogonRequest<'_>) -> Result<Location>;

    /// Whether two entry IDs are of one store: `CompareStoreIDs`. They are what [`locate`](Self::locate) told.
    ///
    /// # Errors
    ///
    /// `MAPI_E_INVALID_ENTRYID`: one of them is none of this provider's.
    fn is_same_store(&self, first: &[u8], second: &[u8]) -> Result<bool>;

    /// What the row of a store in the status table says besides what it says of each store: whose it is, for instance.
    /// `uid` is the store's own, `name` what [`locate`](Self::locate) told.
    fn status_columns<'a>(&self, uid: &'a [u8; 16], name: &'a str) -> Vec<Property<'a>> {
        let _ = (uid, name);
        Vec::new()
    }
}

/// What MAPI asks for.
#[derive(Debug, Clone, Copy)]
pub struct LogonRequest<'a> {
    /// MAPI's support object, with the sections of the profile.
    pub support: &'a IMAPISupport,
    /// MAPI's memory.
    pub allocators: Allocators,
    /// The entry ID of the store, if MAPI knows it already.
    pub entry_id: Option<&'a [u8]>,
    /// How the store is to be opened.
    pub flags: StoreLogonFlags,
    /// It is the spooler who logs on.
    pub is_spooler: bool,
}

/// Which store a logon means.
pub struct Location {
    /// Where it lies.
    pub place: Place,
    /// The entry ID of the store, before MAPI wraps it.
    pub entry_id: Vec<u8>,
    /// What it is called as long as nobody has named it.
    pub name: String,
}

/// Where a store lies.
pub enum Place {
    /// In a file, which is made where there is none. All logons of a process share what is open.
    File(PathBuf, Options),
    /// It is open already: a store in memory, say.
    Open(Store),
}
