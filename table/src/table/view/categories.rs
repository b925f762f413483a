//! Opening and closing categories, and keeping which are open (STORE-17). Nobody is told of rows that come or go by it.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use mapi_provider_abi::mapi::{MAPI_E_NO_SUPPORT, MAPI_E_NOT_FOUND, MAPI_E_UNABLE_TO_COMPLETE};
use mapi_provider_abi::view::Row;

use super::super::entry::{Kind, Name};
use super::super::fault::{Fault, Result};
use super::super::source::Rows;
use super::listed::Listed;
use super::{Body, View};

/// What a saved state begins with; the last number is its form.
const MAGIC: [u8; 4] = *b"MCS\x01";

impl View {
    /// `ExpandRow`: opens a category, and gives up to so many of the rows that come into view, and the number of all that
    /// do. The cursor is after the last row given, or after the heading.
    ///
    /// # Errors
    ///
    /// No heading that is shown has this key: `MAPI_E_NOT_FOUND`.
    pub(in super::super) fn expand_row(
        &mut self,
        key: &[u8],
        count: usize,
        rows: &dyn Rows,
    ) -> Result<(Vec<Row<'static>>, usize)> {
        self.settle_columns()?;
        let (at, position) = self.heading(key, rows)?;
        let listed = self.list(rows)?;
        let come = listed.set_expanded(at, position, true);
        let given = come.min(count);
        let first = position + 1;
        listed.set_cursor(first + given);
        let Body::Listed(listed) = &self.body else {
            return Ok((Vec::new(), come));
        };
        let showing = self.showing(rows);
        let outline = listed.outline();
        let shown = outline.rows_at(first).take(given);
        let shown: Result<Vec<_>> = shown.map(|(at, _)| showing.entry(outline, at)).collect();
        Ok((shown?, come))
    }

    /// `CollapseRow`: closes a category, and tells how many rows leave the view.
    ///
    /// # Errors
    ///
    /// No heading that is shown has this key: `MAPI_E_NOT_FOUND`.
    pub(in super::super) fn collapse_row(&mut self, key: &[u8], rows: &dyn Rows) -> Result<usize> {
        self.settle_columns()?;
        let (at, position) = self.heading(key, rows)?;
        Ok(self.list(rows)?.set_expanded(at, position, false))
    }

    /// Where a heading is: its entry, and its position.
    fn heading(&mut self, key: &[u8], rows: &dyn Rows) -> Result<(usize, usize)> {
        let name = Name::from_instance_key(key);
        let heading = name.filter(|name| matches!(name, Name::Heading(_)));
        // Without categories there is nothing to look for, and no list is made for it.
        if let Some(name) = heading.filter(|_| !self.order.levels().is_empty()) {
            let found = self.list(rows)?.outline().find(name);
            if let Some((at, Some(position))) = found {
                return Ok((at, position));
            }
        }
        Err(Fault::new(
            MAPI_E_NOT_FOUND,
            "no category that is shown has this key",
        ))
    }

    fn check_categories(&self) -> Result<()> {
        match self.order.levels().is_empty() {
            false => Ok(()),
            true => Err(Fault::new(MAPI_E_NO_SUPPORT, "the table has no categories")),
        }
    }

    /// `GetCollapseState`: which categories are open, and the row of a key.
    ///
    /// # Errors
    ///
    /// The table has no categories, or no such row.
    pub(in super::super) fn collapse_state(
        &mut self,
        key: &[u8],
        rows: &dyn Rows,
    ) -> Result<Vec<u8>> {
        self.settle_columns()?;
        self.check_categories()?;
        let order = self.order_digest();
        let at_first: Vec<bool> = self
            .order
            .levels()
            .iter()
            .map(|level| level.expanded)
            .collect();
        let listed = self.list(rows)?;
        let name = Name::from_instance_key(key);
        let known = name.filter(|name| listed.outline().find(*name).is_some());
        if known.is_none() {
            return Err(Fault::new(MAPI_E_NOT_FOUND, "no row has this key"));
        }
        let mut state = MAGIC.to_vec();
        state.extend(order.to_le_bytes());
        state.extend((key.len() as u32).to_le_bytes());
        state.extend(key);
        for (_, entry) in listed.outline().headings() {
            if let Kind::Heading {
                category,
                level,
                expanded,
                ..
            } = entry.kind()
                && at_first.get(level) != Some(&expanded)
            {
                state.extend(category.to_le_bytes());
                state.push(u8::from(expanded));
            }
        }
        Ok(state)
    }

    /// `SetCollapseState`: opens and closes as it was saved, and makes a bookmark at the row that was saved with it.
    ///
    /// # Errors
    ///
    /// It was saved of another order, or is none of ours: `MAPI_E_UNABLE_TO_COMPLETE`.
    pub(in super::super) fn set_collapse_state(
        &mut self,
        state: &[u8],
        rows: &dyn Rows,
    ) -> Result<usize> {
        self.settle_columns()?;
        self.check_categories()?;
        let state = Saved::read(state).filter(|state| state.order == self.order_digest());
        let Some(state) = state else {
            let text = "the state was saved of a table of another order";
            return Err(Fault::new(MAPI_E_UNABLE_TO_COMPLETE, text));
        };
        let at_first: Vec<bool> = self
            .order
            .levels()
            .iter()
            .map(|level| level.expanded)
            .collect();
        self.check_room(rows)?;
        let listed = self.list(rows)?;
        listed.open_as(|category, level| {
            let saved = state.open.get(&category).copied();
            saved.or(at_first.get(level).copied()).unwrap_or(true)
        });
        let position = position_of(listed, state.name);
        self.add_bookmark(position, rows)
    }

    /// What tells the order from others, and whether categories are told apart in the same way as here.
    fn order_digest(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        let set = self.order.told();
        for one in &set.orders {
            (one.tag.unicode().0, one.direction.code()).hash(&mut hasher);
        }
        (set.categories, set.expanded).hash(&mut hasher);
        hasher.finish()
    }
}

/// The position of a row, or of the nearest heading above it that is shown; of one that is gone the beginning.
fn position_of(listed: &Listed, name: Option<Name>) -> usize {
    let outline = listed.outline();
    let Some((at, position)) = name.and_then(|name| outline.find(name)) else {
        return 0;
    };
    let above = || {
        let headings = outline.above(at).into_iter().rev();
        let mut shown = headings.filter_map(|at| {
            let name = outline.entry(at)?.name();
            outline.find(name)?.1
        });
        shown.next()
    };
    position.or_else(above).unwrap_or(0)
}

/// A state, taken apart.
struct Saved {
    order: u64,
    name: Option<Name>,
    open: HashMap<u64, bool>,
}

impl Saved {
    fn read(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(&MAGIC)?;
        let (order, rest) = rest.split_first_chunk::<8>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let (key, rest) = rest.split_at_checked(length)?;
        let (open, rest) = rest.as_chunks::<9>();
        if !rest.is_empty() {
            return None;
        }
        let category = |bytes: &[u8; 9]| {
            let (category, expanded) = bytes.split_first_chunk::<8>()?;
            Some((u64::from_le_bytes(*category), expanded == [1]))
        };
        Some(Self {
            order: u64::from_le_bytes(*order),
            name: Name::from_instance_key(key),
            open: open.iter().map(category).collect::<Option<_>>()?,
        })
    }
}

impl Listed {
    /// Opens and closes all headings. Cursor and bookmarks stay before their rows.
    fn open_as(&mut self, is_open: impl Fn(u64, usize) -> bool) {
        let old = self.outline().clone();
        self.outline_mut().open_as(is_open);
        self.follow_from(&old);
    }
}
