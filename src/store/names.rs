//! Named properties.

use super::error::StoreError;
use super::properties::Properties;
use mapi_provider_abi::mapi::{GetIDsFromNamesFlags, MAPI_E_NOT_FOUND, PT_ERROR, PropTag};
use mapi_provider_abi::view::PropName;

/// Names of properties belong to the store: they are the same for all its objects.
impl<'run> Properties<'run> {
    /// The tag of a property that has a name, with a type of your choice, `PT_*`. A name that the store doesn’t know
    /// yet gets an ID permanently.
    ///
    /// ```
    /// use mapi_provider::abi::{GUID, PT_UNICODE};
    /// use mapi_provider::store::{Store, StoreError};
    /// use mapi_provider::view::{NameId, PropName};
    ///
    /// /// Contoso’s own property set.
    /// const CONTOSO: GUID = GUID::from_u128(0x7b3f2d4a_90c1_4c7e_8d55_0a1b2c3d4e5f);
    ///
    /// fn note(store: &Store) -> Result<(), StoreError> {
    ///     let name = PropName { set: CONTOSO, id: NameId::from("Note") };
    ///     let tag = store.named_property(&name, PT_UNICODE)?;
    ///     store.set(tag, "a note")
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// The store has no more IDs, or no named properties.
    pub fn named_property(
        &self,
        name: &PropName<'_>,
        prop_type: u32,
    ) -> Result<PropTag, StoreError> {
        let tag = self.id_of(name, prop_type, GetIDsFromNamesFlags::MAPI_CREATE)?;
        let missing = || StoreError::new("name a property", MAPI_E_NOT_FOUND, None);
        tag.ok_or_else(missing)
    }

    /// The tag of a property that has a name; `None` if the store doesn’t know the name.
    ///
    /// # Errors
    ///
    /// The store can’t be asked.
    pub fn find_named_property(
        &self,
        name: &PropName<'_>,
        prop_type: u32,
    ) -> Result<Option<PropTag>, StoreError> {
        self.id_of(name, prop_type, GetIDsFromNamesFlags::empty())
    }

    /// The name of a property, if it has one.
    ///
    /// # Errors
    ///
    /// The store can’t be asked.
    pub fn name_of(&self, tag: PropTag) -> Result<Option<PropName<'static>>, StoreError> {
        match self.object().name_from_id(tag) {
            Err(error) if error.is_not_found() => Ok(None),
            name => name,
        }
    }

    fn id_of(
        &self,
        name: &PropName<'_>,
        prop_type: u32,
        flags: GetIDsFromNamesFlags,
    ) -> Result<Option<PropTag>, StoreError> {
        match self
            .object()
            .ids_from_names(std::slice::from_ref(name), flags)
        {
            Ok(tags) => Ok(tags
                .first()
                .filter(|tag| tag.prop_type() != PT_ERROR && tag.id() != 0)
                .map(|tag| tag.with_type(prop_type))),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }
}
