//! The messages of a folder in an order that an index has: page by page, without holding rows (STORE-20).
//!
//! A row without the sort property is last, in both directions; ties are in the order of the IDs, in the direction of
//! the key (STORE-14). So an order is two runs: what has the key, then what has not.

use rusqlite::OptionalExtension;
use rusqlite::types::Value;

use super::error::{Error, Result};
use super::folder::FolderKind;
use super::id::{FolderId, MessageId};
use super::row::{Row, columns};
use super::transaction::Reader;

/// What a contents table is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Contents {
    /// The folder.
    pub folder: FolderId,
    /// Its associated messages, or the others.
    pub associated: bool,
    pub(super) is_search: bool,
}

/// The orders that an index has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Order {
    /// The order of the IDs.
    Id,
    /// `PR_MESSAGE_DELIVERY_TIME`.
    Delivered,
    /// `PR_LAST_MODIFICATION_TIME`.
    Modified,
    /// `PR_CLIENT_SUBMIT_TIME`.
    Submitted,
    /// `PR_NORMALIZED_SUBJECT`, without regard to case.
    Subject,
    /// `PR_SENT_REPRESENTING_NAME`, without regard to case.
    Sender,
    /// `PR_MESSAGE_SIZE`.
    Size,
}

/// Which way an order goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The least first.
    Ascending,
    /// The greatest first.
    Descending,
}

/// Where a row stands in an order. It is a place even when its row is gone.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// What it is sorted by; none where it has no such property, or where the order is that of the IDs.
    pub key: Option<Key>,
    /// The message.
    pub id: MessageId,
}

/// What a row is sorted by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// A number, or a time in steps of 100 ns since 1601.
    Number(i64),
    /// A folded text.
    Text(String),
}

impl Order {
    /// The column of the key; none where the ID is it.
    pub(super) fn column(self) -> Option<&'static str> {
        match self {
            Self::Id => None,
            Self::Delivered => Some("m.delivered"),
            Self::Modified => Some("m.modified"),
            Self::Submitted => Some("m.submitted"),
            Self::Subject => Some("m.subject_key"),
            Self::Sender => Some("m.sender_key"),
            Self::Size => Some("m.size"),
        }
    }
}

impl Order {
    /// Whether a row can be without the key.
    fn has_keyless(self) -> bool {
        self != Self::Size
    }
}

impl Direction {
    pub(super) fn sql(self) -> &'static str {
        match self {
            Self::Ascending => "ASC",
            Self::Descending => "DESC",
        }
    }

    /// The other one.
    #[must_use]
    pub fn reversed(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }
}

impl Contents {
    /// `FROM … WHERE …` with the folder as `?1` and associated or not as `?2`.
    pub(super) fn source(self) -> &'static str {
        if self.is_search {
            "FROM hit h CROSS JOIN message m ON m.id = h.message WHERE h.folder = ?1 AND m.assoc = ?2"
        } else {
            "FROM message m WHERE m.folder = ?1 AND m.assoc = ?2"
        }
    }

    fn values(self) -> Vec<Value> {
        vec![
            Value::Integer(self.folder.raw()),
            Value::Integer(i64::from(self.associated)),
        ]
    }
}

impl From<&Key> for Value {
    fn from(key: &Key) -> Self {
        match key {
            Key::Number(number) => Self::Integer(*number),
            Key::Text(text) => Self::Text(text.clone()),
        }
    }
}

/// One of the two runs of an order, or a part of it.
struct Run {
    condition: String,
    order: String,
    more: Vec<Value>,
}

