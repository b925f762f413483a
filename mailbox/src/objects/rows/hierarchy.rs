//! The folders in a folder.

use std::collections::{BTreeMap, BTreeSet};

use mapi_provider_abi::mapi::{PR_DEPTH, PT_BINARY, PropTag};
use mapi_provider_abi::view::{PropValue, SortDirection, SortOrder, SortOrderSet};

use super::super::computed::{FolderIn, FolderView, Properties};
use super::super::fault::Result;
use super::super::identity::Identity;
use super::columns;
use super::message_values::whole;
use crate::database::{self, Folder, FolderId, ObjectId, Reader, What};
use mapi_provider_table::table::{
    Change, ChangeKind, Changes, PropId, RowId, Rows, SOURCE_ORDER, Values,
};

/// The order of a table with all folders below one: parents first (STORE-19).
pub(super) fn parents_first() -> SortOrderSet {
    SortOrderSet {
        orders: vec![SortOrder {
            tag: PropTag::new(SOURCE_ORDER, PT_BINARY),
            direction: SortDirection::Ascend,
        }],
        ..SortOrderSet::default()
    }
}

/// A folder of the table.
struct Entry {
    view: FolderView,
    depth: u32,
    /// Its place among all folders of the table, parents first. Folders that come or go change the places of others, but
    /// not which of two is first; and nobody keeps places.
    place: u32,
}

/// The folders in a folder at one moment.
pub(super) struct HierarchyRows<'s> {
    reader: &'s Reader<'s>,
    identity: &'s Identity,
    folder: FolderId,
    folders: BTreeMap<RowId, Entry>,
    version: u64,
}

impl<'s> HierarchyRows<'s> {
    pub(super) fn new(
        reader: &'s Reader<'s>,
        identity: &'s Identity,
        folder: FolderId,
        deep: bool,
    ) -> Result<Self> {
        let version = reader.last_change()?;
        let found: Vec<(u32, Folder)> = match deep {
            true => reader.tree(folder)?,
            false => {
                let children = reader.children(folder)?;
                children.into_iter().map(|child| (0, child)).collect()
            }
        };
        Ok(Self {
            reader,
            identity,
            folder,
            folders: entries(found),
            version,
        })
    }

    fn values(&self, entry: &Entry, properties: &[PropId]) -> database::Result<Values> {
        let folder = FolderIn(&entry.view, self.identity);
        let value = |property: &PropId| match *property {
            SOURCE_ORDER => Ok(Some(entry.place.to_be_bytes().to_vec().into())),
            property if property == PR_DEPTH.id() => {
                Ok(Some(PropValue::Long(entry.depth.cast_signed())))
            }
            property => {
                let props = &entry.view.folder.props;
                whole(self.reader, props, property, folder.value(property))
            }
        };
        properties.iter().map(value).collect()
    }

    /// Whether a folder of the table is another one, or lies somewhere in it.
    fn is_below(&self, row: RowId, id: FolderId) -> bool {
        let parent = |folder: &FolderId| {
            let entry = self.folders.get(&folder.number())?;
            entry.view.folder.parent
        };
        let first = self.folders.get(&row).map(|entry| entry.view.folder.id);
        std::iter::successors(first, parent).any(|folder| folder == id)
    }

    /// The folders that a change may have changed: their counts, their place, or themselves.
    fn touched(&self, change: &database::Change) -> database::Result<Vec<Change>> {
        let mut touched: Vec<FolderId> = change.folder.into_iter().collect();
        match (change.what, change.object) {
            (What::Moved { from }, _) => touched.push(from),
            // STORE-40: search folders count a message that lies elsewhere. One that has left them since is told as lost.
            (What::Read, Some(ObjectId::Message(id))) => {
                touched.extend(self.reader.searches_with(id)?);
            }
            _ => {}
        }
        let modified = |folder: FolderId| Change {
            row: folder.number(),
            kind: ChangeKind::Modified,
        };
        let known = |folder: &FolderId| self.folders.contains_key(&folder.number());
        let mut rows: Vec<Change> = touched.into_iter().filter(known).map(modified).collect();
        if let Some(ObjectId::Folder(id)) = change.object {
            let kind = match change.what {
                What::Created | What::Copied { .. } => ChangeKind::Added,
                What::Deleted => ChangeKind::Deleted,
                _ => ChangeKind::Modified,
            };
            let row = id.number();
            rows.push(Change { row, kind });
            if matches!(change.what, What::Moved { .. }) {
                // What is below it came or went with it.
                let below = self.folders.keys().filter(|row| self.is_below(**row, id));
                rows.extend(below.map(|row| Change {
                    row: *row,
                    kind: ChangeKind::Modified,
                }));
            }
        }
        Ok(rows)
    }
}

