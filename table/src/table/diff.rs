//! What is different between two lists of rows: what has to be told, and where a position has gone.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::blocks::{blocks, category, leaves};
use super::entry::{Entry, Name};
use super::outline::Outline;
use super::source::RowId;

/// What is different in what is shown.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Difference {
    /// Rows that were shown and are no more.
    pub(super) gone: Vec<Name>,
    /// Rows that have come, or changed, or moved, by their position now, in its order. All others are in the same order
    /// as before, so told one by one from the top each finds the row before it in its place.
    pub(super) shown: Vec<Shown>,
}

/// A row that has come, or is not what or where it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) position: usize,
    pub(super) is_new: bool,
}

impl Difference {
    pub(super) fn len(&self) -> usize {
        self.gone.len() + self.shown.len()
    }

    /// The difference where only some rows of the source were taken out and put in again; they are in order. All that is
    /// said of a category changes with what is in it.
    pub(super) fn of_some(old: &Outline, new: &Outline, rows: &[RowId]) -> Self {
        // They are few, and all rows are compared with them.
        let names: BTreeSet<Name> = affected(old, new, rows).into_iter().collect();
        let names: Vec<Name> = names.into_iter().collect();
        let of_them = |outline: &Outline| -> HashMap<Name, usize> {
            let all = positions(outline).into_iter();
            all.filter(|(name, _)| names.binary_search(name).is_ok())
                .collect()
        };
        Self::between(&of_them(old), &of_them(new))
    }

    /// The difference where the outermost categories may have moved, too, and within each only some rows were taken out and
    /// put in again.
    pub(super) fn of_blocks(old: &Outline, new: &Outline, rows: &[RowId]) -> Self {
        let before: HashMap<u64, usize> = blocks(old)
            .into_iter()
            .filter_map(category)
            .zip(0..)
            .collect();
        let place = |block: &&[Entry]| category(block).and_then(|one| before.get(&one).copied());
        let now = blocks(new);
        let in_order = longest_in_order(&now.iter().filter_map(place).collect::<Vec<_>>());
        let moved = now.iter().filter(|block| {
            let place = place(block);
            place.is_some_and(|place| !in_order.contains(&place))
        });
        let moved = moved.flat_map(|block| leaves(block)).map(|(row, _)| row);
        let rows: BTreeSet<RowId> = rows.iter().copied().chain(moved).collect();
        Self::of_some(old, new, &rows.into_iter().collect::<Vec<_>>())
    }

    /// The difference where nothing is known but which rows of the source have changed: others may have come into the list
    /// or left it, and moved.
    pub(super) fn of_all(old: &Outline, new: &Outline, rows: &[RowId]) -> Self {
        let (listed_before, listed_now) = (rows_in(old), rows_in(new));
        let came_or_went = listed_before.symmetric_difference(&listed_now);
        let rows: BTreeSet<RowId> = came_or_went.chain(rows).copied().collect();
        let rows: Vec<RowId> = rows.into_iter().collect();
        let mut before: HashMap<Name, usize> = positions(old).into_iter().collect();
        let mut now: HashMap<Name, usize> = positions(new).into_iter().collect();
        let kept = positions(new).into_iter();
        let kept: Vec<usize> = kept
            .filter_map(|(name, _)| before.get(&name).copied())
            .collect();
        let in_order = longest_in_order(&kept);
        let changed = affected(old, new, &rows);
        // What is as it was and where it was is not told.
        let still: HashSet<Name> = now
            .keys()
            .filter(|name| {
                let position = before.get(name);
                position.is_some_and(|position| in_order.contains(position))
                    && !changed.contains(name)
            })
            .copied()
            .collect();
        before.retain(|name, _| !still.contains(name));
        now.retain(|name, _| !still.contains(name));
        Self::between(&before, &now)
    }

    fn between(before: &HashMap<Name, usize>, now: &HashMap<Name, usize>) -> Self {
        let gone = before.iter().filter(|(name, _)| !now.contains_key(name));
        let mut gone: Vec<(usize, Name)> =
            gone.map(|(name, position)| (*position, *name)).collect();
        gone.sort_unstable();
        let mut shown: Vec<Shown> = now
            .iter()
            .map(|(name, position)| Shown {
                position: *position,
                is_new: !before.contains_key(name),
            })
            .collect();
        shown.sort_unstable_by_key(|shown| shown.position);
        Self {
            gone: gone.into_iter().map(|(_, name)| name).collect(),
            shown,
        }
    }
}

/// What some rows of the source are shown as, before or now, and the categories that they were or are in.
fn affected(old: &Outline, new: &Outline, rows: &[RowId]) -> HashSet<Name> {
    let mut found = HashSet::new();
    for outline in [old, new] {
        add_affected(outline, rows, &mut found);
    }
    found
}

fn add_affected(outline: &Outline, rows: &[RowId], found: &mut HashSet<Name>) {
    let is_one = |entry: Entry| match entry.name() {
        Name::Leaf(row, _) => rows.binary_search(&row).is_ok(),
        Name::Heading(_) => false,
    };
    // The open headings above the row, each with where it ends.
    let mut above: Vec<(usize, Name)> = Vec::new();
    for (at, entry) in outline.rows() {
        while above.pop_if(|(end, _)| *end <= at).is_some() {}
        let is_affected = match entry.is_collapsed() {
            true => outline.leaves(at).any(is_one),
            false => is_one(entry),
        };
        if entry.is_heading() {
            above.push((at + 1 + entry.below(), entry.name()));
        }
        if is_affected {
            found.extend(above.iter().map(|(_, name)| *name));
            found.insert(entry.name());
        }
    }
}

