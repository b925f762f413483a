//! A table as its user has set it up: columns, restriction, order, and where he is in it. It follows its source.

mod categories;
mod columns;
mod find;
mod follow;
mod listed;
mod paged;
mod position;
mod showing;
mod sorted;
#[cfg(test)]
mod tests;

use mapi_provider_abi::mapi::{MAPI_E_TOO_COMPLEX, PropTag};
use mapi_provider_abi::view::{Restriction, Row, SortOrderSet, TableEvent};

pub use self::position::{Position, Sought};

use self::listed::Listed;
use self::paged::Paged;
use self::showing::Showing;
use super::build::Plan;
use super::fault::{Fault, Result};
use super::matching::{Condition, compile};
use super::order::Order;
use super::source::{Abilities, Index, Rows, Source};
use super::value::Style;

/// A table as its user has set it up. It holds no rows until it must (STORE-20).
pub(super) struct View {
    abilities: Abilities,
    is_unicode: bool,
    columns: Vec<PropTag>,
    /// Columns that go into effect with the next call (STORE-18).
    put_off: Option<Vec<PropTag>>,
    default_order: Order,
    order: Order,
    condition: Option<Condition>,
    body: Body,
    next_bookmark: usize,
    /// The version of the source that the body is of.
    version: u64,
    /// Somebody wants to hear of changes.
    is_telling: bool,
    /// What they have not been told yet.
    events: Vec<TableEvent<'static>>,
}

/// What a view knows of its rows, and where its cursor is.
enum Body {
    /// Nothing: the cursor is at the beginning.
    Unread,
    /// Its source has them in order.
    Paged(Paged),
    /// It has a list of its own.
    Listed(Listed),
}

/// No text for `Debug` of the body: it may be large.
impl std::fmt::Debug for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("View")
            .field("columns", &self.columns)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

impl View {
    /// A view of all rows, in the source's own columns and order.
    ///
    /// # Errors
    ///
    /// The source's order is none that tables have.
    pub(super) fn new(source: &dyn Source, is_unicode: bool) -> Result<Self> {
        let columns = source.columns().into_iter();
        let width = |tag: PropTag| {
            if is_unicode {
                tag.unicode()
            } else {
                tag.ansi()
            }
        };
        let default_order = Order::new(source.default_order())?;
        Ok(Self {
            abilities: source.abilities(),
            is_unicode,
            columns: columns.map(width).collect(),
            put_off: None,
            order: default_order.clone(),
            default_order,
            condition: None,
            body: Body::Unread,
            next_bookmark: position::FIRST_BOOKMARK,
            version: 0,
            is_telling: false,
            events: Vec::new(),
        })
    }

    /// Finds out what has to be known of the rows, if it is not known yet.
    fn settle(&mut self, rows: &dyn Rows) -> Result<()> {
        if !matches!(self.body, Body::Unread) {
            return Ok(());
        }
        self.body = match self.index(rows) {
            Some(index) => Body::Paged(Paged::new(index, &self.order)),
            None => Body::Listed(Listed::new(self.plan(&|_| None).build(rows)?)),
        };
        self.version = rows.version();
        Ok(())
    }

    /// The source's index that has what is shown in order.
    fn index(&self, rows: &dyn Rows) -> Option<Index> {
        match self.condition {
            None => rows.index(self.order.as_index()?),
            Some(_) => None,
        }
    }

    /// The view with a list of its own. The cursor stays where it is.
    fn list(&mut self, rows: &dyn Rows) -> Result<&mut Listed> {
        self.settle(rows)?;
        if let Body::Paged(paged) = &mut self.body {
            let cursor = paged.position(rows)?;
            let mut listed = Listed::new(paged.all(rows)?);
            listed.set_cursor(cursor);
            self.body = Body::Listed(listed);
        }
        match &mut self.body {
            Body::Listed(listed) => Ok(listed),
            // Settled, and no pages any more.
            Body::Unread | Body::Paged(_) => Err(MAPI_E_TOO_COMPLEX.into()),
        }
    }

    fn plan<'a>(&'a self, is_expanded: &'a dyn Fn(u64) -> Option<bool>) -> Plan<'a> {
        Plan {
            order: &self.order,
            condition: self.condition.as_ref(),
            is_expanded,
        }
    }

    fn showing<'a>(&'a self, rows: &'a dyn Rows) -> Showing<'a> {
        Showing::new(rows, &self.columns, &self.order, self.style())
    }

    fn style(&self) -> Style {
        Style {
            is_unicode: self.is_unicode,
            // AB-06: the beginning of an entry ID is another one.
            cuts: !self.abilities.names,
        }
    }

    /// `Restrict`: shows only rows that a restriction holds for, from the first one on. Bookmarks are void (STORE-14).
    ///
    /// # Errors
    ///
    /// It can't be decided: `MAPI_E_TOO_COMPLEX`. The old one stays then (AB-18).
    pub(super) fn restrict(
        &mut self,
        restriction: Option<&Restriction<'_>>,
        rows: &dyn Rows,
    ) -> Result<()> {
        self.settle_columns()?;
        let condition = restriction.map(|one| compile(one, self.abilities.names));
        let old = std::mem::replace(&mut self.condition, condition.transpose()?);
        self.begin_anew(rows).inspect_err(|_| self.condition = old)
    }

    /// Whether a restriction can be decided.
    ///
    /// # Errors
    ///
    /// `MAPI_E_TOO_COMPLEX`.
    pub(super) fn check(&self, restriction: &Restriction<'_>) -> Result<()> {
        compile(restriction, self.abilities.names).map(drop)
    }