impl Run {
    /// The rows of the run, `?3` of them at most.
    fn page_sql(&self, contents: Contents, order: Order) -> String {
        format!(
            "SELECT {}, {} {} AND {} ORDER BY {} LIMIT ?3",
            columns(),
            order.column().unwrap_or("NULL"),
            contents.source(),
            self.condition,
            self.order,
        )
    }
}

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
        for run in runs(order, direction, from, backward) {
            let left = count - found.len();
            if left == 0 {
                break;
            }
            let sql = run.page_sql(contents, order);
            let mut values = contents.values();
            values.push(Value::Integer(i64::try_from(left).unwrap_or(i64::MAX)));
            values.extend(run.more);
            let mut select = self.prepared(&sql)?;
            let mut rows = select.query(rusqlite::params_from_iter(values))?;
            while let Some(row) = rows.next()? {
                let key = key_of(row.get(23)?);
                let row = Row::of_row(row)?;
                let id = row.info.id;
                found.push((Place { key, id }, row));
            }
        }
        Ok(found)
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
    /// How SQLite finds the rows of a page.
    pub(super) fn plans(
        &self,
        contents: Contents,
        order: Order,
        direction: Direction,
        from: Option<&Place>,
        backward: bool,
    ) -> Result<Vec<String>> {
        let mut plans = Vec::new();
        for run in runs(order, direction, from, backward) {
            let sql = format!("EXPLAIN QUERY PLAN {}", run.page_sql(contents, order));
            let mut explain = self.connection.prepare(&sql)?;
            let mut values = contents.values();
            values.push(Value::Integer(50));
            values.extend(run.more);
            let steps = explain.query_map(rusqlite::params_from_iter(values), |row| {
                row.get::<_, String>(3)
            })?;
            let steps: Vec<String> = steps.collect::<rusqlite::Result<_>>()?;
            plans.push(steps.join("; "));
        }
        Ok(plans)
    }
}

fn key_of(value: Value) -> Option<Key> {
    match value {
        Value::Integer(number) => Some(Key::Number(number)),
        Value::Text(text) => Some(Key::Text(text)),
        _ => None,
    }
}

/// The runs that lie after a place, or before it, nearest first. The key is `?4` and the ID `?5`.
fn runs(order: Order, direction: Direction, from: Option<&Place>, backward: bool) -> Vec<Run> {
    let towards = if backward {
        direction.reversed()
    } else {
        direction
    };
    let (sql, sign) = match towards {
        Direction::Ascending => ("ASC", '>'),
        Direction::Descending => ("DESC", '<'),
    };
    let Some(column) = order.column() else {
        let (condition, more) = match from {
            None => ("1".to_owned(), Vec::new()),
            Some(place) => (
                format!("m.id {sign} ?5 AND ?4 IS NULL"),
                vec![Value::Null, Value::Integer(place.id.raw())],
            ),
        };
        let order = format!("m.id {sql}");
        return vec![Run {
            condition,
            order,
            more,
        }];
    };
    let keyed = |condition: String, more| Run {
        condition,
        order: format!("{column} {sql}, m.id {sql}"),
        more,
    };
    let keyless = |condition: &str, more| Run {
        condition: format!("{column} IS NULL{condition}"),
        order: format!("m.id {sql}"),
        more,
    };
    let all_keyed = || keyed(format!("{column} IS NOT NULL"), Vec::new());
    let all_keyless = || keyless("", Vec::new());
    let place = |place: &Place| {
        let key = place.key.as_ref().map_or(Value::Null, Value::from);
        vec![key, Value::Integer(place.id.raw())]
    };
    match (from, backward) {
        (None, _) if !order.has_keyless() => vec![all_keyed()],
        (None, false) => vec![all_keyed(), all_keyless()],
        (None, true) => vec![all_keyless(), all_keyed()],
        (Some(from), backward) if from.key.is_some() => {
            let backward = backward || !order.has_keyless();
            let near = keyed(format!("({column}, m.id) {sign} (?4, ?5)"), place(from));
            if backward {
                vec![near]
            } else {
                vec![near, all_keyless()]
            }
        }
        (Some(from), backward) => {
            let near = keyless(&format!(" AND m.id {sign} ?5 AND ?4 IS NULL"), place(from));
            if backward {
                vec![near, all_keyed()]
            } else {
                vec![near]
            }
        }
    }
}
