//! Tells a run everything that is in a store, and proves that it is everything.
//!
//! Folders are listed one after another, while people and programs go on working: what is moved from a folder that was not
//! listed yet to one that was, no table shows. So everything is listed a second time, by entry IDs alone, and what was not
//! seen before is told then. Only if that shows nothing new, each table has as many rows as it says, and what is missing can't
//! be opened either, it is proven that nothing else is there (TWOWAY-07).

use std::collections::{HashMap, HashSet};

use mapi_provider_abi::mapi::{PR_CREATION_TIME, PR_ENTRYID};
use mapi_provider_abi::view::{FileTime, Property, RelOp, Restriction};
use mapi_provider_twoway::{Answer, Listing, LocalEntry, LocalKey, PairId, Proof};

use super::folders::Place;
use super::trouble::trouble;
use super::{StoreSide, columns, keys};
use crate::store::{EntryId, Row, StoreError};

/// How often everything is listed while it changes.
const PASSES: usize = 6;

type Hears<'l> = &'l mut dyn Listing<LocalEntry, LocalKey>;

/// What was told, by its bytes, and in which folder: its number among those that were seen.
#[derive(Default)]
struct Told {
    items: HashMap<Vec<u8>, u32>,
    folders: HashMap<Vec<u8>, u32>,
}

/// What one pass has found.
#[derive(Default)]
struct Pass {
    seen: HashSet<Vec<u8>>,
    /// What the store says there is.
    count: u64,
    /// Nothing was new, and everything could be listed.
    is_quiet: bool,
}

pub(super) fn tell(side: &StoreSide<'_>, listing: Hears<'_>) -> Answer<Proof> {
    let mut told = Told::default();
    for number in 0..PASSES {
        let pass = side.pass(&mut told, number == 0, listing)?;
        // TWOWAY-07: one listing proves nothing.
        let is_first = number == 0;
        if is_first || !pass.is_quiet || pass.count != pass.seen.len() as u64 {
            continue;
        }
        if side.missing_are_gone(&mut told, &pass, listing)? {
            return Ok(Proof::Complete { count: pass.count });
        }
    }
    // More than was told: nothing is proven, and the run says so.
    Ok(Proof::Complete {
        count: told.items.len() as u64 + 1,
    })
}

