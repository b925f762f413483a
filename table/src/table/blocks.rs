//! Rows that changed are taken into a list whose outermost categories have their places by what is in them
//! (`TABLE_SORT_CATEG_MAX`): a conversation moves with its newest message. Only the categories that a row left or came into
//! are made anew; the others are looked at where a place is sought among them.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use super::build::Plan;
use super::entry::{Entry, Kind};
use super::facts::RowFacts;
use super::fault::Result;
use super::outline::{Outline, lower_bound};
use super::source::{RowId, Rows};

/// The list with some rows as they are now; none where none of them was or is in it.
///
/// # Errors
///
/// The rows can't be read.
pub(super) fn take_in(
    old: &Outline,
    plan: &Plan<'_>,
    changed: &[RowId],
    rows: &dyn Rows,
) -> Result<Option<Outline>> {
    let properties = plan.properties();
    let mut items = Vec::new();
    for row in changed {
        items.extend(plan.items_of(rows, *row, &properties)?);
    }
    let entered: HashSet<u64> = items.iter().map(|item| item.key.category(0)).collect();
    let mut kept: Vec<&[Entry]> = Vec::new();
    let mut beside: BTreeMap<RowId, Vec<usize>> = BTreeMap::new();
    let mut is_affected = !items.is_empty();
    for block in blocks(old) {
        let is_left = || leaves(block).any(|(row, _)| changed.binary_search(&row).is_ok());
        let is_entered = category(block).is_some_and(|category| entered.contains(&category));
        if !is_entered && !is_left() {
            kept.push(block);
            continue;
        }
        is_affected = true;
        let others = leaves(block).filter(|(row, _)| changed.binary_search(row).is_err());
        others.for_each(|(row, instance)| beside.entry(row).or_default().push(instance));
    }
    if !is_affected {
        return Ok(None);
    }
    for (row, instances) in beside {
        let all = plan.items_of(rows, row, &properties)?.into_iter();
        items.extend(all.filter(|item| match item.leaf.kind() {
            Kind::Leaf { instance, .. } => instances.contains(&instance),
            Kind::Heading { .. } => false,
        }));
    }
    let new = plan.arranged(items);
    Ok(Some(merged(&kept, &blocks(&new), plan, rows)?))
}

/// Puts categories among others, both in order.
fn merged(
    kept: &[&[Entry]],
    new: &[&[Entry]],
    plan: &Plan<'_>,
    rows: &dyn Rows,
) -> Result<Outline> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut from = 0;
    for block in new {
        let rank = rank(block, plan, rows)?;
        let mut goes_before = |at: usize| Ok(self::rank(kept[at], plan, rows)? < rank);
        let to = lower_bound(from..kept.len(), &mut goes_before)?;
        entries.extend(kept[from..to].concat());
        entries.extend_from_slice(block);
        from = to;
    }
    entries.extend(kept[from..].concat());
    Ok(Outline::new(entries))
}

/// What a category has its place by: the largest or smallest value in it, then its own columns.
fn rank(block: &[Entry], plan: &Plan<'_>, rows: &dyn Rows) -> Result<(Option<Vec<u8>>, Vec<u8>)> {
    let properties = plan.order.properties();
    let extreme = plan.order.levels().first().and_then(|level| level.extreme);
    let (mut best, mut key): (Option<Vec<u8>>, _) = (None, Vec::new());
    for (number, (row, instance)) in leaves(block).enumerate() {
        if number > 0 && extreme.is_none() {
            break;
        }
        let Some(facts) = RowFacts::read(rows, row, &properties)? else {
            continue;
        };
        if number == 0 {
            key = plan.order.key(&facts, row, instance).bytes;
        }
        if let Some(extreme) = extreme {
            let word = extreme.of(&facts);
            let is_better = |best: &Vec<u8>| extreme.prefers(&word, best);
            if best.as_ref().is_none_or(is_better) {
                best = Some(word);
            }
        }
    }
    Ok((best, key))
}

/// The outermost categories, each with all that is in it.
pub(super) fn blocks(outline: &Outline) -> Vec<&[Entry]> {
    let mut blocks = Vec::new();
    let mut rest = outline.entries();
    while let Some(first) = rest.first() {
        let range: Range<usize> = 0..1 + first.below();
        blocks.push(&rest[range.clone()]);
        rest = &rest[range.end..];
    }
    blocks
}

/// What tells an outermost category from others.
pub(super) fn category(block: &[Entry]) -> Option<u64> {
    match block.first()?.kind() {
        Kind::Heading { category, .. } => Some(category),
        Kind::Leaf { .. } => None,
    }
}

/// The leaves of a category.
pub(super) fn leaves(block: &[Entry]) -> impl Iterator<Item = (RowId, usize)> + '_ {
    block.iter().filter_map(|entry| match entry.kind() {
        Kind::Leaf { row, instance, .. } => Some((row, instance)),
        Kind::Heading { .. } => None,
    })
}
