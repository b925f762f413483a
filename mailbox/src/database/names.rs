//! Named properties: one map for the whole store (STORE-07).

use std::borrow::Cow;

use mapi_provider_abi::mapi::{GUID, PS_MAPI};
use mapi_provider_abi::view::{NameId, PropName};
use rusqlite::OptionalExtension;

use super::error::{Error, Result};
use super::store::Store;
use super::transaction::Reader;

/// The first ID of a named property, and the last.
const IDS: std::ops::RangeInclusive<i64> = 0x8000..=0xFFFE;

/// A name as it lies in the file.
struct Key {
    guid: [u8; 16],
    kind: i64,
    key: Vec<u8>,
}

impl Key {
    fn of(name: &PropName<'_>) -> Self {
        let (kind, key) = match &name.id {
            NameId::Number(number) => (0, number.to_le_bytes().to_vec()),
            NameId::Text(text) => (1, text.iter().flat_map(|unit| unit.to_le_bytes()).collect()),
        };
        Self {
            guid: name.set.to_u128().to_le_bytes(),
            kind,
            key,
        }
    }

    fn name(self) -> PropName<'static> {
        let set = GUID::from_u128(u128::from_le_bytes(self.guid));
        let id = match <[u8; 4]>::try_from(&*self.key) {
            Ok(number) if self.kind == 0 => NameId::Number(i32::from_le_bytes(number)),
            _ => {
                let (units, _) = self.key.as_chunks::<2>();
                let units: Vec<u16> = units.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
                NameId::Text(Cow::Owned(units))
            }
        };
        PropName { set, id }
    }
}

/// The ID of a name that is its own ID: a number of `PS_MAPI`.
fn own_id(name: &PropName<'_>) -> Option<u16> {
    match name.id {
        NameId::Number(number) if name.set == PS_MAPI => {
            u16::try_from(number).ok().filter(|id| *id < 0x8000)
        }
        _ => None,
    }
}

impl Reader<'_> {
    /// The ID of a name, if it has one.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn id_of_name(&self, name: &PropName<'_>) -> Result<Option<u16>> {
        if let Some(id) = own_id(name) {
            return Ok(Some(id));
        }
        let Key { guid, kind, key } = Key::of(name);
        let mut find =
            self.prepared("SELECT id FROM name WHERE guid = ?1 AND kind = ?2 AND key = ?3")?;
        let found = find.query_row((guid, kind, key), |row| row.get(0));
        Ok(found.optional()?)
    }

    /// The name of an ID, if it has one. An ID below 0x8000 is a number of `PS_MAPI`.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn name_of_id(&self, id: u16) -> Result<Option<PropName<'static>>> {
        if id < 0x8000 {
            let id = NameId::Number(i32::from(id));
            return Ok(Some(PropName { set: PS_MAPI, id }));
        }
        let mut find = self.prepared("SELECT guid, kind, key FROM name WHERE id = ?1")?;
        let found = find.query_row([id], |row| {
            Ok(Key {
                guid: row.get(0)?,
                kind: row.get(1)?,
                key: row.get(2)?,
            })
        });
        Ok(found.optional()?.map(Key::name))
    }

    /// All names that have IDs, in the order of the IDs.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn names(&self) -> Result<Vec<(u16, PropName<'static>)>> {
        let mut select = self.prepared("SELECT id, guid, kind, key FROM name ORDER BY id")?;
        let rows = select.query_map([], |row| {
            let key = Key {
                guid: row.get(1)?,
                kind: row.get(2)?,
                key: row.get(3)?,
            };
            Ok((row.get(0)?, key.name()))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl Store {
    /// The IDs of names; with `create` those that have none get one. Two processes that ask at once get the same.
    ///
    /// # Errors
    ///
    /// [`Error::NamesUsedUp`], and then no name has got an ID; or the store can't be read or written.
    pub fn ids_of_names(&self, names: &[PropName<'_>], create: bool) -> Result<Vec<Option<u16>>> {
        let find = |reader: &Reader<'_>| names.iter().map(|name| reader.id_of_name(name)).collect();
        let known: Vec<Option<u16>> = self.read(find)?;
        if !create || known.iter().all(Option::is_some) {
            return Ok(known);
        }
        self.write(|tx| {
            let mut ids = Vec::with_capacity(names.len());
            for name in names {
                // Another process may have been first.
                if let Some(id) = tx.id_of_name(name)? {
                    ids.push(Some(id));
                    continue;
                }
                let next: i64 = tx
                    .prepared("SELECT coalesce(max(id) + 1, 32768) FROM name")?
                    .query_row([], |row| row.get(0))?;
                if !IDS.contains(&next) {
                    return Err(Error::NamesUsedUp);
                }
                let Key { guid, kind, key } = Key::of(name);
                tx.execute(
                    "INSERT INTO name (id, guid, kind, key) VALUES (?1, ?2, ?3, ?4)",
                    (next, guid, kind, key),
                )?;
                ids.push(u16::try_from(next).ok());
            }
            Ok(ids)
        })
    }
}
