//! A table, as safe code has it: a source, and how its user looks at it.

use std::sync::Arc;

use mapi_provider_abi::mapi::{
    MAPI_E_CALL_FAILED, MAPI_E_INVALID_PARAMETER, MAPI_E_NO_SUPPORT, PropTag,
};
use mapi_provider_abi::view::{Restriction, Row, SortOrderSet, TableEvent};

use super::fault::{Fault, Result};
use super::source::{Changes, PropId, RowId, Rows, Source, Values};
use super::view::{Position, Sought, View};

/// A table of a source's rows. Each method works on the rows as they are then, and first takes in what was committed
/// meanwhile.
///
/// Errors are those that `IMAPITable` has for it, each with a text; those of the source come through.
#[derive(Debug)]
pub struct Table {
    source: Held,
    /// All rows, while the source has those that a restriction may find.
    whole: Option<Held>,
    pub(super) view: View,
}

struct Held(Arc<dyn Source>);

/// The rows of a table that are not asked for.
struct NoRows;

impl Rows for NoRows {
    fn version(&self) -> u64 {
        0
    }

    fn changes(&self, _: u64) -> Result<Changes> {
        Ok(Changes::Unknown)
    }

    fn count(&self) -> Result<usize> {
        Ok(0)
    }

    fn read(&self, _: RowId, _: &[PropId]) -> Result<Option<Values>> {
        Ok(None)
    }

    fn scan(
        &self,
        _: Option<&[RowId]>,
        _: &[PropId],
        _: &mut dyn FnMut(RowId, Values) -> Result<()>,
    ) -> Result<()> {
        Ok(())
    }

    fn tags(&self) -> Result<Vec<PropTag>> {
        Ok(Vec::new())
    }
}

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Source")
    }
}

impl Table {
    /// A table of all rows, in the source's own columns and order. `is_unicode` is the width of strings where a column does
    /// not say (AB-16).
    ///
    /// # Errors
    ///
    /// The source's own order is none that tables have.
    pub fn new(source: Arc<dyn Source>, is_unicode: bool) -> Result<Self> {
        let view = View::new(&*source, is_unicode)?;
        Ok(Self {
            source: Held(source),
            whole: None,
            view,
        })
    }

    /// The source of all rows, whatever they are restricted to.
    pub fn whole(&self) -> &Arc<dyn Source> {
        &self.whole.as_ref().unwrap_or(&self.source).0
    }

    /// The source.
    pub fn source(&self) -> &Arc<dyn Source> {
        &self.source.0
    }

    /// Works with the rows as they are now.
    fn with<T>(&mut self, work: impl FnOnce(&mut View, &dyn Rows) -> Result<T>) -> Result<T> {
        let (mut work, mut result) = (Some(work), None);
        let view = &mut self.view;
        self.source.0.look(&mut |rows| {
            if let Some(work) = work.take() {
                view.refresh(rows)?;
                result = Some(work(view, rows)?);
            }
            Ok(())
        })?;
        result.ok_or_else(|| Fault::new(MAPI_E_CALL_FAILED, "the source has shown no rows"))
    }

    /// Changes how the view is set up. Of one that nobody has looked through yet no row is looked at (STORE-20).
    fn set_up(&mut self, work: impl FnOnce(&mut View, &dyn Rows) -> Result<()>) -> Result<()> {
        match self.view.is_untouched() {
            true => work(&mut self.view, &NoRows),
            false => self.with(work),
        }
    }

    /// Takes in what was committed, so that [`take_events`](Self::take_events) has it.
    ///
    /// # Errors
    ///
    /// The rows can't be read.
    pub fn refresh(&mut self) -> Result<()> {
        self.with(|_, _| Ok(()))
    }

    /// `SetColumns` (STORE-11, STORE-18). With `put_off` (`TBL_BATCH`) columns that the order has to allow are looked at with
    /// the next call.
    ///
    /// # Errors
    ///
    /// `MAPI_E_INVALID_PARAMETER`: there are none. `MAPI_E_TOO_COMPLEX`: one has a row for each value, and the order has not.
    pub fn set_columns(&mut self, columns: Vec<PropTag>, put_off: bool) -> Result<()> {
        self.set_up(|view, _| view.set_columns(columns, put_off))
    }