/// The rows of the source in a list, shown or hidden.
fn rows_in(outline: &Outline) -> BTreeSet<RowId> {
    let names = outline.entries().iter().map(|entry| entry.name());
    let rows = names.filter_map(|name| match name {
        Name::Leaf(row, _) => Some(row),
        Name::Heading(_) => None,
    });
    rows.collect()
}

fn positions(outline: &Outline) -> impl IntoIterator<Item = (Name, usize)> + '_ {
    outline.rows().map(|(_, entry)| entry.name()).zip(0..)
}

/// The numbers of a longest part of a sequence that is in order. All are different.
fn longest_in_order(sequence: &[usize]) -> HashSet<usize> {
    // For each length, the place of the smallest number that such a part can end with; and what is before each number.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(sequence.len());
    for (place, number) in sequence.iter().enumerate() {
        let length = ends.partition_point(|end| sequence[*end] < *number);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        match ends.get_mut(length) {
            Some(end) => *end = place,
            None => ends.push(place),
        }
    }
    let mut longest = HashSet::new();
    let mut next = ends.last().copied();
    while let Some(place) = next {
        longest.insert(sequence[place]);
        next = before[place];
    }
    longest
}

/// So many rows from a position on are looked for before all are.
const NEAREST: usize = 8;
/// For more positions than this all rows are looked at.
const FEW: usize = 16;

/// Where positions of a list have gone: before the same row, or before the next one that is left, which is told. The end
/// stays the end.
pub(super) fn followed(old: &Outline, new: &Outline, positions: &[usize]) -> Vec<(usize, bool)> {
    let near = (positions.len() <= FEW).then(|| followed_near(old, new, positions));
    near.flatten()
        .unwrap_or_else(|| followed_far(old, new, positions))
}

/// The same, where one of the nearest rows is left for each of a few positions: nothing is made of all rows.
fn followed_near(old: &Outline, new: &Outline, positions: &[usize]) -> Option<Vec<(usize, bool)>> {
    let nearest = |position: &usize| -> Vec<Name> {
        let rows = old.rows_at(*position).take(NEAREST);
        rows.map(|(_, entry)| entry.name()).collect()
    };
    let nearest: Vec<Vec<Name>> = positions.iter().map(nearest).collect();
    let mut wanted = nearest.concat();
    wanted.sort_unstable();
    let now = self::positions(new).into_iter();
    let now: HashMap<Name, usize> = now
        .filter(|(name, _)| wanted.binary_search(name).is_ok())
        .collect();
    let follow = |(position, names): (&usize, &Vec<Name>)| {
        if *position >= old.len() {
            return Some((new.len(), false));
        }
        let mut places = names.iter().map(|name| now.get(name).copied());
        match places.next().flatten() {
            Some(place) => Some((place, false)),
            None => Some((places.flatten().next()?, true)),
        }
    };
    positions.iter().zip(&nearest).map(follow).collect()
}

fn followed_far(old: &Outline, new: &Outline, positions: &[usize]) -> Vec<(usize, bool)> {
    let Some(first) = positions
        .iter()
        .copied()
        .min()
        .filter(|first| *first < old.len())
    else {
        return vec![(new.len(), false); positions.len()];
    };
    let now: HashMap<Name, usize> = self::positions(new).into_iter().collect();
    let names = old.rows_at(first).map(|(_, entry)| entry.name());
    let places: Vec<Option<usize>> = names.map(|name| now.get(&name).copied()).collect();
    let follow = |position: usize| match places.get(position - first) {
        None => (new.len(), false),
        Some(Some(place)) => (*place, false),
        Some(None) => {
            let next = places[position - first..].iter().flatten().next();
            (next.copied().unwrap_or(new.len()), true)
        }
    };
    positions.iter().copied().map(follow).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn list(rows: &[u64]) -> Outline {
        Outline::new(rows.iter().map(|row| Entry::leaf(*row, 0, false)).collect())
    }

    #[test]
    fn the_longest_part_in_order_stays() {
        let found = longest_in_order(&[3, 0, 1, 5, 2, 4]);
        assert_eq!(found, HashSet::from([0, 1, 2, 4]));
        assert!(longest_in_order(&[]).is_empty());
    }

    #[test]
    fn a_row_that_moved_is_told_and_the_others_are_not() {
        let (old, new) = (list(&[1, 2, 3, 4]), list(&[4, 1, 2, 3]));
        let expected = Difference {
            gone: vec![],
            shown: vec![Shown {
                position: 0,
                is_new: false,
            }],
        };
        assert_eq!(Difference::of_all(&old, &new, &[]), expected);
        assert_eq!(Difference::of_some(&old, &new, &[4]), expected);
    }

    #[test]
    fn positions_stay_before_their_rows() {
        let (old, new) = (list(&[1, 2, 3, 4]), list(&[9, 1, 4, 5]));
        let moved = followed(&old, &new, &[0, 1, 2, 3, 4]);
        assert_eq!(
            moved,
            [(1, false), (2, true), (2, true), (2, false), (4, false)]
        );
    }
    proptest! {
        #[test]
        fn near_and_far_positions_are_followed_alike(
            old in prop::collection::btree_set(0..40_u64, 0..30),
            new in prop::collection::btree_set(0..40_u64, 0..30),
            positions in prop::collection::vec(0..32_usize, 1..4),
        ) {
            let of = |rows: BTreeSet<u64>| list(&rows.into_iter().collect::<Vec<_>>());
            let (old, new) = (of(old), of(new));
            let positions: Vec<usize> = positions.iter().map(|one| (*one).min(old.len())).collect();
            let far = followed_far(&old, &new, &positions);
            if let Some(near) = followed_near(&old, &new, &positions) {
                prop_assert_eq!(&near, &far);
            }
            prop_assert_eq!(followed(&old, &new, &positions), far);
        }
    }
}
