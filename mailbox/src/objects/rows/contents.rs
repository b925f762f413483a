//! The messages of a folder.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use mapi_provider_abi::mapi::{
    PR_DISPLAY_TO_W, PR_NORMALIZED_SUBJECT_W, PR_SENT_REPRESENTING_NAME_W, PR_SUBJECT_W, PropTag,
};

use super::super::fault::Result;
use super::super::identity::Identity;
use super::columns;
use super::indexes;
use super::message_values::{MessageRow, visited, whole_size};
use super::page_values::PageValues;
use super::parts;
use crate::database::{
    self, Contents, FolderId, MessageId, ObjectId, PropertySet, Reader, Row, TextColumn, What,
};
use mapi_provider_table::table::{
    Change, ChangeKind, Changes, Direction, Index, Key, Parts, Place, PropId, RowId, Rows,
    SortColumn, Values,
};

/// How many rows are looked at for `QueryColumns` of all columns there could be.
const LOOKED_AT: usize = 512;

/// The messages of a folder at one moment.
pub(super) struct ContentsRows<'s> {
    reader: &'s Reader<'s>,
    identity: &'s Identity,
    contents: Option<Contents>,
    folder: FolderId,
    associated: bool,
    version: u64,
}

impl<'s> ContentsRows<'s> {
    pub(super) fn new(
        reader: &'s Reader<'s>,
        identity: &'s Identity,
        folder: FolderId,
        associated: bool,
    ) -> Result<Self> {
        // A folder that has been deleted has no messages.
        let contents = match reader.contents(folder, associated) {
            Ok(contents) => Some(contents),
            Err(database::Error::NotFound(_)) => None,
            Err(error) => return Err(error.into()),
        };
        let version = reader.last_change()?;
        Ok(Self {
            reader,
            identity,
            contents,
            folder,
            associated,
            version,
        })
    }

    fn is_search(&self) -> bool {
        self.contents.is_some_and(|contents| contents.is_search())
    }

    fn values(
        &self,
        row: &Row,
        properties: &[PropId],
        props: Option<&PropertySet>,
    ) -> database::Result<Values> {
        let reader = self.reader;
        MessageRow {
            reader,
            identity: self.identity,
            row,
            is_hit: self.is_search(),
        }
        .values(properties, props)
    }

    fn is_here(&self, row: &Row) -> database::Result<bool> {
        if row.info.associated != self.associated {
            return Ok(false);
        }
        if self.is_search() {
            return self.reader.is_hit(self.folder, row.info.id);
        }
        Ok(row.info.folder == self.folder)
    }

    fn row(&self, id: MessageId) -> database::Result<Option<Row>> {
        let row = self.reader.rows(&[id])?.pop().flatten();
        match row {
            Some(row) if self.contents.is_some() && self.is_here(&row)? => Ok(Some(row)),
            _ => Ok(None),
        }
    }

    /// What a change means for the rows of a folder.
    fn kind(&self, change: &database::Change) -> Option<ChangeKind> {
        let is_ours = change.folder == Some(self.folder);
        match change.what {
            What::Created | What::Copied { .. } if is_ours => Some(ChangeKind::Added),
            What::Saved | What::Read | What::Marked if is_ours => Some(ChangeKind::Modified),
            What::Moved { .. } if is_ours => Some(ChangeKind::Added),
            What::Moved { from } if from == self.folder => Some(ChangeKind::Deleted),
            What::Deleted if is_ours => Some(ChangeKind::Deleted),
            // STORE-40: of a search folder that has gone, which nobody can tell from another any more.
            What::Found if is_ours => Some(ChangeKind::Added),
            What::Lost if is_ours => Some(ChangeKind::Deleted),
            _ => None,
        }
    }

