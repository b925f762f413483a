//! Properties of the store itself.

use super::codec;
use super::error::Result;
use super::property::PropertySet;
use super::transaction::{Reader, Transaction};

impl Reader<'_> {
    /// What was set on the store itself; nothing that is computed.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn store_props(&self) -> Result<PropertySet> {
        let mut find = self.prepared("SELECT props FROM store")?;
        let props: Vec<u8> = find.query_row([], |row| row.get(0))?;
        codec::decode(&props)
    }
}

impl Transaction<'_> {
    /// Changes the properties of the store itself. Tells what `change` does.
    ///
    /// # Errors
    ///
    /// Those of `change`, or the store can't be written.
    pub fn change_store<T>(&self, change: impl FnOnce(&mut PropertySet) -> Result<T>) -> Result<T> {
        let before = self.store_props()?;
        let mut props = before.clone();
        let told = change(&mut props)?;
        if props != before {
            // No object has the number 0: it is the store's own.
            self.execute("DELETE FROM large WHERE object = 0", [])?;
            self.put_large(0, &mut props)?;
            self.execute(
                "UPDATE store SET version = ?1, props = ?2",
                (self.version().number().cast_signed(), codec::encode(&props)),
            )?;
        }
        Ok(told)
    }
}
