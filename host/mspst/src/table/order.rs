//! The order of rows.

use std::cmp::Ordering;

use mapi_provider::abi::MAPI_E_NO_SUPPORT;
use mapi_provider::view::{PropValue, SortDirection, SortOrderSet};

use super::compare::compare;
use super::row::Row;
use super::text::folded;
use crate::db::Identity;
use crate::fault::{Fault, Result};

/// Refuses an order that tables don't have: categories.
pub(crate) fn check(order: &SortOrderSet) -> Result<()> {
    let plain = |direction| matches!(direction, SortDirection::Ascend | SortDirection::Descend);
    if order.categories > 0 || !order.orders.iter().all(|one| plain(one.direction)) {
        let text = "tables have no categories here";
        return Err(Fault::new(MAPI_E_NO_SUPPORT, text));
    }
    Ok(())
}

/// A value to sort by, prepared once.
enum Key<'a> {
    Text(String),
    Value(PropValue<'a>),
    /// Rows without the property come last, in either direction.
    Missing,
}

impl Key<'_> {
    fn compare(&self, other: &Self, direction: SortDirection) -> Ordering {
        let ordered = match (self, other) {
            (Self::Missing, Self::Missing) => Ordering::Equal,
            (Self::Missing, _) => return Ordering::Greater,
            (_, Self::Missing) => return Ordering::Less,
            (Self::Text(one), Self::Text(other)) => one.cmp(other),
            (Self::Value(one), Self::Value(other)) => {
                compare(one, other).unwrap_or(Ordering::Equal)
            }
            // Text and something else with one ID: any order will do, as long as it is
            // one.
            (Self::Text(_), Self::Value(_)) => Ordering::Less,
            (Self::Value(_), Self::Text(_)) => Ordering::Greater,
        };
        match direction {
            SortDirection::Descend => ordered.reverse(),
            _ => ordered,
        }
    }
}

/// Sorts rows; equal ones keep their order.
pub(super) fn sort(rows: Vec<Row>, identity: &Identity, order: &SortOrderSet) -> Vec<Row> {
    if order.orders.is_empty() {
        return rows;
    }
    let key = |row: &'_ Row, id| match row.value(identity, id) {
        Some(value) => match value.to_text() {
            Some(text) => Key::Text(folded(&text)),
            None => Key::Value(value.into_owned()),
        },
        None => Key::Missing,
    };
    let mut keyed: Vec<(Vec<Key<'static>>, Row)> = rows
        .into_iter()
        .map(|row| {
            let keys = order.orders.iter().map(|one| key(&row, one.tag.id()));
            (keys.collect(), row)
        })
        .collect();
    keyed.sort_by(|(one, _), (other, _)| {
        let pairs = one.iter().zip(other).zip(&order.orders);
        let mut compared = pairs.map(|((one, other), order)| one.compare(other, order.direction));
        compared
            .find(|ordering| ordering.is_ne())
            .unwrap_or(Ordering::Equal)
    });
    keyed.into_iter().map(|(_, row)| row).collect()
}