impl StoreSide<'_> {
    fn pass(&self, told: &mut Told, is_first: bool, listing: Hears<'_>) -> Answer<Pass> {
        let tree = self.tree().map_err(trouble)?;
        let mut pass = Pass {
            is_quiet: true,
            ..Pass::default()
        };
        for place in tree.places() {
            match self.pass_folder(place, told, &mut pass, is_first, listing)? {
                Ok(count) => pass.count += count,
                // One folder that can't be listed hides nothing of the others; but nothing is proven then.
                Err(_) => pass.is_quiet = false,
            }
        }
        Ok(pass)
    }

    /// Lists one folder. Answers how many messages it says there are in it.
    fn pass_folder(
        &self,
        place: &Place,
        told: &mut Told,
        pass: &mut Pass,
        is_first: bool,
        listing: Hears<'_>,
    ) -> Answer<Result<u64, StoreError>> {
        let folder = match self.store.open_folder(&place.id) {
            Ok(folder) => folder,
            Err(error) => return Ok(Err(error)),
        };
        let next = u32::try_from(told.folders.len()).unwrap_or(u32::MAX);
        let number = *told
            .folders
            .entry(place.id.as_bytes().to_vec())
            .or_insert(next);
        let messages = match is_first && place.is_shared {
            true => folder.messages().columns(self.columns.all()),
            false => folder.messages().columns(&[PR_ENTRYID]),
        };
        let rows = match messages.rows() {
            Ok(rows) => rows,
            Err(error) => return Ok(Err(error)),
        };
        for row in rows {
            let id = row.and_then(|row| Ok((columns::lasting_id(&self.store, &row)?, row)));
            let (id, row) = match id {
                Ok((Some(id), row)) => (id, row),
                Ok((None, _)) => continue,
                Err(error) => return Ok(Err(error)),
            };
            if !pass.seen.insert(id.as_bytes().to_vec()) {
                // It was moved while we looked.
                pass.is_quiet = false;
            }
            if told.items.get(id.as_bytes()) != Some(&number) {
                pass.is_quiet &= is_first;
                self.tell_one(place, &id, is_first.then_some(&row), listing)?;
                told.items.insert(id.as_bytes().to_vec(), number);
            }
        }
        Ok(folder.messages().count().map(|count| count as u64))
    }

    fn tell_one(
        &self,
        place: &Place,
        id: &EntryId,
        row: Option<&Row>,
        listing: Hears<'_>,
    ) -> Answer<()> {
        let key = keys::local(id);
        match self.look(place, id, &key, row) {
            Some(entry) => listing.entry(entry),
            None => listing.present(key),
        }
    }

    /// A message as it is told; none if nothing is known of it but that it is there.
    fn look(
        &self,
        place: &Place,
        id: &EntryId,
        key: &LocalKey,
        row: Option<&Row>,
    ) -> Option<LocalEntry> {
        if !place.is_shared {
            return None;
        }
        let told = row.filter(|row| !columns::is_mail(row));
        if told.is_some() {
            return None;
        }
        if let Some(entry) = row.and_then(|row| self.columns.entry(row, key, place.key())) {
            return Some(entry);
        }
        // The row does not tell all: a value is too large for a table.
        let message = self.store.open_message(id).ok()?;
        let row = message.get_all(self.columns.all()).ok()?;
        let entry = self.columns.entry(&row, key, place.key());
        entry.filter(|_| columns::is_mail(&row))
    }

    /// Whether what was told and was not seen in the last pass is gone. Of that the store itself is asked.
    fn missing_are_gone(&self, told: &mut Told, pass: &Pass, listing: Hears<'_>) -> Answer<bool> {
        let missing = told.items.keys().filter(|id| !pass.seen.contains(*id));
        let missing: Vec<Vec<u8>> = missing.cloned().collect();
        for bytes in missing {
            let id = EntryId::from(bytes);
            match self.store.open_message(&id) {
                Err(error) if error.is_not_found() => {
                    listing.gone(keys::local(&id))?;
                    told.items.remove(id.as_bytes());
                }
                _ => return Ok(false),
            }
        }
        Ok(true)
    }
}

/// The message that has a pair's name; the oldest, if copies have it as well.
pub(super) fn find(side: &StoreSide<'_>, pair: &PairId) -> Answer<Option<LocalEntry>> {
    let tag = side.columns.pair();
    let mut found: Option<(Option<FileTime>, LocalEntry)> = None;
    for place in side.tree().map_err(trouble)?.places() {
        let folder = side.store.open_folder(&place.id).map_err(trouble)?;
        for (row, id) in side.rows_of_pair(&folder, pair).map_err(trouble)? {
            let key = keys::local(&id);
            let entry = match side.columns.entry(&row, &key, place.key()) {
                Some(entry) => entry,
                None => {
                    let message = side.store.open_message(&id).map_err(trouble)?;
                    side.columns.entry_of(&message, &key)?
                }
            };
            let made = row.time(PR_CREATION_TIME);
            let is_older = found
                .as_ref()
                .is_none_or(|(then, other)| (made, &entry.key) < (*then, &other.key));
            if is_older && row.text(tag).as_deref() == Some(pair.as_str()) {
                found = Some((made, entry));
            }
        }
    }
    Ok(found.map(|(_, entry)| entry))
}

impl StoreSide<'_> {
    /// The rows of a folder that have a pair's name, with their entry IDs.
    pub(super) fn rows_of_pair(
        &self,
        folder: &crate::store::Folder<'_>,
        pair: &PairId,
    ) -> Result<Vec<(Row, EntryId)>, StoreError> {
        let tag = self.columns.pair();
        let query = folder
            .messages()
            .columns(self.columns.all())
            .restrict(Restriction::Property {
                relop: RelOp::Eq,
                tag,
                property: Property::new(tag, pair.as_str()),
            });
        let mut rows = Vec::new();
        for row in query.rows()? {
            let row = row?;
            if let Some(id) = columns::lasting_id(&self.store, &row)? {
                rows.push((row, id));
            }
        }
        Ok(rows)
    }
}