    /// Columns that were put off go into effect, or are refused and forgotten.
    ///
    /// # Errors
    ///
    /// They are refused.
    pub(super) fn settle_put_off(&mut self) -> Result<()> {
        self.settle_columns()
    }

    /// The rows are others: nothing is known of them.
    pub(super) fn forget(&mut self) {
        self.body = Body::Unread;
        self.version = 0;
    }

    /// `SortTable`: goes to the first row of a new order; without columns it is the source's own. Bookmarks are void
    /// (STORE-14).
    ///
    /// # Errors
    ///
    /// Tables don't have such an order: `MAPI_E_TOO_COMPLEX`. The old one stays then.
    pub(super) fn sort(&mut self, set: SortOrderSet, rows: &dyn Rows) -> Result<()> {
        if set.categories > 0 && !self.abilities.categories {
            let text = "the rows of this table can't be grouped";
            return Err(Fault::new(MAPI_E_TOO_COMPLEX, text));
        }
        let order = match set.orders.is_empty() {
            true => self.default_order.clone(),
            false => Order::new(set)?,
        };
        let old = std::mem::replace(&mut self.order, order);
        let columns = self.settle_columns();
        let settled = columns.and_then(|()| self.begin_anew(rows));
        settled.inspect_err(|_| self.order = old)
    }

    /// Whether nothing is known of any row, and nobody wants to hear of one: then how the view is set up has nothing to do
    /// with the rows, and they need not be looked at for it.
    pub(super) fn is_untouched(&self) -> bool {
        matches!(self.body, Body::Unread) && !self.is_telling
    }

    /// `QuerySortOrder`.
    ///
    /// # Errors
    ///
    /// Columns that were put off are refused now.
    pub(super) fn sort_order(&mut self) -> Result<SortOrderSet> {
        self.settle_columns()?;
        Ok(self.order.told())
    }

    /// Forgets the rows. Who wants to hear of changes needs them at once, else it waits until somebody asks.
    fn begin_anew(&mut self, rows: &dyn Rows) -> Result<()> {
        let old = std::mem::replace(&mut self.body, Body::Unread);
        if self.is_telling {
            self.settle(rows).inspect_err(|_| self.body = old)?;
        }
        Ok(())
    }

    /// From now on changes are kept to be told (STORE-40: of a table that nobody has read from, too).
    ///
    /// # Errors
    ///
    /// The rows can't be read.
    pub(super) fn start_telling(&mut self, rows: &dyn Rows) -> Result<()> {
        if !self.is_telling {
            self.settle(rows)?;
            self.is_telling = true;
        }
        Ok(())
    }

    /// Nobody wants to be told any more.
    pub(super) fn stop_telling(&mut self) {
        self.is_telling = false;
        self.events.clear();
    }

    /// What has to be told, in this order.
    pub(super) fn take_events(&mut self) -> Vec<TableEvent<'static>> {
        std::mem::take(&mut self.events)
    }

    /// `GetRowCount`.
    ///
    /// # Errors
    ///
    /// The rows can't be read.
    pub(super) fn row_count(&mut self, rows: &dyn Rows) -> Result<usize> {
        self.settle_columns()?;
        self.len(rows)
    }

    fn len(&mut self, rows: &dyn Rows) -> Result<usize> {
        self.settle(rows)?;
        match &self.body {
            Body::Listed(listed) => Ok(listed.outline().len()),
            Body::Unread | Body::Paged(_) => rows.count(),
        }
    }

    /// `QueryRows`: so many rows from the cursor on, or up to it where the count is negative; always in the order of the
    /// table (STORE-13). Without `advance` the cursor is then before the first of them, else after the last.
    ///
    /// # Errors
    ///
    /// The rows can't be read; the cursor stays.
    pub(super) fn query_rows(
        &mut self,
        count: i32,
        advance: bool,
        rows: &dyn Rows,
    ) -> Result<Vec<Row<'static>>> {
        self.accept_columns();
        self.settle(rows)?;
        let wanted = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
        let style = self.style();
        match &mut self.body {
            Body::Listed(listed) => {
                let (from, to) = listed.range(count < 0, wanted);
                let entries = listed.outline().rows_at(from).take(to - from);
                let entries: Vec<usize> = entries.map(|(at, _)| at).collect();
                let showing = Showing::new(rows, &self.columns, &self.order, style);
                let entry = |at: usize| showing.entry(listed.outline(), at);
                let shown = entries.into_iter().map(entry).collect::<Result<_>>()?;
                listed.set_cursor(if advance { to } else { from });
                Ok(shown)
            }
            Body::Paged(paged) => {
                let showing = Showing::new(rows, &self.columns, &self.order, style);
                let leaf = |row, values| showing.leaf_of(row, 0, values);
                let properties = showing.properties();
                let (shown, cursor) =
                    paged.query(count < 0, wanted, advance, properties, rows, leaf)?;
                paged.set_cursor(cursor);
                Ok(shown)
            }
            Body::Unread => Ok(Vec::new()),
        }
    }

    /// The bytes of the view's list, if it has one.
    #[cfg(test)]
    pub(super) fn list_bytes(&self) -> Option<usize> {
        match &self.body {
            Body::Listed(listed) => Some(listed.outline().bytes()),
            Body::Unread | Body::Paged(_) => None,
        }
    }
}
