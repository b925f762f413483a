//! The messages of a folder in an order that an index has: page by page, without holding rows (STORE-20).

use std::ops::ControlFlow;

use rusqlite::OptionalExtension;
use rusqlite::types::Value;

use super::cells::RowAt;
use super::codec;
use super::error::{Error, Result};
use super::folder::FolderKind;
use super::id::{FolderId, MessageId};
use super::order::{Contents, Direction, Order, Place, key_of, runs};
use super::property::PropertySet;
use super::row::{COLUMN_COUNT, COLUMNS, Row, columns_for};
use super::scan::PROPS;
use super::transaction::Reader;

/// Which rows: an order and its direction, after or before which place (from an end where there is none), backward or not,
/// and how many.
pub(crate) type Page<'a> = (Order, Direction, Option<&'a Place>, bool, usize);

impl Reader<'_> {
    /// What a contents table of a folder is of.
    ///
    /// # Errors
    ///
    /// The folder is gone, or the store can't be read.
    pub fn contents(&self, folder: FolderId, associated: bool) -> Result<Contents> {
        let kind = self.folder_kind(folder)?.ok_or(Error::NotFound("folder"))?;
        Ok(Contents {
            folder,
            associated,
            is_search: kind == FolderKind::Search,
        })
    }

    /// How many rows there are: from the folder's own count, whatever their number.
    ///
    /// # Errors
    ///
    /// The folder is gone, or the store can't be read.
    pub fn count(&self, contents: Contents) -> Result<u64> {
        let mut find = self.prepared("SELECT iif(?2, assoc, total) FROM folder WHERE id = ?1")?;
        let count = find.query_row((contents.folder, contents.associated), |row| row.get(0));
        count.optional()?.ok_or(Error::NotFound("folder"))
    }

    /// The next rows after a place, or before it where `backward`, nearest first; from an end where there is none. The
    /// row at the place itself is not among them.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn page(
        &self,
        contents: Contents,
        order: Order,
        direction: Direction,
        from: Option<&Place>,
        backward: bool,
        count: usize,
    ) -> Result<Vec<(Place, Row)>> {
        let mut found = Vec::new();
        let page = (order, direction, from, backward, count);
        self.each_of_page(contents, page, COLUMNS, |row| {
            let key = key_of(row.get(COLUMN_COUNT)?);
            let row = Row::of_row(row)?;
            let id = row.info.id;
            found.push((Place { key, id }, row));
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(found)
    }

    /// Shows the rows of a page one by one until `look` has seen enough. Of the texts of a row only those are there that are
    /// asked for, by the IDs of their properties; of other properties those that are `needed`, if any.
    ///
    /// # Errors
    ///
    /// Those of `look`, or the store can't be read.
    pub(crate) fn each_row_of_page(
        &self,
        contents: Contents,
        page: Page<'_>,
        asked: &[u16],
        needed: &[u16],
        mut look: impl FnMut(RowAt<'_, '_>, Option<PropertySet>) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        let mut needed = needed.to_vec();
        needed.sort_unstable();
        let mut shown = columns_for(asked);
        if !needed.is_empty() {
            shown = format!("{shown}, {PROPS}");
        }
        self.each_of_page(contents, page, &shown, |row| {
            let props = match needed.is_empty() {
                true => None,
                false => {
                    let props = row.get_ref(COLUMN_COUNT)?.as_blob().unwrap_or_default();
                    Some(codec::decode_some(props, &needed)?)
                }
            };
            look(RowAt(row), props)
        })
    }

    /// The same without the rows: what an index alone can tell.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn places(
        &self,
        contents: Contents,
        order: Order,
        direction: Direction,
        from: Option<&Place>,
        backward: bool,
        count: usize,
    ) -> Result<Vec<Place>> {
        let mut found = Vec::new();
        let page = (order, direction, from, backward, count);
        self.each_of_page(contents, page, "m.id", |row| {
            let (id, key) = (row.get(0)?, key_of(row.get(1)?));
            found.push(Place { key, id });
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(found)
    }

    /// The IDs alone, one by one until `look` has seen enough: no row is read, and nothing kept.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub(crate) fn each_id(
        &self,
        contents: Contents,
        page: Page<'_>,
        mut look: impl FnMut(MessageId) -> ControlFlow<()>,
    ) -> Result<()> {
        self.each_of_page(contents, page, "m.id", |row| Ok(look(row.get(0)?)))
    }

    fn each_of_page(
        &self,
        contents: Contents,
        (order, direction, from, backward, count): Page<'_>,
        shown: &str,
        mut look: impl FnMut(&rusqlite::Row<'_>) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        let mut left = count;
        for run in runs(order, direction, from, backward) {
            if left == 0 {
                break;
            }
            let sql = run.page_sql(contents, order, shown);
            let mut values = contents.values();
            values.push(Value::Integer(i64::try_from(left).unwrap_or(i64::MAX)));
            values.extend(run.more);
            let mut select = self.prepared(&sql)?;
            let mut rows = select.query(rusqlite::params_from_iter(values))?;
            while let Some(row) = rows.next()? {
                if look(row)?.is_break() {
                    return Ok(());
                }
                left -= 1;
            }
        }
        Ok(())
    }

    /// Where a message stands in an order; none where it is not in the table.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn place_of(
        &self,
        contents: Contents,
        order: Order,
        id: MessageId,
    ) -> Result<Option<Place>> {
        let sql = format!(
            "SELECT {} {} AND m.id = ?3",
            order.column().unwrap_or("NULL"),
            contents.source()
        );
        let mut find = self.prepared(&sql)?;
        let key = find.query_row((contents.folder, contents.associated, id), |row| row.get(0));
        let key: Option<Value> = key.optional()?;
        Ok(key.map(|key| Place {
            key: key_of(key),
            id,
        }))
    }

    /// How many rows stand before a place: the position of its row. It counts the index.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn count_before(
        &self,
        contents: Contents,
        order: Order,
        direction: Direction,
        place: &Place,
    ) -> Result<u64> {
        let mut before = 0_u64;
        for run in runs(order, direction, Some(place), true) {
            let sql = format!(
                "SELECT count(*) {} AND ?3 AND {}",
                contents.source(),
                run.condition
            );
            let mut values = contents.values();
            values.push(Value::Integer(1));
            values.extend(run.more);
            let mut count = self.prepared(&sql)?;
            before += count.query_row(rusqlite::params_from_iter(values), |row| {
                row.get::<_, u64>(0)
            })?;
        }
        Ok(before)
    }

    /// The place of the row of a number, from 0; none beyond the last.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn nth(
        &self,
        contents: Contents,
        order: Order,
        direction: Direction,
        number: u64,
    ) -> Result<Option<Place>> {
        let mut left = number;
        for run in runs(order, direction, None, false) {
            let column = order.column().unwrap_or("NULL");
            let sql = format!(
                "SELECT {column}, m.id {} AND {} ORDER BY {} LIMIT 1 OFFSET ?3",
                contents.source(),
                run.condition,
                run.order
            );
            let mut values = contents.values();
            values.push(Value::Integer(i64::try_from(left).unwrap_or(i64::MAX)));
            let mut find = self.prepared(&sql)?;
            let found = find.query_row(rusqlite::params_from_iter(values), |row| {
                Ok((row.get::<_, Value>(0)?, row.get(1)?))
            });
            if let Some((key, id)) = found.optional()? {
                return Ok(Some(Place {
                    key: key_of(key),
                    id,
                }));
            }
            let sql = format!(
                "SELECT count(*) {} AND {}",
                contents.source(),
                run.condition
            );
            let mut count = self.prepared(&sql)?;
            let here: u64 = count
                .query_row(rusqlite::params_from_iter(contents.values()), |row| {
                    row.get(0)
                })?;
            left = left.saturating_sub(here);
        }
        Ok(None)
    }
}

#[cfg(test)]
impl Reader<'_> {
    /// How SQLite finds the rows of a page, and how many steps it takes for it.
    pub(super) fn plans(
        &self,
        contents: Contents,
        order: Order,
        direction: Direction,
        from: Option<&Place>,
        backward: bool,
    ) -> Result<Vec<(String, i32)>> {
        let mut plans = Vec::new();
        for run in runs(order, direction, from, backward) {
            let sql = run.page_sql(contents, order, "m.id");
            let explain = format!("EXPLAIN QUERY PLAN {sql}");
            let mut explain = self.connection.prepare(&explain)?;
            let mut select = self.connection.prepare(&sql)?;
            let mut values = contents.values();
            values.push(Value::Integer(50));
            values.extend(run.more);
            let plan = explain.query_map(rusqlite::params_from_iter(&values), |row| {
                row.get::<_, String>(3)
            })?;
            let plan: Vec<String> = plan.collect::<rusqlite::Result<_>>()?;
            let mut rows = select.query(rusqlite::params_from_iter(values))?;
            while rows.next()?.is_some() {}
            drop(rows);
            let steps = select.get_status(rusqlite::StatementStatus::VmStep);
            plans.push((plan.join("; "), steps));
        }
        Ok(plans)
    }
}
