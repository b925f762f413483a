//! What a logon brings with it, as the engine knows it. MAPI's side of it is in `entry`, which the engine doesn't know.

use windows_core::HRESULT;

use crate::settings::{SettingSpec, SettingValue};
use crate::store::Store;
#[cfg(feature = "mailbox")]
use mapi_provider_mailbox::logic::Mailbox;

/// A section of the profile, where the cursor and the settings are kept.
pub(crate) trait Section: Send + Sync {
    /// The bytes of a property, if there is one.
    ///
    /// # Errors
    ///
    /// The section can't be read.
    fn load(&self, id: u16) -> Result<Option<Vec<u8>>, HRESULT>;

    /// Writes the bytes of a property and saves; all as it was where that fails.
    ///
    /// # Errors
    ///
    /// The section can't be written to or saved.
    fn save(&self, id: u16, bytes: &[u8]) -> Result<(), HRESULT>;

    /// The value of a setting, if the section has one.
    ///
    /// # Errors
    ///
    /// The section can't be read.
    fn load_setting(&self, spec: &SettingSpec) -> Result<Option<SettingValue>, HRESULT>;

    /// Writes the value of a setting and saves; all as it was where that fails.
    ///
    /// # Errors
    ///
    /// The section can't be written to or saved.
    fn save_setting(&self, spec: &SettingSpec, value: SettingValue) -> Result<(), HRESULT>;
}

/// The store inside a wrapped one. The worker holds it for a run (SYNC-21).
pub(crate) trait InnerStore: Send + Sync {
    /// The store as the team's logic has it.
    fn open(&self) -> Store<'_>;

    /// Sees to all that a run needs of the store before it begins.
    ///
    /// # Errors
    ///
    /// The store can't be read, or not be written to.
    fn prepare(&self) -> Result<(), HRESULT>;

    /// The mailbox, where the store is one that keeps its mail itself.
    #[cfg(feature = "mailbox")]
    fn mailbox(&self) -> Option<Mailbox> {
        None
    }
}
