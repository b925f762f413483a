//! `FindRow`: the first row that is as a restriction says (STORE-16).

use mapi_provider_abi::mapi::{MAPI_E_NOT_FOUND, PR_INSTANCE_KEY};
use mapi_provider_abi::view::{PropValue, RelOp, Restriction};

use super::super::entry::{Entry, Kind, Name};
use super::super::facts::{Facts, RowFacts};
use super::super::fault::Result;
use super::super::matching::{Condition, compile};
use super::super::source::{Direction, RowId, Rows};
use super::position::{NEAR, origin_of};
use super::showing::HeadingFacts;
use super::{Body, View};

/// So many rows are looked at before a list is made of all.
const PAGE: usize = 128;

impl View {
    /// Finds a row from a bookmark on: forwards with the row at it, backwards from the one before. The cursor goes there.
    /// Tells whether the bookmark had lost its row.
    ///
    /// # Errors
    ///
    /// No row is so: `MAPI_E_NOT_FOUND`, and the cursor stays. There is no such bookmark, or the restriction can't be
    /// decided.
    pub(in super::super) fn find_row(
        &mut self,
        restriction: &Restriction<'_>,
        origin: usize,
        backwards: bool,
        rows: &dyn Rows,
    ) -> Result<bool> {
        self.settle_columns()?;
        let condition = compile(restriction, self.abilities.names)?;
        self.settle(rows)?;
        let sought = key_sought(restriction);
        let sorted = self.sorted_search(restriction).filter(|_| !backwards);
        if let Some(search) = &sorted
            && let Some(found) = self.find_in_index(search, &condition, origin, rows)?
        {
            return found;
        }
        if sought.is_none() && self.find_near(&condition, origin, backwards, rows)? {
            return Ok(false);
        }
        let (from, has_moved) = self.place(origin, rows)?;
        self.list(rows)?;
        let found = match (sought, &sorted) {
            (Some(key), _) => self.find_key(key, from, backwards),
            (None, Some(search)) => self.find_in_order(search, &condition, from, rows)?,
            (None, None) => self.find_in_list(&condition, from, backwards, rows)?,
        };
        let found = found.ok_or(MAPI_E_NOT_FOUND)?;
        self.list(rows)?.set_cursor(found);
        Ok(has_moved)
    }

    /// Looks at a few pages, so that what is near needs no list.
    fn find_near(
        &mut self,
        condition: &Condition,
        origin: usize,
        backwards: bool,
        rows: &dyn Rows,
    ) -> Result<bool> {
        let Body::Paged(paged) = &mut self.body else {
            return Ok(false);
        };
        let start = origin_of(paged, origin)?;
        let direction = match backwards {
            true => Direction::Backwards,
            false => Direction::Forwards,
        };
        let mut from = start.clone();
        let mut passed = 0;
        while passed < NEAR {
            let page = paged.page(&from, direction, PAGE, rows)?;
            for (number, row) in page.iter().enumerate() {
                if is_so(condition, *row, 0, false, rows)? {
                    let steps = passed + number + usize::from(backwards);
                    let (cursor, _) = paged.step(&start, direction, steps, rows)?;
                    paged.set_cursor(cursor);
                    return Ok(true);
                }
            }
            if page.len() < PAGE {
                return Err(MAPI_E_NOT_FOUND.into());
            }
            passed += page.len();
            from = paged.step(&from, direction, page.len(), rows)?.0;
        }
        Ok(false)
    }

    pub(super) fn find_in_list(
        &self,
        condition: &Condition,
        from: usize,
        backwards: bool,
        rows: &dyn Rows,
    ) -> Result<Option<usize>> {
        let Body::Listed(listed) = &self.body else {
            return Ok(None);
        };
        let outline = listed.outline();
        let has_instances = self.order.instances().is_some();
        let is_so = |(at, entry): (usize, Entry)| match entry.kind() {
            Kind::Leaf { row, instance, .. } => {
                is_so(condition, row, instance, has_instances, rows)
            }
            Kind::Heading { .. } => {
                let heading = HeadingFacts::new(rows, &self.order, outline, at)?;
                counted_holds(condition, &heading)
            }
        };
        if backwards {
            let before: Vec<(usize, Entry)> = outline.rows().take(from).collect();
            for (position, row) in before.into_iter().enumerate().rev() {
                if is_so(row)? {
                    return Ok(Some(position));
                }
            }
        } else {
            for (position, row) in (from..).zip(outline.rows_at(from)) {
                if is_so(row)? {
                    return Ok(Some(position));
                }
            }
        }
        Ok(None)
    }

    /// `PR_INSTANCE_KEY` can be sought in every table, and needs no look at other rows.
    fn find_key(&self, key: &[u8], from: usize, backwards: bool) -> Option<usize> {
        let Body::Listed(listed) = &self.body else {
            return None;
        };
        let name = Name::from_instance_key(key)?;
        let is_ours = name.instance_key(self.order.instances().is_some()) == key;
        let (_, position) = listed.outline().find(name).filter(|_| is_ours)?;
        position.filter(|position| (*position < from) == backwards)
    }
}

/// The instance key that a restriction asks for, and nothing else.
fn key_sought<'r>(restriction: &'r Restriction<'_>) -> Option<&'r [u8]> {
    match restriction {
        Restriction::Property {
            relop: RelOp::Eq,
            tag,
            property,
        } if *tag == PR_INSTANCE_KEY => match &property.value {
            PropValue::Binary(key) => Some(key),
            _ => None,
        },
        _ => None,
    }
}

pub(super) fn is_so(
    condition: &Condition,
    row: RowId,
    instance: usize,
    has_instances: bool,
    rows: &dyn Rows,
) -> Result<bool> {
    let Some(mut facts) = RowFacts::read(rows, row, condition.properties())? else {
        return Ok(false);
    };
    facts.key = Some(Name::Leaf(row, instance).instance_key(has_instances));
    counted_holds(condition, &facts)
}

/// A row that is looked for alone is the first of its kind.
fn counted_holds(condition: &Condition, facts: &dyn Facts) -> Result<bool> {
    condition.holds(facts, &mut condition.counters())
}
