//! What stands for inner stores where the family `store` is left out, and with it wrapped stores: there are none.

use windows_core::HRESULT;

/// No store.
pub(crate) enum OpenStore {}

impl OpenStore {
    pub(crate) fn number(&self) -> u64 {
        match *self {}
    }

    pub(crate) fn is_spooler(&self) -> bool {
        match *self {}
    }

    pub(crate) fn prepare(&self) -> Result<(), HRESULT> {
        match *self {}
    }
}
