//! Rows as a client sees them: values in the columns of the moment (STORE-10, STORE-11).

use std::borrow::Cow;

use mapi_provider_abi::mapi::{
    PR_CONTENT_COUNT, PR_CONTENT_UNREAD, PR_DEPTH, PR_INSTANCE_KEY, PR_ROW_TYPE, PropTag,
    TBL_COLLAPSED_CATEGORY, TBL_EXPANDED_CATEGORY, TBL_LEAF_ROW,
};
use mapi_provider_abi::view::{PropValue, Property, Row};

use super::super::entry::{Entry, Kind, Name};
use super::super::facts::{Facts, RowFacts, is_own, is_value};
use super::super::fault::Result;
use super::super::order::{Extreme, Order};
use super::super::outline::Outline;
use super::super::source::{Parts, PropId, RowId, Rows, Values};
use super::super::value::{self, Style, shown};

/// How rows are shown.
pub(super) struct Showing<'a> {
    rows: &'a dyn Rows,
    columns: &'a [PropTag],
    properties: Vec<PropId>,
    sources: Vec<From>,
    order: &'a Order,
    style: Style,
}

impl<'a> Showing<'a> {
    pub(super) fn new(
        rows: &'a dyn Rows,
        columns: &'a [PropTag],
        order: &'a Order,
        style: Style,
    ) -> Self {
        let properties = properties_of(columns);
        Self {
            rows,
            columns,
            sources: sources_of(columns, &properties, order),
            properties,
            order,
            style,
        }
    }

    /// The properties that are shown, of those that the source knows.
    pub(super) fn properties(&self) -> &[PropId] {
        &self.properties
    }

    /// What tells a row from others of its table.
    pub(super) fn instance_key(&self, name: Name) -> Vec<u8> {
        name.instance_key(self.order.instances().is_some())
    }

    /// A row of a list.
    pub(super) fn entry(&self, outline: &Outline, at: usize) -> Result<Row<'static>> {
        match outline.entry(at).map(Entry::kind) {
            Some(Kind::Leaf { row, instance, .. }) => self.leaf(row, instance),
            Some(Kind::Heading { .. }) => {
                let heading = HeadingFacts::new(self.rows, self.order, outline, at)?;
                Ok(self.row(&heading, 0))
            }
            None => Ok(Row::default()),
        }
    }

    /// A row of the source. One that is gone by now has no values.
    pub(super) fn leaf(&self, row: RowId, instance: usize) -> Result<Row<'static>> {
        let values = self.rows.read(row, &self.properties)?;
        let missing = || self.properties.iter().map(|_| None).collect();
        Ok(self.leaf_of(row, instance, values.unwrap_or_else(missing)))
    }

    /// The same of one whose values are known: those of [`properties`](Self::properties), in their order. There may be more
    /// behind them.
    pub(super) fn leaf_of(&self, row: RowId, instance: usize, mut values: Values) -> Row<'static> {
        let mut value_from = |from| match from {
            From::Key => Some(PropValue::from(
                self.instance_key(Name::Leaf(row, instance)),
            )),
            From::RowType => Some(PropValue::Long(TBL_LEAF_ROW as i32)),
            From::Depth => Some(number(self.order.levels().len()).into_owned()),
            From::Value(place, true) => values.get_mut(place)?.take().filter(is_value),
            From::Value(place, false) => values.get(place)?.clone().filter(is_value),
        };
        let mut shown = Vec::with_capacity(self.columns.len());
        for (tag, from) in self.columns.iter().zip(&self.sources) {
            shown.push(self.property_of(value_from(*from), *tag, instance));
        }
        Row::from(shown)
    }

    fn row(&self, facts: &dyn Facts, instance: usize) -> Row<'static> {
        let property = |tag: &PropTag| self.property(facts, *tag, instance);
        Row::from(self.columns.iter().map(property).collect::<Vec<_>>())
    }

    fn property(&self, facts: &dyn Facts, tag: PropTag, instance: usize) -> Property<'static> {
        let value = facts.value(tag.id()).map(Cow::into_owned);
        self.property_of(value, tag, instance)
    }

    fn property_of(
        &self,
        value: Option<PropValue<'static>>,
        tag: PropTag,
        instance: usize,
    ) -> Property<'static> {
        let is_one_of = self.order.has_instances_of(tag);
        shown(value, tag, self.style, is_one_of.then_some(instance))
    }
}

/// The properties that columns show, each once, but what the table itself knows.
fn properties_of(columns: &[PropTag]) -> Vec<PropId> {
    let ids = columns.iter().map(|tag| tag.id());
    let mut properties: Vec<PropId> = ids.filter(|id| !is_own(*id)).collect();
    properties.sort_unstable();
    properties.dedup();
    properties
}

/// Where a row of the source has what a column shows.
#[derive(Debug, Clone, Copy)]
enum From {
    /// The table itself knows it.
    Key,
    RowType,
    /// Below so many headings.
    Depth,
    /// The place among the values, and whether no later column shows it: whoever shows a value last takes it. Most are text,
    /// which is not copied then.
    Value(usize, bool),
}

