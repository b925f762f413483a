//! Cycles of containment, found in time that grows with the number of pairs, however deeply they are nested.

use std::collections::{BTreeMap, BTreeSet};

type Pairs = BTreeSet<(String, String)>;

/// The pairs that are on a cycle: the first can be reached from the second.
pub(super) fn on_circles(pairs: Pairs) -> Pairs {
    let outward = neighbours(pairs.iter().map(|(from, to)| (from.as_str(), to.as_str())));
    let inward = neighbours(pairs.iter().map(|(from, to)| (to.as_str(), from.as_str())));
    // Against the arrows, those left last come first: each then reaches only those that it shares a cycle with.
    let mut left: Vec<&str> = Vec::new();
    let mut seen = BTreeSet::new();
    for start in outward.keys() {
        walk(start, &outward, &mut seen, &mut left);
    }
    let mut circle: BTreeMap<&str, usize> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for (number, start) in left.into_iter().rev().enumerate() {
        let mut together = Vec::new();
        walk(start, &inward, &mut seen, &mut together);
        circle.extend(together.into_iter().map(|name| (name, number)));
    }
    let same =
        |(from, to): &&(String, String)| circle.get(from.as_str()) == circle.get(to.as_str());
    pairs.iter().filter(same).cloned().collect()
}

fn neighbours<'a>(
    pairs: impl Iterator<Item = (&'a str, &'a str)>,
) -> BTreeMap<&'a str, Vec<&'a str>> {
    let mut all: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (from, to) in pairs {
        all.entry(from).or_default().push(to);
        all.entry(to).or_default();
    }
    all
}

/// Visits everything reachable from `start` that wasn't visited yet, and notes each name after all behind it.
fn walk<'a>(
    start: &'a str,
    neighbours: &BTreeMap<&'a str, Vec<&'a str>>,
    seen: &mut BTreeSet<&'a str>,
    done: &mut Vec<&'a str>,
) {
    let next = |name: &str| neighbours.get(name).map_or(&[][..], Vec::as_slice).iter();
    if !seen.insert(start) {
        return;
    }
    // Our own stack: structures may be nested more deeply than calls can be.
    let mut path = vec![(start, next(start))];
    while let Some((name, rest)) = path.last_mut() {
        match rest.next() {
            Some(inner) if seen.insert(inner) => path.push((inner, next(inner))),
            Some(_) => {}
            None => {
                done.push(name);
                path.pop();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Pairs, on_circles};

    fn pairs(text: &str) -> Pairs {
        let pairs = text.split(' ').filter_map(|pair| pair.split_once('>'));
        pairs
            .map(|(from, to)| (from.to_owned(), to.to_owned()))
            .collect()
    }

    #[test]
    fn only_what_comes_round_is_found() {
        for (all, round) in [
            ("a>b b>c", ""),
            ("a>a", "a>a"),
            ("a>b b>a", "a>b b>a"),
            ("a>b b>a b>c c>d d>e e>d", "a>b b>a d>e e>d"),
            ("a>b a>c b>d c>d", ""),
            ("x>a a>b b>c c>a c>y", "a>b b>c c>a"),
        ] {
            assert_eq!(on_circles(pairs(all)), pairs(round), "{all}");
        }
    }

    #[test]
    fn depth_is_no_crash() {
        let deep: Pairs = (0..100_000)
            .map(|i| (format!("{i}"), format!("{}", i + 1)))
            .collect();
        assert!(on_circles(deep).is_empty());
    }
}