/// Folders with their depths, parents first, by their IDs.
fn entries(found: Vec<(u32, Folder)>) -> BTreeMap<RowId, Entry> {
    let entry = |(place, (depth, folder)): (u32, (u32, Folder))| {
        let entry = Entry {
            depth,
            place,
            view: FolderView {
                folder,
                writable: true,
            },
        };
        (entry.view.folder.id.number(), entry)
    };
    (0..).zip(found).map(entry).collect()
}

impl Rows for HierarchyRows<'_> {
    fn version(&self) -> u64 {
        self.version
    }

    fn changes(&self, since: u64) -> Result<Changes> {
        let changes = self.reader.changes_since(since)?;
        // A whole tree that moved in or out of a deep table: nobody says which folders it had.
        let is_of_tree = |change: &database::Change| {
            matches!(change.what, What::Moved { .. })
                && matches!(change.object, Some(ObjectId::Folder(_)))
                && change.folder != Some(self.folder)
        };
        if changes.lost || changes.list.iter().any(is_of_tree) {
            return Ok(Changes::Unknown);
        }
        let mut rows = Vec::new();
        for change in &changes.list {
            rows.extend(self.touched(change)?);
        }
        Ok(Changes::Rows(rows))
    }

    fn count(&self) -> Result<usize> {
        Ok(self.folders.len())
    }

    fn read(&self, row: RowId, properties: &[PropId]) -> Result<Option<Values>> {
        match self.folders.get(&row) {
            None => Ok(None),
            Some(entry) => Ok(Some(self.values(entry, properties)?)),
        }
    }

    fn scan(
        &self,
        among: Option<&[RowId]>,
        properties: &[PropId],
        visit: &mut dyn FnMut(RowId, Values) -> Result<()>,
    ) -> Result<()> {
        let mut show = |row: RowId, entry: &Entry| visit(row, self.values(entry, properties)?);
        match among {
            None => self
                .folders
                .iter()
                .try_for_each(|(row, entry)| show(*row, entry)),
            Some(among) => among
                .iter()
                .filter_map(|row| Some((*row, self.folders.get(row)?)))
                .try_for_each(|(row, entry)| show(row, entry)),
        }
    }

    fn tags(&self) -> Result<Vec<PropTag>> {
        let mut tags: BTreeSet<PropTag> = columns::HIERARCHY.into();
        for entry in self.folders.values() {
            tags.extend(FolderIn(&entry.view, self.identity).tags());
        }
        Ok(tags.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::{FolderKind, NewFolder, Options, PropertySet, Special, Store};
    use mapi_provider_abi::mapi::PR_DISPLAY_NAME_W;

    #[test]
    fn store_19_a_folder_that_lies_deep_takes_no_more_room_than_another() {
        let store = Store::in_memory(Options::new()).expect("memory");
        let mut props = PropertySet::default();
        props.set_tag(PR_DISPLAY_NAME_W, "one in the other");
        let mut above = store.read(|r| r.special(Special::Inbox)).expect("there");
        let mut made = Vec::new();
        for _ in 0..200 {
            let new = NewFolder {
                parent: above,
                kind: FolderKind::Generic,
                props: &props,
                open_existing: false,
            };
            (above, _) = store.write(|tx| tx.create_folder(&new)).expect("made");
            made.push(above);
        }
        let identity = Identity {
            uid: store.uid(),
            store_entry_id: Vec::new(),
            provider_uid: [1; 16],
            provider_name: String::new(),
            name: String::new(),
        };
        let inbox = store.read(|r| r.special(Special::Inbox)).expect("there");
        let looked = store.read(|reader| {
            let rows = HierarchyRows::new(reader, &identity, inbox, true)?;
            let place = |folder: &FolderId| rows.read(folder.number(), &[SOURCE_ORDER]);
            let places: Result<Vec<_>> = made.iter().map(place).collect();
            let is_below = |row: &FolderId| rows.is_below(row.number(), made[100]);
            Ok((places?, made.iter().filter(|row| is_below(row)).count()))
        });
        let (places, below) = looked.expect("read");
        let key = |values: &Option<Values>| {
            let value = values.as_ref()?.first()?.as_ref()?;
            value.as_binary().map(<[u8]>::to_vec)
        };
        let keys: Vec<Vec<u8>> = places.iter().filter_map(key).collect();
        assert!(keys.iter().all(|key| key.len() == 4) && keys.is_sorted());
        assert_eq!((keys.len(), below), (200, 100));
    }
}