/// Where rows have what the columns show.
fn sources_of(columns: &[PropTag], properties: &[PropId], order: &Order) -> Vec<From> {
    let source = |(at, tag): (usize, &PropTag)| {
        let id = tag.id();
        if id == PR_INSTANCE_KEY.id() {
            return From::Key;
        }
        if id == PR_ROW_TYPE.id() {
            return From::RowType;
        }
        if id == PR_DEPTH.id() && !order.levels().is_empty() {
            return From::Depth;
        }
        let place = properties.binary_search(&id).unwrap_or(usize::MAX);
        From::Value(
            place,
            columns[at + 1..].iter().all(|later| later.id() != id),
        )
    };
    columns.iter().enumerate().map(source).collect()
}

/// The heading of a category (STORE-17).
pub(super) struct HeadingFacts(Vec<(PropId, PropValue<'static>)>);

impl HeadingFacts {
    /// The heading at an entry of a list.
    pub(super) fn new(
        rows: &dyn Rows,
        order: &Order,
        outline: &Outline,
        at: usize,
    ) -> Result<Self> {
        let mut heading = Self(Vec::new());
        let Some(entry) = outline.entry(at) else {
            return Ok(heading);
        };
        if let Kind::Heading {
            level, expanded, ..
        } = entry.kind()
        {
            let (count, unread) = outline.content(at);
            let row_type = if expanded {
                TBL_EXPANDED_CATEGORY
            } else {
                TBL_COLLAPSED_CATEGORY
            };
            heading.put(PR_CONTENT_COUNT, number(count).into_owned());
            heading.put(PR_CONTENT_UNREAD, number(unread).into_owned());
            heading.put(PR_DEPTH, number(level).into_owned());
            heading.put(PR_ROW_TYPE, number(row_type as usize).into_owned());
            let key = entry.name().instance_key(order.instances().is_some());
            heading.put(PR_INSTANCE_KEY, PropValue::from(key));
            heading.put_keys(rows, order, outline, at, level)?;
        }
        Ok(heading)
    }

    fn put(&mut self, tag: PropTag, value: PropValue<'static>) {
        self.0.push((tag.id(), value));
    }

    /// The key columns of the category and of those that it is in, as its first row has them.
    fn put_keys(
        &mut self,
        rows: &dyn Rows,
        order: &Order,
        outline: &Outline,
        at: usize,
        level: usize,
    ) -> Result<()> {
        let first = outline.first_leaf(at).map(Entry::kind);
        let Some(Kind::Leaf { row, instance, .. }) = first else {
            return Ok(());
        };
        let properties = order.properties();
        let Some(facts) = RowFacts::read(rows, row, &properties)? else {
            return Ok(());
        };
        for shape in order.levels().iter().take(level + 1) {
            for column in &shape.columns {
                let value = facts.value(column.property);
                let value = value.as_deref().and_then(|value| {
                    match order.instances() == Some(column.property) {
                        true => value::instance_of(value, instance).map(PropValue::into_owned),
                        false => Some(value.clone()),
                    }
                });
                self.0.extend(value.map(|value| (column.property, value)));
            }
        }
        let extreme = order.levels().get(level).and_then(|shape| shape.extreme);
        match extreme {
            Some(extreme) => self.put_extreme(rows, extreme, outline, at),
            None => Ok(()),
        }
    }

    /// What the category has its place by.
    fn put_extreme(
        &mut self,
        rows: &dyn Rows,
        extreme: Extreme,
        outline: &Outline,
        at: usize,
    ) -> Result<()> {
        let mut best: Option<(Vec<u8>, Option<PropValue<'static>>)> = None;
        let properties = [extreme.property];
        for leaf in outline.leaves(at) {
            let Kind::Leaf { row, .. } = leaf.kind() else {
                continue;
            };
            let Some(facts) = RowFacts::read(rows, row, &properties)? else {
                continue;
            };
            let word = extreme.of(&facts);
            let is_better = best
                .as_ref()
                .is_none_or(|(best, _)| extreme.prefers(&word, best));
            if is_better {
                let value = facts.value(extreme.property).map(Cow::into_owned);
                best = Some((word, value));
            }
        }
        let value = best.and_then(|(_, value)| value);
        self.0.extend(value.map(|value| (extreme.property, value)));
        Ok(())
    }
}

impl Facts for HeadingFacts {
    fn value(&self, property: PropId) -> Option<Cow<'_, PropValue<'static>>> {
        let found = self.0.iter().find(|(one, _)| *one == property);
        found.map(|(_, value)| Cow::Borrowed(value))
    }

    fn parts(
        &self,
        _: Parts,
        _: &[PropId],
        _: &mut dyn FnMut(Values) -> Result<bool>,
    ) -> Result<()> {
        Ok(())
    }
}

fn number(count: usize) -> Cow<'static, PropValue<'static>> {
    Cow::Owned(PropValue::Long(i32::try_from(count).unwrap_or(i32::MAX)))
}
