//! Reading tables.

use std::iter::FusedIterator;
use std::vec;

use super::calls::{Object, TableOf};
use super::error::StoreError;
use super::row::Row;
use mapi_provider_abi::mapi::{IMAPITable, MAPI_E_NO_SUPPORT, PropTag};
use mapi_provider_abi::view::{self, Restriction, SortDirection, SortOrder, SortOrderSet};

/// How many rows are fetched at a time.
const BATCH: u16 = 256;

/// What to read from a table: which columns, which rows, in which order. [`rows`](Self::rows) reads it.
///
/// A query can be used repeatedly; each time it opens the table again, and sees its current state.
///
/// ```
/// use mapi_provider::abi::{PR_ENTRYID, PR_MESSAGE_DELIVERY_TIME, PR_SUBJECT_W};
/// use mapi_provider::store::{Folder, StoreError};
/// use mapi_provider::view::{Restriction, SortDirection};
///
/// /// The subjects of the messages that have one, latest first.
/// fn subjects(inbox: &Folder) -> Result<Vec<String>, StoreError> {
///     let query = inbox
///         .messages()
///         .columns(&[PR_ENTRYID, PR_SUBJECT_W])
///         .restrict(Restriction::Exist(PR_SUBJECT_W))
///         .sort(PR_MESSAGE_DELIVERY_TIME, SortDirection::Descend);
///     let mut subjects = Vec::new();
///     for row in query.rows()? {
///         subjects.extend(row?.text(PR_SUBJECT_W));
///     }
///     Ok(subjects)
/// }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a query does nothing before its rows are asked for"]
pub struct Query<'run> {
    table: TableOf<'run>,
    columns: Vec<PropTag>,
    every_column: bool,
    order: SortOrderSet,
    restriction: Option<Restriction<'static>>,
}

impl<'run> Query<'run> {
    pub(super) fn new(table: TableOf<'run>) -> Self {
        Self {
            table,
            columns: Vec::new(),
            every_column: false,
            order: SortOrderSet::default(),
            restriction: None,
        }
    }

    /// Sets the properties that rows have; by default the store chooses.
    ///
    /// A table may cut strings and binary values off at 255 characters or bytes: read the object itself for the whole.
    pub fn columns(mut self, tags: &[PropTag]) -> Self {
        self.columns = tags.to_vec();
        self
    }

    /// All columns that the table has, and not those alone that it shows by itself.
    #[cfg(feature = "transport")]
    pub(crate) fn all_columns(mut self) -> Self {
        self.every_column = true;
        self
    }

    /// Shows only the rows that meet a condition.
    pub fn restrict(mut self, restriction: Restriction<'_>) -> Self {
        self.restriction = Some(restriction.into_owned());
        self
    }

    /// Sorts by a column; a further call sorts rows with equal values by another one. Not all tables can.
    pub fn sort(mut self, tag: PropTag, direction: SortDirection) -> Self {
        self.order.orders.push(SortOrder { tag, direction });
        self
    }

    /// Opens the table, and returns its rows one by one; they are fetched a hundred at a time.
    ///
    /// Rows are as they were when they were fetched. If you change the folder meanwhile, you may miss some or see some
    /// twice, so first collect what you want to move or delete.
    ///
    /// # Errors
    ///
    /// The table can’t be opened, restricted or sorted in this way.
    pub fn rows(&self) -> Result<Rows<'run>, StoreError> {
        let table = self.open()?;
        if self.every_column {
            table.set_columns(&table.query_columns()?)?;
        } else if !self.columns.is_empty() {
            table.set_columns(&self.columns)?;
        }
        if !self.order.orders.is_empty() {
            table.sort(&self.order)?;
        }
        Ok(Rows {
            table: Some(table),
            fetched: Vec::new().into_iter(),
        })
    }

    /// The first row, if there is one.
    ///
    /// # Errors
    ///
    /// Those of [`rows`](Self::rows), or the row can’t be read.
    pub fn first(&self) -> Result<Option<Row>, StoreError> {
        self.rows()?.next().transpose()
    }

    /// How many rows there are.
    ///
    /// # Errors
    ///
    /// The table can’t be opened, restricted or read.
    pub fn count(&self) -> Result<usize, StoreError> {
        match self.open()?.row_count() {
            Ok(count) => Ok(count as usize),
            Err(error) if error.is_any_of(&[MAPI_E_NO_SUPPORT]) => self
                .rows()?
                .try_fold(0, |count, row| row.map(|_| count + 1)),
            Err(error) => Err(error),
        }
    }

    fn open(&self) -> Result<Object<'run, IMAPITable>, StoreError> {
        let table = self.table.open()?;
        if let Some(restriction) = &self.restriction {
            table.restrict(restriction)?;
        }
        Ok(table)
    }
}

/// The rows of a table, from [`Query::rows`]. After an error there are no more.
#[derive(Debug)]
pub struct Rows<'run> {
    /// `None` once everything is read.
    table: Option<Object<'run, IMAPITable>>,
    fetched: vec::IntoIter<view::Row<'static>>,
}

impl<'run> Iterator for Rows<'run> {
    type Item = Result<Row, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.fetched.len() == 0 {
            match self.table.as_ref()?.query_rows(BATCH) {
                Ok(rows) => self.fetched = rows.into_iter(),
                Err(error) => {
                    self.table = None;
                    return Some(Err(error));
                }
            }
        }
        let next = self.fetched.next();
        if next.is_none() {
            self.table = None;
        }
        next.map(|row| Ok(row.into()))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.fetched.len(), None)
    }
}

impl<'run> FusedIterator for Rows<'run> {}
