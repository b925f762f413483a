//! Few rows in which every two answers meet.

use std::collections::BTreeSet;

/// Rows of level numbers, one for each factor, so that every pair of levels of every two factors is in some row.
/// The first row has the first level of each.
pub(super) fn covering(levels: &[usize]) -> Vec<Vec<usize>> {
    let mut missing = all_pairs(levels);
    let mut rows = vec![vec![0; levels.len()]];
    missing.retain(|pair| !is_in(pair, &rows[0]));
    while let Some(pair) = missing.iter().next().copied() {
        let row = row_with(pair, levels, &missing);
        missing.retain(|pair| !is_in(pair, &row));
        rows.push(row);
    }
    // With a single factor there are no pairs, but its levels are still tried.
    if let [count] = levels {
        rows.extend((1..*count).map(|level| vec![level]));
    }
    rows
}

/// A level of a factor.
type Level = (usize, usize);

fn all_pairs(levels: &[usize]) -> BTreeSet<(Level, Level)> {
    let each = |factor: usize| (0..levels[factor]).map(move |level| (factor, level));
    let factors = 0..levels.len();
    let pairs = factors
        .clone()
        .flat_map(|a| (a + 1..levels.len()).map(move |b| (a, b)));
    pairs
        .flat_map(|(a, b)| each(a).flat_map(move |left| each(b).map(move |right| (left, right))))
        .collect()
}

fn is_in(((a, x), (b, y)): &(Level, Level), row: &[usize]) -> bool {
    row[*a] == *x && row[*b] == *y
}

/// A row with a pair in it that gains as many other pairs as can be found by looking at one factor after
/// another.
fn row_with(
    ((a, x), (b, y)): (Level, Level),
    levels: &[usize],
    missing: &BTreeSet<(Level, Level)>,
) -> Vec<usize> {
    let mut row: Vec<Option<usize>> = vec![None; levels.len()];
    (row[a], row[b]) = (Some(x), Some(y));
    for factor in 0..levels.len() {
        if row[factor].is_some() {
            continue;
        }
        let gain = |level: &usize| {
            let set = row.iter().enumerate();
            let others = set.filter_map(|(other, level)| Some((other, (*level)?)));
            let pairs = others.map(|other| {
                let this = (factor, *level);
                if other < this {
                    (other, this)
                } else {
                    (this, other)
                }
            });
            pairs.filter(|pair| missing.contains(pair)).count()
        };
        // The first of the best, so it is the same each time.
        row[factor] = (0..levels[factor]).rev().max_by_key(gain);
    }
    row.into_iter().map(Option::unwrap_or_default).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_is_in_some_row() {
        for levels in [
            &[2, 4, 2, 2, 2, 2, 2][..],
            &[3, 3, 3, 3],
            &[1, 2],
            &[4],
            &[],
        ] {
            let rows = covering(levels);
            let whole =
                |row: &Vec<usize>| row.iter().zip(levels).all(|(level, count)| level < count);
            assert!(
                rows.iter()
                    .all(|row| row.len() == levels.len() && whole(row))
            );
            let lost: Vec<_> = all_pairs(levels)
                .into_iter()
                .filter(|pair| !rows.iter().any(|row| is_in(pair, row)))
                .collect();
            assert!(lost.is_empty(), "{levels:?}: {lost:?}");
            for (factor, count) in levels.iter().enumerate() {
                let tried: BTreeSet<usize> = rows.iter().map(|row| row[factor]).collect();
                assert_eq!(tried.len(), *count, "{levels:?}");
            }
        }
    }

    #[test]
    fn there_are_few_rows() {
        assert!(covering(&[2, 4, 2, 2, 2, 2, 2]).len() <= 12);
        assert_eq!(covering(&[2, 2, 2]).len(), 4);
        assert_eq!(covering(&[2, 4])[0], [0, 0]);
    }
}