    /// The same of the rows of a search folder, whose messages lie elsewhere.
    fn changes_of_hits(&self, changes: &[database::Change]) -> Result<Vec<Change>> {
        let (mut hits, mut modified) = (Vec::new(), Vec::new());
        for change in changes {
            let is_ours = change.folder == Some(self.folder);
            match (change.what, change.object) {
                (What::Found, Some(ObjectId::Message(id))) if is_ours => {
                    hits.push((id, ChangeKind::Added));
                }
                (What::Lost, Some(ObjectId::Message(id))) if is_ours => {
                    hits.push((id, ChangeKind::Deleted));
                }
                (
                    What::Saved | What::Read | What::Marked | What::Moved { .. },
                    Some(ObjectId::Message(id)),
                ) => modified.push(id),
                // STORE-25: a row says how the folder is called that its message lies in.
                (What::Saved, Some(ObjectId::Folder(folder))) => {
                    modified.extend(self.reader.hits_in(self.folder, folder)?);
                }
                _ => {}
            }
        }
        // STORE-40: what was changed before it was found is new and nothing else, so what was found comes first.
        for id in modified {
            if self.reader.is_hit(self.folder, id)? {
                hits.push((id, ChangeKind::Modified));
            }
        }
        let change = |(id, kind): (MessageId, ChangeKind)| Change {
            row: id.number(),
            kind,
        };
        Ok(hits.into_iter().map(change).collect())
    }
}

