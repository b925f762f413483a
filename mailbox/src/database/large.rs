//! Large values within a look at the store.

use mapi_provider_abi::view::PropValue;

use super::error::{Error, Result};
use super::property::{LargeValue, from_bytes};
use super::transaction::Reader;

impl Reader<'_> {
    /// All bytes of a large value as a property's value. It is for values that fit into memory.
    ///
    /// # Errors
    ///
    /// The value is gone, is too large for the memory, or the store can't be read.
    pub fn load_large(&self, value: &LargeValue) -> Result<PropValue<'static>> {
        self.load_start(value, u64::MAX)
    }

    /// The same of the first so many bytes, where there are more.
    ///
    /// # Errors
    ///
    /// As [`load_large`](Self::load_large).
    pub fn load_start(&self, value: &LargeValue, most: u64) -> Result<PropValue<'static>> {
        let size = usize::try_from(value.size.min(most)).map_err(|_| Error::OutOfMemory)?;
        let mut bytes = Vec::new();
        let reserved = bytes.try_reserve_exact(size);
        reserved.map_err(|_| Error::OutOfMemory)?;
        bytes.resize(size, 0);
        let length = self.read_blob(value.blob, 0, &mut bytes)?;
        bytes.truncate(length);
        from_bytes(value.prop_type, bytes).ok_or(Error::OutOfMemory)
    }
}
