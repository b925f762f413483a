//! Named properties: what they are called in the file, and which IDs they have in the store.

use std::collections::HashMap;

use mapi_provider::abi::{GUID, PS_MAPI, PS_PUBLIC_STRINGS, PropTag};
use mapi_provider::store::{Store, StoreError};
use mapi_provider::view::{NameId, PropName, PropValue};

use super::read::{File, Properties, guid};

/// The node of the list of names, and its properties: the sets, the names, and the texts of those that have some.
const NODE: u32 = 0x61;
const SETS: u16 = 2;
const NAMES: u16 = 3;
const TEXTS: u16 = 4;

/// The names of a file's properties, by ID.
pub(super) struct Names {
    names: HashMap<u16, PropName<'static>>,
    /// What the store has already been asked.
    ids: HashMap<u16, u16>,
}

impl Names {
    /// The names of a file; none at all if they can't be read.
    pub(super) fn read(file: &File) -> Self {
        let node = file.node(NODE);
        let list = node.and_then(|node| Properties::read(file, node));
        let bytes = |list: &Properties, id| match list.get(file, id) {
            Some(PropValue::Binary(bytes)) => bytes.into_owned(),
            _ => Vec::new(),
        };
        let names = list.map(|list| {
            let (sets, texts) = (bytes(&list, SETS), bytes(&list, TEXTS));
            names(&bytes(&list, NAMES), &sets, &texts)
        });
        Self {
            names: names.unwrap_or_default(),
            ids: HashMap::new(),
        }
    }

    /// The ID in the store of a property in the file; `None` if it has no name.
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

/// All names, by the IDs of their properties.
fn names(entries: &[u8], sets: &[u8], texts: &[u8]) -> HashMap<u16, PropName<'static>> {
    let (entries, _) = entries.as_chunks::<8>();
    entries
        .iter()
        .filter_map(|entry| name(*entry, sets, texts))
        .collect()
}

/// One name: a number or where its text is, the number of the set with a bit for which of the two it is, and the ID of
/// the property, counted from the first that can have a name.
fn name(entry: [u8; 8], sets: &[u8], texts: &[u8]) -> Option<(u16, PropName<'static>)> {
    const FIRST: u16 = 0x8000;
    let [a, b, c, d, set_low, set_high, id_low, id_high] = entry;
    let number = u32::from_le_bytes([a, b, c, d]);
    let set = u16::from_le_bytes([set_low, set_high]);
    let id = FIRST.checked_add(u16::from_le_bytes([id_low, id_high]))?;
    let is_text = set & 1 == 1;
    let set: GUID = match set >> 1 {
        0 => return None,
        1 => PS_MAPI,
        2 => PS_PUBLIC_STRINGS,
        index => {
            let (sets, _) = sets.as_chunks::<16>();
            guid(*sets.get(usize::from(index - 3))?)
        }
    };
    let name = if is_text {
        NameId::from(&*text(texts, number)?)
    } else {
        NameId::Number(number.cast_signed())
    };
    Some((id, PropName { set, id: name }))
}

/// A text of the list: its length in bytes, and itself.
fn text(texts: &[u8], at: u32) -> Option<String> {
    let rest = texts.get(usize::try_from(at).ok()?..)?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let text = rest.get(..usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
    let (units, _) = text.as_chunks::<2>();
    let units: Vec<u16> = units.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
    Some(String::from_utf16_lossy(&units))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_numbers_or_texts_in_sets() {
        let own = [7; 16];
        let texts = [&4_u32.to_le_bytes()[..], b"a\0b\0"].concat();
        let entry = |number: u32, set: u16, id: u16| {
            let parts = [
                &number.to_le_bytes()[..],
                &set.to_le_bytes(),
                &id.to_le_bytes(),
            ];
            parts.concat()
        };
        let entries = [
            entry(0x8233, 3 << 1, 0),
            entry(0, 2 << 1 | 1, 1),
            entry(5, 0, 2),
            // With a set and with a text that don't exist.
            entry(5, 9 << 1, 3),
            entry(99, 2 << 1 | 1, 4),
            entry(5, 1 << 1, 0x8000),
        ];
        let names = names(&entries.concat(), &own, &texts);
        assert_eq!(names.len(), 2, "{names:?}");
        assert_eq!(names[&0x8000].set, guid(own));
        assert_eq!(names[&0x8000].id, NameId::Number(0x8233));
        assert_eq!(names[&0x8001].set, PS_PUBLIC_STRINGS);
        assert_eq!(names[&0x8001].id, NameId::from("ab"));
    }
}