    /// `QueryColumns`: the columns, or `all` that there could be.
    ///
    /// # Errors
    ///
    /// The rows can't be read.
    pub fn query_columns(&mut self, all: bool) -> Result<Vec<PropTag>> {
        self.with(|view, rows| view.query_columns(all, rows))
    }

    /// `Restrict`; none lifts the restriction (STORE-15).
    ///
    /// # Errors
    ///
    /// `MAPI_E_TOO_COMPLEX`: it can't be decided. The table stays as it is.
    pub fn restrict(&mut self, restriction: Option<&Restriction<'_>>) -> Result<()> {
        self.set_up(|view, rows| view.restrict(restriction, rows))
    }

    /// Whether a restriction can be decided.
    ///
    /// # Errors
    ///
    /// `MAPI_E_TOO_COMPLEX`: it can't (AB-18).
    pub fn check(&self, restriction: &Restriction<'_>) -> Result<()> {
        self.view.check(restriction)
    }

    /// [`restrict`](Self::restrict) with what [`Source::narrowed`] has given for it: rows that all rows need not have.
    ///
    /// # Errors
    ///
    /// Those of `restrict`. The table stays as it is.
    pub fn restrict_to(
        &mut self,
        narrowed: Option<Arc<dyn Source>>,
        restriction: Option<&Restriction<'_>>,
    ) -> Result<()> {
        if let Some(restriction) = restriction {
            self.check(restriction)?;
        }
        if narrowed.is_some() || self.whole.is_some() {
            self.view.settle_put_off()?;
            let whole = Arc::clone(self.whole());
            self.whole = narrowed.is_some().then(|| Held(Arc::clone(&whole)));
            self.source = Held(narrowed.unwrap_or(whole));
            self.view.forget();
        }
        self.restrict(restriction)
    }

    /// `SortTable`; an order without columns is the source's own (STORE-14, STORE-17).
    ///
    /// # Errors
    ///
    /// `MAPI_E_TOO_COMPLEX`: tables have no such order. The table stays as it is.
    pub fn sort(&mut self, order: SortOrderSet) -> Result<()> {
        self.set_up(|view, rows| view.sort(order, rows))
    }

    /// `QuerySortOrder`.
    ///
    /// # Errors
    ///
    /// Columns that were put off are refused now.
    pub fn sort_order(&mut self) -> Result<SortOrderSet> {
        self.with(|view, _| view.sort_order())
    }

    /// `GetRowCount`: of the rows that are shown.
    ///
    /// # Errors
    ///
    /// The rows can't be read.
    pub fn row_count(&mut self) -> Result<usize> {
        self.with(View::row_count)
    }