impl Rows for ContentsRows<'_> {
    fn version(&self) -> u64 {
        self.version
    }

    fn changes(&self, since: u64) -> Result<Changes> {
        let changes = self.reader.changes_since(since)?;
        if changes.lost {
            return Ok(Changes::Unknown);
        }
        if self.is_search() {
            return Ok(Changes::Rows(self.changes_of_hits(&changes.list)?));
        }
        let row = |change: &database::Change| match change.object {
            Some(ObjectId::Message(id)) if change.associated == self.associated => Some(Change {
                row: id.number(),
                kind: self.kind(change)?,
            }),
            // A folder that goes takes its messages along, and each is told.
            _ => None,
        };
        Ok(Changes::Rows(changes.list.iter().filter_map(row).collect()))
    }

    fn count(&self) -> Result<usize> {
        let Some(contents) = self.contents else {
            return Ok(0);
        };
        let count = self.reader.count(contents)?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }

    fn read(&self, row: RowId, properties: &[PropId]) -> Result<Option<Values>> {
        let Some(id) = MessageId::from_number(row) else {
            return Ok(None);
        };
        let Some(row) = self.row(id)? else {
            return Ok(None);
        };
        Ok(Some(self.values(&row, properties, None)?))
    }

    fn whole_size(&self, row: RowId, property: PropId) -> Result<Option<u64>> {
        let Some(id) = MessageId::from_number(row) else {
            return Ok(None);
        };
        Ok(whole_size(self.reader, id, property)?)
    }

    fn scan(
        &self,
        among: Option<&[RowId]>,
        properties: &[PropId],
        visit: &mut dyn FnMut(RowId, Values) -> Result<()>,
    ) -> Result<()> {
        let Some(contents) = self.contents else {
            return Ok(());
        };
        if let Some(among) = among {
            for row in among {
                if let Some(values) = self.read(*row, properties)? {
                    visit(*row, values)?;
                }
            }
            return Ok(());
        }
        let reader = self.reader;
        let mut fault = None;
        // What the narrow row can't say of any message is read along with it.
        let needed = MessageRow::needed(properties);
        if needed.is_empty() {
            reader.each_row(contents, |row| {
                let values = self.values(&row, properties, None)?;
                Ok(visited(visit(row.info.id.number(), values), &mut fault))
            })?;
        } else {
            reader.each_row_with(contents, &needed, |row, props| {
                let values = self.values(&row, properties, Some(&props))?;
                Ok(visited(visit(row.info.id.number(), values), &mut fault))
            })?;
        }
        fault.map_or(Ok(()), Err)
    }

    fn tags(&self) -> Result<Vec<PropTag>> {
        let mut tags: BTreeSet<PropTag> = columns::CONTENTS.into();
        let Some(contents) = self.contents else {
            return Ok(tags.into_iter().collect());
        };
        let mut left = LOOKED_AT;
        self.reader.each_full_row(contents, |_, props| {
            tags.extend(props.tags());
            left -= 1;
            Ok(match left {
                0 => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            })
        })?;
        Ok(tags.into_iter().collect())
    }

    fn index(&self, order: &[SortColumn]) -> Option<Index> {
        let index = indexes::of(order, self.is_search())?;
        let Some(contents) = self.contents else {
            return Some(index);
        };
        // What a column can't say is not in its place in the index.
        let has_all = order.is_empty() || self.reader.odd_rows(contents).ok()?.is_empty();
        has_all.then_some(index)
    }

    fn in_order(&self, order: &[SortColumn]) -> Result<Option<Vec<RowId>>> {
        let (Some(contents), Some(keys)) = (self.contents, indexes::columns_of(order)) else {
            return Ok(None);
        };
        // What a column can't say is not in its place.
        if !self.reader.odd_rows(contents)?.is_empty() {
            return Ok(None);
        }
        let ids = self.reader.ids_in_order(contents, &keys)?;
        Ok(Some(ids.into_iter().map(MessageId::number).collect()))
    }

    fn page(
        &self,
        index: Index,
        from: &Place,
        direction: Direction,
        count: usize,
        properties: &[PropId],
        visit: &mut dyn FnMut(RowId, Values) -> Result<()>,
    ) -> Result<()> {
        let (Some(contents), Some((order, towards))) = (self.contents, indexes::order_of(index))
        else {
            return Ok(());
        };
        let backward = direction == Direction::Backwards;
        let from = match from {
            Place::Before(key) => match indexes::place_of(order, key) {
                None => return Ok(()),
                // The database begins after a place: the row at it comes along from just before it.
                Some(place) if !backward => Some(database::Place {
                    id: indexes::beside(place.id, towards),
                    ..place
                }),
                Some(place) => Some(place),
            },
            Place::Start if backward => return Ok(()),
            Place::End if !backward => return Ok(()),
            Place::Start | Place::End => None,
        };
        let (reader, from, mut fault) = (self.reader, from.as_ref(), None);
        let page = (order, towards, from, backward, count);
        if properties.is_empty() {
            reader.each_id(contents, page, |id| {
                visited(visit(id.number(), Vec::new()), &mut fault)
            })?;
        } else {
            let needed = MessageRow::needed(properties);
            let of_page = PageValues::of(self.identity, properties);
            reader.each_row_of_page(contents, page, properties, &needed, |row, props| {
                let values = match &of_page {
                    Some(of_page) if !row.is_odd()? => of_page.of_row(&row)?,
                    _ => self.values(&row.whole()?, properties, props.as_ref())?,
                };
                Ok(visited(visit(row.id()?.number(), values), &mut fault))
            })?;
        }
        fault.map_or(Ok(()), Err)
    }

    fn position(&self, index: Index, place: &Key) -> Result<usize> {
        let (Some(contents), Some((order, towards))) = (self.contents, indexes::order_of(index))
        else {
            return Ok(0);
        };
        let Some(place) = indexes::place_of(order, place) else {
            return Ok(0);
        };
        let reader = self.reader;
        let before = reader.count_before(contents, order, towards, &place)?;
        Ok(usize::try_from(before).unwrap_or(usize::MAX))
    }

    fn candidates(&self, property: PropId, text: &str) -> Result<Option<Vec<RowId>>> {
        let columns = [
            (PR_SUBJECT_W, TextColumn::Subject),
            (PR_NORMALIZED_SUBJECT_W, TextColumn::Subject),
            (PR_SENT_REPRESENTING_NAME_W, TextColumn::Sender),
            (PR_DISPLAY_TO_W, TextColumn::DisplayTo),
        ];
        let column = columns.into_iter().find(|(tag, _)| tag.id() == property);
        let (Some((_, column)), Some(contents)) = (column, self.contents) else {
            return Ok(None);
        };
        let found = self.reader.text_candidates(contents, column, text)?;
        Ok(found.map(|ids| ids.into_iter().map(MessageId::number).collect()))
    }

    fn parts(
        &self,
        row: RowId,
        parts: Parts,
        properties: &[PropId],
        visit: &mut dyn FnMut(Values) -> Result<bool>,
    ) -> Result<()> {
        parts::visit(self.reader, self.identity, row, parts, properties, visit)
    }
}
