//! Named properties: what they are called in the file, and which IDs they have in the store.

use std::collections::HashMap;

use mapi_provider::abi::{GUID, PS_MAPI, PS_PUBLIC_STRINGS, PropTag};
use mapi_provider::store::{Store, StoreError};
use mapi_provider::view::{NameId, PropName};
use outlook_pst::messaging::named_prop::{
    NameIdEntry, NamedPropertyGuid, NamedPropertyId, NamedPropertyMapProperties,
};

use super::source::Source;
use super::value::guid;

/// The names of a file's properties, by ID.
pub(super) struct Names {
    names: HashMap<u16, PropName<'static>>,
    /// What has been asked of the store already.
    ids: HashMap<u16, u16>,
}

impl Names {
    /// The names of a file; none at all where they can't be read.
    pub(super) fn read(source: &Source) -> Self {
        let map = source.store().named_property_map();
        let names = map.map_or_else(
            |_| HashMap::new(),
            |map| {
                let map = map.properties();
                let entries = map.stream_entry().unwrap_or_default();
                let name = |entry: &NameIdEntry| Some((entry.prop_id(), name(map, entry)?));
                entries.iter().filter_map(name).collect()
            },
        );
        Self {
            names,
            ids: HashMap::new(),
        }
    }

    /// The ID in the store of a property in the file; none where it has no name.
    pub(super) fn there(
        &mut self,
        store: &Store,
        id: u16,
        prop_type: u32,
    ) -> Result<Option<u16>, StoreError> {
        if !PropTag::new(id, prop_type).is_named() {
            return Ok(Some(id));
        }
        if let Some(known) = self.ids.get(&id) {
            return Ok(Some(*known));
        }
        let Some(name) = self.names.get(&id) else {
            return Ok(None);
        };
        let there = store.named_property(name, prop_type)?.id();
        self.ids.insert(id, there);
        Ok(Some(there))
    }
}

fn name(map: &NamedPropertyMapProperties, entry: &NameIdEntry) -> Option<PropName<'static>> {
    let set: GUID = match entry.guid() {
        NamedPropertyGuid::None => return None,
        NamedPropertyGuid::Mapi => PS_MAPI,
        NamedPropertyGuid::PublicStrings => PS_PUBLIC_STRINGS,
        // The reader counts from the first set in the list, and looks up as if it counted from the third before.
        NamedPropertyGuid::GuidIndex(index) => {
            let sets = map.stream_guid().ok()?;
            guid(sets.get(usize::from(index))?)
        }
    };
    let id = match entry.id() {
        NamedPropertyId::Number(number) => NameId::Number(number as i32),
        NamedPropertyId::StringOffset(offset) => {
            NameId::from(&*map.lookup_string(offset).ok()?.to_string())
        }
    };
    Some(PropName { set, id })
}