    /// `QueryRows` (STORE-13): forwards from the cursor, or with a negative count the rows before it; in the order of the
    /// table. Without `advance` the cursor is then before the first of them, else after the last.
    ///
    /// # Errors
    ///
    /// `MAPI_E_INVALID_PARAMETER`: the count is 0. Then, and where the rows can't be read, the cursor stays.
    pub fn query_rows(&mut self, count: i32, advance: bool) -> Result<Vec<Row<'static>>> {
        if count == 0 {
            let text = "no rows at all are no rows to read";
            return Err(Fault::new(MAPI_E_INVALID_PARAMETER, text));
        }
        self.with(|view, rows| view.query_rows(count, advance, rows))
    }

    /// `SeekRow`: so many rows from a bookmark, no further than there are rows.
    ///
    /// # Errors
    ///
    /// `MAPI_E_INVALID_BOOKMARK`: there is none of this number.
    pub fn seek_row(&mut self, origin: usize, count: i32) -> Result<Sought> {
        self.with(|view, rows| view.seek_row(origin, count, rows))
    }

    /// `SeekRowApprox`: a part of the way through the table.
    ///
    /// # Errors
    ///
    /// `MAPI_E_INVALID_PARAMETER`: the denominator is 0.
    pub fn seek_row_approx(&mut self, numerator: u32, denominator: u32) -> Result<()> {
        self.with(|view, rows| view.seek_row_approx(numerator, denominator, rows))
    }

    /// `QueryPosition`.
    ///
    /// # Errors
    ///
    /// The rows can't be read.
    pub fn query_position(&mut self) -> Result<Position> {
        self.with(View::query_position)
    }

    /// `FindRow` (STORE-16). Tells whether the bookmark had lost its row (`MAPI_W_POSITION_CHANGED`).
    ///
    /// # Errors
    ///
    /// `MAPI_E_NOT_FOUND`: no row is so, and the cursor stays. `MAPI_E_INVALID_BOOKMARK`, `MAPI_E_TOO_COMPLEX`.
    pub fn find_row(
        &mut self,
        restriction: &Restriction<'_>,
        origin: usize,
        backwards: bool,
    ) -> Result<bool> {
        self.with(|view, rows| view.find_row(restriction, origin, backwards, rows))
    }

    /// `CreateBookmark`: at the cursor.
    ///
    /// # Errors
    ///
    /// `MAPI_E_NO_SUPPORT`: the table has none. `MAPI_E_UNABLE_TO_COMPLETE`: it has 1,000.
    pub fn create_bookmark(&mut self) -> Result<usize> {
        self.with(View::create_bookmark)
    }

    /// `FreeBookmark`. The three that are always there stay.
    ///
    /// # Errors
    ///
    /// `MAPI_E_INVALID_BOOKMARK`: there is none of this number.
    pub fn free_bookmark(&mut self, number: usize) -> Result<()> {
        self.with(|view, _| view.free_bookmark(number))
    }

    /// `ExpandRow` (STORE-17): up to so many of the rows that come into view, and the number of all that do.
    ///
    /// # Errors
    ///
    /// `MAPI_E_NOT_FOUND`: no heading that is shown has this key.
    pub fn expand_row(&mut self, key: &[u8], count: usize) -> Result<(Vec<Row<'static>>, usize)> {
        self.with(|view, rows| view.expand_row(key, count, rows))
    }

    /// `CollapseRow` (STORE-17): how many rows leave the view.
    ///
    /// # Errors
    ///
    /// `MAPI_E_NOT_FOUND`: no heading that is shown has this key.
    pub fn collapse_row(&mut self, key: &[u8]) -> Result<usize> {
        self.with(|view, rows| view.collapse_row(key, rows))
    }

    /// `GetCollapseState`: which categories are open, with the row of a key.
    ///
    /// # Errors
    ///
    /// `MAPI_E_NO_SUPPORT`: there are no categories. `MAPI_E_NOT_FOUND`: no row has this key.
    pub fn collapse_state(&mut self, key: &[u8]) -> Result<Vec<u8>> {
        self.with(|view, rows| view.collapse_state(key, rows))
    }

    /// `SetCollapseState`: a bookmark at the row that was saved.
    ///
    /// # Errors
    ///
    /// `MAPI_E_UNABLE_TO_COMPLETE`: it was saved of a table of another order.
    pub fn set_collapse_state(&mut self, state: &[u8]) -> Result<usize> {
        self.with(|view, rows| view.set_collapse_state(state, rows))
    }

    /// Whether the table tells changes at all.
    ///
    /// # Errors
    ///
    /// `MAPI_E_NO_SUPPORT`: it tells none.
    pub fn check_telling(&self) -> Result<()> {
        match self.source.0.abilities().notifications {
            true => Ok(()),
            false => Err(Fault::new(MAPI_E_NO_SUPPORT, "this table tells no changes")),
        }
    }

    /// From now on changes are kept, to be told (STORE-40).
    ///
    /// # Errors
    ///
    /// `MAPI_E_NO_SUPPORT`: this table tells none. The rows can't be read.
    pub fn start_telling(&mut self) -> Result<()> {
        self.check_telling()?;
        self.with(|view, rows| view.start_telling(rows))
    }

    /// Nobody wants to be told any more.
    pub fn stop_telling(&mut self) {
        self.view.stop_telling();
    }

    /// What has to be told, in this order; once.
    pub fn take_events(&mut self) -> Vec<TableEvent<'static>> {
        self.view.take_events()
    }
}
